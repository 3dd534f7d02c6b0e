//! kubeadm over an external etcd: static pods on control planes, behind nginx and a virtual IP.
//!
//! A node becomes a control plane by phases of `kubeadm init` with the cluster's own configuration, so that nothing that the team set
//! there is lost. Does not know etcd's, nginx's or keepalived's own steps.

mod configuration;
mod objects;

use serde_json::{Map, Value, json};

use crate::ir::Action;
use crate::lower::artifact::{Artifact, ArtifactKind, Body, Destination};
use crate::lower::moment::Moment;
use crate::lower::shared;
use crate::lower::sheet::Sheet;
use crate::model::{JoinAddress, Kubeadm, MachineName};

/// Where the plan lays kubeadm's configuration for its phases.
const CONFIGURATION: &str = "/etc/kubernetes/replank/kubeadm.yaml";
/// A kubeconfig with the address and the authority of the cluster and a token for joining.
const DISCOVERY: &str = "/etc/kubernetes/replank/discovery.conf";

/// One step. What an installer does is never planned for kubeadm, and has no words.
pub fn lower(moment: &Moment<'_>, kubeadm: &Kubeadm) -> Sheet {
    match &moment.step.action {
        Action::BackUpEtcd { member } => shared::etcd::back_up(moment, member),
        Action::AddEtcdMember { machine, join } => shared::etcd::add(moment, machine, *join),
        Action::RemoveEtcdMember { machine, leader_to } => shared::etcd::remove(moment, machine, leader_to),
        Action::RewriteEtcdUnit { machine } => shared::etcd::rewrite_unit(moment, machine),
        Action::ProveEtcd { member } => shared::etcd::prove(moment, member),
        Action::ProveVirtualIp { candidates, below } => shared::virtual_ip::prove(moment, candidates, *below),
        Action::StartVirtualIp { machine, priority } => shared::virtual_ip::start(moment, machine, *priority),
        Action::ReconfigureVirtualIp { machine, priority } => shared::virtual_ip::reconfigure(moment, machine, *priority),
        Action::HandOverVirtualIp { leaving } => shared::virtual_ip::hand_over(moment, leaving, shared::load_balancer::SERVICE),
        Action::StartLoadBalancer { machine, upstreams } => shared::load_balancer::start(moment, machine, upstreams),
        Action::ReconfigureLoadBalancer { machine, upstreams } => shared::load_balancer::reconfigure(moment, machine, upstreams),
        Action::PrepareWorkstation => prepare_workstation(moment, kubeadm),
        Action::RepointWorkstation { join } => shared::workstation::repoint(moment, join),
        Action::RunHook { hook } => shared::hook::run(moment, hook),
        Action::RecoverVolume { application, claim, from, to } => shared::storage::recover(moment, application, claim, [from, to]),
        Action::PrepareMachine { machine } => prepare_machine(moment, machine),
        Action::CleanUp { machine } => clean_up(moment, machine),
        Action::BackUpControlPlane { .. } => back_up_control_plane(moment),
        Action::AddControlPlane { machine, datastore, cordoned } => add_control_plane(moment, kubeadm, machine, datastore, cordoned),
        Action::RepointControlPlane { machine, datastore } => repoint_control_plane(moment, kubeadm, machine, datastore),
        Action::DemoteControlPlane { machine } => demote_control_plane(moment, machine),
        Action::AddWorker { machine, join } => add_worker(moment, kubeadm, machine, join),
        Action::RepointWorker { join, .. } => repoint("kubeadm/repoint-worker", moment, join),
        Action::RepointServiceProxies { join } => repoint("kubeadm/repoint-service-proxies", moment, join),
        Action::RepointNetwork { datastore } => repoint_network(moment, kubeadm, datastore),
        Action::PublishControlPlane { servers, datastore } => publish(moment, kubeadm, servers, datastore),
        Action::RemoveNode { machine, cordoned } => remove_node(moment, machine, cordoned),
        Action::PrepareInstaller
        | Action::ImportPackages { .. }
        | Action::JoinCluster { .. }
        | Action::LeaveCluster { .. }
        | Action::ReinstallMachine { .. }
        | Action::ReorderInventory { .. }
        | Action::ApplyInventory
        | Action::InstallControlPlane { .. }
        | Action::HandOverControlPlane { .. }
        | Action::RepointNodes { .. }
        | Action::StartControllers { .. }
        | Action::RollDns { .. }
        | Action::RepointBootstrap { .. }
        | Action::FenceMachine { .. }
        | Action::DescribeServer { .. } => Sheet::default(),
    }
}

