//! etcd keeps quorum at every moment, and more than quorum as the policy asks for.
//!
//! Running voters are counted against the quorum of all registered ones: a voter that is registered and not started counts as
//! down. etcd's own check before `member add` is no safety net; since 3.5.30 it lets a second unstarted voter in.

use crate::diag::{Code, Diagnostic};
use crate::ir::Action;
use crate::model::{EtcdApi, EtcdJoin, MachineName, Order};
use crate::source::Place;
use crate::verify::acceptance::risk_name;
use crate::verify::scene::{Moment, Report, Scene};

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
    let (place, words) = policy(scene);
    let finding = advise(scene, scene.finding(code, text).related(place.span, words).why(why));
    report.ranked(scene, "etcd", tolerance, lower(scene, code, finding));
}

/// Where the policy stands, and what is said of that place: who wrote none has the default.
fn policy<'s>(scene: &Scene<'s>) -> (&'s Place, String) {
    let policy = &scene.migration.policy.minimum_etcd_tolerance;
    let is_written = policy.place.pointer.ends_with("/minimumEtcdTolerance");
    let words =
        if is_written { "the policy".to_owned() } else { format!("no `minimumEtcdTolerance` is written: {} is the default", policy.value) };
    (&policy.place, words)
}

/// The smallest change that would help, by what the step does.
fn advise(scene: &Scene<'_>, finding: Diagnostic) -> Diagnostic {
    let action = &scene.step.action;
    if scene.index == 0 && scene.moment != Moment::Before && scene.state.etcd.tolerance() < 0 {
        return finding.help("etcd has no quorum before the first step: restore it first, which no migration can do.");
    }
    let joins_as_voter = matches!(action, Action::JoinCluster { join: EtcdJoin::Voter, .. });
    if joins_as_voter && scene.state.etcd.tolerance() < 0 {
        return finding.help(
            "Members join as voters with this release, and one that has not started takes quorum with it: a single member cannot grow, nor be \
             rebuilt. A release whose members join as learners can do it.",
        );
    }
    if is_rebuilt_in_place(scene) && scene.migration.source.etcd.len() > 1 {
        return finding.help_copy(HELPERS, helpers(scene));
    }
    if joins_as_voter {
        return finding.help("It lasts until the new member has started. While members join as voters no other order avoids it.");
    }
    if matches!(action, Action::RewriteEtcdUnit { .. }) {
        return finding.help("It lasts for the seconds of one restart, a member at a time, and each member is proved before the next one.");
    }
    let adds_a_voter = matches!(action, Action::AddEtcdMember { join: EtcdJoin::Voter, .. });
    if adds_a_voter && scene.migration.cluster.etcd.api == EtcdApi::V2 {
        finding.help("It lasts until the new member has started: the v2 API knows no learners, and no other order avoids it.")
    } else if adds_a_voter {
        finding.help_copy("Let members join as learners, which do not count for quorum", "etcd: {join: learner}")
    } else if matches!(action, Action::RemoveEtcdMember { .. }) && scene.migration.policy.order.value == Order::RemoveThenAdd {
        finding.help_copy("Add each member before the one that it replaces is removed", "order: addThenRemove")
    } else if scene.migration.cluster.distribution.api_server_uses_its_own_member() {
        finding.help_copy(HELPERS, helpers(scene))
    } else {
        finding.help("Let one further machine be an etcd member before this step, if only for the length of the migration.")
    }
}

/// A member that is rebuilt leaves before it comes back: only further members help.
fn is_rebuilt_in_place(scene: &Scene<'_>) -> bool {
    let rebuilt = |machine: &MachineName| scene.migration.is_rebuilt(machine) && scene.migration.source.is_etcd_member(machine);
    scene.step.action.machine().is_some_and(rebuilt) && scene.migration.temporary.etcd.is_empty()
}

const HELPERS: &str = "Let two further machines help out for the length of the migration, so that one member can leave and come back";

/// The lines of the spec for two machines that help out. Where control planes carry the members, they are control planes.
fn helpers(scene: &Scene<'_>) -> String {
    let migration = scene.migration;
    let names = ["helper-1", "helper-2"];
    let machines = names.map(|name| format!("  {name}: {{address: ...}}")).join("\n");
    let listed = names.join(", ");
    let carried = migration.cluster.distribution.api_server_uses_its_own_member();
    let control_plane = if carried { format!("\n  controlPlane: [{listed}]") } else { String::new() };
    // The first of them is a fourth voter, which has to start before it is of use.
    let phase = if carried { "40-add-control-plane" } else { "30-grow-etcd" };
    let first = match migration.policy.etcd_join.value {
        EtcdJoin::Learner => String::new(),
        EtcdJoin::Voter => format!("\naccept:\n  - {{risk: etcd-no-tolerance, at: {phase}/helper-1, reason: \"...\"}}"),
    };
    format!("machines:\n{machines}\ntemporary:{control_plane}\n  etcd: [{listed}]{first}")
}

/// A lost quorum can be neither accepted nor allowed.
fn lower(scene: &Scene<'_>, code: Code, finding: Diagnostic) -> Diagnostic {
    if risk_name(code).is_none() {
        return finding;
    }
    let tolerance = scene.state.etcd.tolerance();
    finding.help_copy("Or ask for less", format!("minimumEtcdTolerance: {tolerance}"))
}
