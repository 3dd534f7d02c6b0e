//! The plan while it is being written: steps so far, and how the cluster stands after them.
//!
//! Knows how a step gets its id, its moment and its needs. Does not know why a step is there: rules do.

use std::collections::BTreeSet;
use std::sync::Arc;

use indexmap::IndexMap;

use crate::ir::{Action, Inventory, MachineRole, Phase, Plan, Standing, Step, StepId};
use crate::model::{JoinAddress, MachineName, Migration, RoleTravel, Topology, WorkerAccess};
use crate::plan::lying::Lying;
use crate::source::{Located, Place};

#[derive(Debug)]
pub struct Draft {
    steps: Vec<Step>,
    standing: Arc<Standing>,
    /// What the next step must wait for.
    frontier: Vec<StepId>,
    /// The control plane at which machines that join ask, where that is written down by its name.
    bootstrap: Option<MachineName>,
    /// Where the operator's own commands reach the API.
    workstation: JoinAddress,
    /// Where workers that were there before reach the API.
    workers: JoinAddress,
    /// Whether who belongs to the cluster is listed anywhere.
    has_inventory: bool,
    /// Whether a server is a candidate for the virtual IP from the moment when it joins until it leaves.
    virtual_ip_comes_with_servers: bool,
    /// Machines that have left and are still listed.
    gone: Vec<MachineName>,
    /// Whether everybody was told of the order of the installer's list.
    is_applied: bool,
    lying: Lying,
    /// Every machine that was a node so far, in the order in which they first came, and whether it is one now.
    nodes: IndexMap<MachineName, bool>,
    /// Machines that steps so far add with all their roles.
    joined: BTreeSet<MachineName>,
}

impl Draft {
    /// The empty plan for a cluster as the source describes it.
    pub fn at_source(migration: &Migration) -> Self {
        let names = |roles: &[Located<MachineName>]| roles.iter().map(|role| role.value.clone()).collect::<Vec<_>>();
        let alive = |roles: &[Located<MachineName>]| names(roles).into_iter().filter(|name| !migration.is_failed(name)).collect();
        let source = &migration.source;
        let inventory = match migration.cluster.distribution.role_travel() {
            RoleTravel::Apart | RoleTravel::WithTheServer => Inventory::default(),
            RoleTravel::Together => {
                Inventory { control_plane: names(&source.control_plane), workers: names(&source.workers), etcd: names(&source.etcd) }
            }
        };
        let standing =
            Standing { etcd: alive(&source.etcd), api: alive(&source.control_plane), virtual_ip: alive(&source.virtual_ip), inventory };
        let bootstrap = match migration.cluster.distribution.worker_access() {
            WorkerAccess::OwnProxy => source.control_plane.first().map(|role| role.value.clone()),
            WorkerAccess::JoinAddress | WorkerAccess::LoadBalancer => None,
        };
        let workstation = source.join_address.value.clone();
        Self {
            steps: Vec::new(),
            standing: Arc::new(standing),
            frontier: Vec::new(),
            bootstrap,
            workers: workstation.clone(),
            workstation,
            has_inventory: migration.cluster.distribution.has_inventory(),
            virtual_ip_comes_with_servers: migration.cluster.distribution.virtual_ip_comes_with_servers(),
            gone: Vec::new(),
            is_applied: true,
            lying: Lying::at_source(migration),
            nodes: source.nodes().map(|role| (role.value.clone(), !migration.is_failed(&role.value))).collect(),
            joined: BTreeSet::new(),
        }
    }

    /// A step that waits for everything before it, and that everything after it waits for.
    pub fn then(&mut self, phase: Phase, name: &str, action: Action, because: &Place) {
        let needs = std::mem::take(&mut self.frontier);
        let id = self.add(phase, name, action, because, needs);
        self.frontier.push(id);
    }

    /// Steps that do not wait for each other. They are still done one by one, in this order.
    pub fn side_by_side(&mut self, phase: Phase, steps: impl IntoIterator<Item = (String, Action, Place)>) {
        let needs = self.frontier.clone();
        let added: Vec<StepId> =
            steps.into_iter().map(|(name, action, because)| self.add(phase, &name, action, &because, needs.clone())).collect();
        if !added.is_empty() {
            self.frontier = added;
        }
    }

