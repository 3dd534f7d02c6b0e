//! Which edit is named for which step: the right one, in the right words, and without compiling a large plan again and again.

use std::cell::Cell;
use std::fmt::Write;

use replank::diff::document::{DiffDocument, Edit, StepChange};
use replank::diff::show::{markdown, text};
use replank::diff::{self, schema};

use super::{compare, example, quietly, side};

fn edited(base: &str, edits: &[(&str, &str)]) -> String {
    edits.iter().fold(base.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "the spec does not hold `{from}`");
        text.replace(from, to)
    })
}

fn between(before: &str, after: &str) -> DiffDocument {
    compare(&side("a", before), &side("b", after))
}

fn comment(found: &DiffDocument) -> String {
    markdown::comment(found, markdown::BUDGET, "replank diff a b")
}

fn edits(found: &DiffDocument) -> &[Edit] {
    found.edits.as_deref().unwrap()
}

/// What was added by the edits behind a step.
fn behind<'a>(found: &'a DiffDocument, step: &StepChange) -> Vec<&'a str> {
    step.edits.iter().map(|edit| edits(found)[*edit].added[0].trim()).collect()
}

/// A comment behind every second line, up to the text of a hook's command.
fn commented(text: &str) -> String {
    let end = text.find("          shell: |").or(text.find("        - shell: |")).unwrap_or(text.len());
    let (head, rest) = text.split_at(end);
    let line = |(number, line): (usize, &str)| {
        let is_taken = number % 2 == 1 && !line.is_empty() && !line.contains('#');
        format!("{line}{}\n", if is_taken { "  # ok" } else { "" })
    };
    head.lines().enumerate().map(line).collect::<String>() + rest
}

#[test]
fn a_comment_is_named_for_no_step_however_many_there_are() {
    let base = example("k3s-external-etcd");
    let after = commented(&edited(&base, &[("dataDir: /mnt/disks/etcd", "dataDir: /tmp2/etcd"), ("routerId: 224", "routerId: 225")]));
    assert!(after.matches("# ok").count() > 25, "{after}");
    let found = between(&base, &after);
    let [directory, router] = edits(&found) else { panic!("{:#?}", found.edits) };
    let says = |edit: &Edit, what: &str| edit.added.iter().any(|line| line.contains(what));
    assert!(says(directory, "dataDir: /tmp2/etcd") && says(router, "routerId: 225"), "{:#?}", found.edits);
    for step in &found.steps {
        assert_eq!(step.edits.len(), 1, "{}: {:?}", step.id, behind(&found, step));
    }
}

#[test]
fn comments_alone_are_no_edits() {
    let base = example("k3s-external-etcd");
    let found = between(&base, &commented(&base));
    assert!(found.is_nothing());
    assert!(edits(&found).is_empty(), "{:#?}", found.edits);
}

#[test]
fn a_carriage_return_in_a_comment_of_both_specs_shifts_no_cause() {
    let changes = [
        ("routerId: 224", "routerId: 223"),
        ("minimumEtcdTolerance: 1", "minimumEtcdTolerance: 0"),
        ("backup-and-save", "backup-and-save || true"),
    ];
    let plain = example("k3s-external-etcd");
    let with_it = plain.replacen("spec:\n  cluster", "spec:\n  # a\r  # b\r  # c\r  # d\n  cluster", 1);
    let (found, shifted) = (between(&plain, &edited(&plain, &changes)), between(&with_it, &edited(&with_it, &changes)));
    let causes = |found: &DiffDocument| found.steps.iter().map(|step| (step.id.clone(), step.edits.clone())).collect::<Vec<_>>();
    assert!(!causes(&found).is_empty());
    assert_eq!(causes(&found), causes(&shifted));
    let lines = |found: &DiffDocument| edits(found).iter().map(|edit| edit.line_after).collect::<Vec<_>>();
    assert_eq!(lines(&shifted), lines(&found).iter().map(|line| line + 1).collect::<Vec<_>>(), "one line more, not four");
}

