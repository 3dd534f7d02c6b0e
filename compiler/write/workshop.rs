//! The hidden sibling in which a new plan is built, and the swap that puts it in place.
//!
//! A workshop holds a marker that says whose it is and carries the lock, `new` (the plan being built; after the swap: the old
//! plan) and, only where the file system cannot exchange two directories, `old`. It is gone when a run ends; what a killed run
//! left is taken over by the next one. Does not know what a plan looks like.

#![allow(clippy::disallowed_methods, reason = "`write` is the room that touches the disk")]

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, OFlags, RenameFlags, renameat_with, syncfs};
use rustix::io::Errno;

use super::WriteError;
use super::place::Place;

const MARKER: &str = "made-by-replank";

pub(super) struct Workshop {
    place: Place,
    /// Holds the lock; open until the workshop is gone.
    marker: File,
}

impl Workshop {
    /// Whether a run before this one was killed, or one is running now.
    pub fn is_left_over(place: &Place) -> bool {
        fs::symlink_metadata(&place.sibling).is_ok()
    }

    /// Makes the workshop, or takes over what a killed run left, and locks it.
    pub fn open(place: &Place) -> Result<Self, WriteError> {
        loop {
            match fs::create_dir(&place.sibling) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => check_ownership(&place.sibling)?,
                Err(error) => return Err(WriteError::io("make the directory", &place.sibling)(error)),
            }
            if let Some(marker) = lock(place)? {
                let workshop = Self { place: place.clone(), marker };
                workshop.recover()?;
                return Ok(workshop);
            }
            // The run that held the lock removed the workshop between our two looks at it.
        }
    }

    /// Where the new plan is built.
    pub fn new_plan(&self) -> PathBuf {
        self.place.sibling.join("new")
    }

    fn old_plan(&self) -> PathBuf {
        self.place.sibling.join("old")
    }

    /// One sync for all files: a sync of each would be ten times slower. After it, a power cut cannot leave a plan in place whose
    /// files are empty.
    pub fn sync(&self) -> Result<(), WriteError> {
        syncfs(&self.marker).map_err(|error| WriteError::io("sync the file system of", &self.place.sibling)(error.into()))
    }

    /// The number of the file system that it lies on.
    pub fn file_system(&self) -> Result<u64, WriteError> {
        self.marker.metadata().map(|found| found.dev()).map_err(WriteError::io("look at", &self.place.sibling))
    }

    /// Puts the new plan in place in one step. What was there, if anything, is then in the workshop.
    pub fn swap_in(&self) -> Result<(), WriteError> {
        let (new, directory) = (self.new_plan(), &self.place.directory);
        let flags = if is_there(directory)? { RenameFlags::EXCHANGE } else { RenameFlags::NOREPLACE };
        match renameat_with(CWD, &new, CWD, directory, flags) {
            Ok(()) => Ok(()),
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => self.swap_in_two_steps(),
            Err(error) => Err(WriteError::io("put the new plan at", directory)(error.into())),
        }
    }

    /// For file systems that cannot exchange. Killed between the two renames, no plan is at its name: the old one is whole in the
    /// workshop, and the next run puts it back before it does anything else.
    fn swap_in_two_steps(&self) -> Result<(), WriteError> {
        let (directory, old) = (&self.place.directory, self.old_plan());
        let had_one = is_there(directory)?;
        if had_one {
            fs::rename(directory, &old).map_err(WriteError::io("move aside", directory))?;
        }
        fs::rename(self.new_plan(), directory).map_err(|error| {
            if had_one {
                let _ = fs::rename(&old, directory);
            }
            WriteError::io("put the new plan at", directory)(error)
        })
    }

    /// Where the plan that was replaced lies after the swap.
    pub fn replaced(&self) -> PathBuf {
        let old = self.old_plan();
        if fs::symlink_metadata(&old).is_ok() { old } else { self.new_plan() }
    }

    /// Undoes the swap.
    pub fn swap_back(&self) -> Result<(), WriteError> {
        let (directory, old) = (&self.place.directory, self.old_plan());
        let back = if fs::symlink_metadata(&old).is_ok() {
            fs::rename(directory, self.new_plan()).and_then(|()| fs::rename(&old, directory))
        } else {
            renameat_with(CWD, self.new_plan(), CWD, directory, RenameFlags::EXCHANGE).map_err(io::Error::from)
        };
        back.map_err(WriteError::io("put back the plan at", directory))
    }

    /// Sets what was replaced apart, where no later run clears it away, and answers where it lies. The workshop stays.
    pub fn keep(self) -> PathBuf {
        let kept = self.place.sibling.join("kept");
        // Without a look at which of the two it is: a disk that failed may fail at that as well. `old` is there only if it is that.
        let is_kept = [self.old_plan(), self.new_plan()].iter().any(|replaced| fs::rename(replaced, &kept).is_ok());
        if is_kept { kept } else { self.replaced() }
    }

    /// Clears what a killed run left. An `old` without a plan at its name is the only copy: it goes back.
    fn recover(&self) -> Result<(), WriteError> {
        let (directory, old) = (&self.place.directory, self.old_plan());
        if is_there(&old)? && !is_there(directory)? {
            fs::rename(&old, directory).map_err(WriteError::io("put back the plan at", directory))?;
        }
        self.clear()
    }

    fn clear(&self) -> Result<(), WriteError> {
        for path in [self.new_plan(), self.old_plan()] {
            remove(&path).map_err(WriteError::io("remove", &path))?;
        }
        Ok(())
    }

    /// Removes the workshop with what is in it. The marker goes last: until then a later run knows whose it is.
    pub fn close(&self) -> Result<(), WriteError> {
        self.clear()?;
        let marker = self.place.sibling.join(MARKER);
        fs::remove_file(&marker).map_err(WriteError::io("remove", &marker))?;
        match fs::remove_dir(&self.place.sibling) {
            // Another run may have moved in already: then it is theirs.
            Err(error) if error.kind() != io::ErrorKind::DirectoryNotEmpty && error.kind() != io::ErrorKind::NotFound => {
                Err(WriteError::io("remove", &self.place.sibling)(error))
            }
            Ok(()) | Err(_) => Ok(()),
        }
    }
}

