//! The workflow for GitHub Actions.

use std::collections::BTreeMap;
use std::fs;

use serde_yaml::Value;

use super::scratch::{Scratch, recipe};
use crate::cli::Ran;

const EDIT: (&str, &str) = ("10.20.0.25", "10.20.0.35");

/// What the runner knows of a pull request.
fn expression(text: &str) -> &'static str {
    match text {
        "github.event.pull_request.number" => "7",
        "github.token" => "a-token",
        other => panic!("the recipe uses `{other}`, which this test does not know"),
    }
}

fn environment(value: Option<&Value>) -> BTreeMap<String, String> {
    let Some(Value::Mapping(map)) = value else { return BTreeMap::new() };
    let resolved = |text: &str| match text.strip_prefix("${{ ").and_then(|text| text.strip_suffix(" }}")) {
        Some(inner) => expression(inner).to_owned(),
        None => text.to_owned(),
    };
    map.iter().map(|(key, value)| (key.as_str().unwrap().to_owned(), resolved(value.as_str().unwrap()))).collect()
}

/// Every step that runs a script, by its name, in order, whether or not one before it failed: so say the conditions of the recipe.
fn steps(scratch: &Scratch) -> Vec<(String, Ran)> {
    let workflow: Value = serde_yaml::from_str(&recipe("github-actions.yml")).unwrap();
    let job = &workflow["jobs"]["review"];
    assert_eq!(job["defaults"]["run"]["shell"], "bash", "with `bash` named, a script stops at the first error of a pipe");
    let all = environment(workflow.get("env"));
    let inside = |name: &str| scratch.temporary().join(name).display().to_string();
    let (temporary, summary, output) = (scratch.temporary().display().to_string(), inside("summary.md"), inside("output"));
    for old in ["summary.md", "output", "comment.md", "replank.sarif"] {
        let _ = fs::remove_file(scratch.temporary().join(old));
    }
    let mut ran: Vec<(String, Ran)> = Vec::new();
    for step in job["steps"].as_sequence().unwrap() {
        let Some(script) = step.get("run").and_then(Value::as_str) else { continue };
        assert!(!script.contains("${{"), "an expression in a script is replaced before the shell reads it: {script}");
        let condition = step.get("if").and_then(Value::as_str).unwrap_or_default();
        assert!(ran.is_empty() || condition.trim_start_matches('(').starts_with("success() || failure()"), "{condition}");
        let own = environment(step.get("env"));
        let fixed = [
            ("GITHUB_STEP_SUMMARY", summary.as_str()),
            ("GITHUB_OUTPUT", output.as_str()),
            ("GITHUB_REPOSITORY", "team/cluster"),
            ("RUNNER_TEMP", temporary.as_str()),
        ];
        let given: Vec<(&str, &str)> = all.iter().chain(&own).map(|(key, value)| (key.as_str(), value.as_str())).chain(fixed).collect();
        ran.push((step["name"].as_str().unwrap().to_owned(), scratch.run(script, &given)));
    }
    ran
}

/// The steps that failed, and how.
fn failed(ran: &[(String, Ran)]) -> Vec<(&str, i32)> {
    ran.iter().filter(|(_, ran)| ran.exit != 0).map(|(name, ran)| (name.as_str(), ran.exit)).collect()
}

/// All lines that are annotations of a severity.
fn annotations<'a>(ran: &'a [(String, Ran)], severity: &str) -> Vec<&'a str> {
    let lines = ran.iter().flat_map(|(_, ran)| ran.out.lines().chain(ran.err.lines()));
    lines.filter(|line| line.starts_with(&format!("::{severity}"))).collect()
}

#[test]
fn a_pull_request_gets_one_comment_that_is_kept_up_to_date() {
    let scratch = Scratch::new(("10.20.0.26", "10.20.0.36"));
    let head = scratch.head();
    scratch.merge();
    let ran = steps(&scratch);
    assert!(failed(&ran).is_empty(), "{ran:#?}");
    let comments = scratch.comments();
    assert_eq!(comments.len(), 1);
    let comment = &comments[0];
    assert!(comment.starts_with("<!-- replank: migration.yaml -->\n") && comment.contains(&format!("At {head}")), "{comment}");
    assert!(
        comment.contains("10.20.0.36") && !comment.contains("routerId"),
        "what main did meanwhile is no change of the branch: {comment}"
    );
    let command = format!("replank diff git:{}:migration.yaml git:{head}:migration.yaml", scratch.base);
    assert!(comment.contains(&format!("`{command}`")), "whoever reads it can run the command: {comment}");
    assert!(scratch.done(&command).contains("10.20.0.36"));
    assert_eq!(fs::read_to_string(scratch.temporary().join("summary.md")).unwrap(), *comment);
    let sarif: serde_json::Value = serde_json::from_str(&fs::read_to_string(scratch.temporary().join("replank.sarif")).unwrap()).unwrap();
    assert_eq!(sarif["version"], "2.1.0");
    assert_eq!(annotations(&ran, "warning").len(), 1, "each finding is annotated once: {ran:#?}");
    assert_eq!(scratch.left(), "", "nothing is written into the work tree");

    scratch.commit("sed -i s/10.20.0.36/10.20.0.46/ migration.yaml; replank compile migration.yaml -o plan");
    scratch.merge();
    steps(&scratch);
    let comments = scratch.comments();
    assert_eq!(comments.len(), 1, "the comment is updated, and no second one is written");
    assert!(comments[0].contains("10.20.0.46"));
}

#[test]
fn a_comment_of_a_person_with_the_same_beginning_is_left_alone() {
    let scratch = Scratch::new(EDIT);
    scratch.merge();
    scratch.comment_of_a_person("<!-- replank: migration.yaml -->\nmine");
    assert!(failed(&steps(&scratch)).is_empty());
    let comments = scratch.comments();
    assert_eq!((comments.len(), comments[0].as_str()), (2, "<!-- replank: migration.yaml -->\nmine"));
}

