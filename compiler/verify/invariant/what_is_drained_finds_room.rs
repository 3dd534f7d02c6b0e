//! What is drained finds room on the nodes that stay.
//!
//! Asked only when every node declares its pods; otherwise the drain's own precondition asks the cluster.

use crate::diag::Code;
use crate::ir::Action;
use crate::verify::scene::{Report, Scene};

pub fn check(scene: &Scene<'_>, report: &mut Report) {
    let (Some(room), Action::RemoveNode { machine }) = (scene.state.nodes.room, &scene.step.action) else { return };
    if room.movable <= room.capacity {
        return;
    }
    let text = format!(
        "expected room for {} movable pods without {machine}; the nodes that take pods have room for {}",
        room.movable, room.capacity
    );
    let finding = scene.finding(Code::V402, text).help("Add a worker before this step, or scale something down.");
    report.at(scene, "room", finding);
}
