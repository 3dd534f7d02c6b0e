//! A control plane is no candidate for the virtual IP any more when it is removed: the address moves first.

use crate::diag::Code;
use crate::ir::Action;
use crate::verify::scene::{Report, Scene};

pub fn check(scene: &Scene<'_>, report: &mut Report) {
    let (Action::RemoveNode { machine, .. } | Action::DemoteControlPlane { machine }) = &scene.step.action else { return };
    if scene.state.virtual_ip.candidates.contains_key(machine) {
        let text = format!("expected the virtual IP to have been handed over from {machine}; it is a running candidate");
        let why = "The address would stay on a machine without an API server until keepalived's check notices.";
        report.at(scene, machine.as_str(), scene.finding(Code::V306, text).why(why));
    }
}
