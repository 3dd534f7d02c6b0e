//! The installer asks machines that stay: whom it asks about others neither leaves nor joins meanwhile, and serves.
//!
//! An installer deletes a node through the first of its control planes, removes a member through the first of etcd's, and takes a machine
//! that is new and stands first for a new cluster. In some releases control planes join with a key that the first by name of those that
//! serve uploads, and that is looked for at the first of the list: that both are one machine is right for every release (decision 0014).

use crate::diag::{Code, Diagnostic};
use crate::ir::{Action, MachineRole};
use crate::model::MachineName;
use crate::verify::scene::{Report, Scene, listed};

pub fn check(scene: &Scene<'_>, report: &mut Report) {
    if !scene.migration.cluster.distribution.has_inventory() {
        return;
    }
    match &scene.step.action {
        Action::LeaveCluster { machine, .. } => {
            asked(scene, machine, report);
            applied(scene, report);
        }
        Action::JoinCluster { machine, roles, .. } => {
            asked(scene, machine, report);
            applied(scene, report);
            if roles.contains(&MachineRole::ControlPlane) {
                key(scene, machine, report);
            }
        }
        _ => {}
    }
}

fn asked(scene: &Scene<'_>, machine: &MachineName, report: &mut Report) {
    let (state, inventory) = (scene.state, &scene.state.installer.inventory);
    let first = inventory.control_plane.first();
    if first == Some(machine) || !first.is_some_and(|first| state.serves(first)) {
        let found = first.map_or("nobody".to_owned(), MachineName::to_string);
        let text = format!("expected a control plane other than {machine} that serves first in the list; found {found}");
        report.at(scene, "control plane", advise(scene.finding(Code::V601, text)));
    }
    let first = inventory.etcd.first();
    if first == Some(machine) || !first.is_some_and(|first| state.etcd.is_live_voter(first)) {
        let found = first.map_or("nobody".to_owned(), MachineName::to_string);
        let text = format!("expected a member other than {machine} that votes first in the list of etcd; found {found}");
        report.at(scene, "etcd", advise(scene.finding(Code::V601, text)));
    }
}

/// It cannot be applied while a machine that is listed does not answer.
fn applied(scene: &Scene<'_>, report: &mut Report) {
    let state = scene.state;
    let is_silent = |name: &MachineName| scene.migration.is_failed(name) && !state.records.reinstalled.contains_key(name);
    if !state.installer.is_applied && !state.installer.inventory.machines().any(is_silent) {
        let text = "expected the order of the list to be applied before the installer relies on it; it was changed since";
        let why = "What other machines were told when they were configured last still has the old order.";
        report.at(scene, "order", scene.finding(Code::V606, text).why(why));
    }
}

fn key(scene: &Scene<'_>, machine: &MachineName, report: &mut Report) {
    let serving = || scene.state.api.serving().filter(|name| *name != machine);
    let first = scene.state.installer.inventory.control_plane.first();
    if serving().min() != first && first != Some(machine) {
        let found = first.map_or("nobody", |name| name.as_str());
        let text = format!("expected the first by name of {} first in the list; found {found}", listed(serving()));
        let why = "The key with which control planes join is uploaded by the one and looked for at the other.";
        report.at(scene, "key", scene.finding(Code::V601, text).why(why));
    }
}

fn advise(finding: Diagnostic) -> Diagnostic {
    finding
        .why("The installer asks the first of its list about all others; whoever stands there and is new is taken for a new cluster.")
        .help("Move another machine to the first place before this step.")
}
