//! Binaries under systemd: one API server that writes at a time, nodes that are told where it is, flannel and DNS over the same etcd.
//!
//! What etcd's own steps say stands in `shared`. Does not know how nodes were set up: it only changes what they are told.

mod dns;
mod nodes;
mod units;

use indexmap::IndexSet;
use serde_json::{Map, Value, json};

use crate::ir::Action;
use crate::lower::moment::Moment;
use crate::lower::shared;
use crate::lower::sheet::Sheet;
use crate::model::{MachineName, Systemd};

/// One step. What other distributions do is never planned for this one, and has no words.
pub fn lower(moment: &Moment<'_>, systemd: &Systemd) -> Sheet {
    match &moment.step.action {
        Action::BackUpEtcd { member } => shared::etcd::back_up(moment, member),
        Action::AddEtcdMember { machine, join } => shared::etcd::add(moment, machine, *join),
        Action::RemoveEtcdMember { machine, leader_to } => shared::etcd::remove(moment, machine, leader_to),
        Action::RewriteEtcdUnit { machine } => shared::etcd::rewrite_unit(moment, machine),
        Action::ProveEtcd { member } => shared::etcd::prove(moment, member),
        Action::PrepareWorkstation => shared::workstation::prepare(moment).join(prepare_workstation(moment)),
        Action::RepointWorkstation { join } => shared::workstation::repoint(moment, join),
        Action::RunHook { hook } => shared::hook::run(moment, hook),
        Action::RecoverVolume { application, claim, from, to } => shared::storage::recover(moment, application, claim, [from, to]),
        Action::PrepareMachine { machine } => prepare_machine(moment, machine),
        Action::CleanUp { machine } => clean_up(moment, machine),
        Action::BackUpControlPlane { .. } => Sheet::new("systemd/back-up-control-plane", moment.context()),
        Action::InstallControlPlane { machine, datastore } => install(moment, systemd, machine, datastore),
        Action::RepointControlPlane { machine, datastore } => repoint_control_plane(moment, systemd, machine, datastore),
        Action::HandOverControlPlane { from, to, .. } => hand_over(moment, systemd, from, to),
        Action::RepointNodes { nodes, join, datastore } => nodes::repoint(moment, systemd, nodes, join, datastore),
        Action::StartControllers { machine } => start_controllers(moment, machine),
        Action::RollDns { server, datastore } => dns::roll(moment, systemd, server, datastore),
        Action::ProveVirtualIp { .. }
        | Action::StartVirtualIp { .. }
        | Action::ReconfigureVirtualIp { .. }
        | Action::HandOverVirtualIp { .. }
        | Action::StartLoadBalancer { .. }
        | Action::ReconfigureLoadBalancer { .. }
        | Action::AddControlPlane { .. }
        | Action::DemoteControlPlane { .. }
        | Action::AddWorker { .. }
        | Action::RepointWorker { .. }
        | Action::RepointServiceProxies { .. }
        | Action::RepointNetwork { .. }
        | Action::PublishControlPlane { .. }
        | Action::RemoveNode { .. }
        | Action::PrepareInstaller
        | Action::ImportPackages { .. }
        | Action::JoinCluster { .. }
        | Action::LeaveCluster { .. }
        | Action::ReinstallMachine { .. }
        | Action::ReorderInventory { .. }
        | Action::ApplyInventory
        | Action::RepointBootstrap { .. }
        | Action::FenceMachine { .. }
        | Action::DescribeServer { .. } => Sheet::default(),
    }
}

/// The context that a later step changes must be one of this cluster: before the move, or after it when the plan is begun again.
fn prepare_workstation(moment: &Moment<'_>) -> Sheet {
    let mut context = moment.context();
    let ends = [&moment.migration.source, &moment.migration.target];
    let urls: IndexSet<String> = ends.iter().flat_map(|end| end.control_plane.iter().map(|role| moment.api_url(&role.value))).collect();
    context.insert("context_urls".into(), json!(urls));
    Sheet::new("systemd/prepare-workstation", context)
}

fn prepare_machine(moment: &Moment<'_>, machine: &MachineName) -> Sheet {
    let sheet = shared::machine::prepare(moment, machine);
    let (source, target) = (&moment.migration.source, &moment.migration.target);
    if source.is_control_plane(machine) || !target.is_control_plane(machine) {
        return sheet;
    }
    sheet.join(Sheet::new("systemd/prepare-control-plane", moment.context()))
}

fn install(moment: &Moment<'_>, systemd: &Systemd, machine: &MachineName, datastore: &[MachineName]) -> Sheet {
    with_units(Sheet::new("systemd/install-control-plane", moment.context()), moment, systemd, machine, datastore)
}

