//! The files of a plan, for whoever compares it, and what the list of digests says of them.
//!
//! No artifact is hashed here: of ten thousand twenty differ, and only those are looked at closely. Pages are nothing but hashed. Follows no symbolic link, neither at the
//! end of a path nor on the way: a branch may bring any link, and what lies behind it is not the branch's to show.

#![allow(clippy::disallowed_methods, reason = "`write` is the room that looks at the disk")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::Path;

use crate::render::digest::{self, Sums};

use super::WriteError;

/// A plan directory as it is compared.
#[derive(Debug)]
pub struct Listed {
    /// `plan.json` and the artifacts: path below the directory, and content. What is listed and not there is left out.
    pub files: BTreeMap<String, Vec<u8>>,
    /// The digests of the pages that are made from them.
    pub pages: BTreeMap<String, String>,
    pub sums: Sums,
}

/// Whether a plan may lie there. A link to a directory is followed: it is only read.
pub fn is_directory(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| found.is_dir())
}

/// Reads a directory. None where it holds no `SHA256SUMS` that replank wrote.
///
/// # Errors
/// When a file cannot be read.
pub fn read_listed(directory: &Path) -> Result<Option<Listed>, WriteError> {
    let Some(sums) = content(&directory.join(digest::SUMS))? else { return Ok(None) };
    let Some(sums) = std::str::from_utf8(&sums).ok().and_then(digest::read_sums) else { return Ok(None) };
    let (mut files, mut pages) = (BTreeMap::new(), BTreeMap::new());
    let mut folders = Folders { root: directory, real: BTreeSet::new() };
    for path in sums.digests.keys() {
        if !folders.lead_to(path)? {
            continue;
        }
        let full = directory.join(path);
        if !path.starts_with("steps/") && path != "plan.json" {
            pages.extend(page(&full)?.map(|digest| (path.clone(), digest)));
        } else if let Some(content) = content(&full)? {
            files.insert(path.clone(), content);
        }
    }
    Ok(Some(Listed { files, pages, sums }))
}

/// Folders below the plan directory that were looked at, each once.
struct Folders<'a> {
    root: &'a Path,
    real: BTreeSet<String>,
}

impl Folders<'_> {
    /// Whether every folder on the way to a file is one, and no link to one.
    fn lead_to(&mut self, path: &str) -> Result<bool, WriteError> {
        for (end, _) in path.match_indices('/') {
            let folder = path.get(..end).unwrap_or(path);
            if self.real.contains(folder) {
                continue;
            }
            let full = self.root.join(folder);
            match fs::symlink_metadata(&full) {
                Ok(found) if found.is_dir() => self.real.insert(folder.to_owned()),
                Ok(_) => return Ok(false),
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
                Err(error) => return Err(WriteError::io("look at", &full)(error)),
            };
        }
        Ok(true)
    }
}

/// None where there is no file.
fn content(path: &Path) -> Result<Option<Vec<u8>>, WriteError> {
    if is_file(path)? { fs::read(path).map(Some).map_err(WriteError::io("read", path)) } else { Ok(None) }
}

fn page(path: &Path) -> Result<Option<String>, WriteError> {
    if !is_file(path)? {
        return Ok(None);
    }
    let digest = fs::File::open(path).and_then(|mut file| digest::sha256_of(&mut file));
    digest.map(Some).map_err(WriteError::io("read", path))
}

/// What else may stand in the place of a file is no file of a plan.
fn is_file(path: &Path) -> Result<bool, WriteError> {
    match fs::symlink_metadata(path) {
        Ok(found) => Ok(found.is_file()),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(false),
        Err(error) => Err(WriteError::io("look at", path)(error)),
    }
}
