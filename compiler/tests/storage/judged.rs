//! What is refused about volumes, and what the ledger counts: a plan of the planner with one thing broken.

use replank::diag::Code;
use replank::diag::render::{Format, Style, render};
use replank::ir::{Action, Ledger, Plan};
use replank::source::SourceFile;

use super::{DEAD_SERVER, K3S, REPLACED, accepting, application, edited, judged, planned, store, unique, with};
use crate::judge::show::keep;

/// How many volumes of the first application are there after each step that makes one anew, and at the worst moment inside.
fn there(ledger: &Ledger) -> Vec<(usize, usize)> {
    let rows = ledger.rows.iter().filter(|row| row.step.as_ref().is_some_and(|step| step.as_str().contains("store/")));
    let fewest = |row: &replank::ir::Row| row.during.as_ref().map_or(row.after.storage[0].there.len(), |during| during.storage[0].1);
    rows.map(|row| (row.after.storage[0].there.len(), fewest(row))).collect()
}

/// The plan of a spec is refused under this code; what is said is kept as a picture.
fn exactly(code: Code, text: &str, plan: Option<&Plan>) {
    let (migration, own) = planned(text);
    let (_, findings) = replank::verify::judge(&migration, plan.unwrap_or(&own));
    let story = render(&findings, &SourceFile::new("migration.yaml", text), Format::Human, Style::Plain);
    let codes: std::collections::BTreeSet<_> = findings.iter().map(|finding| finding.code).collect();
    assert_eq!(codes, std::collections::BTreeSet::from([code]), "{story}");
    keep("diagnostics", &format!("{}-{}", code.name(), code.slug()), &story);
}

/// The planner's steps, but for one.
fn without(text: &str, id: &str) -> Plan {
    let (_, mut plan) = planned(text);
    let before = plan.steps.len();
    plan.steps.retain(|step| step.id.as_str() != id);
    assert_eq!(plan.steps.len(), before - 1, "no step {id}");
    for step in &mut plan.steps {
        step.needs.retain(|need| need.as_str() != id);
    }
    plan
}

#[test]
fn the_plan_for_the_server_that_died_is_safe_and_heals_what_it_lost() {
    let (ledger, findings) = judged(DEAD_SERVER);
    assert_eq!(findings, Vec::<String>::new());
    let [before, .., after] = ledger.rows.as_slice() else { panic!("{ledger:?}") };
    let counted = |row: &replank::ir::Row| row.after.storage.iter().map(|frame| frame.there.len()).collect::<Vec<_>>();
    assert_eq!((counted(before), counted(after)), (vec![3, 3, 0], vec![4, 4, 1]));
    // Two of its volumes lie on one machine: at the source that was so, and it is no worse.
    assert_eq!(
        after.after.storage[0].fatal_hosts,
        super::migration(DEAD_SERVER).target.control_plane[1..2].iter().map(|role| role.value.clone()).collect::<Vec<_>>()
    );
}

#[test]
fn the_ledger_counts_volumes_like_members_of_etcd() {
    let (ledger, findings) = judged(&with(K3S, &[store(2, &["vm-1", "vm-2", "vm-3"])]));
    assert_eq!(findings, Vec::<String>::new());
    assert_eq!(there(&ledger), [(3, 2), (3, 2), (3, 2)]);
}

#[test]
fn an_application_that_needs_all_of_its_volumes_can_spare_none() {
    exactly_below(&with(K3S, &[store(3, &["vm-1", "vm-2", "vm-3"])]));
}

/// Nothing can be healed either where all of them are needed.
fn exactly_below(text: &str) {
    let (_, findings) = judged(text);
    assert_eq!(
        findings,
        ["V408 at 70-remove-nodes/vm-1.volumes/store/disk-store-0", "V407 at 70-remove-nodes/vm-1.volumes/store/disk-store-0"]
    );
}

#[test]
fn an_application_falls_below_what_it_needs() {
    let text = with(K3S, &[store(3, &["vm-1", "vm-2", "vm-3"]).replace("replicated", "disposable")]);
    exactly(Code::V407, &text, None);
    let accepted = accepting(&text, &[("application-outage", "70-remove-nodes")]);
    assert_eq!(judged(&accepted).1, Vec::<String>::new());
}

