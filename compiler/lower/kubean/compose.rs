//! Which operation a step makes.
//!
//! Responsible for: the playbooks, their order, and for each the machines that it is kept to. Does not know how an operation looks as an
//! object, nor whether it is right: `examine` reads it again without trusting this file.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::api::{Call, SourceReference};
use super::name::operation_name;
use super::operation::{Operation, Origin, OwnPlaybook, Part};
use super::packages;
use super::playbook::{
    self, CLEAN, CLUSTER, CLUSTER_INFO, DISABLE_FIREWALL, ENABLE_REPOSITORY, FACTS, GATHER_FACTS, GATHER_SERVICES, KUBECONFIG, PING,
    REMOVE_NODE, SCALE, Scope, UPGRADE_CLUSTER, wants_odd_members,
};
use crate::ir::{Action, Inventory, MachineRole, Phase, Step};
use crate::lower::sheet::LineMoment;
use crate::model::{Around, EtcdDeployment, HookScope, Kubean, MachineName, Migration, PlaybookHook, PlaybookMoment, Release, Topology};

/// Control planes and members of etcd; machines join both with one run.
const CORE: &str = "--limit=etcd,kube_control_plane";

/// The step, and everything that its operation depends on.
#[derive(Clone, Copy)]
pub struct Site<'a> {
    pub migration: &'a Migration,
    pub kubean: &'a Kubean,
    pub step: &'a Step,
}

impl Site<'_> {
    /// The operation of the step, if it makes one.
    pub fn operation(self) -> Option<Operation> {
        if let Action::JoinCluster { machine, roles, .. } = &self.step.action {
            return Some(join(self, machine, roles));
        }
        if let Action::LeaveCluster { machine, .. } = &self.step.action {
            return Some(leave(self, machine));
        }
        (self.step.action == Action::ApplyInventory).then(|| apply(self))
    }

    /// Lines of package repositories for a machine that joins without internet.
    pub fn repository_lines(self, machine: &MachineName) -> Vec<String> {
        let os = self.migration.machines.get(machine).and_then(|machine| machine.os.target.as_ref());
        match (&self.kubean.offline, os) {
            (Some(offline), Some(os)) => packages::lines(&offline.repository, os),
            (Some(_), None) | (None, _) => Vec::new(),
        }
    }
}

fn join(site: Site<'_>, machine: &MachineName, roles: &[MachineRole]) -> Operation {
    let mut inventory = site.step.standing.inventory.clone();
    inventory.list(machine, roles);
    let mut composer = Composer::new(site, inventory);
    let limit = format!("--limit={machine}");
    composer.call(LineMoment::Before, PING, &limit);
    let lines = site.repository_lines(machine);
    if !lines.is_empty() {
        composer.call(LineMoment::Before, ENABLE_REPOSITORY, &format!("{limit} {}", packages::repository_argument(&lines)));
    }
    composer.call(LineMoment::Before, DISABLE_FIREWALL, &limit);
    composer.gather_facts();
    composer.team(Around::Add, PlaybookMoment::Before, machine);
    let is_worker = roles == [MachineRole::Worker];
    if is_worker {
        composer.main(SCALE, &limit, &site.kubean.skip_tags);
    } else {
        composer.main(CLUSTER, CORE, &site.kubean.skip_tags);
    }
    composer.team(Around::Add, PlaybookMoment::After, machine);
    if changes_endpoints(site, machine, roles) {
        composer.call(LineMoment::After, UPGRADE_CLUSTER, CORE);
    }
    if !is_worker {
        composer.call(LineMoment::After, CLUSTER_INFO, "");
    }
    composer.operation
}

/// API servers list the addresses of an etcd that runs apart from them, and `cluster.yml` does not rewrite those that run. A machine that
/// comes back has the address that it had.
fn changes_endpoints(site: Site<'_>, machine: &MachineName, roles: &[MachineRole]) -> bool {
    let is_new_member = roles.contains(&MachineRole::EtcdMember) && !site.migration.source.is_etcd_member(machine);
    match site.kubean.etcd_deployment {
        EtcdDeployment::Host => is_new_member,
        EtcdDeployment::Kubeadm => false,
    }
}

