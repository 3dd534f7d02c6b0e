//! The examples are what a newcomer reads: each plan that is committed is what its spec compiles to today, and is proved the way a
//! pull request would prove it.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

fn stories() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let mut stories: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    stories.sort();
    assert!(stories.len() >= 2, "{stories:?}");
    stories
}

#[test]
fn each_committed_plan_is_what_its_spec_compiles_to() {
    for story in stories() {
        let (plan, spec) = (story.join("plan"), story.join("migration.yaml"));
        let output = Command::new(env!("CARGO_BIN_EXE_replank")).arg("verify").arg(&plan).arg("--spec").arg(&spec).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        let mend = format!("cargo run -- compile {} -o {}", spec.display(), plan.display());
        assert!(output.status.success(), "{}\nmend it with: {mend}", said);
    }
}

#[test]
fn each_plan_satisfies_the_schema_of_plans() {
    let schema: Value = serde_json::from_str(&read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/plan.v1.json"))).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for story in stories() {
        let plan: Value = serde_json::from_str(&read(&story.join("plan/plan.json"))).unwrap();
        let errors: Vec<String> = validator.iter_errors(&plan).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{}: {errors:?}", story.display());
    }
}

#[test]
fn each_story_has_a_page_of_its_own() {
    for story in stories() {
        assert!(read(&story.join("README.md")).lines().count() >= 10, "{}", story.display());
    }
}

#[test]
fn both_runbooks_hold_the_same_commands() {
    let commands = |text: &str| -> Vec<String> {
        text.split("```").enumerate().filter(|(index, _)| index % 2 == 1).map(|(_, block)| block.to_owned()).collect()
    };
    for story in stories() {
        let (english, chinese) = (read(&story.join("plan/RUNBOOK.md")), read(&story.join("plan/RUNBOOK.zh.md")));
        assert!(commands(&english).len() > 50);
        assert_eq!(commands(&english), commands(&chinese), "{}", story.display());
    }
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
