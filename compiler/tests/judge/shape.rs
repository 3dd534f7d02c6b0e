//! Mistakes in the shape of a plan, and its end.

use replank::diag::Code;
use replank::ir::{Plan, StepId};
use replank::model::JoinAddress;
use replank::verify::judge;

use super::builder::{End, Story, plan};
use super::flagship::{OLD, action_mut, drafts, remove, story};
use super::show::{codes, exactly, exactly_in};

#[test]
fn the_flagship_is_clean() {
    super::show::clean(&story(), &drafts());
}

#[test]
fn an_empty_plan_for_equal_ends_is_clean() {
    let end = End { control_plane: OLD.to_vec(), etcd: OLD.to_vec(), virtual_ip: OLD.to_vec(), ..End::default() };
    let (ledger, findings) = judge(&Story::new(&end, &end).migration, &Plan::default());
    assert!(findings.is_empty() && ledger.rows.len() == 1 && ledger.survives_any_one_host);
}

#[test]
fn a_worker_that_never_joins_is_missed() {
    let mut drafts = drafts();
    remove(&mut drafts, "60-add-workers/phy-6");
    exactly(Code::V501, &story(), &drafts);
}

#[test]
fn a_worker_at_another_address_than_the_target_s_is_found() {
    let mut drafts = drafts();
    let action = action_mut(&mut drafts, "60-add-workers/phy-6");
    if let replank::ir::Action::AddWorker { join, .. } = action {
        *join = JoinAddress::Machine(super::builder::machine("phy-1"));
    }
    let story = story();
    let (_, findings) = judge(&story.migration, &plan(&story.migration, &drafts));
    assert_eq!(codes(&findings).into_iter().collect::<Vec<_>>(), [Code::V501]);
}

#[test]
fn a_need_that_comes_later_is_found() {
    let story = story();
    let mut plan = plan(&story.migration, &drafts());
    let last = plan.steps.last().unwrap().id.clone();
    plan.steps[5].needs.push(last);
    exactly_in(Code::V502, &story, &plan);
}

#[test]
fn a_step_named_after_another_machine_is_found() {
    let story = story();
    let mut plan = plan(&story.migration, &drafts());
    let step = plan.steps.last_mut().unwrap();
    step.id = StepId::new(step.phase, "vm-33");
    exactly_in(Code::V503, &story, &plan);
}
