//! What it does to a node to become a control plane, and to be none any more, moment by moment.
//!
//! Does not judge, and does not fail.

use super::Observer;
use crate::model::{MachineName, Migration};
use crate::verify::state::{NodeRole, State};

/// A node that was none joins; one that was a worker is drained first.
pub fn add(
    state: &mut State,
    machine: &MachineName,
    datastore: &[MachineName],
    cordoned: &[MachineName],
    migration: &Migration,
    observe: &mut Observer<'_>,
) {
    if state.nodes.get(machine).is_some() {
        cordoned.iter().chain(std::iter::once(machine)).for_each(|node| state.nodes.cordon(node, migration));
        observe(state, "the node is drained");
        state.storage.lose(machine);
        state.nodes.change_role(machine, NodeRole::ControlPlane, None, migration);
    } else {
        state.nodes.register(machine, NodeRole::ControlPlane, None, migration);
    }
    state.api.configure(machine, datastore);
}

/// The API server and what belongs to it end; the node goes on, and reaches the API as workers do.
pub fn demote(state: &mut State, machine: &MachineName, migration: &Migration, observe: &mut Observer<'_>) {
    state.api.remove(machine);
    // Without its API server keepalived's own check fails: it is a candidate no more.
    state.virtual_ip.stop(std::slice::from_ref(machine));
    state.balancers.remove(machine);
    observe(state, "its API server is gone and the node is not yet told");
    state.nodes.change_role(machine, NodeRole::Worker, Some(&migration.target.join_address.value), migration);
}