/// The last list of the plan is applied, and others are members than before: nothing else takes those that have left out of what API
/// servers and `kubeadm-config` say of an etcd that runs apart.
fn settles_endpoints(site: Site<'_>) -> bool {
    let members = |topology: &Topology| topology.etcd.iter().map(|role| role.value.clone()).collect::<BTreeSet<_>>();
    let is_last = site.step.phase == Phase::SettleControlPlane;
    let differ = members(&site.migration.source) != members(&site.migration.target);
    match site.kubean.etcd_deployment {
        EtcdDeployment::Host => is_last && differ,
        EtcdDeployment::Kubeadm => false,
    }
}

fn leave(site: Site<'_>, machine: &MachineName) -> Operation {
    let inventory = site.step.standing.inventory.clone();
    let is_control_plane = inventory.control_plane.contains(machine);
    let is_failed = site.migration.is_failed(machine);
    let mut composer = Composer::new(site, inventory);
    composer.team(Around::Remove, PlaybookMoment::Before, machine);
    let node = format!("-e node={machine}");
    let leaves_static_pods = !is_failed && site.kubean.leaves_static_pods();
    if leaves_static_pods {
        composer.own(LineMoment::Before, services_playbook(), "services", &node);
    }
    if is_failed {
        composer.main(REMOVE_NODE, &format!("{node} -e reset_nodes=false -e allow_ungraceful_removal=true"), &[]);
    } else {
        // The reset would end by restarting the network, which fails on Enterprise Linux 7 after everything is wiped.
        composer.main(REMOVE_NODE, &format!("{node} -e reset_restart_network=false"), &[]);
    }
    composer.team(Around::Remove, PlaybookMoment::After, machine);
    if is_control_plane && leaves_static_pods {
        composer.own(LineMoment::After, clean_api_server(), "clean", &node);
    }
    if is_control_plane {
        composer.call(LineMoment::After, CLUSTER_INFO, "");
    }
    composer.operation
}

fn apply(site: Site<'_>) -> Operation {
    let mut composer = Composer::new(site, site.step.standing.inventory.clone());
    composer.main(CLUSTER, "", &site.kubean.skip_tags);
    if settles_endpoints(site) {
        composer.call(LineMoment::After, UPGRADE_CLUSTER, CORE);
    }
    // It writes the first control plane's own address into the kubeconfig; a load balancer's stays.
    if site.kubean.load_balancer.is_none() {
        composer.call(LineMoment::After, KUBECONFIG, "");
    }
    composer.call(LineMoment::After, CLUSTER_INFO, "");
    composer.operation
}

/// Ends the API server that a reset has left behind, and nothing where none runs. No default stands for `node`: an operation without it
/// fails instead of ending every API server.
fn clean_api_server() -> (&'static str, &'static str, Value) {
    let shell = "ps -eo pid=,comm= | awk '$2 == \"kube-apiserver\" { print $1 }' | xargs -r kill -9";
    let task = json!({ "name": "End the API server that was left behind", "shell": shell, "changed_when": true });
    let play = json!({
        "name": "Clean up after a control plane that was removed", "hosts": "{{ node }}", "gather_facts": false, "tasks": [task],
    });
    ("clean-kube-apiserver.yaml", CLEAN, json!([play]))
}

/// A reset stops containers only where it knows that the machine has a container runtime's service, and does not look by itself
/// (kubespray issue 11627). The runs of an operation share what they know.
fn services_playbook() -> (&'static str, &'static str, Value) {
    let task = json!({ "name": "Gather the facts of services", "ansible.builtin.service_facts": null });
    let play = json!({
        "name": "Look at the services of a machine that is removed", "hosts": "{{ node }}", "gather_facts": false, "tasks": [task],
    });
    ("gather-services.yaml", GATHER_SERVICES, json!([play]))
}

