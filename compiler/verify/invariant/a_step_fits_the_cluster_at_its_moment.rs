//! A step fits the cluster at its moment: what it removes is there, what it adds is not.
//!
//! One exhaustive match over the actions, like the effects. What etcd says to changes of its members is asked elsewhere.

use std::collections::BTreeSet;

use crate::diag::Code;
use crate::ir::Action;
use crate::model::{JoinAddress, MachineName};
use crate::verify::scene::{Report, Scene, listed};
use crate::verify::state::{Contents, NodeRole, State};

pub fn check(scene: &Scene<'_>, report: &mut Report) {
    let misfit = unknown(scene).or_else(|| misfit(scene.state, &scene.step.action)).or_else(|| no_node(scene)).or_else(|| no_volume(scene));
    if let Some(text) = misfit {
        report.at(scene, scene.step.id.as_str(), scene.finding(Code::V405, text));
    }
}

fn unknown(scene: &Scene<'_>) -> Option<String> {
    let machine = scene.step.action.machine()?;
    (!scene.migration.machines.contains_key(machine)).then(|| format!("expected a declared machine; found {machine}"))
}

/// A member that lives only where its machine is a node has one from its first moment to its last.
fn no_node(scene: &Scene<'_>) -> Option<String> {
    let state = scene.state;
    if !scene.migration.cluster.etcd.process.needs_a_node() {
        return None;
    }
    match &scene.step.action {
        Action::AddEtcdMember { machine, .. } | Action::RewriteEtcdUnit { machine } => {
            state.nodes.get(machine).is_none().then(|| format!("expected a node, which runs the member; {machine} is none"))
        }
        Action::RemoveNode { machine, .. } if state.etcd.member(machine).is_some() => {
            Some(format!("expected a node that runs no member of etcd; {machine} does"))
        }
        _ => None,
    }
}

/// A volume is made anew from where it lies, on a node that takes pods. On the machine itself only after that was made anew as well.
fn no_volume(scene: &Scene<'_>) -> Option<String> {
    let Action::RecoverVolume { application, claim, from, to } = &scene.step.action else { return None };
    let volume = scene.state.storage.get(application).and_then(|stored| stored.volume(claim));
    let Some(volume) = volume else { return Some(format!("expected a declared volume; found {claim} of {application}")) };
    if volume.on != *from {
        return Some(format!("expected {claim} of {application} to lie on {from}; it lies on {}", volume.on));
    }
    let lies_well = volume.contents != Contents::Gone && from == to;
    let takes_none = !scene.state.nodes.takes_pods(to, scene.migration);
    let text = format!("expected another node that takes pods, for {claim} of {application}; {to} is none");
    (lies_well || takes_none).then_some(text)
}

