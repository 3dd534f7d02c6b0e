//! Plans for clusters that an installer manages: one of each kind is clean, and each mistake of a night is found under its own code.
//!
//! The plans come from the planner, because they are long; what is changed in them is changed by hand.

use replank::diag::Code;
use replank::ir::{Action, Ledger, Phase, Plan};
use replank::model::{self, Migration, OperatingSystem};
use replank::source::SourceFile;
use replank::{plan as planner, spec};

use super::builder::{Draft, Story, machine, machines};
use super::show::{clean, exactly, only};

const IN_PLACE: &str = include_str!("../../../examples/kubean-os-in-place/migration.yaml");
const REPLACE: &str = include_str!("../../../examples/kubean-replace-nodes/migration.yaml");

fn migration(text: &str) -> Migration {
    let document = spec::read(&SourceFile::new("story.yaml", text)).expect("the form is right");
    model::resolve(&document).expect("the spec is right").0
}

/// The planner's own steps, without their needs: a step that is taken out must leave no trace.
fn drafts(plan: &Plan) -> Vec<Draft> {
    let name = |id: &str| id.split_once('/').map_or(String::new(), |(_, name)| name.to_owned());
    plan.steps.iter().map(|step| Draft::new(step.phase, name(step.id.as_str()), step.action.clone(), &[])).collect()
}

pub(super) fn told(text: &str) -> (Story, Vec<Draft>) {
    let migration = migration(text);
    let plan = planner::plan(&migration).expect("there is a plan");
    (Story { migration, text: text.to_owned() }, drafts(&plan))
}

pub(super) fn at<'d>(drafts: &'d mut [Draft], id: &str) -> &'d mut Draft {
    drafts.iter_mut().find(|draft| draft.id().as_str() == id).unwrap_or_else(|| panic!("no step {id}"))
}

pub(super) fn without(drafts: &mut Vec<Draft>, id: &str) {
    let before = drafts.len();
    drafts.retain(|draft| draft.id().as_str() != id);
    assert_eq!(drafts.len(), before - 1, "no step {id}");
}

/// The rows' tolerance after each step of a folder.
fn tolerance(ledger: &Ledger, folder: &str) -> Vec<i64> {
    let below = |row: &&replank::ir::Row| row.step.as_ref().is_some_and(|step| step.as_str().starts_with(folder));
    ledger.rows.iter().filter(below).map(|row| row.after.etcd_tolerance).collect()
}

#[test]
fn three_masters_that_are_rebuilt_have_no_tolerance_three_times() {
    let (story, drafts) = told(IN_PLACE);
    let ledger = clean(&story, &drafts);
    for master in ["centos-master2", "centos-master3"] {
        assert_eq!(tolerance(&ledger, &format!("68-rebuild-control-plane/{master}/")), [0, 0, 1], "{master}");
    }
    assert_eq!(tolerance(&ledger, "68-rebuild-control-plane/centos-master1/"), [0, 0, 0, 1]);
    assert_eq!(ledger.accepted.len(), 10, "{:?}", ledger.accepted);
}

#[test]
fn without_an_entry_the_rebuild_is_refused_with_the_lines_of_two_helpers() {
    let text = IN_PLACE.split("  accept:").next().unwrap();
    let (story, drafts) = told(text);
    let (_, findings) = replank::verify::judge(&story.migration, &super::builder::plan(&story.migration, &drafts));
    let shown = super::show::text(&findings, &story);
    assert!(findings.iter().all(|finding| finding.code == Code::V202), "{shown}");
    assert!(
        shown.contains("temporary:\n            controlPlane: [helper-1, helper-2]\n            etcd: [helper-1, helper-2]"),
        "{shown}"
    );
    assert!(shown.contains("at: 68-rebuild-control-plane/centos-master1,"), "{shown}");
    super::show::keep("refusals", "kubean-os-in-place-without-accept", &shown);
}

#[test]
fn with_two_helpers_a_member_may_fail_while_another_is_rebuilt() {
    let text = IN_PLACE.split("  accept:").next().unwrap();
    let machines = "    helper-1: {address: 10.6.1.31}\n    helper-2: {address: 10.6.1.32}\n  source:";
    let temporary = "  temporary: {controlPlane: [helper-1, helper-2], etcd: [helper-1, helper-2]}\n  accept:\n    - {risk: etcd-no-tolerance, at: 40-add-control-plane/helper-1, reason: agreed}\n";
    let (story, drafts) = told(&format!("{}{temporary}", text.replacen("  source:", machines, 1)));
    let ledger = clean(&story, &drafts);
    assert!(tolerance(&ledger, "68-rebuild-control-plane").iter().all(|tolerance| *tolerance >= 1), "{ledger:?}");
    let last = ledger.rows.last().unwrap();
    assert_eq!((last.after.etcd_voters.len(), last.after.etcd_tolerance), (3, 1));
}

