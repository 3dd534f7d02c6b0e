//! The room that touches the disk: what it writes, what it leaves alone, and what a kill leaves.

mod faults;
mod meanwhile;
mod places;
mod process;
mod protect;
mod replace;
mod summary;
mod taken_over;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use replank::render::{Tree, digest};
use replank::write::{Condition, Force, Outcome, WriteError, read_existing};

/// A small plan. Every content names the edition, but for one file of each step.
pub fn plan(edition: &str, steps: &[&str]) -> Tree {
    let listed: Vec<_> = steps.iter().map(|id| serde_json::json!({"id": id, "because": {"line": edition.len()}})).collect();
    let json = serde_json::json!({"generator": {"name": "replank"}, "steps": listed});
    let mut files: BTreeMap<String, String> = steps
        .iter()
        .flat_map(|id| {
            let unit = (format!("steps/{id}/etcd.service"), format!("# {edition}\n[Service]\n"));
            [unit, (format!("steps/{id}/kept.env"), format!("STEP={id}\n"))]
        })
        .chain([("plan.json".to_owned(), json.to_string()), ("REVIEW.md".to_owned(), format!("{edition}\n"))])
        .collect();
    files.insert(digest::SUMS.to_owned(), digest::sums(&files));
    Tree { files }
}

pub const STEPS: &[&str] = &["30-grow-etcd/phy-1", "30-grow-etcd/phy-2"];

/// A directory for one test, and the output in it.
pub struct Scene {
    pub parent: tempfile::TempDir,
}

impl Scene {
    pub fn new() -> Self {
        Self { parent: tempfile::tempdir().unwrap() }
    }

    /// With the first edition written.
    pub fn with_plan() -> Self {
        let scene = Self::new();
        scene.write(&plan("first", STEPS), Force::No).unwrap();
        scene
    }

    pub fn output(&self) -> PathBuf {
        self.parent.path().join("plan")
    }

    pub fn put(&self, path: &str, content: &str) {
        let full = self.output().join(path);
        fs::create_dir_all(full.parent().unwrap()).unwrap();
        fs::write(full, content).unwrap();
    }

    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.output().join(path)).unwrap()
    }

    pub fn write(&self, tree: &Tree, force: Force) -> Result<Outcome, WriteError> {
        replank::write::replace(&self.output(), tree, force)
    }

    /// Asserts that the directory holds this plan, whole, and that nothing hidden is left beside it.
    pub fn assert_holds(&self, tree: &Tree) {
        assert_holds(&self.output(), tree);
        let beside: Vec<_> = fs::read_dir(self.parent.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(beside, ["plan"], "something was left beside the plan");
    }
}

pub fn assert_holds(directory: &Path, tree: &Tree) {
    let found = read_existing(directory).unwrap();
    let files: BTreeMap<String, String> =
        found.ours.iter().map(|(path, ours)| (path.clone(), String::from_utf8(ours.content.clone()).unwrap())).collect();
    assert_eq!(files, tree.files);
    assert_eq!(found.in_condition(Condition::Edited).chain(found.in_condition(Condition::Missing)).count(), 0);
}

pub fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().permissions().mode() & 0o7777
}
