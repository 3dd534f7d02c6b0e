//! A machine: facts that a role does not change.
//!
//! Does not know which roles the machine plays; that is `topology`.

use std::net::IpAddr;

use super::{MachineName, OperatingSystem, Port, UserName};
use crate::source::Place;

#[derive(Debug, Clone)]
pub struct Machine {
    pub name: MachineName,
    pub address: IpAddr,
    pub ssh: Ssh,
    pub leftovers: Leftovers,
    /// `None`: not declared; a precondition of the drain proves the room instead.
    pub pods: Option<Pods>,
    pub state: MachineState,
    pub os: OperatingSystems,
    pub place: Place,
}

impl Machine {
    /// Whether somebody installs it anew in the course of the migration, if it has a role at both ends.
    pub fn is_installed_anew(&self) -> bool {
        self.os.differ() || (self.state == MachineState::Failed && self.os.target.is_some())
    }
}

/// Whether a machine answers before the first step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MachineState {
    Running,
    /// It will not answer any more, and no step asks it to.
    Failed,
}

/// The operating system at each end, where the spec says it. A machine that has a role at one end only keeps the one that it has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OperatingSystems {
    pub source: Option<OperatingSystem>,
    pub target: Option<OperatingSystem>,
    /// Where the target's is written.
    pub target_place: Option<Place>,
}

impl OperatingSystems {
    /// Whether both are known and differ.
    pub fn differ(&self) -> bool {
        self.source.is_some() && self.target.is_some() && self.source != self.target
    }
}

/// How the workstation reaches the machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ssh {
    pub user: UserName,
    pub port: Port,
}

/// What to do about an older installation of Kubernetes found on a machine that joins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leftovers {
    /// Stop and say what was found (the default: removing it destroys whatever still runs there).
    Refuse,
    /// Remove the old installation and its own containers, and nobody else's.
    Remove,
}

/// Declared counts, for the proof that what is drained finds room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pods {
    /// Pods on the machine that a drain would move (DaemonSets do not count).
    pub movable: u32,
    /// How many more than its DaemonSets the kubelet may run.
    pub capacity: u32,
}
