//! What an installer does to a machine with all its roles, moment by moment.
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
    state.installer.inventory.list(machine, roles);
    if has(MachineRole::EtcdMember) {
        add_etcd_member(state, machine, join, observe);
    }
    if has(MachineRole::ControlPlane) || has(MachineRole::EtcdMember) {
        restart_members(state, migration, observe);
    }
    if has(MachineRole::ControlPlane) {
        state.api.configure(machine, std::slice::from_ref(machine));
        state.nodes.register(machine, NodeRole::ControlPlane, None, migration);
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

/// Drained, taken out of etcd, reset, deleted. A machine that does not answer cannot be reset: what lies on its disk stays there.
pub fn leave_cluster(
    state: &mut State,
    machine: &MachineName,
    unlisted: &[MachineName],
    migration: &Migration,
    observe: &mut Observer<'_>,
) {
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
