//! etcd accepts each change of its members.
//!
//! Within a plan no member stays a learner or unstarted when its step is done, so that changes never overlap; what is left to
//! ask is whether the machine may be added or removed at all, and whether one is still counted that has failed.

use crate::diag::{Code, Diagnostic};
use crate::ir::{Action, MachineRole};
use crate::model::MachineName;
use crate::verify::scene::{Report, Scene, listed};

pub fn check(scene: &Scene<'_>, report: &mut Report) {
    if let Action::AddEtcdMember { machine, .. } = &scene.step.action {
        report_if_any(scene, machine, cannot_join(scene, machine), report);
    }
    if let Action::RemoveEtcdMember { machine, .. } = &scene.step.action {
        report_if_any(scene, machine, cannot_leave(scene, machine), report);
    }
    if let Action::JoinCluster { machine, roles, .. } = &scene.step.action
        && roles.contains(&MachineRole::EtcdMember)
    {
        report_if_any(scene, machine, one_is_silent(scene), report);
    }
}

/// etcd refuses another member while one of those that it knows does not answer (`--strict-reconfig-check`, on since v3.2: "unhealthy
/// cluster"), and would need one vote more to go on.
fn one_is_silent(scene: &Scene<'_>) -> Option<Diagnostic> {
    let etcd = &scene.state.etcd;
    let silent: Vec<_> = etcd.voters().filter(|name| !etcd.is_live_voter(name)).collect();
    let text = || format!("expected every member to answer before another one joins; {} does not", listed(silent.iter().copied()));
    let why =
        "etcd refuses another member while one does not answer, and each one more raises the quorum before the dead one is forgotten.";
    (!silent.is_empty()).then(|| scene.finding(Code::V203, text()).why(why).help("Take the member that failed out first."))
}

fn report_if_any(scene: &Scene<'_>, machine: &MachineName, finding: Option<Diagnostic>, report: &mut Report) {
    if let Some(finding) = finding {
        report.at(scene, machine.as_str(), finding);
    }
}

fn cannot_join(scene: &Scene<'_>, machine: &MachineName) -> Option<Diagnostic> {
    let etcd = &scene.state.etcd;
    if etcd.member(machine).is_some() {
        return Some(scene.finding(Code::V203, format!("expected a machine that is no member; {machine} is one already")));
    }
    let text = format!("expected an empty data directory on {machine}; it holds what a removed member left");
    let why = "A member that is added again gets a new identity, and the data of the old one can never be used again.";
    etcd.has_data(machine).then(|| scene.finding(Code::V203, text).why(why).help("Clean the machine up before it joins again."))
}

fn cannot_leave(scene: &Scene<'_>, machine: &MachineName) -> Option<Diagnostic> {
    let etcd = &scene.state.etcd;
    let text = || format!("expected one of the members {}; found {machine}", listed(etcd.voters()));
    etcd.member(machine).is_none().then(|| scene.finding(Code::V203, text()))
}
