//! The source's kubeadm: static pods on control planes over an etcd of its own, behind an nginx that somebody wrote by hand.
//!
//! `stand_ins/kubeadm/deploy.py` sets the cluster up, from what plan.json says; this file brings up what stands around it.

use std::time::Duration;

use serde_json::json;

use crate::rehearse::finding::{Result, Stop};
use crate::rehearse::stage::Stage;
use crate::rehearse::world::WORKSTATION;

use super::{certificates, etcd, keepalived, trust, wait_for_nodes};

/// A cluster of some machines takes half a minute.
const DEPLOYMENT: Duration = Duration::from_secs(300);

pub fn build(stage: &Stage<'_>) -> Result<()> {
    certificates::make(stage)?;
    etcd::start(stage)?;
    deploy(stage)?;
    let authority = stage.world.run(WORKSTATION, "cat /run/authority/ca.crt", Duration::from_secs(30))?;
    trust(stage, &authority.stdout)?;
    keepalived::start(stage)?;
    wait_for_nodes(stage)?;
    wait_for_pods(stage)
}

fn deploy(stage: &Stage<'_>) -> Result<()> {
    let order = json!({ "plan": stage.plan }).to_string();
    stage.world.write(WORKSTATION, "/run/deployment.json", "0600", &order)?;
    let deployed = stage.world.run(WORKSTATION, "/usr/bin/python3 -B /stand-ins/kubeadm/deploy.py </run/deployment.json", DEPLOYMENT)?;
    if deployed.succeeded() {
        return Ok(());
    }
    Err(Stop::Machine(format!("the source is not deployed: {}{}\n{}", deployed.stdout, deployed.stderr, stage.logs())))
}

/// Every node has the pods of its DaemonSets.
fn wait_for_pods(stage: &Stage<'_>) -> Result<()> {
    let question = "kubectl -n kube-system rollout status daemonset/kube-proxy --timeout=1s";
    stage.wait_until("kube-proxy runs on every node", || Ok(stage.world.run(WORKSTATION, question, Duration::from_secs(30))?.succeeded()))
}
