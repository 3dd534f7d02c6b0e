//! `plan.json`, format 1: the whole plan as data. Every other view is derived from it.
//!
//! The shape is a contract (DESIGN 1.3): a minor version may add fields, consumers ignore what they do not know. Figures are
//! counts unless the field's name carries a unit.

mod cluster;
mod ledger;
mod ocboot;
mod storage;
mod systemd;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use cluster::{
    CalicoDocument, ClusterDocument, DatastoreDocument, DistributionDocument, EtcdApiDocument, EtcdDeploymentDocument, EtcdDocument,
    K3sDocument, KubeadmDocument, KubeanDocument, LoadBalancerDocument, RuntimeDocument, SecretDocument, StaticPodDocument,
    TakesPodsDocument, TlsDocument, VirtualIpDocument,
};
pub use ledger::{CandidateDocument, EtcdFrame, ExposureDocument, FrameDocument, VirtualIpFrameDocument};
pub use ocboot::OcbootDocument;
pub use storage::{ApplicationDocument, DataDocument, OperatedDocument, OwnerDocument, StorageFrameDocument, VolumeDocument};
pub use systemd::{ComponentDocument, DnsDocument, FlannelDocument, SettingDocument, SystemdDocument};

/// The format's version: `major.minor`. 1.1 added `cluster`, the machines' `leftovers`, and `rollbackLeaves`; 1.2 the distribution
/// `kubean`, `temporary` machines, the machines' `state` and `os`, and the steps' `operation`; 1.3 the distributions
/// `kubeadm` and `systemd`, the load balancer, and etcd's `api`; 1.4 k3s with an embedded `datastore`, ocboot,
/// and `storage`; 1.5 which steps are `destructive`, and the `policy`.
pub const FORMAT_VERSION: &str = "1.5";

/// A compiled migration plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlanDocument {
    /// `1.<minor>`. A consumer accepts every minor version.
    pub format_version: String,
    pub generator: Generator,
    /// The migration's name.
    pub migration: String,
    pub title: String,
    /// `sha256:` and the digest of the spec's bytes.
    pub spec_digest: String,
    pub verdict: VerdictDocument,
    /// Who plays which role at both ends.
    pub topology: TopologyPair,
    /// How the cluster is set up, at both ends alike. Since 1.1.
    pub cluster: ClusterDocument,
    pub machines: IndexMap<String, MachineDocument>,
    /// Applications whose volumes lie on single machines. Since 1.4.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub storage: Vec<ApplicationDocument>,
    /// What the plan had to keep to. Since 1.5.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<PolicyDocument>,
    /// The cluster before the first step.
    pub before: FrameDocument,
    /// In the order in which they are done, one at a time.
    pub steps: Vec<StepDocument>,
}

/// What the people who own a cluster insist on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PolicyDocument {
    /// `addThenRemove` or `removeThenAdd`.
    pub order: String,
    /// `learner` or `voter`.
    pub etcd_join: String,
    /// How many members of etcd may fail at any moment.
    pub minimum_etcd_tolerance: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Generator {
    pub name: String,
    pub version: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VerdictDocument {
    /// Whether before and after every step any one machine may fail without losing etcd's quorum or the API.
    pub survives_any_one_host: bool,
    /// How many etcd members may fail at the worst moment.
    pub lowest_etcd_tolerance: i64,
    /// The steps that reach it.
    pub lowest_at: Vec<String>,
    /// Accepted risks as `<risk> at <step>`.
    pub accepted: Vec<String>,
    /// The same with their arithmetic and the reason that the spec gives.
    pub accepted_risks: Vec<AcceptedRiskDocument>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AcceptedRiskDocument {
    pub risk: String,
    pub step: String,
    pub finding: String,
    pub reason: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TopologyPair {
    pub source: TopologyDocument,
    pub target: TopologyDocument,
    /// Machines that join first and leave last. Since 1.2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temporary: Option<TemporaryDocument>,
}

/// Machines that help out for the length of the migration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TemporaryDocument {
    pub control_plane: Vec<String>,
    pub workers: Vec<String>,
    pub etcd: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TopologyDocument {
    pub control_plane: Vec<String>,
    pub workers: Vec<String>,
    pub etcd: Vec<String>,
    pub virtual_ip: Vec<String>,
    /// The address at which workers and the operator reach the API.
    pub api: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MachineDocument {
    pub address: String,
    pub ssh: SshDocument,
    /// Since 1.1.
    pub leftovers: LeftoversDocument,
    /// Since 1.2.
    #[serde(default)]
    pub state: StateDocument,
    /// Today's operating system, such as `centos-7.9`, where the spec says it. Since 1.2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_os: Option<String>,
    /// The operating system at the target. Since 1.2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_os: Option<String>,
}

/// Whether a machine answers before the first step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum StateDocument {
    #[default]
    Running,
    /// It does not answer, and no step asks it to.
    Failed,
}

/// What to do about an older installation of Kubernetes found on a machine that joins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum LeftoversDocument {
    /// Stop and say what was found.
    Refuse,
    /// Remove it and its own containers.
    Remove,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SshDocument {
    pub user: String,
    pub port: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct StepDocument {
    /// The step's path below `steps/`, its identity.
    pub id: String,
    pub phase: String,
    pub action: String,
    /// Whether the step takes something away: a member, a node, a control plane, a volume, what is on a machine. Since 1.5.
    #[serde(default)]
    pub destructive: bool,
    pub title: Text,
    pub because: Because,
    /// Steps that must be done before.
    pub needs: Vec<String>,
    pub artifacts: Vec<ArtifactDocument>,
    /// What an installer runs in this step. Since 1.2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<OperationDocument>,
    pub preconditions: Vec<Command>,
    pub run: Vec<Command>,
    pub verify: Vec<Command>,
    /// Undoes the step. Empty: see `noWayBack`.
    pub rollback: Vec<Command>,
    /// What the rollback leaves on purpose, with everything below: absolute paths on the machines that the step acts on, `~/…` on the workstation.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rollback_leaves: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub no_way_back: Option<String>,
    /// The cluster after the step.
    pub after: FrameDocument,
    /// The worst moment inside the step, where it is worse than after it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub during: Option<ExposureDocument>,
    pub words: Words,
}

impl StepDocument {
    #[must_use]
    pub fn with_words(mut self, words: StepWords) -> Self {
        self.title = words.title;
        self.preconditions = words.preconditions;
        self.run = words.run;
        self.verify = words.verify;
        self.rollback = words.rollback;
        self.rollback_leaves = words.rollback_leaves;
        self.no_way_back = words.no_way_back.as_ref().map(|text| text.en.clone());
        self.words = Words {
            why: words.why,
            risk: words.risk,
            no_way_back: words.no_way_back,
            trouble: words.trouble,
            pause: words.pause,
            unlike: words.unlike,
        };
        self
    }
}

/// An operation of an installer: what it runs, line by line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OperationDocument {
    /// The operation's name at its first attempt.
    pub name: String,
    pub lines: Vec<OperationLine>,
}

/// One command of an operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OperationLine {
    /// `before`, `main` or `after`.
    pub moment: String,
    /// As the shell reads it.
    pub command: String,
    /// The machines that it changes.
    pub changes: Vec<String>,
    /// Machines that it only asks.
    pub asks: Vec<String>,
}

/// What the runbook says besides commands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Words {
    pub why: Vec<Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub risk: Option<Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub no_way_back: Option<Text>,
    pub trouble: Vec<Trouble>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pause: Option<Text>,
    /// What documents written by hand say instead, and why that fails.
    pub unlike: Vec<Text>,
}

/// Everything that a step's templates give.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepWords {
    pub title: Text,
    pub why: Vec<Text>,
    pub risk: Option<Text>,
    pub preconditions: Vec<Command>,
    pub run: Vec<Command>,
    pub verify: Vec<Command>,
    pub rollback: Vec<Command>,
    pub rollback_leaves: Vec<String>,
    pub no_way_back: Option<Text>,
    pub trouble: Vec<Trouble>,
    pub pause: Option<Text>,
    pub unlike: Vec<Text>,
}

