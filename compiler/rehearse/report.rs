//! The report of a rehearsal: `rehearsal.json` as data, `rehearsal.md` for people, made from the same value.

use schemars::JsonSchema;
use serde::Serialize;

use crate::render::document::PlanDocument;
use crate::render::{RenderError, page as render_page};

use super::compare::Writer;
use super::cut::Cut;
use super::finding::Finding;
use super::gaps::{Activity, Gap, rounded};
use super::needs;
use super::walk::{Extent, Options};
use super::watch::{VIRTUAL_IP, Watched};
use super::witness::Seen;

/// The format's version: `major.minor`. A minor version adds fields.
pub const FORMAT_VERSION: &str = "1.2";

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    pub format_version: String,
    /// The migration's name.
    pub migration: String,
    /// The digest of the spec that the plan was compiled from.
    pub spec_digest: String,
    /// Whether nothing was found.
    pub passed: bool,
    pub findings: Vec<Finding>,
    /// Why the rehearsal could not go on, where this machine is to blame. Null: it came to its own end.
    pub broken_off: Option<String>,
    pub extent: ExtentReport,
    /// The whole rehearsal, the building of the source cluster included.
    pub seconds: f64,
    /// The real programs that took part: name and version.
    pub programs: Vec<(String, String)>,
    pub writes: Writes,
    pub endpoints: Vec<Endpoint>,
    /// Long-lived streams through published endpoints that end when the endpoint moves. Since 1.1.
    pub streams: Vec<Stream>,
    pub virtual_ip: HolderReport,
    /// When which API server wrote, where they note it: those of binaries, of which one may write at a time. Since 1.2.
    pub api_writers: Vec<Writer>,
    pub ledger: LedgerReport,
    pub steps: Vec<StepReport>,
}

/// What was tried: `none`, `sampled` or `complete`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ExtentReport {
    pub cuts: String,
    pub rollbacks: String,
    pub interruptions: String,
}

/// What the writer saw. Gaps are in seconds.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Writes {
    pub acknowledged: usize,
    pub lost: usize,
    /// Not acknowledged; such a write may or may not have happened.
    pub failed: usize,
    #[serde(flatten)]
    pub longest: Longest,
}

/// An endpoint of the API, and what its client saw.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Endpoint {
    pub name: String,
    pub answers: usize,
    pub failed: usize,
    #[serde(flatten)]
    pub longest: Longest,
}

/// A long-lived stream, and what its client heard. A gap is a silence.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Stream {
    /// The endpoint that it goes through.
    pub name: String,
    pub events: usize,
    /// How often it ended, or could not be begun; the client asked for another one at once.
    pub ended: usize,
    /// How often it neither said anything for 45 s nor ended.
    pub hung: usize,
    #[serde(flatten)]
    pub longest: Longest,
}

