//! The two plans that `diff` compares, fetched from where the user says: a spec, a plan directory, a revision.
//!
//! Knows how each kind is told from the others. Does not compare.

use std::collections::BTreeMap;
use std::panic::resume_unwind;
use std::path::Path;
use std::thread;

use crate::diff::{Files, Side};
use crate::pipeline::{self, Compiled, Refusal};
use crate::render::Language;
use crate::render::digest::{self, Sums};
use crate::repository::{Found, Reference};
use crate::source::SourceFile;
use crate::write::{self, Listed, WriteError};

use super::{Exit, Output, compile, input, progress, report};

/// Fetches both sides. What is wrong has been said when this fails, of the older one first.
///
/// Two plan directories are read at the same time: of ten thousand files that takes longer than to compare them.
pub fn fetch_both(before: &str, after: &str, output: &Output) -> Result<(Side, Side), Exit> {
    if !is_plan_directory(before) || !is_plan_directory(after) {
        return Ok((fetch(before, output)?, fetch(after, output)?));
    }
    let (old, new) = thread::scope(|scope| {
        let new = scope.spawn(|| from_directory(after));
        (from_directory(before), new.join().unwrap_or_else(|panic| resume_unwind(panic)))
    });
    Ok((old.map_err(|problem| problem.said(before, output))?, new.map_err(|problem| problem.said(after, output))?))
}

fn fetch(argument: &str, output: &Output) -> Result<Side, Exit> {
    if Reference::is_meant(argument) {
        return from_git(argument, output);
    }
    // A file, a link to one, standard input, or nothing: a spec, or what reading it says.
    if !is_plan_directory(argument) {
        return from_spec(&input::read(Path::new(argument), output)?, output);
    }
    from_directory(argument).map_err(|problem| problem.said(argument, output))
}

fn is_plan_directory(argument: &str) -> bool {
    !Reference::is_meant(argument) && write::is_directory(Path::new(argument))
}

/// Why a folder is no side.
enum Problem {
    Unreadable(WriteError),
    NoPlan,
    NotComparable(String),
}

impl Problem {
    fn said(self, argument: &str, output: &Output) -> Exit {
        match self {
            Self::Unreadable(error) => return compile::failure(&error, output),
            Self::NoPlan => output.error(&format!("`{argument}` holds no plan: it has no `SHA256SUMS` that replank wrote")),
            Self::NotComparable(why) => output.error(&format!("`{argument}` holds no plan that can be compared: {why}")),
        }
        Exit::Stale
    }
}

fn from_directory(argument: &str) -> Result<Side, Problem> {
    match write::read_listed(Path::new(argument)) {
        Ok(Some(Listed { files, pages, sums })) => from_files(argument, Files { files, pages }, sums),
        Ok(None) => Err(Problem::NoPlan),
        Err(error) => Err(Problem::Unreadable(error)),
    }
}

fn from_files(argument: &str, files: Files, sums: Sums) -> Result<Side, Problem> {
    Side::read(argument, files, sums.digests).map_err(Problem::NotComparable)
}

fn from_git(argument: &str, output: &Output) -> Result<Side, Exit> {
    let fail = |problem: crate::repository::Problem| {
        output.error(&problem.to_string());
        Exit::Machine
    };
    let reference = Reference::parse(argument).map_err(|problem| {
        output.error(&problem.to_string());
        Exit::Usage
    })?;
    match reference.read().map_err(fail)? {
        Found::Folder(files) => {
            let listed = sums(&files).ok_or(Problem::NoPlan);
            let side = listed.and_then(|sums| {
                // As of a directory, only what is listed is the plan.
                let files = files.into_iter().filter(|(path, _)| sums.digests.contains_key(path)).collect();
                from_files(argument, Files::of(files), sums)
            });
            side.map_err(|problem| problem.said(argument, output))
        }
        Found::File(bytes) => match String::from_utf8(bytes) {
            Ok(text) => from_spec(&SourceFile::new(argument, text), output),
            Err(_) => {
                output.error(&format!("`{argument}` is not UTF-8 text"));
                Err(Exit::Spec)
            }
        },
    }
}

fn sums(files: &BTreeMap<String, Vec<u8>>) -> Option<Sums> {
    files.get(digest::SUMS).and_then(|sums| std::str::from_utf8(sums).ok()).and_then(digest::read_sums)
}

/// Compiles a spec. Its warnings belong to `check`; why there is no plan is said here.
fn from_spec(file: &SourceFile, output: &Output) -> Result<Side, Exit> {
    let side = progress::while_working(output, file.name(), || pipeline::compile(file, LANGUAGES).and_then(|compiled| of(file, compiled)));
    side.map_err(|refusal| report::refusal(&refusal, file, output))
}

/// The runbooks are not compared.
const LANGUAGES: &[Language] = &[];

/// A compiled spec as a side.
///
/// # Errors
/// Only for a bug of ours.
pub fn of(file: &SourceFile, Compiled { tree, .. }: Compiled) -> Result<Side, Refusal> {
    let plan = tree.document().map_err(|error| Refusal::Bug(error.0))?;
    let artifacts = tree.files.into_iter().filter(|(path, _)| path.starts_with("steps/")).collect();
    let spec = Some(file.text().to_owned());
    Ok(Side { name: file.name().to_owned(), plan, artifacts, spec, listed: BTreeMap::new(), pages: BTreeMap::new() })
}

/// The plan of a spec that is like another one but for an edit; none where there is no such plan.
pub fn quietly(name: &str, text: &str) -> Option<Side> {
    let file = SourceFile::new(name, text);
    pipeline::compile(&file, LANGUAGES).and_then(|compiled| of(&file, compiled)).ok()
}
