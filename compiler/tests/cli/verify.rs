//! `replank verify` without a spec: the directory against its own sums.

use std::fs;

use super::stale::Story;
use super::{assert_in_gallery, replank_in};
use crate::write::Scene;

#[test]
fn a_plan_as_it_was_written_passes_also_for_sha256sum() {
    let scene = Scene::with_plan();
    let ran = replank_in(scene.parent.path(), &["verify", "plan/"]);
    assert_eq!((ran.exit, ran.out.as_str(), ran.err.as_str()), (0, "plan: 7 files as replank wrote them\n", ""));
    let sums =
        std::process::Command::new("sha256sum").args(["--strict", "--quiet", "-c", "SHA256SUMS"]).current_dir(scene.output()).status();
    assert!(sums.unwrap().success());
}

#[test]
fn notes_of_others_are_named_and_are_no_failure() {
    let scene = Scene::with_plan();
    scene.put("NOTES.md", "notes");
    let ran = replank_in(scene.parent.path(), &["verify", "plan"]);
    assert_eq!((ran.exit, ran.err.as_str()), (0, "not ours: plan/NOTES.md\n"));
}

#[test]
fn a_name_that_would_act_on_a_terminal_or_a_workflow_is_shown_as_text() {
    let scene = Scene::with_plan();
    scene.put("a\n::error::\u{1b}[2J", "");
    let ran = replank_in(scene.parent.path(), &["verify", "plan", "--format", "github"]);
    assert_eq!((ran.exit, ran.err.as_str()), (0, "not ours: plan/a\\u{a}::error::\\u{1b}[2J\n"));
}

#[test]
fn an_edited_and_a_missing_file_are_named_with_what_mends_them() {
    let scene = Scene::with_plan();
    scene.put("REVIEW.md", "edited");
    fs::remove_file(scene.output().join("steps/30-grow-etcd/phy-2/etcd.service")).unwrap();
    let ran = replank_in(scene.parent.path(), &["verify", "plan"]);
    assert_eq!((ran.exit, ran.out.as_str()), (5, ""));
    assert_in_gallery("W101-file-edited", &ran.err);
}

#[test]
fn a_directory_without_a_plan_is_stale_and_one_that_is_not_there_is_the_machines_fault() {
    let scene = Scene::new();
    fs::create_dir(scene.output()).unwrap();
    assert_eq!(replank_in(scene.parent.path(), &["verify", "plan"]).exit, 5);
    assert_eq!(replank_in(scene.parent.path(), &["verify", "elsewhere"]).exit, 1);
}

#[test]
fn where_there_is_no_plan_the_command_that_writes_one_is_given() {
    let story = Story::new();
    for (prepare, exit) in [("rm -r plan", 1), ("mkdir plan", 5)] {
        assert!(std::process::Command::new("sh").args(["-c", prepare]).current_dir(story.path()).status().unwrap().success());
        let refused = story.verify(&[]);
        assert_eq!(refused.exit, exit, "{}", refused.err);
        let without_spec = replank_in(story.path(), &["verify", "plan"]);
        assert!(without_spec.err.ends_with("mend it with:\n  replank compile SPEC -o plan\n"), "{}", without_spec.err);
    }
    assert_eq!(story.mend(&story.verify(&[])), "replank compile migration.yaml -o plan");
    assert_eq!(story.verify(&[]).exit, 0);
}

#[test]
fn one_file_differs() {
    let story = Story::new();
    story.edit("plan/RUNBOOK.md", "\n", "\nand a word of mine\n");
    assert!(story.verify(&[]).err.contains(": 1 file differs\n"));
}

#[test]
fn a_failure_that_is_no_finding_is_an_annotation_too() {
    let story = Story::new();
    let github = |words: &[&str]| replank_in(story.path(), &[words, &["--format", "github"]].concat()).err;
    let missing = github(&["verify", "100%", "--spec", "migration.yaml"]);
    assert!(missing.starts_with("::error::there is no directory `100%25`\nmend it with:\n"), "{missing}");
    let unread = github(&["check", "a\nb.yaml"]);
    assert!(unread.starts_with("::error::cannot read `a%0Ab.yaml`: "), "{unread}");
    // What findings have told already takes no place from them.
    story.edit("plan/RUNBOOK.md", "\n", "\nand a word of mine\n");
    let edited = github(&["verify", "plan", "--spec", "migration.yaml"]);
    assert_eq!(edited.matches("::error").count(), 1, "{edited}");
    assert!(edited.contains("\nerror: `plan` is not what "), "{edited}");
}

#[test]
fn a_line_says_at_which_step_it_breaks() {
    let story = Story::new();
    story.edit("migration.yaml", "join: learner", "join: voter");
    let said = replank_in(story.path(), &["check", "migration.yaml", "--format", "short"]).err;
    assert!(said.contains("error[V202]") && said.ends_with(", at `30-grow-etcd/phy-1`\n"), "{said}");
}
