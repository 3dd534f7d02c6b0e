//! What a reviewer is shown of a change: the right steps, the right line of the spec, within what a code host takes.

pub mod budget;
mod causes;
mod command;
mod gallery;
pub mod honest;
pub mod oracle;
mod tampered;
mod weighed;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use replank::diff::{self, DiffDocument, Side};
use replank::pipeline::{Compiled, Refusal, compile};
use replank::source::SourceFile;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// The plan of a spec as one side of a difference.
fn side(name: &str, text: &str) -> Side {
    match compile(&SourceFile::new(name, text), &[]) {
        Ok(compiled) => of(name, text, compiled),
        Err(Refusal::Spec(findings) | Refusal::Unsafe { findings, .. }) => panic!("{name}: {findings:#?}"),
        Err(Refusal::Bug(what)) => panic!("{name}: {what}"),
    }
}

fn of(name: &str, text: &str, compiled: Compiled) -> Side {
    let plan = compiled.tree.document().unwrap();
    let artifacts = compiled.tree.files.into_iter().filter(|(path, _)| path.starts_with("steps/")).collect();
    let (name, spec) = (name.to_owned(), Some(text.to_owned()));
    Side { name, plan, artifacts, spec, listed: BTreeMap::new(), pages: BTreeMap::new() }
}

pub fn quietly(text: &str) -> Option<Side> {
    compile(&SourceFile::new("migration.yaml", text), &[]).ok().map(|compiled| of("migration.yaml", text, compiled))
}

pub fn compare(before: &Side, after: &Side) -> DiffDocument {
    diff::compare(before, after, &quietly)
}

fn example(name: &str) -> String {
    fs::read_to_string(root().join("examples").join(name).join("migration.yaml")).unwrap()
}
