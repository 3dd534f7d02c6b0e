//! What differs where every server of k3s is a member of etcd.
//!
//! A server joins as a learner and is promoted by k3s itself; deleting its node removes its member (k3s v1.22 to v1.34,
//! `pkg/etcd/member_controller.go`). Does not know what is the same over an external etcd.

use serde_json::{Map, Value, json};

use super::{Role, agent, config, context, install_env, node};
use crate::ir::{Action, MachineRole};
use crate::lower::moment::Moment;
use crate::lower::shared;
use crate::lower::sheet::Sheet;
use crate::model::{JoinAddress, K3s, MachineName, OperatingSystem};

/// The words of a step, where they are not those of a cluster over an external etcd.
pub fn lower(moment: &Moment<'_>, k3s: &K3s) -> Option<Sheet> {
    let migration = moment.migration;
    Some(match &moment.step.action {
        Action::PrepareMachine { machine } => prepare_machine(moment, machine),
        Action::BackUpEtcd { .. } => Sheet::new("k3s-embedded/back-up-etcd", moment.context()),
        Action::FenceMachine { .. } => Sheet::new("k3s-embedded/fence", moment.context()),
        Action::JoinCluster { machine, roles, .. } if roles.contains(&MachineRole::ControlPlane) => add_server(moment, k3s, machine),
        Action::JoinCluster { machine, .. } => agent("k3s/add-worker", moment, k3s, machine, &migration.target.join_address.value),
        Action::DescribeServer { machine, join } => describe_server(moment, k3s, machine, join),
        Action::RepointControlPlane { machine, .. } => restart_server(moment, k3s, machine),
        Action::LeaveCluster { machine, .. } if migration.is_failed(machine) => forget_machine(moment, machine),
        Action::LeaveCluster { machine, leader_to, cordoned, .. } if moment.step.standing.api.contains(machine) => {
            remove_server(moment, k3s, machine, (leader_to.as_ref(), cordoned))
        }
        Action::LeaveCluster { machine, cordoned, .. } => super::remove_node(moment, k3s, machine, cordoned),
        Action::ReinstallMachine { machine, os } => reinstall_machine(moment, k3s, machine, os),
        Action::CleanUp { machine } if migration.is_failed(machine) => Sheet::new("k3s-embedded/clean-up-failed", moment.context()),
        _ => return None,
    })
}

fn prepare_machine(moment: &Moment<'_>, machine: &MachineName) -> Sheet {
    let sheet = shared::machine::prepare(moment, machine).join(super::prepare_machine(moment, machine));
    let migration = moment.migration;
    let is_there = migration.source.is_control_plane(machine) && !shared::machine::is_installed_anew(moment, machine);
    let becomes_server = migration.becomes_control_plane(machine) && !is_there;
    if becomes_server { sheet.join(Sheet::new("k3s-embedded/prepare-machine", Map::new())) } else { sheet }
}

/// A person installs the machine; the step after this one looks whether it is ready to join.
fn reinstall_machine(moment: &Moment<'_>, k3s: &K3s, machine: &MachineName, os: &OperatingSystem) -> Sheet {
    let etcdctl = format!("{}/etcdctl", moment.migration.cluster.etcd.binary_directory);
    let files = [&k3s.binary, &k3s.install_script].into_iter().chain(&k3s.images).map(ToString::to_string);
    let brought: Vec<String> = files.chain(moment.migration.becomes_control_plane(machine).then_some(etcdctl)).collect();
    shared::machine::reinstall(moment, machine, os, &brought).join(Sheet::new("k3s-embedded/reinstall", Map::new()))
}

/// Where a server that joins finds the others: at the virtual IP while somebody holds it, else at one that serves and stays.
fn found_at(moment: &Moment<'_>, machine: &MachineName) -> JoinAddress {
    let standing = &moment.step.standing;
    if !standing.virtual_ip.is_empty() {
        return JoinAddress::VirtualIp;
    }
    let others = || standing.api.iter().filter(|name| *name != machine);
    let stays = |name: &&MachineName| moment.migration.target.is_control_plane(name);
    others().find(stays).or(others().next()).cloned().map_or(JoinAddress::VirtualIp, JoinAddress::Machine)
}

fn add_server(moment: &Moment<'_>, k3s: &K3s, machine: &MachineName) -> Sheet {
    let join = found_at(moment, machine);
    let (mut context, settings) = server(moment, k3s, machine, &join);
    let mut members = moment.step.standing.etcd.clone();
    members.push(machine.clone());
    context.insert("joiner".into(), moment.member(machine));
    context.insert("joined".into(), moment.members(members.iter()));
    Sheet::new("k3s-embedded/add-server", context)
        .join(quorum_lost())
        .and_words_first("k3s/token")
        .with(config(machine, settings))
        .with(install_env(machine, Role::Server))
}

