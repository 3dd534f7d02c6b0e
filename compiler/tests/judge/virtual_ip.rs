//! Mistakes about the virtual IP.

use replank::diag::Code;
use replank::ir::{Action, Phase};
use replank::model::JoinAddress;

use super::builder::{Draft, End, Story, machine, machines};
use super::flagship::{OLD, action_mut, drafts, insert_after, remove, story};
use super::show::{clean, exactly};

fn start(name: &str, priority: u8) -> Action {
    Action::StartVirtualIp { machine: machine(name), priority }
}

#[test]
fn two_candidates_with_one_priority_are_found() {
    let mut drafts = drafts();
    *action_mut(&mut drafts, "50-move-virtual-ip/phy-3") = start("phy-3", 200);
    let action = Action::ReconfigureVirtualIp { machine: machine("phy-3"), priority: 150 };
    insert_after(&mut drafts, "50-move-virtual-ip/phy-3", Draft::new(Phase::MoveVirtualIp, "phy-3-again", action, &[]));
    exactly(Code::V301, &story(), &drafts);
}

#[test]
fn the_address_is_not_left_to_one_candidate() {
    let mut drafts = drafts();
    let mut early = remove(&mut drafts, "50-move-virtual-ip/hand-over");
    early.needs.clear();
    insert_after(&mut drafts, "50-move-virtual-ip/phy-1", early);
    exactly(Code::V302, &story(), &drafts);
}

#[test]
fn a_candidate_without_an_api_server_is_found() {
    let mut drafts = drafts();
    let mut late = remove(&mut drafts, "40-add-control-plane/phy-3");
    (late.phase, late.name) = (Phase::MoveVirtualIp, "phy-3-control-plane".into());
    insert_after(&mut drafts, "50-move-virtual-ip/phy-3", late);
    exactly(Code::V303, &story(), &drafts);
}

#[test]
fn a_hand_over_without_a_proof_of_the_old_priorities_is_found() {
    let mut drafts = drafts();
    let mut late = remove(&mut drafts, "10-prepare/virtual-ip");
    (late.phase, late.name) = (Phase::MoveVirtualIp, "late-proof".into());
    late.action = Action::ProveVirtualIp { candidates: machines(&OLD), below: 150 };
    insert_after(&mut drafts, "50-move-virtual-ip/hand-over", late);
    let (_, findings) = replank::verify::judge(&story().migration, &super::builder::plan(&story().migration, &drafts));
    assert!(super::show::codes(&findings).contains(&Code::V305));
    // Whatever else is wrong with a proof that comes too late, a proof of nobody is found too.
    let mut drafts = super::flagship::drafts();
    *action_mut(&mut drafts, "10-prepare/virtual-ip") = Action::ProveVirtualIp { candidates: machines(&OLD[..2]), below: 150 };
    let (_, findings) = replank::verify::judge(&story().migration, &super::builder::plan(&story().migration, &drafts));
    assert_eq!(super::show::codes(&findings), [Code::V305, Code::V501].into());
}

#[test]
fn the_address_does_not_go_to_lower_priorities() {
    let story = story().with_source_priorities(&[("vm-1", 160), ("vm-2", 140), ("vm-3", 120)]);
    exactly(Code::V305, &story, &drafts());
}

#[test]
fn a_control_plane_that_may_hold_the_address_is_not_removed() {
    let mut drafts = drafts();
    *action_mut(&mut drafts, "50-move-virtual-ip/hand-over") = Action::HandOverVirtualIp { leaving: machines(&["vm-2", "vm-3"]) };
    let story = story().with_source_priorities(&[("vm-1", 100), ("vm-2", 90), ("vm-3", 80)]);
    exactly(Code::V306, &story, &drafts);
}

#[test]
fn nobody_knows_who_holds_the_address_before_the_hand_over() {
    let ledger = clean(&story(), &drafts());
    let row = |path: &str| ledger.rows.iter().find(|row| row.step.as_ref().is_some_and(|step| step.as_str() == path)).unwrap();
    let before = row("50-move-virtual-ip/phy-3").after.virtual_ip.clone().unwrap();
    assert_eq!(before.possible_holders, machines(&OLD));
    let after = row("50-move-virtual-ip/hand-over").after.virtual_ip.clone().unwrap();
    assert_eq!((after.possible_holders, after.predicted_gap_milliseconds), (machines(&["phy-1"]), Some(23)));
    assert_eq!(row("60-add-workers/phy-4").after.virtual_ip.clone().unwrap().predicted_gap_milliseconds, None);
}

