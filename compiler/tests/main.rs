//! One test binary. A folder for each room, and `house` for the rules that hold everywhere.

mod cli;
mod house;
mod write;
