//! Mistakes about who reaches the API.

use replank::diag::Code;
use replank::ir::{Action, Phase};
use replank::model::{EtcdJoin, JoinAddress};

use super::builder::{Draft, End, Story, machine, machines};
use super::flagship::{action_mut, drafts, story};
use super::show::{clean, exactly};

#[test]
fn an_api_server_must_not_use_a_member_that_has_left() {
    let mut drafts = drafts();
    let action = Action::AddControlPlane { machine: machine("phy-1"), datastore: machines(&["phy-1", "vm-1"]), cordoned: Vec::new() };
    *action_mut(&mut drafts, "40-add-control-plane/phy-1") = action;
    exactly(Code::V101, &story(), &drafts);
}

/// One control plane, and one member of etcd is exchanged.
fn single() -> (Story, Vec<Draft>) {
    let source = End { control_plane: vec!["a"], workers: vec!["w".into()], etcd: vec!["a", "b", "c"], join: Some("a"), ..End::default() };
    let target = End { etcd: vec!["a", "b", "d"], ..source.clone() };
    let on = |phase, name: &str, action| Draft::new(phase, name, action, &[]);
    let repoint = |list: &[&str]| Action::RepointControlPlane { machine: machine("a"), datastore: machines(list) };
    let mut drafts = vec![
        on(Phase::Prepare, "workstation", Action::PrepareWorkstation),
        on(Phase::Prepare, "d", Action::PrepareMachine { machine: machine("d") }),
        on(Phase::BackUp, "etcd", Action::BackUpEtcd { member: machine("a") }),
        on(Phase::BackUp, "control-plane", Action::BackUpControlPlane { machine: machine("a") }),
        on(Phase::RepointControlPlane, "a", repoint(&["a", "b"])),
        on(Phase::SwapEtcd, "d", Action::AddEtcdMember { machine: machine("d"), join: EtcdJoin::Learner }),
        on(Phase::SwapEtcd, "c", Action::RemoveEtcdMember { machine: machine("c"), leader_to: machine("a") }),
        on(Phase::SettleControlPlane, "a", repoint(&["a", "b", "d"])),
    ];
    for name in ["a", "b", "d"] {
        drafts.push(on(Phase::SettleEtcd, name, Action::RewriteEtcdUnit { machine: machine(name) }));
    }
    drafts.push(on(Phase::SettleEtcd, "prove", Action::ProveEtcd { member: machine("a") }));
    drafts.push(on(Phase::CleanUp, "c", Action::CleanUp { machine: machine("c") }));
    (Story::new(&source, &target), drafts)
}

#[test]
fn the_only_api_server_cannot_restart_unnoticed() {
    let (story, drafts) = single();
    exactly(Code::V102, &story, &drafts);
}

#[test]
fn an_accepted_outage_stands_in_the_ledger_at_each_of_its_steps() {
    let (story, drafts) = single();
    let story = story.accepting("api-outage", "45-repoint-control-plane/a").accepting("api-outage", "85-settle-control-plane");
    let ledger = clean(&story, &drafts);
    let steps: Vec<_> = ledger.accepted.iter().map(|accepted| (accepted.step.as_str(), accepted.acceptance)).collect();
    assert_eq!(steps, [("45-repoint-control-plane/a", 0), ("85-settle-control-plane/a", 1)]);
    assert!(ledger.accepted.iter().all(|accepted| accepted.risk == "api-outage" && accepted.finding.contains("restarts")));
}

#[test]
fn api_servers_that_all_use_one_member_share_its_fate() {
    let mut drafts = drafts();
    for name in super::flagship::NEW {
        let action = Action::AddControlPlane { machine: machine(name), datastore: machines(&["phy-1"]), cordoned: Vec::new() };
        *action_mut(&mut drafts, &format!("40-add-control-plane/{name}")) = action;
    }
    let ledger = exactly(Code::V103, &story(), &drafts);
    assert!(!ledger.survives_any_one_host);
}

#[test]
fn workers_must_not_keep_the_address_of_a_control_plane_that_goes() {
    let ends = |control_plane, join| End { control_plane, workers: vec!["w".into()], etcd: vec!["e"], join: Some(join), ..End::default() };
    let story = Story::new(&ends(vec!["a", "b"], "a"), &ends(vec!["b"], "b")).asking_for(0);
    let on = |phase, name: &str, action| Draft::new(phase, name, action, &[]);
    let join = JoinAddress::Machine(machine("b"));
    let good = vec![
        on(Phase::Prepare, "workstation", Action::PrepareWorkstation),
        on(Phase::BackUp, "etcd", Action::BackUpEtcd { member: machine("e") }),
        on(Phase::BackUp, "control-plane", Action::BackUpControlPlane { machine: machine("b") }),
        on(Phase::RepointClients, "w", Action::RepointWorker { machine: machine("w"), join: join.clone() }),
        on(Phase::RepointClients, "workstation", Action::RepointWorkstation { join }),
        on(Phase::RemoveNodes, "a", Action::RemoveNode { machine: machine("a"), cordoned: vec![machine("a")] }),
        on(Phase::CleanUp, "a", Action::CleanUp { machine: machine("a") }),
    ];
    clean(&story, &good);
    for forgotten in [3, 4] {
        let mut drafts = good.clone();
        drafts.remove(forgotten);
        let plan = super::builder::plan(&story.migration, &drafts);
        let (_, findings) = replank::verify::judge(&story.migration, &plan);
        assert!(super::show::codes(&findings).contains(&Code::V101), "{forgotten}");
    }
}
