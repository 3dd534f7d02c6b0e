//! The job for GitLab.

use std::fs;

use serde_yaml::Value;

use super::scratch::{Scratch, recipe};
use crate::cli::Ran;

/// The script's entries one after the other in one shell, as the runner has them; the shell of a small image knows no more than sh.
fn job(scratch: &Scratch, token: Option<&str>) -> Ran {
    let recipe: Value = serde_yaml::from_str(&recipe("gitlab-ci.yml")).unwrap();
    let job = &recipe["replank"];
    let script: Vec<&str> = job["script"].as_sequence().unwrap().iter().map(|entry| entry.as_str().unwrap()).collect();
    let variables = job["variables"].as_mapping().unwrap().iter().map(|(key, value)| (key.as_str().unwrap(), value.as_str().unwrap()));
    let (head, temporary) = (scratch.head(), scratch.temporary());
    let known = [
        ("CI_MERGE_REQUEST_DIFF_BASE_SHA", scratch.base.as_str()),
        ("CI_MERGE_REQUEST_IID", "7"),
        ("CI_MERGE_REQUEST_PROJECT_ID", "6"),
        ("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", ""),
        ("CI_COMMIT_SHA", head.as_str()),
        ("CI_API_V4_URL", "https://git.example.org/api/v4"),
        ("TMPDIR", temporary.to_str().unwrap()),
    ];
    let given: Vec<_> = variables.chain(known).chain(token.map(|token| ("REPLANK_TOKEN", token))).collect();
    scratch.run_by(&["dash", "-e"], &script.join("\n"), &given)
}

fn artifact(scratch: &Scratch, name: &str) -> String {
    fs::read_to_string(scratch.repository().join("replank-review").join(name)).unwrap()
}

#[test]
fn a_merge_request_gets_one_note_that_is_kept_up_to_date() {
    let scratch = Scratch::new(("10.20.0.26", "10.20.0.36"));
    scratch.comment_of_a_person("<!-- replank: migration.yaml -->\nnot the job's");
    let ran = job(&scratch, Some("a-token"));
    assert_eq!(ran.exit, 0, "{ran:?}");
    scratch.commit("sed -i s/10.20.0.36/10.20.0.46/ migration.yaml");
    let stale = job(&scratch, Some("a-token"));
    assert_eq!(stale.exit, 5, "{stale:?}");
    let notes = scratch.comments();
    assert_eq!(notes.len(), 2, "{notes:#?}");
    assert_eq!(notes[0], "<!-- replank: migration.yaml -->\nnot the job's");
    assert!(notes[1].contains("10.20.0.46") && !notes[1].contains("routerId"), "the note is written before the job fails: {}", notes[1]);
    assert!(notes[1].contains("files differ. Mend it with `"), "{}", notes[1]);
}

#[test]
fn in_a_pipeline_of_merged_results_the_branch_itself_is_compared() {
    let scratch = Scratch::new(("10.20.0.26", "10.20.0.36"));
    let head = scratch.head();
    scratch.merge();
    let given = format!("export CI_MERGE_REQUEST_SOURCE_BRANCH_SHA={head}");
    let recipe: Value = serde_yaml::from_str(&recipe("gitlab-ci.yml")).unwrap();
    let comment =
        recipe["replank"]["script"].as_sequence().unwrap().iter().filter_map(Value::as_str).find(|entry| entry.contains("base=")).unwrap();
    let script = format!("{given}\nfailed=0\nresults=../temporary\nSPEC=migration.yaml\nPLAN=plan\n{comment}");
    let ran = scratch.run_by(&["dash", "-e"], &script, &[("CI_MERGE_REQUEST_DIFF_BASE_SHA", &scratch.base)]);
    assert_eq!(ran.exit, 0, "{ran:?}");
    let written = fs::read_to_string(scratch.temporary().join("comment.md")).unwrap();
    assert!(written.contains(&format!("At {head}")) && !written.contains("routerId"), "{written}");
}

#[test]
fn without_a_token_or_with_one_that_expired_the_note_lies_beside_the_findings() {
    let scratch = Scratch::new(("10.20.0.26", "10.20.0.36"));
    for (token, says) in [(None, false), (Some("an-expired-token"), true)] {
        let ran = job(&scratch, token);
        assert_eq!((ran.exit, scratch.comments().len()), (0, 0), "{ran:?}");
        assert_eq!(ran.out.contains("has REPLANK_TOKEN expired"), says, "{ran:?}");
        assert!(artifact(&scratch, "comment.md").contains("10.20.0.36"));
        assert!(artifact(&scratch, "replank.sarif").contains("2.1.0"));
    }
}

#[test]
fn a_link_in_the_place_of_the_results_is_replaced_and_not_followed() {
    let scratch = Scratch::new(("10.20.0.26", "10.20.0.36"));
    scratch.commit("mkdir ../elsewhere; ln -s ../elsewhere replank-review; git add replank-review");
    let ran = job(&scratch, None);
    assert_eq!(ran.exit, 0, "{ran:?}");
    assert_eq!(scratch.done("ls ../elsewhere"), "");
    assert!(artifact(&scratch, "comment.md").contains("10.20.0.36"));
}

#[test]
fn a_spec_that_is_refused_fails_the_job_by_its_own_exit_code_and_says_so_in_the_note() {
    let scratch = Scratch::new(("10.20.0.26", "10.20.0.36"));
    scratch.commit("sed -i 's/join: learner/join: voter/' migration.yaml");
    assert_eq!(job(&scratch, Some("a-token")).exit, 4);
    assert!(scratch.comments()[0].contains("### No plan") && scratch.comments()[0].contains("error[V202]"));
}

#[test]
fn a_merge_request_that_removes_the_migration_passes_and_one_that_forgets_the_plan_does_not() {
    let scratch = Scratch::new(("10.20.0.26", "10.20.0.36"));
    scratch.commit("git rm -q migration.yaml");
    assert_ne!(job(&scratch, Some("a-token")).exit, 0);
    scratch.commit("git rm -q -r plan");
    let ran = job(&scratch, Some("a-token"));
    assert_eq!(ran.exit, 0, "{ran:?}");
    assert!(scratch.comments()[0].contains("### The migration is removed"), "{:?}", scratch.comments());
}

#[test]
fn a_merge_request_of_something_else_gets_no_note() {
    let scratch = Scratch::new(("10.20.0.26", "10.20.0.36"));
    scratch.commit("git checkout -q main~1 -- migration.yaml plan; echo text > other; git add other");
    let ran = job(&scratch, Some("a-token"));
    assert_eq!((ran.exit, scratch.comments().len()), (0, 0), "{ran:?}");
}

#[test]
fn where_the_note_cannot_be_told_the_job_fails_and_writes_none() {
    let scratch = Scratch::new(("10.20.0.26", "10.20.0.36"));
    let fake = "#!/bin/sh\n[ \"$1\" != diff ] || exit 70\n";
    scratch.done(&format!("rm ../bin/replank; printf '%s' '{fake}' > ../bin/replank; chmod +x ../bin/replank"));
    let ran = job(&scratch, Some("a-token"));
    assert_eq!((ran.exit, scratch.comments().len()), (1, 0), "{ran:?}");
    assert!(!scratch.repository().join("replank-review/comment.md").exists());
}
