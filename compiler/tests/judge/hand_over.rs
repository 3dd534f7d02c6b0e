//! One control plane and its etcd move to other machines where one API server writes at a time; the nodes are told, in batches.
//!
//! The drafts are a correct plan, written by hand; tests break one thing of it at a time.

use std::collections::BTreeSet;

use replank::diag::Code;
use replank::ir::{Action, Phase};
use replank::model::{EtcdJoin, JoinAddress};
use replank::verify::judge;

use super::builder::{Draft, End, Story, machine, machines, plan};
use super::flagship::{action_mut, insert_after, remove};
use super::show::{clean, codes, each_is_missed, exactly, only};

const OLD: [&str; 3] = ["old-1", "old-2", "old-3"];
const NEW: [&str; 3] = ["new-1", "new-2", "new-3"];
const HAND_OVER: &str = "52-hand-over-control-plane/new";

fn story() -> Story {
    let end = |server: &'static str, members: [&'static str; 3]| End {
        control_plane: vec![server],
        workers: ["node-1", "node-2", "node-3"].map(str::to_owned).to_vec(),
        etcd: members.to_vec(),
        virtual_ip: Vec::new(),
        join: Some(server),
    };
    let story = Story::new(&end("old", OLD), &end("new", NEW)).of_binaries().asking_for(0);
    story.accepting("api-outage", HAND_OVER)
}

fn push(drafts: &mut Vec<Draft>, phase: Phase, name: &str, action: Action) {
    drafts.push(Draft::new(phase, name, action, &[]));
}

fn drafts() -> Vec<Draft> {
    let mut drafts = Vec::new();
    push(&mut drafts, Phase::Prepare, "workstation", Action::PrepareWorkstation);
    for name in ["new", "new-1", "new-2", "new-3"] {
        push(&mut drafts, Phase::Prepare, name, Action::PrepareMachine { machine: machine(name) });
    }
    push(&mut drafts, Phase::BackUp, "etcd", Action::BackUpEtcd { member: machine("old-1") });
    push(&mut drafts, Phase::BackUp, "control-plane", Action::BackUpControlPlane { machine: machine("old") });
    for name in NEW {
        push(&mut drafts, Phase::GrowEtcd, name, Action::AddEtcdMember { machine: machine(name), join: EtcdJoin::Voter });
    }
    let (new, datastore) = (machine("new"), machines(&NEW));
    push(&mut drafts, Phase::AddControlPlane, "new", Action::InstallControlPlane { machine: new.clone(), datastore: datastore.clone() });
    let hand_over = Action::HandOverControlPlane { from: machine("old"), to: new.clone(), datastore: datastore.clone() };
    push(&mut drafts, Phase::HandOverControlPlane, "new", hand_over);
    push(&mut drafts, Phase::RepointClients, "workstation", Action::RepointWorkstation { join: JoinAddress::Machine(new.clone()) });
    push(&mut drafts, Phase::RepointClients, "node-1", batch(&["node-1", "node-2"], &NEW));
    push(&mut drafts, Phase::RepointClients, "node-3", batch(&["node-3"], &NEW));
    push(&mut drafts, Phase::StartControllers, "new", Action::StartControllers { machine: new.clone() });
    push(&mut drafts, Phase::RollDns, "dns", Action::RollDns { server: new, datastore });
    for name in OLD {
        push(&mut drafts, Phase::SwapEtcd, name, Action::RemoveEtcdMember { machine: machine(name), leader_to: machine("new-1") });
    }
    for name in NEW {
        push(&mut drafts, Phase::SettleEtcd, name, Action::RewriteEtcdUnit { machine: machine(name) });
    }
    push(&mut drafts, Phase::SettleEtcd, "etcd", Action::ProveEtcd { member: machine("new-1") });
    for name in ["old", "old-1", "old-2", "old-3"] {
        push(&mut drafts, Phase::CleanUp, name, Action::CleanUp { machine: machine(name) });
    }
    drafts
}

fn batch(nodes: &[&str], datastore: &[&str]) -> Action {
    Action::RepointNodes { nodes: machines(nodes), join: JoinAddress::Machine(machine("new")), datastore: machines(datastore) }
}

/// Puts a draft of the plan behind another one, as a step of that one's phase.
fn behind(drafts: &mut Vec<Draft>, path: &str, other: &str) {
    let mut draft = remove(drafts, path);
    draft.phase = drafts.iter().find(|draft| draft.id().as_str() == other).unwrap().phase;
    draft.name = format!("{}-elsewhere", draft.name);
    insert_after(drafts, other, draft);
}

#[track_caller]
fn all_of(expected: &[Code], drafts: &[Draft]) {
    let (_, findings) = judge(&story().migration, &plan(&story().migration, drafts));
    assert_eq!(codes(&findings), expected.iter().copied().collect::<BTreeSet<_>>(), "{}", super::show::text(&findings, &story()));
}

#[test]
fn the_hand_over_is_clean() {
    clean(&story(), &drafts());
}

#[test]
fn each_step_is_missed_when_it_is_left_out() {
    each_is_missed(&story(), drafts);
}

#[test]
fn an_api_that_is_away_is_a_risk_that_somebody_takes() {
    let mut story = story();
    story.migration.acceptances.clear();
    only(Code::V102, &story, &drafts());
}

#[test]
fn a_hand_over_to_a_machine_on_which_nothing_lies_ready_is_found() {
    let mut drafts = drafts();
    remove(&mut drafts, "40-add-control-plane/new");
    only(Code::V405, &story(), &drafts);
}

