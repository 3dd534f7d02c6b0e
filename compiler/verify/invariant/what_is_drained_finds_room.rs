//! What is drained finds room on the nodes that stay.
//!
//! Numbers are compared only when every node declares its pods; otherwise the drain's own precondition asks the cluster. That some
//! node takes pods at all is asked always; and, of nodes that become control planes one after another, that the pods of the first do not
//! move to the next.

use std::collections::BTreeSet;

use crate::diag::{Code, Diagnostic};
use crate::ir::Action;
use crate::verify::scene::{Report, Scene, Whole, listed};

pub fn check(scene: &Scene<'_>, report: &mut Report) {
    let (Action::RemoveNode { machine, .. } | Action::LeaveCluster { machine, .. } | Action::AddControlPlane { machine, .. }) =
        &scene.step.action
    else {
        return;
    };
    // One that joins as a control plane drains nobody, unless it was a worker.
    if matches!(scene.step.action, Action::AddControlPlane { .. }) && !scene.migration.source.is_node(machine) {
        return;
    }
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

/// Each of them is drained in its turn, so that what moved there would have to move again.
pub fn check_those_that_are_drained_later(whole: &Whole<'_>, report: &mut Report) {
    let mut later = BTreeSet::new();
    for (index, step) in whole.plan.steps.iter().enumerate().rev() {
        let Action::AddControlPlane { machine, cordoned, .. } = &step.action else { continue };
        if !whole.migration.source.is_node(machine) {
            continue;
        }
        let forgotten: Vec<_> = later.iter().filter(|name| !cordoned.contains(name)).collect();
        if !forgotten.is_empty() {
            let text =
                format!("expected nodes that are drained later to take no pods of {machine}; these still take some: {}", listed(forgotten));
            report.at_index(index, "order", Diagnostic::new(Code::V402, step.because.span, text).at_step(step.id.as_str()));
        }
        later.insert(machine.clone());
    }
}

fn advise(finding: Diagnostic) -> Diagnostic {
    finding.help("Add a worker before this step, or scale something down.")
}
