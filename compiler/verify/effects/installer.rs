//! What happens to a machine that comes or goes with all its roles, moment by moment: by an installer, or because a server is a member
//! of etcd by itself.
//!
//! Does not judge, and does not fail. What is said of restarts is what the distribution says of itself.

use super::{Observer, add_etcd_member};
use crate::ir::MachineRole;
use crate::model::{EtcdJoin, JoinAddress, MachineName, Migration, WorkerAccess};
use crate::verify::state::{NodeRole, Serving, State};

pub fn join_cluster(
    state: &mut State,
    machine: &MachineName,
    roles: &[MachineRole],
    join: EtcdJoin,
    migration: &Migration,
    observe: &mut Observer<'_>,
) {
    let has = |role| roles.contains(&role);
    if migration.cluster.distribution.has_inventory() {
        state.installer.inventory.list(machine, roles);
    }
    if has(MachineRole::EtcdMember) {
        add_etcd_member(state, machine, join, observe);
    }
    if has(MachineRole::ControlPlane) || has(MachineRole::EtcdMember) {
        restart_members(state, migration, observe);
    }
    if has(MachineRole::ControlPlane) {
        // It asks at the address while somebody holds it, else at one that serves; best at one that stays.
        let by_address = !state.virtual_ip.candidates.is_empty();
        if by_address || state.api.serving().any(|name| name != machine && migration.target.is_control_plane(name)) {
            state.records.servers_described.insert(machine.clone());
        }
        state.api.configure(machine, std::slice::from_ref(machine));
        state.nodes.register(machine, NodeRole::ControlPlane, None, migration);
        install_candidates(state, machine, migration, observe);
    } else if has(MachineRole::Worker) {
        let address = match migration.cluster.distribution.worker_access() {
            WorkerAccess::JoinAddress => migration.target.join_address.value.clone(),
            WorkerAccess::OwnProxy => JoinAddress::OwnProxy,
            WorkerAccess::LoadBalancer => JoinAddress::LoadBalancer,
        };
        state.nodes.register(machine, NodeRole::Worker, Some(&address), migration);
    }
    if has(MachineRole::ControlPlane) || has(MachineRole::EtcdMember) {
        tell_api_servers(state, migration);
    }
}

/// Where whoever installs servers runs keepalived on all that it is told of: the address goes to the first of them while they are
/// configured, and the newcomer becomes a candidate last, when its API server serves.
fn install_candidates(state: &mut State, machine: &MachineName, migration: &Migration, observe: &mut Observer<'_>) {
    let Some(given) = migration.cluster.distribution.priorities_of_servers() else { return };
    let first = migration.target.virtual_ip.first().map(|role| &role.value);
    let before: Vec<MachineName> = state.virtual_ip.candidates.keys().cloned().collect();
    let held = state.virtual_ip.possible_holders.clone();
    state.virtual_ip.install(&before, first, given, migration);
    let moved_to = std::mem::take(&mut state.virtual_ip.possible_holders);
    // Until the first has taken it, whoever held the address before still may.
    state.virtual_ip.possible_holders = held.into_iter().chain(moved_to).collect();
    observe(state, "the candidates for the virtual IP are configured anew, and the first of them takes it");
    let all: Vec<MachineName> = before.into_iter().chain([machine.clone()]).collect();
    state.virtual_ip.install(&all, first, given, migration);
}

/// Drained, taken out of etcd, reset, deleted. A machine that does not answer cannot be reset: what lies on its disk stays there.
pub fn leave_cluster(
    state: &mut State,
    machine: &MachineName,
    unlisted: &[MachineName],
    migration: &Migration,
    observe: &mut Observer<'_>,
) {
    if migration.cluster.distribution.virtual_ip_comes_with_servers() && state.virtual_ip.candidates.contains_key(machine) {
        state.virtual_ip.stop(std::slice::from_ref(machine));
        observe(state, "it is no candidate any more, and another one has the virtual IP");
    }
    state.nodes.cordon(machine, migration);
    observe(state, "the node is drained");
    if state.etcd.member(machine).is_some() {
        state.etcd.remove(machine);
        state.records.membership_changes();
    }
    if !migration.is_failed(machine) {
        state.etcd.wipe(machine);
    }
    state.api.remove(machine);
    state.storage.lose(machine);
    observe(state, "the machine is reset and its node is not yet deleted");
    state.nodes.delete(machine);
    state.records.prepared.remove(machine);
    unlisted.iter().for_each(|name| state.installer.inventory.unlist(name));
}

/// The list is another one; whoever was told of the old one is told of it when the inventory is applied.
pub fn reorder_inventory(state: &mut State, control_plane: &[MachineName], etcd: &[MachineName]) {
    state.installer.inventory.control_plane = control_plane.to_vec();
    state.installer.inventory.etcd = etcd.to_vec();
    state.installer.is_applied = false;
}

/// Every machine is configured anew: API servers and proxies know who is listed.
pub fn apply_inventory(state: &mut State, migration: &Migration, observe: &mut Observer<'_>) {
    state.installer.is_applied = true;
    restart_members(state, migration, observe);
    tell_api_servers(state, migration);
    if let Some(known) = &mut state.installer.proxies {
        known.clone_from(&state.installer.inventory.control_plane);
    }
    let servers: Vec<MachineName> = state.api.serving().cloned().collect();
    for server in servers {
        state.api.set_serving(&server, Serving::Restarting);
        observe(state, "its API servers restart one by one");
        state.api.set_serving(&server, Serving::Up);
    }
}

fn restart_members(state: &mut State, migration: &Migration, observe: &mut Observer<'_>) {
    let listed = state.installer.inventory.etcd.len();
    state.installer.restarting_members = migration.cluster.distribution.etcd_restarts_at_once(listed);
    if state.installer.restarting_members > 0 {
        observe(state, "members of etcd restart under their new configuration");
    }
    state.installer.restarting_members = 0;
}

fn tell_api_servers(state: &mut State, migration: &Migration) {
    if !migration.cluster.distribution.api_server_uses_its_own_member() {
        let members = state.installer.inventory.etcd.clone();
        state.api.set_datastores(&members);
    }
}
