//! k3s, over an external etcd or with etcd inside its servers.
//!
//! The cluster's truth goes into `config.yaml`; the install script gets three variables and nothing else, because it corrupts
//! quoted values and forgets what is not exported (k3s install.sh, read and run). Does not know etcd's or keepalived's own steps.

mod embedded;
mod node;
mod ocboot;

pub use ocboot::examine;

use serde_json::{Map, Value, json};

use crate::ir::Action;
use crate::lower::artifact::{Artifact, ArtifactKind, Body, Destination};
use crate::lower::moment::Moment;
use crate::lower::shared;
use crate::lower::shared::etcd::object;
use crate::lower::sheet::Sheet;
use crate::model::{Datastore, JoinAddress, K3s, MachineName, Runtime, SecretReference};

/// The unit that k3s's install script makes for a server.
const SERVER_SERVICE: &str = "k3s";
const AGENT_SERVICE: &str = "k3s-agent";

/// Where k3s keeps the token that every server was started with.
const SERVER_TOKEN: &str = "/var/lib/rancher/k3s/server/token";

/// One step. What an installer does, and what k3s has no part for, is never planned for it, and has no words.
pub fn lower(moment: &Moment<'_>, k3s: &K3s) -> Sheet {
    if let Some(sheet) = k3s.ocboot.as_ref().and_then(|ocboot| ocboot::lower(moment, k3s, ocboot)) {
        return sheet;
    }
    match k3s.datastore {
        Datastore::External => external(moment, k3s),
        Datastore::Embedded => embedded::lower(moment, k3s).unwrap_or_else(|| external(moment, k3s)),
    }
}

fn external(moment: &Moment<'_>, k3s: &K3s) -> Sheet {
    match &moment.step.action {
        Action::BackUpEtcd { member } => shared::etcd::back_up(moment, member),
        Action::AddEtcdMember { machine, join } => shared::etcd::add(moment, machine, *join),
        Action::RemoveEtcdMember { machine, leader_to } => shared::etcd::remove(moment, machine, leader_to),
        Action::RewriteEtcdUnit { machine } => shared::etcd::rewrite_unit(moment, machine),
        Action::ProveEtcd { member } => shared::etcd::prove(moment, member),
        Action::ProveVirtualIp { candidates, below } => shared::virtual_ip::prove(moment, candidates, *below),
        Action::StartVirtualIp { machine, priority } => shared::virtual_ip::start(moment, machine, *priority),
        Action::ReconfigureVirtualIp { machine, priority } => shared::virtual_ip::reconfigure(moment, machine, *priority),
        Action::HandOverVirtualIp { leaving } => shared::virtual_ip::hand_over(moment, leaving, SERVER_SERVICE),
        Action::PrepareWorkstation => shared::workstation::prepare(moment),
        Action::RepointWorkstation { join } => shared::workstation::repoint(moment, join),
        Action::RunHook { hook } => shared::hook::run(moment, hook),
        Action::RecoverVolume { application, claim, from, to } => shared::storage::recover(moment, application, claim, [from, to]),
        Action::PrepareMachine { machine } => shared::machine::prepare(moment, machine).join(prepare_machine(moment, machine)),
        Action::CleanUp { machine } => clean_up(moment, machine).join(shared::machine::clean_up(moment, machine)),
        Action::BackUpControlPlane { machine } => back_up_control_plane(moment, k3s, machine),
        Action::AddControlPlane { machine, datastore, .. } => server("k3s/add-control-plane", moment, k3s, machine, datastore),
        Action::RepointControlPlane { machine, datastore } => server("k3s/repoint-control-plane", moment, k3s, machine, datastore),
        Action::AddWorker { machine, join } => agent("k3s/add-worker", moment, k3s, machine, join),
        Action::RepointWorker { machine, join } => agent("k3s/repoint-worker", moment, k3s, machine, join),
        Action::RemoveNode { machine, cordoned } => remove_node(moment, k3s, machine, cordoned),
        Action::DemoteControlPlane { .. }
        | Action::StartLoadBalancer { .. }
        | Action::ReconfigureLoadBalancer { .. }
        | Action::RepointServiceProxies { .. }
        | Action::RepointNetwork { .. }
        | Action::PublishControlPlane { .. }
        | Action::PrepareInstaller
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

fn prepare_machine(moment: &Moment<'_>, machine: &MachineName) -> Sheet {
    let migration = moment.migration;
    let becomes_node = migration.becomes_control_plane(machine) || migration.becomes_worker(machine);
    if becomes_node && (shared::machine::is_installed_anew(moment, machine) || !migration.source.is_node(machine)) {
        Sheet::new("k3s/prepare-machine", context(moment, Role::Server))
    } else {
        Sheet::default()
    }
}

fn back_up_control_plane(moment: &Moment<'_>, k3s: &K3s, machine: &MachineName) -> Sheet {
    let mut context = context(moment, Role::Server);
    // Every server must run with the options that the new ones get; with an external datastore k3s does not check that.
    context.insert("servers".into(), moment.machines(&moment.step.standing.api));
    let settings = match k3s.datastore {
        Datastore::External => node::server_config(moment, k3s, machine, &[]),
        Datastore::Embedded => node::embedded_server_config(moment, k3s, machine, ""),
    };
    context.insert("known_options".into(), node::known_options(k3s, &settings));
    context.insert("expected_values".into(), node::expected_values(&k3s.server_config));
    Sheet::new("k3s/back-up-control-plane", context)
}

fn remove_node(moment: &Moment<'_>, k3s: &K3s, machine: &MachineName, cordoned: &[MachineName]) -> Sheet {
    let is_server = moment.step.standing.api.contains(machine);
    let mut context = context(moment, if is_server { Role::Server } else { Role::Agent });
    context.insert("is_server".into(), json!(is_server));
    context.insert("empty_dir_option".into(), json!(empty_dir_option(k3s)));
    let serving = moment.step.standing.api.iter().filter(|name| *name != machine);
    let mut addresses: Vec<String> = serving.filter_map(|name| moment.address(name)).map(|address| address.to_string()).collect();
    addresses.sort();
    context.insert("serving".into(), json!(addresses));
    context.insert("leaving".into(), json!(cordoned));
    Sheet::new("k3s/remove-node", context)
}

/// kubectl renamed the option in 1.20; the old name stops working in 1.31.
fn empty_dir_option(k3s: &K3s) -> &'static str {
    if k3s.version.value.minor >= 20 { "--delete-emptydir-data" } else { "--delete-local-data" }
}

fn clean_up(moment: &Moment<'_>, machine: &MachineName) -> Sheet {
    let migration = moment.migration;
    let helped = migration.becomes_control_plane(machine) || migration.becomes_worker(machine);
    if migration.source.is_node(machine) || helped {
        Sheet::new("k3s/clean-up", context(moment, Role::Server))
    } else {
        Sheet::new("machine/clean-up-title", moment.context())
    }
}

#[derive(Clone, Copy)]
enum Role {
    Server,
    Agent,
}

impl Role {
    fn service(self) -> &'static str {
        match self {
            Role::Server => SERVER_SERVICE,
            Role::Agent => AGENT_SERVICE,
        }
    }

    fn command(self) -> &'static str {
        match self {
            Role::Server => "server",
            Role::Agent => "agent",
        }
    }
}

