//! etcd keeps quorum at every moment, and more than quorum as the policy asks for.
//!
//! Running voters are counted against the quorum of all registered ones: a voter that is registered and not started counts as
//! down. etcd's own check before `member add` is no safety net; since 3.5.30 it lets a second unstarted voter in.

use crate::diag::{Code, Diagnostic};
use crate::ir::Action;
use crate::model::{EtcdJoin, Order};
use crate::verify::acceptance::risk_name;
use crate::verify::scene::{Report, Scene};

pub fn check(scene: &Scene<'_>, report: &mut Report) {
    let etcd = &scene.state.etcd;
    let tolerance = etcd.tolerance();
    if tolerance >= scene.baseline.etcd_floor.max(0) {
        return;
    }
    let (live, voters, quorum) = (etcd.live_count(), etcd.voter_count(), etcd.quorum());
    let needed = scene.migration.policy.minimum_etcd_tolerance.value;
    let text = format!("{live} of {voters} voters live, quorum {quorum}, tolerance {tolerance}; policy needs {needed}{}", scene.aside());
    let code = if tolerance < 0 { Code::V201 } else { Code::V202 };
    let why = "Quorum is more than half of all registered voters, and one that is registered and not started counts as down.";
    let finding =
        advise(scene, scene.finding(code, text).related(scene.migration.policy.minimum_etcd_tolerance.place.span, "the policy").why(why));
    report.ranked(scene, "etcd", tolerance, lower(scene, code, finding));
}

/// The smallest change that would help, by what the step does.
fn advise(scene: &Scene<'_>, finding: Diagnostic) -> Diagnostic {
    let action = &scene.step.action;
    if matches!(action, Action::AddEtcdMember { join: EtcdJoin::Voter, .. }) {
        finding.help_copy("Let members join as learners, which do not count for quorum", "etcd: {join: learner}")
    } else if matches!(action, Action::RemoveEtcdMember { .. }) && scene.migration.policy.order.value == Order::RemoveThenAdd {
        finding.help_copy("Add each member before the one that it replaces is removed", "order: addThenRemove")
    } else {
        finding.help("Let one further machine be an etcd member before this step, if only for the length of the migration.")
    }
}

/// A lost quorum can be neither accepted nor allowed.
fn lower(scene: &Scene<'_>, code: Code, finding: Diagnostic) -> Diagnostic {
    if risk_name(code).is_none() {
        return finding;
    }
    let tolerance = scene.state.etcd.tolerance();
    finding.help_copy("Or ask for less", format!("minimumEtcdTolerance: {tolerance}"))
}
