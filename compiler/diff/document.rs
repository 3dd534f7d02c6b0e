//! The difference of two plans as data: everything that the views show, and what `--format json` prints.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::render::document::{AcceptedRiskDocument, Because, Generator, Text, VerdictDocument};

/// `1.<minor>`: minor versions only add; consumers ignore what they do not know.
pub const FORMAT_VERSION: &str = "1.0";

/// What changed from one plan to another.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DiffDocument {
    pub format_version: String,
    pub generator: Generator,
    /// The name of the newer migration.
    pub migration: String,
    pub before: SideDocument,
    pub after: SideDocument,
    /// What got worse, the worst first.
    pub regressions: Vec<Finding>,
    /// What got better.
    pub improvements: Vec<Finding>,
    /// Risks that both plans accept, for another reason.
    pub reworded: Vec<Finding>,
    /// Steps that take something away and are new, changed, moved, or done to a machine with another name or address, in the order of the newer plan; steps that are gone stand in `steps` alone.
    pub destructive: Vec<String>,
    /// Pages that differ although both plans say that they come from the same spec and the same version: one was edited, and its digest with it.
    pub unlike: Vec<String>,
    /// The lines of the spec that were edited. Absent unless both sides are specs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub edits: Option<Vec<Edit>>,
    /// Machines with the same address and login that are called otherwise. Steps and files of the older plan are shown with the new names.
    pub renamed: Vec<Renamed>,
    /// Machines of the same name at another address. Steps and files of the older plan are shown with the new addresses.
    pub readdressed: Vec<Readdressed>,
    /// What the new names and addresses change in steps of the older plan, word by word.
    pub words: Vec<WordChange>,
    /// What `plan.json` says of the cluster and its machines, where it differs.
    pub facts: Vec<Fact>,
    /// Every step that is not the same in both, in the order of the newer plan, those that are gone last.
    pub steps: Vec<StepChange>,
    /// Steps that are the same in both, in the same order.
    pub unchanged_steps: usize,
    /// Rows of the ledger that differ, of steps that are in both plans.
    pub ledger: Vec<RowChange>,
    /// Artifacts that differ. Those that differ in the same lines share an entry.
    pub artifacts: Vec<ArtifactChange>,
}

/// One of the two plans.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SideDocument {
    /// As it was written on the command line.
    pub name: String,
    /// The name of its migration.
    pub migration: String,
    /// The version of replank that compiled it.
    pub compiled_by: String,
    pub spec_digest: String,
    pub steps: usize,
    pub verdict: VerdictDocument,
    /// Files that are not as replank wrote them.
    pub edited: Vec<String>,
}

/// One thing that got worse, or better.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    pub kind: Concern,
    /// The step at which it shows, in the plan in which it is worse.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// An English sentence without its full stop.
    pub text: String,
}

/// What a regression or an improvement is about. The set is open: a consumer treats what it does not know as a regression.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Concern {
    /// What the policy asks for.
    Policy,
    /// A machine is where another one was.
    Address,
    /// Whether any one machine may fail.
    SurvivesAnyOneHost,
    /// How many etcd members may fail.
    EtcdTolerance,
    /// A machine that must not fail after or during a step.
    FatalHosts,
    /// A risk that the spec accepts.
    AcceptedRisk,
    /// A step that cannot be undone.
    NoWayBack,
    /// For how long nobody answers at the virtual IP.
    VirtualIpGap,
    /// Nodes that take pods.
    SchedulableNodes,
    /// Volumes of an application: how many are there, how many it is said to need, whether they are counted at all.
    ApplicationVolumes,
    /// How many API servers serve.
    ApiServers,
    /// A step of the team's own that is gone, or comes later than it should.
    OwnStep,
}

/// A place in the spec that was edited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Edit {
    /// The first line in the older spec that is gone, from 1; where lines were only added, the line before which they stand.
    pub line_before: usize,
    /// The same in the newer spec.
    pub line_after: usize,
    pub removed: Vec<String>,
    pub added: Vec<String>,
    /// Whether there is no plan without it, the other edits being made; not set where that was not tried, as with a single edit. Such an edit is
    /// behind a step only if no edit that could be taken back alone is.
    pub needed: bool,
    /// The steps that would not have changed without it. Empty: it changes no step; what is asked of the plan may be less all the same.
    pub steps: Vec<String>,
}

