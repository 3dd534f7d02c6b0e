//! The whole migration, resolved.
//!
//! Does not decide anything: the difference of the two topologies is `plan`'s business.

use indexmap::IndexMap;

use super::{Application, Cluster, Expression, HookId, Machine, MachineName, MachineState, MigrationName, Policy, Topology};
use crate::source::{Located, Place};

#[derive(Debug, Clone)]
pub struct Migration {
    pub name: MigrationName,
    /// Free text; reaches only prose.
    pub title: String,
    pub cluster: Cluster,
    /// Sorted by name: a map of the spec has no order.
    pub machines: IndexMap<MachineName, Machine>,
    pub source: Topology,
    pub target: Topology,
    /// Machines that join first and leave last. None of them has a role at either end.
    pub temporary: Temporary,
    pub policy: Policy,
    /// Applications whose volumes lie on single machines.
    pub storage: Vec<Application>,
    pub acceptances: Vec<Acceptance>,
    pub hooks: Vec<Hook>,
}

impl Migration {
    /// Whether the machine has a role at both ends, under another operating system, or after it has failed.
    pub fn is_rebuilt(&self, machine: &MachineName) -> bool {
        let is_new = self.machines.get(machine).is_some_and(Machine::is_installed_anew);
        is_new && self.source.has_role(machine) && self.target.has_role(machine)
    }

    /// Whether the machine does not answer from the start.
    pub fn is_failed(&self, machine: &MachineName) -> bool {
        self.machines.get(machine).is_some_and(|machine| machine.state == MachineState::Failed)
    }

    /// Whether the machine is, at the target or meanwhile, a member of etcd.
    pub fn becomes_etcd_member(&self, machine: &MachineName) -> bool {
        self.target.is_etcd_member(machine) || self.temporary.etcd.iter().any(|role| role.value == *machine)
    }

    /// The same for control planes.
    pub fn becomes_control_plane(&self, machine: &MachineName) -> bool {
        self.target.is_control_plane(machine) || self.temporary.control_plane.iter().any(|role| role.value == *machine)
    }

    /// The same for workers.
    pub fn becomes_worker(&self, machine: &MachineName) -> bool {
        let named = |roles: &[Located<MachineName>]| roles.iter().any(|role| role.value == *machine);
        named(&self.temporary.workers) || (self.target.is_node(machine) && !self.target.is_control_plane(machine))
    }
}

/// Machines that help out for the length of the migration.
#[derive(Debug, Clone, Default)]
pub struct Temporary {
    pub control_plane: Vec<Located<MachineName>>,
    pub workers: Vec<Located<MachineName>>,
    pub etcd: Vec<Located<MachineName>>,
}

impl Temporary {
    /// Every machine, once for each of its roles.
    pub fn roles(&self) -> impl Iterator<Item = &Located<MachineName>> {
        self.control_plane.iter().chain(&self.workers).chain(&self.etcd)
    }
}

/// A risk taken on purpose.
#[derive(Debug, Clone)]
pub struct Acceptance {
    /// The risk's name as `verify` publishes it, such as `etcd-no-tolerance`. Checked there.
    pub risk: Located<String>,
    pub at: AcceptanceScope,
    /// Free text; reaches only prose.
    pub reason: String,
    pub place: Place,
}

/// Where a risk is taken: one step (`30-grow-etcd/phy-1`), or each step of a phase (`30-grow-etcd`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptanceScope(pub String);

impl AcceptanceScope {
    /// Whether the step's path is the scope, or lies below it.
    pub fn covers(&self, step: &str) -> bool {
        step.strip_prefix(self.0.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

/// A step that only this team knows, at its place among the planned ones.
#[derive(Debug, Clone)]
pub struct Hook {
    pub id: HookId,
    pub moment: HookMoment,
    pub anchor: Located<HookAnchor>,
    pub on: HookPlace,
    pub title_en: String,
    pub title_zh: String,
    pub preconditions: Vec<HookCommand>,
    pub run: Vec<HookCommand>,
    pub verify: Vec<HookCommand>,
    pub rollback: Vec<HookCommand>,
    pub place: Place,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HookMoment {
    Before,
    After,
}

/// What a hook stands before or after: a phase by its name without the number (`grow-etcd`), or one step (`30-grow-etcd/phy-1`).
/// Resolved by `plan`, which knows the steps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HookAnchor(pub String);

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HookPlace {
    Workstation,
    Machine(MachineName),
}

/// A command of the team's own; its text is passed on as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HookCommand {
    pub shell: String,
    pub expect: Option<Expression>,
    pub timeout_seconds: u32,
    pub retry_every_seconds: Option<u32>,
}