fn facts_playbook(kubespray: Release) -> (&'static str, &'static str, Value) {
    // It moved in v2.22.0.
    let path = if kubespray < Release::new(2, 22, 0) { "facts.yml" } else { "playbooks/facts.yml" };
    ("gather-facts.yaml", GATHER_FACTS, json!([{ "name": "Gather facts", "import_playbook": path }]))
}

/// Whether the operator starts `facts.yml` by name, and the image's file of that name works: its imports lead nowhere before the image
/// of kubean v0.28.3. Where the tag does not tell, kubespray v2.29.0 is later than that.
fn brings_facts(kubean: &Kubean) -> bool {
    let knows = playbook::known(FACTS, kubean.operator.value).is_some();
    let tag = kubean.image.tag().filter(|tag| tag.starts_with('v'));
    let release = tag.and_then(|tag| Release::parse(tag.strip_suffix("-ansible10next").unwrap_or(tag)).ok());
    let works = release.map_or(kubean.kubespray.value >= Release::new(2, 29, 0), |release| release >= Release::new(0, 28, 3));
    knows && works
}

/// An operation while it is being written.
struct Composer<'a> {
    site: Site<'a>,
    operation: Operation,
}

impl<'a> Composer<'a> {
    fn new(site: Site<'a>, inventory: Inventory) -> Self {
        let name = operation_name(site.migration, site.step);
        Self { site, operation: Operation { name, parts: Vec::new(), own: Vec::new(), inventory } }
    }

    fn add(&mut self, moment: LineMoment, call: Call, origin: Origin) {
        self.operation.parts.push(Part { moment, call, origin });
    }

    /// A playbook of the operator.
    fn call(&mut self, moment: LineMoment, playbook: &str, arguments: &str) {
        let arguments = self.despite_even_members(playbook, arguments);
        self.add(moment, Call::builtin(playbook, &arguments), Origin::Plan);
    }

    fn main(&mut self, playbook: &str, arguments: &str, skip_tags: &[String]) {
        let arguments = self.despite_even_members(playbook, arguments);
        let skipped = (!skip_tags.is_empty()).then(|| format!("--skip-tags={}", skip_tags.join(",")));
        self.add(LineMoment::Main, Call::builtin(playbook, &words([Some(arguments), skipped])), Origin::Plan);
    }

    /// A playbook in a ConfigMap of this operation.
    fn own(&mut self, moment: LineMoment, (file, playbook, content): (&'static str, &'static str, Value), purpose: &str, arguments: &str) {
        let config_map = format!("{}-{purpose}", self.operation.name);
        let reference = SourceReference { name: config_map.clone(), namespace: self.site.kubean.namespace.to_string() };
        let arguments = self.despite_even_members(playbook, arguments);
        self.add(moment, Call::own(playbook, reference, &arguments), Origin::Plan);
        self.operation.own.push(OwnPlaybook { file, config_map, playbook, content });
    }

    /// A run that is kept to some machines must know the facts of the others, and forgets them with its pod.
    fn gather_facts(&mut self) {
        if brings_facts(self.site.kubean) {
            self.call(LineMoment::Before, FACTS, "");
        } else {
            self.own(LineMoment::Before, facts_playbook(self.site.kubean.kubespray.value), "facts", "");
        }
    }

    /// kubespray stops at an even number of members, which is right for a cluster that rests and wrong for one that grows.
    fn despite_even_members(&self, playbook: &str, arguments: &str) -> String {
        let is_even = self.operation.inventory.etcd.len().is_multiple_of(2);
        let stops = is_even && wants_odd_members(playbook, self.site.kubean.kubespray.value);
        words([Some(arguments.to_owned()), stops.then(|| "-e ignore_assert_errors=yes".to_owned())])
    }

