//! A hand-over is decided by priority: every candidate that stays lies above every one that leaves.
//!
//! Otherwise the address walks from one leaving machine to the next, and each walk cuts every connection. A priority that the
//! spec does not declare is assumed to lie below all planned ones, and the plan must have proved that on the machine.

use crate::diag::Code;
use crate::ir::Action;
use crate::model::MachineName;
use crate::verify::scene::{Report, Scene, listed};
use crate::verify::state::{Candidate, Configuration};

pub fn check(scene: &Scene<'_>, report: &mut Report) {
    let Action::HandOverVirtualIp { leaving } = &scene.step.action else { return };
    let virtual_ip = &scene.state.virtual_ip;
    let (goes, stays): (Vec<_>, Vec<_>) = virtual_ip.candidates.iter().partition(|(name, _)| leaving.contains(name));
    if stays.is_empty() {
        // The address is given up, or it is left without a candidate, which is found as such.
        return;
    }
    let lowest = stays.iter().filter_map(|(_, candidate)| candidate.priority).min();
    let is_proved = |name: &MachineName| virtual_ip.proved.get(name).is_some_and(|below| lowest.is_none_or(|lowest| *below <= lowest));
    let unproved: Vec<_> =
        goes.iter().filter(|(name, candidate)| candidate.priority.is_none() && !is_proved(name)).map(|(name, _)| *name).collect();
    if !unproved.is_empty() {
        let text =
            format!("expected a proof that the priority of {} lies below the planned ones; found none before this step", listed(unproved));
        report.at(scene, "unproved", scene.finding(Code::V305, text).help("Declare their priorities, or prove them before this step."));
    }
    if let Some((stayer, leaver)) = contested(&stays, &goes) {
        let text = format!("expected each that stays above each that leaves; {} does not lie above {}", shown(stayer), shown(leaver));
        let why = "A leaving candidate with a higher priority would win the address, and would have to give it away a second time.";
        report.at(scene, "order", scene.finding(Code::V305, text).why(why));
    }
}

type Named<'a> = (&'a MachineName, &'a Candidate);

/// The lowest that stays and the highest that leaves, where the first does not win. An undeclared priority among those that
/// stay may be anything, and one among those that leave lies below what the plan gives, not below what the team gave.
fn contested<'a>(stays: &[Named<'a>], goes: &[Named<'a>]) -> Option<(Named<'a>, Named<'a>)> {
    let lowest = stays.iter().min_by_key(|(_, candidate)| candidate.priority)?;
    let highest = goes.iter().max_by_key(|(_, candidate)| candidate.priority)?;
    let unknown = goes.iter().find(|(_, candidate)| candidate.priority.is_none());
    let own = stays.iter().find(|(_, candidate)| candidate.configuration == Configuration::Source);
    if let (Some(unknown), Some(own)) = (unknown, own) {
        return Some((*own, *unknown));
    }
    let wins = lowest.1.priority.is_some() && lowest.1.priority > highest.1.priority;
    (!wins).then_some((*lowest, *highest))
}

fn shown((name, candidate): Named<'_>) -> String {
    candidate.priority.map_or_else(|| format!("{name} (not declared)"), |priority| format!("{name} ({priority})"))
}
