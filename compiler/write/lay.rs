//! Lays files into a directory that nobody else sees yet: those of the new plan, and those of others that are carried over.
//!
//! Modes are set after the file is made, so that they do not depend on the umask.

#![allow(clippy::disallowed_methods, reason = "`write` is the room that touches the disk")]

use std::collections::BTreeSet;
use std::fs::{self, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use crate::render::{Tree, digest};

use super::WriteError;
use super::existing::Kind;

const FILE: u32 = 0o644;
const DIRECTORY: u32 = 0o755;

pub(super) struct Layer<'a> {
    root: &'a Path,
    made: BTreeSet<PathBuf>,
}

impl<'a> Layer<'a> {
    pub fn new(root: &'a Path) -> Result<Self, WriteError> {
        make_directory(root)?;
        Ok(Self { root, made: BTreeSet::from([PathBuf::new()]) })
    }

    /// Writes every file of the plan.
    pub fn plan(&mut self, tree: &Tree) -> Result<(), WriteError> {
        for (path, content) in &tree.files {
            if !digest::is_inside(path) && path != digest::SUMS {
                return Err(WriteError::io("write", Path::new(path))(io::Error::other("the path leads out of the plan")));
            }
            self.parents(Path::new(path))?;
            let full = self.root.join(path);
            let doing = WriteError::io("write", &full);
            OpenOptions::new()
                .write(true)
                .create_new(true)
                .mode(FILE)
                .open(&full)
                .and_then(|mut file| {
                    file.write_all(content.as_bytes())?;
                    file.set_permissions(Permissions::from_mode(FILE))
                })
                .map_err(doing)?;
        }
        Ok(())
    }

    /// Takes over what others put into the old directory, by a second link where that is possible: it keeps content, owner,
    /// mode and times, and costs nothing. Directories get their old modes at the end, deepest first, as one may be read-only.
    pub fn carry_over<'f>(&mut self, old: &Path, foreign: impl Iterator<Item = (&'f Path, Kind)>) -> Result<(), WriteError> {
        let mut directories = Vec::new();
        for (path, kind) in foreign {
            let (from, to) = (old.join(path), self.root.join(path));
            self.parents(path)?;
            match kind {
                Kind::Directory => {
                    if self.made.insert(path.to_owned()) {
                        make_directory(&to)?;
                        directories.push((from, to));
                    }
                }
                Kind::File | Kind::Link | Kind::Other => {
                    fs::hard_link(&from, &to).or_else(|_| copy(&from, &to, kind)).map_err(WriteError::io("carry over", &from))?;
                }
            }
        }
        for (from, to) in directories.into_iter().rev() {
            let mode = fs::symlink_metadata(&from).map_err(WriteError::io("look at", &from))?.permissions();
            fs::set_permissions(&to, mode).map_err(WriteError::io("set the mode of", &to))?;
        }
        Ok(())
    }

    fn parents(&mut self, path: &Path) -> Result<(), WriteError> {
        let mut missing: Vec<&Path> = path.ancestors().skip(1).take_while(|folder| !self.made.contains(*folder)).collect();
        while let Some(folder) = missing.pop() {
            make_directory(&self.root.join(folder))?;
            self.made.insert(folder.to_owned());
        }
        Ok(())
    }
}

fn make_directory(path: &Path) -> Result<(), WriteError> {
    fs::create_dir(path)
        .and_then(|()| fs::set_permissions(path, Permissions::from_mode(DIRECTORY)))
        .map_err(WriteError::io("make the directory", path))
}

/// Where a second link is not allowed: another owner, another file system, too many links.
fn copy(from: &Path, to: &Path, kind: Kind) -> io::Result<()> {
    match kind {
        Kind::File => fs::copy(from, to).map(|_| ()),
        Kind::Link => symlink(fs::read_link(from)?, to),
        Kind::Directory | Kind::Other => Err(io::Error::other("neither a file, a directory nor a symbolic link")),
    }
}
