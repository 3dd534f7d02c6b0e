//! What the owners insist on, as written: policy, accepted risks, steps of their own.
//!
//! Does not know the steps of the plan, nor the names of risks.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::word;

/// What the owners insist on.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Policy {
    /// Whether a newcomer arrives before the one that it replaces leaves.
    #[serde(default)]
    pub order: Order,
    /// How etcd changes.
    #[serde(default)]
    pub etcd: EtcdPolicy,
    /// How many etcd members may fail at any moment of the migration.
    #[serde(default = "minimum_etcd_tolerance")]
    #[schemars(range(min = 0, max = 3))]
    pub minimum_etcd_tolerance: u32,
}

fn minimum_etcd_tolerance() -> u32 {
    1
}

impl Default for Policy {
    fn default() -> Self {
        Self { order: Order::default(), etcd: EtcdPolicy::default(), minimum_etcd_tolerance: minimum_etcd_tolerance() }
    }
}

/// `removeThenAdd` is for places where addresses must stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Order {
    #[default]
    AddThenRemove,
    RemoveThenAdd,
}

/// How etcd changes.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct EtcdPolicy {
    /// How a member enters etcd.
    #[serde(default)]
    pub join: EtcdJoin,
}

/// `learner` needs etcd 3.4; a `voter` counts for quorum before it has started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum EtcdJoin {
    #[default]
    Learner,
    Voter,
}

/// A risk taken on purpose.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Accept {
    /// The risk's name, as the finding gives it.
    pub risk: word::Label,
    /// One step, or a phase with all its steps.
    pub at: word::StepPath,
    /// Why the risk is taken, for the reviewer.
    pub reason: word::Prose,
}

/// A step that only this team knows.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Hook {
    /// The step's name.
    pub id: word::Label,
    /// Its place among the planned steps.
    pub at: HookAt,
    /// `workstation`, or a machine.
    pub on: String,
    /// The step's title in the runbook.
    pub title: HookTitle,
    /// Commands that must succeed before `run`.
    #[serde(default)]
    pub preconditions: Vec<Command>,
    /// The step's commands.
    #[schemars(length(min = 1))]
    pub run: Vec<Command>,
    /// Commands that prove that the step is done.
    #[serde(default)]
    pub verify: Vec<Command>,
    /// Commands that undo the step.
    #[serde(default)]
    pub rollback: Vec<Command>,
}

/// Exactly one of the two: a phase such as `grow-etcd`, or one step such as `30-grow-etcd/phy-1`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(extend("minProperties" = 1, "maxProperties" = 1))]
pub struct HookAt {
    /// The phase or step that comes next.
    pub before: Option<String>,
    /// The phase or step that came last.
    pub after: Option<String>,
}

/// A title in both languages of the runbook.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct HookTitle {
    /// In English.
    pub en: word::Prose,
    /// In Chinese.
    pub zh: word::Prose,
}

/// A command of the team's own; its text is passed on as it stands.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Command {
    /// What bash runs.
    #[schemars(extend("pattern" = "\\S", "patternErrorMessage" = "expected a command"))]
    pub shell: String,
    /// A regular expression (POSIX extended, as `grep -E` reads it) that a line of the standard output must match.
    pub expect: Option<String>,
    /// How long the command may take.
    #[serde(default = "timeout_seconds")]
    #[schemars(range(min = 1, max = 86400))]
    pub timeout_seconds: u32,
    /// Run it again this often until it succeeds or the time is over.
    #[schemars(range(min = 1, max = 3600))]
    pub retry_every_seconds: Option<u32>,
}

fn timeout_seconds() -> u32 {
    120
}
