//! The installer lists who is there: whoever is listed and has left would be added again by the next run over the whole list.
//!
//! One that is rebuilt stays listed on purpose, until the run that adds it again. Also asked: machines that join are sent to a control
//! plane that serves, the installer works with the versions that run, and packages are where they are looked for.

use crate::diag::{Code, Diagnostic};
use crate::ir::{Action, Inventory, MachineRole};
use crate::model::MachineName;
use crate::verify::scene::{Report, Role, Scene, Whole, listed};

pub fn check(scene: &Scene<'_>, report: &mut Report) {
    if !scene.migration.cluster.distribution.has_inventory() {
        return;
    }
    match &scene.step.action {
        Action::JoinCluster { machine, roles, .. } => {
            prepared(scene, report);
            bootstrap(scene, report);
            packages(scene, machine, report);
            if roles != &[MachineRole::Worker] {
                listed_and_gone(scene, Some(machine), report);
            }
        }
        Action::ApplyInventory => {
            prepared(scene, report);
            listed_and_gone(scene, None, report);
        }
        Action::LeaveCluster { .. } | Action::ReorderInventory { .. } => prepared(scene, report),
        _ => {}
    }
}

/// `joiner` is not there yet, and is about to be.
fn listed_and_gone(scene: &Scene<'_>, joiner: Option<&MachineName>, report: &mut Report) {
    let inventory = &scene.state.installer.inventory;
    let is_gone = |name: &&MachineName| scene.state.role_of(name).is_none() && Some(*name) != joiner;
    let core = inventory.control_plane.iter().chain(&inventory.etcd);
    let mut gone: Vec<_> = core.filter(is_gone).collect();
    gone.sort_unstable();
    gone.dedup();
    if let Some(first) = gone.first() {
        let text = format!("expected a list of those who are there; listed and gone: {}", listed(gone.iter().copied()));
        let why = "A run over the whole list adds every machine that it finds there.";
        report.at(scene, first.as_str(), scene.finding(Code::V602, text).why(why));
    }
}

fn bootstrap(scene: &Scene<'_>, report: &mut Report) {
    let gone = scene.state.installer.bootstrap.as_ref().filter(|name| !scene.state.serves(name));
    if let Some(machine) = gone {
        let text = format!("expected machines that join to be sent to a control plane that serves; they are sent to {machine}");
        let why =
            "A machine that joins asks at the address that the cluster itself publishes for that, whatever the installer's list says.";
        report.at(scene, "bootstrap", scene.finding(Code::V603, text).why(why));
    }
}

fn prepared(scene: &Scene<'_>, report: &mut Report) {
    if !scene.state.installer.is_prepared {
        let text = "expected the installer to work with the versions that run, and with the list of the spec; it was not prepared";
        let why = "A run without a pinned version upgrades the cluster to the installer's own.";
        report.at(scene, "installer", scene.finding(Code::V604, text).why(why));
    }
}

fn packages(scene: &Scene<'_>, machine: &MachineName, report: &mut Report) {
    let os = scene.migration.machines.get(machine).and_then(|machine| machine.os.target.as_ref());
    let Some(os) = os.filter(|os| scene.migration.cluster.distribution.imports_packages_of(os)) else { return };
    if !scene.state.records.packages.contains(os) {
        let text = format!("expected the packages of {os} where {machine} looks for them; they were not brought there");
        let why = "The machine has left the cluster by then, and its run would stop in the middle.";
        report.at(scene, os.to_string(), scene.finding(Code::V605, text).why(why));
    }
}

/// In the end: the target's order, proxies that know the target's control planes, the target's operating systems.
pub fn check_the_end(whole: &Whole<'_>, report: &mut Report) {
    let (installer, target) = (&whole.end.installer, &whole.migration.target);
    if whole.plan.steps.is_empty() || installer.inventory == Inventory::default() {
        return;
    }
    for (role, found) in [(Role::ControlPlane, &installer.inventory.control_plane), (Role::Etcd, &installer.inventory.etcd)] {
        if !role.names(target).eq(found) {
            let text = format!("expected the list to be {}; it is {}", listed(role.names(target)), listed(found));
            report.whole(format!("list {role:?}"), role.finding(Code::V501, target, None, text));
        }
    }
    let mut workers: Vec<_> = installer.inventory.workers.iter().collect();
    let mut wanted: Vec<_> = Role::Worker.names(target).collect();
    workers.sort_unstable();
    wanted.sort_unstable();
    if workers != wanted {
        let text = format!("expected the list of workers to be {}; it is {}", listed(wanted), listed(workers));
        report.whole("list of workers", Role::Worker.finding(Code::V501, target, None, text));
    }
    proxies(whole, report);
    systems(whole, report);
    let gone = installer.bootstrap.as_ref().filter(|name| !target.is_control_plane(name));
    if let Some(machine) = gone {
        let text = format!("expected machines that join later to be sent to a control plane of the target; they are sent to {machine}");
        report.whole("bootstrap", Role::ControlPlane.finding(Code::V603, target, None, text));
    }
}

fn proxies(whole: &Whole<'_>, report: &mut Report) {
    let Some(known) = &whole.end.installer.proxies else { return };
    let stale: Vec<_> = known.iter().filter(|name| !whole.migration.target.is_control_plane(name)).collect();
    let unknown: Vec<_> = Role::ControlPlane.names(&whole.migration.target).filter(|name| !known.contains(name)).collect();
    if !stale.is_empty() || !unknown.is_empty() {
        let text = format!(
            "expected the workers' proxies to know the target's control planes; stale: {}; missing: {}",
            listed(stale),
            listed(unknown)
        );
        report.whole("proxies", Role::ControlPlane.finding(Code::V101, &whole.migration.target, None, text));
    }
}

fn systems(whole: &Whole<'_>, report: &mut Report) {
    let installed = &whole.end.records.reinstalled;
    for machine in whole.migration.machines.values().filter(|machine| whole.migration.is_rebuilt(&machine.name)) {
        if machine.os.target.as_ref() != installed.get(&machine.name) {
            let wanted = machine.os.target.as_ref().map_or(String::new(), ToString::to_string);
            let text = format!("expected {} to run {wanted}; it was not reinstalled with it", machine.name);
            report.whole(format!("system of {}", machine.name), Diagnostic::new(Code::V501, machine.place.span, text));
        }
    }
}
