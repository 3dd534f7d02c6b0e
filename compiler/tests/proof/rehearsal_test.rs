//! The rehearsal itself, with a plan written by hand: right plans pass, wrong ones fail at the right step.

use super::fixture;
use super::rehearsal::rehearse_etcd;
use super::requirements::{REHEARSAL, met};

#[test]
fn three_members_become_four_and_three_others_without_losing_a_write() {
    if !met("the rehearsal of etcd", REHEARSAL) {
        return;
    }
    let plan = tempfile::tempdir().unwrap();
    fixture::write(plan.path(), &fixture::initial_cluster());
    let report = rehearse_etcd(plan.path(), &fixture::spec()).unwrap_or_else(|failure| panic!("{failure}"));
    eprintln!("{report}");
    assert_eq!(report.steps, [fixture::ADD, fixture::REMOVE]);
    assert!(report.written.acknowledged > 100, "{report:?}");
    assert!(report.written.longest_gap_seconds < 5.0, "{report:?}");
}

#[test]
fn a_joiner_that_is_not_in_its_own_list_fails_at_its_step() {
    if !met("the rehearsal of etcd", REHEARSAL) {
        return;
    }
    let plan = tempfile::tempdir().unwrap();
    let without_itself = fixture::initial_cluster().replace(",phy-1=http://10.20.0.21:2380", "");
    fixture::write(plan.path(), &without_itself);
    let failure = rehearse_etcd(plan.path(), &fixture::spec()).unwrap_err();
    assert_eq!(failure.step, fixture::ADD);
    assert!(failure.what.contains("run 5 on phy-1"), "{failure}");
    assert!(failure.details.contains("couldn't find local name"), "{failure}");
}

#[test]
fn a_plan_that_promises_other_members_fails_at_that_step() {
    if !met("the rehearsal of etcd", REHEARSAL) {
        return;
    }
    let plan = tempfile::tempdir().unwrap();
    fixture::write(plan.path(), &fixture::initial_cluster());
    let path = plan.path().join("plan.json");
    let mut document: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    document["steps"][0]["after"]["etcd"]["voters"] = serde_json::json!(["vm-1", "vm-2", "vm-3"]);
    std::fs::write(&path, document.to_string()).unwrap();
    let failure = rehearse_etcd(plan.path(), &fixture::spec()).unwrap_err();
    assert_eq!(failure.step, fixture::ADD);
    assert!(failure.what.contains("`after` promises"), "{failure}");
}
