//! How many nodes take pods, and which are marked as control planes.

use std::time::Duration;

use crate::rehearse::finding::Result;
use crate::rehearse::stage::Stage;
use crate::rehearse::world::WORKSTATION;
use crate::render::document::{DistributionDocument, FrameDocument};

use super::listed;

pub fn differences(stage: &Stage<'_>, row: &FrameDocument) -> Result<Vec<String>> {
    match &stage.cluster().distribution {
        DistributionDocument::K3s(_) | DistributionDocument::Systemd(_) => in_the_table(stage, row, Tainted::Nobody),
        DistributionDocument::Kubean(kubean) if kubean.control_plane_takes_pods => in_the_table(stage, row, Tainted::Nobody),
        DistributionDocument::Kubean(_) => in_the_table(stage, row, Tainted::ControlPlanes),
        DistributionDocument::Kubeadm(_) => in_full(stage, row),
    }
}

/// Who is tainted against pods: the table does not show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tainted {
    Nobody,
    ControlPlanes,
}

fn in_the_table(stage: &Stage<'_>, row: &FrameDocument, tainted: Tainted) -> Result<Vec<String>> {
    let question = format!("{} get nodes --no-headers", stage.kubectl(row)?);
    let outcome = stage.world.run(WORKSTATION, &question, Duration::from_secs(20))?;
    if !outcome.succeeded() {
        return Ok(vec![no_answer(&outcome.stderr)]);
    }
    let is_tainted = |line: &str| tainted == Tainted::ControlPlanes && line.split_whitespace().nth(2) == Some("control-plane");
    let takes_pods = |line: &&str| line.split_whitespace().nth(1) == Some("Ready") && !is_tainted(line);
    let seen: Vec<_> = outcome.stdout.lines().filter(takes_pods).filter_map(|line| line.split_whitespace().next()).collect();
    Ok(wrong_number(row.schedulable_nodes, &seen).into_iter().collect())
}

fn no_answer(reason: &str) -> String {
    format!("nodes: the workstation's kubectl gets no answer: {}", reason.trim())
}

fn wrong_number(promised: usize, seen: &[&str]) -> Option<String> {
    (seen.len() != promised).then(|| format!("nodes: the ledger says that {promised} take pods; those that do are {}", seen.join(" ")))
}

/// Name, whether it is ready, whether it is closed, the effects of its taints: a line a node.
const IN_FULL: &str = r#"
set -e
kubectl get nodes -o jsonpath='{range .items[*]}{.metadata.name}|{.status.conditions[?(@.type=="Ready")].status}|{.spec.unschedulable}|{.spec.taints[*].effect}|{"\n"}{end}'
kubectl get nodes --no-headers | awk '$3 ~ /(^|,)control-plane(,|$)/ { print "control-plane " $1 }'
"#;

/// Where control planes of the source take pods and those of the target do not, each node's own taints count. A node is marked as a
/// control plane exactly when it serves.
fn in_full(stage: &Stage<'_>, row: &FrameDocument) -> Result<Vec<String>> {
    let outcome = stage.world.run(WORKSTATION, IN_FULL, Duration::from_secs(20))?;
    if !outcome.succeeded() {
        return Ok(vec![no_answer(&outcome.stderr)]);
    }
    let (mut open, mut marked) = (Vec::new(), Vec::new());
    for line in outcome.stdout.lines() {
        let columns: Vec<_> = line.split('|').collect();
        match columns[..] {
            [name, "True", "" | "false", effects, _] if !effects.contains("NoSchedule") && !effects.contains("NoExecute") => {
                open.push(name)
            }
            [_, _, _, _, _] => {}
            _ => marked.extend(line.strip_prefix("control-plane ").map(str::to_owned)),
        }
    }
    let mut found: Vec<String> = wrong_number(row.schedulable_nodes, &open).into_iter().collect();
    if marked.len() != row.api_servers.len() || !marked.iter().all(|name| row.api_servers.contains(name)) {
        found.push(format!(
            "nodes: the ledger says that {} serve; marked as control planes are {}",
            listed(&row.api_servers),
            listed(&marked)
        ));
    }
    Ok(found)
}
