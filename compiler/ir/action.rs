//! The closed list of things that a plan can do to a cluster.
//!
//! An action says what happens, never with which tool. Each has one effect in `verify/effects/` and one lowering
//! in each backend; both are exhaustive matches, so that a new action cannot be forgotten.

use std::fmt;

use crate::model::{EtcdJoin, HookId, JoinAddress, Label, MachineName, ObjectName, OperatingSystem};

/// What a machine can be to a cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MachineRole {
    ControlPlane,
    Worker,
    EtcdMember,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Proves that the workstation reaches every machine and the API.
    PrepareWorkstation,
    /// Makes a machine ready to join: name resolution, files in place, nothing in the way.
    PrepareMachine { machine: MachineName },
    /// Proves what the plan assumes about the machines that may hold the virtual IP today; priorities that the spec does not
    /// declare lie below `below`.
    ProveVirtualIp { candidates: Vec<MachineName>, below: u8 },
    /// A snapshot of etcd, checked, on `member` and on the workstation.
    BackUpEtcd { member: MachineName },
    /// What restoring needs besides the datastore: join token, certificate authority.
    BackUpControlPlane { machine: MachineName },
    /// One more etcd member, up to the proof that it votes.
    AddEtcdMember { machine: MachineName, join: EtcdJoin },
    /// One etcd member fewer; the leader is moved to `leader_to`, a voter that stays, if the one that goes holds it.
    RemoveEtcdMember { machine: MachineName, leader_to: MachineName },
    /// The unit of a member that stays lists the members of the end, for whoever reads it next.
    RewriteEtcdUnit { machine: MachineName },
    /// One more control plane, whose API server keeps its data on the etcd members `datastore`. One that was a mere node is drained
    /// first; the nodes `cordoned` take no pods meanwhile: what is drained must not move to a node that is drained next.
    AddControlPlane { machine: MachineName, datastore: Vec<MachineName>, cordoned: Vec<MachineName> },
    /// A control plane that stays is configured anew and restarted: data on `datastore`, certificate as the target needs it.
    RepointControlPlane { machine: MachineName, datastore: Vec<MachineName> },
    /// A control plane stays as a mere node. Its API server ends with it, and its load balancer.
    DemoteControlPlane { machine: MachineName },
    /// A new control plane lies ready, with its data on `datastore`, and nothing of it runs.
    InstallControlPlane { machine: MachineName, datastore: Vec<MachineName> },
    /// Everything that writes on the control plane `from` stops for good; then the API server of `to` starts, and nothing else there.
    HandOverControlPlane { from: MachineName, to: MachineName, datastore: Vec<MachineName> },
    /// These nodes reach the API at `join` from now on, and their network keeps its data on `datastore`.
    RepointNodes { nodes: Vec<MachineName>, join: JoinAddress, datastore: Vec<MachineName> },
    /// What decides about nodes and pods starts on a control plane whose API server every node has found.
    StartControllers { machine: MachineName },
    /// The cluster's DNS is rolled to the API server of `server` and to the etcd members `datastore`.
    RollDns { server: MachineName, datastore: Vec<MachineName> },
    /// A load balancer that was not there leads to the API servers of `upstreams`.
    StartLoadBalancer { machine: MachineName, upstreams: Vec<MachineName> },
    /// A load balancer that runs leads to `upstreams` from now on.
    ReconfigureLoadBalancer { machine: MachineName, upstreams: Vec<MachineName> },
    /// A machine becomes a candidate for the virtual IP. It does not take the address while another candidate holds it.
    StartVirtualIp { machine: MachineName, priority: u8 },
    /// A machine that is a candidate already goes on under the plan's own configuration and this priority.
    ReconfigureVirtualIp { machine: MachineName, priority: u8 },
    /// The candidates `leaving` stop, the holder last; the top candidate of those that stay takes the address.
    HandOverVirtualIp { leaving: Vec<MachineName> },
    /// One more worker, which reaches the API at `join`.
    AddWorker { machine: MachineName, join: JoinAddress },
    /// A worker that stays reaches the API at `join` from now on.
    RepointWorker { machine: MachineName, join: JoinAddress },
    /// The operator's own kubeconfig uses `join` from now on.
    RepointWorkstation { join: JoinAddress },
    /// The service proxies of all nodes reach the API at `join` from now on.
    RepointServiceProxies { join: JoinAddress },
    /// The pod network keeps its data on the etcd members `datastore` from now on, on every node.
    RepointNetwork { datastore: Vec<MachineName> },
    /// What the cluster says of itself, for machines that join later and for whoever watches it, names these machines.
    PublishControlPlane { servers: Vec<MachineName>, datastore: Vec<MachineName> },
    /// A node is drained, stopped and deleted from the cluster. A control plane's API server ends with it. The nodes `cordoned`, itself
    /// and others that leave soon, take no pods from here on: what is drained must not move to a node that is drained next.
    RemoveNode { machine: MachineName, cordoned: Vec<MachineName> },
    /// The installer works with the versions that run, and with the list of machines that the spec describes.
    PrepareInstaller,
    /// Packages of an operating system are put where machines without internet find them.
    ImportPackages { os: OperatingSystem },
    /// A person has made sure that a machine that failed does not come up again.
    FenceMachine { machine: MachineName },
    /// What a server reads when it starts names `join`, where it finds the others. It is not restarted.
    DescribeServer { machine: MachineName, join: JoinAddress },
    /// A machine gets all its roles at once, by an installer or by itself; as an etcd member it enters like `join`.
    JoinCluster { machine: MachineName, roles: Vec<MachineRole>, join: EtcdJoin },
    /// A machine gives up all its roles at once: drained, its node and its etcd member removed, its data wiped, unless it has failed.
    /// If it leads etcd, `leader_to` leads before. `unlisted` are taken out of the installer's list when that is done. The nodes `cordoned` take no
    /// pods from here on: what is drained must not move to a node that is drained next.
    LeaveCluster { machine: MachineName, leader_to: Option<MachineName>, unlisted: Vec<MachineName>, cordoned: Vec<MachineName> },
    /// A person installs another operating system on a machine that has no role at this moment.
    ReinstallMachine { machine: MachineName, os: OperatingSystem },
    /// A volume of an application is made anew, empty, on the node `to`, and healed there. It lay on `from`, which leaves or has failed.
    RecoverVolume { application: Label, claim: ObjectName, from: MachineName, to: MachineName },
    /// The installer lists control planes and etcd members in this order from now on.
    ReorderInventory { control_plane: Vec<MachineName>, etcd: Vec<MachineName> },
    /// The installer configures every machine anew from its list: proxies and API servers learn who is there.
    ApplyInventory,
    /// Machines that join are sent to this control plane from now on.
    RepointBootstrap { to: MachineName },
    /// What is left on a machine that plays no role any more is removed. There is no way back.
    CleanUp { machine: MachineName },
    /// The members hold the same data, and the plan's own traces are gone from it.
    ProveEtcd { member: MachineName },
    /// A step of the team's own.
    RunHook { hook: HookId },
}

