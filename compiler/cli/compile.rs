//! `replank compile`: the spec in, the plan directory out, and a summary of what changed.

use std::collections::BTreeMap;
use std::path::Path;

use crate::diff::{self, Files, Side};
use crate::pipeline::{self, Compiled};
use crate::source::SourceFile;
use crate::write::{self, Force, Outcome, WriteError, Written};

use super::arguments::CompileArguments;
use super::{Exit, Output, input, progress, report, several, side};

pub fn run(arguments: &CompileArguments, output: &Output) -> Exit {
    match arguments.specs.as_slice() {
        [spec] => one(spec, arguments, output),
        _ => several::run(arguments, output),
    }
}

fn one(spec: &Path, arguments: &CompileArguments, output: &Output) -> Exit {
    let file = match input::read(spec, output) {
        Ok(file) => file,
        Err(exit) => return exit,
    };
    let languages = report::languages(&arguments.lang);
    let compiled = progress::while_working(output, file.name(), || pipeline::compile(&file, &languages));
    let compiled = match compiled {
        Ok(compiled) => compiled,
        Err(refusal) => return report::refusal(&refusal, &file, output),
    };
    report::findings(&compiled.warnings, &file, output);
    let force = if arguments.force { Force::Yes } else { Force::No };
    match write::replace(&arguments.output, &compiled.tree, force) {
        Ok(mut outcome) => {
            let directory = arguments.output.display().to_string();
            output.result(&report::verdict(&compiled.plan, &compiled.ledger));
            let changes = changes(&mut outcome, &directory, &file, compiled);
            output.result(&summary(&outcome, changes.as_deref(), &directory));
            Exit::Done
        }
        Err(error) => failure(&error, output),
    }
}

/// What the new plan does otherwise than the one that it replaces; none where there was no plan that can be read. Of both the texts are
/// gone before they are compared: with them, two plans of ten thousand machines would take as much memory as five.
fn changes(outcome: &mut Outcome, directory: &str, file: &SourceFile, compiled: Compiled) -> Option<String> {
    let Outcome::Written(Written { replaced: Some(replaced), .. }) = outcome else {
        // The process ends after this. To free what ten thousand steps are made of, piece by piece, would take it a twentieth of its time.
        std::mem::forget(compiled);
        return None;
    };
    let before = Side::read(directory, Files::of(std::mem::take(&mut replaced.files)), BTreeMap::new()).ok()?;
    let after = side::of(file, compiled).ok()?;
    // The spec of the older plan is not known: no edit is asked for.
    let found = diff::compare(&before, &after, &|_| None);
    Some(diff::show::text::summary(&found).trim_end().to_owned())
}

fn summary(outcome: &Outcome, changes: Option<&str>, directory: &str) -> String {
    let directory = directory.trim_end_matches('/');
    let first = format!("read first: {directory}/REVIEW.md");
    let written = match outcome {
        Outcome::Unchanged => return format!("unchanged: {directory} holds this plan already, nothing was written\n{first}"),
        Outcome::Written(written) => written,
    };
    let mut lines = match &written.replaced {
        Some(replaced) => {
            let head = format!("written: {directory}, against the plan before:");
            let files = format!("files: {}", replaced.changes);
            std::iter::once(head).chain(changes.map(str::to_owned)).chain([files]).collect()
        }
        None => vec![format!("written: {directory}")],
    };
    if written.kept > 0 {
        lines.push(format!("kept: {} that replank did not write", report::counted(written.kept, "path")));
    }
    lines.extend(written.overwritten.iter().map(|path| format!("overwritten: {directory}/{path}")));
    lines.extend(written.left_behind.iter().map(|path| format!("left behind: {}, remove it", path.display())));
    lines.push(first);
    lines.join("\n")
}

/// Says what went wrong with a directory. An output without a name is a slip in the command; the rest is the machine's.
pub fn failure(error: &WriteError, output: &Output) -> Exit {
    output.error(&error.to_string());
    match error {
        WriteError::NoName(_) | WriteError::InsideGit(_) => Exit::Usage,
        WriteError::Link(_)
        | WriteError::NotADirectory(_)
        | WriteError::Busy(_)
        | WriteError::Changed(_)
        | WriteError::Kept { .. }
        | WriteError::Replaced(_)
        | WriteError::InTheWay(_)
        | WriteError::Protected { .. }
        | WriteError::Io { .. } => Exit::Machine,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::write::{FileChanges, Replaced};

    #[test]
    fn the_summary_says_what_changed_and_counts_files() {
        let replaced = Replaced { changes: FileChanges { added: 2, removed: 0, changed: 1 }, files: BTreeMap::new() };
        let written = Written { replaced: Some(replaced), kept: 1, overwritten: vec!["REVIEW.md".into()], left_behind: None };
        let expected = "written: plan, against the plan before:\n\
            1 step added\n\
            files: 2 added, 0 removed, 1 changed\n\
            kept: 1 path that replank did not write\n\
            overwritten: plan/REVIEW.md\n\
            read first: plan/REVIEW.md";
        assert_eq!(summary(&Outcome::Written(written), Some("1 step added"), "plan/"), expected);
    }

    #[test]
    fn an_unchanged_plan_is_said_to_be_unchanged() {
        assert!(summary(&Outcome::Unchanged, None, "plan").starts_with("unchanged: plan holds this plan already"));
    }
}
