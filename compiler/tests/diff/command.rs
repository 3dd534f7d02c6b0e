//! `replank diff` as its users call it: three kinds of sides, three formats, exit codes.

use std::fs;
use std::process::Command;

use crate::cli::stale::Story;
use crate::cli::{Ran, replank_in, run};

fn git(story: &Story, words: &[&str]) {
    let mut command = Command::new("git");
    command.args(["-c", "user.name=A Reviewer", "-c", "user.email=reviewer@example.org", "-c", "init.defaultBranch=main"]).args(words);
    let ran = run(command.current_dir(story.path()).env("HOME", story.path()).env("GIT_CONFIG_NOSYSTEM", "1").env_remove("GIT_DIR"), b"");
    assert_eq!(ran.exit, 0, "{words:?}: {ran:?}");
}

/// The example in a repository, with an edit of the spec that is not committed.
fn story() -> Story {
    let story = Story::new();
    git(&story, &["init", "-q"]);
    git(&story, &["add", "migration.yaml", "plan"]);
    git(&story, &["commit", "-q", "-m", "the plan"]);
    story.edit("migration.yaml", "phy-1, phy-2, phy-3, phy-4, phy-5", "phy-1, phy-2, phy-3");
    story
}

fn diff(story: &Story, words: &[&str]) -> Ran {
    replank_in(story.path(), &[&["diff"], words].concat())
}

#[test]
fn every_kind_of_side_shows_the_same_change() {
    let story = story();
    let steps = |ran: &Ran| {
        assert_eq!(ran.exit, 0, "{ran:?}");
        let document: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
        assert!(jsonschema::is_valid(&replank::diff::schema(), &document), "{}", ran.out);
        let ids = document["steps"].as_array().unwrap().iter().map(|step| format!("{} {}", step["fate"], step["id"]));
        ids.collect::<Vec<_>>()
    };
    let of_a_directory = steps(&diff(&story, &["plan", "migration.yaml", "--format", "json"]));
    assert_eq!(of_a_directory.len(), 18);
    for before in ["git:HEAD:migration.yaml", "git:main:plan", "git:HEAD:./plan/"] {
        assert_eq!(steps(&diff(&story, &[before, "migration.yaml", "--format", "json"])), of_a_directory, "{before}");
    }
    let status = run(Command::new("git").args(["status", "--porcelain"]).current_dir(story.path()), b"");
    assert_eq!(status.out, " M migration.yaml\n", "the work tree is as it was");
}

#[test]
fn an_edit_of_the_spec_is_named_where_both_specs_are_known() {
    let story = story();
    let shown = diff(&story, &["git:HEAD:migration.yaml", "migration.yaml"]).out;
    assert!(shown.contains("line 61: behind 18 steps\n    -     etcd: [phy-1, phy-2, phy-3, phy-4, phy-5]\n"), "{shown}");
    assert!(shown.contains("- 80-swap-etcd/phy-5: Add phy-5 to etcd; line 61"), "{shown}");
}

#[test]
fn the_exit_code_says_whether_there_are_differences_only_where_it_is_asked_to() {
    let story = story();
    assert_eq!(diff(&story, &["plan", "migration.yaml"]).exit, 0);
    assert_eq!(diff(&story, &["plan", "migration.yaml", "--exit-code"]).exit, 2);
    assert_eq!(diff(&story, &["plan", "plan", "--exit-code"]).exit, 0);
}

#[test]
fn a_plan_that_was_edited_is_compared_and_called_edited() {
    let story = story();
    story.edit("plan/steps/80-swap-etcd/phy-4/etcd.service", "Restart=", "Restart=no\n#");
    let ran = diff(&story, &["git:HEAD:plan", "plan"]);
    assert_eq!(ran.exit, 0);
    assert!(ran.out.contains("edited by hand:\n  ! plan/steps/80-swap-etcd/phy-4/etcd.service"), "{}", ran.out);
    assert!(ran.out.contains("~ 80-swap-etcd/phy-4: file etcd.service"), "{}", ran.out);
}

#[test]
fn a_runbook_that_was_edited_is_a_difference() {
    let story = story();
    story.edit("plan/RUNBOOK.md", "# ", "# Not so: ");
    let ran = diff(&story, &["git:HEAD:plan", "plan", "--exit-code"]);
    assert_eq!(ran.exit, 2, "{ran:?}");
    assert!(ran.out.contains("edited by hand:\n  ! plan/RUNBOOK.md"), "{}", ran.out);
}

#[test]
fn a_link_that_a_branch_brings_is_not_followed() {
    let story = story();
    let secret = story.path().join("secret");
    fs::create_dir(&secret).unwrap();
    fs::write(secret.join("token"), "s3cr3t\n").unwrap();
    std::os::unix::fs::symlink(&secret, story.path().join("plan/steps/10-l")).unwrap();
    let listed = format!("{}  steps/10-l/token\n", "0".repeat(64));
    let sums = story.path().join("plan/SHA256SUMS");
    fs::write(&sums, fs::read_to_string(&sums).unwrap() + &listed).unwrap();
    for format in ["text", "markdown", "json"] {
        let ran = diff(&story, &["git:HEAD:plan", "plan", "--format", format]);
        assert!(ran.exit == 0 && !ran.out.contains("s3cr3t"), "{ran:?}");
    }
}

#[test]
fn a_clone_without_all_objects_is_said_to_be_one() {
    let story = story();
    git(&story, &["config", "uploadpack.allowFilter", "true"]);
    let from = format!("file://{}", story.path().display());
    git(&story, &["clone", "-q", "--no-checkout", "--filter=blob:none", &from, "partial"]);
    let ran = replank_in(&story.path().join("partial"), &["diff", "git:HEAD:plan", "git:HEAD:plan"]);
    assert_eq!(ran.exit, 1, "{ran:?}");
    assert!(ran.err.contains("this clone lacks objects of `HEAD:plan`"), "{}", ran.err);
}

#[test]
fn a_tag_that_is_called_like_a_branch_is_not_taken_for_it() {
    let story = story();
    git(&story, &["tag", "main"]);
    let ran = diff(&story, &["git:main:plan", "plan"]);
    assert_eq!(ran.exit, 1, "{ran:?}");
    assert!(ran.err.contains("`main` is the name of several things: say `heads/main`"), "{}", ran.err);
    assert_eq!(diff(&story, &["git:heads/main:plan", "plan"]).exit, 0);
}

#[test]
fn a_side_that_is_none_is_refused_with_its_reason() {
    let story = story();
    let cases: [(&str, i32, &str); 8] = [
        ("nowhere", 1, "cannot read `nowhere`"),
        ("git:HEAD:nowhere", 1, "git does not give `HEAD:nowhere`"),
        ("git:nobody:plan", 1, "git does not give `nobody:plan`"),
        ("git:plan", 64, "expected `git:REVISION:PATH`"),
        ("git:--output=x:plan", 64, "expected `git:REVISION:PATH`"),
        ("git:HEAD:plan/steps", 5, "holds no plan"),
        (".git", 5, "`.git` holds no plan"),
        ("plan/RUNBOOK.md", 3, ""),
    ];
    for (before, exit, says) in cases {
        let ran = diff(&story, &[before, "migration.yaml"]);
        assert!(ran.exit == exit && ran.err.contains(says) && ran.out.is_empty(), "{before}: {ran:?}");
    }
    fs::write(story.path().join("plan/plan.json"), "{}").unwrap();
    let ran = diff(&story, &["plan", "migration.yaml"]);
    assert!(ran.exit == 5 && ran.err.contains("is not one of format 1"), "{ran:?}");
}
