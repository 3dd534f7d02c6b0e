//! `replank rehearse` before anything is played: what it refuses, and what it says is missing.

use std::fs;
use std::process::Command;

use super::{Ran, replank_in, run};
use crate::write::Scene;

/// A compiled plan that moves nothing, or one that moves something.
fn compiled(edit: impl FnOnce(&str) -> String) -> tempfile::TempDir {
    let place = tempfile::tempdir().unwrap();
    let spec = include_str!("../proof/one_becomes_three.yaml");
    fs::write(place.path().join("migration.yaml"), edit(spec)).unwrap();
    let ran = replank_in(place.path(), &["compile", "migration.yaml", "-o", "plan"]);
    assert_eq!(ran.exit, 0, "{}", ran.err);
    place
}

#[test]
fn an_edited_plan_is_not_rehearsed() {
    let scene = Scene::with_plan();
    scene.put("REVIEW.md", "edited");
    let ran = replank_in(scene.parent.path(), &["rehearse", "plan"]);
    assert_eq!((ran.exit, ran.out.as_str()), (5, ""));
    assert!(ran.err.contains("edited or missing: plan/REVIEW.md"), "{}", ran.err);
}

#[test]
fn a_directory_without_a_plan_is_stale_and_one_that_is_not_there_is_the_machines_fault() {
    let scene = Scene::new();
    fs::create_dir(scene.output()).unwrap();
    assert_eq!(replank_in(scene.parent.path(), &["rehearse", "plan"]).exit, 5);
    assert_eq!(replank_in(scene.parent.path(), &["rehearse", "elsewhere"]).exit, 1);
}

#[test]
fn a_plan_of_an_older_format_is_to_be_compiled_again() {
    let scene = Scene::with_plan();
    let ran = replank_in(scene.parent.path(), &["rehearse", "plan"]);
    assert_eq!(ran.exit, 5);
    assert!(ran.err.contains("compile the plan again with this replank"), "{}", ran.err);
}

#[test]
fn a_plan_without_steps_has_nothing_to_rehearse() {
    let place = compiled(|spec| spec.replace("[cp-1, cp-2, cp-3]", "[cp-1]"));
    let ran = replank_in(place.path(), &["rehearse", "plan"]);
    assert_eq!((ran.exit, ran.out.as_str()), (0, "nothing to rehearse: the plan has no steps\n"), "{}", ran.err);
}

/// Runs with a path on which there is a shell and nothing else.
fn on_a_bare_machine(place: &tempfile::TempDir) -> Ran {
    let bin = place.path().join("bin");
    fs::create_dir(&bin).unwrap();
    std::os::unix::fs::symlink("/bin/sh", bin.join("sh")).unwrap();
    run(Command::new(env!("CARGO_BIN_EXE_replank")).args(["rehearse", "plan"]).current_dir(place.path()).env("PATH", &bin), b"")
}

#[test]
fn what_is_missing_is_named_with_the_packages_that_bring_it() {
    let place = compiled(str::to_owned);
    let ran = on_a_bare_machine(&place);
    assert_eq!((ran.exit, ran.out.as_str()), (1, ""));
    let packages = ran.err.lines().find(|line| line.contains("apt-get install")).unwrap_or_else(|| panic!("{}", ran.err));
    assert!(packages.contains("etcd-client etcd-server"), "{packages}");
    assert!(!packages.contains("keepalived") && !packages.contains("nginx"), "this plan needs neither: {packages}");
    assert!(!place.path().join("rehearsal.md").exists());
}
