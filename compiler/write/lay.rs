//! Lays files into a directory that nobody else sees yet: those of the new plan, and those of others that are carried over.
//!
//! Modes do not depend on the umask: what it takes away from the first file and the first directory, it takes away from all.

#![allow(clippy::disallowed_methods, reason = "`write` is the room that touches the disk")]

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt, symlink};
use std::path::Path;

use crate::render::{Tree, digest};

use super::WriteError;
use super::existing::Kind;
use super::folder::{Folder, Standing};
use super::halves::each;

const FILE: u32 = 0o644;
const DIRECTORY: u32 = 0o755;

/// Files of the plan before that hold what they shall hold, and where they lie.
pub(super) struct Unchanged<'a> {
    pub folder: Option<&'a Folder>,
    pub files: BTreeMap<&'a str, Standing>,
}

pub(super) struct Layer<'a> {
    root: &'a Path,
    made: BTreeSet<OsString>,
    directories: Mode,
}

/// Whether what is made here has its mode by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    AsAsked,
    MustBeSet,
}

impl<'a> Layer<'a> {
    pub fn new(root: &'a Path) -> Result<Self, WriteError> {
        let doing = || WriteError::io("make the directory", root);
        DirBuilder::new().mode(DIRECTORY).create(root).map_err(doing())?;
        let directories = Mode::of(&fs::symlink_metadata(root).map_err(doing())?.permissions(), DIRECTORY);
        directories.set(root).map_err(doing())?;
        Ok(Self { root, made: BTreeSet::from([OsString::new()]), directories })
    }

    /// Puts every file of the plan there. One that the plan before has, too, as it would be made now, gets a second name instead of
    /// being written: it keeps its time, and costs a tenth. The list of digests is always written, and shows how files are made here.
    pub fn plan(&mut self, tree: &Tree, unchanged: &Unchanged<'_>) -> Result<(), WriteError> {
        let mut last = "";
        for path in tree.files.keys() {
            if !digest::is_inside(path) && path != digest::SUMS {
                return Err(WriteError::io("write", Path::new(path))(io::Error::other("the path leads out of the plan")));
            }
            let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
            if folder != last {
                self.parents(Path::new(path))?;
                last = folder;
            }
        }
        let sums = tree.files.get(digest::SUMS).map(String::as_str).unwrap_or_default();
        let (mode, own) = self.first_file(digest::SUMS, sums)?;
        let files: Vec<_> = tree.files.iter().filter(|(path, _)| *path != digest::SUMS).collect();
        each(&files, |(path, content)| {
            let full = self.root.join(path);
            let old = unchanged.folder.filter(|_| unchanged.files.get(path.as_str()) == Some(&own));
            // Where it cannot have a second name (file systems without them, too many links), it is written.
            if old.is_some_and(|folder| folder.link(path, &full).is_ok()) {
                return Ok(());
            }
            write(&full, content).and_then(|file| mode.set_open(&file)).map_err(WriteError::io("write", &full))
        })?;
        Ok(())
    }

    fn first_file(&self, path: &str, content: &str) -> Result<(Mode, Standing), WriteError> {
        let full = self.root.join(path);
        let made = || {
            let file = write(&full, content)?;
            let mode = Mode::of(&file.metadata()?.permissions(), FILE);
            mode.set_open(&file)?;
            Ok((mode, Standing::of_file(&file)?))
        };
        made().map_err(WriteError::io("write", &full))
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
                    if self.made.insert(path.as_os_str().to_owned()) {
                        self.make_directory(path)?;
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
        let is_missing = |folder: &&OsStr| !self.made.contains(*folder);
        let mut missing: Vec<&OsStr> = path.ancestors().skip(1).map(Path::as_os_str).take_while(is_missing).collect();
        while let Some(folder) = missing.pop() {
            self.make_directory(Path::new(folder))?;
            self.made.insert(folder.to_owned());
        }
        Ok(())
    }

    fn make_directory(&self, path: &Path) -> Result<(), WriteError> {
        let full = self.root.join(path);
        let made = DirBuilder::new().mode(DIRECTORY).create(&full).and_then(|()| self.directories.set(&full));
        made.map_err(WriteError::io("make the directory", &full))
    }
}

impl Mode {
    fn of(found: &Permissions, asked: u32) -> Self {
        if found.mode() & 0o7777 == asked { Self::AsAsked } else { Self::MustBeSet }
    }

    fn set(self, directory: &Path) -> io::Result<()> {
        match self {
            Self::AsAsked => Ok(()),
            Self::MustBeSet => fs::set_permissions(directory, Permissions::from_mode(DIRECTORY)),
        }
    }

    fn set_open(self, file: &File) -> io::Result<()> {
        match self {
            Self::AsAsked => Ok(()),
            Self::MustBeSet => file.set_permissions(Permissions::from_mode(FILE)),
        }
    }
}

fn write(path: &Path, content: &str) -> io::Result<File> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(FILE).open(path)?;
    file.write_all(content.as_bytes())?;
    Ok(file)
}

/// Where a second link is not allowed: another owner, another file system, too many links.
fn copy(from: &Path, to: &Path, kind: Kind) -> io::Result<()> {
    match kind {
        Kind::File => fs::copy(from, to).map(|_| ()),
        Kind::Link => symlink(fs::read_link(from)?, to),
        Kind::Directory | Kind::Other => Err(io::Error::other("neither a file, a directory nor a symbolic link")),
    }
}
