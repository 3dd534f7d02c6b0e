//! One test binary: a room for each kind of proof.

#[cfg(test)]
mod proof;
