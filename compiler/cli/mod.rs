//! Arguments in, exit code out.
//!
//! Responsible for: reading the spec, calling the compiler, and putting words on standard output and standard error. Does not
//! know: what a plan looks like, nor how one is made. `report.rs` is the only file here that calls the other rooms' voices.

mod arguments;
mod check;
mod compile;
mod completions;
mod crash;
mod diff;
mod exit;
mod explain;
mod input;
mod output;
mod pages;
mod progress;
#[cfg(feature = "rehearse")]
mod rehearse;
mod report;
mod schema;
mod several;
mod side;
mod verify;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;

use arguments::{Arguments, Command};
pub use exit::Exit;
use output::Output;

/// The whole program. A panic anywhere is our bug and ends with exit code 70.
pub fn main(words: impl Iterator<Item = OsString>) -> ExitCode {
    let words: Vec<OsString> = words.collect();
    crash::guard(&words, || run(&words)).into()
}

fn run(words: &[OsString]) -> Exit {
    let arguments = match Arguments::try_parse_from(words) {
        Ok(arguments) => arguments,
        Err(error) => {
            return output::usage(&error);
        }
    };
    let output = Output::new(arguments.color, arguments.command.format(), crash::command(words));
    let exit = match arguments.command {
        Command::Compile(arguments) => compile::run(&arguments, &output),
        Command::Check(arguments) => check::run(&arguments, &output),
        Command::Diff(arguments) => diff::run(&arguments, &output),
        Command::Verify(arguments) => verify::run(&arguments, &output),
        #[cfg(feature = "rehearse")]
        Command::Rehearse(arguments) => rehearse::run(&arguments, &output),
        Command::Explain(arguments) => explain::run(&arguments, &output),
        Command::Schema(arguments) => schema::run(&arguments, &output),
        Command::Completions(arguments) => completions::run(&arguments, &output),
        Command::Man => completions::manual(&output),
    };
    output.finish(exit)
}