#[test]
fn the_same_spec_with_the_ends_of_lines_of_another_system_has_the_same_edits() {
    let base = example("k3s-external-etcd");
    let after = edited(&base, &[("dataDir: /mnt/disks/etcd", "dataDir: /tmp2/etcd"), ("routerId: 224", "routerId: 225")]);
    let (found, other) = (between(&base, &after), between(&base, &after.replace('\n', "\r\n")));
    assert_eq!(edits(&found), edits(&other));
}

#[test]
fn a_risk_that_was_accepted_together_with_the_edit_that_brings_it_is_named_for_no_step() {
    let after = example("kubean-replace-nodes");
    let without_it = &after[..after.find("  accept:\n").unwrap()];
    let before = edited(without_it, &[("etcd: [etcd-3, etcd-4, etcd-5]", "etcd: [etcd-1, etcd-2, etcd-3]")]);
    let found = between(&before, &after);
    let [members, accepted] = edits(&found) else { panic!("{:#?}", found.edits) };
    assert!(members.steps.len() > 20 && members.added == ["    etcd: [etcd-3, etcd-4, etcd-5]"], "{members:#?}");
    assert!(accepted.needed && accepted.steps.is_empty(), "{accepted:#?}");
    let words = "changes no step by itself, but there is no plan without it";
    assert!(comment(&found).contains(words) && text::whole(&found).contains(words), "{}", text::whole(&found));
    assert!(jsonschema::is_valid(&schema(), &serde_json::to_value(&found).unwrap()));
}

#[test]
fn an_edit_without_which_there_is_no_plan_is_named_for_no_step_that_another_one_explains() {
    let base = example("k3s-external-etcd");
    let machine = ("    phy-6: {address: 10.20.0.26", "    phy-7: {address: 10.20.0.27}\n    phy-6: {address: 10.20.0.26");
    let role = ("workers: [phy-4, phy-5, phy-6]", "workers: [phy-4, phy-5, phy-6, phy-7]");
    let found = between(&base, &edited(&base, &[machine, role]));
    let [machine, role] = edits(&found) else { panic!("{:#?}", found.edits) };
    assert!(machine.needed && machine.steps.is_empty(), "a machine without a role is in no step: {machine:#?}");
    assert!(!role.needed && role.steps.len() == found.steps.len(), "{role:#?}");
}

#[test]
fn lines_that_are_gone_have_the_number_that_they_had_wherever_they_are_named() {
    let base = example("k3s-replace-dead-server");
    let start = base.find("    - name: victoria-metrics\n").unwrap();
    let end = start + base[start..].find("      data: disposable\n").unwrap() + "      data: disposable\n".len();
    // Lines are added above, so that the numbers of both specs differ.
    let after = format!("# One.\n# Two.\n{}{}", &base[..start], &base[end..]);
    let found = between(&base, &after);
    let line = edits(&found)[0].line_before;
    assert_ne!(line, edits(&found)[0].line_after);
    let (comment, text) = (comment(&found), text::whole(&found));
    assert!(comment.contains(&format!("\nLine {line} of before: behind ")), "{comment}");
    assert!(comment.contains(&format!("| line {line} of before |\n")), "{comment}");
    assert!(text.contains(&format!("  line {line} of before: behind ")), "{text}");
}

#[test]
fn an_edit_without_consequences_is_said_to_have_none() {
    let base = example("k3s-external-etcd");
    let found = between(&base, &edited(&base, &[("title: Move the tier-1 platform", "title: Bring the tier-1 platform")]));
    assert!(found.steps.is_empty());
    assert!(comment(&found).contains("Line 8: changes no step\n"), "{}", comment(&found));
    assert!(text::whole(&found).contains(": changes no step\n"));
}

