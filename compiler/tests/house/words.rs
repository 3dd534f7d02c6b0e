//! Words that must not stand where they stand.

use super::{assert_none, files};

/// The names of tools: the rooms that decide and judge must not know them, so that the judge holds for every backend.
const TOOLS: &[&str] = &["k3s", "kubean", "kubespray", "kubeadm", "ocboot", "domeos"];

/// Left-overs. Written in halves, so that this file does not contain them.
const LEFT_OVER: &[&str] = &[concat!("todo", "!("), concat!("unimplemented", "!("), concat!("dbg", "!("), concat!("/wo", "rk/")];

fn containing(folder: &str, words: &[&str]) -> Vec<String> {
    let mut findings = Vec::new();
    for (path, text) in files(folder) {
        for (number, line) in text.lines().enumerate() {
            let line = line.to_lowercase();
            let found = words.iter().filter(|word| line.contains(*word));
            findings.extend(found.map(|word| format!("{path}:{}: `{word}`", number + 1)));
        }
    }
    findings
}

#[test]
fn the_rooms_that_decide_and_judge_name_no_tool() {
    let findings: Vec<_> = ["compiler/plan", "compiler/verify", "compiler/ir"].iter().flat_map(|room| containing(room, TOOLS)).collect();
    let mend = "say what happens to the cluster, and let `lower` say it in the tool's words";
    assert_none(&findings, "a rule that holds for one tool alone belongs to that tool's backend", mend);
}

#[test]
fn nothing_is_left_over() {
    let folders = ["compiler", "templates", "docs", "examples", "schemas", ".ci"];
    let findings: Vec<_> = folders.iter().flat_map(|folder| containing(folder, LEFT_OVER)).collect();
    assert_none(&findings, "half-done work and paths of one machine do not belong into the repository", "finish it or open an issue");
}
