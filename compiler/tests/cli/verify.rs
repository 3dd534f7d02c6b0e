//! `replank verify` without a spec: the directory against its own sums.

use std::fs;

use super::{assert_shown, replank_in};
use crate::write::Scene;

#[test]
fn a_plan_as_it_was_written_passes_also_for_sha256sum() {
    let scene = Scene::with_plan();
    let ran = replank_in(scene.parent.path(), &["verify", "plan/"]);
    assert_eq!((ran.exit, ran.out.as_str(), ran.err.as_str()), (0, "plan: 5 files as replank wrote them\n", ""));
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
fn an_edited_and_a_missing_file_are_named_with_what_mends_them() {
    let scene = Scene::with_plan();
    scene.put("REVIEW.md", "edited");
    fs::remove_file(scene.output().join("steps/30-grow-etcd/phy-2/etcd.service")).unwrap();
    let ran = replank_in(scene.parent.path(), &["verify", "plan"]);
    assert_eq!((ran.exit, ran.out.as_str()), (5, ""));
    assert_shown("verify-edited-and-missing", &ran.err);
}

#[test]
fn a_directory_without_a_plan_is_stale_and_one_that_is_not_there_is_the_machines_fault() {
    let scene = Scene::new();
    fs::create_dir(scene.output()).unwrap();
    assert_eq!(replank_in(scene.parent.path(), &["verify", "plan"]).exit, 5);
    assert_eq!(replank_in(scene.parent.path(), &["verify", "elsewhere"]).exit, 1);
}