/// How often a difference asks for a plan.
fn asked(before: &str, after: &str) -> usize {
    let count = Cell::new(0);
    let compile = |text: &str| {
        count.set(count.get() + 1);
        quietly(text)
    };
    let found = diff::compare(&side("a", before), &side("b", after), &compile);
    assert!(!found.steps.is_empty());
    count.get()
}

#[test]
fn a_plan_is_compiled_again_for_each_edit_unless_it_is_too_long_for_that() {
    let base = example("k3s-external-etcd");
    let changes = [
        ("routerId: 224", "routerId: 225"),
        ("dataDir: /mnt/disks/etcd", "dataDir: /mnt/disks/etc2"),
        ("minimumEtcdTolerance: 1", "minimumEtcdTolerance: 0"),
        ("controlPlane: [phy-1, phy-2, phy-3]", "controlPlane: [phy-3, phy-2, phy-1]"),
        ("phy-6: {address: 10.20.0.26", "phy-6: {address: 10.20.0.36"),
    ];
    assert_eq!(asked(&base, &edited(&base, &changes)), changes.len());
    // Few steps, each of which says much.
    let mut long = base[..base.find("  hooks:").unwrap()].to_owned() + "  hooks:\n";
    let words = "              some words of a command that is long\n".repeat(300);
    for number in 0..90 {
        let shell = if number == 0 { format!("&long |\n{words}") } else { "*long\n".to_owned() };
        let _ = write!(
            long,
            "    - id: hook-{number}\n      at: {{before: grow-etcd}}\n      on: workstation\n      title: {{en: A, zh: 甲}}\n      run:\n        - shell: {shell}\n      \
             verify: [{{shell: *long }}]\n      rollback: [{{shell: *long }}]\n"
        );
    }
    assert_eq!(asked(&long, &edited(&long, &changes)), 0, "{} bytes", long.len());
}

#[test]
fn a_long_edit_is_cut_and_hides_no_short_one() {
    let base = example("k3s-external-etcd");
    let long = format!("backup-and-save {}", "lorem ipsum ".repeat(6_000));
    let changes = [
        ("dataDir: /mnt/disks/etcd", "dataDir: /mnt/disks/etc2"),
        ("backup-and-save", long.as_str()),
        ("expect: tidb-backup-", "expect: tidb-saved-"),
    ];
    let found = between(&base, &edited(&base, &changes));
    let comment = comment(&found);
    for edit in edits(&found) {
        assert!(comment.contains(&format!("\nLine {}: ", edit.line_after)), "line {}:\n{comment}", edit.line_after);
    }
    assert!(comment.contains("lorem ipsum") && comment.contains("…\n"), "{comment}");
    assert!(comment.contains("+          expect: tidb-saved-\n") && !comment.contains("edits of the spec;"), "{comment}");
    let mut found = found;
    let edit = &mut found.edits.as_mut().unwrap()[1];
    edit.added = (0..100).map(|number| format!("number {number}")).collect();
    let comment = markdown::comment(&found, markdown::BUDGET, "replank diff a b");
    assert!(comment.contains("+number 11\n+ and 88 more lines …\n"), "{comment}");
}

#[test]
fn edits_for_which_there_is_no_room_are_named_by_their_lines() {
    let base = example("k3s-external-etcd");
    let mut found = between(&base, &edited(&base, &[("routerId: 224", "routerId: 225")]));
    let edit = Edit { added: vec!["x".repeat(400); 30], ..edits(&found)[0].clone() };
    found.edits = Some((1..=200).map(|line| Edit { line_after: line * 3, ..edit.clone() }).collect());
    let comment = comment(&found);
    assert!(comment.len() <= markdown::BUDGET);
    for edit in edits(&found) {
        let (shown, named) = (format!("\nLine {}: behind", edit.line_after), format!("\n- line {}: behind", edit.line_after));
        assert!(comment.contains(&shown) || comment.contains(&named), "line {}:\n{comment}", edit.line_after);
    }
    assert!(comment.contains("\nLine 3: behind"), "some are shown:\n{comment}");
}
