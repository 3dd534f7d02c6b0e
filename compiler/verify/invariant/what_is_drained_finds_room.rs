//! What is drained finds room on the nodes that stay.
//!
//! Numbers are compared only when every node declares its pods; otherwise the drain's own precondition asks the cluster. That some
//! node takes pods at all is asked always.

use crate::diag::{Code, Diagnostic};
use crate::ir::Action;
use crate::verify::scene::{Report, Scene};

pub fn check(scene: &Scene<'_>, report: &mut Report) {
    let (Action::RemoveNode { machine, .. } | Action::LeaveCluster { machine, .. }) = &scene.step.action else { return };
    if scene.state.nodes.schedulable == 0 {
        let text = format!("expected a node that takes the pods of {machine}; every node that is left leaves as well and takes none");
        report.at(scene, "room", advise(scene.finding(Code::V402, text)));
        return;
    }
    let Some(room) = scene.state.nodes.room else { return };
    if room.movable <= room.capacity {
        return;
    }
    let text = format!(
        "expected room for {} movable pods without {machine}; the nodes that take pods have room for {}",
        room.movable, room.capacity
    );
    report.at(scene, "room", advise(scene.finding(Code::V402, text)));
}

fn advise(finding: Diagnostic) -> Diagnostic {
    finding.help("Add a worker before this step, or scale something down.")
}
