//! Machines, and who plays which role at one end, as written.
//!
//! Does not know whether a named machine exists.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::word;

/// Facts about a machine that a role does not change.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Machine {
    /// The address by which the other machines reach it.
    pub address: word::Address,
    /// How the workstation reaches it.
    #[serde(default)]
    pub ssh: Ssh,
    /// What to do about an older installation of Kubernetes found on it.
    #[serde(default)]
    pub leftovers: Leftovers,
    /// Counts for the proof that what is drained finds room.
    pub pods: Option<Pods>,
    /// Whether it answers today.
    #[serde(default)]
    pub state: State,
    /// Its operating system, where it is not that of its end: one for both ends, or `source` and `target`.
    pub os: Option<MachineOs>,
}

/// One operating system for both ends, or one for each.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum MachineOs {
    Same(word::OperatingSystem),
    Rebuilt(Rebuilt),
}

/// The operating system of each end.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Rebuilt {
    /// Today's.
    pub source: word::OperatingSystem,
    /// The one that is installed.
    pub target: word::OperatingSystem,
}

/// Whether a machine answers today.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum State {
    #[default]
    Running,
    /// It will not answer any more, and no step asks it to.
    Failed,
}

/// How the workstation reaches a machine.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Ssh {
    /// The user to log in as.
    pub user: word::UserName,
    /// The port of sshd.
    #[schemars(range(min = 1, max = 65535))]
    pub port: u16,
}

impl Default for Ssh {
    fn default() -> Self {
        Self { user: word::UserName("root".into()), port: 22 }
    }
}

/// `refuse` stops and says what was found; `remove` removes the old installation and nobody else's containers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Leftovers {
    #[default]
    Refuse,
    Remove,
}

/// Counts of pods on one machine.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Pods {
    /// Pods that a drain would move; those of DaemonSets do not count.
    #[schemars(range(min = 0, max = 10000))]
    pub movable: u32,
    /// How many pods beyond its DaemonSets' the machine may run.
    #[serde(default = "capacity")]
    #[schemars(range(min = 0, max = 10000))]
    pub capacity: u32,
}

fn capacity() -> u32 {
    110
}

/// Who plays which role at one end. Order matters where the cluster's tools say it does.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct End {
    /// Machines that run an API server.
    #[schemars(length(min = 1))]
    pub control_plane: Vec<word::MachineName>,
    /// Machines that run only workloads.
    #[serde(default)]
    pub workers: Vec<word::MachineName>,
    /// Machines that run a member of etcd. Left out where every control plane is one: k3s with an embedded datastore.
    #[serde(default)]
    pub etcd: Vec<word::MachineName>,
    /// Control planes that may hold the virtual IP, highest priority first.
    #[serde(default)]
    pub virtual_ip: Vec<word::MachineName>,
    /// `virtualIp`, or the control plane at which workers reach the API.
    pub join_address: Option<String>,
    /// The operating system of its machines. A machine of both ends whose operating system differs is rebuilt in place.
    pub os: Option<word::OperatingSystem>,
}

/// Machines that help out for the length of the migration.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Temporary {
    /// Machines that run an API server meanwhile.
    pub control_plane: Vec<word::MachineName>,
    /// Machines that run workloads meanwhile.
    pub workers: Vec<word::MachineName>,
    /// Machines that run a member of etcd meanwhile.
    pub etcd: Vec<word::MachineName>,
}
