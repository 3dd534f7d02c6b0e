//! On which etcd members the pod network keeps its data: told to all nodes at once, or to some after others.
//!
//! Does not know how nodes are told.

use std::collections::BTreeSet;

use crate::model::{MachineName, Migration};

/// At most two lists are in use: that of the nodes that were told last, and that of the others.
#[derive(Debug, Clone, Default)]
pub struct Network {
    /// Of nodes that were not told otherwise; empty where the network keeps nothing there.
    rest: Vec<MachineName>,
    told: Vec<MachineName>,
    nodes_told: BTreeSet<MachineName>,
    nodes: usize,
}

impl Network {
    pub fn of(migration: &Migration) -> Self {
        let source = &migration.source;
        let distribution = &migration.cluster.distribution;
        let has_nodes = !source.workers.is_empty() || distribution.control_planes_are_nodes();
        if !distribution.network_is_in_etcd() || !has_nodes {
            return Self::default();
        }
        let rest = source.etcd.iter().map(|role| role.value.clone()).collect();
        Self { rest, nodes: source.workers.len(), ..Self::default() }
    }

    /// The lists in use.
    pub fn lists(&self) -> impl Iterator<Item = &[MachineName]> {
        let told = (!self.nodes_told.is_empty()).then_some(self.told.as_slice());
        std::iter::once(self.rest.as_slice()).chain(told).filter(|list| !list.is_empty())
    }

    /// Every node keeps to these members.
    pub fn repoint(&mut self, datastore: &[MachineName]) {
        self.rest = datastore.to_vec();
        self.nodes_told.clear();
    }

    /// These nodes keep to these members; when all were told, nobody is left with another list.
    pub fn repoint_nodes(&mut self, nodes: &[MachineName], datastore: &[MachineName]) {
        self.told = datastore.to_vec();
        self.nodes_told.extend(nodes.iter().cloned());
        if self.nodes_told.len() >= self.nodes {
            self.repoint(datastore);
        }
    }
}