fn describe_server(moment: &Moment<'_>, k3s: &K3s, machine: &MachineName, join: &JoinAddress) -> Sheet {
    let (mut context, settings) = server(moment, k3s, machine, join);
    let is_there = *join != JoinAddress::VirtualIp || !moment.step.standing.virtual_ip.is_empty();
    let ready = is_there.then(|| moment.ready(&moment.join_url(join)));
    context.insert("join_ready".into(), json!(ready));
    Sheet::new("k3s-embedded/describe-server", context)
        .and_words_first("k3s/token")
        .with(config(machine, settings))
        .with(install_env(machine, Role::Server))
}

fn restart_server(moment: &Moment<'_>, k3s: &K3s, machine: &MachineName) -> Sheet {
    // It has its data and asks nobody: better the address that will be held than one that leaves.
    let found = found_at(moment, machine);
    let leaves = matches!(&found, JoinAddress::Machine(name) if !moment.migration.target.is_control_plane(name));
    let join = if leaves { JoinAddress::VirtualIp } else { found };
    let (mut context, settings) = server(moment, k3s, machine, &join);
    // Its data is its own.
    context.insert("datastore".into(), Value::Null);
    context.insert("datastore_members".into(), json!([]));
    Sheet::new("k3s/repoint-control-plane", context)
        .and_words_first("k3s/token")
        .with(config(machine, settings))
        .with(install_env(machine, Role::Server))
}

/// What the words of a server need, and its configuration.
fn server(moment: &Moment<'_>, k3s: &K3s, machine: &MachineName, join: &JoinAddress) -> (Map<String, Value>, Value) {
    let mut context = context(moment, Role::Server);
    let url = moment.join_url(join);
    let virtual_ip = moment.migration.cluster.virtual_ip.as_ref();
    context.insert("certificate_address".into(), json!(virtual_ip.map(|vip| vip.address.value.address.to_string())));
    context.insert("own_url".into(), json!(moment.api_url(machine)));
    context.insert("join_url".into(), json!(url));
    context.insert("join_host".into(), json!(moment.join_host(join)));
    context.insert("expected_values".into(), node::expected_values(&k3s.server_config));
    let settings = node::embedded_server_config(moment, k3s, machine, &url);
    context.insert("known_options".into(), node::known_options(k3s, &settings));
    (context, settings)
}

fn remove_server(
    moment: &Moment<'_>,
    k3s: &K3s,
    machine: &MachineName,
    (leader_to, cordoned): (Option<&MachineName>, &[MachineName]),
) -> Sheet {
    let mut context = leaving(moment, machine);
    context.insert("heir".into(), leader_to.map_or(Value::Null, |name| moment.member(name)));
    context.insert("leaving".into(), json!(cordoned));
    context.insert("empty_dir_option".into(), json!(super::empty_dir_option(k3s)));
    let serving = moment.step.standing.api.iter().filter(|name| *name != machine);
    let mut addresses: Vec<String> = serving.filter_map(|name| moment.address(name)).map(|address| address.to_string()).collect();
    addresses.sort();
    context.insert("serving".into(), json!(addresses));
    Sheet::new("k3s-embedded/remove-server", context).join(quorum_lost())
}

fn forget_machine(moment: &Moment<'_>, machine: &MachineName) -> Sheet {
    let mut context = leaving(moment, machine);
    context.insert("recovered_later".into(), json!(shared::storage::recovered_later(moment, machine)));
    let sheet = Sheet::new("k3s-embedded/forget-machine", context);
    if moment.migration.source.is_control_plane(machine) { sheet.join(quorum_lost()) } else { sheet }
}

/// Every step that changes the members may be the one at which too many of them fail.
fn quorum_lost() -> Sheet {
    Sheet::new("k3s-embedded/quorum-lost", Map::new())
}

fn leaving(moment: &Moment<'_>, machine: &MachineName) -> Map<String, Value> {
    let is_server = moment.migration.source.is_control_plane(machine) || moment.step.standing.api.contains(machine);
    let mut context = context(moment, if is_server { Role::Server } else { Role::Agent });
    let others = moment.step.standing.etcd.iter().filter(|name| *name != machine);
    context.insert("is_server".into(), json!(is_server));
    context.insert("member".into(), moment.member(machine));
    context.insert("after".into(), moment.members(others));
    context.insert("comes_back".into(), json!(moment.migration.is_rebuilt(machine)));
    context
}
