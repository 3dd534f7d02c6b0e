//! Each hook of the team runs exactly once, next to what it stands before or after.
//!
//! Other hooks may stand between. A phase without steps still has its turn among the phases. Where nothing is to be done, no hook
//! runs either: it is part of a move, and there is none.

use std::collections::BTreeMap;

use crate::diag::{Code, Diagnostic};
use crate::ir::{Action, Phase, Plan, Step};
use crate::model::{Hook, HookId, HookMoment};
use crate::verify::scene::{Report, Whole};

pub fn check(whole: &Whole<'_>, report: &mut Report) {
    if whole.plan.steps.is_empty() && !whole.migration_changes_anything() {
        return;
    }
    let mut places: BTreeMap<&HookId, Vec<usize>> = BTreeMap::new();
    for (index, step) in whole.plan.steps.iter().enumerate() {
        if let Action::RunHook { hook } = &step.action {
            places.entry(hook).or_default().push(index);
        }
    }
    for hook in &whole.migration.hooks {
        let problem = match places.remove(&hook.id).unwrap_or_default().as_slice() {
            [index] => misplaced(whole.plan, hook, *index),
            found => Some(format!("expected {} to run once; it runs {} times", hook.id, found.len())),
        };
        if let Some(text) = problem {
            report.whole(hook.id.as_str(), Diagnostic::new(Code::V404, hook.place.span, text));
        }
    }
    for (hook, found) in places {
        for step in found.iter().filter_map(|index| whole.plan.steps.get(*index)) {
            let text = format!("expected a hook that the spec declares; found {hook}");
            report.whole(hook.as_str(), Diagnostic::new(Code::V404, step.because.span, text).at_step(step.id.as_str()));
        }
    }
}

fn misplaced(plan: &Plan, hook: &Hook, index: usize) -> Option<String> {
    let anchor = hook.anchor.value.0.as_str();
    let (earlier, later) = plan.steps.split_at_checked(index)?;
    let previous = earlier.iter().rev().find(|step| is_planned(step));
    let next = later.iter().find(|step| is_planned(step));
    let at_place = match Phase::ALL.iter().find(|phase| phase.kind() == anchor || phase.folder() == anchor) {
        Some(phase) => next_to_phase(plan, hook.moment, *phase, previous, next),
        None => {
            // The step, or the first or the last of the steps of a machine.
            let (neighbour, beyond) = match hook.moment {
                HookMoment::Before => (next, previous),
                HookMoment::After => (previous, next),
            };
            let is_meant =
                |step: &&Step| step.id.as_str().strip_prefix(anchor).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
            neighbour.is_some_and(|step| is_meant(&step)) && !beyond.is_some_and(|step| is_meant(&step))
        }
    };
    let moment = match hook.moment {
        HookMoment::Before => "before",
        HookMoment::After => "after",
    };
    (!at_place).then(|| format!("expected {} directly {moment} {anchor}; it is not there", hook.id))
}

fn next_to_phase(plan: &Plan, moment: HookMoment, phase: Phase, previous: Option<&Step>, next: Option<&Step>) -> bool {
    let empty = !plan.steps.iter().any(|step| is_planned(step) && step.phase == phase);
    let starts = next.is_some_and(|step| step.phase == phase) && previous.is_none_or(|step| step.phase < phase);
    let ends = previous.is_some_and(|step| step.phase == phase) && next.is_none_or(|step| step.phase > phase);
    let between = previous.is_none_or(|step| step.phase < phase) && next.is_none_or(|step| step.phase > phase);
    match (empty, moment) {
        (true, HookMoment::Before | HookMoment::After) => between,
        (false, HookMoment::Before) => starts,
        (false, HookMoment::After) => ends,
    }
}

fn is_planned(step: &Step) -> bool {
    !matches!(step.action, Action::RunHook { .. })
}
