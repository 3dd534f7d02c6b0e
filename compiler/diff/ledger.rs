//! The rows of two ledgers side by side.
//!
//! Knows the columns of a row. Does not know which change is a bad one.

use std::collections::BTreeMap;

use crate::render::document::{ExposureDocument, FrameDocument, PlanDocument, StepDocument, StorageFrameDocument};

use super::document::{ColumnChange, RowChange};

/// Rows of the same steps in both plans, in the order of the newer one: those that differ in the same way stand together.
pub(super) fn between(before: &PlanDocument, after: &PlanDocument) -> Vec<RowChange> {
    let old: BTreeMap<&str, &StepDocument> = before.steps.iter().map(|step| (step.id.as_str(), step)).collect();
    let first = compare("before", (&before.before, None), (&after.before, None));
    let rest = after.steps.iter().filter_map(|new| {
        let old = old.get(new.id.as_str())?;
        compare(&new.id, (&old.after, old.during.as_ref()), (&new.after, new.during.as_ref()))
    });
    grouped(first.into_iter().chain(rest))
}

fn grouped(rows: impl Iterator<Item = RowChange>) -> Vec<RowChange> {
    let mut groups: Vec<RowChange> = Vec::new();
    for row in rows {
        match groups.last_mut() {
            Some(last) if last.columns == row.columns => last.steps.extend(row.steps),
            Some(_) | None => groups.push(row),
        }
    }
    groups
}

/// The columns in which two rows differ.
fn compare(
    step: &str,
    before: (&FrameDocument, Option<&ExposureDocument>),
    after: (&FrameDocument, Option<&ExposureDocument>),
) -> Option<RowChange> {
    if before == after {
        return None;
    }
    let pairs = columns(before.0, before.1).into_iter().zip(columns(after.0, after.1));
    let differ = pairs.filter(|((_, old), (_, new))| old != new);
    let columns: Vec<ColumnChange> =
        differ.map(|((column, before), (_, after))| ColumnChange { column: column.to_owned(), before, after }).collect();
    (!columns.is_empty()).then(|| RowChange { steps: vec![step.to_owned()], columns })
}

/// Every column of a row as text, always the same ones in the same order.
fn columns(frame: &FrameDocument, during: Option<&ExposureDocument>) -> Vec<(&'static str, String)> {
    let FrameDocument {
        etcd,
        api_servers,
        virtual_ip,
        load_balancer_upstreams,
        schedulable_nodes,
        survives_any_one_host,
        fatal_hosts,
        storage,
    } = frame;
    let candidates = virtual_ip.iter().flat_map(|virtual_ip| &virtual_ip.candidates);
    let candidate = |priority: Option<u8>| priority.map_or_else(|| "unknown".to_owned(), |priority| priority.to_string());
    let gap = virtual_ip.as_ref().and_then(|virtual_ip| virtual_ip.predicted_gap_milliseconds);
    vec![
        ("etcd voters", listed(&etcd.voters)),
        ("etcd learners", listed(&etcd.learners)),
        ("etcd started", etcd.started.to_string()),
        ("etcd quorum", etcd.quorum.to_string()),
        ("etcd tolerance", etcd.tolerance.to_string()),
        ("API servers", listed(api_servers)),
        ("virtual IP at", virtual_ip.as_ref().map(|virtual_ip| listed(&virtual_ip.possible_holders)).unwrap_or_default()),
        ("candidates", joined(candidates.map(|one| format!("{} ({})", one.machine, candidate(one.priority))))),
        ("predicted gap", gap.map(|gap| format!("{gap} ms")).unwrap_or_default()),
        ("upstreams", listed(load_balancer_upstreams)),
        ("nodes for pods", schedulable_nodes.to_string()),
        ("any one machine may fail", if *survives_any_one_host { "yes" } else { "no" }.to_owned()),
        ("must not fail", listed(fatal_hosts)),
        ("volumes", joined(storage.iter().map(volumes))),
        ("worst moment inside", during.map(exposure).unwrap_or_default()),
    ]
}

fn volumes(frame: &StorageFrameDocument) -> String {
    let StorageFrameDocument { application, there, volumes, needs, fatal_hosts } = frame;
    let there = joined(there.iter().map(|volume| format!("{} on {}", volume.claim, volume.on)));
    format!("{application}: {there} of {volumes}, needs {needs}, must not fail: {}", listed(fatal_hosts))
}

fn exposure(during: &ExposureDocument) -> String {
    let ExposureDocument { etcd_tolerance, api_servers, fatal_hosts, storage } = during;
    let volumes = storage.iter().map(|(application, volumes)| format!("; {application}: {volumes} volumes"));
    let volumes: String = volumes.collect();
    format!("etcd tolerance {etcd_tolerance}, {api_servers} API servers, must not fail: {}{volumes}", listed(fatal_hosts))
}

fn listed(names: &[String]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

fn joined(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(", ")
}
