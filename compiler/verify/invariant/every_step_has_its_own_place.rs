//! Every step has its own place: an identity that nobody else has and that says what it acts on, in a phase that has its turn.
//!
//! The identity is the step's folder; two steps with one identity would overwrite each other's files.

use std::collections::BTreeSet;

use crate::diag::{Code, Diagnostic};
use crate::ir::{Action, Phase, Step};
use crate::model::MachineName;
use crate::verify::scene::{Report, Whole};

pub fn check(whole: &Whole<'_>, report: &mut Report) {
    let mut seen = BTreeSet::new();
    let mut latest: Option<Phase> = None;
    for (index, step) in whole.plan.steps.iter().enumerate() {
        let repeated = !seen.insert(&step.id);
        let problem = if repeated { Some(format!("expected an identity that no other step has; found {} again", step.id)) } else { None };
        for text in problem.into_iter().chain(misnamed(step)).chain(out_of_turn(step, latest)) {
            let finding = Diagnostic::new(Code::V503, step.because.span, text).at_step(step.id.as_str());
            report.at_index(index, step.id.as_str(), finding);
        }
        latest = latest.max(Some(step.phase));
    }
}

fn out_of_turn(step: &Step, latest: Option<Phase>) -> Option<String> {
    let latest = latest.filter(|latest| step.phase < *latest)?;
    Some(format!("expected the phases in their order; found {} after {}", step.phase.folder(), latest.folder()))
}

fn misnamed(step: &Step) -> Option<String> {
    let path = step.id.as_str().strip_prefix(step.phase.folder()).and_then(|rest| rest.strip_prefix('/')).filter(|rest| !rest.is_empty());
    let Some(path) = path else {
        return Some(format!("expected an identity below {}; found {}", step.phase.folder(), step.id));
    };
    let machine = named_after(&step.action)?;
    let names = |part: &str| {
        part == machine.as_str()
            || part.ends_with(&format!("-{machine}"))
            || part.starts_with(&format!("{machine}-"))
            || part.starts_with(&format!("{machine}."))
    };
    (!path.split('/').any(names)).then(|| format!("expected an identity that names {machine}; found {}", step.id))
}

/// Backups and proofs are of the whole; the machine on which they run is no part of what they are.
fn named_after(action: &Action) -> Option<&MachineName> {
    let of_the_whole = matches!(action, Action::BackUpEtcd { .. } | Action::BackUpControlPlane { .. } | Action::ProveEtcd { .. });
    action.machine().filter(|_| !of_the_whole)
}