    fn team(&mut self, around: Around, moment: PlaybookMoment, machine: &MachineName) {
        let site = self.site;
        for hook in site.kubean.hooks.iter().filter(|hook| hook.around == around && hook.moment == moment) {
            let Some(arguments) = team_arguments(site, hook, machine) else { continue };
            let moment = match moment {
                PlaybookMoment::Before => LineMoment::Before,
                PlaybookMoment::After => LineMoment::After,
            };
            let origin = Origin::Team { place: hook.playbook.place.clone(), scope: hook.scope };
            self.add(moment, Call::builtin(&hook.playbook.value, &arguments), origin);
        }
    }
}

/// `None` where the only machine that is meant has failed and would not answer.
fn team_arguments(site: Site<'_>, hook: &PlaybookHook, machine: &MachineName) -> Option<String> {
    let takes_node =
        playbook::known(&hook.playbook.value, site.kubean.operator.value).is_some_and(|playbook| playbook.scope == Scope::Node);
    match (hook.scope, site.migration.is_failed(machine)) {
        (Some(HookScope::Machine), true) => None,
        (Some(HookScope::Machine), false) if takes_node => Some(format!("-e node={machine}")),
        (Some(HookScope::Machine), false) => Some(format!("--limit={machine}")),
        (Some(HookScope::All), true) => Some(format!("--limit='all:!{machine}'")),
        (Some(HookScope::All), false) | (None, _) => Some(String::new()),
    }
}