#[test]
fn machines_of_every_kind_are_replaced_and_one_that_does_not_answer_leaves_first() {
    let (story, drafts) = told(REPLACE);
    let ledger = clean(&story, &drafts);
    let first_change =
        drafts.iter().find(|draft| matches!(draft.action, Action::LeaveCluster { .. } | Action::JoinCluster { .. })).unwrap();
    assert_eq!(first_change.id().as_str(), "25-recover-failed/worker-2");
    let last = &ledger.rows.last().unwrap().after;
    assert_eq!(last.upstreams, machines(&["master-3", "master-4", "master-5"]));
}

fn ids(drafts: &[Draft]) -> Vec<String> {
    drafts.iter().map(|draft| draft.id().as_str().to_owned()).collect()
}

/// A story of four machines, of which `worker-1` is a member of etcd too.
fn shared(source: &str, target: &str) -> (Story, Vec<Draft>) {
    let machines = "    m-1: {address: 10.0.0.11}\n    e-1: {address: 10.0.0.21}\n    e-2: {address: 10.0.0.22}\n    e-3: {address: 10.0.0.23}\n    worker-1: {address: 10.0.0.31}\n    worker-2: {address: 10.0.0.32}\n";
    let accepted = "  accept:\n    - {risk: etcd-no-tolerance, at: 68-rebuild-control-plane, reason: agreed}\n    - {risk: etcd-restart, at: 68-rebuild-control-plane, reason: agreed}\n";
    let text = format!(
        "apiVersion: replank/v1alpha1\nkind: Migration\nmetadata: {{name: shared}}\nspec:\n  cluster:\n    name: shared\n    distribution:\n      \
         kubean: {{version: v0.34.0, image: \"ghcr.io/kubean-io/spray-job:v0.34.0\", kubernetes: v1.33.8, etcdDeployment: host, \
         managementKubeconfig: /root/.kube/management.yaml, operationsLimit: 100}}\n  machines:\n{machines}  source:\n{source}  target:\n{target}{accepted}"
    );
    told(&text)
}

#[test]
fn a_worker_that_is_a_member_of_etcd_is_rebuilt_once_and_with_the_members() {
    let lists = "    controlPlane: [m-1]\n    etcd: [e-2, e-3, worker-1]\n    workers: [worker-1, worker-2]\n";
    let (_, drafts) = shared(&format!("    os: rocky-8\n{lists}"), &format!("    os: rocky-9\n{lists}"));
    let rebuilt: Vec<_> = ids(&drafts).into_iter().filter(|id| id.ends_with("worker-1/reinstall")).collect();
    assert_eq!(rebuilt, ["68-rebuild-control-plane/worker-1/reinstall"]);
}

#[test]
fn a_worker_that_is_a_member_of_etcd_leaves_once() {
    let source = "    controlPlane: [m-1]\n    etcd: [e-2, e-3, worker-1]\n    workers: [worker-1, worker-2]\n";
    let target = "    controlPlane: [m-1]\n    etcd: [e-2, e-3, e-1]\n    workers: [worker-2]\n";
    let (_, drafts) = shared(source, target);
    let left: Vec<_> = drafts.iter().filter(|draft| matches!(&draft.action, Action::LeaveCluster { .. })).map(|draft| draft.id()).collect();
    assert_eq!(left.iter().map(|id| id.as_str()).collect::<Vec<_>>(), ["75-swap-control-plane/worker-1"]);
}

#[test]
fn another_order_of_the_list_is_something_to_do() {
    let order = "controlPlane: [centos-master1, centos-master2, centos-master3]";
    let text = IN_PLACE.replace("os: centos-7.9", "os: ubuntu-22.04").split("  accept:").next().unwrap().to_owned();
    let (before, after) = text.rsplit_once(order).unwrap();
    let (story, drafts) = told(&format!("{before}controlPlane: [centos-master2, centos-master1, centos-master3]{after}"));
    assert!(ids(&drafts).contains(&"85-settle-control-plane/order".to_owned()), "{:?}", ids(&drafts));
    clean(&story, &drafts);
}

#[test]
fn the_policy_holds_again_when_a_member_that_failed_is_back() {
    let text = IN_PLACE.split("  accept:").next().unwrap().replace("10.6.1.12, pods", "10.6.1.12, state: failed, pods");
    let (story, drafts) = told(&text);
    only(Code::V202, &story, &drafts);
    let ids = ids(&drafts);
    let at = |id: &str| ids.iter().position(|found| found == id).unwrap_or_else(|| panic!("{ids:?}"));
    assert!(at("25-recover-failed/centos-master2/add") < at("62-rebuild-workers/centos-worker1/remove"));
    assert!(ids.contains(&"68-rebuild-control-plane/centos-master1.aside/apply".to_owned()), "{ids:?}");
}

#[test]
fn the_first_master_is_not_removed_while_it_is_the_first_of_the_list() {
    let (story, mut drafts) = told(IN_PLACE);
    without(&mut drafts, "68-rebuild-control-plane/centos-master1.aside/inventory");
    without(&mut drafts, "85-settle-control-plane/order");
    exactly(Code::V601, &story, &drafts);
}

