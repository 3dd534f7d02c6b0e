//! `replank diff`: what changed between two plans, for a reviewer.

use crate::diff::{self, DiffDocument, show};

use super::arguments::{DiffArguments, DiffFormat};
use super::{Exit, Output, side, verify};

pub fn run(arguments: &DiffArguments, output: &Output) -> Exit {
    let (before, after) = match side::fetch_both(&arguments.before, &arguments.after, output) {
        Ok(sides) => sides,
        Err(exit) => return exit,
    };
    let compile = |text: &str| side::quietly(&after.name, text);
    let found = diff::compare(&before, &after, &compile);
    output.result(&shown(&found, arguments));
    // The process ends: to give back a hundred thousand texts one by one would take longer than to compare them.
    std::mem::forget((before, after));
    if arguments.exit_code && !found.is_nothing() { Exit::Different } else { Exit::Done }
}

fn shown(found: &DiffDocument, arguments: &DiffArguments) -> String {
    match arguments.format {
        DiffFormat::Text => show::text::whole(found),
        DiffFormat::Markdown => {
            let command = format!("replank diff {} {}", verify::quoted(&arguments.before), verify::quoted(&arguments.after));
            show::markdown::comment(found, arguments.budget, &command)
        }
        // A plan of any size is serialized: what cannot be is a bug that the type system excludes.
        DiffFormat::Json => serde_json::to_string_pretty(found).unwrap_or_default(),
    }
}