fn words<const COUNT: usize>(parts: [Option<String>; COUNT]) -> String {
    parts.into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lower::kubean::fixture::{IN_PLACE, REPLACED, kubean, migration, plan, step};

    /// What an operation runs, in order: when, what, and with which arguments.
    fn calls(text: &str, id: &str) -> Vec<String> {
        let migration = migration(text);
        let plan = plan(&migration);
        let site = Site { migration: &migration, kubean: kubean(&migration), step: step(&plan, id) };
        let operation = site.operation().unwrap();
        let line = |part: &Part| format!("{:?} {} {}", part.moment, part.call.action, part.call.arguments()).trim_end().to_owned();
        operation.parts.iter().map(line).collect()
    }

    const REPOSITORIES: &str = "repo_list: ['deb [trusted=yes] http://10.6.0.5:9000/kubean/ubuntu jammy main', \
                                'deb [trusted=yes] http://10.6.0.5:9000/kubean/ubuntu-iso jammy main restricted']";

    #[test]
    fn a_worker_is_added_by_a_run_that_is_kept_to_it() {
        assert_eq!(
            calls(IN_PLACE, "62-rebuild-workers/worker/add"),
            [
                "Before ping.yml --limit=worker".to_owned(),
                format!("Before enable-repo.yml --limit=worker -e \"{{{REPOSITORIES}}}\""),
                "Before disable-firewalld.yml --limit=worker".to_owned(),
                "Before gather-facts.yml".to_owned(),
                "Main scale.yml --limit=worker --skip-tags=multus".to_owned(),
            ]
        );
    }

    #[test]
    fn later_releases_are_told_of_an_even_number_of_members_in_every_run() {
        let ignores = "-e ignore_assert_errors=yes";
        assert_eq!(
            calls(REPLACED, "60-add-workers/worker-3"),
            [
                "Before ping.yml --limit=worker-3".to_owned(),
                "Before disable-firewalld.yml --limit=worker-3".to_owned(),
                format!("Before facts.yml {ignores}"),
                format!("Main scale.yml --limit=worker-3 {ignores}"),
            ]
        );
    }

    #[test]
    fn a_control_plane_that_comes_back_is_added_with_all_checks_on_and_upgrades_nothing() {
        assert_eq!(
            calls(IN_PLACE, "68-rebuild-control-plane/master-2/add")[4..],
            ["Main cluster.yml --limit=etcd,kube_control_plane --skip-tags=multus", "After cluster-info.yml"]
        );
    }

    #[test]
    fn a_new_member_of_an_etcd_apart_is_told_to_the_api_servers() {
        let calls = calls(REPLACED, "30-grow-etcd/etcd-4");
        let core = "--limit=etcd,kube_control_plane -e ignore_assert_errors=yes";
        assert_eq!(
            calls[2..],
            [
                "Before facts.yml -e ignore_assert_errors=yes".to_owned(),
                format!("Main cluster.yml {core}"),
                format!("After upgrade-cluster.yml {core}"),
                "After cluster-info.yml".to_owned(),
            ]
        );
    }

    #[test]
    fn a_removal_names_its_machine_in_every_run_that_needs_it() {
        assert_eq!(
            calls(IN_PLACE, "68-rebuild-control-plane/master-2/remove"),
            [
                "Before gather-services.yml -e node=master-2",
                "Main remove-node.yml -e node=master-2 -e reset_restart_network=false",
                "After clean-kube-apiserver.yml -e node=master-2",
                "After cluster-info.yml",
            ]
        );
        assert_eq!(
            calls(IN_PLACE, "62-rebuild-workers/worker/remove"),
            ["Before gather-services.yml -e node=worker", "Main remove-node.yml -e node=worker -e reset_restart_network=false",]
        );
        assert_eq!(
            calls(REPLACED, "25-recover-failed/worker-2"),
            ["Main remove-node.yml -e node=worker-2 -e reset_nodes=false -e allow_ungraceful_removal=true"]
        );
    }

    #[test]
    fn the_whole_inventory_is_applied_without_a_limit() {
        assert_eq!(
            calls(IN_PLACE, "68-rebuild-control-plane/master-1.aside/apply"),
            ["Main cluster.yml --skip-tags=multus", "After kubeconfig.yml", "After cluster-info.yml"]
        );
    }

    #[test]
    fn the_last_list_is_told_to_the_api_servers_where_others_are_members() {
        assert_eq!(
            calls(REPLACED, "85-settle-control-plane/inventory"),
            ["Main cluster.yml", "After upgrade-cluster.yml --limit=etcd,kube_control_plane", "After cluster-info.yml"]
        );
    }

    #[test]
    fn hooks_of_the_team_stand_next_to_the_main_run_and_are_kept_to_whom_they_are_meant_for() {
        let hooks = "hooks:
          - {around: add, moment: before, playbook: update-hosts.yml, scope: all}
          - {around: add, moment: after, playbook: config-for-kube-vip.yml, scope: machine}";
        let calls = calls(&IN_PLACE.replace("hooks: []", hooks), "68-rebuild-control-plane/master-2/add");
        assert_eq!(calls[4], "Before update-hosts.yml");
        assert_eq!(calls[6], "After config-for-kube-vip.yml --limit=master-2");
    }

    #[test]
    fn facts_are_brought_along_where_the_operator_or_the_image_lacks_them() {
        let migration = migration(REPLACED);
        let with = |operator: &str, image: &str, kubespray: &str| {
            let mut kubean = kubean(&migration).clone();
            kubean.operator.value = Release::parse(operator).unwrap();
            kubean.image = crate::model::Image::parse(image).unwrap();
            kubean.kubespray.value = Release::parse(kubespray).unwrap();
            brings_facts(&kubean)
        };
        assert!(with("v0.30.0", "r/spray-job:v0.28.3", "v2.28.0") && with("v0.30.0", "r/spray-job:v0.30.0-ansible10next", "v2.29.0"));
        assert!(!with("v0.30.0", "r/spray-job:v0.28.2", "v2.28.0") && !with("v0.22.1", "r/spray-job:v0.30.0", "v2.29.0"));
        assert!(with("v0.30.0", "r/spray-job:2.29-aca1113", "v2.29.0") && !with("v0.30.0", "r/spray-job:2.28-aca1113", "v2.28.0"));
    }
}
