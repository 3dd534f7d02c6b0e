//! Two plans, their steps side by side.
//!
//! Responsible for: what became of each step, and which of them take something away. Does not know how a step is compared with another.

use std::collections::{BTreeMap, BTreeSet};

use crate::render::document::StepDocument;

use super::Side;
use super::align::{self, Alignment};
use super::document::{Fate, Moved, StepChange, WordChange};
use super::rename::Renaming;
use super::step::{self, Changed, Difference};
use super::version::Version;

pub(super) struct Pair<'a> {
    before: &'a Side,
    after: &'a Side,
    renaming: &'a Renaming,
    /// Steps of the older plan, in its order, by what they are called in the newer one.
    old: Vec<(String, &'a StepDocument)>,
}

/// What became of the steps of two plans.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub steps: Vec<StepChange>,
    pub artifacts: Vec<Changed>,
    pub words: Vec<WordChange>,
}

struct Compared {
    change: StepChange,
    artifacts: Vec<Changed>,
    words: BTreeSet<(String, String)>,
}

/// What differs in a step as it is written, and once the older one is read with the new names; and the words that these change.
#[derive(Debug, Default)]
struct Found {
    written: Difference,
    meant: Difference,
    words: BTreeSet<(String, String)>,
}

/// Where steps stand, by what they are called in the newer plan.
struct Places<'a> {
    old: BTreeMap<&'a str, &'a StepDocument>,
    new: BTreeMap<&'a str, &'a StepDocument>,
    /// Which step comes before each, in the older plan and in the newer one.
    before_it: [BTreeMap<&'a str, &'a str>; 2],
    aligned: Alignment<'a>,
}

impl<'a> Pair<'a> {
    pub(super) fn new(before: &'a Side, after: &'a Side, renaming: &'a Renaming) -> Self {
        let old = before.plan.steps.iter().map(|step| (renaming.identity(&step.id), step)).collect();
        Self { before, after, renaming, old }
    }

