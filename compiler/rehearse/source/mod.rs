//! The cluster before the plan, as people leave clusters: etcd from hand-written units, k3s configured by flags and the
//! environment, keepalived without a health check, remains of an older k3s on machines that are used again; all that kubespray sets up; static pods of
//! kubeadm behind an nginx of somebody's own; or binaries under units that somebody's scripts wrote.
//!
//! It is built from what plan.json says of the source, and is not to be confused with what the plan makes of it.

mod certificates;
mod embedded;
mod etcd;
mod failed;
mod k3s;
mod keepalived;
mod kubeadm;
mod kubean;
mod systemd;

use std::time::Duration;

use serde_json::json;

use crate::render::document::{DatastoreDocument, DistributionDocument, LeftoversDocument, SecretDocument};

use super::finding::{Result, Stop};
use super::stage::{Stage, TOKEN, VRRP_PASSWORD};
use super::world::WORKSTATION;

/// Brings everything up and waits until it is at rest.
pub fn build(stage: &mut Stage<'_>) -> Result<()> {
    if let Some(unknown) = unknown_to_the_stand_ins(stage) {
        return Err(Stop::Machine(format!("{unknown} not rehearsed yet: there is nothing that stands for them")));
    }
    match &stage.plan.cluster.distribution {
        DistributionDocument::K3s(_) => build_k3s(stage),
        DistributionDocument::Kubean(kubean) => kubean::build(stage, kubean),
        DistributionDocument::Kubeadm(_) => kubeadm::build(stage),
        DistributionDocument::Systemd(_) => systemd::build(stage),
    }
}

/// What plans say and no stand-in does, said before anything is built.
fn unknown_to_the_stand_ins(stage: &Stage<'_>) -> Option<&'static str> {
    if stage.cluster().etcd.static_pod.is_some() {
        return Some("members of etcd that are static pods are");
    }
    match &stage.cluster().distribution {
        DistributionDocument::K3s(k3s) if k3s.ocboot.is_some() => return Some("ocboot and its static pods are"),
        DistributionDocument::K3s(_)
        | DistributionDocument::Kubean(_)
        | DistributionDocument::Kubeadm(_)
        | DistributionDocument::Systemd(_) => {}
    }
    (!stage.plan.storage.is_empty()).then_some("applications with volumes on single machines are")
}

fn build_k3s(stage: &mut Stage<'_>) -> Result<()> {
    stage.world.exported = exported(stage);
    let given = k3s::k3s(stage)?;
    match given.datastore {
        DatastoreDocument::External => {
            certificates::make(stage)?;
            etcd::start(stage)?;
        }
        DatastoreDocument::Embedded => embedded::bring(stage)?,
    }
    k3s::bring_media(stage)?;
    for (name, machine) in &stage.plan.machines {
        if matches!(machine.leftovers, LeftoversDocument::Remove) {
            k3s::leave_remains(stage, name)?;
        }
    }
    match given.datastore {
        DatastoreDocument::External => k3s::start_servers(stage)?,
        DatastoreDocument::Embedded => embedded::start_servers(stage, given)?,
    }
    set_up_workstation(stage, &k3s::authority(stage)?, &join_url(stage)?)?;
    keepalived::start(stage)?;
    k3s::start_agents(stage)?;
    seed(stage)?;
    failed::end(stage)?;
    wait_for_nodes(stage)
}

/// What the spec says that lies on every machine, put there again by whoever has installed the machine anew.
pub fn supply(stage: &Stage<'_>, machine: &str) -> Result<()> {
    let DistributionDocument::K3s(given) = &stage.cluster().distribution else { return Ok(()) };
    k3s::bring_media_to(stage, given, machine)?;
    match given.datastore {
        DatastoreDocument::External => etcd::bring_programs(stage, machine),
        DatastoreDocument::Embedded => embedded::bring_client(stage, machine),
    }
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
fn set_up_workstation(stage: &Stage<'_>, authority: &str, server: &str) -> Result<()> {
    let kubeconfig = json!({
        "current-context": "operator", "contexts": {"operator": "the-cluster"},
        "clusters": {"the-cluster": {"server": server, "ca": authority, "token": TOKEN}},
    });
    stage.world.write(WORKSTATION, "/root/.kube/config", "0600", &kubeconfig.to_string())?;
    trust(stage, authority)
}

/// Who watches the API from beside the hosts knows the authority of its certificates.
fn trust(stage: &Stage<'_>, authority: &str) -> Result<()> {
    let outcome = stage.world.observe_with("tee", &[&stage.api_authority().unwrap_or_default()], Some(authority))?;
    debug_assert!(outcome.succeeded(), "{}", outcome.stderr);
    Ok(())
}

/// Where agents and the operator reach the API of the source.
fn join_url(stage: &Stage<'_>) -> Result<String> {
    let api = stage.plan.topology.source.api.as_str();
    let host = match (api, stage.virtual_ip()) {
        ("virtualIp", Some(address)) => address.parse().unwrap_or(std::net::IpAddr::from([0, 0, 0, 0])),
        (machine, _) => stage.address(machine)?,
    };
    Ok(format!("https://{}", std::net::SocketAddr::new(host, stage.api_port())))
}

fn wait_for_nodes(stage: &Stage<'_>) -> Result<()> {
    let source = &stage.plan.topology.source;
    let nodes = stage.nodes(source).filter(|node| !stage.has_failed(node)).count().to_string();
    let question = format!("{} get nodes --no-headers | grep -c ' Ready '", stage.kubectl(&stage.plan.before)?);
    stage.wait_until("every node is ready", || {
        let ready = stage.world.run(WORKSTATION, &question, Duration::from_secs(30))?;
        Ok(ready.stdout.trim() == nodes)
    })
}

/// Pods on every node, and a volume on each node that stays as it is.
fn seed(stage: &Stage<'_>) -> Result<()> {
    let topology = &stage.plan.topology;
    let endpoints = stage.client_urls(&topology.source.etcd)?;
    let put = |key: String, value: serde_json::Value| stage.etcdctl(&endpoints, &["put", &key, &value.to_string()]).map(|_| ());
    for node in topology.source.control_plane.iter().chain(&topology.source.workers) {
        put(format!("/registry/pods/kube-system/svclb-{node}"), json!({"node": node, "owner": "DaemonSet"}))?;
        put(format!("/registry/pods/uap/web-{node}"), json!({"node": node, "owner": "ReplicaSet", "emptyDir": true}))?;
        put(format!("/registry/pods/uap/store-{node}"), json!({"node": node, "owner": "StatefulSet"}))?;
        let stays = topology.target.control_plane.contains(node) || topology.target.workers.contains(node);
        if stays && !stage.is_rebuilt(node) && !stage.has_failed(node) {
            put(format!("/registry/persistentvolumes/pvc-{node}"), json!({"node": node}))?;
        }
    }
    Ok(())
}
