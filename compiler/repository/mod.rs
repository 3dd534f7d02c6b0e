//! Files of a revision, read from a git repository without touching its work tree.
//!
//! Asks the program `git`, which knows worktrees, alternates, packs and sparse checkouts. It is asked for objects only: no hook, no filter, no
//! pager runs, and what a partial clone lacks is not fetched. Does not know what the files mean.

#![allow(clippy::disallowed_methods, reason = "`repository` is the room that asks git")]

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Write};
use std::process::{Command, Output, Stdio};

/// `git:REV:PATH` on a command line.
const PREFIX: &str = "git:";

/// A path at a revision. The path is one from the top of the repository, or begins with `./` or `../`, as git reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    revision: String,
    path: String,
}

/// What lies there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    File(Vec<u8>),
    /// Files below a folder, by their paths below it. Links and submodules are left out.
    Folder(BTreeMap<String, Vec<u8>>),
}

/// Why nothing was read, as one sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem(String);

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl Reference {
    /// Whether the argument is meant as one, however wrong.
    pub fn is_meant(argument: &str) -> bool {
        argument.starts_with(PREFIX)
    }

    /// Reads `git:REV:PATH`.
    ///
    /// # Errors
    /// When a part is missing, or the revision would be read as an option.
    pub fn parse(argument: &str) -> Result<Self, Problem> {
        let rest = argument.strip_prefix(PREFIX).unwrap_or(argument);
        match rest.split_once(':') {
            Some((revision, path)) if !revision.is_empty() && !revision.starts_with('-') && !path.is_empty() => {
                Ok(Self { revision: revision.to_owned(), path: path.trim_end_matches('/').to_owned() })
            }
            _ => Err(Problem(format!("expected `git:REVISION:PATH`, such as `git:main:plan`, found `{argument}`"))),
        }
    }

    fn object(&self) -> String {
        format!("{}:{}", self.revision, self.path)
    }

    /// Reads what lies there.
    ///
    /// # Errors
    /// When there is no git, no repository here, or nothing at that place.
    pub fn read(&self) -> Result<Found, Problem> {
        let kind = self.ask(&["cat-file", "-t", &self.object()])?;
        match String::from_utf8_lossy(&kind.stdout).trim() {
            "blob" => Ok(Found::File(self.ask(&["cat-file", "blob", &self.object()])?.stdout)),
            "tree" => self.folder().map(Found::Folder),
            other => Err(Problem(format!("expected a file or a folder at `{}`, found a {other}", self.object()))),
        }
    }

    fn folder(&self) -> Result<BTreeMap<String, Vec<u8>>, Problem> {
        let listing = self.ask(&["ls-tree", "-r", "-z", "--full-tree", &self.object()])?;
        let listing = String::from_utf8_lossy(&listing.stdout).into_owned();
        // Each entry: `<mode> blob <object>\t<path>`.
        let entries: Vec<(&str, &str)> = listing
            .split('\0')
            .filter_map(|entry| entry.split_once('\t'))
            .filter_map(|(about, path)| match about.split(' ').collect::<Vec<_>>().as_slice() {
                ["100644" | "100755", "blob", object] => Some((*object, path)),
                _ => None,
            })
            .collect();
        let objects = entries.iter().map(|(object, _)| format!("{object}\n")).collect::<String>();
        let answer = self.batch(&objects)?;
        let contents = contents(&answer).ok_or_else(|| {
            // The answer to what a partial clone left out is `<object> missing`.
            Problem(format!(
                "this clone lacks objects of `{}`, and nothing is fetched here: fetch them first, as with `git fetch --refetch`",
                self.object()
            ))
        })?;
        Ok(entries.iter().map(|(_, path)| (*path).to_owned()).zip(contents).collect())
    }

    fn ask(&self, arguments: &[&str]) -> Result<Output, Problem> {
        self.checked(git(arguments).stdin(Stdio::null()).output())
    }

    /// The contents of many objects, each behind a line that says its size.
    fn batch(&self, objects: &str) -> Result<Vec<u8>, Problem> {
        let mut child = git(&["cat-file", "--batch"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| no_git(&error))?;
        let input = child.stdin.take();
        std::thread::scope(|scope| {
            // Written beside the reading: git answers before it has read all, and waits when nobody reads.
            scope.spawn(move || input.map(|mut input| input.write_all(objects.as_bytes())));
            self.checked(child.wait_with_output()).map(|output| output.stdout)
        })
    }

    fn checked(&self, outcome: io::Result<Output>) -> Result<Output, Problem> {
        let output = outcome.map_err(|error| no_git(&error))?;
        let complaint = String::from_utf8_lossy(&output.stderr);
        // git takes one of them, and who may push a tag would choose which.
        if complaint.contains("refname '") && complaint.contains("is ambiguous") {
            let revision = &self.revision;
            return Err(Problem(format!("`{revision}` is the name of several things: say `heads/{revision}` or `tags/{revision}`")));
        }
        if output.status.success() {
            return Ok(output);
        }
        let said: Vec<&str> = complaint.lines().map(|line| line.trim_start_matches("fatal: ").trim_start_matches("hint: ")).collect();
        let said = if said.is_empty() { "it does not say why".to_owned() } else { said.join(" ") };
        Err(Problem(format!("git does not give `{}`: {said}", self.object())))
    }
}

fn no_git(error: &io::Error) -> Problem {
    Problem(format!("`git:` asks the program git, which does not start: {error}"))
}

/// git, asked for nothing but objects that are there.
fn git(arguments: &[&str]) -> Command {
    let mut command = Command::new("git");
    command
        .args(["--no-pager", "--no-optional-locks", "-c", "core.fsmonitor=false"])
        .args(arguments)
        .env("GIT_NO_LAZY_FETCH", "1")
        .env("GIT_NO_REPLACE_OBJECTS", "1")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("LC_ALL", "C");
    command
}

/// Splits what `cat-file --batch` prints: `<object> blob <size>`, the content, a line end, and so on.
fn contents(mut answer: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut contents = Vec::new();
    while !answer.is_empty() {
        let end = answer.iter().position(|byte| *byte == b'\n')?;
        let size = std::str::from_utf8(answer.get(..end)?).ok()?.rsplit(' ').next()?.parse::<usize>().ok()?;
        let start = end + 1;
        contents.push(answer.get(start..start + size)?.to_vec());
        answer = answer.get(start + size + 1..)?;
    }
    Some(contents)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_has_a_revision_and_a_path() {
        let reference = Reference::parse("git:origin/main:plans/a/").unwrap();
        assert_eq!((reference.revision.as_str(), reference.path.as_str()), ("origin/main", "plans/a"));
        for wrong in ["git:main", "git::plan", "git:main:", "git:--output=x:plan"] {
            assert!(Reference::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn contents_may_hold_line_ends_and_nothing() {
        let answer = b"aa blob 3\na\nb\nbb blob 0\n\n";
        assert_eq!(contents(answer), Some(vec![b"a\nb".to_vec(), Vec::new()]));
        assert_eq!(contents(b"aa missing\n"), None);
        assert_eq!(contents(b"aa blob 9\nshort\n"), None);
    }
}
