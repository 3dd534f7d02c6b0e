//! Random specs, built so that nearly all of them are valid: what is drawn is how the two ends overlap, and under which policy.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::kubeadm;
use super::spec::{End, Machine, Spec, Tls};
use super::systemd;

/// Names that stand before or inside one another, and names that steps have for themselves.
const NAMES: [[&str; 9]; 3] = [
    ["a", "b", "c", "d", "e", "f", "g", "h", "i"],
    ["vm-1", "vm-1-a", "a-vm-1", "vm-10", "vm-2", "phy-1", "phy-2", "phy-3", "phy-4"],
    ["etcd-0", "virtual", "prove", "control-plane", "hook", "lower", "k3s", "end", "source"],
];

/// How the target's list comes from the source's.
#[derive(Debug, Clone, Copy)]
enum Fate {
    Stays,
    Reversed,
    Drawn,
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![2 => Just(Fate::Stays), 1 => Just(Fate::Reversed), 4 => Just(Fate::Drawn)]
}

/// A role at both ends: the source's list, the target's as drawn, and what becomes of it.
fn role(pool: Vec<String>, least: usize, most: usize) -> impl Strategy<Value = (Vec<String>, Vec<String>)> {
    let most = most.min(pool.len());
    let least = least.min(most);
    let list = move |pool: Vec<String>| (Just(pool).prop_shuffle(), least..=most).prop_map(|(list, count)| list[..count].to_vec());
    (list(pool.clone()), list(pool), fate()).prop_map(|(source, drawn, fate)| {
        let target = match fate {
            Fate::Stays => source.clone(),
            Fate::Reversed => source.iter().rev().cloned().collect(),
            Fate::Drawn => drawn,
        };
        (source, target)
    })
}

/// Where etcd runs.
#[derive(Debug, Clone, Copy)]
enum Where {
    Anywhere,
    OnControlPlanes,
    OnItsOwn,
}

fn ends(names: Vec<String>, servers: usize, place: Where) -> impl Strategy<Value = (End, End)> {
    let (control_plane, rest) = names.split_at(servers.min(names.len()));
    let (control_plane, rest) = (control_plane.to_vec(), rest.to_vec());
    let etcd = match place {
        Where::OnItsOwn if !rest.is_empty() => rest.clone(),
        Where::OnControlPlanes => control_plane.clone(),
        Where::OnItsOwn | Where::Anywhere => names.clone(),
    };
    (role(control_plane, 1, 5), role(rest, 0, 5), role(etcd, 1, 5), virtual_ip(), any::<[prop::sample::Index; 2]>(), [0..3_u8, 0..3_u8])
        .prop_map(|(control_plane, workers, etcd, virtual_ip, join, kind)| {
            let end = |control_plane, workers, etcd| End { control_plane, workers, etcd, ..End::default() };
            let mut source = end(control_plane.0, workers.0, etcd.0);
            let mut target = end(control_plane.1, workers.1, etcd.1);
            (source.virtual_ip, target.virtual_ip) = candidates(&source, &target, &virtual_ip);
            for (end, (pick, kind)) in [&mut source, &mut target].into_iter().zip(join.iter().zip(kind)) {
                end.join = match kind {
                    0 => None,
                    1 if !end.virtual_ip.is_empty() => Some("virtualIp".into()),
                    _ => Some(pick.get(&end.control_plane).clone()),
                };
            }
            (source, target)
        })
}

/// 0: none; 1: at the target; 2: at both ends; 3: both, and the candidates that can stay do. With how many, and in which order.
type Drawn = (u8, [usize; 2], [bool; 2]);

fn virtual_ip() -> impl Strategy<Value = Drawn> {
    (0..4_u8, [1..=5_usize, 1..=5_usize], any::<[bool; 2]>())
}

fn candidates(source: &End, target: &End, (kind, counts, turned): &Drawn) -> (Vec<String>, Vec<String>) {
    let some = |end: &End, count: usize, turned: bool| {
        let mut list: Vec<_> = end.control_plane.iter().take(count).cloned().collect();
        if turned {
            list.reverse();
        }
        list
    };
    let (before, after) = (some(source, counts[0], turned[0]), some(target, counts[1], turned[1]));
    let kept: Vec<_> = before.iter().filter(|name| target.control_plane.contains(name)).cloned().collect();
    match kind {
        0 => (Vec::new(), Vec::new()),
        1 => (Vec::new(), after),
        3 if !kept.is_empty() => (before, kept),
        _ => (before, after),
    }
}

fn hook() -> impl Strategy<Value = (bool, &'static str, bool)> {
    let phases: Vec<_> = replank::ir::Phase::ALL.iter().flat_map(|phase| [phase.kind(), phase.folder()]).collect();
    (any::<bool>(), prop::sample::select(phases), any::<bool>())
}

fn written((before, anchor, on_machine): &(bool, &str, bool), index: usize, machine: &str) -> Value {
    let moment = if *before { "before" } else { "after" };
    let on = if *on_machine { machine } else { "workstation" };
    json!({"id": format!("hook-{index}"), "at": {moment: anchor}, "on": on,
        "title": {"en": "A step of the team", "zh": "团队的步骤"}, "run": [{"shell": "true"}]})
}

