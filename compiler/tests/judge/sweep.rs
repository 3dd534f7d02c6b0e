//! No step of a good plan is superfluous, and no two that depend on one another may change places.

use proptest::prelude::*;
use replank::ir::{Plan, StepId};
use replank::verify::judge;

use super::builder::plan;
use super::flagship::{drafts, story};

fn good() -> (super::builder::Story, Plan) {
    let story = story();
    let plan = plan(&story.migration, &drafts());
    (story, plan)
}

fn without_needs(mut plan: Plan) -> Plan {
    plan.steps.iter_mut().for_each(|step| step.needs.clear());
    plan
}

/// Whether a step needs another, over any number of steps between.
fn depends(plan: &Plan, step: usize, on: &StepId) -> bool {
    let needs = &plan.steps[step].needs;
    needs.contains(on)
        || needs.iter().any(|need| plan.steps.iter().position(|step| step.id == *need).is_some_and(|at| depends(plan, at, on)))
}

#[test]
fn each_step_is_missed_when_it_is_left_out() {
    let story = story();
    for left_out in 0..drafts().len() {
        let mut drafts = drafts();
        let draft = drafts.remove(left_out);
        // Also when every other step is made for the moment at which it then stands.
        let (_, findings) = judge(&story.migration, &without_needs(plan(&story.migration, &drafts)));
        assert!(findings.has_errors(), "nobody missed {}", draft.id());
    }
}

#[test]
fn dependent_steps_cannot_change_places() {
    let (story, plan) = good();
    for later in 0..plan.steps.len() {
        for earlier in 0..later {
            if depends(&plan, later, &plan.steps[earlier].id) {
                let mut swapped = without_needs(plan.clone());
                swapped.steps.swap(earlier, later);
                let (_, findings) = judge(&story.migration, &swapped);
                assert!(findings.has_errors(), "{} and {}", plan.steps[earlier].id, plan.steps[later].id);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, fork: false, ..ProptestConfig::default() })]

    #[test]
    fn a_plan_that_lost_some_steps_is_refused_and_never_breaks_the_judge(
        kept in proptest::collection::vec(any::<bool>(), 44), order in any::<prop::sample::Index>()
    ) {
        let (story, plan) = good();
        let mut kept_steps: Vec<_> =
            plan.steps.iter().zip(kept.iter().chain(std::iter::repeat(&true))).filter(|(_, kept)| **kept).map(|(step, _)| step.clone()).collect();
        prop_assume!(kept_steps.len() < plan.steps.len() && !kept_steps.is_empty());
        let middle = order.index(kept_steps.len());
        kept_steps.rotate_left(middle);
        let (ledger, findings) = judge(&story.migration, &without_needs(Plan { steps: kept_steps.clone() }));
        prop_assert!(findings.has_errors());
        prop_assert_eq!(ledger.rows.len(), kept_steps.len() + 1);
    }
}
