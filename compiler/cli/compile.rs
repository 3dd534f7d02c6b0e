//! `replank compile`: the spec in, the plan directory out, and a summary of what changed.

use crate::pipeline;
use crate::write::{self, Force, Outcome, WriteError};

use super::arguments::CompileArguments;
use super::{Exit, Output, input, progress, report};

pub fn run(arguments: &CompileArguments, output: &Output) -> Exit {
    let format = arguments.diagnostics.format;
    let file = match input::read(&arguments.spec, output) {
        Ok(file) => file,
        Err(exit) => return exit,
    };
    let languages = report::languages(&arguments.lang);
    let compiled = progress::while_working(output, format, file.name(), || pipeline::compile(&file, &languages));
    let compiled = match compiled {
        Ok(compiled) => compiled,
        Err(refusal) => return report::refusal(&refusal, &file, format, output),
    };
    report::findings(&compiled.warnings, &file, format, output);
    let force = if arguments.force { Force::Yes } else { Force::No };
    match write::replace(&arguments.output, &compiled.tree, force) {
        Ok(outcome) => {
            output.result(&report::verdict(&compiled));
            output.result(&summary(&outcome, &arguments.output.display().to_string()));
            Exit::Done
        }
        Err(error) => failure(&error, output),
    }
}

fn summary(outcome: &Outcome, directory: &str) -> String {
    let directory = directory.trim_end_matches('/');
    let first = format!("read first: {directory}/REVIEW.md");
    let written = match outcome {
        Outcome::Unchanged => return format!("unchanged: {directory} holds this plan already, nothing was written\n{first}"),
        Outcome::Written(written) => written,
    };
    let mut lines = match &written.changes {
        Some(changes) => vec![format!("written: {directory}, against the plan before:"), report::changes(changes)],
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
        WriteError::NoName(_) => Exit::Usage,
        WriteError::Link(_)
        | WriteError::NotADirectory(_)
        | WriteError::Busy(_)
        | WriteError::Changed(_)
        | WriteError::InTheWay(_)
        | WriteError::Protected { .. }
        | WriteError::Io { .. } => Exit::Machine,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::write::{Changes, Delta, Written};

    #[test]
    fn the_summary_names_changed_steps_and_counts_files() {
        let steps = Delta { added: vec!["30-grow-etcd/phy-4".into()], ..Delta::default() };
        let files = Delta { changed: vec!["plan.json".into()], added: vec!["a".into(), "b".into()], ..Delta::default() };
        let written =
            Written { changes: Some(Changes { steps, files }), kept: 1, overwritten: vec!["REVIEW.md".into()], left_behind: None };
        let expected = "written: plan, against the plan before:\n\
            steps: 1 added, 0 removed, 0 changed\n  + 30-grow-etcd/phy-4\n\
            files: 2 added, 0 removed, 1 changed\n\
            kept: 1 path that replank did not write\n\
            overwritten: plan/REVIEW.md\n\
            read first: plan/REVIEW.md";
        assert_eq!(summary(&Outcome::Written(written), "plan/"), expected);
    }

    #[test]
    fn an_unchanged_plan_is_said_to_be_unchanged() {
        assert!(summary(&Outcome::Unchanged, "plan").starts_with("unchanged: plan holds this plan already"));
    }
}
