//! No two candidates for the virtual IP have equal priority.
//!
//! Equals time out together: for some ten milliseconds both hold the address. What the source has wrong by itself is not the
//! plan's doing; only pairs with a candidate of the plan's own are looked at.

use crate::diag::Code;
use crate::ir::Action;
use crate::verify::scene::{Report, Scene};

pub fn check(scene: &Scene<'_>, report: &mut Report) {
    let (Action::StartVirtualIp { machine, priority } | Action::ReconfigureVirtualIp { machine, priority }) = &scene.step.action else {
        return;
    };
    let mut others = scene.state.virtual_ip.candidates.iter().filter(|(name, _)| *name != machine);
    if let Some((other, _)) = others.find(|(_, candidate)| candidate.priority == Some(*priority)) {
        let text = format!("expected a priority that no other candidate has; {machine} and {other} both have {priority}");
        let why = "Candidates with equal priorities time out together, and both take the address.";
        report.at(scene, machine.as_str(), scene.finding(Code::V301, text).why(why));
    }
}
