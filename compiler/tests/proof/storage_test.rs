//! The shells read every command of steps that make volumes anew, for each distribution that moves nodes.

use replank::pipeline::compile;
use replank::render::Language;
use replank::source::SourceFile;
use replank::write::{Force, replace};

use super::readers::read_plans;
use super::requirements::{READERS, met};

#[test]
fn every_program_accepts_plans_that_make_volumes_anew() {
    if !met("the reading of plans with volumes", READERS) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut directories = Vec::new();
    for (index, spec) in crate::storage::specs().iter().enumerate() {
        let directory = folder.path().join(index.to_string());
        let compiled = compile(&SourceFile::new("migration.yaml", spec), &[Language::English, Language::Chinese]);
        replace(&directory, &compiled.unwrap_or_else(|refusal| panic!("{index}: {refusal:?}")).tree, Force::No).unwrap();
        directories.push(directory);
    }
    let complaints = read_plans(&directories);
    assert!(complaints.is_empty(), "{} complaints\n{}", complaints.len(), complaints.join("\n"));
}