impl StepWords {
    /// The same with each text turned into another one.
    #[must_use]
    pub fn map(&self, turn: &impl Fn(&str) -> String) -> Self {
        let text = |text: &Text| Text { en: turn(&text.en), zh: turn(&text.zh) };
        let texts = |texts: &Vec<Text>| texts.iter().map(text).collect();
        let command = |command: &Command| Command {
            on: turn(&command.on),
            note: command.note.as_ref().map(text),
            shell: turn(&command.shell),
            expect: command.expect.as_deref().map(turn),
            timeout_seconds: command.timeout_seconds,
            retry_every_seconds: command.retry_every_seconds,
        };
        let commands = |commands: &Vec<Command>| commands.iter().map(command).collect();
        let trouble = |trouble: &Trouble| Trouble { symptom: text(&trouble.symptom), action: text(&trouble.action) };
        Self {
            title: text(&self.title),
            why: texts(&self.why),
            risk: self.risk.as_ref().map(text),
            preconditions: commands(&self.preconditions),
            run: commands(&self.run),
            verify: commands(&self.verify),
            rollback: commands(&self.rollback),
            rollback_leaves: self.rollback_leaves.iter().map(|path| turn(path)).collect(),
            no_way_back: self.no_way_back.as_ref().map(text),
            trouble: self.trouble.iter().map(trouble).collect(),
            pause: self.pause.as_ref().map(text),
            unlike: texts(&self.unlike),
        }
    }
}

/// A text in both languages.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Text {
    pub en: String,
    pub zh: String,
}

/// What one may meet, and what to do then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Trouble {
    pub symptom: Text,
    pub action: Text,
}

/// The place in the spec that caused a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Because {
    /// JSON pointer.
    pub pointer: String,
    pub line: usize,
    pub column: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ArtifactDocument {
    /// Relative to the plan directory.
    pub path: String,
    pub kind: String,
    /// A machine; or `workstation`, where a command reads it or makes an object of a cluster of it.
    pub host: String,
    /// An absolute path on the machine; or the object, such as `clusteroperations.kubean.io/remove-worker-1`; or who is given it, such as `nodes/node-1,node-2` or `workstation/machines`.
    pub destination: String,
    /// `user:group`. Absent for objects.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// Octal, four digits. Absent for objects.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<String>,
}

/// A command of a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Command {
    /// A machine, where it runs as root; or `workstation`, where it runs in the plan directory.
    pub on: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<Text>,
    /// For bash. Fails by its exit code.
    pub shell: String,
    /// A regular expression (POSIX extended, as `grep -E` reads it) that some line of standard output must match.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expect: Option<String>,
    pub timeout_seconds: u32,
    /// Try again after so many seconds until the time is up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_every_seconds: Option<u32>,
}

/// The JSON Schema of `plan.json`.
pub fn schema() -> serde_json::Value {
    let mut schema = schemars::schema_for!(PlanDocument).to_value();
    if let Some(object) = schema.as_object_mut() {
        object.insert("$id".into(), serde_json::json!("replank/plan.v1.json"));
        object.insert("title".into(), serde_json::json!("replank plan, format 1"));
    }
    schema
}
