//! `replank verify`: is a plan directory as replank wrote it, and is it what a spec compiles to?
//!
//! Without a spec it says what `sha256sum -c` says, and what was added. Files of others are named but are no failure: notes
//! beside a plan are welcome.

use std::path::Path;

use crate::pipeline::{self, Language};
use crate::write::{self, Condition, Difference, Existing};

use super::arguments::VerifyArguments;
use super::{Exit, Output, compile, input, progress, report};

pub fn run(arguments: &VerifyArguments, output: &Output) -> Exit {
    let directory = &arguments.directory;
    let found = match write::read_existing(directory) {
        Ok(found) => found,
        Err(error) => return compile::failure(&error, output),
    };
    let name = shown(directory);
    if !found.present {
        output.error(&format!("there is no directory `{name}`"));
        return Exit::Machine;
    }
    if !found.is_plan() {
        output.error(&format!("`{name}` holds no plan: it has no `SHA256SUMS` that replank wrote"));
        return Exit::Stale;
    }
    for path in found.foreign.keys() {
        output.notice(&format!("not ours: {name}/{}", path.display()));
    }
    match &arguments.spec {
        None => against_sums(&found, &name, output),
        Some(spec) => against_spec(&found, &name, spec, arguments, output),
    }
}

fn against_sums(found: &Existing, name: &str, output: &Output) -> Exit {
    let edited: Vec<&str> = found.in_condition(Condition::Edited).collect();
    let missing: Vec<&str> = found.in_condition(Condition::Missing).collect();
    for path in &edited {
        output.notice(&format!("edited: {name}/{path}"));
    }
    for path in &missing {
        output.notice(&format!("missing: {name}/{path}"));
    }
    if edited.is_empty() && missing.is_empty() {
        output.result(&format!("{name}: {} as replank wrote them", report::counted(found.ours.len(), "file")));
        return Exit::Done;
    }
    output.error(&format!("`{name}` is not as replank wrote it: {} edited, {} missing", edited.len(), missing.len()));
    output.notice(&format!("mend it with:\n  replank compile SPEC -o {}{}", quoted(name), force(&edited)));
    Exit::Stale
}

fn against_spec(found: &Existing, name: &str, spec: &Path, arguments: &VerifyArguments, output: &Output) -> Exit {
    let format = arguments.diagnostics.format;
    let file = match input::read(spec, output) {
        Ok(file) => file,
        Err(exit) => return exit,
    };
    let languages = languages(found);
    let compiled = match progress::while_working(output, format, file.name(), || pipeline::compile(&file, &languages)) {
        Ok(compiled) => compiled,
        Err(refusal) => return report::refusal(&refusal, &file, format, output),
    };
    report::findings(&compiled.warnings, &file, format, output);
    let differences = write::differences(found, &compiled.tree);
    if differences.is_empty() {
        let files = report::counted(compiled.tree.files.len(), "file");
        output.result(&format!("{name}: {files}, each what {} compiles to", file.name()));
        return Exit::Done;
    }
    for difference in differences.iter().take(SHOWN) {
        output.notice(&described(difference, name));
    }
    if let Some(rest) = differences.len().checked_sub(SHOWN).filter(|rest| *rest > 0) {
        output.notice(&format!("and {rest} more"));
    }
    output.error(&format!("`{name}` is not what {} compiles to: {} differ", file.name(), report::counted(differences.len(), "file")));
    let edited: Vec<&str> = found.in_condition(Condition::Edited).collect();
    let mend = format!("replank compile {} -o {}{}{}", quoted(&shown(spec)), quoted(name), lang(&languages), force(&edited));
    output.notice(&format!("mend it with:\n  {mend}"));
    Exit::Stale
}

/// How many differing files are named.
const SHOWN: usize = 20;

/// The languages that the directory was written with. Where the runbooks are gone, the ones that `compile` writes by itself.
fn languages(found: &Existing) -> Vec<Language> {
    let listed: Vec<Language> = [("RUNBOOK.md", Language::English), ("RUNBOOK.zh.md", Language::Chinese)]
        .into_iter()
        .filter(|(file, _)| found.ours.contains_key(*file))
        .map(|(_, language)| language)
        .collect();
    if listed.is_empty() { vec![Language::English, Language::Chinese] } else { listed }
}

fn lang(languages: &[Language]) -> &'static str {
    match languages {
        [Language::English] => " --lang en",
        [Language::Chinese] => " --lang zh",
        _ => "",
    }
}

fn force(edited: &[&str]) -> &'static str {
    if edited.is_empty() { "" } else { " --force" }
}

fn described(difference: &Difference, name: &str) -> String {
    let line = |text: &Option<String>| text.as_ref().map_or_else(|| "(the end of the file)".to_owned(), |line| line.trim_end().to_owned());
    match difference {
        Difference::Missing { path } => format!("missing: {name}/{path}"),
        Difference::Extra { path } => format!("no longer part of the plan: {name}/{path}"),
        Difference::Line { path, line: number, expected, found } => {
            format!("differs: {name}/{path}, line {number}\n  expected: {}\n     found: {}", line(expected), line(found))
        }
    }
}

fn shown(path: &Path) -> String {
    let text = path.display().to_string();
    if text.len() > 1 { text.trim_end_matches('/').to_owned() } else { text }
}

/// A path as a shell reads it back.
fn quoted(path: &str) -> String {
    let is_plain = |character: char| character.is_ascii_alphanumeric() || "/._-+=:@%,".contains(character);
    if path.chars().all(is_plain) { path.to_owned() } else { format!("'{}'", path.replace('\'', r"'\''")) }
}
