//! What lies in a directory: a plan or not, which of its files are as replank wrote them, and what others put there.
//!
//! Only looks; changes nothing. Follows no symbolic link.

#![allow(clippy::disallowed_methods, reason = "`write` is the room that looks at the disk")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::render::digest;

use super::WriteError;

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

    pub fn in_condition(&self, condition: Condition) -> impl Iterator<Item = &str> {
        self.ours.iter().filter(move |(_, ours)| ours.condition == condition).map(|(path, _)| path.as_str())
    }
}

/// Reads a directory. One that does not exist is an empty `Existing`; a link or a file in its place is an error.
pub fn read_existing(directory: &Path) -> Result<Existing, WriteError> {
    let named = without_trailing_slash(directory);
    match fs::symlink_metadata(&named) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Existing::default()),
        Err(error) => return Err(WriteError::io("look at", &named)(error)),
        Ok(found) if found.is_symlink() => return Err(WriteError::Link(named)),
        Ok(found) if !found.is_dir() => return Err(WriteError::NotADirectory(named)),
        Ok(_) => {}
    }
    let mut found = walk(&named)?;
    let ours = match found.get(Path::new(digest::SUMS)) {
        Some(Kind::File) => read_ours(&named, &found)?,
        Some(Kind::Directory | Kind::Link | Kind::Other) | None => BTreeMap::new(),
    };
    let folders: BTreeSet<&Path> = ours.keys().flat_map(|path| Path::new(path).ancestors().skip(1)).collect();
    found.retain(|path, kind| match kind {
        Kind::Directory => !folders.contains(path.as_path()),
        Kind::File | Kind::Link | Kind::Other => !path.to_str().is_some_and(|path| ours.contains_key(path)),
    });
    Ok(Existing { present: true, foreign: found, ours })
}

/// `link/` would be followed, `link` is not.
fn without_trailing_slash(path: &Path) -> PathBuf {
    path.components().collect()
}

/// Every entry below `root`, relative to it.
pub(super) fn walk(root: &Path) -> Result<BTreeMap<PathBuf, Kind>, WriteError> {
    let mut found = BTreeMap::new();
    let mut waiting = vec![PathBuf::new()];
    while let Some(folder) = waiting.pop() {
        let full = root.join(&folder);
        for entry in fs::read_dir(&full).map_err(WriteError::io("read the directory", &full))? {
            let entry = entry.map_err(WriteError::io("read the directory", &full))?;
            let kind = entry.file_type().map_err(WriteError::io("look at", &entry.path()))?;
            let path = folder.join(entry.file_name());
            let kind = match () {
                () if kind.is_dir() => Kind::Directory,
                () if kind.is_symlink() => Kind::Link,
                () if kind.is_file() => Kind::File,
                () => Kind::Other,
            };
            if kind == Kind::Directory {
                waiting.push(path.clone());
            }
            found.insert(path, kind);
        }
    }
    Ok(found)
}

/// The files that a plan in this directory lists. Empty when `SHA256SUMS` is not one that replank wrote: many projects publish a
/// file of that name, and their files are not ours to replace.
fn read_ours(root: &Path, found: &BTreeMap<PathBuf, Kind>) -> Result<BTreeMap<String, Ours>, WriteError> {
    let sums_path = root.join(digest::SUMS);
    let sums = fs::read(&sums_path).map_err(WriteError::io("read", &sums_path))?;
    let Some(listed) = std::str::from_utf8(&sums).ok().and_then(digest::read_sums) else { return Ok(BTreeMap::new()) };
    let mut ours = BTreeMap::new();
    for (path, expected) in listed.digests {
        let full = root.join(&path);
        let ours_now = match found.get(Path::new(&path)) {
            Some(Kind::File) => {
                let content = fs::read(&full).map_err(WriteError::io("read", &full))?;
                let condition = if expected.contains(&digest::sha256(&content)) { Condition::Unchanged } else { Condition::Edited };
                Ours { condition, content }
            }
            Some(Kind::Directory | Kind::Link | Kind::Other) => Ours { condition: Condition::Edited, content: Vec::new() },
            None => Ours { condition: Condition::Missing, content: Vec::new() },
        };
        ours.insert(path, ours_now);
    }
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
