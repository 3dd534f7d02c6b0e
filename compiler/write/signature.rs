//! Whether a directory is still the one that was looked at: cheap enough to ask again and again.
//!
//! Sees which entries there are, and for each file its inode, size and time of change. Reads no content.

#![allow(clippy::disallowed_methods, reason = "`write` is the room that looks at the disk")]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::WriteError;
use super::existing::{Kind, walk};

/// Of a directory only that it is there: a new entry in it shows by itself.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Signature(BTreeMap<PathBuf, Option<[i64; 4]>>);

impl Signature {
    /// A directory that does not exist looks like an empty one.
    pub fn of(directory: &Path) -> Result<Self, WriteError> {
        let mut entries = BTreeMap::new();
        if fs::symlink_metadata(directory).is_ok_and(|found| found.is_dir()) {
            for (path, kind) in walk(directory)? {
                let full = directory.join(&path);
                let file = match kind {
                    Kind::Directory => None,
                    Kind::File | Kind::Link | Kind::Other => {
                        let found = fs::symlink_metadata(&full).map_err(WriteError::io("look at", &full))?;
                        Some([found.ino().cast_signed(), found.size().cast_signed(), found.mtime(), found.mtime_nsec()])
                    }
                };
                entries.insert(path, file);
            }
        }
        Ok(Self(entries))
    }
}
