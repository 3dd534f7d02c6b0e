//! Who plays which role at one end of the migration.
//!
//! Order is the user's and is kept: it decides priorities and the order of steps. Does not know the other end.

use std::collections::BTreeSet;

use super::MachineName;
use crate::source::{Located, Place};

/// Roles at one end. The lists hold no machine twice, and name only declared machines.
#[derive(Debug, Clone)]
pub struct Topology {
    pub control_plane: Vec<Located<MachineName>>,
    pub workers: Vec<Located<MachineName>>,
    pub etcd: Vec<Located<MachineName>>,
    /// Machines that may hold the virtual IP, highest priority first. Always control planes.
    pub virtual_ip: Vec<Located<MachineName>>,
    /// The address at which workers and the operator reach the API.
    pub join_address: Located<JoinAddress>,
    pub place: Place,
    /// The names of all nodes, so that asking for one of ten thousand does not read ten thousand.
    node_names: BTreeSet<MachineName>,
}

/// An address that clients are given for the API.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum JoinAddress {
    VirtualIp,
    /// A control plane's own address.
    Machine(MachineName),
    /// A proxy on the client's own machine, which knows every control plane.
    OwnProxy,
    /// An address in front of the API that the plan does not manage.
    LoadBalancer,
}

impl Topology {
    pub fn new(
        [control_plane, workers, etcd, virtual_ip]: [Vec<Located<MachineName>>; 4],
        join_address: Located<JoinAddress>,
        place: Place,
    ) -> Self {
        let node_names = control_plane.iter().chain(&workers).map(|role| role.value.clone()).collect();
        Self { control_plane, workers, etcd, virtual_ip, join_address, place, node_names }
    }

    /// Control planes first, then workers: everything that is a Kubernetes node.
    pub fn nodes(&self) -> impl Iterator<Item = &Located<MachineName>> {
        self.control_plane.iter().chain(&self.workers)
    }

    pub fn is_node(&self, machine: &MachineName) -> bool {
        self.node_names.contains(machine)
    }

    /// Whether the machine plays any role at this end.
    pub fn has_role(&self, machine: &MachineName) -> bool {
        self.is_node(machine) || self.is_etcd_member(machine)
    }

    pub fn is_control_plane(&self, machine: &MachineName) -> bool {
        self.control_plane.iter().any(|role| role.value == *machine)
    }

    pub fn is_etcd_member(&self, machine: &MachineName) -> bool {
        self.etcd.iter().any(|role| role.value == *machine)
    }

    pub fn is_virtual_ip_candidate(&self, machine: &MachineName) -> bool {
        self.virtual_ip.iter().any(|role| role.value == *machine)
    }
}