    fn places(&self) -> Places<'_> {
        let old: Vec<&str> = self.old.iter().map(|(id, _)| id.as_str()).collect();
        let new: Vec<&str> = self.after.plan.steps.iter().map(|step| step.id.as_str()).collect();
        Places {
            before_it: [before_it(&old), before_it(&new)],
            aligned: align::align(&old, &new),
            old: self.old.iter().map(|(id, step)| (id.as_str(), *step)).collect(),
            new: self.after.plan.steps.iter().map(|step| (step.id.as_str(), step)).collect(),
        }
    }

    /// Steps that differ, in the order of the newer plan, those that are gone last; every artifact that differs; and what new names and addresses
    /// change in the older plan.
    pub(super) fn steps(&self) -> Outcome {
        let places = self.places();
        let ids = self.after.plan.steps.iter().map(|step| step.id.as_str()).chain(places.aligned.removed.iter().copied());
        let mut outcome = Outcome::default();
        let mut words: BTreeMap<(String, String), usize> = BTreeMap::new();
        for Compared { change, artifacts, words: changed } in ids.filter_map(|id| self.step(id, &places)) {
            outcome.steps.push(change);
            outcome.artifacts.extend(artifacts);
            changed.into_iter().for_each(|word| *words.entry(word).or_default() += 1);
        }
        outcome.artifacts.extend(self.unclaimed());
        outcome.words = words.into_iter().map(|((from, to), steps)| WordChange { from, to, steps }).collect();
        outcome
    }

    fn step(&self, id: &str, places: &Places<'_>) -> Option<Compared> {
        let (old, new) = (places.old.get(id).copied(), places.new.get(id).copied());
        let step = new.or(old)?;
        let (before, after) = (old.map(|old| Version::of(self.before, old)), new.map(|new| Version::of(self.after, new)));
        let was = old.map(|old| &old.id).filter(|was| *was != id);
        let is_same = was.is_none() && before.as_ref().zip(after.as_ref()).is_some_and(|(before, after)| step::is_same(before, after));
        let moved = self.moved(id, places);
        if is_same && moved.is_none() {
            return None;
        }
        let found = if is_same { Found::default() } else { self.differences(before.as_ref(), after.as_ref()) };
        let fate = match (old, new) {
            (None, _) => Fate::Added,
            (Some(_), None) => Fate::Removed,
            (Some(_), Some(_)) if !found.meant.is_nothing() => Fate::Changed,
            // It differs in what is shown nowhere else: a step that changed, with nothing to show.
            (Some(_), Some(_)) if !is_same && was.is_none() && found.written.is_nothing() => Fate::Changed,
            (Some(_), Some(_)) if moved.is_some() => Fate::Moved,
            // Nothing differs any more once it is read with the new names.
            (Some(_), Some(_)) => Fate::Renamed,
        };
        let Difference { parts, artifacts } = found.meant;
        let change = StepChange {
            id: id.to_owned(),
            was: was.cloned(),
            fate,
            moved,
            title: step.title.clone(),
            destructive: step.destructive || old.is_some_and(|old| old.destructive),
            no_way_back: step.no_way_back.is_some(),
            because: step.because.clone(),
            edits: Vec::new(),
            parts,
            artifacts: artifacts.iter().map(|artifact| artifact.path.clone()).collect(),
        };
        Some(Compared { change, artifacts, words: found.words })
    }

    fn differences(&self, before: Option<&Version<'_>>, after: Option<&Version<'_>>) -> Found {
        let written = Difference::between(before, after);
        let Some(before) = before.filter(|_| !self.renaming.is_empty()) else {
            return Found { meant: written.clone(), written, words: BTreeSet::new() };
        };
        let renamed = before.renamed(self.renaming);
        let meant = Difference::between(Some(&renamed), after).but_for(&written, before, after);
        Found { meant, written, words: step::words_between(before, &renamed, self.renaming) }
    }

    /// Files below `steps/` that no step of either plan claims: somebody put them there.
    fn unclaimed(&self) -> impl Iterator<Item = Changed> {
        let sides = [self.before, self.after];
        let claims = sides.into_iter().flat_map(|side| side.plan.steps.iter().flat_map(|step| &step.artifacts));
        let claimed: BTreeSet<&str> = claims.map(|artifact| artifact.path.as_str()).collect();
        let paths: BTreeSet<&String> = sides.into_iter().flat_map(|side| side.artifacts.keys()).collect();
        let others: Vec<&String> = paths.into_iter().filter(|path| !claimed.contains(path.as_str())).collect();
        let text = |side: &Side, path: &String| side.artifacts.get(path).cloned();
        others.into_iter().filter_map(move |path| step::compared(path, text(self.before, path), text(self.after, path)))
    }

    fn moved(&self, id: &str, places: &Places<'_>) -> Option<Moved> {
        let [old, new] = &places.before_it;
        let previous = |order: &BTreeMap<&str, &str>| order.get(id).map(|previous| (*previous).to_owned());
        let is_moved = places.aligned.moved.contains(id) || self.renaming.was_in_another_phase(id);
        is_moved.then(|| Moved { from_after: previous(old), to_after: previous(new) })
    }

    /// Steps that take something away and are not as they were: also those that are done to a machine with another name or address.
    pub(super) fn destructive(steps: &[StepChange]) -> Vec<String> {
        let is_now = |step: &&StepChange| match step.fate {
            Fate::Added | Fate::Changed | Fate::Moved | Fate::Renamed => step.destructive,
            Fate::Removed => false,
        };
        steps.iter().filter(is_now).map(|step| step.id.clone()).collect()
    }
}

fn before_it<'a>(ids: &[&'a str]) -> BTreeMap<&'a str, &'a str> {
    ids.iter().zip(ids.iter().skip(1)).map(|(previous, id)| (*id, *previous)).collect()
}