/// What cannot be looked at may be there: who takes it for absent deletes the only copy of a plan.
fn is_there(path: &Path) -> Result<bool, WriteError> {
    match fs::symlink_metadata(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(WriteError::io("look at", path)(error)),
    }
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// A workshop is empty (killed right after it was made) or carries the marker. Anything else belongs to somebody.
fn check_ownership(sibling: &Path) -> Result<(), WriteError> {
    let found = match fs::symlink_metadata(sibling) {
        Ok(found) => found,
        Err(_) => return Ok(()),
    };
    if !found.is_dir() {
        return Err(WriteError::InTheWay(sibling.to_owned()));
    }
    let mut names = Vec::new();
    let entries = match fs::read_dir(sibling) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(WriteError::io("read the directory", sibling))?,
    };
    for entry in entries {
        names.push(entry.map_err(WriteError::io("read the directory", sibling))?.file_name());
    }
    let is_ours = names.is_empty()
        || names.iter().any(|name| name == MARKER) && names.iter().all(|name| name == MARKER || name == "new" || name == "old");
    if is_ours { Ok(()) } else { Err(WriteError::InTheWay(sibling.to_owned())) }
}

/// The lock is on the open file and not on its name, so it ends with the process however that ends. `None`: the workshop went away.
fn lock(place: &Place) -> Result<Option<File>, WriteError> {
    let path = place.sibling.join(MARKER);
    // A link would lead out of here, and a pipe would be waited for: neither is opened.
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed();
    let marker = match OpenOptions::new().create(true).truncate(false).write(true).custom_flags(flags).open(&path) {
        Ok(marker) => marker,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => match Errno::from_io_error(&error) {
            Some(Errno::LOOP | Errno::NXIO | Errno::ISDIR) => return Err(WriteError::InTheWay(place.sibling.clone())),
            Some(_) | None => return Err(WriteError::io("make", &path)(error)),
        },
    };
    match marker.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(WriteError::Busy(place.directory.clone())),
        Err(TryLockError::Error(error)) => return Err(WriteError::io("lock", &path)(error)),
    }
    let locked = marker.metadata().map_err(WriteError::io("look at", &path))?;
    let named = fs::symlink_metadata(&path);
    Ok(named.is_ok_and(|named| (named.dev(), named.ino()) == (locked.dev(), locked.ino())).then_some(marker))
}
