//! kubean: each change is one ClusterOperation, which runs kubespray's playbooks against the machines of an inventory.
//!
//! Responsible for: the words and values of every step. What an operation runs is `compose`; how its objects look is `api`; whether it is
//! right is `examine`. Does not know the order of steps.

mod api;
mod arguments;
mod compose;
mod examine;
mod inventory;
mod name;
mod operation;
mod packages;
mod playbook;

use serde_json::{Map, Value, json};

use crate::ir::{Action, Inventory, MachineRole, Step};
use crate::lower::moment::Moment;
use crate::lower::shared;
use crate::lower::sheet::Sheet;
use crate::model::{EtcdDeployment, ImportTool, Kubean, Machine, MachineName, MachineState, OperatingSystem};

pub use examine::examine;

use compose::Site;

/// One step. What an installer does as part of something else is never planned by itself, and has no words.
pub fn lower(moment: &Moment<'_>, kubean: &Kubean) -> Sheet {
    match &moment.step.action {
        Action::PrepareWorkstation => prepare_workstation(moment),
        Action::PrepareInstaller => prepare_installer(moment, kubean),
        Action::ImportPackages { os } => import_packages(moment, kubean, os),
        Action::PrepareMachine { machine } => prepare_machine(moment, machine),
        Action::BackUpEtcd { member } => asked("kubean/back-up-etcd", moment, member),
        Action::BackUpControlPlane { .. } => Sheet::new("kubean/back-up-control-plane", context(moment)),
        Action::JoinCluster { machine, roles, .. } => join(moment, kubean, machine, roles),
        Action::LeaveCluster { machine, leader_to, unlisted, .. } => leave(moment, kubean, machine, leader_to.as_ref(), unlisted),
        Action::ReinstallMachine { machine, os } => reinstall(moment, kubean, machine, os),
        Action::ReorderInventory { control_plane, etcd } => reorder(moment, kubean, control_plane, etcd),
        Action::ApplyInventory => apply(moment, kubean),
        Action::RepointBootstrap { to } => repoint_bootstrap(moment, to),
        Action::ProveEtcd { member } => asked("kubean/prove-etcd", moment, member),
        Action::CleanUp { machine } => clean_up(moment, machine),
        Action::RepointWorkstation { join } => shared::workstation::repoint(moment, join),
        Action::RunHook { hook } => shared::hook::run(moment, hook),
        Action::RecoverVolume { application, claim, from, to } => shared::storage::recover(moment, application, claim, [from, to]),
        Action::ProveVirtualIp { .. }
        | Action::StartVirtualIp { .. }
        | Action::ReconfigureVirtualIp { .. }
        | Action::HandOverVirtualIp { .. }
        | Action::AddEtcdMember { .. }
        | Action::RemoveEtcdMember { .. }
        | Action::RewriteEtcdUnit { .. }
        | Action::AddControlPlane { .. }
        | Action::RepointControlPlane { .. }
        | Action::DemoteControlPlane { .. }
        | Action::StartLoadBalancer { .. }
        | Action::ReconfigureLoadBalancer { .. }
        | Action::RepointServiceProxies { .. }
        | Action::RepointNetwork { .. }
        | Action::PublishControlPlane { .. }
        | Action::AddWorker { .. }
        | Action::RepointWorker { .. }
        | Action::InstallControlPlane { .. }
        | Action::HandOverControlPlane { .. }
        | Action::RepointNodes { .. }
        | Action::StartControllers { .. }
        | Action::RollDns { .. }
        | Action::RemoveNode { .. }
        | Action::FenceMachine { .. }
        | Action::DescribeServer { .. } => Sheet::default(),
    }
}

fn prepare_workstation(moment: &Moment<'_>) -> Sheet {
    let context = context(moment);
    shared::workstation::prepare(moment).join(Sheet::new("kubean/prepare-workstation", context))
}

/// The inventory as it is, and the variables with the version pinned.
fn prepare_installer(moment: &Moment<'_>, kubean: &Kubean) -> Sheet {
    let mut context = context(moment);
    context.insert("vars_conf_file".into(), json!(inventory::VARIABLES_FILE));
    let sheet = with_list(Sheet::new("kubean/prepare-installer", context), moment, kubean, &moment.step.standing.inventory);
    sheet.with(inventory::vars_conf(kubean))
}

/// The machines as they are listed from this step on.
fn with_list(mut sheet: Sheet, moment: &Moment<'_>, kubean: &Kubean, list: &Inventory) -> Sheet {
    sheet.context.insert("hosts_conf_file".into(), json!(inventory::HOSTS_FILE));
    sheet.with(inventory::hosts_conf(moment.migration, kubean, list))
}