fn repoint_control_plane(moment: &Moment<'_>, systemd: &Systemd, machine: &MachineName, datastore: &[MachineName]) -> Sheet {
    let mut context = moment.context();
    let endpoints: Vec<String> = datastore.iter().map(|name| moment.client_url(name)).collect();
    context.insert("datastore".into(), json!(endpoints.join(",")));
    context.insert("first_endpoint".into(), json!(endpoints.first()));
    with_units(Sheet::new("systemd/repoint-control-plane", context), moment, systemd, machine, datastore)
}

fn with_units(sheet: Sheet, moment: &Moment<'_>, systemd: &Systemd, machine: &MachineName, datastore: &[MachineName]) -> Sheet {
    units::artifacts(moment, systemd, machine, datastore).into_iter().fold(sheet, Sheet::with)
}

fn hand_over(moment: &Moment<'_>, systemd: &Systemd, from: &MachineName, to: &MachineName) -> Sheet {
    let mut context = moment.context();
    context.insert("from".into(), moment.machine(from));
    let units = [&systemd.controller_manager, &systemd.scheduler, &systemd.api_server].map(|component| &component.unit);
    let further = systemd.proxy.iter().map(|proxy| &proxy.unit).chain(systemd.flannel.iter().map(|flannel| &flannel.unit));
    context.insert("units".into(), json!(units.into_iter().chain(further).collect::<Vec<_>>()));
    // Which of them were enabled, for the way back.
    let marks = format!("/var/backups/replank/{}/{}", moment.migration.name, moment.step.id.as_str().replace('/', "."));
    context.insert("marks".into(), json!(marks));
    context.insert("from_url".into(), json!(moment.api_url(from)));
    context.insert("to_url".into(), json!(moment.api_url(to)));
    context.insert("to_ready".into(), json!(moment.ready(&moment.api_url(to))));
    context.insert("from_ready".into(), json!(moment.ready(&moment.api_url(from))));
    let kubectl = |name: &MachineName| json!(moment.kubectl(&moment.api_url(name)));
    context.insert("to_kubectl".into(), kubectl(to));
    context.insert("from_kubectl".into(), kubectl(from));
    Sheet::new("systemd/hand-over", context)
}

fn start_controllers(moment: &Moment<'_>, machine: &MachineName) -> Sheet {
    let mut context = moment.context();
    context.insert("own_url".into(), json!(moment.api_url(machine)));
    context.insert("own_kubectl".into(), json!(moment.kubectl(&moment.api_url(machine))));
    Sheet::new("systemd/start-controllers", context)
}

fn clean_up(moment: &Moment<'_>, machine: &MachineName) -> Sheet {
    let title = if moment.migration.source.is_control_plane(machine) {
        Sheet::new("systemd/clean-up", moment.context())
    } else {
        Sheet::new("machine/clean-up-title", moment.context())
    };
    title.join(shared::machine::clean_up(moment, machine))
}

/// How many nodes there are, in words that commands print and steps expect.
fn all(nodes: usize) -> String {
    if nodes == 1 { "the one node".to_owned() } else { format!("all {nodes} nodes") }
}

/// What is the same for every step.
pub fn surroundings(moment: &Moment<'_>, systemd: &Systemd) -> Map<String, Value> {
    let (grace, eviction) = systemd.eviction();
    let (flannel, proxy) = (systemd.flannel.as_ref(), systemd.proxy.as_ref());
    let source = &moment.migration.source;
    let mut nodes: Vec<&str> = source.workers.iter().map(|role| role.value.as_str()).collect();
    nodes.sort_unstable();
    let value = json!({
        "version": systemd.version.value.to_string(), "port": systemd.api_server_port,
        "api": systemd.api_server.unit, "controller": systemd.controller_manager.unit, "scheduler": systemd.scheduler.unit,
        "proxy": proxy.map(|proxy| &proxy.unit), "flannel": flannel.map(|flannel| &flannel.unit),
        "grace": grace, "eviction": eviction, "has_rolling_update": systemd.has_rolling_update(), "has_leases": systemd.has_leases(),
        "programs": units::programs(systemd), "files": units::files(systemd), "components": units::components(systemd),
        "artifacts": units::paths(systemd),
    });
    let own = [
        ("all_nodes", json!(all(nodes.len()))),
        ("nodes", json!(nodes)),
        // The control plane of today, whose programs and flags are the measure.
        ("old", source.control_plane.first().map_or(Value::Null, |role| moment.machine(&role.value))),
        ("systemd", value),
        ("dns", dns::value(systemd, &[])),
    ];
    own.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}
