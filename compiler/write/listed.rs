//! The files of a plan, for whoever compares it, and what the list of digests says of them.
//!
//! No artifact is hashed here: of ten thousand twenty differ, and only those are looked at closely. Pages are nothing but hashed. Follows no symbolic link, neither at the
//! end of a path nor on the way: a branch may bring any link, and what lies behind it is not the branch's to show.

#![allow(clippy::disallowed_methods, reason = "`write` is the room that looks at the disk")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::render::digest::{self, Sums};

use super::WriteError;
use super::existing::ATTEMPTS;
use super::folder::Folder;

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

/// Reads a directory, all of it from the same one. None where it holds no `SHA256SUMS` that replank wrote.
///
/// # Errors
/// When a file cannot be read.
pub fn read_listed(directory: &Path) -> Result<Option<Listed>, WriteError> {
    for _ in 0..ATTEMPTS {
        let Some(folder) = Folder::follow(directory)? else { return Ok(None) };
        let listed = read(&folder);
        if folder.is_in_place() {
            return listed;
        }
    }
    Err(WriteError::Replaced(directory.to_owned()))
}

fn read(folder: &Folder) -> Result<Option<Listed>, WriteError> {
    let Some(sums) = folder.read(digest::SUMS)? else { return Ok(None) };
    let Some(sums) = std::str::from_utf8(&sums).ok().and_then(digest::read_sums) else { return Ok(None) };
    let (mut files, mut pages) = (BTreeMap::new(), BTreeMap::new());
    for path in folder.reached(sums.digests.keys().map(String::as_str))? {
        if !path.starts_with("steps/") && path != "plan.json" {
            pages.extend(page(folder, path)?.map(|digest| (path.to_owned(), digest)));
        } else if let Some(content) = folder.read(path)? {
            files.insert(path.to_owned(), content);
        }
    }
    Ok(Some(Listed { files, pages, sums }))
}

fn page(folder: &Folder, path: &str) -> Result<Option<String>, WriteError> {
    let Some((mut file, _)) = folder.file(path)? else { return Ok(None) };
    digest::sha256_of(&mut file).map(Some).map_err(WriteError::io("read", &folder.path().join(path)))
}