/// The step's operation: its files, its lines, and what its words must know of it.
fn with_operation(mut sheet: Sheet, moment: &Moment<'_>, kubean: &Kubean) -> Sheet {
    let site = Site { migration: moment.migration, kubean, step: moment.step };
    let Some(operation) = site.operation() else { return sheet };
    let standing = &moment.step.standing.inventory;
    let (joins_unlisted, unlisted) = match &moment.step.action {
        Action::JoinCluster { machine, .. } => (!standing.lists(machine), &[] as &[MachineName]),
        Action::LeaveCluster { unlisted, .. } => (false, unlisted.as_slice()),
        _ => (false, &[] as &[MachineName]),
    };
    if joins_unlisted {
        sheet = with_list(sheet, moment, kubean, &operation.inventory);
    } else if !unlisted.is_empty() {
        let mut rest = standing.clone();
        unlisted.iter().for_each(|name| rest.unlist(name));
        sheet = with_list(sheet, moment, kubean, &rest);
    }
    let files: Vec<&str> = operation.own.iter().map(|own| own.file).collect();
    let value = json!({
        "name": operation.name, "config_maps": files,
        "changes_inventory_before": joins_unlisted, "changes_inventory_after": !unlisted.is_empty(),
    });
    sheet.context.insert("operation".into(), value);
    sheet.artifacts.extend(operation.artifacts(kubean));
    sheet.operation = Some(operation.lines(kubean));
    sheet
}

fn import_packages(moment: &Moment<'_>, kubean: &Kubean, os: &OperatingSystem) -> Sheet {
    let mut context = context(moment);
    context.insert("os".into(), shared::machine::system(os));
    if let Some(offline) = &kubean.offline {
        let import = offline.imports.iter().find(|(imported, _)| imported == os).map(|(_, import)| import);
        let import = import.map(|import| {
            let tool = match import.tool {
                ImportTool::Dce5Installer => "dce5Installer",
                ImportTool::KubeanScripts => "kubeanScripts",
            };
            let directory = import.os_packages.as_str().rsplit_once('/').map_or("", |(directory, _)| directory);
            let directory = if directory.is_empty() { "/" } else { directory };
            json!({ "tool": tool, "os_packages": import.os_packages, "iso": import.iso, "directory": directory })
        });
        context.insert("import".into(), json!(import));
        context.insert("lines".into(), json!(packages::lines(&offline.repository, os)));
        context.insert("probe_urls".into(), json!(packages::probes(&offline.repository, os)));
    }
    Sheet::new("kubean/import-packages", context)
}

fn prepare_machine(moment: &Moment<'_>, machine: &MachineName) -> Sheet {
    let mut context = context(moment);
    context.insert("os".into(), target_system(moment, machine));
    Sheet::new("kubean/prepare-machine", context)
}

/// What a machine is to run at the end, where the spec says so.
fn target_system(moment: &Moment<'_>, machine: &MachineName) -> Value {
    let os = moment.migration.machines.get(machine).and_then(|machine| machine.os.target.as_ref());
    os.map_or(Value::Null, shared::machine::system)
}

/// Words about etcd that run on one of its members.
fn asked(words: &'static str, moment: &Moment<'_>, member: &MachineName) -> Sheet {
    let mut context = context(moment);
    context.insert("member".into(), moment.member(member));
    context.insert("member_ctl".into(), json!(moment.etcdctl(member.as_str())));
    Sheet::new(words, context)
}

fn join(moment: &Moment<'_>, kubean: &Kubean, machine: &MachineName, roles: &[MachineRole]) -> Sheet {
    let mut context = context(moment);
    roles_of(&mut context, roles);
    let after = joined(moment, machine, roles);
    context.insert("after".into(), moment.members(after.iter()));
    context.insert("member".into(), moment.member(machine));
    context.insert("member_ctl".into(), json!(moment.etcdctl(machine.as_str())));
    context.insert("own_url".into(), json!(moment.api_url(machine)));
    context.insert("comes_back".into(), json!(moment.migration.is_rebuilt(machine) && is_node(roles)));
    context.insert("is_listed".into(), json!(moment.step.standing.inventory.lists(machine)));
    context.insert("repo_lines".into(), repository_lines(moment, kubean, machine));
    // Workers are many, and their words do not ask.
    let before = if roles.contains(&MachineRole::ControlPlane) { moment.before } else { &[] };
    let bootstrap = before.iter().rev().find(|step| matches!(step.action, Action::RepointBootstrap { .. }));
    context.insert("bootstrap_step".into(), json!(bootstrap.map(|step| step.id.as_str())));
    with_operation(Sheet::new("kubean/join", context), moment, kubean)
}

