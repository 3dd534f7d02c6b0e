//! One test binary. A folder for each room, and `house` for the rules that hold everywhere.

#![allow(clippy::disallowed_methods, reason = "tests prepare directories, and start the program that they test")]

mod cli;
mod house;
mod write;