fn server(words: &'static str, moment: &Moment<'_>, k3s: &K3s, machine: &MachineName, datastore: &[MachineName]) -> Sheet {
    let mut context = context(moment, Role::Server);
    let virtual_ip = moment.migration.cluster.virtual_ip.as_ref();
    context.insert("certificate_address".into(), json!(virtual_ip.map(|vip| vip.address.value.address.to_string())));
    let endpoints: Vec<String> = datastore.iter().map(|name| moment.client_url(name)).collect();
    context.insert("datastore".into(), json!(endpoints.join(",")));
    context.insert("datastore_members".into(), datastore.iter().map(|name| moment.member(name)).collect());
    context.insert("own_url".into(), json!(moment.api_url(machine)));
    context.insert("expected_values".into(), node::expected_values(&k3s.server_config));
    let settings = node::server_config(moment, k3s, machine, &endpoints);
    context.insert("known_options".into(), node::known_options(k3s, &settings));
    Sheet::new(words, context).and_words_first("k3s/token").with(config(machine, settings)).with(install_env(machine, Role::Server))
}

fn agent(words: &'static str, moment: &Moment<'_>, k3s: &K3s, machine: &MachineName, join: &JoinAddress) -> Sheet {
    let mut context = context(moment, Role::Agent);
    let url = moment.join_url(join);
    context.insert("join_url".into(), json!(url));
    context.insert("join_address".into(), json!(moment.join_host(join)));
    context.insert("expected_values".into(), node::expected_values(&k3s.agent_config));
    let settings = node::agent_config(moment, k3s, machine, &url);
    context.insert("known_options".into(), node::known_options(k3s, &settings));
    Sheet::new(words, context).and_words_first("k3s/token").with(config(machine, settings)).with(install_env(machine, Role::Agent))
}

fn context(moment: &Moment<'_>, role: Role) -> Map<String, Value> {
    let mut context = moment.context();
    context.insert("service".into(), json!(role.service()));
    context
}

/// What is the same for every step.
pub fn surroundings(k3s: &K3s) -> Map<String, Value> {
    let token_file = node::token_file(k3s);
    let value = json!({
        "version": k3s.version.value.to_string(),
        "docker": matches!(k3s.runtime, Runtime::Docker),
        "binary": k3s.binary, "install_script": k3s.install_script, "images": k3s.images,
        "token_file": token_file,
        "token_directory": token_file.rsplit_once('/').map_or("/", |(directory, _)| directory),
        "token_variable": match &k3s.token { SecretReference::File(_) => None, SecretReference::Environment(name) => Some(name.as_str()) },
        "server_token": SERVER_TOKEN,
    });
    [("k3s".to_owned(), value)].into_iter().collect()
}

fn config(machine: &MachineName, value: Value) -> Artifact {
    Artifact {
        name: "config.yaml",
        kind: ArtifactKind::K3sConfig,
        destination: Destination::OnMachine {
            host: machine.clone(),
            path: "/etc/rancher/k3s/config.yaml".into(),
            owner: "root:root",
            mode: "0600",
        },
        body: Body::Yaml(value),
    }
}

fn install_env(machine: &MachineName, role: Role) -> Artifact {
    let context = json!({ "command": role.command() });
    Artifact {
        name: "install.env",
        kind: ArtifactKind::K3sInstallEnv,
        destination: Destination::OnMachine {
            host: machine.clone(),
            path: "/etc/rancher/k3s/install.env".into(),
            owner: "root:root",
            mode: "0600",
        },
        body: Body::Template { template: "install.env", context: object(context) },
    }
}