impl Action {
    /// The machine that is acted upon, where it is one.
    pub fn machine(&self) -> Option<&MachineName> {
        match self {
            Action::PrepareMachine { machine }
            | Action::BackUpControlPlane { machine }
            | Action::AddEtcdMember { machine, .. }
            | Action::RemoveEtcdMember { machine, .. }
            | Action::RewriteEtcdUnit { machine }
            | Action::AddControlPlane { machine, .. }
            | Action::RepointControlPlane { machine, .. }
            | Action::DemoteControlPlane { machine }
            | Action::InstallControlPlane { machine, .. }
            | Action::HandOverControlPlane { to: machine, .. }
            | Action::StartControllers { machine }
            | Action::StartLoadBalancer { machine, .. }
            | Action::ReconfigureLoadBalancer { machine, .. }
            | Action::StartVirtualIp { machine, .. }
            | Action::ReconfigureVirtualIp { machine, .. }
            | Action::AddWorker { machine, .. }
            | Action::RepointWorker { machine, .. }
            | Action::RemoveNode { machine, .. }
            | Action::JoinCluster { machine, .. }
            | Action::LeaveCluster { machine, .. }
            | Action::ReinstallMachine { machine, .. }
            | Action::FenceMachine { machine }
            | Action::DescribeServer { machine, .. }
            | Action::CleanUp { machine } => Some(machine),
            Action::BackUpEtcd { member } | Action::ProveEtcd { member } => Some(member),
            Action::PrepareWorkstation
            | Action::ProveVirtualIp { .. }
            | Action::HandOverVirtualIp { .. }
            | Action::RepointWorkstation { .. }
            | Action::RepointServiceProxies { .. }
            | Action::RepointNetwork { .. }
            | Action::RepointNodes { .. }
            | Action::RollDns { .. }
            | Action::PublishControlPlane { .. }
            | Action::PrepareInstaller
            | Action::ImportPackages { .. }
            | Action::ReorderInventory { .. }
            | Action::ApplyInventory
            | Action::RepointBootstrap { .. }
            | Action::RecoverVolume { .. }
            | Action::RunHook { .. } => None,
        }
    }

