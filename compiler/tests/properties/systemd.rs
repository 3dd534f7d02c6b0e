//! What a random spec has of clusters of binaries: one control plane, nodes that are told in batches, flannel and DNS or neither.

use proptest::prelude::*;
use replank::ir::{Action, Phase, Plan};
use replank::model::Migration;
use replank::verify::judge;
use serde_json::{Value, json};

use super::generate::spec;
use super::spec::{Machine, Spec, Tls};

#[derive(Debug, Clone)]
pub struct Systemd {
    pub version: &'static str,
    pub flannel: bool,
    pub dns: bool,
    pub proxy: bool,
    pub in_batches_of: u16,
    pub at_once: u16,
    pub api_server_port: u16,
}

impl Systemd {
    pub const PLAIN: Self =
        Self { version: "v1.2.4", flannel: true, dns: true, proxy: true, in_batches_of: 2, at_once: 2, api_server_port: 8080 };

    /// `cluster.distribution.systemd`.
    pub fn value(&self) -> Value {
        let mut nodes = json!({"inBatchesOf": self.in_batches_of, "atOnce": self.at_once});
        if self.has_kubeconfigs() {
            nodes["kubelet"] = json!({"unit": "kubelet", "file": "/etc/kubernetes/kubelet.conf"});
        }
        let mut value = json!({
            "version": self.version, "apiServerPort": self.api_server_port, "nodes": nodes,
            "apiServer": {"unit": "kube-apiserver", "flags": {"insecure-bind-address": "0.0.0.0", "service-account-key-file": "/etc/k8s/sa.key", "allow-privileged": true}},
        });
        if self.proxy {
            value["proxy"] = json!({"unit": "kube-proxy", "flags": {"proxy-mode": "iptables"}});
        }
        if self.flannel {
            value["flannel"] = json!({"prefix": "/flannel/network"});
        }
        if self.dns {
            value["dns"] = json!({
                "domain": "cluster.local", "version": "v9", "nextVersion": "v10",
                "kube2sky": {"image": "registry.example/kube2sky:0.4"}, "skydns": {"image": "registry.example/skydns:1.5"},
            });
        }
        value
    }

    fn has_kubeconfigs(&self) -> bool {
        self.version != "v1.2.4"
    }
}

/// What is drawn: the settings, and how many nodes there are besides.
pub type Drawn = (Systemd, usize);

pub fn drawn() -> impl Strategy<Value = Drawn> {
    let version = prop::sample::select(vec!["v1.2.4", "v1.9.11", "v1.18.20"]);
    let sizes = (1..=20_u16, 1..=10_u16, prop_oneof![Just(8080_u16), Just(8888_u16)], prop_oneof![Just(0), 0..=6_usize, 0..=40_usize]);
    (version, any::<[bool; 3]>(), sizes).prop_map(|(version, [flannel, dns, proxy], (in_batches_of, at_once, api_server_port, nodes))| {
        (Systemd { version, flannel, dns, proxy, in_batches_of, at_once, api_server_port }, nodes)
    })
}

/// Makes a random spec one of binaries: one control plane at each end, the same nodes at both, etcd wherever it was.
pub fn make(spec: &mut Spec, (systemd, further): &Drawn) {
    let six = spec.address.contains(':');
    for end in [&mut spec.source, &mut spec.target] {
        end.control_plane.truncate(1);
        end.virtual_ip.clear();
        end.join = None;
    }
    let servers: Vec<String> = [&spec.source, &spec.target].iter().flat_map(|end| end.control_plane.clone()).collect();
    let mut nodes: Vec<String> = spec.source.workers.iter().filter(|name| !servers.contains(name)).cloned().collect();
    for index in 0..*further {
        let name = format!("node-{index}");
        let address = if six { format!("fd00:20::1:{index}") } else { format!("10.21.0.{}", index + 1) };
        spec.machines.push(Machine { name: name.clone(), address, user: "root", pods: None });
        nodes.push(name);
    }
    (spec.source.workers, spec.target.workers) = (nodes.clone(), nodes);
    let used = |name: &String| {
        [&spec.source, &spec.target].iter().any(|end| [&end.control_plane, &end.workers, &end.etcd].iter().any(|list| list.contains(name)))
    };
    spec.machines.retain(|machine| used(&machine.name));
    spec.tls = Tls::Plain;
    // The v2 API knows nothing else.
    spec.join = "voter";
    spec.systemd = Some(systemd.clone());
}

/// Any random spec, as one of binaries.
fn of_binaries(mut spec: Spec, drawn: &Drawn) -> Spec {
    if spec.systemd.is_none() {
        spec.kubeadm = None;
        make(&mut spec, drawn);
    }
    spec
}

