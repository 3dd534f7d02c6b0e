//! Control planes with their etcd move to machines that are workers already, behind load balancers; the old ones stay as workers.
//!
//! The drafts are a correct plan, written by hand; tests break one thing of it at a time.

use replank::diag::Code;
use replank::ir::{Action, Phase};
use replank::model::{EtcdJoin, JoinAddress};

use super::builder::{Draft, End, Story, machine, machines, plan};
use super::flagship::{action_mut, insert_after, remove};
use super::show::{clean, each_is_missed, exactly, only};

const OLD: [&str; 3] = ["old-1", "old-2", "old-3"];
const NEW: [&str; 3] = ["new-1", "new-2", "new-3"];

pub fn story() -> Story {
    story_with(&["node-1", "node-2"])
}

/// With workers that stay.
fn story_with(nodes: &[&str]) -> Story {
    let end = |servers: [&'static str; 3], others: [&str; 3], join| End {
        control_plane: servers.to_vec(),
        workers: others.iter().chain(nodes).map(|name| (*name).to_owned()).collect(),
        etcd: servers.to_vec(),
        virtual_ip: servers.to_vec(),
        join,
    };
    Story::new(&end(OLD, NEW, Some("old-1")), &end(NEW, OLD, None)).behind_load_balancers()
}

fn push(drafts: &mut Vec<Draft>, phase: Phase, name: &str, action: Action) {
    drafts.push(Draft::new(phase, name, action, &[]));
}

pub fn drafts() -> Vec<Draft> {
    let mut drafts = Vec::new();
    push(&mut drafts, Phase::Prepare, "workstation", Action::PrepareWorkstation);
    push(&mut drafts, Phase::Prepare, "virtual-ip", Action::ProveVirtualIp { candidates: machines(&OLD), below: 150 });
    for name in NEW {
        push(&mut drafts, Phase::Prepare, name, Action::PrepareMachine { machine: machine(name) });
    }
    push(&mut drafts, Phase::BackUp, "etcd", Action::BackUpEtcd { member: machine("old-1") });
    push(&mut drafts, Phase::BackUp, "control-plane", Action::BackUpControlPlane { machine: machine("old-1") });
    for name in NEW {
        push(&mut drafts, Phase::GrowEtcd, name, Action::AddEtcdMember { machine: machine(name), join: EtcdJoin::Learner });
    }
    for (index, name) in NEW.iter().enumerate() {
        let action = Action::AddControlPlane { machine: machine(name), datastore: machines(&NEW), cordoned: machines(&NEW[index..]) };
        push(&mut drafts, Phase::AddControlPlane, name, action);
    }
    for name in NEW {
        push(&mut drafts, Phase::StartLoadBalancers, name, start(name, &NEW));
    }
    address_and_clients(&mut drafts);
    the_old_ones(&mut drafts);
    drafts
}

fn start(name: &str, upstreams: &[&str]) -> Action {
    Action::StartLoadBalancer { machine: machine(name), upstreams: machines(upstreams) }
}

fn lead(name: &str, upstreams: &[&str]) -> Action {
    Action::ReconfigureLoadBalancer { machine: machine(name), upstreams: machines(upstreams) }
}

fn address_and_clients(drafts: &mut Vec<Draft>) {
    for (name, priority) in NEW.iter().zip([250, 200, 150]) {
        push(drafts, Phase::MoveVirtualIp, name, Action::StartVirtualIp { machine: machine(name), priority });
    }
    push(drafts, Phase::MoveVirtualIp, "hand-over", Action::HandOverVirtualIp { leaving: machines(&OLD) });
    let join = JoinAddress::VirtualIp;
    push(drafts, Phase::RepointClients, "workstation", Action::RepointWorkstation { join: join.clone() });
    push(drafts, Phase::RepointClients, "service-proxies", Action::RepointServiceProxies { join: join.clone() });
    for name in ["node-1", "node-2", "old-2", "old-3"] {
        push(drafts, Phase::RepointClients, name, Action::RepointWorker { machine: machine(name), join: join.clone() });
    }
    push(drafts, Phase::RepointNetwork, "network", Action::RepointNetwork { datastore: machines(&NEW) });
}

fn the_old_ones(drafts: &mut Vec<Draft>) {
    for name in OLD {
        push(drafts, Phase::DemoteControlPlanes, name, Action::DemoteControlPlane { machine: machine(name) });
    }
    for name in OLD {
        push(drafts, Phase::SwapEtcd, name, Action::RemoveEtcdMember { machine: machine(name), leader_to: machine("new-1") });
    }
    let published = Action::PublishControlPlane { servers: machines(&NEW), datastore: machines(&NEW) };
    push(drafts, Phase::SettleControlPlane, "cluster", published);
    for name in NEW {
        push(drafts, Phase::SettleEtcd, name, Action::RewriteEtcdUnit { machine: machine(name) });
    }
    push(drafts, Phase::SettleEtcd, "etcd", Action::ProveEtcd { member: machine("new-1") });
}

