//! The whole walk of writing a plan: look, refuse or build beside, swap, clear up.
//!
//! Whatever happens in between, a kill included, the output holds the old plan or the new one, whole.

#![allow(clippy::disallowed_methods, reason = "`write` is the room that touches the disk")]

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::render::{Tree, digest};

use super::WriteError;
use super::compare::{FileChanges, compare};
use super::existing::{Condition, Existing, Ours};
use super::folder::{Entries, Folder, is_as_it_was};
use super::halves::each;
use super::lay::{Layer, Unchanged};
use super::place::Place;
use super::protect::{AtStake, at_stake};
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
    finish(draft(output, tree, force)?, &mut BTreeSet::new())
}

/// The same for several plans, with one sync for all that lie on one file system: it takes longer than to write a small plan. Each is
/// exchanged for itself, and none waits for another.
pub fn replace_each(plans: &[(PathBuf, &Tree)], force: Force) -> Vec<Result<Outcome, WriteError>> {
    let drafts: Vec<_> = plans.iter().map(|(output, tree)| draft(output, tree, force)).collect();
    let mut synced = BTreeSet::new();
    drafts.into_iter().map(|draft| finish(draft?, &mut synced)).collect()
}

/// A plan that is built beside its place.
enum Draft {
    Unchanged,
    Built(Box<Built>),
}

struct Built {
    place: Place,
    workshop: Workshop,
    seen: Seen,
    /// What will have been written, but for the files of before.
    written: Written,
    changes: Option<FileChanges>,
}

fn draft(output: &Path, tree: &Tree, force: Force) -> Result<Draft, WriteError> {
    let place = Place::of(output)?;
    let there = Folder::open(&place.directory)?;
    if !Workshop::is_left_over(&place) && there.is_some_and(|folder| holds(&folder, tree)) {
        return Ok(Draft::Unchanged);
    }
    fs::create_dir_all(&place.parent).map_err(WriteError::io("make the directory", &place.parent))?;
    let workshop = Workshop::open(&place)?;
    match build(&place, &workshop, tree, force) {
        Ok(Some((seen, written, changes))) => Ok(Draft::Built(Box::new(Built { place, workshop, seen, written, changes }))),
        Ok(None) => workshop.close().map(|()| Draft::Unchanged),
        Err(error) => {
            // The failure says more than what is left behind by it, which the next run clears away.
            let _ = workshop.close();
            Err(error)
        }
    }
}

/// Puts a draft in its place. `synced` are the file systems that need no further sync.
fn finish(draft: Draft, synced: &mut BTreeSet<u64>) -> Result<Outcome, WriteError> {
    let Built { place, workshop, seen, written, changes } = match draft {
        Draft::Unchanged => return Ok(Outcome::Unchanged),
        Draft::Built(built) => *built,
    };
    let outcome = exchange(&place, &workshop, &seen, synced);
    if let Err(WriteError::Kept { .. }) = outcome {
        let at = workshop.keep();
        return Err(WriteError::Kept { directory: place.directory, at });
    }
    let closed = workshop.close();
    outcome?;
    let present = seen.existing.ours.into_iter().filter(|(_, ours)| ours.condition != Condition::Missing);
    let files = present.map(|(path, ours)| (path, ours.content));
    let replaced = changes.map(|changes| Replaced { changes, files: files.collect() });
    let left_behind = closed.is_err().then(|| place.sibling.clone());
    Ok(Outcome::Written(Written { replaced, left_behind, ..written }))
}

fn exchange(place: &Place, workshop: &Workshop, seen: &Seen, synced: &mut BTreeSet<u64>) -> Result<(), WriteError> {
    let file_system = workshop.file_system()?;
    if !synced.contains(&file_system) {
        workshop.sync()?;
        synced.insert(file_system);
    }
    workshop.swap_in()?;
    if seen.existing.present { undo_if_it_changed(place, workshop, &seen.entries) } else { Ok(()) }
}

