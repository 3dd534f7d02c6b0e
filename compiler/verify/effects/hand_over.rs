//! What happens where one API server writes at a time: the old one stops, the new one starts, and controllers wait for the nodes.
//!
//! Does not judge how long nodes look for the API.

use super::Observer;
use crate::model::{JoinAddress, MachineName};
use crate::verify::state::{Dns, Serving, State};

/// Nothing runs yet.
pub fn install(state: &mut State, machine: &MachineName, datastore: &[MachineName]) {
    if let Some(writers) = &mut state.writers {
        writers.installed.insert(machine.clone(), datastore.to_vec());
    }
}

pub fn apply(state: &mut State, from: &MachineName, to: &MachineName, datastore: &[MachineName], observe: &mut Observer<'_>) {
    if let Some(writers) = &mut state.writers {
        writers.controllers = None;
    }
    observe(state, "the old controllers have stopped");
    state.api.set_serving(from, Serving::Stopped);
    observe(state, "the old API server has stopped and the new one has not started");
    state.api.configure(to, datastore);
}

pub fn repoint_nodes(state: &mut State, nodes: &[MachineName], join: &JoinAddress, datastore: &[MachineName]) {
    for node in nodes {
        state.records.workers_repointed.insert(node.clone());
        state.nodes.repoint(node, join);
    }
    if !datastore.is_empty() {
        state.network.repoint_nodes(nodes, datastore);
    }
}

pub fn start_controllers(state: &mut State, machine: &MachineName) {
    if let Some(writers) = &mut state.writers {
        writers.controllers = Some(machine.clone());
    }
}

pub fn roll_dns(state: &mut State, server: &MachineName, datastore: &[MachineName]) {
    if let Some(dns) = &mut state.dns {
        *dns = Dns { server: server.clone(), datastore: datastore.to_vec() };
    }
}