#[derive(Debug, Clone)]
struct Settings {
    order: &'static str,
    join: &'static str,
    tolerance: u32,
    tls: bool,
    docker: bool,
    env: bool,
    six: bool,
    user: &'static str,
    declared: usize,
    member_names: usize,
    pods: Option<(u32, u32)>,
    flags: Vec<(&'static str, Value)>,
}

/// Flags that every etcd of today knows, as text, number and truth.
fn flags() -> impl Strategy<Value = Vec<(&'static str, Value)>> {
    let known = vec![
        ("snapshot-count", json!(10000)),
        ("quota-backend-bytes", json!(8_589_934_592_u64)),
        ("auto-compaction-retention", json!("1h")),
        ("election-timeout", json!("2000")),
        ("enable-pprof", json!(true)),
    ];
    let most = known.len();
    prop_oneof![2 => Just(Vec::new()), 1 => prop::sample::subsequence(known, 1..=most).prop_shuffle()]
}

fn settings() -> impl Strategy<Value = Settings> {
    let policy = (
        prop_oneof![3 => Just("addThenRemove"), 1 => Just("removeThenAdd")],
        prop_oneof![4 => Just("learner"), 1 => Just("voter")],
        0..=2_u32,
    );
    let pods = prop_oneof![4 => Just(None), 1 => (0..30_u32, 0..60_u32).prop_map(Some)];
    let user = prop::sample::select(vec!["root", "ops"]);
    (policy, any::<[bool; 4]>(), user, 0..=5_usize, 0..=3_usize, pods, flags()).prop_map(
        |((order, join, tolerance), [tls, docker, env, six], user, declared, member_names, pods, flags)| Settings {
            order,
            join,
            tolerance,
            tls,
            docker,
            env,
            six,
            user,
            declared,
            member_names,
            pods,
            flags,
        },
    )
}

#[derive(Debug, Clone)]
enum Distribution {
    K3s,
    Kubeadm(kubeadm::Drawn),
    Systemd(systemd::Drawn),
}

/// A random spec. It may be unsafe under its own policy; it is hardly ever wrong.
pub fn spec() -> impl Strategy<Value = Spec> {
    let names = (prop::sample::select(NAMES.to_vec()), 1..=9_usize).prop_map(|(names, count)| names[..count].to_vec());
    let place = prop_oneof![Just(Where::Anywhere), Just(Where::OnControlPlanes), Just(Where::OnItsOwn)];
    let names = names.prop_map(|names| names.into_iter().map(str::to_owned).collect::<Vec<_>>()).prop_shuffle();
    let ends = (names, 1..=7_usize, place).prop_flat_map(|(names, servers, place)| ends(names, servers, place));
    let hooks = prop::collection::vec(hook(), 0..=2);
    let priorities = Just((1..=254_u8).collect::<Vec<_>>()).prop_shuffle();
    let distribution = prop_oneof![
        2 => Just(Distribution::K3s),
        2 => kubeadm::drawn().prop_map(Distribution::Kubeadm),
        1 => systemd::drawn().prop_map(Distribution::Systemd),
    ];
    (ends, settings(), priorities, hooks, distribution).prop_map(|((source, target), settings, priorities, hooks, distribution)| {
        let mut spec = Spec::between(source, target);
        settle(&mut spec, &settings);
        match &distribution {
            Distribution::K3s => {}
            Distribution::Kubeadm(drawn) => kubeadm::make(&mut spec, drawn),
            Distribution::Systemd(drawn) => systemd::make(&mut spec, drawn),
        }
        spec.priorities = spec.source.virtual_ip.iter().take(settings.declared).cloned().zip(priorities).collect();
        let named = spec.source.etcd.iter().take(settings.member_names);
        spec.member_names = named.enumerate().map(|(index, name)| (name.clone(), format!("member.{index}"))).collect();
        let machine = spec.machines[0].name.clone();
        spec.hooks = hooks.iter().enumerate().map(|(index, hook)| written(hook, index, &machine)).collect();
        spec
    })
}

fn settle(spec: &mut Spec, settings: &Settings) {
    (spec.order, spec.join, spec.tolerance) = (settings.order, settings.join, settings.tolerance);
    spec.tls = if settings.tls { Tls::Files } else { Tls::Plain };
    spec.runtime = if settings.docker { "docker" } else { "containerd" };
    spec.flags.clone_from(&settings.flags);
    if settings.env {
        (spec.token, spec.password) = (json!({"env": "JOIN_TOKEN"}), json!({"env": "VRRP_PASSWORD"}));
    }
    if settings.six {
        spec.address = "fd00:20::100/64";
    }
    for (index, machine) in spec.machines.iter_mut().enumerate() {
        *machine = Machine {
            name: machine.name.clone(),
            address: if settings.six { format!("fd00:20::{}", index + 11) } else { machine.address.clone() },
            user: if index % 2 == 0 { settings.user } else { "root" },
            pods: settings.pods,
        };
    }
}
