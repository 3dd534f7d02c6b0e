//! The review of a fleet: short enough to be read, and nothing left out that differs.

use super::{compiled, fleet, with_workers};

#[test]
fn a_fleet_is_a_row_and_what_differs_keeps_its_own() {
    let (small, large) = (compiled(&with_workers(&fleet(12))), compiled(&with_workers(&fleet(300))));
    let (small_review, review) = (&small.tree.files["REVIEW.md"], &large.tree.files["REVIEW.md"]);
    assert!(
        review.len() < small_review.len() + 200,
        "{} and {}: a review grows with what there is to see",
        small_review.len(),
        review.len()
    );
    assert!(review.contains("| `10-prepare/workstation` … `10-prepare/w-299` (308 steps) |"), "{review}");
    assert!(review.contains("- **phy-6** … `w-99` (301 machines)\n  - `steps/10-prepare/«name»/hosts` → "), "{review}");
    // Each other step has a row.
    for step in large.tree.document().unwrap().steps.iter().filter(|step| step.phase != "10-prepare" && step.phase != "60-add-workers") {
        assert!(review.contains(&format!("| `{}` |", step.id)), "{}", step.id);
    }
}

#[test]
fn the_rows_of_the_ledger_stand_for_every_step() {
    let compiled = compiled(&with_workers(&fleet(40)));
    let ledger = compiled.tree.files["REVIEW.md"].split("## ").find(|part| part.starts_with("Ledger")).unwrap();
    let rows = ledger.lines().filter(|line| line.starts_with('|')).skip(3);
    let steps = rows.map(|row| {
        let count =
            row.split_once(" steps)").and_then(|(before, _)| before.rsplit_once('(')).map(|(_, count)| count.parse::<usize>().unwrap());
        count.unwrap_or(1)
    });
    assert_eq!(steps.sum::<usize>(), compiled.tree.document().unwrap().steps.len());
}
