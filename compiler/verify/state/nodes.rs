//! Kubernetes nodes, counted.
//!
//! Counts by address and room for pods are kept up to date, never worked out anew: a cluster has thousands of workers, and a
//! step must not look at all of them. Does not know which API server an address leads to.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{JoinAddress, MachineName, Migration, PodsOnControlPlanes, WorkerAccess};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NodeRole {
    ControlPlane,
    Worker,
}

#[derive(Debug, Clone)]
pub struct Node {
    pub role: NodeRole,
    /// Control planes reach their own API server, where this says nothing else.
    pub join: Option<JoinAddress>,
}

/// Pods that a drain moves, against what schedulable nodes may run. Only known when every node declares its pods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    pub movable: u64,
    pub capacity: u64,
}

#[derive(Debug, Clone)]
pub struct Nodes {
    registered: BTreeMap<MachineName, Node>,
    workers_at: BTreeMap<JoinAddress, usize>,
    cordoned: BTreeSet<MachineName>,
    pub schedulable: usize,
    pub room: Option<Room>,
}

impl Nodes {
    pub fn of(migration: &Migration) -> Self {
        let (source, target) = (&migration.source, &migration.target);
        let pods = |name: &MachineName| migration.machines.get(name).and_then(|machine| machine.pods);
        let declared = source.nodes().chain(target.nodes()).all(|role| pods(&role.value).is_some());
        let movable = source.nodes().filter_map(|role| pods(&role.value)).map(|pods| u64::from(pods.movable)).sum();
        let mut nodes = Self {
            registered: BTreeMap::new(),
            workers_at: BTreeMap::new(),
            cordoned: BTreeSet::new(),
            schedulable: 0,
            room: declared.then_some(Room { movable, capacity: 0 }),
        };
        let servers = source.control_plane.iter().filter(|_| migration.cluster.distribution.control_planes_are_nodes());
        for role in servers {
            let join = migration.cluster.distribution.control_planes_have_an_address().then(|| worker_address(migration));
            // The one that others go by goes by itself.
            let join = join.filter(|join| *join != JoinAddress::Machine(role.value.clone()));
            nodes.register(&role.value, NodeRole::ControlPlane, join.as_ref(), migration);
        }
        for role in &source.workers {
            // One that does not answer asks nobody.
            let join = (!migration.is_failed(&role.value)).then(|| worker_address(migration));
            nodes.register(&role.value, NodeRole::Worker, join.as_ref(), migration);
        }
        // What ran on a machine that does not answer needs room elsewhere already.
        source.nodes().filter(|role| migration.is_failed(&role.value)).for_each(|role| nodes.cordon(&role.value, migration));
        nodes
    }

    pub fn get(&self, machine: &MachineName) -> Option<&Node> {
        self.registered.get(machine)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&MachineName, &Node)> {
        self.registered.iter()
    }

    /// Whether the machine is a node that takes pods at this moment.
    pub fn takes_pods(&self, machine: &MachineName, migration: &Migration) -> bool {
        let node = self.registered.get(machine);
        node.is_some_and(|node| takes_pods(machine, node.role, migration)) && !self.cordoned.contains(machine)
    }

    /// Nodes that are there, and take no pods at this moment.
    pub fn closed(&self) -> impl Iterator<Item = &MachineName> {
        self.cordoned.iter()
    }

    /// Addresses that at least one worker uses.
    pub fn addresses(&self) -> impl Iterator<Item = &JoinAddress> {
        self.workers_at.keys()
    }

    /// A node joins and takes pods.
    pub fn register(&mut self, machine: &MachineName, role: NodeRole, join: Option<&JoinAddress>, migration: &Migration) {
        if self.registered.contains_key(machine) {
            return;
        }
        if takes_pods(machine, role, migration) {
            self.schedulable += 1;
            self.change_capacity(machine, migration, u64::saturating_add);
        }
        self.registered.insert(machine.clone(), Node { role, join: None });
        if let Some(join) = join {
            self.repoint(machine, join);
        }
    }

    /// A worker reaches the API at another address.
    pub fn repoint(&mut self, machine: &MachineName, join: &JoinAddress) {
        let Some(node) = self.registered.get_mut(machine) else { return };
        let before = node.join.replace(join.clone());
        *self.workers_at.entry(join.clone()).or_insert(0) += 1;
        if let Some(before) = before {
            self.leave(&before);
        }
    }

    /// A node that stays in the cluster has another role from now on, and takes pods as that role does.
    pub fn change_role(&mut self, machine: &MachineName, role: NodeRole, join: Option<&JoinAddress>, migration: &Migration) {
        self.cordon(machine, migration);
        self.delete(machine);
        self.register(machine, role, join, migration);
    }

    /// The node takes no pods any more.
    pub fn cordon(&mut self, machine: &MachineName, migration: &Migration) {
        let took_pods = self.registered.get(machine).is_some_and(|node| takes_pods(machine, node.role, migration));
        if took_pods && self.cordoned.insert(machine.clone()) {
            self.schedulable = self.schedulable.saturating_sub(1);
            self.change_capacity(machine, migration, u64::saturating_sub);
        }
    }

    /// A drained node is deleted.
    pub fn delete(&mut self, machine: &MachineName) {
        self.cordoned.remove(machine);
        if let Some(join) = self.registered.remove(machine).and_then(|node| node.join) {
            self.leave(&join);
        }
    }

    fn leave(&mut self, join: &JoinAddress) {
        let rest = self.workers_at.get(join).map_or(0, |count| count.saturating_sub(1));
        if rest == 0 {
            self.workers_at.remove(join);
        } else {
            self.workers_at.insert(join.clone(), rest);
        }
    }

    fn change_capacity(&mut self, machine: &MachineName, migration: &Migration, change: fn(u64, u64) -> u64) {
        let capacity = migration.machines.get(machine).and_then(|machine| machine.pods).map_or(0, |pods| u64::from(pods.capacity));
        if let Some(room) = &mut self.room {
            room.capacity = change(room.capacity, capacity);
        }
    }
}

fn takes_pods(machine: &MachineName, role: NodeRole, migration: &Migration) -> bool {
    match (role, migration.cluster.distribution.pods_on_control_planes()) {
        (NodeRole::Worker, _) | (NodeRole::ControlPlane, PodsOnControlPlanes::Always) => true,
        (NodeRole::ControlPlane, PodsOnControlPlanes::Never) => false,
        (NodeRole::ControlPlane, PodsOnControlPlanes::Source) => migration.source.is_control_plane(machine),
    }
}

/// Where the source's workers reach the API.
fn worker_address(migration: &Migration) -> JoinAddress {
    match migration.cluster.distribution.worker_access() {
        WorkerAccess::JoinAddress => migration.source.join_address.value.clone(),
        WorkerAccess::OwnProxy => JoinAddress::OwnProxy,
        WorkerAccess::LoadBalancer => JoinAddress::LoadBalancer,
    }
}
