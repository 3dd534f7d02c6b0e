//! The script that both recipes call: which of the reasons it gives why there is nothing to compare, and that it gives none by guess.

use super::scratch::{SCRIPT, Scratch};
use crate::cli::Ran;

const EDIT: (&str, &str) = ("10.20.0.25", "10.20.0.35");

/// Without what main did meanwhile: the branch is checked out.
fn scratch() -> Scratch {
    let scratch = Scratch::new(EDIT);
    scratch.main_rests();
    scratch
}

fn comment(scratch: &Scratch, base: &str, head: &str) -> Ran {
    scratch.run(&format!("bash {SCRIPT} {base} {head} migration.yaml plan"), &[("RUNNER_TEMP", scratch.temporary().to_str().unwrap())])
}

#[track_caller]
fn says(ran: &Ran, words: &str) {
    assert_eq!(ran.exit, 0, "{ran:?}");
    assert!(ran.out.starts_with("<!-- replank: migration.yaml -->\n") && ran.out.contains(words), "{}", ran.out);
}

#[track_caller]
fn fails(ran: &Ran, words: &str) {
    assert!(ran.exit != 0 && ran.out.is_empty(), "nothing that could be posted: {ran:?}");
    assert!(ran.err.contains(words), "{}", ran.err);
}

#[test]
fn what_was_not_there_before_is_a_new_plan() {
    let scratch = scratch();
    let empty = scratch.done("git commit-tree -m empty $(git hash-object -w -t tree /dev/null)");
    let ran = comment(&scratch, empty.trim(), &scratch.head());
    says(&ran, "\n### A new plan\n\nRead `plan/REVIEW.md` first.\n");
    let broken = scratch.commit("sed -i 's/join: learner/join: voter/' migration.yaml");
    says(&comment(&scratch, empty.trim(), &broken), "### No plan\n");
}

#[test]
fn what_is_gone_is_removed() {
    let scratch = scratch();
    let head = scratch.commit("git rm -q -r migration.yaml plan");
    let ran = comment(&scratch, &scratch.base, &head);
    says(&ran, "-->\n### The migration is removed\n");
    says(&comment(&scratch, &head, &head), "-->\n### No migration\n");
}

#[test]
fn a_spec_without_a_plan_has_its_findings_in_the_comment() {
    let scratch = scratch();
    let head = scratch.commit("sed -i 's/join: learner/join: voter/' migration.yaml");
    let ran = comment(&scratch, &scratch.base, &head);
    says(&ran, "### No plan\n");
    assert!(!ran.out.contains("**"), "it is said once: {}", ran.out);
    let finding = ran.out.lines().find(|line| line.starts_with("migration.yaml:61:12: error[V202]")).expect(&ran.out);
    assert!(finding.contains("30-grow-etcd/phy-1"), "{finding}");
    assert!(ran.out.find("error[V202]") < ran.out.find("warning[M204]"), "errors come first: {}", ran.out);
    // The work tree does not matter here: it may hold anything.
    scratch.done("git checkout -q main");
    says(&comment(&scratch, &scratch.base, &head), "### No plan\n");
}

#[test]
fn findings_do_not_leave_their_fence_and_many_are_cut() {
    let scratch = scratch();
    let ticks = scratch.commit("sed -i 's/join: learner/join: \"```` @all\"/' migration.yaml");
    let ran = comment(&scratch, &scratch.base, &ticks);
    says(&ran, "### No plan\n");
    assert!(ran.out.contains("```` @all"), "the finding quotes the spec: {}", ran.out);
    assert_eq!(ran.out.lines().filter(|line| *line == "``````").count(), 2, "{}", ran.out);
    let many = scratch.commit("for number in $(seq 30); do echo \"unknown$number: 1\"; done >> migration.yaml");
    let ran = comment(&scratch, &scratch.base, &many);
    says(&ran, " more: see the run.\n");
    assert_eq!(ran.out.lines().filter(|line| line.starts_with("migration.yaml:")).count(), 20, "{}", ran.out);
}

