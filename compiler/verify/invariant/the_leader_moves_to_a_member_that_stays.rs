//! The leader moves to a member that stays.
//!
//! Removing the leader stops all writes for seven seconds, moving it costs a tenth of one. It should move once: to a member of
//! the target, as soon as one votes.

use crate::diag::Code;
use crate::ir::Action;
use crate::verify::scene::{Report, Scene, listed};

pub fn check(scene: &Scene<'_>, report: &mut Report) {
    let etcd = &scene.state.etcd;
    let (machine, leader_to) = match &scene.step.action {
        Action::RemoveEtcdMember { machine, leader_to } => (machine, Some(leader_to)),
        // A member that does not run does not lead.
        Action::LeaveCluster { machine, leader_to, .. } if etcd.is_live_voter(machine) => (machine, leader_to.as_ref()),
        _ => return,
    };
    let target = &scene.migration.target;
    let rest = || etcd.live().filter(|voter| *voter != machine);
    let staying: Vec<_> = rest().filter(|voter| target.is_etcd_member(voter)).collect();
    let allowed: Vec<_> = if staying.is_empty() { rest().collect() } else { staying };
    if !leader_to.is_some_and(|name| allowed.contains(&name)) {
        let found = leader_to.map_or("nobody", |name| name.as_str());
        let text = format!("expected the leader to move to one of {}; found {found}", listed(allowed));
        let why = "Only a voter can lead, and a leader that is removed later stops all writes for some seconds again.";
        report.at(scene, machine.as_str(), scene.finding(Code::V208, text).why(why));
    }
}
