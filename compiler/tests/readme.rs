//! What the README shows is what the program prints today.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

fn read(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// The fenced block that begins with this text.
fn block(readme: &str, begins: &str) -> String {
    let mut blocks = readme.split("```").enumerate().filter(|(index, _)| index % 2 == 1).map(|(_, block)| block.trim());
    blocks.find(|block| block.starts_with(begins)).unwrap_or_else(|| panic!("no block that begins with `{begins}`")).to_owned()
}

#[test]
fn the_first_command_ends_as_the_readme_says() {
    let folder = tempfile::tempdir().unwrap();
    let plan = folder.path().join("plan");
    let mut command = Command::new(env!("CARGO_BIN_EXE_replank"));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).args(["compile", "examples/k3s-external-etcd/migration.yaml", "-o"]).arg(&plan);
    let said = String::from_utf8(command.output().unwrap().stdout).unwrap().replace(plan.to_str().unwrap(), "/tmp/plan");
    let lines = said.lines().count();
    assert!(lines >= 4, "{said}");
    assert!(read("README.md").contains(said.trim()), "README.md shows other output than\n{said}");
}

#[test]
fn the_refusal_reads_as_the_readme_says() {
    let readme = read("README.md");
    let spec = read("examples/k3s-external-etcd/migration.yaml").replace("join: learner", "join: voter");
    let mut child = Command::new(env!("CARGO_BIN_EXE_replank"))
        .args(["check", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(spec.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(4));
    let said = String::from_utf8(output.stderr).unwrap();
    let shown = block(&readme, "error[V202]");
    assert!(said.contains(&shown), "README.md shows\n{shown}\nthe program says\n{said}");
}

#[test]
fn a_stale_plan_reads_as_the_readme_says() {
    let story = crate::cli::stale::Story::new();
    story.edit("migration.yaml", "10.20.0.26", "10.20.0.36");
    let refused = story.verify(&[]);
    let shown = block(&read("README.md"), "error[W103]");
    assert!(refused.err.contains(&shown), "README.md shows\n{shown}\nthe program says\n{}", refused.err);
}

#[test]
fn the_rows_of_the_ledger_are_those_of_the_example() {
    let review = read("examples/k3s-external-etcd/plan/REVIEW.md");
    let readme = read("README.md");
    let rows: Vec<&str> = readme.lines().filter(|line| line.starts_with("|  | ") && line.contains("vm-1")).collect();
    assert!(rows.len() >= 4, "{rows:?}");
    for row in rows {
        assert!(review.lines().any(|line| line == row), "not a row of the example: {row}");
    }
}