/// The longest times without success.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Longest {
    /// While a step was played.
    pub longest_gap: Option<Gap>,
    /// While a step was undone, or done again after it was interrupted.
    pub longest_gap_undoing: Option<Gap>,
    /// While a host was cut off.
    pub longest_gap_cut: Option<Gap>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct HolderReport {
    /// While a step was played or undone: nobody held the address for so long.
    pub longest_without: Option<Gap>,
    /// More than one machine held it.
    pub longest_with_two: Option<Gap>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LedgerReport {
    /// Rows that were compared with the hosts, the one before the first step included.
    pub rows: usize,
    pub rows_agree: usize,
    /// Pairs of a step and a host that was cut off after it.
    pub pairs: usize,
    pub pairs_agree: usize,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct StepReport {
    pub id: String,
    /// How long the step took as the runbook has it, without undoing and cutting.
    pub seconds: f64,
    /// Whether every command did what the plan says.
    pub played: bool,
    /// A hook that was left out on demand.
    pub skipped: bool,
    pub rolled_back: bool,
    pub interrupted: bool,
    /// Whether the ledger row is what was seen. Null: the step stopped before its row could be compared.
    pub row_agrees: Option<bool>,
    pub cuts: Vec<Cut>,
    /// The longest pause of writes while the step was played, in seconds.
    pub write_gap: Option<f64>,
    /// The same of the API, at the worst endpoint.
    pub api_gap: Option<f64>,
    /// The same at the virtual IP alone. Since 1.1.
    pub virtual_ip_gap: Option<f64>,
    /// The longest silence of the stream through it. Since 1.1.
    pub stream_gap: Option<f64>,
}

impl StepReport {
    pub fn new(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            seconds: 0.0,
            played: false,
            skipped: false,
            rolled_back: false,
            interrupted: false,
            row_agrees: None,
            cuts: Vec::new(),
            write_gap: None,
            api_gap: None,
            virtual_ip_gap: None,
            stream_gap: None,
        }
    }
}

impl Report {
    pub fn new(
        plan: &PlanDocument,
        options: &Options,
        mut steps: Vec<StepReport>,
        watched: Watched,
        findings: Vec<Finding>,
        broken_off: Option<String>,
        seconds: f64,
    ) -> Self {
        for step in &mut steps {
            let worst = |gaps: &[Gap]| gaps.iter().find(|gap| gap.step == step.id && gap.activity == Activity::Play).map(|gap| gap.seconds);
            step.write_gap = worst(&watched.writer_gaps);
            step.virtual_ip_gap = watched.clients.get(VIRTUAL_IP).and_then(|(_, gaps)| worst(gaps));
            step.stream_gap = watched.stream.as_ref().and_then(|(_, gaps)| worst(gaps));
            step.api_gap = watched.clients.values().filter_map(|(_, gaps)| worst(gaps)).max_by(f64::total_cmp);
        }
        let pairs = || steps.iter().flat_map(|step| &step.cuts);
        let looked = || steps.iter().filter_map(|step| step.row_agrees);
        Self {
            format_version: FORMAT_VERSION.to_owned(),
            migration: plan.migration.clone(),
            spec_digest: plan.spec_digest.clone(),
            passed: findings.is_empty(),
            findings,
            broken_off,
            extent: ExtentReport {
                cuts: word(options.cuts).to_owned(),
                rollbacks: word(options.rollbacks).to_owned(),
                interruptions: word(options.interruptions).to_owned(),
            },
            seconds: rounded(seconds),
            programs: needs::versions(plan),
            writes: Writes {
                acknowledged: watched.writer.moments.len(),
                lost: watched.writer.lost.len(),
                failed: watched.writer.failed,
                longest: Longest::of(&watched.writer_gaps),
            },
            endpoints: watched.clients.iter().map(|(name, (seen, gaps))| endpoint(name, seen, gaps)).collect(),
            streams: watched.stream.iter().map(|(seen, gaps)| stream(seen, gaps)).collect(),
            virtual_ip: HolderReport { longest_without: quiet(&watched.unheld), longest_with_two: quiet(&watched.held_twice) },
            api_writers: watched.api_writers,
            ledger: LedgerReport {
                rows: looked().count(),
                rows_agree: looked().filter(|agrees| *agrees).count(),
                pairs: pairs().count(),
                pairs_agree: pairs().filter(|cut| cut.agrees()).count(),
            },
            steps,
        }
    }
}

impl Longest {
    fn of(gaps: &[Gap]) -> Self {
        let longest = |activity| gaps.iter().find(|gap| gap.activity == activity).cloned();
        Self { longest_gap: longest(Activity::Play), longest_gap_undoing: longest(Activity::Undo), longest_gap_cut: longest(Activity::Cut) }
    }
}

fn endpoint(name: &str, seen: &Seen, gaps: &[Gap]) -> Endpoint {
    Endpoint { name: name.to_owned(), answers: seen.moments.len(), failed: seen.failed, longest: Longest::of(gaps) }
}

fn stream(seen: &Seen, gaps: &[Gap]) -> Stream {
    Stream { name: VIRTUAL_IP.to_owned(), events: seen.moments.len(), ended: seen.failed, hung: seen.hung, longest: Longest::of(gaps) }
}

/// The longest while no host was cut off.
fn quiet(gaps: &[Gap]) -> Option<Gap> {
    gaps.iter().find(|gap| matches!(gap.activity, Activity::Play | Activity::Undo)).cloned()
}

fn word(extent: Extent) -> &'static str {
    match extent {
        Extent::None => "none",
        Extent::Sampled => "sampled",
        Extent::Complete => "complete",
    }
}

/// The report for people, as Markdown.
///
/// # Errors
/// Only for a bug in our own template.
pub fn page(report: &Report) -> Result<String, RenderError> {
    render_page("rehearsal/rehearsal.md.j2", report)
}

/// The JSON Schema of `rehearsal.json`.
pub fn schema() -> serde_json::Value {
    let mut schema = schemars::schema_for!(Report).to_value();
    if let Some(object) = schema.as_object_mut() {
        object.insert("$id".into(), serde_json::json!("replank/rehearsal.v1.json"));
        object.insert("title".into(), serde_json::json!("replank rehearsal, format 1"));
    }
    schema
}
