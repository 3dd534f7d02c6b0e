//! Each kind of finding has a plan that fails with it. Commands and rows of the ledger have theirs in `wrong_plans_test`.
//!
//! A rehearsal takes its time, so mistakes that do not end it share one.

use std::collections::BTreeSet;

use replank::rehearse::{Extent, Finding, Kind, Options, Report};
use replank::render::document::Command;

use super::rehearsing::{Plan, QUICK, able};

const FIRST: &str = "10-prepare/workstation";
const SECOND: &str = "10-prepare/virtual-ip";
const THIRD: &str = "20-back-up/etcd";

/// A command more, before all others of a step.
fn begin_with(plan: &mut Plan, step: &str, on: &str, shell: &str) {
    let command =
        Command { on: on.to_owned(), note: None, shell: shell.to_owned(), expect: None, timeout_seconds: 120, retry_every_seconds: None };
    plan.step(step).run.insert(0, command);
}

fn report(plan: &Plan, options: &Options) -> Report {
    plan.seal();
    let report = plan.rehearse(options);
    assert!(!report.passed);
    report
}

fn places(report: &Report) -> BTreeSet<(&str, String)> {
    report.findings.iter().map(|finding| (finding.step.as_str(), finding.kind.to_string())).collect()
}

fn the<'r>(report: &'r Report, step: &str, kind: Kind) -> &'r Finding {
    let found = report.findings.iter().find(|finding| finding.step == step && finding.kind == kind);
    found.unwrap_or_else(|| panic!("no {kind} at {step}: {:?}", places(report)))
}

/// Nobody holds the virtual IP for longer than clients bear it; then somebody does again.
const LET_GO_OF_THE_ADDRESS: &str = "set -euo pipefail
each() { for address in 192.168.40.11 192.168.40.12 192.168.40.13; do ssh root@$address systemctl \"$1\" keepalived; done; }
each stop
sleep 12
each start
until curl -sk --max-time 2 https://192.168.40.10:6443/ping; do sleep 0.5; done";

/// What the rehearsal itself writes stands for the data of the cluster.
const LOSE_WRITES: &str = "env -i ETCDCTL_API=3 /usr/local/bin/etcdctl --cacert=/etc/etcd/pki/ca.crt --cert=/etc/etcd/pki/client.crt \
    --key=/etc/etcd/pki/client.key --endpoints=https://192.168.40.11:2379 del --prefix replank-rehearsal/";

/// Four mistakes of which none ends the rehearsal: a rollback that leaves a file, an address that is away, data that is lost, and a
/// plan that stops before the target.
#[test]
fn what_a_rollback_leaves_what_clients_miss_what_etcd_loses_and_what_the_end_lacks_is_found() {
    let mut plan = Plan::of_example("k3s-replace-one");
    if !able(&plan.document) {
        return;
    }
    plan.document.steps.retain(|step| [FIRST, SECOND, THIRD].contains(&step.id.as_str()));
    begin_with(&mut plan, FIRST, "node-1", "touch /etc/left-behind");
    begin_with(&mut plan, SECOND, "workstation", LET_GO_OF_THE_ADDRESS);
    begin_with(&mut plan, THIRD, "node-1", LOSE_WRITES);
    // Only the first step is undone: to do the others twice takes time and shows nothing more.
    [SECOND, THIRD].into_iter().for_each(|step| plan.step(step).rollback.clear());
    let report = report(&plan, &Options { rollbacks: Extent::Sampled, ..QUICK });
    let left = the(&report, FIRST, Kind::Rollback);
    assert!(left.details.contains("node-1: /etc/left-behind: before nothing, after the rollback file"), "{}", left.details);
    let away = the(&report, SECOND, Kind::Endpoint);
    assert!(away.what.contains("the API did not answer at virtual IP for"), "{away}");
    let lost = the(&report, "(end)", Kind::Writes);
    assert!(report.writes.lost > 0 && lost.what.contains("acknowledged writes are lost"), "{lost}");
    let end = the(&report, "(end)", Kind::End);
    for missing in ["nodes: the target has node-1 Ready, node-2 Ready, node-4 Ready", "node-3: /etc/systemd/system/k3s.service is left"] {
        assert!(end.details.contains(missing), "{}", end.details);
    }
    // Where nothing was done wrong, nothing is found.
    assert_eq!(places(&report).len(), 4, "{:?}", places(&report));
}

#[test]
fn a_step_that_cannot_be_done_again_from_its_middle_is_found() {
    let mut plan = Plan::of_example("k3s-replace-one");
    if !able(&plan.document) {
        return;
    }
    plan.until(FIRST);
    begin_with(&mut plan, FIRST, "node-1", "mkdir /srv/once");
    let report = report(&plan, &Options { interruptions: Extent::Sampled, ..QUICK });
    let finding = the(&report, FIRST, Kind::HalfDone);
    assert!(finding.details.contains("/srv/once"), "{}", finding.details);
    assert_eq!(places(&report).len(), 1, "{:?}", places(&report));
}

#[test]
fn a_command_that_prints_the_token_is_found_and_the_report_does_not_hold_it() {
    let mut plan = Plan::of_example("k3s-replace-one");
    if !able(&plan.document) {
        return;
    }
    plan.until(FIRST);
    begin_with(&mut plan, FIRST, "node-1", "cat /var/lib/rancher/k3s/server/token");
    let report = report(&plan, &QUICK);
    let finding = the(&report, FIRST, Kind::Secret);
    assert!(finding.what.contains("on node-1 prints the cluster's token"), "{finding}");
    assert!(!finding.details.contains("::server:"), "{}", finding.details);
    assert_eq!(places(&report).len(), 1, "{:?}", places(&report));
}

/// Nobody is left to read the rehearsal's own writes from, and still the plan is what is wrong.
#[test]
fn a_plan_that_stops_etcd_for_good_is_found_and_not_blamed_on_the_machine() {
    let mut plan = Plan::of_example("k3s-replace-one");
    if !able(&plan.document) {
        return;
    }
    plan.until(FIRST);
    let stop = "for address in 192.168.40.11 192.168.40.12 192.168.40.13; do ssh root@$address systemctl stop etcd; done; sleep 12";
    begin_with(&mut plan, FIRST, "workstation", stop);
    let report = report(&plan, &QUICK);
    the(&report, FIRST, Kind::Command);
    let gap = the(&report, FIRST, Kind::Writes);
    assert!(gap.what.contains("etcd took no write for"), "{gap}");
    assert_eq!(report.writes.lost, 0, "what cannot be read is not said to be lost");
}