/// Three control planes stay and get a virtual IP, which their certificates do not cover yet.
fn first_virtual_ip() -> (Story, Vec<Draft>) {
    let names = ["a", "b", "c"];
    let source = End { control_plane: names.to_vec(), workers: vec!["w".into()], etcd: names.to_vec(), join: Some("a"), ..End::default() };
    let target = End { virtual_ip: names.to_vec(), join: None, ..source.clone() };
    let on = |phase, name: &str, action| Draft::new(phase, name, action, &[]);
    let mut drafts = vec![
        on(Phase::Prepare, "workstation", Action::PrepareWorkstation),
        on(Phase::Prepare, "a", Action::PrepareMachine { machine: machine("a") }),
        on(Phase::Prepare, "b", Action::PrepareMachine { machine: machine("b") }),
        on(Phase::Prepare, "c", Action::PrepareMachine { machine: machine("c") }),
        on(Phase::BackUp, "etcd", Action::BackUpEtcd { member: machine("a") }),
        on(Phase::BackUp, "control-plane", Action::BackUpControlPlane { machine: machine("a") }),
    ];
    for name in names {
        let action = Action::RepointControlPlane { machine: machine(name), datastore: machines(&names) };
        drafts.push(on(Phase::RepointControlPlane, name, action));
    }
    for (name, priority) in names.iter().zip([250, 200, 150]) {
        drafts.push(on(Phase::MoveVirtualIp, name, start(name, priority)));
    }
    let join = JoinAddress::VirtualIp;
    drafts.push(on(Phase::RepointClients, "w", Action::RepointWorker { machine: machine("w"), join: join.clone() }));
    drafts.push(on(Phase::RepointClients, "workstation", Action::RepointWorkstation { join }));
    (Story::new(&source, &target), drafts)
}

#[test]
fn a_first_virtual_ip_needs_certificates_that_cover_it() {
    let (story, mut drafts) = first_virtual_ip();
    clean(&story, &drafts);
    for name in ["a", "b", "c"] {
        remove(&mut drafts, &format!("45-repoint-control-plane/{name}"));
    }
    exactly(Code::V304, &story, &drafts);
}

/// A plan that changes nothing but who may hold the address.
fn only_the_address(target: End, middle: Vec<Draft>) -> (Story, Vec<Draft>) {
    let source = End { control_plane: OLD.to_vec(), etcd: OLD.to_vec(), virtual_ip: OLD.to_vec(), ..End::default() };
    let on = |phase, name: &str, action| Draft::new(phase, name, action, &[]);
    let mut drafts = vec![
        on(Phase::Prepare, "workstation", Action::PrepareWorkstation),
        on(Phase::Prepare, "virtual-ip", Action::ProveVirtualIp { candidates: machines(&OLD), below: 150 }),
        on(Phase::BackUp, "etcd", Action::BackUpEtcd { member: machine("vm-1") }),
        on(Phase::BackUp, "control-plane", Action::BackUpControlPlane { machine: machine("vm-1") }),
    ];
    drafts.extend(middle);
    (Story::new(&source, &target), drafts)
}

fn hand_over(leaving: &[&str]) -> Draft {
    Draft::new(Phase::MoveVirtualIp, "hand-over", Action::HandOverVirtualIp { leaving: machines(leaving) }, &[])
}

#[test]
fn the_address_can_be_given_up_once_nobody_uses_it() {
    let target = End { control_plane: OLD.to_vec(), etcd: OLD.to_vec(), join: Some("vm-1"), ..End::default() };
    let join = JoinAddress::Machine(machine("vm-1"));
    let move_away = Draft::new(Phase::MoveVirtualIp, "workstation", Action::RepointWorkstation { join }, &[]);
    let (story, drafts) = only_the_address(target.clone(), vec![move_away.clone(), hand_over(&OLD)]);
    clean(&story, &drafts);
    let (story, drafts) = only_the_address(target, vec![hand_over(&OLD), move_away]);
    let (_, findings) = replank::verify::judge(&story.migration, &super::builder::plan(&story.migration, &drafts));
    assert!(super::show::codes(&findings).contains(&Code::V102));
}

#[test]
fn declared_priorities_may_stay_when_only_the_lowest_leaves() {
    let two = vec!["vm-1", "vm-2"];
    let target = End { control_plane: OLD.to_vec(), etcd: OLD.to_vec(), virtual_ip: two, ..End::default() };
    let (story, drafts) = only_the_address(target, vec![hand_over(&["vm-3"])]);
    clean(&story.clone().with_source_priorities(&[("vm-1", 100), ("vm-2", 90), ("vm-3", 80)]), &drafts);
    let (_, findings) = replank::verify::judge(&story.migration, &super::builder::plan(&story.migration, &drafts));
    assert!(super::show::codes(&findings).contains(&Code::V305), "undeclared priorities decide nothing");
}
