//! Why a plan could not be written or read, in words.
//!
//! Responsible for: the wording. Does not decide exit codes: that is the business of `cli`.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use rustix::io::Errno;

/// How many paths a message names before it counts the rest.
const NAMED: usize = 20;

#[derive(Debug)]
pub enum WriteError {
    /// The output is `.`, `..` or `/`: a directory that cannot be swapped for another by name.
    NoName(PathBuf),
    /// The output is git's own directory, or lies in it.
    InsideGit(PathBuf),
    /// The output is a symbolic link.
    Link(PathBuf),
    /// The output is a file.
    NotADirectory(PathBuf),
    /// Another run is writing the same output.
    Busy(PathBuf),
    /// Somebody changed the old plan while the new one was being built.
    Changed(PathBuf),
    /// As `Changed`, and the old plan could not be put back: where it lies.
    Kept { directory: PathBuf, at: PathBuf },
    /// Whenever the directory had been read, another was in its place.
    Replaced(PathBuf),
    /// Something that replank did not make stands where it would work.
    InTheWay(PathBuf),
    /// Writing would lose what people did.
    Protected { directory: PathBuf, edited: Vec<String>, colliding: Vec<String> },
    /// The machine failed us.
    Io { doing: &'static str, path: PathBuf, source: io::Error },
}

impl WriteError {
    /// Names what was being done and to which path; `io::Error` alone names neither.
    pub(super) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { doing, path, source }
    }
}

impl fmt::Display for WriteError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoName(path) => {
                write!(formatter, "the output must be a directory with a name of its own, such as `plan`, and not `{}`", path.display())
            }
            Self::InsideGit(path) => {
                write!(formatter, "the output must be outside of git's own directory, such as `plan`, and not `{}`", path.display())
            }
            Self::Link(path) => write!(
                formatter,
                "`{}` is a symbolic link: a plan is swapped in by name, which would replace the link; give the directory that it points to",
                path.display()
            ),
            Self::NotADirectory(path) => write!(formatter, "`{}` is a file, not a directory", path.display()),
            Self::Busy(path) => write!(formatter, "another run of replank is writing `{}`; wait for it and try again", path.display()),
            Self::Changed(path) => {
                write!(
                    formatter,
                    "`{}` was changed by somebody while the new plan was being written, and was left so; try again",
                    path.display()
                )
            }
            Self::Kept { directory, at } => write!(
                formatter,
                "`{}` was changed by somebody while the new plan was being written, and could not be put back: the new plan is in its \
                 place, and what was changed lies at `{}`; move it away, and see what of it is needed",
                directory.display(),
                at.display()
            ),
            Self::Replaced(path) => {
                write!(formatter, "`{}` was replaced by another plan again and again while it was read; try again", path.display())
            }
            Self::InTheWay(path) => {
                write!(formatter, "`{}` is where the new plan would be built, but replank did not make it: move it away", path.display())
            }
            Self::Protected { directory, edited, colliding } => {
                writeln!(formatter, "`{}` was left as it was: writing would lose what others wrote", directory.display())?;
                list(formatter, "edited since replank wrote them:", edited)?;
                list(formatter, "not written by replank, in the place of a file of the plan:", colliding)?;
                write!(formatter, "move them away, or use `--force` to overwrite them")
            }
            Self::Io { doing, path, source } => write!(formatter, "cannot {doing} `{}`: {source}{}", path.display(), mend(source)),
        }
    }
}

/// What helps, where the system's words do not say it.
fn mend(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::StorageFull => "; make room there (`df -h` and `df -i` tell of what), and try again",
        io::ErrorKind::QuotaExceeded => "; make room in your quota (`quota` tells of what), and try again",
        io::ErrorKind::ReadOnlyFilesystem => "; mount it for writing, or choose another output",
        io::ErrorKind::PermissionDenied => "; run as a user who may do that there, or choose another output",
        io::ErrorKind::AlreadyExists => "; something else has that name: move it away, or choose another output",
        io::ErrorKind::ResourceBusy => "; a file system may be mounted there: choose a directory below it",
        io::ErrorKind::InvalidFilename => "; the file system allows no names of that length: choose a shorter output",
        // Every other failure is told by its number alone: of the disk itself, of too many open files, of memory.
        _ => match error.raw_os_error().map(Errno::from_raw_os_error) {
            Some(Errno::IO) => "; the disk or its connection fails (`dmesg` tells more): choose another output",
            Some(Errno::MFILE | Errno::NFILE) => "; allow more open files (`ulimit -n`), and try again",
            Some(_) | None => "",
        },
    }
}

fn list(formatter: &mut fmt::Formatter<'_>, heading: &str, paths: &[String]) -> fmt::Result {
    if paths.is_empty() {
        return Ok(());
    }
    writeln!(formatter, "  {heading}")?;
    for path in paths.iter().take(NAMED) {
        writeln!(formatter, "    {path}")?;
    }
    match paths.len().checked_sub(NAMED) {
        Some(rest) if rest > 0 => writeln!(formatter, "    and {rest} more"),
        Some(_) | None => Ok(()),
    }
}

impl std::error::Error for WriteError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            Self::NoName(_) | Self::InsideGit(_) | Self::Link(_) | Self::NotADirectory(_) | Self::Busy(_) => None,
            Self::Changed(_) | Self::Kept { .. } | Self::Replaced(_) | Self::InTheWay(_) | Self::Protected { .. } => None,
        }
    }
}
