//! A machine is prepared before it joins etcd or the cluster, or becomes a candidate for the virtual IP.

use crate::diag::Code;
use crate::ir::Action;
use crate::verify::scene::{Report, Scene};

pub fn check(scene: &Scene<'_>, report: &mut Report) {
    let (Action::AddEtcdMember { machine, .. }
    | Action::AddControlPlane { machine, .. }
    | Action::InstallControlPlane { machine, .. }
    | Action::AddWorker { machine, .. }
    | Action::JoinCluster { machine, .. }
    | Action::StartVirtualIp { machine, .. }) = &scene.step.action
    else {
        return;
    };
    if !scene.state.records.prepared.contains(machine) {
        let text = format!("expected {machine} to have been prepared before this step; it was not");
        let why = "An older installation in the way, or a name that does not resolve, would be found when the cluster is half changed.";
        report.at(scene, machine.as_str(), scene.finding(Code::V401, text).why(why));
    }
}
