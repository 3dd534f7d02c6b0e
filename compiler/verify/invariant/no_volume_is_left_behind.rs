//! No volume is left behind: it has moved before its machine leaves, and at the end each is whole, on a node that stays.

use crate::diag::{Code, Diagnostic};
use crate::ir::Action;
use crate::model::{MachineName, ObjectName};
use crate::verify::scene::{Report, Scene, Whole};
use crate::verify::state::{Contents, Volume};

/// A machine that leaves the cluster, or is installed anew, takes along what lies on it.
pub fn check(scene: &Scene<'_>, report: &mut Report) {
    let Some(machine) = leaving(scene) else { return };
    for (name, application) in scene.state.storage.iter() {
        let left: Vec<_> = application.lying_on(machine).map(ObjectName::as_str).collect();
        if !left.is_empty() {
            let text = format!("expected no volume of {name} on {machine} any more; there still lie: {}", left.join(", "));
            let why = "A volume that is bound to a machine goes with it, and its pod waits for ever.";
            report.at(scene, format!("{name} on {machine}"), advise(scene.finding(Code::V409, text).why(why)));
        }
    }
}

fn leaving<'s>(scene: &Scene<'s>) -> Option<&'s MachineName> {
    match &scene.step.action {
        Action::RemoveNode { machine, .. }
        | Action::LeaveCluster { machine, .. }
        | Action::ReinstallMachine { machine, .. }
        | Action::CleanUp { machine } => Some(machine),
        // A node that becomes a control plane is made anew.
        Action::AddControlPlane { machine, .. } => scene.state.nodes.get(machine).map(|_| machine),
        _ => None,
    }
}

pub fn check_the_end(whole: &Whole<'_>, report: &mut Report) {
    for application in &whole.migration.storage {
        let Some(stored) = whole.end.storage.get(&application.name) else { continue };
        let stays = |volume: &Volume| volume.contents == Contents::Whole && whole.end.nodes.get(&volume.on).is_some();
        let is_well = |claim| stored.volume(claim).is_some_and(stays);
        let mut lost = application.volumes.iter().filter(|volume| !is_well(&volume.claim)).peekable();
        let Some(first) = lost.peek().map(|volume| volume.on.place.span) else { continue };
        let names: Vec<_> = lost.map(|volume| volume.claim.as_str()).collect();
        let text = format!("expected every volume of {} to be whole at the end; these are not: {}", application.name, names.join(", "));
        report.whole(format!("volumes of {}", application.name), advise(Diagnostic::new(Code::V409, first, text)));
    }
}

fn advise(finding: Diagnostic) -> Diagnostic {
    finding.help("Let a node stay, or join, that takes pods and can have it; or remove the application before this migration.")
}
