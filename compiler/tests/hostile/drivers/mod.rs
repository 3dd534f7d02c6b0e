//! What is done with hostile input: a function for each target of the fuzzer, from bytes to a verdict.
//!
//! The tests replay with them what was found, and `fuzz/` searches with the same code; nothing here knows who calls. A driver
//! panics where replank would have stopped with a bug, or where an answer breaks a promise.

mod answer;
mod choices;
mod directory;
mod mutate;
pub mod plan_directory;
pub mod seeds;
pub mod spec_structure;
pub mod spec_text;