#[test]
fn data_that_is_nowhere_else_is_not_given_up_without_a_name_for_it() {
    let text = with(K3S, &[unique(&["vm-1"])]);
    exactly(Code::V408, &text, None);
    let accepted = accepting(&text, &[("data-loss", "70-remove-nodes/vm-1.volumes/store/disk-store-0")]);
    assert_eq!(judged(&accepted).1, Vec::<String>::new());
}

#[test]
fn what_too_few_are_left_of_cannot_be_healed() {
    let text = with(REPLACED, &[store(2, &["worker-2", "worker-3"])]);
    assert_eq!(judged(&text).1, ["V408 at 61-recover-volumes/store/disk-store-0"]);
    assert_eq!(judged(&accepting(&text, &[("data-loss", "61-recover-volumes")])).1, Vec::<String>::new());
}

#[test]
fn a_volume_that_nobody_moved_is_left_behind() {
    let text = with(K3S, &[application("store", "data: disposable", &["vm-1", "vm-2", "vm-3"])]);
    let plan = without(&text, "70-remove-nodes/vm-3.volumes/store/disk-store-2");
    exactly(Code::V409, &text, Some(&plan));
}

#[test]
fn one_machine_must_not_come_to_hold_what_an_application_cannot_spare() {
    let one = edited(REPLACED, &[("workers: [worker-3, worker-4, worker-5]", "workers: [worker-3]")]);
    let one = edited(&one, &[("    worker-4: {address: 10.8.0.34}\n", ""), ("    worker-5: {address: 10.8.0.35}\n", "")]);
    exactly(Code::V410, &with(&one, &[store(1, &["worker-1", "worker-3"])]), None);
}

#[test]
fn a_volume_is_made_anew_only_from_where_it_lies_and_where_pods_go() {
    let text = with(K3S, &[store(2, &["vm-1", "vm-2", "vm-3"])]);
    let (migration, plan) = planned(&text);
    let broken = |change: fn(&mut Action)| {
        let mut plan = plan.clone();
        let step = plan.steps.iter_mut().find(|step| matches!(step.action, Action::RecoverVolume { .. })).unwrap();
        change(&mut step.action);
        let (_, findings) = replank::verify::judge(&migration, &plan);
        findings.iter().map(|finding| finding.code.name()).next().map(str::to_owned)
    };
    let to_itself = broken(|action| {
        let Action::RecoverVolume { from, to, .. } = action else { return };
        to.clone_from(from);
    });
    let from_elsewhere = broken(|action| {
        let Action::RecoverVolume { from, .. } = action else { return };
        *from = replank::model::MachineName::parse("vm-2").unwrap();
    });
    let to_nobody = broken(|action| {
        let Action::RecoverVolume { to, .. } = action else { return };
        *to = replank::model::MachineName::parse("vm-9").unwrap();
    });
    assert_eq!([to_itself, from_elsewhere, to_nobody].map(Option::unwrap), ["V405", "V405", "V405"]);
}

/// What proves that every volume is whole fails while one is not: a volume is counted when the last of them is back.
#[test]
fn two_volumes_that_were_lost_together_count_when_both_have_healed() {
    let (ledger, findings) = judged(&with(REPLACED, &[store(2, &["worker-2", "worker-2", "worker-1", "worker-3"])]));
    assert_eq!(findings, Vec::<String>::new());
    assert_eq!(there(&ledger), [(2, 2), (4, 4), (4, 3)]);
}

/// It lies there all the same: whoever leaves gives it away before.
#[test]
fn a_volume_that_nothing_has_proved_is_not_left_behind() {
    let text = with(REPLACED, &[store(1, &["worker-2", "worker-2", "worker-1"])]);
    let (migration, mut plan) = planned(&text);
    let step = plan.steps.iter().position(|step| step.id.as_str() == "61-recover-volumes/store/disk-store-1").unwrap();
    plan.steps.remove(step);
    let first = plan.steps.iter_mut().find(|step| step.id.as_str() == "61-recover-volumes/store/disk-store-0").unwrap();
    let Action::RecoverVolume { to, .. } = &mut first.action else { panic!("{first:?}") };
    *to = replank::model::MachineName::parse("worker-1").unwrap();
    let (_, findings) = replank::verify::judge(&migration, &plan);
    let left = findings.iter().filter(|finding| finding.code == Code::V409 && finding.label.text.contains("disk-store-0"));
    assert_eq!(left.map(|finding| finding.step.as_deref().unwrap_or("the end")).next(), Some("70-remove-nodes/worker-1"), "{findings:?}");
}
