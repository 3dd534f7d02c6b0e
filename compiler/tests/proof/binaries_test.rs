//! A master of binaries moves with its etcd: the example passes, one API server writes at a time, and no pod leaves its node.

use replank::rehearse::Report;

use super::rehearsing::{QUICK, plays_as_promised};

const EXAMPLE: &str = "systemd-relocate-master";
const HAND_OVER: &str = "52-hand-over-control-plane/master-new";

/// Costs some 70 CPU-seconds and four minutes, most of which are waits for etcd, nodes and rolling updates.
#[test]
fn a_master_and_its_etcd_move_and_two_api_servers_never_write_at_once() {
    // Cuts, rollbacks and interruptions are tried by hand (`replank rehearse`): they would take several times as long.
    // Evicted pods, docker that was restarted, and whoever names a machine that has left are findings.
    let Some(report) = plays_as_promised(EXAMPLE, &QUICK) else { return };
    one_writes_after_the_other(&report);
}

/// The new API server begins after the old one has written for the last time, and not much later.
fn one_writes_after_the_other(report: &Report) {
    let [old, new] = &report.api_writers[..] else { panic!("{:?}", report.api_writers) };
    assert_eq!((old.machine.as_str(), new.machine.as_str()), ("master-old", "master-new"));
    assert!(old.writes > 20 && new.writes > 20, "{:?}", report.api_writers);
    assert!(old.last < new.first, "{:?}", report.api_writers);
    let step = report.steps.iter().find(|step| step.id == HAND_OVER).unwrap();
    assert!(step.api_gap.is_some_and(|gap| gap < 60.0), "{step:?}");
}
