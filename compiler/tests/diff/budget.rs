//! A comment of any plan fits, whatever else must go; and what a reviewer must not miss stays.

use replank::diff::document::{Concern, Finding};
use replank::diff::show::markdown;
use replank::diff::{DiffDocument, Side};

use super::{compare, example, side};

const COMMAND: &str = "replank diff a b";

fn pair() -> (Side, Side) {
    let base = example("k3s-external-etcd");
    let edited = base.replace("etcd: [phy-1, phy-2, phy-3, phy-4, phy-5]", "etcd: [phy-1, phy-2, phy-3]");
    (side("a", &base), side("b", &edited))
}

/// The same difference with so many destructive steps and regressions.
fn with_many(count: usize) -> DiffDocument {
    let (before, after) = pair();
    let mut found = compare(&before, &after);
    let destructive = found.steps.iter().find(|step| step.destructive).unwrap().clone();
    for number in 0..count {
        let id = format!("70-remove-nodes/worker-{number}");
        found.destructive.push(id.clone());
        found.steps.push(replank::diff::document::StepChange { id: id.clone(), ..destructive.clone() });
        found.regressions.push(Finding {
            kind: Concern::NoWayBack,
            step: Some(id),
            text: "no way back: what is deleted is gone".to_owned(),
        });
    }
    found
}

/// Every block that was opened is closed, in order.
pub fn is_balanced(comment: &str) -> bool {
    let mut fence: Option<&str> = None;
    let mut folded = 0_i32;
    for line in comment.lines() {
        let marks = &line[..line.len() - line.trim_start_matches('`').len()];
        match fence {
            Some(open) if marks == open && line == open => fence = None,
            Some(_) => {}
            None if marks.len() >= 3 => fence = Some(marks),
            None if line.starts_with("<details") => folded += 1,
            None if line.starts_with("</details>") => folded -= 1,
            None => {}
        }
    }
    fence.is_none() && folded == 0
}

#[test]
fn a_comment_keeps_within_any_budget_and_closes_what_it_opens() {
    for count in [0, 10, 400, 10_000] {
        let found = with_many(count);
        for budget in [8_000, 10_000, 20_000, 60_000, 900_000] {
            let comment = markdown::comment(&found, budget, COMMAND);
            assert!(comment.len() <= budget, "{count} steps, {budget}: {} bytes\n{comment}", comment.len());
            assert!(is_balanced(&comment), "{count} steps, {budget}:\n{comment}");
            assert!(comment.starts_with("<!-- replank diff: uecm-tier-1 -->\n"), "the next run looks for this line");
        }
    }
}

#[test]
fn what_a_reviewer_must_not_miss_is_shortened_and_never_left_out() {
    let found = with_many(10_000);
    let comment = markdown::comment(&found, markdown::BUDGET, COMMAND);
    assert!(comment.contains("- no way back, 10000: `70-remove-nodes`: 10000"), "{}", &comment[..2_000]);
    assert!(comment.contains("**Worse than before**") && comment.contains("**Destructive steps"));
    let found = with_many(40);
    let comment = markdown::comment(&found, 8_000, COMMAND);
    for number in 0..40 {
        assert!(comment.contains(&format!("`70-remove-nodes/worker-{number}`")), "worker-{number} is missing:\n{comment}");
    }
}

#[test]
fn what_is_left_out_is_counted_and_the_command_that_shows_it_is_named() {
    let (before, after) = pair();
    let found = compare(&before, &after);
    let whole = markdown::comment(&found, 900_000, COMMAND);
    assert!(!whole.contains("Left out"), "{whole}");
    let short = markdown::comment(&found, 9_000, COMMAND);
    assert!(short.contains("_Left out: ") && short.ends_with("All of it: `replank diff a b`</sub>\n"), "{short}");
}

#[test]
fn a_plan_that_did_not_change_is_said_not_to_have_changed_at_any_budget() {
    let (before, _) = pair();
    let found = compare(&before, &before);
    assert!(found.is_nothing());
    for budget in [8_000, 60_000] {
        assert!(markdown::comment(&found, budget, COMMAND).contains("nothing changed"));
    }
}

#[test]
fn the_way_back_is_the_difference_turned_round() {
    let (before, after) = pair();
    let (there, back) = (compare(&before, &after), compare(&after, &before));
    let count = |found: &DiffDocument, fate| found.steps.iter().filter(|step| step.fate == fate).count();
    use replank::diff::document::Fate;
    assert_eq!((count(&there, Fate::Added), count(&there, Fate::Removed)), (count(&back, Fate::Removed), count(&back, Fate::Added)));
    assert_eq!(there.ledger.len(), back.ledger.len());
    assert_eq!(there.regressions.len(), back.improvements.len());
}
