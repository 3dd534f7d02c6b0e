//! Random topologies, compiled and handed to every program that would read them: what holds for the examples holds for others.

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use replank::pipeline::{Compiled, compile};
use replank::render::Language;
use replank::source::SourceFile;
use replank::write::{Force, replace};

use super::readers::{read_install_environment, read_plans};
use crate::compiled::document;
use crate::properties::generate::spec;

/// Plans with at least one step: shellcheck reads the commands of one in some two seconds.
const PLANS: usize = 30;

fn compiled(text: &str) -> Option<Compiled> {
    compile(&SourceFile::new("migration.yaml", text), &[Language::English, Language::Chinese]).ok()
}

#[test]
fn every_program_accepts_what_thirty_random_plans_hand_to_it() {
    let mut runner = TestRunner::deterministic();
    let folder = tempfile::tempdir().unwrap();
    let mut directories = Vec::new();
    while directories.len() < PLANS {
        let random = spec().new_tree(&mut runner).unwrap().current();
        let Some(plan) = compiled(&random.text()).filter(|plan| !plan.plan.steps.is_empty()) else { continue };
        let directory = folder.path().join(directories.len().to_string());
        replace(&directory, &plan.tree, Force::No).unwrap();
        for step in &document(&plan).steps {
            for artifact in step.artifacts.iter().filter(|artifact| artifact.kind == "k3s-install-env") {
                let command = if step.action.starts_with("worker.") { "agent" } else { "server" };
                let values = read_install_environment(&directory.join(&artifact.path)).unwrap();
                let expected = [("INSTALL_K3S_EXEC", command), ("INSTALL_K3S_SKIP_DOWNLOAD", "true"), ("INSTALL_K3S_SKIP_START", "true")];
                assert_eq!(values, expected.map(|(name, value)| (name.to_owned(), value.to_owned())).into(), "{}", artifact.path);
            }
        }
        directories.push(directory);
    }
    let complaints = read_plans(&directories);
    assert!(complaints.is_empty(), "{} complaints\n{}", complaints.len(), complaints.join("\n"));
}
