//! `replank schema`: a JSON Schema on standard output.

use super::arguments::SchemaArguments;
use super::{Exit, Output, report};

pub fn run(arguments: &SchemaArguments, output: &Output) -> Exit {
    output.result(&report::schema(arguments.subject));
    Exit::Done
}
