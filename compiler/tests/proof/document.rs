//! plan.json as a consumer reads it: what the proof needs of format 1, everything else ignored.

use std::path::Path;

use indexmap::IndexMap;
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Document {
    pub format_version: String,
    pub machines: IndexMap<String, serde::de::IgnoredAny>,
    pub steps: Vec<Step>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Step {
    pub id: String,
    #[serde(default)]
    pub artifacts: Vec<Artifact>,
    #[serde(default)]
    pub preconditions: Vec<Command>,
    #[serde(default)]
    pub run: Vec<Command>,
    #[serde(default)]
    pub verify: Vec<Command>,
    #[serde(default)]
    pub rollback: Vec<Command>,
}

impl Step {
    /// Every command of the step, whatever it is for.
    pub fn commands(&self) -> impl Iterator<Item = &Command> {
        self.preconditions.iter().chain(&self.run).chain(&self.verify).chain(&self.rollback)
    }
}

#[derive(Debug, Clone, Deserialize)]
pub struct Artifact {
    pub path: String,
    #[serde(default)]
    pub kind: String,
    #[serde(default)]
    pub destination: Option<String>,
    #[serde(default)]
    pub owner: Option<String>,
    #[serde(default)]
    pub mode: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Command {
    pub on: String,
    pub shell: String,
    pub timeout_seconds: u64,
    #[serde(default)]
    pub retry_every_seconds: Option<u64>,
}

/// Reads `plan.json` of a plan directory. A directory without one is no plan, and the test that brought it is wrong.
pub fn read(plan_directory: &Path) -> Document {
    let path = plan_directory.join("plan.json");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let document: Document = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert!(document.format_version.starts_with("1."), "{}: format {} is not format 1", path.display(), document.format_version);
    document
}
