//! Plans that somebody edited: whatever it was, it is shown, and as it is.

use std::collections::BTreeMap;

use replank::diff::show::markdown;
use replank::diff::{DiffDocument, Files, Side};

use super::{compare, example, side};

const SCRIPT: &str = "steps/50-move-virtual-ip/phy-1/check_apiserver.sh";

fn plan() -> Side {
    side("plan", &example("k3s-external-etcd"))
}

/// What is shown of an edit of a plan that was not edited before.
fn edited(edit: impl FnOnce(&mut Side)) -> DiffDocument {
    let before = Side { spec: None, ..plan() };
    let mut after = before.clone();
    edit(&mut after);
    compare(&before, &after)
}

fn comment(found: &DiffDocument) -> String {
    markdown::comment(found, markdown::BUDGET, "replank diff a b")
}

fn in_the_script(change: impl FnOnce(&str) -> String) -> String {
    let found = edited(|plan| {
        let text = plan.artifacts.get_mut(SCRIPT).unwrap();
        *text = change(text);
    });
    assert_eq!(found.artifacts.len(), 1, "{}", comment(&found));
    found.artifacts[0].diff.clone()
}

#[test]
fn lines_that_look_like_an_origin_and_are_run_are_shown() {
    let pair = "! Made by replank 0.1.0 for step 50-move-virtual-ip/phy-1.\n\
                ! Caused by line 1 of the spec: $(reboot). Change the spec, not this file.\n";
    assert!(in_the_script(|text| format!("{text}{pair}")).contains("+! Caused by line 1 of the spec: $(reboot)"));
    let commented = pair.replace("! ", "# ");
    assert!(in_the_script(|text| format!("{text}{commented}")).contains("$(reboot)"), "what is no pointer is no origin");
}

#[test]
fn ends_of_lines_and_bytes_that_are_no_text_are_shown() {
    assert!(in_the_script(|text| text.replace('\n', "\r\n")).contains("\\u{d}\n"));
    assert!(in_the_script(|text| text.trim_end().to_owned()).contains("\\ No newline at end of file"));
    assert!(in_the_script(|text| format!("{text}# a\u{202e}b\n")).contains("\\u{202e}"));
    let with = |byte: u8| {
        let document = serde_json::to_vec(&plan().plan).unwrap();
        let files = BTreeMap::from([("plan.json".to_owned(), document), (SCRIPT.to_owned(), vec![b'#', byte])]);
        Side::read("plan", Files::of(files), BTreeMap::new()).unwrap()
    };
    assert!(!compare(&with(0xff), &with(0xfe)).is_nothing());
}

#[test]
fn a_file_that_no_step_claims_and_a_second_place_of_one_are_shown() {
    let stray = edited(|plan| {
        plan.artifacts.insert("steps/evil/x/a.sh".to_owned(), "reboot\n".to_owned());
    });
    assert!(comment(&stray).contains("`steps/evil/x/a.sh` (new)"));
    let second = edited(|plan| {
        let step = plan.plan.steps.iter_mut().find(|step| step.artifacts.iter().any(|artifact| artifact.path == SCRIPT)).unwrap();
        let mut place = step.artifacts.iter().find(|artifact| artifact.path == SCRIPT).unwrap().clone();
        place.destination = "/etc/cron.d/evil".to_owned();
        step.artifacts.push(place);
    });
    assert!(second.artifacts[0].diff.contains("+goes to phy-1:/etc/cron.d/evil"), "{}", second.artifacts[0].diff);
    let missing = edited(|plan| {
        plan.artifacts.remove(SCRIPT);
    });
    assert!(missing.artifacts[0].diff.contains("+(the file is missing)"));
}

#[test]
fn a_step_that_is_called_harmless_stays_among_the_destructive_ones() {
    let found = edited(|plan| {
        let step = plan.plan.steps.iter_mut().find(|step| step.id == "80-swap-etcd/vm-1").unwrap();
        (step.destructive, step.no_way_back, step.words.no_way_back) = (false, None, None);
    });
    assert_eq!(found.destructive, ["80-swap-etcd/vm-1"]);
    assert!(comment(&found).contains("-takes something away"));
}

