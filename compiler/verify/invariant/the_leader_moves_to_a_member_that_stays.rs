//! The leader moves to a member that stays.
//!
//! Removing the leader stops all writes for seven seconds, moving it costs a tenth of one. It should move once: to a member of
//! the target, as soon as one votes.

use crate::diag::Code;
use crate::ir::Action;
use crate::verify::scene::{Report, Scene, listed};

pub fn check(scene: &Scene<'_>, report: &mut Report) {
    let Action::RemoveEtcdMember { machine, leader_to } = &scene.step.action else { return };
    let (etcd, target) = (&scene.state.etcd, &scene.migration.target);
    let rest = || etcd.voters().filter(|voter| *voter != machine);
    let staying: Vec<_> = rest().filter(|voter| target.is_etcd_member(voter)).collect();
    let allowed: Vec<_> = if staying.is_empty() { rest().collect() } else { staying };
    if !allowed.contains(&leader_to) {
        let text = format!("expected the leader to move to one of {}; found {leader_to}", listed(allowed));
        let why = "Only a voter can lead, and a leader that is removed later stops all writes for some seconds again.";
        report.at(scene, machine.as_str(), scene.finding(Code::V208, text).why(why));
    }
}