    /// Whether it takes something away: a member, a node, a control plane, a volume, what is on a machine. A reviewer looks at these first. What a
    /// team's own step does is not known; a machine that is made ready may lose what an older installation left.
    pub fn is_destructive(&self) -> bool {
        match self {
            Action::RemoveEtcdMember { .. }
            | Action::DemoteControlPlane { .. }
            | Action::HandOverControlPlane { .. }
            | Action::HandOverVirtualIp { .. }
            | Action::RemoveNode { .. }
            | Action::LeaveCluster { .. }
            | Action::FenceMachine { .. }
            | Action::ReinstallMachine { .. }
            | Action::RecoverVolume { .. }
            | Action::CleanUp { .. } => true,
            Action::PrepareWorkstation
            | Action::PrepareMachine { .. }
            | Action::ProveVirtualIp { .. }
            | Action::BackUpEtcd { .. }
            | Action::BackUpControlPlane { .. }
            | Action::AddEtcdMember { .. }
            | Action::RewriteEtcdUnit { .. }
            | Action::AddControlPlane { .. }
            | Action::RepointControlPlane { .. }
            | Action::InstallControlPlane { .. }
            | Action::RepointNodes { .. }
            | Action::StartControllers { .. }
            | Action::RollDns { .. }
            | Action::StartLoadBalancer { .. }
            | Action::ReconfigureLoadBalancer { .. }
            | Action::StartVirtualIp { .. }
            | Action::ReconfigureVirtualIp { .. }
            | Action::AddWorker { .. }
            | Action::RepointWorker { .. }
            | Action::RepointWorkstation { .. }
            | Action::RepointServiceProxies { .. }
            | Action::RepointNetwork { .. }
            | Action::PublishControlPlane { .. }
            | Action::PrepareInstaller
            | Action::ImportPackages { .. }
            | Action::DescribeServer { .. }
            | Action::JoinCluster { .. }
            | Action::ReorderInventory { .. }
            | Action::ApplyInventory
            | Action::RepointBootstrap { .. }
            | Action::ProveEtcd { .. }
            | Action::RunHook { .. } => false,
        }
    }

    /// The action's name without its object: `etcd.add`.
    pub fn verb(&self) -> &'static str {
        match self {
            Action::PrepareWorkstation => "workstation.prepare",
            Action::PrepareMachine { .. } => "machine.prepare",
            Action::ProveVirtualIp { .. } => "virtual-ip.prove",
            Action::BackUpEtcd { .. } => "etcd.back-up",
            Action::BackUpControlPlane { .. } => "control-plane.back-up",
            Action::AddEtcdMember { .. } => "etcd.add",
            Action::RemoveEtcdMember { .. } => "etcd.remove",
            Action::RewriteEtcdUnit { .. } => "etcd.rewrite-unit",
            Action::AddControlPlane { .. } => "control-plane.add",
            Action::RepointControlPlane { .. } => "control-plane.repoint",
            Action::DemoteControlPlane { .. } => "control-plane.demote",
            Action::InstallControlPlane { .. } => "control-plane.install",
            Action::HandOverControlPlane { .. } => "control-plane.hand-over",
            Action::RepointNodes { .. } => "nodes.repoint",
            Action::StartControllers { .. } => "controllers.start",
            Action::RollDns { .. } => "dns.roll",
            Action::StartLoadBalancer { .. } => "load-balancer.start",
            Action::ReconfigureLoadBalancer { .. } => "load-balancer.reconfigure",
            Action::StartVirtualIp { .. } => "virtual-ip.start",
            Action::ReconfigureVirtualIp { .. } => "virtual-ip.reconfigure",
            Action::HandOverVirtualIp { .. } => "virtual-ip.hand-over",
            Action::AddWorker { .. } => "worker.add",
            Action::RepointWorker { .. } => "worker.repoint",
            Action::RepointWorkstation { .. } => "workstation.repoint",
            Action::RepointServiceProxies { .. } => "service-proxies.repoint",
            Action::RepointNetwork { .. } => "network.repoint",
            Action::PublishControlPlane { .. } => "control-plane.publish",
            Action::RemoveNode { .. } => "node.remove",
            Action::PrepareInstaller => "installer.prepare",
            Action::ImportPackages { .. } => "packages.import",
            Action::FenceMachine { .. } => "machine.fence",
            Action::DescribeServer { .. } => "control-plane.describe",
            Action::JoinCluster { .. } => "cluster.join",
            Action::LeaveCluster { .. } => "cluster.leave",
            Action::ReinstallMachine { .. } => "machine.reinstall",
            Action::RecoverVolume { .. } => "volume.recover",
            Action::ReorderInventory { .. } => "inventory.reorder",
            Action::ApplyInventory => "inventory.apply",
            Action::RepointBootstrap { .. } => "bootstrap.repoint",
            Action::CleanUp { .. } => "machine.clean-up",
            Action::ProveEtcd { .. } => "etcd.prove",
            Action::RunHook { .. } => "hook.run",
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let listed = |names: &[MachineName]| names.iter().map(MachineName::as_str).collect::<Vec<_>>().join(", ");
        let object = match self {
            Action::ProveVirtualIp { candidates, .. } => listed(candidates),
            Action::HandOverVirtualIp { leaving } => listed(leaving),
            Action::RepointNetwork { datastore } => listed(datastore),
            Action::HandOverControlPlane { from, to, .. } => format!("{from}, {to}"),
            Action::RepointNodes { nodes, .. } => listed(nodes),
            Action::RollDns { server, .. } => server.to_string(),
            Action::PublishControlPlane { servers, .. } => listed(servers),
            Action::RunHook { hook } => hook.to_string(),
            Action::RecoverVolume { application, claim, .. } => format!("{application}, {claim}"),
            Action::ImportPackages { os } => os.to_string(),
            Action::RepointBootstrap { to } => to.to_string(),
            Action::ReorderInventory { control_plane, .. } => listed(control_plane),
            other => other.machine().map(MachineName::to_string).unwrap_or_default(),
        };
        write!(formatter, "{}({object})", self.verb())
    }
}