/// Puts a draft of the plan behind another one.
fn later(drafts: &mut Vec<Draft>, path: &str, behind: &str, phase: Phase) {
    let mut draft = remove(drafts, path);
    (draft.phase, draft.name) = (phase, format!("{}-late", draft.name));
    insert_after(drafts, behind, draft);
}

#[test]
fn the_relocation_is_clean() {
    clean(&story(), &drafts());
}

#[test]
fn each_step_is_missed_when_it_is_left_out() {
    each_is_missed(&story(), drafts);
}

#[test]
fn a_load_balancer_that_leads_to_a_demoted_control_plane_is_found() {
    let mut drafts = drafts();
    *action_mut(&mut drafts, "47-start-load-balancers/new-2") = start("new-2", &["new-1", "new-2", "new-3", "old-1"]);
    let mend = Draft::new(Phase::SettleControlPlane, "new-2", lead("new-2", &NEW), &[]);
    insert_after(&mut drafts, "85-settle-control-plane/cluster", mend);
    exactly(Code::V104, &story(), &drafts);
}

#[test]
fn a_load_balancer_that_leads_to_nobody_is_found() {
    let mut drafts = drafts();
    let nobody = Draft::new(Phase::RepointNetwork, "new-3", lead("new-3", &[]), &[]);
    insert_after(&mut drafts, "67-repoint-network/network", nobody);
    let mend = Draft::new(Phase::SettleControlPlane, "new-3", lead("new-3", &NEW), &[]);
    insert_after(&mut drafts, "85-settle-control-plane/cluster", mend);
    let (_, findings) = replank::verify::judge(&story().migration, &plan(&story().migration, &drafts));
    assert!(super::show::codes(&findings).contains(&Code::V104));
}

#[test]
fn a_load_balancer_that_leads_to_some_of_the_target_only_is_found() {
    let mut drafts = drafts();
    *action_mut(&mut drafts, "47-start-load-balancers/new-1") = start("new-1", &["new-1", "new-2"]);
    only(Code::V501, &story(), &drafts);
}

#[test]
fn a_candidate_whose_load_balancer_starts_after_the_address_may_come_is_found() {
    let mut drafts = drafts();
    later(&mut drafts, "47-start-load-balancers/new-1", "50-move-virtual-ip/new-1", Phase::MoveVirtualIp);
    only(Code::V303, &story(), &drafts);
}

#[test]
fn a_load_balancer_is_not_started_twice() {
    let mut drafts = drafts();
    let again = Draft::new(Phase::StartLoadBalancers, "new-1-again", start("new-1", &NEW), &[]);
    insert_after(&mut drafts, "47-start-load-balancers/new-1", again);
    only(Code::V405, &story(), &drafts);
}

#[test]
fn a_network_that_is_told_after_a_member_has_left_is_found() {
    let mut drafts = drafts();
    later(&mut drafts, "67-repoint-network/network", "80-swap-etcd/old-1", Phase::SwapEtcd);
    only(Code::V101, &story(), &drafts);
}

#[test]
fn a_network_on_a_machine_that_is_no_member_is_found() {
    let mut drafts = drafts();
    *action_mut(&mut drafts, "67-repoint-network/network") = Action::RepointNetwork { datastore: machines(&["node-1"]) };
    let mend = Draft::new(Phase::RepointNetwork, "again", Action::RepointNetwork { datastore: machines(&NEW) }, &[]);
    insert_after(&mut drafts, "67-repoint-network/network", mend);
    only(Code::V209, &story(), &drafts);
}

#[test]
fn service_proxies_that_are_repointed_late_are_found() {
    let mut drafts = drafts();
    later(&mut drafts, "65-repoint-clients/service-proxies", "72-demote-control-planes/old-1", Phase::DemoteControlPlanes);
    only(Code::V101, &story(), &drafts);
}

#[test]
fn service_proxies_that_are_never_repointed_are_found() {
    let mut drafts = drafts();
    remove(&mut drafts, "65-repoint-clients/service-proxies");
    let (_, findings) = replank::verify::judge(&story().migration, &plan(&story().migration, &drafts));
    let codes: Vec<_> = super::show::codes(&findings).into_iter().collect();
    assert_eq!(codes, [Code::V101, Code::V501], "at once, and at the end");
}

#[test]
fn an_api_server_that_outlives_its_members_is_found() {
    let mut drafts = drafts();
    later(&mut drafts, "72-demote-control-planes/old-3", "80-swap-etcd/old-1", Phase::SwapEtcd);
    only(Code::V101, &story(), &drafts);
}

