//! The cluster before the plan, as people leave clusters: etcd from hand-written units, k3s configured by flags and the
//! environment, keepalived without a health check, remains of an older k3s on machines that are used again.
//!
//! It is built from what plan.json says of the source, and is not to be confused with what the plan makes of it.

mod certificates;
mod etcd;
mod k3s;
mod keepalived;

use serde_json::json;

use crate::render::document::{DistributionDocument, LeftoversDocument, SecretDocument};

use super::finding::{Result, Stop};
use super::stage::{Stage, TOKEN, VRRP_PASSWORD};
use super::world::WORKSTATION;

/// Brings everything up and waits until it is at rest.
pub fn build(stage: &mut Stage<'_>) -> Result<()> {
    match &stage.plan.cluster.distribution {
        DistributionDocument::K3s(_) => build_k3s(stage),
        DistributionDocument::Kubean(_) => Err(Stop::Machine("a cluster of kubean's is not rehearsed yet".to_owned())),
    }
}

fn build_k3s(stage: &mut Stage<'_>) -> Result<()> {
    stage.world.exported = exported(stage);
    certificates::make(stage)?;
    etcd::start(stage)?;
    k3s::bring_media(stage)?;
    for (name, machine) in &stage.plan.machines {
        if matches!(machine.leftovers, LeftoversDocument::Remove) {
            k3s::leave_remains(stage, name)?;
        }
    }
    k3s::start_servers(stage)?;
    set_up_workstation(stage)?;
    keepalived::start(stage)?;
    k3s::start_agents(stage)?;
    seed(stage)?;
    k3s::wait_for_nodes(stage)
}

/// What the operator exports before the plan: every secret that the spec takes from the environment.
fn exported(stage: &Stage<'_>) -> std::collections::BTreeMap<String, String> {
    let DistributionDocument::K3s(k3s) = &stage.cluster().distribution else { return std::collections::BTreeMap::new() };
    let password = stage.cluster().virtual_ip.as_ref().and_then(|virtual_ip| virtual_ip.password.as_ref());
    let secrets = [Some((&k3s.token, TOKEN)), password.map(|password| (password, VRRP_PASSWORD))];
    let variables = secrets.into_iter().flatten().filter_map(|(reference, value)| match reference {
        SecretDocument::Env(name) => Some((name.clone(), value.to_owned())),
        SecretDocument::File(_) => None,
    });
    variables.collect()
}

/// The kubeconfig of the operator, who reaches the API as the source's clients do.
fn set_up_workstation(stage: &Stage<'_>) -> Result<()> {
    let authority = k3s::authority(stage)?;
    let kubeconfig = json!({
        "current-context": "operator", "contexts": {"operator": "the-cluster"},
        "clusters": {"the-cluster": {"server": k3s::join_url(stage)?, "ca": authority, "token": TOKEN}},
    });
    stage.world.write(WORKSTATION, "/root/.kube/config", "0600", &kubeconfig.to_string())?;
    let outcome = stage.world.observe_with("tee", &[&Stage::api_authority()], Some(&authority))?;
    debug_assert!(outcome.succeeded(), "{}", outcome.stderr);
    Ok(())
}

/// Pods on every node, and a volume on each node that stays.
fn seed(stage: &Stage<'_>) -> Result<()> {
    let topology = &stage.plan.topology;
    let endpoints = stage.client_urls(&topology.source.etcd)?;
    let put = |key: String, value: serde_json::Value| stage.etcdctl(&endpoints, &["put", &key, &value.to_string()]).map(|_| ());
    for node in topology.source.control_plane.iter().chain(&topology.source.workers) {
        put(format!("/registry/pods/kube-system/svclb-{node}"), json!({"node": node, "owner": "DaemonSet"}))?;
        put(format!("/registry/pods/uap/web-{node}"), json!({"node": node, "owner": "ReplicaSet", "emptyDir": true}))?;
        put(format!("/registry/pods/uap/store-{node}"), json!({"node": node, "owner": "StatefulSet"}))?;
        if topology.target.control_plane.contains(node) || topology.target.workers.contains(node) {
            put(format!("/registry/persistentvolumes/pvc-{node}"), json!({"node": node}))?;
        }
    }
    Ok(())
}