/// The members of etcd after a machine has joined.
fn joined(moment: &Moment<'_>, machine: &MachineName, roles: &[MachineRole]) -> Vec<MachineName> {
    let mut members = moment.step.standing.etcd.clone();
    if roles.contains(&MachineRole::EtcdMember) {
        members.push(machine.clone());
    }
    members
}

fn leave(moment: &Moment<'_>, kubean: &Kubean, machine: &MachineName, leader_to: Option<&MachineName>, unlisted: &[MachineName]) -> Sheet {
    let mut context = context(moment);
    let source = &moment.step.standing;
    let mut roles = Vec::new();
    if source.inventory.control_plane.contains(machine) {
        roles.push(MachineRole::ControlPlane);
    }
    if source.inventory.workers.contains(machine) {
        roles.push(MachineRole::Worker);
    }
    if source.inventory.etcd.contains(machine) {
        roles.push(MachineRole::EtcdMember);
    }
    roles_of(&mut context, &roles);
    let rest: Vec<MachineName> = source.etcd.iter().filter(|name| *name != machine).cloned().collect();
    context.insert("after".into(), moment.members(rest.iter()));
    context.insert("member".into(), moment.member(machine));
    context.insert("heir".into(), leader_to.map_or(Value::Null, |name| moment.member(name)));
    context.insert("heir_ctl".into(), leader_to.map_or(Value::Null, |name| json!(moment.etcdctl(name.as_str()))));
    context.insert("comes_back".into(), json!(moment.migration.is_rebuilt(machine)));
    context.insert("keeps_labels".into(), json!(moment.migration.is_rebuilt(machine) && is_node(&roles)));
    context.insert("os".into(), if moment.migration.is_rebuilt(machine) { target_system(moment, machine) } else { Value::Null });
    context.insert("unlisted".into(), json!(unlisted));
    let is_member_joining =
        |step: &Step| matches!(&step.action, Action::JoinCluster { roles, .. } if roles.contains(&MachineRole::EtcdMember));
    let later = if roles.contains(&MachineRole::EtcdMember) { moment.later } else { &[] };
    context.insert("grows_again".into(), json!(later.iter().any(is_member_joining)));
    advice(&mut context, moment, kubean, &roles);
    let has_failed = moment.migration.is_failed(machine);
    context.insert("has_failed".into(), json!(has_failed));
    // What is declared and lies on a machine that answers has moved before.
    context.insert("recovered_later".into(), json!(shared::storage::recovered_later(moment, machine)));
    context.insert("drains".into(), json!(is_node(&roles) && !has_failed));
    context.insert("at_once".into(), json!(shared::workstation::ASKED_AT_ONCE));
    let sheet = Sheet::new("kubean/leave", context).with(shared::workstation::machines(listed(moment)));
    with_operation(sheet, moment, kubean)
}

/// What can go wrong on a machine that leaves, by what it is and by the faults of the image's kubespray. Nobody looks at one that has
/// failed.
fn advice(context: &mut Map<String, Value>, moment: &Moment<'_>, kubean: &Kubean, roles: &[MachineRole]) {
    let answers = moment.step.action.machine().is_some_and(|machine| !moment.migration.is_failed(machine));
    let leaves_static_pods = kubean.leaves_static_pods() && roles.contains(&MachineRole::ControlPlane);
    context.insert("leaves_static_pods".into(), json!(leaves_static_pods && answers));
    context.insert("is_only_member".into(), json!(roles == [MachineRole::EtcdMember] && answers));
    context.insert("looks_for_gone_member".into(), json!(kubean.looks_for_gone_member()));
}

fn reinstall(moment: &Moment<'_>, kubean: &Kubean, machine: &MachineName, os: &OperatingSystem) -> Sheet {
    let mut context = context(moment);
    context.insert("repo_lines".into(), repository_lines(moment, kubean, machine));
    shared::machine::reinstall(moment, machine, os, &[]).join(Sheet::new("kubean/reinstall", context))
}

fn repository_lines(moment: &Moment<'_>, kubean: &Kubean, machine: &MachineName) -> Value {
    let site = Site { migration: moment.migration, kubean, step: moment.step };
    json!(site.repository_lines(machine))
}

fn reorder(moment: &Moment<'_>, kubean: &Kubean, control_plane: &[MachineName], etcd: &[MachineName]) -> Sheet {
    let workers = moment.step.standing.inventory.workers.clone();
    let list = Inventory { control_plane: control_plane.to_vec(), workers, etcd: etcd.to_vec() };
    with_list(Sheet::new("kubean/reorder", context(moment)), moment, kubean, &list)
}

fn apply(moment: &Moment<'_>, kubean: &Kubean) -> Sheet {
    with_operation(Sheet::new("kubean/apply", context(moment)), moment, kubean)
}

