//! The machines as an installer lists them: who is in which group, in which order.
//!
//! Order has a meaning: an installer asks the first of a group about the others. Does not know how a list is written down.

use super::MachineRole;
use crate::model::MachineName;

/// Empty for distributions without an installer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inventory {
    pub control_plane: Vec<MachineName>,
    pub workers: Vec<MachineName>,
    pub etcd: Vec<MachineName>,
}

impl Inventory {
    /// Whether any group lists the machine.
    pub fn lists(&self, machine: &MachineName) -> bool {
        self.groups().into_iter().any(|group| group.contains(machine))
    }

    /// Lists a machine in the groups of its roles, at their end; where it stands already it stays.
    pub fn list(&mut self, machine: &MachineName, roles: &[MachineRole]) {
        for role in roles {
            let group = match role {
                MachineRole::ControlPlane => &mut self.control_plane,
                MachineRole::Worker => &mut self.workers,
                MachineRole::EtcdMember => &mut self.etcd,
            };
            if !group.contains(machine) {
                group.push(machine.clone());
            }
        }
    }

    /// Takes a machine out of every group.
    pub fn unlist(&mut self, machine: &MachineName) {
        for group in [&mut self.control_plane, &mut self.workers, &mut self.etcd] {
            group.retain(|name| name != machine);
        }
    }

    /// Every machine once: control planes, workers, the rest of etcd.
    pub fn machines(&self) -> impl Iterator<Item = &MachineName> {
        let only_etcd = self.etcd.iter().filter(|name| !self.control_plane.contains(name) && !self.workers.contains(name));
        self.control_plane.iter().chain(&self.workers).chain(only_etcd)
    }

    fn groups(&self) -> [&Vec<MachineName>; 3] {
        [&self.control_plane, &self.workers, &self.etcd]
    }
}