#[test]
fn a_hand_over_to_another_list_of_members_than_the_one_that_lies_ready_is_found() {
    let mut drafts = drafts();
    let install = Action::InstallControlPlane { machine: machine("new"), datastore: machines(&NEW[..2]) };
    *action_mut(&mut drafts, "40-add-control-plane/new") = install;
    only(Code::V405, &story(), &drafts);
}

#[test]
fn a_control_plane_that_starts_beside_the_old_one_is_found() {
    let mut drafts = drafts();
    let beside = Action::AddControlPlane { machine: machine("new"), datastore: machines(&NEW), cordoned: Vec::new() };
    insert_after(&mut drafts, "40-add-control-plane/new", Draft::new(Phase::StartLoadBalancers, "new", beside, &[]));
    // Nobody is without an API then, which is why it is tempting.
    let mut story = story();
    story.migration.acceptances.clear();
    exactly(Code::V105, &story, &drafts);
}

#[test]
fn controllers_that_start_before_the_last_batch_are_found() {
    let mut drafts = drafts();
    behind(&mut drafts, "66-start-controllers/new", "65-repoint-clients/node-1");
    exactly(Code::V106, &story(), &drafts);
}

#[test]
fn a_batch_that_is_forgotten_is_found_at_once_and_at_the_end() {
    let mut drafts = drafts();
    remove(&mut drafts, "65-repoint-clients/node-3");
    all_of(&[Code::V101, Code::V106, Code::V501], &drafts);
}

#[test]
fn a_node_that_no_batch_names_is_found_like_a_batch_that_is_forgotten() {
    let mut drafts = drafts();
    *action_mut(&mut drafts, "65-repoint-clients/node-1") = batch(&["node-1"], &NEW);
    all_of(&[Code::V101, Code::V106, Code::V501], &drafts);
}

#[test]
fn a_batch_that_is_told_of_a_machine_that_is_no_member_is_found() {
    let mut drafts = drafts();
    *action_mut(&mut drafts, "65-repoint-clients/node-1") = batch(&["node-1", "node-2"], &["new-1", "new-2", "new"]);
    only(Code::V209, &story(), &drafts);
}

#[test]
fn a_batch_that_is_told_of_a_member_that_leaves_is_found() {
    let mut drafts = drafts();
    *action_mut(&mut drafts, "65-repoint-clients/node-3") = batch(&["node-3"], &["old-3", "new-1"]);
    all_of(&[Code::V101, Code::V501], &drafts);
}

#[test]
fn a_batch_that_keeps_the_old_address_is_found() {
    let mut drafts = drafts();
    let join = JoinAddress::Machine(machine("old"));
    let stays = Action::RepointNodes { nodes: machines(&["node-3"]), join, datastore: machines(&NEW) };
    *action_mut(&mut drafts, "65-repoint-clients/node-3") = stays;
    all_of(&[Code::V101, Code::V106, Code::V405, Code::V501], &drafts);
}

#[test]
fn a_batch_before_the_api_has_moved_is_found() {
    let mut drafts = drafts();
    behind(&mut drafts, "65-repoint-clients/node-1", "40-add-control-plane/new");
    let (_, findings) = judge(&story().migration, &plan(&story().migration, &drafts));
    assert!(codes(&findings).contains(&Code::V405), "{}", super::show::text(&findings, &story()));
}

#[test]
fn a_dns_that_is_never_rolled_is_found() {
    let mut drafts = drafts();
    remove(&mut drafts, "69-roll-dns/dns");
    all_of(&[Code::V101, Code::V501], &drafts);
}

#[test]
fn a_dns_that_goes_by_a_member_that_leaves_is_found() {
    let mut drafts = drafts();
    *action_mut(&mut drafts, "69-roll-dns/dns") = Action::RollDns { server: machine("new"), datastore: machines(&["new-1", "old-1"]) };
    all_of(&[Code::V101, Code::V501], &drafts);
}

#[test]
fn a_dns_is_not_rolled_while_nothing_starts_its_pods() {
    let mut drafts = drafts();
    behind(&mut drafts, "69-roll-dns/dns", "65-repoint-clients/node-3");
    only(Code::V405, &story(), &drafts);
}

#[test]
fn a_member_that_leaves_before_the_nodes_were_told_is_found() {
    let mut drafts = drafts();
    behind(&mut drafts, "80-swap-etcd/old-1", "65-repoint-clients/node-1");
    only(Code::V101, &story(), &drafts);
}

#[test]
fn controllers_that_never_start_are_found() {
    let mut drafts = drafts();
    remove(&mut drafts, "66-start-controllers/new");
    all_of(&[Code::V405, Code::V501], &drafts);
}

#[test]
fn an_old_control_plane_that_nobody_cleans_up_is_found() {
    let mut drafts = drafts();
    remove(&mut drafts, "90-clean-up/old");
    only(Code::V403, &story(), &drafts);
}

#[test]
fn an_old_control_plane_that_still_serves_is_not_cleaned_up() {
    let mut drafts = drafts();
    let early = remove(&mut drafts, "90-clean-up/old");
    insert_after(&mut drafts, "40-add-control-plane/new", early);
    let (_, findings) = judge(&story().migration, &plan(&story().migration, &drafts));
    assert!(codes(&findings).contains(&Code::V403), "{}", super::show::text(&findings, &story()));
}

#[test]
fn a_dns_that_goes_by_some_of_the_members_only_is_found() {
    let mut drafts = drafts();
    *action_mut(&mut drafts, "69-roll-dns/dns") = Action::RollDns { server: machine("new"), datastore: machines(&NEW[..2]) };
    only(Code::V501, &story(), &drafts);
    *action_mut(&mut drafts, "69-roll-dns/dns") = Action::RollDns { server: machine("new"), datastore: Vec::new() };
    all_of(&[Code::V209, Code::V501], &drafts);
}
