//! What counts as worse, and what never counts as better.

use replank::diff::DiffDocument;
use replank::diff::document::{Concern, Fate, Finding};

use super::honest::between;

fn of(findings: &[Finding], kind: Concern) -> Vec<&str> {
    findings.iter().filter(|finding| finding.kind == kind).map(|finding| finding.text.as_str()).collect()
}

const HOOK: &str = "    - id: back-up-tidb\n      at: {before: grow-etcd}\n";

/// The example without its backup: everything from its hook to the next key of the spec.
fn without_backup() -> DiffDocument {
    let base = super::example("k3s-external-etcd");
    let (start, end) = (base.find("  hooks:\n").unwrap(), base.rfind("\n").unwrap() + 1);
    let rest = &base[start + "  hooks:\n".len()..];
    let length = rest.lines().take_while(|line| line.starts_with("    ") || line.is_empty()).map(|line| line.len() + 1).sum::<usize>();
    let without = format!("{}{}", &base[..start], &base[(start + "  hooks:\n".len() + length).min(end)..]);
    super::compare(&super::side("a", &base), &super::side("b", &without))
}

#[test]
fn a_backup_that_is_gone_is_worse_and_better_in_nothing() {
    let found = without_backup();
    assert_eq!(of(&found.regressions, Concern::OwnStep), ["a step of the team's own is gone: Back up TiDB"]);
    assert!(found.improvements.is_empty(), "{:?}", found.improvements);
}

#[test]
fn a_backup_that_comes_after_what_cannot_be_undone_is_worse() {
    let found = between("k3s-external-etcd", &[(HOOK, "    - id: back-up-tidb\n      at: {after: swap-etcd}\n")]);
    let worse = of(&found.regressions, Concern::OwnStep);
    assert!(worse.len() == 1 && worse[0].starts_with("stands behind 50-move-virtual-ip/"), "{worse:?}");
    let step = found.steps.iter().find(|step| step.id.ends_with("hook.back-up-tidb")).unwrap();
    assert_eq!((step.fate, step.was.as_deref()), (Fate::Moved, Some("30-grow-etcd/hook.back-up-tidb")));
}

#[test]
fn a_backup_that_changes_and_moves_is_one_step() {
    let found = between(
        "k3s-external-etcd",
        &[(HOOK, "    - id: back-up-tidb\n      at: {before: add-control-plane}\n"), ("Back up TiDB", "Save TiDB")],
    );
    let fates: Vec<Fate> = found.steps.iter().filter(|step| step.id.ends_with("hook.back-up-tidb")).map(|step| step.fate).collect();
    assert_eq!(fates, [Fate::Changed]);
    assert!(of(&found.regressions, Concern::NoWayBack).is_empty());
}

#[test]
fn less_that_is_asked_of_an_application_is_worse() {
    let found = between("k3s-replace-dead-server", &[("needs: 3", "needs: 2")]);
    assert_eq!(of(&found.regressions, Concern::ApplicationVolumes), ["volumes that minio is said to need: 2 (before: 3)"]);
}

#[test]
fn etcd_without_tls_is_worse() {
    let base = super::example("k3s-replace-one");
    let (start, rest) = (base.find("      tls:").unwrap(), base.find("      tls:").map(|at| &base[at..]).unwrap());
    let length = rest.lines().skip(1).take_while(|line| line.starts_with("        ")).map(|line| line.len() + 1).sum::<usize>();
    let length = length + rest.lines().next().unwrap().len() + 1;
    let plain = format!("{}      tls: none\n{}", &base[..start], &base[start + length..]);
    let found = super::compare(&super::side("a", &base), &super::side("b", &plain));
    assert_eq!(of(&found.regressions, Concern::Policy), ["etcd is spoken to without TLS"]);
}

#[test]
fn the_values_of_both_plans_stand_in_their_order() {
    let found = between("k3s-external-etcd", &[("etcd: [phy-1, phy-2, phy-3, phy-4, phy-5]", "etcd: [phy-1, phy-2, phy-3]")]);
    assert_eq!(of(&found.regressions, Concern::EtcdTolerance), ["etcd tolerance 1 (before: 2), and lower than before at 9 more steps"]);
    let back = super::compare(
        &super::side(
            "b",
            &super::example("k3s-external-etcd").replace("etcd: [phy-1, phy-2, phy-3, phy-4, phy-5]", "etcd: [phy-1, phy-2, phy-3]"),
        ),
        &super::side("a", &super::example("k3s-external-etcd")),
    );
    assert_eq!(of(&back.improvements, Concern::EtcdTolerance), ["etcd tolerance 2 (before: 1), and higher than before at 9 more steps"]);
}
