//! Two branches that both change the plan conflict in git, and compiling the merged spec resolves it.

use std::fs;
use std::process::Command;

use super::stale::Story;
use super::{Ran, replank_in, run};

/// git with a name of its own and nobody's configuration.
fn git(story: &Story, words: &[&str]) -> Ran {
    let mut command = Command::new("git");
    command.args(["-c", "user.name=A Reviewer", "-c", "user.email=reviewer@example.org", "-c", "init.defaultBranch=main"]);
    command.args(words).current_dir(story.path()).env("HOME", story.path()).env("GIT_CONFIG_NOSYSTEM", "1").env_remove("GIT_DIR");
    run(&mut command, b"")
}

#[track_caller]
fn done(ran: &Ran) {
    assert_eq!(ran.exit, 0, "{ran:?}");
}

/// A branch of its own on which the spec was edited and the plan compiled anew.
fn branch(story: &Story, name: &str, from: &str, to: &str) {
    done(&git(story, &["checkout", "-q", "-b", name, "main"]));
    story.edit("migration.yaml", from, to);
    done(&replank_in(story.path(), &["compile", "migration.yaml", "-o", "plan"]));
    done(&git(story, &["commit", "-q", "-a", "-m", name]));
}

#[test]
fn two_branches_that_both_change_the_plan_conflict_and_compiling_again_resolves_it() {
    let story = Story::new();
    done(&git(&story, &["init", "-q"]));
    done(&git(&story, &["add", "migration.yaml", "plan"]));
    done(&git(&story, &["commit", "-q", "-m", "the plan"]));
    branch(&story, "router", "routerId: 224", "routerId: 225");
    branch(&story, "address", "10.20.0.26", "10.20.0.36");

    assert_eq!(git(&story, &["merge", "-q", "router"]).exit, 1, "git must not put two plans together by itself");
    let conflicting = git(&story, &["diff", "--name-only", "--diff-filter=U"]).out;
    assert!(conflicting.lines().any(|path| path == "plan/SHA256SUMS"), "{conflicting}");
    assert!(!conflicting.contains("migration.yaml"), "the edits of the spec do not touch: {conflicting}");

    let refused = story.verify(&["--format", "short"]);
    assert_eq!(refused.exit, 5, "{}", refused.err);
    assert!(refused.err.contains("plan/SHA256SUMS:"), "{}", refused.err);
    assert_eq!(story.mend(&refused), "replank compile migration.yaml -o plan --force");
    done(&story.verify(&[]));
    done(&git(&story, &["commit", "-q", "-a", "-m", "both"]));
    let spec = fs::read_to_string(story.path().join("migration.yaml")).unwrap();
    assert!(spec.contains("routerId: 225") && spec.contains("10.20.0.36"));
    assert_eq!(git(&story, &["status", "--porcelain"]).out, "", "nothing of either branch is left beside the plan");
}

#[test]
fn a_conflict_that_was_left_in_the_list_is_named_without_a_spec_too() {
    let story = Story::new();
    story.edit("plan/SHA256SUMS", "\n", "\n<<<<<<< HEAD\n=======\n>>>>>>> other\n");
    let refused = replank_in(story.path(), &["verify", "plan"]);
    assert_eq!(refused.exit, 5);
    assert!(refused.err.contains("plan/SHA256SUMS") && refused.err.contains("conflict of a merge"), "{}", refused.err);
}