/// The cluster's own configuration lies beside the commands that compare it with the cluster's.
fn prepare_workstation(moment: &Moment<'_>, kubeadm: &Kubeadm) -> Sheet {
    let own = Artifact {
        name: "cluster-configuration.yaml",
        kind: ArtifactKind::KubeadmConfig,
        destination: Destination::InCluster { object: "configmaps/kubeadm-config".to_owned() },
        body: Body::Yaml(configuration::of_the_cluster(kubeadm)),
    };
    let mut context = context(moment);
    context.insert("daemon_sets".into(), daemon_sets(moment, kubeadm));
    shared::workstation::prepare(moment).join(Sheet::new("kubeadm/prepare-workstation", context).with(own))
}

/// What later steps start anew on every node.
fn daemon_sets(moment: &Moment<'_>, kubeadm: &Kubeadm) -> Value {
    let mut found = Vec::new();
    for step in moment.later {
        match (&step.action, &kubeadm.calico) {
            (Action::RepointServiceProxies { .. }, _) => found.push(json!({ "namespace": "kube-system", "name": "kube-proxy" })),
            (Action::RepointNetwork { .. }, Some(calico)) => {
                found.push(json!({ "namespace": calico.namespace, "name": calico.node_daemon_set }));
            }
            (_, _) => {}
        }
    }
    found.dedup();
    found.into()
}

fn prepare_machine(moment: &Moment<'_>, machine: &MachineName) -> Sheet {
    let (source, target) = (&moment.migration.source, &moment.migration.target);
    let mut sheet = shared::machine::prepare(moment, machine);
    if !source.is_node(machine) && target.is_node(machine) {
        sheet = sheet.join(Sheet::new("kubeadm/prepare-node", context(moment)));
    }
    if !source.is_control_plane(machine) && target.is_control_plane(machine) {
        sheet = sheet.join(Sheet::new("kubeadm/prepare-control-plane", context(moment)));
        sheet = sheet.join(shared::load_balancer::prepare(moment));
    }
    sheet
}

fn back_up_control_plane(moment: &Moment<'_>) -> Sheet {
    let mut context = context(moment);
    context.insert("servers".into(), moment.machines(&moment.step.standing.api));
    Sheet::new("kubeadm/back-up-control-plane", context)
}

/// What kubeadm is given on a control plane whose API server keeps its data on `datastore`.
fn given(moment: &Moment<'_>, kubeadm: &Kubeadm, machine: &MachineName, datastore: &[MachineName]) -> Artifact {
    let documents =
        vec![configuration::with_datastore(moment, kubeadm, datastore), configuration::of_the_machine(moment, kubeadm, machine)];
    on_machine("kubeadm.yaml", machine, CONFIGURATION, Body::YamlDocuments(documents))
}

fn on_machine(name: &'static str, machine: &MachineName, path: &str, body: Body) -> Artifact {
    let destination = Destination::OnMachine { host: machine.clone(), path: path.to_owned(), owner: "root:root", mode: "0600" };
    Artifact { name, kind: ArtifactKind::KubeadmConfig, destination, body }
}

