//! `--format json` and `--format sarif`: standard error is one document and nothing else, so that `2> file` holds it, whatever happens.

use std::fs;

use serde_json::Value;

use super::stale::Story;
use super::{Ran, replank_in};

/// The document of a run in each format, after a look at the exit code.
fn documents(story: &Story, words: &[&str], exit: i32) -> [(Value, Ran); 2] {
    ["json", "sarif"].map(|format| {
        let ran = replank_in(story.path(), &[words, &["--format", format]].concat());
        assert_eq!(ran.exit, exit, "{words:?}: {ran:?}");
        (serde_json::from_str(&ran.err).unwrap_or_else(|error| panic!("{words:?}: {error} in\n{}", ran.err)), ran)
    })
}

fn notices(document: &Value) -> String {
    let pointers = ["/notices", "/runs/0/invocations/0/toolExecutionNotifications"];
    pointers.iter().find_map(|pointer| document.pointer(pointer)).map_or_else(String::new, Value::to_string)
}

#[test]
fn a_run_that_passes_is_a_document_and_its_result_goes_to_standard_output() {
    for words in
        [&["check", "migration.yaml"][..], &["verify", "plan", "--spec", "migration.yaml"], &["compile", "migration.yaml", "-o", "new"]]
    {
        let story = Story::new();
        for (document, ran) in documents(&story, words, 0) {
            assert_eq!(notices(&document), "");
            assert!(!ran.out.is_empty() && !ran.out.contains("ruleId"), "{}", ran.out);
        }
    }
}

#[test]
fn what_fails_besides_the_spec_is_in_the_document() {
    let story = Story::new();
    fs::write(story.path().join("plan/NOTES.md"), "notes").unwrap();
    fs::write(story.path().join("plan/REVIEW.md"), "edited").unwrap();
    let cases: [(&[&str], i32, &str); 5] = [
        (&["check", "absent.yaml"], 1, "cannot read `absent.yaml`"),
        (&["verify", "elsewhere"], 1, "there is no directory `elsewhere`"),
        (&["verify", "."], 5, "holds no plan"),
        (&["verify", "plan", "--spec", "migration.yaml"], 5, "replank compile migration.yaml -o plan --force"),
        (&["compile", "migration.yaml", "-o", "plan"], 1, "edited since replank wrote them"),
    ];
    for (words, exit, says) in cases {
        for (document, ran) in documents(&story, words, exit) {
            assert!(notices(&document).contains(says), "{words:?}: {document:#}");
            assert_eq!(ran.out, "");
        }
    }
    let [_, (document, _)] = documents(&story, &["check", "absent.yaml"], 1);
    assert_eq!(document["runs"][0]["invocations"][0]["executionSuccessful"], false);
    let [_, (document, _)] = documents(&story, &["verify", "plan"], 5);
    assert!(notices(&document).contains("not ours: plan/NOTES.md"), "{document:#}");
    assert_eq!(document["runs"][0]["results"][0]["ruleId"], "W101");
}

#[test]
fn a_refusal_is_a_document_without_the_ledger() {
    let story = Story::new();
    story.edit("migration.yaml", "join: learner", "join: voter");
    let [(json, _), (sarif, _)] = documents(&story, &["check", "migration.yaml"], 4);
    assert!(json["diagnostics"].as_array().unwrap().iter().any(|finding| finding["code"] == "V202"));
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results[0]["level"], "error", "the most severe first");
    let judged = results.iter().find(|result| result["ruleId"] == "V202").unwrap();
    assert!(judged["locations"][0]["logicalLocations"][0]["fullyQualifiedName"].as_str().unwrap().starts_with("30-grow-etcd/"));
    let rule = &sarif["runs"][0]["tool"]["driver"]["rules"][judged["ruleIndex"].as_u64().unwrap() as usize];
    assert_eq!((&rule["id"], &rule["name"]), (&Value::from("V202"), &Value::from("EtcdToleratesTooLittle")));
    assert!(rule["help"]["markdown"].as_str().unwrap().contains("## What to do"), "the page of the code");
}