    fn add(&mut self, phase: Phase, name: &str, action: Action, because: &Place, needs: Vec<StepId>) -> StepId {
        let id = StepId::new(phase, name);
        let standing = Arc::clone(&self.standing);
        self.count_nodes(&action);
        self.advance(&action);
        self.steps.push(Step { id: id.clone(), phase, action, because: because.clone(), needs, standing });
        id
    }

    /// How the cluster stands after an action. Written here and not taken from the judge, who must be able to disagree.
    fn advance(&mut self, action: &Action) {
        match action {
            Action::AddEtcdMember { machine, .. } => self.change().etcd.push(machine.clone()),
            Action::RemoveEtcdMember { machine, .. } => self.change().etcd.retain(|name| name != machine),
            Action::AddControlPlane { machine, .. } => self.change().api.push(machine.clone()),
            Action::HandOverControlPlane { from, to, .. } => {
                let api = &mut self.change().api;
                api.retain(|name| name != from);
                api.push(to.clone());
            }
            Action::DemoteControlPlane { machine } => self.change().api.retain(|name| name != machine),
            Action::RemoveNode { machine, .. } if self.standing.api.contains(machine) => self.change().api.retain(|name| name != machine),
            Action::StartVirtualIp { machine, .. } => self.change().virtual_ip.push(machine.clone()),
            Action::HandOverVirtualIp { leaving } => self.change().virtual_ip.retain(|name| !leaving.contains(name)),
            Action::JoinCluster { machine, roles, .. } => self.join(machine, roles),
            Action::LeaveCluster { machine, unlisted, .. } => self.leave(machine, unlisted),
            Action::ReorderInventory { control_plane, etcd } => {
                self.is_applied = false;
                let inventory = &mut self.change().inventory;
                inventory.control_plane.clone_from(control_plane);
                inventory.etcd.clone_from(etcd);
            }
            Action::ApplyInventory => self.is_applied = true,
            Action::RepointBootstrap { to } => self.bootstrap = Some(to.clone()),
            Action::RepointWorkstation { join } => self.workstation = join.clone(),
            Action::RepointWorker { join, .. } => self.workers = join.clone(),
            Action::RecoverVolume { application, claim, to, .. } => self.lying.take(application, claim, to),
            Action::PrepareWorkstation
            | Action::PrepareInstaller
            | Action::ImportPackages { .. }
            | Action::ReinstallMachine { .. }
            | Action::PrepareMachine { .. }
            | Action::FenceMachine { .. }
            | Action::DescribeServer { .. }
            | Action::ProveVirtualIp { .. }
            | Action::BackUpEtcd { .. }
            | Action::BackUpControlPlane { .. }
            | Action::RewriteEtcdUnit { .. }
            | Action::RepointControlPlane { .. }
            | Action::StartLoadBalancer { .. }
            | Action::ReconfigureLoadBalancer { .. }
            | Action::RepointServiceProxies { .. }
            | Action::RepointNetwork { .. }
            | Action::InstallControlPlane { .. }
            | Action::RepointNodes { .. }
            | Action::StartControllers { .. }
            | Action::RollDns { .. }
            | Action::PublishControlPlane { .. }
            | Action::ReconfigureVirtualIp { .. }
            | Action::AddWorker { .. }
            | Action::RemoveNode { .. }
            | Action::CleanUp { .. }
            | Action::ProveEtcd { .. }
            | Action::RunHook { .. } => {}
        }
    }

    fn count_nodes(&mut self, action: &Action) {
        let (machine, is_node) = match action {
            Action::AddControlPlane { machine, .. } | Action::AddWorker { machine, .. } => (machine, true),
            Action::JoinCluster { machine, roles, .. } if *roles != [MachineRole::EtcdMember] => (machine, true),
            Action::RemoveNode { machine, .. } | Action::LeaveCluster { machine, .. } => (machine, false),
            _ => return,
        };
        self.nodes.insert(machine.clone(), is_node);
    }

