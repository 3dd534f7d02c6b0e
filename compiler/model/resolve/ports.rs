//! Which services want the same port of one machine, at either end of the migration.
//!
//! Knows the ports that k3s and kubespray take without being asked. Does not know NodePorts; `k3s` warns about those.

use std::collections::BTreeMap;

use indexmap::IndexSet;

use super::context::{Context, Machines};
use super::topology::Roles;
use crate::diag::{Code, Diagnostic};
use crate::model::{Cluster, Distribution, EtcdDeployment, EtcdProcess, Machine, MachineName, Port, WorkerAccess};
use crate::source::{Located, Place};

const CLIENT: &str = "etcd's clients";
const PEER: &str = "etcd's peers";
const METRICS: &str = "etcd's metrics";
const API: &str = "the API server";
const SSH: &str = "ssh";

/// On every node of k3s: the load balancer of an agent or the inner API of a server.
const K3S_NODE: (u16, &str) = (6444, "k3s's inner API");

/// On every node: the kubelet, its health, kube-proxy.
const NODE: &[(u16, &str)] =
    &[(10248, "the kubelet's health"), (10249, "kube-proxy's metrics"), (10250, "the kubelet"), (10256, "kube-proxy's health")];

/// On servers.
const SERVER: &[(u16, &str)] = &[(10257, "the controller manager"), (10259, "the scheduler")];

/// On servers of k3s.
const K3S_SERVER: (u16, &str) = (10258, "the cloud controller manager");

/// On a worker that reaches the API through a proxy of its own.
const PROXY: &str = "the proxy of the API";

/// In front of the API servers, on control planes.
const BALANCER: &str = "the load balancer";

/// Both ends count together: a machine that takes over a role runs both services for a while.
pub(super) fn check(context: &mut Context<'_>, cluster: &Cluster, machines: &Machines, source: &Roles, target: &Roles) {
    let servers = names(&source.control_plane, &target.control_plane);
    let agents = names(&source.workers, &target.workers);
    let members = names(&source.etcd, &target.etcd);
    let mut reported: IndexSet<(&str, &str)> = IndexSet::new();
    for machine in machines.values() {
        let mut claims: Vec<(u16, &'static str)> = vec![(machine.ssh.port.get(), SSH)];
        if members.contains(&machine.name) {
            claims.extend([(cluster.etcd.client_port.get(), CLIENT), (cluster.etcd.peer_port.get(), PEER)]);
            claims.extend(match cluster.etcd.process {
                EtcdProcess::Service => None,
                EtcdProcess::StaticPod(_) => Some((Port::ETCD_METRICS.get(), METRICS)),
            });
        }
        if servers.contains(&machine.name) {
            claims.push((cluster.distribution.api_port().get(), API));
            claims.extend(SERVER);
            claims.extend(cluster.balancer.as_ref().map(|balancer| (balancer.port.get(), BALANCER)));
        } else if agents.contains(&machine.name) && cluster.distribution.worker_access() == WorkerAccess::OwnProxy {
            claims.push((cluster.distribution.api_port().get(), PROXY));
        }
        if servers.contains(&machine.name) || agents.contains(&machine.name) {
            claims.extend(NODE);
            claims.extend(own(&cluster.distribution, servers.contains(&machine.name)));
        }
        let mut owners: BTreeMap<u16, &'static str> = BTreeMap::new();
        for (port, service) in claims {
            let Some(other) = owners.get(&port).copied() else {
                owners.insert(port, service);
                continue;
            };
            if reported.insert((other, service)) {
                report(context, machine, port, [other, service]);
            }
        }
    }
}

/// What one distribution takes beyond that.
fn own(distribution: &Distribution, is_server: bool) -> Vec<(u16, &'static str)> {
    match (distribution, is_server) {
        (Distribution::K3s(_), true) => vec![K3S_NODE, K3S_SERVER],
        (Distribution::K3s(_), false) => vec![K3S_NODE],
        (Distribution::Kubean(kubean), true) if kubean.etcd_deployment == EtcdDeployment::Kubeadm => {
            vec![(Port::ETCD_METRICS.get(), METRICS)]
        }
        (Distribution::Kubean(_) | Distribution::Kubeadm(_) | Distribution::Systemd(_), _) => Vec::new(),
    }
}

fn names<'a>(source: &'a [Located<MachineName>], target: &'a [Located<MachineName>]) -> IndexSet<&'a MachineName> {
    source.iter().chain(target).map(|role| &role.value).collect()
}

fn report(context: &mut Context<'_>, machine: &Machine, port: u16, services: [&'static str; 2]) {
    let [first, second] = services;
    // The later claim that the user can change is the one to show.
    let place = written(context, machine, second).or_else(|| written(context, machine, first)).unwrap_or_else(|| machine.place.clone());
    let label = format!("expected different ports on `{}`, found {port} for {first} and for {second}", machine.name);
    let diagnostic = Diagnostic::at(Code::M210, &place, label);
    let diagnostic = match written(context, machine, first) {
        Some(other) if other != place => diagnostic.related(other.span, format!("the port for {first} is here")),
        Some(_) | None => diagnostic,
    };
    context.find(diagnostic);
}

fn written(context: &Context<'_>, machine: &Machine, service: &str) -> Option<Place> {
    let pointer = match service {
        CLIENT => "/spec/cluster/etcd/clientPort".to_owned(),
        PEER => "/spec/cluster/etcd/peerPort".to_owned(),
        API if context.document.has("/spec/cluster/distribution/k3s") => "/spec/cluster/distribution/k3s/httpsListenPort".to_owned(),
        API if context.document.has("/spec/cluster/distribution/systemd") => "/spec/cluster/distribution/systemd/apiServerPort".to_owned(),
        API => "/spec/cluster/distribution/kubeadm/apiServerPort".to_owned(),
        BALANCER => "/spec/cluster/loadBalancer/port".to_owned(),
        SSH => format!("/spec/machines/{}/ssh/port", machine.name),
        _ => return None,
    };
    context.document.has(&pointer).then(|| context.place(&pointer))
}