impl Edit {
    /// `line 3`, or `line 3 of before` where lines are only gone.
    pub(super) fn place(&self) -> String {
        if self.added.is_empty() { format!("line {} of before", self.line_before) } else { format!("line {}", self.line_after) }
    }

    /// What the views say of the steps behind which it is.
    pub(super) fn consequence(&self) -> String {
        match (self.steps.len(), self.needed) {
            (0, true) => "changes no step by itself, but there is no plan without it".to_owned(),
            (0, false) => "changes no step".to_owned(),
            (1, _) => "behind 1 step".to_owned(),
            (count, _) => format!("behind {count} steps"),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Renamed {
    pub from: String,
    pub to: String,
    pub address: String,
}

/// A word that was read with a new name or address: what stands between two blanks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WordChange {
    pub from: String,
    pub to: String,
    /// In how many steps.
    pub steps: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Readdressed {
    pub machine: String,
    pub from: String,
    pub to: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Fact {
    /// A JSON pointer into `plan.json`.
    pub pointer: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<serde_json::Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<serde_json::Value>,
}

/// A step that is not the same in both plans.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct StepChange {
    pub id: String,
    /// Its identity in the older plan, where a machine's new name changed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub was: Option<String>,
    pub fate: Fate,
    /// Where it stands now, if others had to be passed by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub moved: Option<Moved>,
    pub title: Text,
    /// Whether it takes something away: a member, a node, a volume, the content of a machine.
    pub destructive: bool,
    /// Whether it can not be undone.
    pub no_way_back: bool,
    /// The line of the spec behind the step: of the newer spec, and of the older one for a step that is gone.
    pub because: Because,
    /// The edits of the spec behind the change, as positions in `edits`.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub edits: Vec<usize>,
    /// What changed besides artifacts.
    pub parts: Vec<PartChange>,
    /// The artifacts that changed, by their paths.
    pub artifacts: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    Added,
    Removed,
    Changed,
    /// The same, at another place among the others.
    Moved,
    /// The same, but for new names and addresses of machines.
    Renamed,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Moved {
    /// The step that it came after; absent: it was the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_after: Option<String>,
    /// The step that it comes after; absent: it is the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to_after: Option<String>,
}

/// A part of a step that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PartChange {
    pub part: Part,
    /// A unified diff without file names.
    pub diff: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    Action,
    Title,
    Preconditions,
    Run,
    Verify,
    Rollback,
    RollbackLeaves,
    /// Why, what may go wrong, what cannot be undone.
    Words,
}

/// Rows of the ledger that differ in the same way, one after the other: the cluster after steps that are in both plans.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RowChange {
    /// The steps; `before` for the row before the first one.
    pub steps: Vec<String>,
    pub columns: Vec<ColumnChange>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ColumnChange {
    pub column: String,
    pub before: String,
    pub after: String,
}

/// Artifacts that differ in the same lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ArtifactChange {
    pub fate: Fate,
    /// Below the plan directory.
    pub paths: Vec<String>,
    /// A unified diff without file names. Its first line says where the file goes where that is not the same.
    pub diff: String,
}

impl DiffDocument {
    /// Whether both plans do the same to the same cluster.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        let Self {
            regressions,
            improvements,
            reworded,
            steps,
            ledger,
            artifacts,
            renamed,
            readdressed,
            facts,
            edits,
            before,
            after,
            unlike,
            ..
        } = self;
        let findings = regressions.is_empty() && improvements.is_empty() && reworded.is_empty();
        let is_edited = !before.edited.is_empty() || !after.edited.is_empty() || edits.iter().any(|edits| !edits.is_empty());
        findings
            && !is_edited
            && unlike.is_empty()
            && steps.is_empty()
            && ledger.is_empty()
            && artifacts.is_empty()
            && renamed.is_empty()
            && readdressed.is_empty()
            && facts.is_empty()
    }
}

/// What the views say of a risk that was accepted.
pub(super) fn accepted(risk: &AcceptedRiskDocument) -> String {
    format!("{} ({}), because: {}", risk.risk, risk.finding, risk.reason)
}

/// The JSON Schema of the difference of two plans.
pub fn schema() -> serde_json::Value {
    let mut schema = schemars::schema_for!(DiffDocument).to_value();
    if let Some(object) = schema.as_object_mut() {
        object.insert("$id".into(), serde_json::json!("replank/diff.v1.json"));
        object.insert("title".into(), serde_json::json!("replank difference of two plans, format 1"));
    }
    schema
}
