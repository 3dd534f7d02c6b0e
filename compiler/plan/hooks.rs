//! Puts the team's own steps where the spec says.
//!
//! A hook stands before or after a phase, also where that phase has no step in this plan, or before or after one step. Does not
//! know what a hook does.

use std::sync::Arc;

use crate::diag::suggest::nearest;
use crate::diag::{Code, Diagnostic, Findings};
use crate::ir::{Action, Phase, Plan, Standing, Step, StepId};
use crate::model::{Hook, HookMoment, Migration};

/// A suggestion looks at every step; thousands of hooks that stand nowhere have one cause, and need no suggestion each.
const MOST_SUGGESTIONS: usize = 20;

/// Places every hook. A plan with nothing to do stays empty: a hook is part of a move, and there is none.
pub fn place(migration: &Migration, (mut plan, end): (Plan, Arc<Standing>)) -> Result<Plan, Findings> {
    let mut findings = Findings::default();
    let nothing_to_do = plan.steps.is_empty();
    for hook in &migration.hooks {
        match find(&plan, hook) {
            Some(_) if nothing_to_do => {}
            Some((at, phase)) => insert(&mut plan, hook, at, phase, &end),
            None => {
                let finding = unknown_anchor(hook);
                findings.push(if findings.len() < MOST_SUGGESTIONS { advised(finding, &plan, hook) } else { finding });
            }
        }
    }
    if findings.is_empty() { Ok(plan) } else { Err(findings) }
}

/// The index that the hook gets, and the phase that it belongs to.
fn find(plan: &Plan, hook: &Hook) -> Option<(usize, Phase)> {
    let anchor = hook.anchor.value.0.as_str();
    if let Some(phase) = Phase::ALL.iter().copied().find(|phase| phase.kind() == anchor || phase.folder() == anchor) {
        // Hooks of the same moment keep the order of the spec: a later one stands behind those that are there already.
        let is_earlier_hook = |step: &Step| matches!(step.action, Action::RunHook { .. });
        let at = match hook.moment {
            HookMoment::Before => plan.steps.iter().position(|step| step.phase >= phase && !(step.phase == phase && is_earlier_hook(step))),
            HookMoment::After => plan.steps.iter().position(|step| step.phase > phase),
        };
        return Some((at.unwrap_or(plan.steps.len()), phase));
    }
    // One step, or the steps of a machine: `68-rebuild-control-plane/master-2`.
    let is_meant = |step: &Step| step.id.as_str().strip_prefix(anchor).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let at = match hook.moment {
        HookMoment::Before => plan.steps.iter().position(is_meant),
        HookMoment::After => plan.steps.iter().rposition(is_meant),
    }?;
    let phase = plan.steps.get(at)?.phase;
    match hook.moment {
        HookMoment::Before => Some((at, phase)),
        HookMoment::After => {
            let later =
                plan.steps.iter().skip(at + 1).take_while(|step| matches!(step.action, Action::RunHook { .. }) && step.phase == phase);
            Some((at + 1 + later.count(), phase))
        }
    }
}

/// The hook waits for the step before it, and the step after it waits for the hook.
fn insert(plan: &mut Plan, hook: &Hook, at: usize, phase: Phase, end: &Arc<Standing>) {
    let id = StepId::new(phase, &format!("hook.{}", hook.id));
    let needs = at.checked_sub(1).and_then(|before| plan.steps.get(before)).map(|step| step.id.clone()).into_iter().collect();
    let standing = Arc::clone(plan.steps.get(at).map_or(end, |step| &step.standing));
    if let Some(next) = plan.steps.get_mut(at) {
        next.needs.push(id.clone());
    }
    let action = Action::RunHook { hook: hook.id.clone() };
    plan.steps.insert(at, Step { id, phase, action, because: hook.place.clone(), needs, standing });
}

fn unknown_anchor(hook: &Hook) -> Diagnostic {
    let label = format!("expected a phase such as `grow-etcd`, or a step of this plan, found `{}`", hook.anchor.value.0);
    Diagnostic::new(Code::P101, hook.anchor.place.span, label)
}

fn advised(finding: Diagnostic, plan: &Plan, hook: &Hook) -> Diagnostic {
    let phases = || Phase::ALL.iter().map(|phase| phase.kind());
    match nearest(&hook.anchor.value.0, phases().chain(plan.steps.iter().map(|step| step.id.as_str()))) {
        Some(near) => finding.help_copy("did you mean", near),
        None => finding.help(format!("phases are {}", phases().collect::<Vec<_>>().join(", "))),
    }
}