    /// A worker that is listed already changes nothing that a step is made for; most steps of a large cluster share one moment.
    fn join(&mut self, machine: &MachineName, roles: &[MachineRole]) {
        self.gone.retain(|name| name != machine);
        self.joined.insert(machine.clone());
        if roles == [MachineRole::Worker] && self.standing.inventory.lists(machine) {
            return;
        }
        let (has_inventory, is_candidate) = (self.has_inventory, self.virtual_ip_comes_with_servers);
        let standing = self.change();
        if has_inventory {
            standing.inventory.list(machine, roles);
        }
        if roles.contains(&MachineRole::EtcdMember) {
            standing.etcd.push(machine.clone());
        }
        if roles.contains(&MachineRole::ControlPlane) {
            standing.api.push(machine.clone());
            standing.virtual_ip.extend(is_candidate.then(|| machine.clone()));
        }
    }

    fn leave(&mut self, machine: &MachineName, unlisted: &[MachineName]) {
        self.gone.push(machine.clone());
        self.gone.retain(|name| !unlisted.contains(name));
        let is_nobody = !self.standing.etcd.contains(machine) && !self.standing.api.contains(machine);
        if is_nobody && unlisted.is_empty() {
            return;
        }
        let was_candidate = self.virtual_ip_comes_with_servers;
        let standing = self.change();
        standing.etcd.retain(|name| name != machine);
        standing.api.retain(|name| name != machine);
        standing.virtual_ip.retain(|name| name != machine || !was_candidate);
        unlisted.iter().for_each(|name| standing.inventory.unlist(name));
    }

    /// The standing, for changing it: steps that stand already keep the one that they were made for.
    fn change(&mut self) -> &mut Standing {
        Arc::make_mut(&mut self.standing)
    }

    /// Where volumes lie after the steps so far.
    pub fn lying(&self) -> &Lying {
        &self.lying
    }

    /// The nodes after the steps so far, in the order in which they first came.
    pub fn nodes(&self) -> impl Iterator<Item = &MachineName> {
        self.nodes.iter().filter(|(_, is_node)| **is_node).map(|(name, _)| name)
    }

    /// How the cluster stands after the steps so far.
    pub fn standing(&self) -> &Standing {
        &self.standing
    }

    /// Whether a step so far adds the machine with all its roles.
    pub fn has_joined(&self, machine: &MachineName) -> bool {
        self.joined.contains(machine)
    }

    /// Whether the machine is away after the steps so far, with all its roles.
    pub fn has_left(&self, machine: &MachineName) -> bool {
        let leaves = |action: &Action| matches!(action, Action::LeaveCluster { machine: left, .. } if left == machine);
        let joins = |action: &Action| matches!(action, Action::JoinCluster { machine: joined, .. } if joined == machine);
        let last = self.steps.iter().map(|step| &step.action).rfind(|action| leaves(action) || joins(action));
        last.is_some_and(leaves)
    }

    /// Whether a step so far leaves the server with somebody of the target to ask when it starts: what it was told last, or where it
    /// joined.
    pub fn finds_others(&self, server: &MachineName, target: &Topology) -> bool {
        let told = |action: &Action| matches!(action, Action::DescribeServer { machine, .. } | Action::RepointControlPlane { machine, .. } if machine == server);
        let joins = |action: &Action| matches!(action, Action::JoinCluster { machine, .. } if machine == server);
        let are_there =
            |standing: &Standing| !standing.virtual_ip.is_empty() || standing.api.iter().any(|name| target.is_control_plane(name));
        self.steps.iter().any(|step| told(&step.action) || (joins(&step.action) && are_there(&step.standing)))
    }

    /// The control plane at which machines that join ask, where that is written down by its name.
    pub fn bootstrap(&self) -> Option<&MachineName> {
        self.bootstrap.as_ref()
    }

    /// Whether everybody was told of the order of the installer's list.
    pub fn is_applied(&self) -> bool {
        self.is_applied
    }

    /// Machines that have left and are still listed.
    pub fn gone(&self) -> &[MachineName] {
        &self.gone
    }

    /// Where the operator's own commands reach the API.
    pub fn workstation(&self) -> &JoinAddress {
        &self.workstation
    }

    /// Where workers that were there before reach the API, where they are given an address.
    pub fn workers(&self) -> &JoinAddress {
        &self.workers
    }

    /// The steps, and how the cluster stands after the last of them.
    pub fn finish(self) -> (Plan, Arc<Standing>) {
        (Plan { steps: self.steps }, self.standing)
    }
}