#[test]
fn where_the_spec_of_before_had_no_plan_that_is_what_it_says() {
    let scratch = scratch();
    let broken = scratch.commit("sed -i 's/join: learner/join: voter/' migration.yaml");
    let mended = scratch.commit("sed -i 's/join: voter/join: learner/' migration.yaml");
    let ran = comment(&scratch, &broken, &mended);
    says(&ran, "The spec of before compiles to no plan: there is nothing to compare with. Read `plan/REVIEW.md`.");
    assert!(!ran.out.contains("### No plan"), "{}", ran.out);
}

#[test]
fn a_commit_that_is_not_in_the_clone_fails() {
    let scratch = scratch();
    let head = scratch.head();
    let absent = "0123456789012345678901234567890123456789";
    fails(&comment(&scratch, absent, &head), "not in this clone");
    fails(&comment(&scratch, &scratch.base, absent), "not in this clone");
    fails(&comment(&scratch, "''", &head), "not in this clone");
}

#[test]
fn a_program_that_fails_or_is_missing_is_no_reason() {
    let scratch = scratch();
    let head = scratch.head();
    for exit in [1, 2, 64, 70, 127] {
        let fake = format!("#!/bin/sh\necho broken >&2\nexit {exit}\n");
        scratch.done(&format!("rm ../bin/replank; printf '{fake}' > ../bin/replank; chmod +x ../bin/replank"));
        fails(&comment(&scratch, &scratch.base, &head), &format!("ended with {exit}"));
    }
    // It works in the work tree alone: the difference fails.
    scratch.done("printf '#!/bin/sh\\n[ \"$1\" = verify ] || exit 5\\n' > ../bin/replank");
    fails(&comment(&scratch, &scratch.base, &head), "replank diff ended with 5");
    // The difference alone works.
    for exit in [1, 70] {
        scratch.done(&format!("printf '#!/bin/sh\\n[ \"$1\" = diff ] || exit {exit}\\n' > ../bin/replank"));
        fails(&comment(&scratch, &scratch.base, &head), &format!("replank verify ended with {exit}"));
    }
    scratch.done("rm ../bin/replank");
    fails(&comment(&scratch, &scratch.base, &head), "ended with 127");
}

#[test]
fn a_link_in_the_place_of_the_spec_is_refused() {
    let scratch = scratch();
    let head = scratch.commit("mv migration.yaml other.yaml; ln -s other.yaml migration.yaml; git add -A");
    fails(&comment(&scratch, &scratch.base, &head), "is no file at");
}

#[test]
fn a_stale_plan_and_one_that_was_never_written_come_first() {
    let scratch = scratch();
    let head = scratch.commit("sed -i s/10.20.0.26/10.20.0.36/ migration.yaml");
    let ran = comment(&scratch, &scratch.base, &head);
    says(
        &ran,
        "-->\n**`plan` is not what `migration.yaml` compiles to: 8 files differ. Mend it with `replank compile migration.yaml -o plan`**\n\n<!--",
    );
    let without = scratch.commit("git rm -q -r plan");
    let ran = comment(&scratch, &scratch.base, &without);
    says(&ran, "-->\n**There is no `plan`. Write it with `replank compile migration.yaml -o plan`**\n");
    // What is checked out may be merged with more than the branch knows.
    scratch.done("git checkout -q main -- plan && sed -i 's/join: learner/join: voter/' migration.yaml");
    let ran = comment(&scratch, &scratch.base, &without);
    says(&ran, "-->\n**Merged with its base, the spec compiles to no plan: see the run.**\n");
}

#[test]
fn it_runs_in_a_subfolder_and_leaves_nothing() {
    let scratch = scratch();
    let head = scratch.head();
    let ran = scratch.run(
        &format!("cd scripts && bash ../{SCRIPT} {} {head} migration.yaml plan", scratch.base),
        &[("RUNNER_TEMP", scratch.temporary().to_str().unwrap())],
    );
    says(&ran, "10.20.0.35");
    assert_eq!(scratch.left(), "");
    assert_eq!(std::fs::read_dir(scratch.temporary()).unwrap().count(), 0);
}
