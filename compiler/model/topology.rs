//! Who plays which role at one end of the migration.
//!
//! Order is the user's and is kept: it decides priorities and the order of steps. Does not know the other end.

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
}

/// An address that clients are given for the API.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum JoinAddress {
    VirtualIp,
    /// A control plane's own address.
    Machine(MachineName),
}

impl Topology {
    /// Control planes first, then workers: everything that is a Kubernetes node.
    pub fn nodes(&self) -> impl Iterator<Item = &Located<MachineName>> {
        self.control_plane.iter().chain(&self.workers)
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
