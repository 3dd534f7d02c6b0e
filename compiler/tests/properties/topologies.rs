//! Named moves, kept as snapshots to be read: the steps in their order, and how much the cluster can bear after each.

use replank::ir::{Action, Phase};
use replank::pipeline::{Refusal, compile};
use replank::render::Language;
use replank::verify::{judge, ledger_text};

use super::spec::{End, Spec};
use super::{file, planned};
use crate::judge::show::keep;

pub fn names(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

/// An end whose control planes are etcd's members and candidates too.
pub fn stacked(servers: &str) -> End {
    End { control_plane: names(servers), etcd: names(servers), virtual_ip: names(servers), ..End::default() }
}

fn with(end: &End, change: impl FnOnce(&mut End)) -> End {
    let mut end = end.clone();
    change(&mut end);
    end
}

fn shown(name: &str, spec: &Spec) {
    let text = spec.text();
    if let Err(Refusal::Spec(findings) | Refusal::Unsafe { findings, .. }) = compile(&file(&text), &[Language::English]) {
        panic!("{name}: {findings:#?}");
    }
    let (migration, plan) = planned(&text).unwrap();
    let steps: String = plan.steps.iter().map(|step| format!("{}  {}\n", step.id, step.action)).collect();
    let steps = if steps.is_empty() { "nothing to do\n".to_owned() } else { steps };
    keep("plans", name, &format!("{steps}\n{}", ledger_text(&judge(&migration, &plan).0)));
}

fn move_of(name: &str, source: End, target: End) {
    shown(name, &Spec::between(source, target));
}

#[test]
fn clusters_grow_and_shrink() {
    let no_vip = |servers: &str| with(&stacked(servers), |end| end.virtual_ip.clear());
    move_of("one-to-three", no_vip("a"), no_vip("a b c"));
    move_of("three-to-five", stacked("a b c"), stacked("a b c d e"));
    move_of("five-to-three", stacked("a b c d e"), stacked("a b c"));
    let mut spec = Spec::between(no_vip("a b c"), no_vip("a"));
    spec.tolerance = 0;
    let spec = super::safety::accepting(&spec).unwrap();
    shown("three-to-one", &super::refusals::useful(spec));
}

#[test]
fn three_servers_are_exchanged() {
    move_of("three-to-three-overlapping", stacked("a b c"), stacked("b c d"));
    move_of("three-to-three-disjoint", stacked("a b c"), stacked("d e f"));
    let mut voter = Spec::between(stacked("a b c d"), stacked("b c d e"));
    (voter.join, voter.tolerance) = ("voter", 1);
    shown("voter-join", &voter);
    let mut removed_first = Spec::between(stacked("a b c"), stacked("b c d"));
    (removed_first.order, removed_first.tolerance) = ("removeThenAdd", 0);
    shown("remove-then-add", &removed_first);
}

#[test]
fn one_role_changes_alone() {
    let three = stacked("a b c");
    let workers = |list: &str| with(&three, |end| end.workers = names(list));
    move_of("workers-only", workers("v w"), workers("w x"));
    move_of("etcd-only", three.clone(), with(&three, |end| end.etcd = names("b c d")));
    move_of("virtual-ip-only", with(&three, |end| end.virtual_ip = names("a b")), with(&three, |end| end.virtual_ip = names("b c")));
    let introduced = |end: &mut End| end.virtual_ip.clear();
    move_of("virtual-ip-introduced", with(&workers("w"), introduced), workers("w"));
    let dedicated = |servers: &str| with(&stacked(servers), |end| end.etcd = names("x y z"));
    move_of("control-plane-only", dedicated("a b c"), dedicated("b c d"));
    let members = |list: &str| with(&three, |end| end.etcd = names(list));
    move_of("dedicated-etcd", members("u v w"), members("x y z"));
    move_of("nothing-to-do", three.clone(), three);
}

#[test]
fn control_planes_move_to_nodes_behind_load_balancers() {
    let end = |servers: &str, others: &str| with(&stacked(servers), |end| end.workers = names(others));
    let mut spec = Spec::between(end("a b c", "d e f w"), end("d e f", "a b c w"));
    spec.source.join = Some("a".into());
    spec.kubeadm = Some(super::kubeadm::Kubeadm::PLAIN);
    shown("relocated-behind-load-balancers", &spec);
    // One stays, one comes, one goes without having been a candidate.
    let mut spec = Spec::between(end("a b c", "w"), end("a b d", "w"));
    spec.source.virtual_ip = names("a b");
    spec.target.virtual_ip = names("a b");
    spec.kubeadm = Some(super::kubeadm::Kubeadm { calico: false, ..super::kubeadm::Kubeadm::PLAIN });
    shown("replaced-behind-load-balancers", &spec);
}

#[test]
fn binaries_move_while_one_api_server_writes_at_a_time() {
    let end =
        |server: &str, members: &str| End { control_plane: names(server), workers: names("u v w"), etcd: names(members), ..End::default() };
    let of_binaries = |name: &str, source: End, target: End| {
        let mut spec = Spec::between(source, target);
        (spec.join, spec.systemd) = ("voter", Some(super::systemd::Systemd::PLAIN));
        shown(name, &super::refusals::useful(super::safety::accepting(&spec).unwrap()));
    };
    of_binaries("binaries-relocated", end("m", "a b c"), end("n", "d e f"));
    of_binaries("binaries-etcd-only", end("m", "a b c"), end("m", "b c d"));
    // Ten members would be too many at once.
    of_binaries("binaries-five-to-five", end("m", "a b c d e"), end("n", "f g h i j"));
}

/// Whom each removal of the phase keeps pods off.
fn cordoned_before_new_workers(source: End, target: End) -> Vec<String> {
    let mut spec = Spec::between(source, target);
    (spec.order, spec.tolerance) = ("removeThenAdd", 0);
    let (_, plan) = planned(&spec.text()).unwrap();
    let removals = plan.steps.iter().filter(|step| step.phase == Phase::RemoveWorkersFirst);
    let listed = removals.map(|step| match &step.action {
        Action::RemoveNode { cordoned, .. } => cordoned.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(" "),
        other => panic!("{other:?}"),
    });
    listed.collect()
}

#[test]
fn pods_of_workers_that_go_first_do_not_move_to_a_control_plane_that_leaves_next() {
    let workers = |servers: &str, list: &str| with(&stacked(servers), |end| end.workers = names(list));
    assert_eq!(cordoned_before_new_workers(workers("a b c", "v w"), workers("b c d", "x")), ["v w a", "w a"]);
    assert_eq!(cordoned_before_new_workers(workers("a b c", "u v"), workers("d e f", "u x")), ["v a b c"], "a worker stays");
    let many: Vec<String> = (0..49).map(|number| format!("w-{number}")).collect();
    let fleet = with(&stacked("a b c"), |end| end.workers = many);
    let first = cordoned_before_new_workers(fleet, workers("c d e", "x")).swap_remove(0);
    assert!(first.ends_with(" w-48 a"), "no more than fifty are named: {first}");
}

#[test]
fn control_planes_take_the_pods_of_workers_that_go_first_where_no_node_of_the_source_stays() {
    let workers = |servers: &str, list: &str| with(&stacked(servers), |end| end.workers = names(list));
    assert_eq!(cordoned_before_new_workers(workers("a b c", "v w"), workers("d e f", "x")), ["v w", "w"]);
}
