//! The hook that git runs before a commit.

use std::fs;
use std::path::Path;

use super::scratch::{Scratch, recipe};

/// A repository with the hook in its place.
fn hooked() -> Scratch {
    let scratch = Scratch::new(("10.20.0.26", "10.20.0.36"));
    let hook = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/recipes/pre-commit");
    fs::copy(hook, scratch.repository().join(".git/hooks/pre-commit")).unwrap();
    scratch
}

#[test]
fn a_commit_with_a_stale_plan_is_refused_with_the_command_that_mends_it() {
    let scratch = hooked();
    scratch.edit(("10.20.0.36", "10.20.0.46"));
    let refused = scratch.run("git commit -a -m stale", &[]);
    assert_eq!(refused.exit, 1, "{refused:?}");
    assert!(refused.err.contains("replank compile migration.yaml -o plan"), "{}", refused.err);
    scratch.done("replank compile migration.yaml -o plan && git commit -q -a -m both");
}

#[test]
fn what_is_staged_counts_and_not_the_work_tree() {
    let scratch = hooked();
    scratch.edit(("10.20.0.36", "10.20.0.46"));
    scratch.done("replank compile migration.yaml -o plan && git add migration.yaml");
    assert_eq!(scratch.run("git commit -m half", &[]).exit, 1, "the plan was compiled and not staged");
    scratch.done("git add plan && git commit -q -m whole");
}

#[test]
fn a_commit_of_something_else_is_not_looked_at() {
    let scratch = hooked();
    scratch.edit(("10.20.0.36", "10.20.0.46"));
    scratch.done("echo text > other && git add other && git commit -q -m other");
}

#[test]
fn a_spec_behind_a_link_is_refused() {
    let scratch = hooked();
    scratch.done("git mv migration.yaml other.yaml && ln -s other.yaml migration.yaml && git add -A && git commit -q --no-verify -m link");
    scratch.done("sed -i s/10.20.0.36/10.20.0.46/ other.yaml && git add other.yaml");
    let refused = scratch.run("git commit -m unseen", &[]);
    assert!(refused.exit == 1 && refused.err.contains("migration.yaml is a symbolic link"), "{refused:?}");
    // Also where a folder on the way to it is one.
    scratch.done(
        "git reset -q --hard && mkdir folder && git mv other.yaml folder/migration.yaml && git rm -q migration.yaml && ln -s folder way",
    );
    scratch.done("git add -A && git commit -q --no-verify -m link");
    scratch.done("sed -i s/10.20.0.36/10.20.0.46/ folder/migration.yaml && git add folder");
    let refused = scratch.run("git commit -m unseen", &[("REPLANK_SPEC", "way/migration.yaml")]);
    assert!(refused.exit == 1 && refused.err.contains("way is a symbolic link"), "{refused:?}");
}

#[test]
fn a_plan_is_not_left_without_its_spec() {
    let scratch = hooked();
    scratch.done("git rm -q migration.yaml");
    let refused = scratch.run("git commit -m orphan", &[]);
    assert!(refused.exit == 1 && refused.err.contains("git rm -r -- plan"), "{refused:?}");
    scratch.done("git rm -q -r -- plan && git commit -q -m over");
}

#[test]
fn line_ends_that_git_converts_refuse_no_commit() {
    let scratch = hooked();
    scratch.done("git config core.autocrlf true");
    scratch.edit(("10.20.0.36", "10.20.0.46"));
    scratch.done("replank compile migration.yaml -o plan && git add migration.yaml plan && git commit -q -m both");
}

#[test]
fn the_framework_calls_it_with_the_paths_that_are_given_there() {
    let scratch = Scratch::new(("10.20.0.26", "10.20.0.36"));
    let page = recipe("README.md");
    let example = page.split_once("```yaml\n").unwrap().1.split_once("```").unwrap().0;
    let configuration: serde_yaml::Value = serde_yaml::from_str(example).unwrap();
    let hook = &configuration["repos"][0]["hooks"][0];
    assert_eq!((hook["always_run"].as_bool(), hook["pass_filenames"].as_bool()), (Some(true), Some(false)));
    let entry = hook["entry"].as_str().unwrap();
    assert!(entry.contains("REPLANK_SPEC=migration.yaml REPLANK_PLAN=plan"));
    fs::write(scratch.repository().join("scripts/replank-pre-commit"), recipe("pre-commit")).unwrap();
    assert_eq!(scratch.run(entry, &[]).exit, 0);
    scratch.edit(("10.20.0.36", "10.20.0.46"));
    scratch.done("git add migration.yaml");
    assert_eq!(scratch.run(entry, &[]).exit, 5);
}
