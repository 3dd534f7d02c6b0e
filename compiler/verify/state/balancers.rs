//! Load balancers in front of the API servers: which run, and whom each leads to.
//!
//! Does not know which of them an address leads to, nor whether an API server serves.

use indexmap::IndexMap;

use crate::model::{MachineName, Migration};

/// By machine, in the order in which they started. Empty where clients reach API servers directly.
#[derive(Debug, Clone, Default)]
pub struct Balancers(IndexMap<MachineName, Vec<MachineName>>);

impl Balancers {
    /// Every control plane of the source has one, and each leads to all.
    pub fn of(migration: &Migration) -> Self {
        if migration.cluster.balancer.is_none() {
            return Self::default();
        }
        let names: Vec<MachineName> = migration.source.control_plane.iter().map(|role| role.value.clone()).collect();
        Self(names.iter().map(|name| (name.clone(), names.clone())).collect())
    }

    pub fn upstreams(&self, machine: &MachineName) -> Option<&[MachineName]> {
        self.0.get(machine).map(Vec::as_slice)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&MachineName, &Vec<MachineName>)> {
        self.0.iter()
    }

    pub fn set(&mut self, machine: &MachineName, upstreams: &[MachineName]) {
        self.0.insert(machine.clone(), upstreams.to_vec());
    }

    pub fn remove(&mut self, machine: &MachineName) {
        self.0.shift_remove(machine);
    }
}
