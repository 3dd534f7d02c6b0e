//! Whoever failed is fenced before it is forgotten: a machine that comes up again after its node was deleted registers anew, answers at
//! its old address, and its member of etcd looks for a cluster that has gone on without it.
//!
//! Asked where machines speak for themselves. An installer that asks every machine of its list stops at one that came back.

use crate::diag::Code;
use crate::ir::Action;
use crate::model::RoleTravel;
use crate::verify::scene::{Report, Scene};

pub fn check(scene: &Scene<'_>, report: &mut Report) {
    let Action::LeaveCluster { machine, .. } = &scene.step.action else { return };
    let migration = scene.migration;
    let speaks_for_itself = migration.cluster.distribution.role_travel() == RoleTravel::WithTheServer;
    if speaks_for_itself && migration.is_failed(machine) && !scene.state.records.fenced.contains(machine) {
        let text = format!("expected a person to have made sure that {machine} stays off; nobody has");
        let why = "A machine that comes up again after it was taken out of the cluster registers itself anew, under an identity that the others have forgotten.";
        report.at(scene, machine.as_str(), scene.finding(Code::V406, text).why(why));
    }
}
