//! `replank completions` and `replank man`: both made from the command line itself, so that they cannot disagree with it.

use clap::CommandFactory;
use clap_mangen::Man;

use super::arguments::{Arguments, CompletionsArguments};
use super::{Exit, Output};

pub fn run(arguments: &CompletionsArguments, output: &Output) -> Exit {
    let mut text = Vec::new();
    clap_complete::generate(arguments.shell, &mut Arguments::command(), "replank", &mut text);
    output.result(&String::from_utf8_lossy(&text));
    Exit::Done
}

pub fn manual(output: &Output) -> Exit {
    let mut text = Vec::new();
    match Man::new(Arguments::command()).render(&mut text) {
        Ok(()) => {
            output.result(&String::from_utf8_lossy(&text));
            Exit::Done
        }
        Err(error) => {
            output.error(&format!("cannot write the manual page: {error}"));
            Exit::Machine
        }
    }
}
