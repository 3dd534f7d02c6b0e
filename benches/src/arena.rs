//! A folder in which programs run over one fleet, one after the other, and how long each takes.
//!
//! Knows programs and folders. Does not know what is compared with what.

use std::error::Error;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

/// Where things are.
#[derive(Debug, Clone)]
pub struct Tools {
    pub replank: PathBuf,
    /// A Python that has the packages of `peers/requirements.txt`.
    pub python: PathBuf,
    /// The folder of `peers/`.
    pub peers: PathBuf,
}

/// How long a program took, and the most memory that it had, in bytes.
#[derive(Debug, Clone, Copy)]
pub struct Sample {
    pub seconds: f64,
    pub peak: usize,
    /// Whether it was stopped before it came to its end.
    pub is_stopped: bool,
}

/// The seconds after which a program is stopped: a run of the suite ends, also on a machine that is busy with other things.
pub const LONGEST: u32 = 400;

/// With what `timeout` ends when it stopped a program.
const STOPPED: i32 = 124;

/// A folder of its own for one fleet.
pub struct Arena {
    pub folder: PathBuf,
}

impl Arena {
    /// # Errors
    /// Where the folder cannot be made.
    pub fn new(folder: PathBuf) -> Result<Self, Box<dyn Error>> {
        fs::create_dir_all(&folder)?;
        Ok(Self { folder })
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Runs a program under GNU time, after what others have written has reached the disk.
    ///
    /// # Errors
    /// Where the program fails, with what it said.
    pub fn timed(&self, command: &[OsString]) -> Result<Sample, Box<dyn Error>> {
        Command::new("sync").arg("-f").arg(&self.folder).status()?;
        let peak = self.path("peak");
        let said = self.path("said");
        let mut timed = Command::new("env");
        timed.args(["time", "-f", "%M", "-o"]).arg(&peak).arg("timeout").arg(LONGEST.to_string()).args(command);
        timed.stdout(Stdio::null()).stderr(fs::File::create(&said)?).env("ANSIBLE_LOCALHOST_WARNING", "False");
        let start = Instant::now();
        let status = timed.status()?;
        let seconds = start.elapsed().as_secs_f64();
        let is_stopped = status.code() == Some(STOPPED);
        if !status.success() && !is_stopped {
            return Err(format!("{command:?}: {status}\n{}", fs::read_to_string(&said)?).into());
        }
        // Of a program that failed, GNU time says so in a line before.
        let kibibytes: usize = fs::read_to_string(&peak)?.lines().last().unwrap_or_default().trim().parse()?;
        Ok(Sample { seconds, peak: kibibytes * 1024, is_stopped })
    }
}

impl Drop for Arena {
    fn drop(&mut self) {
        // What is left when this fails is removed with the folder of the whole run.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// A command of words and paths.
pub fn command(parts: &[&dyn AsRef<std::ffi::OsStr>]) -> Vec<OsString> {
    parts.iter().map(|part| part.as_ref().to_owned()).collect()
}

/// Removes what an earlier round has left.
///
/// # Errors
/// Where something is there and cannot be removed.
pub fn cleared(folder: &Path) -> Result<(), Box<dyn Error>> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    Ok(())
}

/// All files below a folder, sorted, relative to it.
///
/// # Errors
/// Where the folder cannot be read.
pub fn files(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(&next)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                open.push(entry.path());
            } else {
                found.push(entry.path().strip_prefix(folder)?.to_owned());
            }
        }
    }
    found.sort();
    Ok(found)
}

/// How many files lie below a folder, and their bytes; nothing where there is none.
///
/// # Errors
/// Where the folder cannot be read.
pub fn size(folder: &Path) -> Result<(usize, usize), Box<dyn Error>> {
    if !folder.exists() {
        return Ok((0, 0));
    }
    let files = files(folder)?;
    let lengths = files.iter().map(|file| Ok(fs::metadata(folder.join(file))?.len())).collect::<std::io::Result<Vec<u64>>>()?;
    Ok((files.len(), usize::try_from(lengths.iter().sum::<u64>())?))
}
