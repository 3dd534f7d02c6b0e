//! Mistakes about etcd.

use replank::diag::Code;
use replank::ir::{Action, Phase};
use replank::model::EtcdJoin;

use super::builder::{Draft, End, Story, machine, machines, plan};
use super::flagship::{action_mut, drafts, drafts_with_etcd, insert_after, remove, story, story_with_etcd};
use super::show::{clean, exactly, exactly_in};

/// One machine has everything, and etcd grows to three.
fn growing() -> (Story, impl Fn(EtcdJoin) -> Vec<Draft>) {
    let source = End { control_plane: vec!["a"], etcd: vec!["a"], join: Some("a"), ..End::default() };
    let target = End { etcd: vec!["a", "b", "c"], ..source.clone() };
    let drafts = |join| {
        let on = |phase, name: &str, action| Draft::new(phase, name, action, &[]);
        let add = |name| on(Phase::GrowEtcd, name, Action::AddEtcdMember { machine: machine(name), join });
        let rewrite = |name| on(Phase::SettleEtcd, name, Action::RewriteEtcdUnit { machine: machine(name) });
        let repoint = Action::RepointControlPlane { machine: machine("a"), datastore: machines(&["a", "b", "c"]) };
        vec![
            on(Phase::Prepare, "workstation", Action::PrepareWorkstation),
            on(Phase::Prepare, "b", Action::PrepareMachine { machine: machine("b") }),
            on(Phase::Prepare, "c", Action::PrepareMachine { machine: machine("c") }),
            on(Phase::BackUp, "etcd", Action::BackUpEtcd { member: machine("a") }),
            on(Phase::BackUp, "control-plane", Action::BackUpControlPlane { machine: machine("a") }),
            add("b"),
            add("c"),
            on(Phase::SettleControlPlane, "a", repoint),
            rewrite("a"),
            rewrite("b"),
            rewrite("c"),
            on(Phase::SettleEtcd, "prove", Action::ProveEtcd { member: machine("a") }),
        ]
    };
    (Story::new(&source, &target).accepting("api-outage", "85-settle-control-plane").asking_for(0), drafts)
}

#[test]
fn a_second_member_that_votes_before_it_starts_loses_quorum() {
    let (story, drafts) = growing();
    let ledger = exactly(Code::V201, &story, &drafts(EtcdJoin::Voter));
    assert_eq!(ledger.lowest_etcd_tolerance, -1);
}

#[test]
fn a_policy_that_the_source_cannot_meet_is_reported() {
    exactly(Code::V210, &story().asking_for(2), &drafts());
}

#[test]
fn a_single_member_may_grow_by_learners() {
    let (story, drafts) = growing();
    let ledger = clean(&story, &drafts(EtcdJoin::Learner));
    assert_eq!(ledger.lowest_etcd_tolerance, 0);
    assert!(ledger.lowest_at.is_empty());
}

#[test]
fn a_fourth_member_that_votes_before_it_starts_spends_all_tolerance() {
    let mut drafts = drafts();
    *action_mut(&mut drafts, "30-grow-etcd/phy-1") = Action::AddEtcdMember { machine: machine("phy-1"), join: EtcdJoin::Voter };
    let ledger = exactly(Code::V202, &story(), &drafts);
    assert_eq!(ledger.lowest_at.iter().map(|step| step.as_str()).collect::<Vec<_>>(), ["30-grow-etcd/phy-1"]);
}

#[test]
fn a_member_is_not_added_twice() {
    let mut drafts = drafts();
    let again = Draft::new(Phase::GrowEtcd, "phy-1-again", super::flagship::find(&drafts, &["30-grow-etcd/phy-1"])[0].action.clone(), &[]);
    insert_after(&mut drafts, "30-grow-etcd/phy-1", again);
    exactly(Code::V203, &story(), &drafts);
}

#[test]
fn growing_to_the_sum_of_both_ends_is_too_much() {
    let mut drafts = drafts();
    for name in ["phy-5", "phy-4", "phy-3"] {
        let mut early = remove(&mut drafts, &format!("80-swap-etcd/{name}"));
        early.phase = Phase::GrowEtcd;
        early.needs.clear();
        insert_after(&mut drafts, "30-grow-etcd/phy-2", early);
    }
    exactly(Code::V204, &story(), &drafts);
}

#[test]
fn an_even_number_of_members_at_the_end_is_reported() {
    let four = ["phy-1", "phy-2", "phy-3", "phy-4"];
    exactly(Code::V205, &story_with_etcd(&four), &drafts_with_etcd(&four));
}

#[test]
fn a_step_made_for_other_members_is_found() {
    let story = story();
    let mut plan = plan(&story.migration, &drafts());
    let at = plan.steps.iter().position(|step| step.id.as_str() == "80-swap-etcd/phy-4").unwrap();
    plan.steps[at].standing = plan.steps[at - 1].standing.clone();
    exactly_in(Code::V206, &story, &plan);
}

#[test]
fn a_backup_after_the_first_change_is_too_late() {
    let mut drafts = drafts();
    let mut late = remove(&mut drafts, "20-back-up/etcd");
    late.phase = Phase::GrowEtcd;
    insert_after(&mut drafts, "30-grow-etcd/phy-1", late);
    exactly(Code::V207, &story(), &drafts);
}

#[test]
fn the_leader_does_not_move_to_a_member_that_leaves() {
    let mut drafts = drafts();
    let action = Action::RemoveEtcdMember { machine: machine("vm-1"), leader_to: machine("vm-2") };
    *action_mut(&mut drafts, "80-swap-etcd/vm-1") = action;
    exactly(Code::V208, &story(), &drafts);
}

#[test]
fn an_api_server_cannot_use_a_member_that_joins_later() {
    let mut drafts = drafts();
    let action = Action::AddControlPlane { machine: machine("phy-1"), datastore: machines(&["phy-1", "phy-3"]), cordoned: Vec::new() };
    *action_mut(&mut drafts, "40-add-control-plane/phy-1") = action;
    exactly(Code::V209, &story(), &drafts);
}

#[test]
fn a_member_that_left_cannot_come_back_onto_its_old_data() {
    let mut drafts = drafts();
    let on = |name: &str, action| Draft::new(Phase::SwapEtcd, name, action, &[]);
    let leave = on("vm-1-first", Action::RemoveEtcdMember { machine: machine("vm-1"), leader_to: machine("phy-1") });
    let back = on("vm-1-back", Action::AddEtcdMember { machine: machine("vm-1"), join: EtcdJoin::Learner });
    insert_after(&mut drafts, "80-swap-etcd/phy-3", leave);
    insert_after(&mut drafts, "80-swap-etcd/vm-1-first", back);
    let story = story();
    let (_, findings) = replank::verify::judge(&story.migration, &plan(&story.migration, &drafts));
    assert!(super::show::codes(&findings).contains(&Code::V203));
}