/// Whether the first of two steps must come before the second, whatever the ends are.
fn must_come_before(first: (Phase, &Action), second: (Phase, &Action), migration: &Migration) -> bool {
    let moves = migration.source.join_address.value != migration.target.join_address.value;
    match (first.1, second.1) {
        (Action::InstallControlPlane { .. }, Action::HandOverControlPlane { .. })
        | (Action::HandOverControlPlane { .. }, Action::RepointWorkstation { .. })
        | (Action::StartControllers { .. }, Action::RollDns { .. })
        | (Action::RollDns { .. }, Action::RemoveEtcdMember { .. })
        | (Action::HandOverControlPlane { .. } | Action::RepointNodes { .. }, Action::StartControllers { .. }) => true,
        (Action::HandOverControlPlane { .. }, Action::RepointNodes { .. }) => moves,
        (Action::RepointNodes { datastore, .. }, Action::RemoveEtcdMember { .. }) => {
            first.0 == Phase::RepointClients && !datastore.is_empty()
        }
        _ => false,
    }
}

fn swapped(plan: &Plan, earlier: usize, later: usize) -> Plan {
    let mut plan = plan.clone();
    plan.steps.iter_mut().for_each(|step| step.needs.clear());
    plan.steps.swap(earlier, later);
    plan
}

proptest! {
    #![proptest_config(super::cases(60))]

    #[test]
    fn whoever_is_told_of_a_move_is_told_at_the_right_time(spec in spec(), drawn in drawn()) {
        let spec = of_binaries(spec, &drawn);
        let Some((migration, plan)) = super::planned(&spec.text()) else { return Ok(()) };
        let of = |at: usize| (plan.steps[at].phase, &plan.steps[at].action);
        for later in 1..plan.steps.len() {
            for earlier in (0..later).filter(|earlier| must_come_before(of(*earlier), of(later), &migration)) {
                let (_, findings) = judge(&migration, &swapped(&plan, earlier, later));
                prop_assert!(findings.has_errors(), "{} and {}\n{}", plan.steps[earlier].id, plan.steps[later].id, spec.text());
            }
        }
    }

    /// Each node is told as often as there is something to tell, in batches of the size that the spec says.
    #[test]
    fn each_node_is_in_one_batch_of_each_round(spec in spec(), drawn in drawn()) {
        let spec = of_binaries(spec, &drawn);
        let Some((migration, plan)) = super::planned(&spec.text()) else { return Ok(()) };
        for phase in [Phase::RepointClients, Phase::SettleControlPlane] {
            let batches: Vec<_> = plan.steps.iter().filter(|step| step.phase == phase).filter_map(|step| match &step.action {
                Action::RepointNodes { nodes, .. } => Some(nodes),
                _ => None,
            }).collect();
            let size = usize::from(spec.systemd.as_ref().unwrap().in_batches_of);
            prop_assert!(batches.iter().all(|batch| batch.len() <= size));
            prop_assert!(batches.len() <= migration.source.workers.len().div_ceil(size));
            let told: Vec<_> = batches.iter().flat_map(|batch| batch.iter().cloned()).collect();
            let all: Vec<_> = migration.source.workers.iter().map(|role| role.value.clone()).collect();
            prop_assert!(told.is_empty() || told == all, "{told:?}\n{}", spec.text());
        }
    }

    #[test]
    fn what_a_random_plan_hands_out_is_read_by_an_api_server(spec in spec(), drawn in drawn()) {
        let spec = of_binaries(spec, &drawn);
        let Some(spec) = super::safety::accepting(&spec) else { return Ok(()) };
        let Ok(compiled) = replank::pipeline::compile(&super::file(&spec.text()), &[]) else { return Ok(()) };
        for (path, text) in compiled.tree.files.iter().filter(|(path, _)| path.starts_with("steps/") && path.ends_with(".yaml")) {
            let complaints = crate::kubeadm::schemas::complaints(spec.systemd.as_ref().unwrap().version, text);
            prop_assert!(complaints.is_empty(), "{path}: {complaints:?}\n{text}");
        }
    }
}

proptest! {
    #![proptest_config(proptest::test_runner::Config { cases: 10, failure_persistence: None, ..Default::default() })]

    #[test]
    fn nearly_every_such_spec_is_valid_and_most_compile(specs in prop::collection::vec((spec(), drawn()), 20)) {
        let made: Vec<Spec> = specs.into_iter().map(|(spec, drawn)| of_binaries(spec, &drawn)).collect();
        let valid = made.iter().filter(|spec| super::resolved(&spec.text()).is_some()).count();
        prop_assert!(valid >= 17, "{valid} of 20 are valid");
        // One voter cannot become two by the v2 API without a moment in which etcd has no quorum; that is refused.
        let compiled = made.iter().filter(|spec| super::safety::compiled(spec).is_some()).count();
        prop_assert!(compiled >= 5, "{compiled} of 20 compile");
    }
}
