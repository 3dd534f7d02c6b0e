//! One test binary. A folder for each room, and `house` for the rules that hold everywhere.

#![allow(clippy::disallowed_methods, reason = "tests prepare directories, and start the program that they test")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test that panics has failed")]

mod cli;
mod house;
mod write;
