//! `replank verify`: is a plan directory as replank wrote it, and is it what a spec compiles to?
//!
//! Without a spec it says what `sha256sum -c` says, and what was added. Files of others are named but are no failure: notes
//! beside a plan are welcome.

mod findings;
mod mend;

use std::path::Path;

use crate::diag::render::{Format, clean};
use crate::pipeline;
use crate::write::{self, Condition, Force};

use super::arguments::VerifyArguments;
use super::output::Part;
use super::{Exit, Output, compile, input, progress, report};
use findings::Directory;
pub use mend::quoted;

pub fn run(arguments: &VerifyArguments, output: &Output) -> Exit {
    let found = match write::read_existing(&arguments.directory) {
        Ok(found) => found,
        Err(error) => return compile::failure(&error, output),
    };
    let name = shown(&arguments.directory);
    let spec = arguments.spec.as_deref();
    if !found.present {
        return no_plan(&format!("there is no directory `{name}`"), &name, spec, Exit::Machine, output);
    }
    if !found.is_plan() {
        return no_plan(&format!("`{name}` holds no plan: it has no `SHA256SUMS` that replank wrote"), &name, spec, Exit::Stale, output);
    }
    for path in found.foreign.keys() {
        // Somebody else chose the name: a line end in it could begin a command of a workflow.
        output.notice(&format!("not ours: {name}/{}", clean(&path.display().to_string())));
    }
    let directory = Directory { name: &name, found: &found };
    match spec {
        None => against_sums(&directory, output),
        Some(spec) => against_spec(&directory, spec, &arguments.directory, output),
    }
}

/// Says why there is nothing to verify, and how a plan comes there.
fn no_plan(why: &str, name: &str, spec: Option<&Path>, exit: Exit, output: &Output) -> Exit {
    output.error(why);
    let command = match spec {
        Some(spec) => mend::command(spec, name, mend::EVERY_LANGUAGE, Force::No),
        None => mend::command_without_spec(name, Force::No),
    };
    output.notice(&format!("mend it with:\n  {command}"));
    exit
}

fn against_sums(directory: &Directory<'_>, output: &Output) -> Exit {
    let Directory { name, found } = directory;
    let parts = directory.against_sums();
    if parts.is_empty() {
        output.result(&format!("{name}: {} as replank wrote them", report::counted(found.ours.len(), "file")));
        return Exit::Done;
    }
    tell(Vec::new(), parts, output);
    let count = |condition| found.in_condition(condition).count();
    let (edited, missing) = (count(Condition::Edited), count(Condition::Missing));
    output.conclusion(&format!("`{name}` is not as replank wrote it: {edited} edited, {missing} missing"));
    let force = if edited > 0 { Force::Yes } else { Force::No };
    output.notice(&format!("mend it with:\n  {}", mend::command_without_spec(name, force)));
    Exit::Stale
}

fn against_spec(directory: &Directory<'_>, spec: &Path, path: &Path, output: &Output) -> Exit {
    let file = match input::read(spec, output) {
        Ok(file) => file,
        Err(exit) => return exit,
    };
    let Directory { name, found } = directory;
    let languages = mend::languages(found);
    let compiled = match progress::while_working(output, file.name(), || pipeline::compile(&file, &languages)) {
        Ok(compiled) => compiled,
        Err(refusal) => return report::refusal(&refusal, &file, output),
    };
    let parts = directory.against_spec(&compiled);
    let differing = parts.len();
    tell(vec![(file.clone(), compiled.warnings)], parts, output);
    if differing == 0 {
        let files = report::counted(compiled.tree.files.len(), "file");
        output.result(&format!("{name}: {files}, each what {} compiles to", file.name()));
        return Exit::Done;
    }
    let differ = if differing == 1 { "differs" } else { "differ" };
    let files = report::counted(differing, "file");
    output.conclusion(&format!("`{name}` is not what {} compiles to: {files} {differ}", file.name()));
    let force = write::needed_force(path, found, &compiled.tree);
    output.notice(&format!("mend it with:\n  {}", mend::command(spec, name, &languages, force)));
    Exit::Stale
}

/// How many differing files are shown to a person.
const SHOWN: usize = 10;

/// What was found in the spec, and then in the files of the plan. A person sees the first files and the number of the others.
fn tell(mut told: Vec<Part>, mut files: Vec<Part>, output: &Output) {
    let left_out = match output.format() {
        Format::Human => files.len().saturating_sub(SHOWN),
        Format::Short | Format::Json | Format::Sarif | Format::Github => 0,
    };
    files.truncate(files.len() - left_out);
    told.append(&mut files);
    output.findings(told);
    if left_out > 0 {
        output.notice(&format!("and {}; `--format short` names them all", report::counted(left_out, "more file")));
    }
}

fn shown(path: &Path) -> String {
    let text = path.display().to_string();
    if text.len() > 1 { text.trim_end_matches('/').to_owned() } else { text }
}