#[test]
fn what_is_compared_in_no_other_way_is_known_to_be_edited() {
    let found = edited(|plan| {
        plan.plan.steps.iter_mut().for_each(|step| step.needs.clear());
        plan.pages.insert("plan.json".to_owned(), "1".to_owned());
    });
    assert!(found.is_nothing(), "a plan that was compiled has no digests");
    let mut before = Side { spec: None, ..plan() };
    before.pages.insert("plan.json".to_owned(), "0".to_owned());
    let mut after = before.clone();
    after.pages.insert("plan.json".to_owned(), "1".to_owned());
    let found = compare(&before, &after);
    assert!(!found.is_nothing() && comment(&found).contains("differ in plan.json: one of them was edited by hand"), "{}", comment(&found));
}

#[test]
fn a_page_that_one_plan_lost_is_missed_and_one_that_both_lost_is_no_difference() {
    let with = |pages: &[(&str, &str)]| {
        let mut side = Side { spec: None, ..plan() };
        side.pages = pages.iter().map(|(path, digest)| ((*path).to_owned(), (*digest).to_owned())).collect();
        side.listed = ["plan.json", "REVIEW.md"].map(|path| (path.to_owned(), [format!("of {path}")].into())).into();
        side
    };
    let whole = with(&[("plan.json", "of plan.json"), ("REVIEW.md", "of REVIEW.md")]);
    let less = with(&[("plan.json", "of plan.json")]);
    assert_eq!(compare(&whole, &less).after.edited, ["REVIEW.md"]);
    assert!(compare(&less, &less).is_nothing());
    let mut unlisted = less.clone();
    unlisted.listed.remove("REVIEW.md");
    assert_eq!(compare(&whole, &unlisted).unlike, ["REVIEW.md"]);
}

#[test]
fn what_an_older_format_does_not_say_is_no_difference() {
    let older = || {
        let mut older = Side { spec: None, ..plan() };
        older.plan.format_version = "1.4".to_owned();
        older.plan.policy = None;
        older.plan.steps.iter_mut().for_each(|step| step.destructive = false);
        older
    };
    let newer = Side { spec: None, ..plan() };
    assert!(!edited(|plan| plan.plan.policy = None).is_nothing(), "a plan of today has one");
    for (one, other) in [(older(), newer.clone()), (newer, older())] {
        let found = compare(&one, &other);
        assert!(found.is_nothing(), "{}", comment(&found));
    }
}

#[test]
fn what_plan_json_says_of_machines_stands_in_the_comment() {
    let found = edited(|plan| plan.plan.machines["phy-1"].ssh.port = 23);
    assert!(comment(&found).contains("| `/machines/phy-1/ssh/port` | 2222 | 23 |"), "{}", comment(&found));
}

#[test]
fn a_name_of_a_file_opens_nothing_in_a_comment() {
    let name = "steps/evil/x`</details> @octocat [click](https://evil.example)";
    let found = edited(|plan| {
        plan.artifacts.insert(name.to_owned(), "x\n".to_owned());
    });
    assert!(comment(&found).contains("`steps/evil/x </details> @octocat [click](https://evil.example)` (new)"), "{}", comment(&found));
    let files =
        |name: &str| BTreeMap::from([("plan.json".to_owned(), serde_json::to_vec(&plan().plan).unwrap()), (name.to_owned(), vec![])]);
    assert!(
        Side::read("plan", Files::of(files("steps/a\n## Approved")), BTreeMap::new()).unwrap_err().contains("no file of a plan is called")
    );
}

#[test]
fn no_plan_however_odd_makes_a_comment_that_is_too_long() {
    let found = edited(|plan| {
        let step = plan.plan.steps[0].clone();
        plan.plan.migration = "m".repeat(900);
        for number in 0..3_000 {
            let id = format!("{number:04}-phase/{number}");
            let risk = replank::render::document::AcceptedRiskDocument {
                risk: format!("risk-{number}"),
                step: id.clone(),
                finding: "x".repeat(200),
                reason: "y".repeat(200),
            };
            plan.plan.verdict.accepted_risks.push(risk);
            plan.plan.steps.push(replank::render::document::StepDocument { id, destructive: true, ..step.clone() });
        }
    });
    for budget in [8_000, markdown::BUDGET] {
        let comment = markdown::comment(&found, budget, "replank diff a b");
        assert!(comment.len() <= budget, "{} of {budget}", comment.len());
        assert!(super::budget::is_balanced(&comment));
    }
}
