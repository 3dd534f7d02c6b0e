//! A directory that is held open: what is read through it is of this one directory, whatever takes its name meanwhile.
//!
//! Follows no symbolic link below it, waits for no pipe, and reads no device. Does not know what a plan is.

#![allow(clippy::disallowed_methods, reason = "`write` is the room that looks at the disk")]

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags, Stat, fstat, linkat, openat, statat};
use rustix::io::Errno;

use super::WriteError;
use super::existing::Kind;

/// The plan.json of ten thousand machines has 240 megabytes. What is larger than this is no file of a plan.
const LARGEST: u64 = 1 << 30;

const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

pub(super) struct Folder {
    path: PathBuf,
    handle: OwnedFd,
    /// Whether the name may be that of a link to the directory.
    lookup: AtFlags,
}

/// Something in a directory. Of a folder only that it is there: a new entry in it shows by itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    pub kind: Kind,
    state: [i64; 4],
    pub standing: Standing,
}

/// What a file is besides its content.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Standing {
    mode: u32,
    owner: (u32, u32),
    has_one_name: bool,
}

/// Everything below a directory, by its path, sorted as bytes.
pub(super) type Entries = BTreeMap<OsString, Entry>;

impl Folder {
    /// `None` where there is nothing. A link or a file in the place is an error.
    pub fn open(path: &Path) -> Result<Option<Self>, WriteError> {
        // `link/` would be followed, `link` is not.
        Self::open_by(path.components().collect(), AtFlags::SYMLINK_NOFOLLOW, OFlags::NOFOLLOW)
    }

    /// The same, also at the end of a link: for what is only read.
    pub fn follow(path: &Path) -> Result<Option<Self>, WriteError> {
        Self::open_by(path.to_owned(), AtFlags::empty(), OFlags::empty())
    }

    fn open_by(path: PathBuf, lookup: AtFlags, flags: OFlags) -> Result<Option<Self>, WriteError> {
        match openat(CWD, &path, FOLDER | flags, Mode::empty()) {
            Ok(handle) => Ok(Some(Self { path, handle, lookup })),
            Err(Errno::NOENT) => Ok(None),
            Err(error) => match fs::symlink_metadata(&path) {
                Ok(found) if found.is_symlink() && lookup == AtFlags::SYMLINK_NOFOLLOW => Err(WriteError::Link(path)),
                Ok(found) if !found.is_dir() && !found.is_symlink() => Err(WriteError::NotADirectory(path)),
                Ok(_) | Err(_) => Err(WriteError::io("read the directory", &path)(error.into())),
            },
        }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether its name still leads to it.
    pub fn is_in_place(&self) -> bool {
        let same = |named: Stat, held: Stat| (named.st_dev, named.st_ino) == (held.st_dev, held.st_ino);
        statat(CWD, &self.path, self.lookup).is_ok_and(|named| fstat(&self.handle).is_ok_and(|held| same(named, held)))
    }

    /// Every entry below.
    pub fn walk(&self) -> Result<Entries, WriteError> {
        let mut found = BTreeMap::new();
        let mut waiting = vec![OsString::new()];
        while let Some(folder) = waiting.pop() {
            let doing = |error: Errno| WriteError::io("read the directory", &self.path.join(&folder))(error.into());
            let here = if folder.is_empty() { OsStr::new(".") } else { &folder };
            let handle = openat(&self.handle, here, FOLDER | OFlags::NOFOLLOW, Mode::empty()).map_err(doing)?;
            let mut listing = Dir::read_from(&handle).map_err(doing)?;
            while let Some(entry) = listing.read() {
                let entry = entry.map_err(doing)?;
                let name = OsStr::from_bytes(entry.file_name().to_bytes());
                if name == "." || name == ".." {
                    continue;
                }
                let path = below(&folder, name);
                let entry = Entry::look(&handle, name, entry.file_type())
                    .map_err(|error| WriteError::io("look at", &self.path.join(&path))(error.into()))?;
                if entry.kind == Kind::Directory {
                    waiting.push(path.clone());
                }
                found.insert(path, entry);
            }
        }
        Ok(found)
    }

    /// Those of the paths that no link is on the way to, nor anything else but folders. What lies behind a link is not the directory's.
    pub fn reached<'p>(&self, paths: impl Iterator<Item = &'p str>) -> Result<Vec<&'p str>, WriteError> {
        let (mut reached, mut folders) = (Vec::new(), BTreeMap::from([("", true)]));
        for path in paths {
            let (mut is_reached, mut ends) = (true, path.match_indices('/'));
            while let (true, Some((end, _))) = (is_reached, ends.next()) {
                let folder = path.get(..end).unwrap_or(path);
                is_reached = match folders.get(folder) {
                    Some(known) => *known,
                    None => *folders.entry(folder).or_insert(self.is_folder(folder)?),
                };
            }
            if is_reached {
                reached.push(path);
            }
        }
        Ok(reached)
    }

    fn is_folder(&self, path: &str) -> Result<bool, WriteError> {
        match statat(&self.handle, path, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(found) => Ok(FileType::from_raw_mode(found.st_mode) == FileType::Directory),
            Err(Errno::NOENT | Errno::NOTDIR) => Ok(false),
            Err(error) => Err(WriteError::io("look at", &self.path.join(path))(error.into())),
        }
    }

    /// A file to read from, and its size. `None` where there is none: nothing, or something else of that name.
    pub fn file(&self, path: &str) -> Result<Option<(File, u64)>, WriteError> {
        let doing = |error: Errno| WriteError::io("read", &self.path.join(path))(error.into());
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let handle = match openat(&self.handle, path, flags, Mode::empty()) {
            Ok(handle) => handle,
            Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP | Errno::NXIO) => return Ok(None),
            Err(error) => return Err(doing(error)),
        };
        let found = fstat(&handle).map_err(doing)?;
        let is_file = FileType::from_raw_mode(found.st_mode) == FileType::RegularFile;
        Ok(is_file.then(|| (File::from(handle), found.st_size.unsigned_abs())))
    }

    /// What a file holds; `None` as above.
    pub fn read(&self, path: &str) -> Result<Option<Vec<u8>>, WriteError> {
        let Some((file, size)) = self.file(path)? else { return Ok(None) };
        let doing = |error| WriteError::io("read", &self.path.join(path))(error);
        if size > LARGEST {
            return Err(doing(io::Error::other(format!("it is larger than {} MiB, which no file of a plan is", LARGEST >> 20))));
        }
        let mut content = Vec::with_capacity(usize::try_from(size).unwrap_or_default());
        file.take(LARGEST).read_to_end(&mut content).map_err(doing)?;
        Ok(Some(content))
    }

    /// Makes a second name for one of its files.
    pub fn link(&self, path: &str, to: &Path) -> io::Result<()> {
        linkat(&self.handle, path, CWD, to, AtFlags::empty()).map_err(io::Error::from)
    }
}

