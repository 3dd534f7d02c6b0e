//! Two plans compared: what a reviewer must know, in the order in which it matters.
//!
//! Responsible for: which step is which, what got worse, what changed and because of which line of the spec, and the views of that. Does not
//! know: where plans lie, how they are compiled (it is given a function that does), or whether a plan is safe.

mod align;
mod cause;
pub mod document;
mod fact;
mod ledger;
mod pair;
mod regression;
mod rename;
mod reread;
pub mod show;
mod side;
mod step;
mod unified;
mod version;
mod visible;

use std::collections::BTreeMap;

use crate::render::document::Generator;

pub use cause::Compile;
pub use document::{DiffDocument, schema};
pub use side::{Files, Side};

use document::{ArtifactChange, Fate, SideDocument};
use pair::{Outcome, Pair};
use regression::Weighed;
use rename::Renaming;

/// Compares two plans. `compile` is asked for specs like the newer one, to find which edit is behind which step.
pub fn compare(before: &Side, after: &Side, compile: &Compile<'_>) -> DiffDocument {
    let (completed_before, completed_after) = (before.completed(after), after.completed(before));
    let (before, after) = (&*completed_before, &*completed_after);
    let renaming = Renaming::between(&before.plan, &after.plan);
    let old = renaming.outline(&before.plan);
    let pair = Pair::new(before, after, &renaming);
    let Outcome { mut steps, artifacts, words } = pair.steps();
    let edits = match (&before.spec, &after.spec) {
        (Some(spec), Some(_)) => Some(cause::attribute(spec, after, compile, &mut steps)),
        (None, _) | (_, None) => None,
    };
    let Weighed { regressions, improvements, reworded } = regression::weigh(&before.plan, &old, &after.plan, &renaming);
    let destructive = Pair::destructive(&steps);
    DiffDocument {
        format_version: document::FORMAT_VERSION.to_owned(),
        generator: Generator { name: "replank".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() },
        migration: after.plan.migration.clone(),
        before: described(before, after),
        after: described(after, before),
        regressions,
        improvements,
        reworded,
        destructive,
        unlike: before.unlike(after),
        edits,
        renamed: renaming.described(&after.plan),
        readdressed: renaming.readdressed(),
        words,
        facts: fact::compare(&before.plan, &after.plan, &renaming),
        unchanged_steps: after.plan.steps.len() - steps.iter().filter(|step| step.fate != Fate::Removed).count(),
        steps,
        ledger: ledger::between(&old, &after.plan),
        artifacts: grouped(artifacts),
    }
}

fn described(side: &Side, other: &Side) -> SideDocument {
    SideDocument {
        name: side.name.clone(),
        migration: side.plan.migration.clone(),
        compiled_by: side.plan.generator.version.clone(),
        spec_digest: side.plan.spec_digest.clone(),
        steps: side.plan.steps.len(),
        verdict: side.plan.verdict.clone(),
        edited: side.edited(other),
    }
}

/// Artifacts that differ in the same lines, together, in the order of the first of them.
fn grouped(changes: Vec<step::Changed>) -> Vec<ArtifactChange> {
    let mut groups: Vec<ArtifactChange> = Vec::new();
    let mut known: BTreeMap<(Fate, String), usize> = BTreeMap::new();
    for step::Changed { path, fate, diff } in changes {
        let next = groups.len();
        let position = *known.entry((fate, diff.clone())).or_insert(next);
        match groups.get_mut(position) {
            Some(group) => group.paths.push(path),
            None => groups.push(ArtifactChange { fate, paths: vec![path], diff }),
        }
    }
    groups
}