fn misfit(state: &State, action: &Action) -> Option<String> {
    match action {
        Action::PrepareWorkstation | Action::AddEtcdMember { .. } | Action::RemoveEtcdMember { .. } | Action::RunHook { .. } => None,
        Action::RecoverVolume { .. } => None,
        Action::CleanUp { .. } | Action::PrepareInstaller | Action::ImportPackages { .. } | Action::ApplyInventory => None,
        Action::JoinCluster { machine, roles, .. } => {
            has_role(state, machine).or_else(|| roles.is_empty().then(|| format!("expected a role for {machine}; found none")))
        }
        Action::LeaveCluster { machine, .. } => {
            state.role_of(machine).is_none().then(|| format!("expected a machine of the cluster; {machine} is none"))
        }
        Action::ReinstallMachine { machine, .. } => has_role(state, machine),
        Action::ReorderInventory { control_plane, etcd } => other_machines(state, control_plane, etcd),
        Action::FenceMachine { machine } => {
            let answers = state.etcd.is_live_voter(machine) || state.serves(machine);
            answers.then(|| format!("expected a machine that does not answer; {machine} does"))
        }
        Action::DescribeServer { machine, join: JoinAddress::Machine(other) } => {
            not_serving(state, machine).or_else(|| not_serving(state, other))
        }
        Action::DescribeServer { machine, .. } => not_serving(state, machine),
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
        Action::AddControlPlane { machine, .. } => is_control_plane(state, machine),
        Action::DemoteControlPlane { machine } => not_serving(state, machine),
        Action::StartLoadBalancer { machine, .. } => balances(state, machine).or_else(|| not_serving(state, machine)),
        Action::ReconfigureLoadBalancer { machine, .. } => match balances(state, machine) {
            Some(_) => None,
            None => Some(format!("expected a machine with a load balancer; {machine} has none")),
        },
        Action::InstallControlPlane { machine, .. } => {
            state.api.get(machine).map(|_| format!("expected a machine that is no control plane yet; {machine} is one"))
        }
        Action::HandOverControlPlane { from, to, datastore } => not_serving(state, from).or_else(|| not_installed(state, to, datastore)),
        Action::RepointNodes { nodes, join, .. } => {
            nodes.iter().find_map(|node| not_a_worker(state, node)).or_else(|| unreachable(state, join))
        }
        Action::StartControllers { machine } => not_serving(state, machine),
        Action::RollDns { server, .. } => not_serving(state, server).or_else(|| nobody_starts_pods(state)),
        Action::RepointServiceProxies { join } => unreachable(state, join),
        Action::RepointNetwork { .. } | Action::PublishControlPlane { .. } => None,
        Action::AddWorker { machine, join } => is_node(state, machine).or_else(|| unreachable(state, join)),
        Action::RepointWorker { machine, join } => without_an_address(state, machine).or_else(|| unreachable(state, join)),
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

fn other_machines(state: &State, control_plane: &[MachineName], etcd: &[MachineName]) -> Option<String> {
    let listed = &state.installer.inventory;
    let same = is_permutation(control_plane, &listed.control_plane) && is_permutation(etcd, &listed.etcd);
    (!same).then(|| "expected another order of the machines that are listed; found other machines".to_owned())
}

fn not_serving(state: &State, machine: &MachineName) -> Option<String> {
    (!state.serves(machine)).then(|| format!("expected a control plane that serves; {machine} is none"))
}

fn balances(state: &State, machine: &MachineName) -> Option<String> {
    let upstreams = state.balancers.upstreams(machine);
    upstreams.map(|_| format!("expected a machine without a load balancer; {machine} has one"))
}

/// A control plane is handed what was made ready for it, and nothing else.
fn not_installed(state: &State, machine: &MachineName, datastore: &[MachineName]) -> Option<String> {
    let installed = state.writers.as_ref().and_then(|writers| writers.installed.get(machine));
    match installed {
        Some(ready) if ready == datastore => None,
        Some(ready) => Some(format!("expected {machine} to be ready with its data on {}; it is on {}", listed(datastore), listed(ready))),
        None => Some(format!("expected a control plane that lies ready; {machine} does not")),
    }
}

/// A rolled controller has pods only if something starts them.
fn nobody_starts_pods(state: &State) -> Option<String> {
    let waits = state.writers.as_ref().is_some_and(|writers| writers.controllers.is_none());
    waits.then(|| "expected controllers to run, which start the new pods; none run".to_owned())
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

/// A worker may become one, where nodes change their roles.
fn is_control_plane(state: &State, machine: &MachineName) -> Option<String> {
    let is_one = state.nodes.get(machine).is_some_and(|node| node.role == NodeRole::ControlPlane);
    is_one.then(|| format!("expected a machine that is no control plane yet; {machine} is one"))
}

/// Control planes that reach their own API server are told nothing.
fn without_an_address(state: &State, machine: &MachineName) -> Option<String> {
    let has_one = state.nodes.get(machine).is_some_and(|node| node.join.is_some());
    (!has_one).then(|| format!("expected a worker; {machine} is none"))
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
