//! One file by itself, such as the report of a rehearsal: whole or not at all.
//!
//! Does not know plan directories. The file of before is replaced.

#![allow(clippy::disallowed_methods, reason = "`write` is the room that touches the disk")]

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::WriteError;
use super::place::Place;

/// Makes the directory for such files, where there is none, before hours of work go into them.
///
/// # Errors
/// Where the disk refuses, or a file is in the way.
pub fn make_directory(directory: &Path) -> Result<(), WriteError> {
    fs::create_dir_all(directory).map_err(WriteError::io("make", directory))
}

/// Writes the file in a directory that is there, and answers its path.
///
/// # Errors
/// Where the disk refuses.
pub fn put_file(directory: &Path, name: &str, text: &str) -> Result<PathBuf, WriteError> {
    let place = Place::of(&directory.join(name))?;
    // What a killed run left, or a link that somebody put there, is not written through.
    match fs::remove_file(&place.sibling) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(WriteError::io("remove", &place.sibling)(error)),
        Ok(()) | Err(_) => {}
    }
    let write = || File::create_new(&place.sibling)?.write_all(text.as_bytes());
    write().map_err(WriteError::io("write", &place.sibling))?;
    fs::rename(&place.sibling, &place.directory).map_err(WriteError::io("write", &place.directory))?;
    Ok(place.directory)
}
