//! Judges: simulates every step, fails every host at every step. Has never heard of `plan`.
//!
//! Responsible for: the ledger, and the findings about a plan, whoever made it. Does not know how a better plan is made, which
//! tool carries a step out, or which distribution the cluster runs.

pub mod acceptance;
mod effects;
mod invariant;
mod moments;
mod scene;
mod state;

use crate::diag::Findings;
use crate::ir::{Ledger, Plan};
use crate::model::Migration;
use moments::{Exposed, LedgerWriter, Worst};
use scene::{Baseline, Moment, Redundancy, Report, Scene, Whole};
use state::State;

pub use moments::ledger_text;

/// The ledger and what was found. The ledger is there also when errors were found.
pub fn judge(migration: &Migration, plan: &Plan) -> (Ledger, Findings) {
    let mut state = State::source(migration);
    let mut exposed = Exposed::at(&state, migration);
    let mut baseline = baseline(migration, &state, &exposed);
    let mut ledger = LedgerWriter::source(&state, &exposed, migration);
    let mut report = Report::default();
    for (index, step) in plan.steps.iter().enumerate() {
        let before = Scene { migration, baseline, index, step, state: &state, moment: Moment::Before, exposed: &exposed };
        invariant::before(&before, &mut report);
        let mut worst = Worst::default();
        effects::apply(&step.action, &mut state, migration, &mut |state, words| {
            let exposed = Exposed::at(state, migration);
            worst.see(state, &exposed, migration);
            let inside = Scene { migration, baseline, index, step, state, moment: Moment::Inside(words), exposed: &exposed };
            invariant::at_every_moment(&inside, &mut report);
        });
        exposed = Exposed::at(&state, migration);
        baseline.etcd_floor = baseline.etcd_floor.max(floor(migration, state.etcd.tolerance()));
        let after = Scene { migration, baseline, index, step, state: &state, moment: Moment::After, exposed: &exposed };
        invariant::at_every_moment(&after, &mut report);
        invariant::after(&after, &mut report);
        ledger.step(&step.id, &state, &exposed, worst, migration);
    }
    invariant::of_the_whole(&Whole { migration, plan, end: &state }, &mut report);
    let (accepted, findings) = acceptance::settle(migration, plan, report);
    (ledger.finish(accepted), findings)
}

fn baseline(migration: &Migration, source: &State, exposed: &Exposed) -> Baseline {
    let api = if exposed.fatal_to_api.is_empty() { Redundancy::AnyOneMayFail } else { Redundancy::OneIsFatal };
    Baseline { etcd_floor: floor(migration, source.etcd.tolerance()), api }
}

/// What the policy asks for, or what the cluster has reached if that is less. It rises no further than to what the source would bear if
/// every machine of it answered: a small cluster that grows is held to what it was.
fn floor(migration: &Migration, reached: i64) -> i64 {
    let members = i64::try_from(migration.source.etcd.len()).unwrap_or(i64::MAX);
    let whole = members - (members / 2 + 1);
    i64::from(migration.policy.minimum_etcd_tolerance.value).min(whole).min(reached)
}
