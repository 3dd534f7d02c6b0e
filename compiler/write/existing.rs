//! What lies in a directory: a plan or not, which of its files are as replank wrote them, and what others put there.
//!
//! Only looks; changes nothing. Follows no symbolic link.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::render::digest;

use super::WriteError;
use super::folder::{Entries, Folder};
use super::halves::each;

/// A directory as it was found. A directory that is absent looks like an empty one, with `present` false.
#[derive(Debug, Default)]
pub struct Existing {
    pub present: bool,
    /// Files that a plan in this directory lists, and `SHA256SUMS` itself. Empty when the directory holds no plan.
    pub ours: BTreeMap<String, Ours>,
    /// Everything else, relative to the directory; directories only when no file of ours is listed below them.
    pub foreign: BTreeMap<PathBuf, Kind>,
}

#[derive(Debug, PartialEq, Eq)]
pub struct Ours {
    pub condition: Condition,
    /// What is on the disk now; empty for a file that is missing.
    pub content: Vec<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    Unchanged,
    Edited,
    Missing,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    File,
    Directory,
    Link,
    /// A socket, a pipe, a device.
    Other,
}

impl Existing {
    /// Whether the directory holds a plan, whole or not.
    pub fn is_plan(&self) -> bool {
        !self.ours.is_empty()
    }

    /// What the entries of a directory are.
    pub(super) fn of(folder: &Folder, entries: &Entries) -> Result<Self, WriteError> {
        let ours = read_ours(folder, entries)?;
        let is_listed = |path: &str| ours.contains_key(path);
        let is_foreign = |path: &OsStr, kind| match kind {
            Kind::Directory => !path.to_str().is_some_and(|path| is_above_one(path, &ours)),
            Kind::File | Kind::Link | Kind::Other => !path.to_str().is_some_and(is_listed),
        };
        let foreign = entries.iter().filter(|(path, entry)| is_foreign(path, entry.kind));
        let foreign = foreign.map(|(path, entry)| (PathBuf::from(path), entry.kind)).collect();
        Ok(Self { present: true, ours, foreign })
    }

    pub fn in_condition(&self, condition: Condition) -> impl Iterator<Item = &str> {
        self.ours.iter().filter(move |(_, ours)| ours.condition == condition).map(|(path, _)| path.as_str())
    }
}

/// Whether a path is that of a folder above one of these files.
pub(super) fn is_above_one<T>(folder: &str, files: &BTreeMap<String, T>) -> bool {
    let within = format!("{folder}/");
    files.range(within.clone()..).next().is_some_and(|(path, _)| path.starts_with(&within))
}

/// How often a directory is read again when another takes its place meanwhile.
pub(super) const ATTEMPTS: usize = 5;

/// Reads a directory. One that does not exist is an empty `Existing`; a link or a file in its place is an error. What is answered is
/// of one directory: never a mix of a plan and of the one that replaces it.
pub fn read_existing(directory: &Path) -> Result<Existing, WriteError> {
    for _ in 0..ATTEMPTS {
        let Some(folder) = Folder::open(directory)? else { return Ok(Existing::default()) };
        let found = folder.walk().and_then(|entries| Existing::of(&folder, &entries));
        if folder.is_in_place() {
            return found;
        }
    }
    Err(WriteError::Replaced(directory.to_owned()))
}

/// The files that a plan in this directory lists. Empty when `SHA256SUMS` is not one that replank wrote: many projects publish a
/// file of that name, and their files are not ours to replace.
fn read_ours(folder: &Folder, found: &Entries) -> Result<BTreeMap<String, Ours>, WriteError> {
    let Some(sums) = folder.read(digest::SUMS)? else { return Ok(BTreeMap::new()) };
    let Some(listed) = std::str::from_utf8(&sums).ok().and_then(digest::read_sums) else { return Ok(BTreeMap::new()) };
    let paths: Vec<(String, BTreeSet<String>)> = listed.digests.into_iter().collect();
    let contents = each(&paths, |(path, expected)| match found.get(OsStr::new(path)).map(|entry| entry.kind) {
        Some(Kind::File) => {
            // It may have gone since the walk.
            let content = folder.read(path)?.unwrap_or_default();
            let condition = if expected.contains(&digest::sha256(&content)) { Condition::Unchanged } else { Condition::Edited };
            Ok(Ours { condition, content })
        }
        Some(Kind::Directory | Kind::Link | Kind::Other) => Ok(Ours { condition: Condition::Edited, content: Vec::new() }),
        None => Ok(Ours { condition: Condition::Missing, content: Vec::new() }),
    })?;
    let mut ours: BTreeMap<String, Ours> = paths.into_iter().map(|(path, _)| path).zip(contents).collect();
    if !ours.get("plan.json").is_some_and(was_generated) {
        return Ok(BTreeMap::new());
    }
    // A merge that left its conflict in the list edited it.
    let condition = if listed.is_conflicted { Condition::Edited } else { Condition::Unchanged };
    ours.insert(digest::SUMS.to_owned(), Ours { condition, content: sums });
    Ok(ours)
}

/// An edited or missing `plan.json` counts: it is listed, and who edits a plan must not thereby lose its protection.
fn was_generated(plan: &Ours) -> bool {
    match plan.condition {
        Condition::Edited | Condition::Missing => true,
        Condition::Unchanged => serde_json::from_slice::<serde_json::Value>(&plan.content)
            .is_ok_and(|plan| plan.pointer("/generator/name").and_then(serde_json::Value::as_str) == Some("replank")),
    }
}
