//! The documents at the top of the repository, and the one command that tests everything.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::{assert_none, root};

const COMMAND: &str = "cargo test --locked";

#[test]
fn the_documents_that_a_newcomer_looks_for_are_there() {
    let expected = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"];
    let findings: Vec<_> = expected.iter().filter(|path| !root().join(path).is_file()).map(|path| format!("{path}: is missing")).collect();
    assert_none(&findings, "each answers a question that people come with", "write it");
}

#[test]
fn what_runs_in_ci_is_what_the_readme_says() {
    let script = fs::read_to_string(root().join(".ci/run")).unwrap();
    let readme = fs::read_to_string(root().join("README.md")).unwrap_or_default();
    assert!(script.lines().any(|line| line.contains(COMMAND)), ".ci/run does not run `{COMMAND}`");
    assert!(readme.contains(COMMAND), "README.md does not say that `{COMMAND}` runs the tests");
    let mode = fs::metadata(root().join(".ci/run")).unwrap().permissions().mode();
    assert_eq!(mode & 0o111, 0o111, ".ci/run is not executable: chmod +x .ci/run");
}
