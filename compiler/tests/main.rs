//! One test binary. A folder for each room, `house` for the rules that hold everywhere, `proof` for what only real programs can say.

#![allow(clippy::disallowed_methods, reason = "tests prepare directories, and start the program that they test")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::too_many_lines,
    reason = "a test that breaks says so by panicking"
)]

mod cli;
mod compiled;
mod diff;
mod document;
mod examples;
mod fleet;
mod front;
mod hostile;
mod house;
mod injection;
mod judge;
mod k3s;
mod kubeadm;
mod ocboot;
mod proof;
mod properties;
mod readme;
mod recipes;
mod storage;
mod systemd;
mod write;
