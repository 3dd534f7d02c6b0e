//! A step fits the cluster at its moment: what it removes is there, what it adds is not.
//!
//! One exhaustive match over the actions, like the effects. What etcd says to changes of its members is asked elsewhere.

use std::collections::BTreeSet;

use crate::diag::Code;
use crate::ir::Action;
use crate::model::{JoinAddress, MachineName};
use crate::verify::scene::{Report, Scene};
use crate::verify::state::{NodeRole, State};

pub fn check(scene: &Scene<'_>, report: &mut Report) {
    let misfit = unknown(scene).or_else(|| misfit(scene.state, &scene.step.action));
    if let Some(text) = misfit {
        report.at(scene, scene.step.id.as_str(), scene.finding(Code::V405, text));
    }
}

fn unknown(scene: &Scene<'_>) -> Option<String> {
    let machine = scene.step.action.machine()?;
    (!scene.migration.machines.contains_key(machine)).then(|| format!("expected a declared machine; found {machine}"))
}

fn misfit(state: &State, action: &Action) -> Option<String> {
    match action {
        Action::PrepareWorkstation | Action::AddEtcdMember { .. } | Action::RemoveEtcdMember { .. } | Action::RunHook { .. } => None,
        Action::CleanUp { .. } | Action::PrepareInstaller | Action::ImportPackages { .. } | Action::ApplyInventory => None,
        Action::JoinCluster { machine, roles, .. } => {
            has_role(state, machine).or_else(|| roles.is_empty().then(|| format!("expected a role for {machine}; found none")))
        }
        Action::LeaveCluster { machine, .. } => {
            state.role_of(machine).is_none().then(|| format!("expected a machine of the cluster; {machine} is none"))
        }
        Action::ReinstallMachine { machine, .. } => has_role(state, machine),
        Action::ReorderInventory { control_plane, etcd } => {
            let listed = &state.installer.inventory;
            let same = is_permutation(control_plane, &listed.control_plane) && is_permutation(etcd, &listed.etcd);
            (!same).then(|| "expected another order of the machines that are listed; found other machines".to_owned())
        }
        Action::RepointBootstrap { to } => not_serving(state, to),
        Action::PrepareMachine { machine } => state
            .records
            .prepared
            .contains(machine)
            .then(|| format!("expected each machine to be prepared once; {machine} was prepared before")),
        Action::BackUpEtcd { member } | Action::ProveEtcd { member } | Action::RewriteEtcdUnit { machine: member } => {
            (!state.etcd.is_live_voter(member)).then(|| format!("expected a voting member of etcd; {member} is none"))
        }
        Action::BackUpControlPlane { machine } | Action::RepointControlPlane { machine, .. } => not_serving(state, machine),
        Action::AddControlPlane { machine, .. } => is_node(state, machine),
        Action::AddWorker { machine, join } => is_node(state, machine).or_else(|| unreachable(state, join)),
        Action::RepointWorker { machine, join } => not_a_worker(state, machine).or_else(|| unreachable(state, join)),
        Action::RepointWorkstation { join } => unreachable(state, join),
        Action::RemoveNode { machine, .. } => state.nodes.get(machine).is_none().then(|| format!("expected a node; {machine} is none")),
        Action::StartVirtualIp { machine, .. } => {
            is_candidate(state, machine).then(|| format!("expected a machine that is no candidate yet; {machine} is one"))
        }
        Action::ReconfigureVirtualIp { machine, .. } => not_a_candidate(state, std::slice::from_ref(machine)),
        Action::ProveVirtualIp { candidates, .. } => not_a_candidate(state, candidates),
        Action::HandOverVirtualIp { leaving } => not_a_candidate(state, leaving),
    }
}

fn not_serving(state: &State, machine: &MachineName) -> Option<String> {
    (!state.serves(machine)).then(|| format!("expected a control plane that serves; {machine} is none"))
}

fn has_role(state: &State, machine: &MachineName) -> Option<String> {
    state.role_of(machine).map(|role| format!("expected a machine that is nothing to the cluster at this moment; {machine} is {role}"))
}

fn is_permutation(one: &[MachineName], other: &[MachineName]) -> bool {
    one.len() == other.len() && one.iter().collect::<BTreeSet<_>>() == other.iter().collect()
}

fn is_node(state: &State, machine: &MachineName) -> Option<String> {
    state.nodes.get(machine).map(|_| format!("expected a machine that is no node yet; {machine} is one"))
}

fn not_a_worker(state: &State, machine: &MachineName) -> Option<String> {
    let worker = state.nodes.get(machine).is_some_and(|node| node.role == NodeRole::Worker);
    (!worker).then(|| format!("expected a worker; {machine} is none"))
}

fn is_candidate(state: &State, machine: &MachineName) -> bool {
    state.virtual_ip.candidates.contains_key(machine)
}

fn not_a_candidate(state: &State, machines: &[MachineName]) -> Option<String> {
    if machines.is_empty() {
        return Some("expected at least one candidate for the virtual IP; found none".to_owned());
    }
    let stranger = machines.iter().find(|machine| !is_candidate(state, machine))?;
    Some(format!("expected a running candidate for the virtual IP; {stranger} is none"))
}

/// A client must be able to reach the API at its new address from the start.
fn unreachable(state: &State, join: &JoinAddress) -> Option<String> {
    match join {
        JoinAddress::VirtualIp if state.virtual_ip.candidates.is_empty() => {
            Some("expected an address at which the API is served; nobody holds the virtual IP".to_owned())
        }
        JoinAddress::Machine(machine) if !state.serves(machine) => {
            Some(format!("expected an address at which the API is served; {machine} serves none"))
        }
        JoinAddress::VirtualIp | JoinAddress::Machine(_) | JoinAddress::OwnProxy | JoinAddress::LoadBalancer => None,
    }
}
