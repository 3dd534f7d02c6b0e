//! REVIEW.md: what a reviewer reads first.
//!
//! Rows that say the same stand for each other, so that a fleet leaves room for what matters. Does not know what a good plan is.

use std::ops::Range;

use serde::Serialize;
use serde_json::{Value, json};

use super::alike::NAME;
use super::sections::{LEAST, stands_alike};
use crate::render::RenderError;
use crate::render::document::{ArtifactDocument, ExposureDocument, FrameDocument, PlanDocument, StepDocument};
use crate::render::engine::{Context, Engine};

/// Consecutive steps after which the cluster stands alike.
#[derive(Serialize)]
struct Row<'a> {
    id: &'a str,
    /// The last of them, and how many they are; none for a step by itself.
    last: Option<&'a str>,
    count: usize,
    after: &'a FrameDocument,
    /// After the last.
    nodes: usize,
    during: Option<&'a ExposureDocument>,
}

/// `head` is the document without its steps, `steps` are without what they tell in words.
pub fn render(engine: &Engine, head: &PlanDocument, steps: &[StepDocument]) -> Result<String, RenderError> {
    let own = json!({
        "count": steps.len(),
        "fatal": steps.iter().filter(|step| !step.after.survives_any_one_host).count(),
        "final": steps.iter().filter(|step| step.no_way_back.is_some()).count(),
        "standstills": standstills(steps),
        "systems": systems(head),
        "points": points(steps),
        "rows": rows(steps),
        "operated": steps.iter().filter(|step| step.operation.is_some()).map(|step| json!({ "id": step.id, "operation": step.operation })).collect::<Vec<_>>(),
        "artifacts": by_host(head, steps),
    });
    engine.render("review/review.md.j2", &Context::new(&own).over(&Context::named([("plan", Context::new(head))])))
}

/// Divides items into runs of those that are like the first of their run; short runs into single ones.
fn runs<T>(items: &[T], alike: impl Fn(&T, &T) -> bool) -> Vec<Range<usize>> {
    let mut runs = Vec::new();
    let mut start = 0;
    while let Some((first, later)) = items.get(start..).and_then(<[T]>::split_first) {
        let length = 1 + later.iter().take_while(|item| alike(first, item)).count();
        let end = start + length;
        if length < LEAST {
            runs.extend((start..end).map(|at| at..at + 1));
        } else {
            runs.push(start..end);
        }
        start = end;
    }
    runs
}

/// The first and the last of a run, if it has several.
fn ends<T>(items: &[T], run: Range<usize>) -> Option<(&T, Option<&T>, usize)> {
    let items = items.get(run)?;
    let first = items.first()?;
    Some((first, items.last().filter(|_| items.len() > 1), items.len()))
}

fn rows(steps: &[StepDocument]) -> Vec<Row<'_>> {
    let alike = |one: &StepDocument, other: &StepDocument| {
        one.phase == other.phase && one.during == other.during && stands_alike(&one.after, &other.after)
    };
    let row = |run| {
        let (first, last, count) = ends(steps, run)?;
        let nodes = last.unwrap_or(first).after.schedulable_nodes;
        let id = &first.id;
        Some(Row { id, last: last.map(|last| last.id.as_str()), count, after: &first.after, nodes, during: first.during.as_ref() })
    };
    runs(steps, alike).into_iter().filter_map(row).collect()
}

/// From which step to which nothing is scheduled.
fn standstills(steps: &[StepDocument]) -> Vec<Value> {
    let first = steps.iter().find(|step| step.action.starts_with("control-plane.hand-over("));
    let ends = steps.iter().filter(|step| step.action.starts_with("controllers.start("));
    ends.map(|end| json!({ "first": first.map(|first| &first.id), "last": end.id })).collect()
}

/// Points without a way back, with what is said of them.
fn points(steps: &[StepDocument]) -> Vec<Value> {
    let points: Vec<_> = steps.iter().filter(|step| step.no_way_back.is_some()).collect();
    let said = |step: &StepDocument| {
        let name = step.id.rsplit('/').next().unwrap_or_default();
        step.no_way_back.as_deref().unwrap_or_default().replace(name, NAME)
    };
    let point = |run| {
        let (first, last, count) = ends(&points, run)?;
        let text = if last.is_some() { said(first) } else { first.no_way_back.clone().unwrap_or_default() };
        Some(json!({ "id": first.id, "last": last.map(|last| &last.id), "count": count, "text": text }))
    };
    runs(&points, |one, other| one.phase == other.phase && said(one) == said(other)).into_iter().filter_map(point).collect()
}

/// Machines that get another operating system.
fn systems(head: &PlanDocument) -> Vec<Value> {
    let changes: Vec<_> = head
        .machines
        .iter()
        .filter_map(|(name, machine)| Some((name, machine.source_os.as_ref()?, machine.target_os.as_ref()?)))
        .filter(|(_, from, to)| from != to)
        .collect();
    let change = |run| {
        let ((name, from, to), last, count) = ends(&changes, run)?;
        Some(json!({ "name": name, "last": last.map(|(name, _, _)| name), "count": count, "from": from, "to": to }))
    };
    runs(&changes, |one, other| (one.1, one.2) == (other.1, other.2)).into_iter().filter_map(change).collect()
}

/// Every artifact under its host, hosts in the order of the spec.
fn by_host(head: &PlanDocument, steps: &[StepDocument]) -> Vec<Value> {
    let mut hosts = indexmap::IndexMap::<&str, Vec<&ArtifactDocument>>::new();
    for machine in head.machines.keys() {
        hosts.insert(machine, Vec::new());
    }
    for artifact in steps.iter().flat_map(|step| &step.artifacts) {
        hosts.entry(&artifact.host).or_default().push(artifact);
    }
    let hosts: Vec<_> = hosts.into_iter().filter(|(_, artifacts)| !artifacts.is_empty()).collect();
    let general = |(host, artifacts): &(&str, Vec<&ArtifactDocument>)| {
        let general = |artifact: &&ArtifactDocument| ArtifactDocument {
            path: artifact.path.replace(host, NAME),
            destination: artifact.destination.replace(host, NAME),
            host: NAME.into(),
            ..(*artifact).clone()
        };
        artifacts.iter().map(general).collect::<Vec<_>>()
    };
    let group = |run| {
        let (first, last, count) = ends(&hosts, run)?;
        let artifacts = if last.is_some() { json!(general(first)) } else { json!(first.1) };
        Some(json!({ "host": first.0, "last": last.map(|last| last.0), "count": count, "artifacts": artifacts }))
    };
    runs(&hosts, |one, other| one.1.len() == other.1.len() && general(one) == general(other)).into_iter().filter_map(group).collect()
}