/// What lies in a directory, with the state of each entry, taken first: what changes after it is noticed.
struct Seen {
    folder: Option<Folder>,
    entries: Entries,
    existing: Existing,
}

impl Seen {
    fn look(directory: &Path) -> Result<Self, WriteError> {
        let Some(folder) = Folder::open(directory)? else {
            return Ok(Self { folder: None, entries: Entries::new(), existing: Existing::default() });
        };
        let entries = folder.walk()?;
        let existing = Existing::of(&folder, &entries)?;
        Ok(Self { folder: Some(folder), entries, existing })
    }

    /// The files of ours that hold what they shall hold.
    fn unchanged(&self, tree: &Tree) -> Unchanged<'_> {
        let holds = |path: &str, ours: &Ours| tree.files.get(path).is_some_and(|content| content.as_bytes() == ours.content);
        let present = self.existing.ours.iter().filter(|(path, ours)| ours.condition != Condition::Missing && holds(path, ours));
        let files = present.filter_map(|(path, _)| Some((path.as_str(), self.entries.get(OsStr::new(path))?.standing)));
        Unchanged { folder: self.folder.as_ref(), files: files.collect() }
    }
}

/// With the lock held. None where another run has written these very bytes meanwhile.
fn build(
    place: &Place,
    workshop: &Workshop,
    tree: &Tree,
    force: Force,
) -> Result<Option<(Seen, Written, Option<FileChanges>)>, WriteError> {
    let seen = Seen::look(&place.directory)?;
    let existing = &seen.existing;
    let unchanged = seen.unchanged(tree);
    if existing.present && existing.ours.len() == tree.files.len() && unchanged.files.len() == tree.files.len() {
        return Ok(None);
    }
    let AtStake { edited, colliding, displaced } = at_stake(&place.directory, existing, tree);
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
    layer.plan(tree, &unchanged)?;
    layer.carry_over(&place.directory, kept.iter().map(|(path, kind)| (path.as_path(), **kind)))?;
    let written = Written { replaced: None, kept: kept.len(), overwritten: overwritten.into_iter().collect(), left_behind: None };
    let changes = existing.is_plan().then(|| compare(existing, tree));
    Ok(Some((seen, written, changes)))
}

/// Building takes a moment, in which somebody may save a file in the old plan; where it is unchanged in the new one, the file has two
/// names, and the edit is in both. Out of reach of its name, nobody edits the old plan any more: now is the time to look whether what
/// was judged is what was replaced. What cannot be looked at goes back as well.
fn undo_if_it_changed(place: &Place, workshop: &Workshop, judged: &Entries) -> Result<(), WriteError> {
    let now = Folder::open(&workshop.replaced()).and_then(|folder| folder.map(|folder| folder.walk()).transpose());
    let why = match now {
        Ok(Some(now)) if is_as_it_was(judged, &now) => return Ok(()),
        Ok(_) => WriteError::Changed(place.directory.clone()),
        Err(error) => error,
    };
    match workshop.swap_back() {
        Ok(()) => Err(why),
        Err(_) => Err(WriteError::Kept { directory: place.directory.clone(), at: workshop.replaced() }),
    }
}

/// Whether the files of the plan are there, all of them, with these bytes, and no other of ours. What cannot be read is looked at
/// closely later.
fn holds(folder: &Folder, tree: &Tree) -> bool {
    let is_same = |path: &str| {
        let content = tree.files.get(path).map(String::as_bytes).unwrap_or_default();
        let found = folder.file(path).ok().flatten().filter(|(_, size)| *size == content.len() as u64);
        found.is_some_and(|(file, size)| {
            let mut bytes = Vec::with_capacity(content.len());
            file.take(size).read_to_end(&mut bytes).is_ok() && bytes == content
        })
    };
    // The list names what is ours.
    is_same(digest::SUMS)
        && folder
            .reached(tree.files.keys().map(String::as_str))
            .is_ok_and(|paths| paths.len() == tree.files.len() && each(&paths, |path| if is_same(path) { Ok(()) } else { Err(()) }).is_ok())
}
