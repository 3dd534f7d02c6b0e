//! `replank check`: everything by which a spec is refused, and no files.

use crate::pipeline;

use super::arguments::CheckArguments;
use super::{Exit, Output, input, progress, report};

pub fn run(arguments: &CheckArguments, output: &Output) -> Exit {
    let file = match input::read(&arguments.spec, output) {
        Ok(file) => file,
        Err(exit) => return exit,
    };
    match progress::while_working(output, file.name(), || pipeline::judge(&file)) {
        Ok(judged) => {
            report::findings(&judged.warnings, &file, output);
            output.result(&report::verdict(&judged.plan, &judged.ledger));
            Exit::Done
        }
        Err(refusal) => report::refusal(&refusal, &file, output),
    }
}