#[test]
fn a_runbook_edited_by_hand_fails_its_step_alone_and_is_the_first_that_the_comment_says() {
    let scratch = Scratch::new(EDIT);
    scratch.main_rests();
    scratch.commit("git checkout -q main -- migration.yaml plan; echo mine >> plan/RUNBOOK.md");
    scratch.done("git checkout -q --detach main && git merge -q --no-ff edit -m merged");
    let ran = steps(&scratch);
    assert_eq!(failed(&ran), [("Verify that the plan is what the spec compiles to", 5)], "{ran:#?}");
    assert!(annotations(&ran, "error")[0].starts_with("::error file=plan/RUNBOOK.md,"), "{ran:#?}");
    let comment = scratch.comments().remove(0);
    let first = "**`plan` is not what `migration.yaml` compiles to: 1 file differs. \
        Mend it with `replank compile migration.yaml -o plan --force`**";
    assert_eq!(comment.lines().nth(1), Some(first), "{comment}");
    assert!(comment.contains("nothing changed"), "the two specs are the same: {comment}");
}

#[test]
fn a_spec_that_is_refused_fails_with_annotations_and_takes_the_old_comment_back() {
    let scratch = Scratch::new(EDIT);
    scratch.main_rests();
    scratch.merge();
    steps(&scratch);
    let broken = scratch.commit("sed -i 's/join: learner/join: voter/' migration.yaml");
    scratch.done("git checkout -q --detach main && git merge -q --no-ff edit -m merged");
    let ran = steps(&scratch);
    assert_eq!(failed(&ran), [("Check the spec", 4), ("Verify that the plan is what the spec compiles to", 4)], "{ran:#?}");
    let errors = annotations(&ran, "error");
    assert!(errors.len() == 1 && errors[0].starts_with("::error file=migration.yaml,line="), "each finding is annotated once: {errors:?}");
    assert!(fs::read_to_string(scratch.temporary().join("replank.sarif")).unwrap().contains("\"V202\""));
    let comments = scratch.comments();
    assert!(comments.len() == 1 && comments[0].contains("### No plan") && comments[0].contains(&broken), "{comments:?}");
}

#[test]
fn a_pull_request_that_removes_the_migration_passes_and_one_that_forgets_the_plan_does_not() {
    let scratch = Scratch::new(EDIT);
    scratch.main_rests();
    scratch.commit("git rm -q migration.yaml");
    scratch.merge();
    let ran = steps(&scratch);
    let names: Vec<&str> = failed(&ran).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["Check the spec", "Verify that the plan is what the spec compiles to"], "{ran:#?}");
    assert!(scratch.comments()[0].contains("**`plan` is left without its spec `migration.yaml`"), "{:?}", scratch.comments());

    scratch.commit("git rm -q -r plan");
    scratch.merge();
    let ran = steps(&scratch);
    assert!(failed(&ran).is_empty(), "{ran:#?}");
    let comments = scratch.comments();
    assert!(comments.len() == 1 && comments[0].contains("### The migration is removed") && !comments[0].contains("**"), "{comments:?}");
    assert!(!scratch.temporary().join("output").exists(), "no findings are uploaded");
}

#[test]
fn a_pull_request_of_something_else_gets_no_comment_but_one_that_is_there_is_updated() {
    let scratch = Scratch::new(EDIT);
    scratch.merge();
    steps(&scratch);
    let head = scratch.commit("git checkout -q main~1 -- migration.yaml plan; echo text > other; git add other");
    scratch.merge();
    assert!(failed(&steps(&scratch)).is_empty());
    let comments = scratch.comments();
    assert!(comments[0].contains("nothing changed") && comments[0].contains(&head), "{comments:?}");

    let fresh = Scratch::new(EDIT);
    fresh.commit("git checkout -q main~1 -- migration.yaml plan; echo text > other; git add other");
    fresh.merge();
    assert!(failed(&steps(&fresh)).is_empty());
    assert_eq!(fresh.comments(), Vec::<String>::new());
}

#[test]
fn where_the_comment_cannot_be_written_the_step_fails_and_the_old_one_stays() {
    let scratch = Scratch::new(EDIT);
    scratch.merge();
    steps(&scratch);
    let before = scratch.comments();
    scratch.done("printf '#!/bin/sh\\nexit 70\\n' > ../bin/fake && chmod +x ../bin/fake && mv -f ../bin/fake ../bin/replank");
    let ran = steps(&scratch);
    assert!(failed(&ran).contains(&("Say what changed", 1)), "{ran:#?}");
    assert_eq!(scratch.comments(), before);
}

#[test]
fn copies_of_the_workflow_do_not_cancel_each_other_and_another_base_starts_it() {
    let workflow: Value = serde_yaml::from_str(&recipe("github-actions.yml")).unwrap();
    assert!(workflow["concurrency"]["group"].as_str().unwrap().contains("${{ github.workflow }}"));
    let steps = workflow["jobs"]["review"]["steps"].as_sequence().unwrap();
    let upload = steps.iter().find(|step| step["uses"].as_str().is_some_and(|uses| uses.contains("upload-sarif"))).unwrap();
    assert!(upload["with"]["category"].as_str().unwrap().contains("${{ github.workflow }}"));
    let types: Vec<&str> = workflow["on"]["pull_request"]["types"].as_sequence().unwrap().iter().filter_map(Value::as_str).collect();
    assert_eq!(types, ["opened", "synchronize", "reopened", "edited"]);
    assert!(workflow["jobs"]["review"].get("if").is_none(), "a job that is left out counts as one that passed");
}