fn below(folder: &OsStr, name: &OsStr) -> OsString {
    let mut path = OsString::with_capacity(folder.len() + 1 + name.len());
    if !folder.is_empty() {
        path.push(folder);
        path.push("/");
    }
    path.push(name);
    path
}

impl Entry {
    fn look(folder: impl AsFd, name: &OsStr, listed: FileType) -> Result<Self, Errno> {
        if listed == FileType::Directory {
            return Ok(Self { kind: Kind::Directory, state: [0; 4], standing: Standing::default() });
        }
        let found = statat(folder, name, AtFlags::SYMLINK_NOFOLLOW)?;
        let kind = match FileType::from_raw_mode(found.st_mode) {
            FileType::Directory => return Self::look(CWD, name, FileType::Directory),
            FileType::RegularFile => Kind::File,
            FileType::Symlink => Kind::Link,
            FileType::Fifo | FileType::Socket | FileType::CharacterDevice | FileType::BlockDevice | FileType::Unknown => Kind::Other,
        };
        let state = [found.st_ino.cast_signed(), found.st_size, found.st_mtime, found.st_mtime_nsec as i64];
        Ok(Self { kind, state, standing: Standing::of(&found) })
    }
}

impl Standing {
    fn of(found: &Stat) -> Self {
        Self { mode: found.st_mode & 0o7777, owner: (found.st_uid, found.st_gid), has_one_name: found.st_nlink == 1 }
    }

    /// That of an open file.
    pub fn of_file(file: &File) -> io::Result<Self> {
        fstat(file).map(|found| Self::of(&found)).map_err(io::Error::from)
    }
}

/// Whether a directory is still as it was looked at: the same entries, each file with its inode, size and time of change. A second
/// name for a file changes none of them.
pub(super) fn is_as_it_was(before: &Entries, after: &Entries) -> bool {
    let state = |(path, entry): (&OsString, &Entry)| (path.clone(), entry.kind, entry.state);
    before.len() == after.len() && before.iter().map(state).eq(after.iter().map(state))
}
