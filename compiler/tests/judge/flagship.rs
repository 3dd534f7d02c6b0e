//! Three virtual machines become six physical ones: etcd on five, control planes on three, workers on three.
//!
//! The drafts are a correct plan, written by hand; tests break one thing of it at a time.

use replank::ir::{Action, Phase};
use replank::model::{EtcdJoin, JoinAddress};

use super::builder::{Draft, End, Story, machine, machines};

pub const OLD: [&str; 3] = ["vm-1", "vm-2", "vm-3"];
pub const NEW: [&str; 3] = ["phy-1", "phy-2", "phy-3"];
pub const WORKERS: [&str; 3] = ["phy-4", "phy-5", "phy-6"];
pub const FIVE: [&str; 5] = ["phy-1", "phy-2", "phy-3", "phy-4", "phy-5"];

pub fn story() -> Story {
    story_with_etcd(&FIVE)
}

pub fn story_with_etcd(etcd: &[&'static str]) -> Story {
    let source = End { control_plane: OLD.to_vec(), etcd: OLD.to_vec(), virtual_ip: OLD.to_vec(), ..End::default() };
    let target = End {
        control_plane: NEW.to_vec(),
        workers: WORKERS.map(str::to_owned).to_vec(),
        etcd: etcd.to_vec(),
        virtual_ip: NEW.to_vec(),
        join: None,
    };
    Story::new(&source, &target)
}

pub fn drafts() -> Vec<Draft> {
    drafts_with_etcd(&FIVE)
}

/// Two members more, control planes on those two, the address, the workers; then the old nodes go, and the rest of etcd is
/// swapped one by one.
pub fn drafts_with_etcd(etcd: &[&str]) -> Vec<Draft> {
    let mut drafts = beginning();
    grow(&mut drafts, etcd);
    control_planes(&mut drafts);
    virtual_ip(&mut drafts);
    nodes(&mut drafts);
    swap(&mut drafts, etcd);
    settle(&mut drafts, etcd);
    let needs: Vec<_> = drafts.iter().filter(|draft| draft.phase >= Phase::RemoveNodes).cloned().collect();
    for name in OLD {
        push(&mut drafts, Phase::CleanUp, name, Action::CleanUp { machine: machine(name) }, &needs);
    }
    drafts
}

fn push(drafts: &mut Vec<Draft>, phase: Phase, name: &str, action: Action, needs: &[Draft]) {
    let needs: Vec<_> = needs.iter().collect();
    drafts.push(Draft::new(phase, name, action, &needs));
}

/// The drafts with one of these paths.
pub fn find(drafts: &[Draft], paths: &[&str]) -> Vec<Draft> {
    drafts.iter().filter(|draft| paths.contains(&draft.id().as_str())).cloned().collect()
}

fn of_phase(drafts: &[Draft], phase: Phase) -> Vec<Draft> {
    drafts.iter().filter(|draft| draft.phase == phase).cloned().collect()
}

fn beginning() -> Vec<Draft> {
    let mut drafts = Vec::new();
    push(&mut drafts, Phase::Prepare, "workstation", Action::PrepareWorkstation, &[]);
    let first = drafts.clone();
    for name in NEW.iter().chain(&WORKERS) {
        push(&mut drafts, Phase::Prepare, name, Action::PrepareMachine { machine: machine(name) }, &first);
    }
    push(&mut drafts, Phase::Prepare, "virtual-ip", Action::ProveVirtualIp { candidates: machines(&OLD), below: 150 }, &first);
    push(&mut drafts, Phase::BackUp, "etcd", Action::BackUpEtcd { member: machine("vm-1") }, &first);
    push(&mut drafts, Phase::BackUp, "control-plane", Action::BackUpControlPlane { machine: machine("vm-1") }, &first);
    drafts
}

fn grow(drafts: &mut Vec<Draft>, etcd: &[&str]) {
    for name in etcd.iter().take(2) {
        let mut needs = find(drafts, &["20-back-up/etcd", &format!("10-prepare/{name}")]);
        needs.extend(drafts.last().cloned());
        push(drafts, Phase::GrowEtcd, name, Action::AddEtcdMember { machine: machine(name), join: EtcdJoin::Learner }, &needs);
    }
}

fn control_planes(drafts: &mut Vec<Draft>) {
    for name in NEW {
        let mut needs = of_phase(drafts, Phase::GrowEtcd);
        needs.extend(find(drafts, &["20-back-up/control-plane", &format!("10-prepare/{name}")]));
        let action = Action::AddControlPlane { machine: machine(name), datastore: machines(&NEW[..2]), cordoned: Vec::new() };
        push(drafts, Phase::AddControlPlane, name, action, &needs);
    }
}

fn virtual_ip(drafts: &mut Vec<Draft>) {
    for (name, priority) in NEW.iter().zip([250, 200, 150]) {
        let needs = find(drafts, &[&format!("40-add-control-plane/{name}")]);
        push(drafts, Phase::MoveVirtualIp, name, Action::StartVirtualIp { machine: machine(name), priority }, &needs);
    }
    let mut needs = of_phase(drafts, Phase::MoveVirtualIp);
    needs.extend(find(drafts, &["10-prepare/virtual-ip"]));
    push(drafts, Phase::MoveVirtualIp, "hand-over", Action::HandOverVirtualIp { leaving: machines(&OLD) }, &needs);
}

fn nodes(drafts: &mut Vec<Draft>) {
    for name in WORKERS {
        let needs = find(drafts, &[&format!("10-prepare/{name}"), "50-move-virtual-ip/hand-over"]);
        push(drafts, Phase::AddWorkers, name, Action::AddWorker { machine: machine(name), join: JoinAddress::VirtualIp }, &needs);
    }
    for name in OLD {
        let mut needs = of_phase(drafts, Phase::AddWorkers);
        needs.extend(find(drafts, &["50-move-virtual-ip/hand-over"]));
        push(drafts, Phase::RemoveNodes, name, Action::RemoveNode { machine: machine(name), cordoned: vec![machine(name)] }, &needs);
    }
}

fn swap(drafts: &mut Vec<Draft>, etcd: &[&str]) {
    let mut newcomers = etcd.iter().skip(2);
    for name in OLD {
        if let Some(newcomer) = newcomers.next() {
            let mut needs = of_phase(drafts, Phase::RemoveNodes);
            needs.extend(drafts.last().cloned());
            let action = Action::AddEtcdMember { machine: machine(newcomer), join: EtcdJoin::Learner };
            push(drafts, Phase::SwapEtcd, newcomer, action, &needs);
        }
        let needs: Vec<_> = drafts.last().cloned().into_iter().collect();
        let action = Action::RemoveEtcdMember { machine: machine(name), leader_to: machine("phy-1") };
        push(drafts, Phase::SwapEtcd, name, action, &needs);
    }
}

fn settle(drafts: &mut Vec<Draft>, etcd: &[&str]) {
    let swapped = of_phase(drafts, Phase::SwapEtcd);
    for name in NEW {
        let action = Action::RepointControlPlane { machine: machine(name), datastore: machines(etcd) };
        push(drafts, Phase::SettleControlPlane, name, action, &swapped);
    }
    for name in etcd {
        push(drafts, Phase::SettleEtcd, name, Action::RewriteEtcdUnit { machine: machine(name) }, &swapped);
    }
    push(drafts, Phase::SettleEtcd, "prove", Action::ProveEtcd { member: machine("phy-1") }, &swapped);
}

/// Puts a draft behind the one with this path.
pub fn insert_after(drafts: &mut Vec<Draft>, path: &str, draft: Draft) {
    let at = drafts.iter().position(|other| other.id().as_str() == path).unwrap();
    drafts.insert(at + 1, draft);
}

pub fn remove(drafts: &mut Vec<Draft>, path: &str) -> Draft {
    let at = drafts.iter().position(|other| other.id().as_str() == path).unwrap();
    drafts.remove(at)
}

pub fn action_mut<'a>(drafts: &'a mut [Draft], path: &str) -> &'a mut Action {
    &mut drafts.iter_mut().find(|other| other.id().as_str() == path).unwrap().action
}
