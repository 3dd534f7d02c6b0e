//! The whole walk of writing a plan: look, refuse or build beside, swap, clear up.
//!
//! Whatever happens in between, a kill included, the output holds the old plan or the new one, whole.

#![allow(clippy::disallowed_methods, reason = "`write` is the room that touches the disk")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::render::Tree;

use super::WriteError;
use super::compare::{FileChanges, compare};
use super::existing::{Condition, Existing, read_existing};
use super::lay::Layer;
use super::place::Place;
use super::protect::{AtStake, at_stake};
use super::signature::Signature;
use super::workshop::Workshop;

/// Whether files that people wrote may be overwritten.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Force {
    No,
    Yes,
}

#[derive(Debug)]
pub enum Outcome {
    /// The directory held these very bytes already: nothing was written.
    Unchanged,
    Written(Written),
}

#[derive(Debug)]
pub struct Written {
    /// The plan that was there; `None` when there was none.
    pub replaced: Option<Replaced>,
    /// How many files of others were carried over.
    pub kept: usize,
    /// What `--force` overwrote.
    pub overwritten: Vec<String>,
    /// What could not be cleared up after the plan was in place.
    pub left_behind: Option<PathBuf>,
}

/// The plan that was there before.
#[derive(Debug)]
pub struct Replaced {
    pub changes: FileChanges,
    /// Its files as they were on the disk, by their paths.
    pub files: BTreeMap<String, Vec<u8>>,
}

/// Makes `output` hold exactly the plan, and what others put beside it.
pub fn replace(output: &Path, tree: &Tree, force: Force) -> Result<Outcome, WriteError> {
    let place = Place::of(output)?;
    let seen = Seen::look(&place.directory)?;
    if !Workshop::is_left_over(&place) && holds_exactly(&seen.existing, tree) {
        return Ok(Outcome::Unchanged);
    }
    fs::create_dir_all(&place.parent).map_err(WriteError::io("make the directory", &place.parent))?;
    let workshop = Workshop::open(&place)?;
    let outcome = seen.look_again(&place.directory).and_then(|seen| replace_locked(&place, &workshop, seen, tree, force));
    match (outcome, workshop.close()) {
        (Ok(Outcome::Written(written)), Err(_)) => Ok(Outcome::Written(Written { left_behind: Some(place.sibling.clone()), ..written })),
        (Ok(Outcome::Unchanged), Err(error)) => Err(error),
        (outcome, Ok(()) | Err(_)) => outcome,
    }
}

/// A directory with its signature, taken first: what changes after it is noticed.
struct Seen {
    signature: Signature,
    existing: Existing,
}

impl Seen {
    fn look(directory: &Path) -> Result<Self, WriteError> {
        let signature = Signature::of(directory)?;
        Ok(Self { signature, existing: read_existing(directory)? })
    }

    /// With the lock held: another run may have written since the first look.
    fn look_again(self, directory: &Path) -> Result<Self, WriteError> {
        if Signature::of(directory)? == self.signature { Ok(self) } else { Self::look(directory) }
    }
}

fn replace_locked(place: &Place, workshop: &Workshop, seen: Seen, tree: &Tree, force: Force) -> Result<Outcome, WriteError> {
    let Seen { signature, existing } = seen;
    if holds_exactly(&existing, tree) {
        return Ok(Outcome::Unchanged);
    }
    let AtStake { edited, colliding, displaced } = at_stake(&place.directory, &existing, tree);
    let mut overwritten = BTreeSet::new();
    if !edited.is_empty() || !colliding.is_empty() {
        match force {
            Force::No => return Err(WriteError::Protected { directory: place.directory.clone(), edited, colliding }),
            Force::Yes => overwritten.extend(edited.into_iter().chain(colliding)),
        }
    }
    let kept: Vec<_> = existing.foreign.iter().filter(|(path, _)| !displaced.contains(*path)).collect();
    let new_plan = workshop.new_plan();
    let mut layer = Layer::new(&new_plan)?;
    layer.plan(tree)?;
    layer.carry_over(&place.directory, kept.iter().map(|(path, kind)| (path.as_path(), **kind)))?;
    workshop.sync()?;
    workshop.swap_in()?;
    if existing.present {
        undo_if_it_changed(place, workshop, &signature)?;
    }
    let kept = kept.len();
    let changes = existing.is_plan().then(|| compare(&existing, tree));
    let present = existing.ours.into_iter().filter(|(_, ours)| ours.condition != Condition::Missing);
    let files = present.map(|(path, ours)| (path, ours.content));
    let replaced = changes.map(|changes| Replaced { changes, files: files.collect() });
    let overwritten = overwritten.into_iter().collect();
    Ok(Outcome::Written(Written { replaced, kept, overwritten, left_behind: None }))
}

/// Building takes a moment, in which somebody may save a file in the old plan. Out of reach of its name, nobody does any more: now
/// is the time to look whether what was judged is what was replaced.
fn undo_if_it_changed(place: &Place, workshop: &Workshop, judged: &Signature) -> Result<(), WriteError> {
    if Signature::of(&workshop.replaced())? == *judged {
        return Ok(());
    }
    workshop.swap_back()?;
    Err(WriteError::Changed(place.directory.clone()))
}

/// Whether the files of ours are there, all of them, with these bytes, and no other of ours.
fn holds_exactly(existing: &Existing, tree: &Tree) -> bool {
    existing.present
        && existing.ours.len() == tree.files.len()
        && existing.ours.iter().all(|(path, ours)| {
            ours.condition != Condition::Missing && tree.files.get(path).is_some_and(|content| content.as_bytes() == ours.content)
        })
}
