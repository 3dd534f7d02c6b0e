//! `replank check`: everything but the writing.

use crate::pipeline;
use crate::render::Language;

use super::arguments::CheckArguments;
use super::{Exit, Output, input, progress, report};

pub fn run(arguments: &CheckArguments, output: &Output) -> Exit {
    let file = match input::read(&arguments.spec, output) {
        Ok(file) => file,
        Err(exit) => return exit,
    };
    // Both languages, so that a plan which passes here cannot fail to render there.
    let languages = [Language::English, Language::Chinese];
    match progress::while_working(output, file.name(), || pipeline::compile(&file, &languages)) {
        Ok(compiled) => {
            report::findings(&compiled.warnings, &file, output);
            output.result(&report::verdict(&compiled));
            Exit::Done
        }
        Err(refusal) => report::refusal(&refusal, &file, output),
    }
}