#[test]
fn a_candidate_is_not_demoted_before_the_address_is_handed_over() {
    let mut drafts = drafts();
    let early = remove(&mut drafts, "72-demote-control-planes/old-3");
    let path = "47-start-load-balancers/new-3";
    insert_after(&mut drafts, path, Draft { phase: Phase::MoveVirtualIp, name: "old-3-early".into(), ..early });
    // The old load balancers lead elsewhere by then.
    for name in ["old-1", "old-2"] {
        insert_after(&mut drafts, path, Draft::new(Phase::StartLoadBalancers, name, lead(name, &NEW), &[]));
    }
    *action_mut(&mut drafts, "50-move-virtual-ip/hand-over") = Action::HandOverVirtualIp { leaving: machines(&OLD[..2]) };
    only(Code::V306, &story(), &drafts);
}

#[test]
fn a_cluster_that_names_a_control_plane_that_is_gone_is_found() {
    let mut drafts = drafts();
    let published = Action::PublishControlPlane { servers: machines(&["old-1", "new-2", "new-3"]), datastore: machines(&NEW) };
    *action_mut(&mut drafts, "85-settle-control-plane/cluster") = published;
    only(Code::V501, &story(), &drafts);
}

#[test]
fn a_cluster_that_names_a_member_that_is_gone_is_found() {
    let mut drafts = drafts();
    let published = Action::PublishControlPlane { servers: machines(&NEW), datastore: machines(&["old-1", "new-2", "new-3"]) };
    *action_mut(&mut drafts, "85-settle-control-plane/cluster") = published;
    only(Code::V501, &story(), &drafts);
}

#[test]
fn pods_do_not_move_to_a_node_that_is_drained_next() {
    let mut drafts = drafts();
    let forgetful = Action::AddControlPlane { machine: machine("new-1"), datastore: machines(&NEW), cordoned: machines(&["new-1"]) };
    *action_mut(&mut drafts, "40-add-control-plane/new-1") = forgetful;
    only(Code::V402, &story(), &drafts);
}

#[test]
fn a_node_that_nobody_opens_again_is_found() {
    let mut drafts = drafts();
    let Action::AddControlPlane { cordoned, .. } = action_mut(&mut drafts, "40-add-control-plane/new-1") else { panic!() };
    cordoned.push(machine("node-1"));
    only(Code::V501, &story(), &drafts);
}

#[test]
fn a_worker_is_not_drained_where_nobody_takes_its_pods() {
    let mut drafts = drafts();
    for path in ["65-repoint-clients/node-1", "65-repoint-clients/node-2"] {
        remove(&mut drafts, path);
    }
    only(Code::V402, &story_with(&[]), &drafts);
}

#[test]
fn service_proxies_that_stay_with_a_control_plane_are_found_although_it_stays_too() {
    let end = |servers: &[&'static str], others: &[&str]| End {
        control_plane: servers.to_vec(),
        workers: others.iter().map(|name| (*name).to_owned()).collect(),
        etcd: vec!["old-1"],
        virtual_ip: servers.to_vec(),
        join: Some("old-1"),
    };
    let source = end(&["old-1", "old-2"], &["node-1"]);
    let story = Story::new(&source, &End { join: None, ..source.clone() }).behind_load_balancers().asking_for(0);
    let join = JoinAddress::VirtualIp;
    let mut drafts = vec![
        Draft::new(Phase::Prepare, "workstation", Action::PrepareWorkstation, &[]),
        Draft::new(Phase::RepointClients, "workstation", Action::RepointWorkstation { join: join.clone() }, &[]),
        Draft::new(Phase::RepointClients, "service-proxies", Action::RepointServiceProxies { join: join.clone() }, &[]),
        Draft::new(Phase::RepointClients, "node-1", Action::RepointWorker { machine: machine("node-1"), join }, &[]),
    ];
    clean(&story, &drafts);
    remove(&mut drafts, "65-repoint-clients/service-proxies");
    only(Code::V501, &story, &drafts);
}

#[test]
fn the_address_stays_where_a_load_balancer_goes_on_while_the_api_server_beside_it_restarts() {
    let mut drafts = drafts();
    let again = Action::RepointControlPlane { machine: machine("new-1"), datastore: machines(&NEW) };
    insert_after(&mut drafts, "80-swap-etcd/old-3", Draft::new(Phase::SettleControlPlane, "new-1", again, &[]));
    let ledger = clean(&story(), &drafts);
    let last = ledger.rows.last().unwrap().after.virtual_ip.clone().unwrap();
    assert_eq!(last.possible_holders, machines(&["new-1"]));
}