fn add_control_plane(
    moment: &Moment<'_>,
    kubeadm: &Kubeadm,
    machine: &MachineName,
    datastore: &[MachineName],
    cordoned: &[MachineName],
) -> Sheet {
    let mut context = context(moment);
    let was_worker = moment.migration.source.is_node(machine);
    context.insert("was_worker".into(), json!(was_worker));
    context.insert("joins".into(), json!(!was_worker));
    context.insert("leaving".into(), json!(cordoned));
    server(&mut context, moment, machine, datastore);
    let taints = configuration::taints(moment, kubeadm, machine);
    context.insert("taints".into(), taints.clone());
    let mut sheet = Sheet::new("kubeadm/add-control-plane", context).with(given(moment, kubeadm, machine, datastore));
    if !was_worker {
        let joiner = configuration::of_the_joiner(kubeadm, machine, DISCOVERY, &taints);
        sheet = sheet.with(on_machine("join.yaml", machine, "/etc/kubernetes/replank/join.yaml", Body::Yaml(joiner)));
    }
    sheet
}

fn repoint_control_plane(moment: &Moment<'_>, kubeadm: &Kubeadm, machine: &MachineName, datastore: &[MachineName]) -> Sheet {
    let mut context = context(moment);
    server(&mut context, moment, machine, datastore);
    context.insert("options".into(), json!(configuration::options(kubeadm)));
    Sheet::new("kubeadm/repoint-control-plane", context).with(given(moment, kubeadm, machine, datastore))
}

fn demote_control_plane(moment: &Moment<'_>, machine: &MachineName) -> Sheet {
    let mut context = context(moment);
    let join = &moment.migration.target.join_address.value;
    context.insert("join_url".into(), json!(moment.join_url(join)));
    context.insert("serving".into(), serving_without(moment, machine));
    context.insert("own_url".into(), json!(moment.api_url(machine)));
    // A candidate's ended with the hand-over.
    let leads = moment.migration.cluster.balancer.is_some() && !moment.migration.source.is_virtual_ip_candidate(machine);
    context.insert("leads".into(), json!(leads));
    Sheet::new("kubeadm/demote-control-plane", context)
}

fn add_worker(moment: &Moment<'_>, kubeadm: &Kubeadm, machine: &MachineName, join: &JoinAddress) -> Sheet {
    let mut context = context(moment);
    context.insert("join_url".into(), json!(moment.join_url(join)));
    let joiner = configuration::of_the_joiner(kubeadm, machine, DISCOVERY, &json!([]));
    let file = on_machine("join.yaml", machine, "/etc/kubernetes/replank/join.yaml", Body::Yaml(joiner));
    Sheet::new("kubeadm/add-worker", context).with(file)
}

fn repoint(words: &'static str, moment: &Moment<'_>, join: &JoinAddress) -> Sheet {
    let mut context = context(moment);
    context.insert("join_url".into(), json!(moment.join_url(join)));
    Sheet::new(words, context)
}

fn repoint_network(moment: &Moment<'_>, kubeadm: &Kubeadm, datastore: &[MachineName]) -> Sheet {
    let mut context = context(moment);
    let endpoints: Vec<String> = datastore.iter().map(|name| moment.client_url(name)).collect();
    context.insert("endpoints".into(), json!(endpoints.join(",")));
    let calico = kubeadm.calico.as_ref().map(|calico| {
        json!({
            "namespace": calico.namespace, "config_map": calico.config_map,
            "node": calico.node_daemon_set, "controllers": calico.controllers_deployment,
        })
    });
    context.insert("calico".into(), json!(calico));
    context.insert("managers".into(), moment.machines(moment.migration.target.control_plane.iter().map(|role| &role.value)));
    Sheet::new("kubeadm/repoint-network", context)
}

