//! The documents at the top of the repository, and the one command that tests everything.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::{assert_none, files, root};

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

/// What stands in backticks in the first column of each table that is headed `program`, in one page.
fn described_programs(page: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut is_inside = false;
    for line in page.lines() {
        let first = line.strip_prefix('|').and_then(|row| row.split('|').next()).map(str::trim);
        is_inside = first.is_some_and(|cell| is_inside || cell == "program");
        found.extend(first.filter(|_| is_inside).into_iter().flat_map(|cell| cell.split('`').skip(1).step_by(2)).map(str::to_owned));
    }
    found
}

#[test]
fn every_program_of_a_rehearsal_has_its_place_on_a_page_and_no_page_tells_of_one_that_is_gone() {
    const FOLDER: &str = "compiler/rehearse/stand_ins/";
    let programs: BTreeSet<String> =
        files(FOLDER).into_iter().filter_map(|(path, _)| Some(path.strip_prefix(FOLDER)?.to_owned())).collect();
    let described: BTreeSet<String> = files("docs/rehearsal").iter().flat_map(|(_, page)| described_programs(page)).collect();
    let missing = programs.difference(&described).map(|path| format!("{FOLDER}{path}: is described on no page"));
    let gone = described.difference(&programs).map(|path| format!("docs/rehearsal: describes `{path}`, which is not there"));
    let reason = "a rehearsal proves as much as its stand-ins are true, and a reader must be able to look that up";
    assert_none(
        &missing.chain(gone).collect::<Vec<_>>(),
        reason,
        "name it in a table headed `program` in docs/rehearsal, and say what it models",
    );
}

#[test]
fn programs_are_read_from_the_tables_that_are_headed_so_alone() {
    let page = "| program | is |\n| --- | --- |\n| `a/b` and `c` | `d` |\n\n| call | |\n| --- | --- |\n| `e` | |\n";
    assert_eq!(described_programs(page), BTreeSet::from(["a/b".to_owned(), "c".to_owned()]));
}