#[test]
fn the_key_for_control_planes_is_looked_for_where_it_is_uploaded() {
    let (story, mut drafts) = told(IN_PLACE);
    let order = machines(&["centos-master3", "centos-master2", "centos-master1"]);
    let aside = at(&mut drafts, "68-rebuild-control-plane/centos-master1.aside/inventory");
    aside.action = Action::ReorderInventory { control_plane: order.clone(), etcd: order };
    only(Code::V601, &story, &drafts);
}

#[test]
fn whoever_has_left_for_good_is_not_listed_when_the_whole_list_is_applied() {
    let accepted = "    - {risk: etcd-restart, at: 75-swap-control-plane/apply, reason: agreed}\n";
    let (story, mut drafts) = told(&format!("{REPLACE}{accepted}"));
    let next = drafts.iter().position(|draft| draft.id().as_str() == "75-swap-control-plane/etcd-1").unwrap();
    drafts.insert(next, Draft::new(Phase::SwapControlPlane, "apply", Action::ApplyInventory, &[]));
    exactly(Code::V602, &story, &drafts);
}

#[test]
fn machines_that_join_are_not_sent_to_the_control_plane_that_was_removed() {
    let (story, mut drafts) = told(IN_PLACE);
    without(&mut drafts, "68-rebuild-control-plane/centos-master1/bootstrap");
    exactly(Code::V603, &story, &drafts);
}

#[test]
fn nothing_is_run_before_the_version_is_pinned() {
    let (story, mut drafts) = told(IN_PLACE);
    without(&mut drafts, "10-prepare/inventory");
    exactly(Code::V604, &story, &drafts);
}

#[test]
fn packages_are_there_before_a_machine_looks_for_them() {
    let (story, mut drafts) = told(IN_PLACE);
    without(&mut drafts, "10-prepare/packages-ubuntu-22-04");
    exactly(Code::V605, &story, &drafts);
}

#[test]
fn a_machine_that_is_not_reinstalled_does_not_join_again() {
    let (story, mut drafts) = told(IN_PLACE);
    without(&mut drafts, "62-rebuild-workers/centos-worker1/reinstall");
    let (_, findings) = replank::verify::judge(&story.migration, &super::builder::plan(&story.migration, &drafts));
    let codes: Vec<_> = findings.iter().map(|finding| finding.code).collect();
    assert_eq!(codes, [Code::V401, Code::V501], "{}", super::show::text(&findings, &story));
}

#[test]
fn the_right_operating_system_is_installed() {
    let (story, mut drafts) = told(IN_PLACE);
    let step = at(&mut drafts, "62-rebuild-workers/centos-worker2/reinstall");
    step.action = Action::ReinstallMachine { machine: machine("centos-worker2"), os: OperatingSystem::parse("ubuntu-20.04").unwrap() };
    only(Code::V501, &story, &drafts);
}

#[test]
fn a_machine_of_the_cluster_is_not_reinstalled() {
    let (story, mut drafts) = told(IN_PLACE);
    without(&mut drafts, "62-rebuild-workers/centos-worker1/remove");
    only(Code::V405, &story, &drafts);
}

#[test]
fn an_old_kubespray_restarts_all_of_etcd_at_once() {
    let text = REPLACE.replace("v0.34.0", "v0.12.2").replace("v1.33.8", "v1.27.5");
    let (story, drafts) = told(
        &text.replace("    - risk: etcd-restart\n      at: 30-grow-etcd/etcd-4\n", "    - risk: etcd-restart\n      at: 30-grow-etcd\n"),
    );
    exactly(Code::V211, &story, &drafts);
}

#[test]
fn pods_that_are_drained_find_room_under_what_the_kubelets_take() {
    let (story, drafts) =
        told(&IN_PLACE.replace("movable: 71", "movable: 105").replace("movable: 68", "movable: 108").replace("movable: 2", "movable: 10"));
    only(Code::V402, &story, &drafts);
}

#[test]
fn another_order_is_applied_before_a_machine_leaves() {
    let (story, mut drafts) = told(IN_PLACE);
    without(&mut drafts, "68-rebuild-control-plane/centos-master1.aside/apply");
    exactly(Code::V606, &story, &drafts);
}

/// In this story the first control plane leaves as well, and stepping aside tells everybody the same, before it matters.
const TOLD_AGAIN_LATER: &str = "45-repoint-control-plane/inventory";

#[test]
fn each_step_is_missed_when_it_is_left_out() {
    for text in [IN_PLACE, REPLACE] {
        let (story, drafts) = told(text);
        for (index, left_out) in drafts.iter().enumerate() {
            let mut rest = drafts.clone();
            rest.remove(index);
            let (_, findings) = replank::verify::judge(&story.migration, &super::builder::plan(&story.migration, &rest));
            let is_missed = findings.has_errors() || left_out.id().as_str() == TOLD_AGAIN_LATER;
            assert!(is_missed, "{} is not missed", left_out.id());
        }
    }
}