/// The configuration for machines that join later, and the objects of who watches.
fn publish(moment: &Moment<'_>, kubeadm: &Kubeadm, servers: &[MachineName], datastore: &[MachineName]) -> Sheet {
    let mut context = context(moment);
    let at = servers.first().or(moment.step.standing.api.first());
    // Where kubeadm is asked to upload it.
    context.insert("here".into(), at.map_or(Value::Null, |name| moment.machine(name)));
    let list = |each: &crate::model::Monitoring| json!({ "namespace": each.namespace, "name": each.name });
    context.insert("monitoring".into(), kubeadm.monitoring.iter().map(list).collect());
    context.insert("servers".into(), moment.machines(servers));
    let join = &moment.migration.target.join_address.value;
    context.insert("join_url".into(), json!(moment.join_url(join)));
    context.insert("cluster_status".into(), json!(kubeadm.lists_its_control_planes()));
    let mut sheet = Sheet::new("kubeadm/publish", context);
    if let Some(at) = at {
        let own = configuration::with_datastore(moment, kubeadm, datastore);
        sheet = sheet.with(on_machine("kubeadm.yaml", at, CONFIGURATION, Body::Yaml(own)));
    }
    if kubeadm.lists_its_control_planes() {
        sheet = sheet.with(objects::cluster_status(moment, kubeadm, servers));
    }
    if !kubeadm.monitoring.is_empty() {
        sheet = sheet.with(objects::monitoring(moment, &kubeadm.monitoring, servers));
    }
    sheet
}

fn remove_node(moment: &Moment<'_>, machine: &MachineName, cordoned: &[MachineName]) -> Sheet {
    let mut context = context(moment);
    context.insert("is_server".into(), json!(moment.migration.source.is_control_plane(machine)));
    context.insert("serving".into(), serving_without(moment, machine));
    context.insert("leaving".into(), json!(cordoned));
    Sheet::new("kubeadm/remove-node", context)
}

fn clean_up(moment: &Moment<'_>, machine: &MachineName) -> Sheet {
    let was_node = moment.migration.source.is_node(machine);
    let title =
        if was_node { Sheet::new("kubeadm/clean-up", context(moment)) } else { Sheet::new("machine/clean-up-title", moment.context()) };
    title.join(shared::machine::clean_up(moment, machine))
}

fn server(context: &mut Map<String, Value>, moment: &Moment<'_>, machine: &MachineName, datastore: &[MachineName]) {
    let endpoints: Vec<String> = datastore.iter().map(|name| moment.client_url(name)).collect();
    context.insert("datastore".into(), json!(endpoints.join(",")));
    context.insert("datastore_members".into(), datastore.iter().map(|name| moment.member(name)).collect());
    context.insert("own_url".into(), json!(moment.api_url(machine)));
    let virtual_ip = moment.migration.cluster.virtual_ip.as_ref();
    context.insert("certificate_address".into(), json!(virtual_ip.map(|vip| vip.address.value.address.to_string())));
}

/// The addresses at which the API is published without a machine, sorted as text.
fn serving_without(moment: &Moment<'_>, machine: &MachineName) -> Value {
    let serving = moment.step.standing.api.iter().filter(|name| *name != machine);
    let mut addresses: Vec<String> = serving.filter_map(|name| moment.address(name)).map(|address| address.to_string()).collect();
    addresses.sort();
    json!(addresses)
}

fn context(moment: &Moment<'_>) -> Map<String, Value> {
    let mut context = moment.context();
    context.insert("balancer".into(), shared::load_balancer::value(moment));
    context
}

/// What is the same for every step.
pub fn surroundings(moment: &Moment<'_>, kubeadm: &Kubeadm) -> Map<String, Value> {
    let certificates = kubeadm.configuration.get("certificatesDir").and_then(Value::as_str).unwrap_or("/etc/kubernetes/pki");
    let value = json!({
        "version": kubeadm.version.value.to_string(),
        "configuration": CONFIGURATION, "discovery": DISCOVERY,
        "certificates": certificates,
        "labels": kubeadm.labels(), "taints": kubeadm.taints(), "drain_flag": kubeadm.drain_flag(),
        "endpoint": moment.join_url(&moment.migration.target.join_address.value),
        "image_repository": kubeadm.configuration.get("imageRepository"),
        "cluster_name": kubeadm.configuration.get("clusterName").and_then(Value::as_str).unwrap_or("kubernetes"),
    });
    [("kubeadm".to_owned(), value)].into_iter().collect()
}