fn repoint_bootstrap(moment: &Moment<'_>, to: &MachineName) -> Sheet {
    let mut context = context(moment);
    context.insert("to".into(), moment.machine(to));
    context.insert("machines".into(), moment.machines(moment.migration.machines.keys()));
    Sheet::new("kubean/repoint-bootstrap", context)
}

fn clean_up(moment: &Moment<'_>, machine: &MachineName) -> Sheet {
    let mut context = context(moment);
    context.insert("has_failed".into(), json!(moment.migration.is_failed(machine)));
    Sheet::new("kubean/clean-up", context)
}

fn roles_of(context: &mut Map<String, Value>, roles: &[MachineRole]) {
    context.insert("is_control_plane".into(), json!(roles.contains(&MachineRole::ControlPlane)));
    context.insert("is_worker".into(), json!(roles.contains(&MachineRole::Worker)));
    context.insert("is_member".into(), json!(roles.contains(&MachineRole::EtcdMember)));
    context.insert("is_node".into(), json!(is_node(roles)));
}

/// Whether the cluster lists the machine as a node, unlike one that is a member of etcd alone.
fn is_node(roles: &[MachineRole]) -> bool {
    roles.contains(&MachineRole::ControlPlane) || roles.contains(&MachineRole::Worker)
}

fn context(moment: &Moment<'_>) -> Map<String, Value> {
    let mut context = moment.context();
    context.insert("count_of_listed".into(), json!(listed(moment).count()));
    let servers: Vec<String> = moment.step.standing.api.iter().map(|name| moment.api_url(name)).collect();
    context.insert("api_servers".into(), json!(servers));
    context
}

/// Who stands in the inventory at this moment, and answers.
fn listed<'a>(moment: &'a Moment<'_>) -> impl Iterator<Item = &'a Machine> {
    let listed = moment.step.standing.inventory.machines().filter_map(|name| moment.migration.machines.get(name));
    listed.filter(|machine| machine.state == MachineState::Running)
}

/// What is the same for every step.
pub fn surroundings(kubean: &Kubean) -> Map<String, Value> {
    let value = json!({
        "management": format!("kubectl --kubeconfig={} --request-timeout=20s", kubean.management_kubeconfig),
        "namespace": kubean.namespace, "resource": kubean.resource, "hosts_conf": kubean.hosts_conf, "vars_conf": kubean.vars_conf,
        "ssh_auth": kubean.ssh_auth, "image": kubean.image.as_str(), "operator": kubean.operator.value.to_string(),
        "kubespray": kubean.kubespray.value.to_string(), "kube_version": kubean.kube_version.to_string(),
        // As a kubelet reports it.
        "kube_release": kubean.kube_version.release.to_string(),
        "etcd_is_host": kubean.etcd_deployment == EtcdDeployment::Host,
        "takes_pods": kubean.control_plane_takes_pods, "max_pods": kubean.kubelet_max_pods,
        "operations_limit": kubean.operations_limit.value,
        "repository": kubean.offline.as_ref().map(|offline| offline.repository.as_str()),
    });
    [("kubean".to_owned(), value)].into_iter().collect()
}

#[cfg(test)]
mod fixture {
    //! Small migrations for the tests of this backend, with the plans that are made for them.

    use crate::ir::{Plan, Step};
    use crate::model::{Distribution, Kubean, Migration};
    use crate::source::SourceFile;

    /// Every machine gets another operating system, without internet.
    pub const IN_PLACE: &str = include_str!("../../tests/kubean/in_place.yaml");
    /// etcd runs apart, and all machines are replaced.
    pub const REPLACED: &str = include_str!("../../tests/kubean/replaced.yaml");

    pub fn migration(text: &str) -> Migration {
        let document = crate::spec::read(&SourceFile::new("migration.yaml", text)).unwrap();
        crate::model::resolve(&document).unwrap().0
    }

    pub fn plan(migration: &Migration) -> Plan {
        crate::plan::plan(migration).unwrap()
    }

    pub fn kubean(migration: &Migration) -> &Kubean {
        match &migration.cluster.distribution {
            Distribution::Kubean(kubean) => kubean,
            Distribution::K3s(_) | Distribution::Kubeadm(_) | Distribution::Systemd(_) => panic!("not kubean's"),
        }
    }

    pub fn step<'p>(plan: &'p Plan, id: &str) -> &'p Step {
        let ids: Vec<_> = plan.steps.iter().map(|step| step.id.as_str()).collect();
        plan.steps.iter().find(|step| step.id.as_str() == id).unwrap_or_else(|| panic!("no {id} in {ids:#?}"))
    }
}
