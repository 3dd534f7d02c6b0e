//! How many nodes take pods.

use std::time::Duration;

use crate::rehearse::finding::Result;
use crate::rehearse::stage::Stage;
use crate::rehearse::world::WORKSTATION;
use crate::render::document::DistributionDocument;

pub fn differences(stage: &Stage<'_>, promised: usize) -> Result<Vec<String>> {
    let outcome = stage.world.run(WORKSTATION, "kubectl get nodes --no-headers", Duration::from_secs(20))?;
    if !outcome.succeeded() {
        return Ok(vec![format!("nodes: the workstation's kubectl gets no answer: {}", outcome.stderr.trim())]);
    }
    // Where control planes take no pods, they are tainted, which the table does not show.
    let is_tainted = |line: &str| !control_planes_take_pods(stage) && line.split_whitespace().nth(2) == Some("control-plane");
    let takes_pods = |line: &&str| line.split_whitespace().nth(1) == Some("Ready") && !is_tainted(line);
    let seen: Vec<_> = outcome.stdout.lines().filter(takes_pods).filter_map(|line| line.split_whitespace().next()).collect();
    let text = || format!("nodes: the ledger says that {promised} take pods; those that do are {}", seen.join(" "));
    Ok(if seen.len() == promised { Vec::new() } else { vec![text()] })
}

fn control_planes_take_pods(stage: &Stage<'_>) -> bool {
    match &stage.cluster().distribution {
        DistributionDocument::K3s(_) => true,
        DistributionDocument::Kubean(kubean) => kubean.control_plane_takes_pods,
    }
}
