//! A plan directory on the disk, and what can happen to one: files lost, cut, edited, and other things in their place.
//!
//! Touches only what lies in the directory: a path that leads through a link or a pipe, which an earlier change put there, is left alone.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

use replank::render::{Tree, digest};
use rustix::fs::{CWD, Mode, mkfifoat};
use serde_json::Value;

use super::choices::Choices;
use super::mutate;

/// Where a link may lead: nowhere, to itself, out, and to what has no end.
const LINKS: &[&str] = &["nowhere", "plan.json", "SHA256SUMS", "..", "/", "/dev/zero", "/dev/null", "/proc/self/fd/0", "steps"];

/// What is put into a file.
const INSERTED: &[&[u8]] = &[
    b"",
    b"\n",
    b"\r\n",
    b"\0",
    b"\xff\xfe",
    b"\x1b[2J",
    b"<<<<<<< HEAD\n",
    b"=======\n",
    b">>>>>>> other\n",
    b"../",
    b"null",
    b"{}",
    b"[]",
    b"1e999",
    b"\"",
    b"  ",
    "\u{202e}标".as_bytes(),
    b"::error::x\n",
    b"```\n",
    b"| a |\n",
    b"</details>",
];

/// What else may lie in a plan directory.
const FOREIGN: &[&[u8]] = &[b"notes.md", b"a\nb", b"\xff", b"::error::x", b"\x1b[2J", b"steps/x", b"steps/00/a", b" ", b"-", b"plan.json~"];

pub struct Directory<'a> {
    root: PathBuf,
    paths: Vec<&'a str>,
}

impl<'a> Directory<'a> {
    /// Writes a plan, as `compile` lays it.
    pub fn new(root: PathBuf, tree: &'a Tree) -> Self {
        for (path, content) in &tree.files {
            let full = root.join(path);
            fs::create_dir_all(full.parent().expect("a file has a folder")).expect("a directory of our own");
            fs::write(full, content).expect("a directory of our own");
        }
        Self { root, paths: tree.files.keys().map(String::as_str).collect() }
    }

    pub fn path(&self) -> &str {
        self.root.to_str().expect("a directory of our own")
    }

    /// Whether it holds the plan to the letter.
    pub fn holds(&self, tree: &Tree) -> bool {
        tree.files.iter().all(|(path, content)| self.read(path).is_some_and(|found| found == content.as_bytes()))
    }

    /// One thing happens. What cannot happen any more, as its place is gone, does not.
    pub fn mangle(&self, choices: &mut Choices<'_>) {
        let path = *choices.of(&self.paths);
        match choices.below(20) {
            0 | 1 => self.edit(path, |content| cut(content, choices)),
            2 | 3 => self.edit(path, |content| insert(content, choices)),
            4 => self.edit(path, |content| set(content, choices)),
            5 => drop(self.cleared(path)),
            6 => self.folder(path, choices),
            7 => self.link(path, choices),
            8 => self.pipe(path),
            9 => self.socket(path),
            10 => self.in_place_of_a_folder(path, choices),
            11..=14 => self.retype(choices),
            15 | 16 => self.edit(digest::SUMS, |sums| relist(sums, choices)),
            17 => self.add(choices),
            _ => self.list_again(),
        }
    }

    /// The whole path, where every folder on the way is one.
    fn real(&self, path: &str) -> Option<PathBuf> {
        let mut folder = self.root.clone();
        for part in Path::new(path).parent()?.components() {
            if !fs::symlink_metadata(&folder).ok()?.is_dir() {
                return None;
            }
            folder.push(part);
        }
        fs::symlink_metadata(&folder).ok()?.is_dir().then(|| self.root.join(path))
    }

    fn read(&self, path: &str) -> Option<Vec<u8>> {
        let full = self.real(path)?;
        fs::symlink_metadata(&full).ok()?.is_file().then(|| fs::read(&full).ok())?
    }

    fn edit(&self, path: &str, change: impl FnOnce(&mut Vec<u8>)) {
        let (Some(full), Some(mut content)) = (self.real(path), self.read(path)) else { return };
        change(&mut content);
        fs::write(full, content).expect("a file of our own");
    }

    /// The place of a file with nothing in it.
    fn cleared(&self, path: &str) -> Option<PathBuf> {
        let full = self.real(path)?;
        match fs::symlink_metadata(&full) {
            Ok(found) if found.is_dir() => fs::remove_dir_all(&full).ok()?,
            Ok(_) => fs::remove_file(&full).ok()?,
            Err(_) => {}
        }
        Some(full)
    }

    fn folder(&self, path: &str, choices: &mut Choices<'_>) {
        let levels = choices.below(60);
        let Some(mut full) = self.cleared(path) else { return };
        full.extend(std::iter::repeat_n("a", levels));
        fs::create_dir_all(full).expect("a directory of our own");
    }

    fn link(&self, path: &str, choices: &mut Choices<'_>) {
        let target = *choices.of(LINKS);
        if let Some(full) = self.cleared(path) {
            symlink(target, full).expect("a link of our own");
        }
    }

    fn pipe(&self, path: &str) {
        if let Some(full) = self.cleared(path) {
            mkfifoat(CWD, full, Mode::RUSR | Mode::WUSR).expect("a pipe of our own");
        }
    }

    /// A socket has a name of about a hundred bytes at most; in a deeper place there is nothing instead.
    fn socket(&self, path: &str) {
        if let Some(full) = self.cleared(path) {
            drop(UnixListener::bind(full));
        }
    }

    fn in_place_of_a_folder(&self, path: &str, choices: &mut Choices<'_>) {
        let folders: Vec<&str> = path.match_indices('/').map(|(end, _)| &path[..end]).collect();
        if folders.is_empty() {
            return;
        }
        let folder = *choices.of(&folders);
        match choices.below(4) {
            0 => drop(self.cleared(folder)),
            1 => self.link(folder, choices),
            2 => self.pipe(folder),
            _ => self.cleared(folder).into_iter().for_each(|full| fs::write(full, "x").expect("a file of our own")),
        }
    }

    /// `plan.json` is another document, of the same form or nearly.
    fn retype(&self, choices: &mut Choices<'_>) {
        let Some(mut plan) = self.read("plan.json").and_then(|plan| serde_json::from_slice::<Value>(&plan).ok()) else { return };
        for _ in 0..=choices.below(4) {
            mutate::change(&mut plan, choices);
        }
        self.edit("plan.json", |content| *content = plan.to_string().into_bytes());
    }

    fn add(&self, choices: &mut Choices<'_>) {
        let name = Path::new(OsStr::from_bytes(choices.of::<&[u8]>(FOREIGN)));
        if name.to_str().is_none_or(|name| self.real(name).is_some_and(|full| fs::symlink_metadata(full).is_err())) {
            fs::write(self.root.join(name), "x").expect("a file of our own");
        }
    }

    /// The list of digests says what is there now, as after an edit that somebody wants to hide.
    fn list_again(&self) {
        let files = self.paths.iter().filter(|path| **path != digest::SUMS).filter_map(|path| Some((path, self.read(path)?)));
        let sums: String = files.map(|(path, content)| format!("{}  {path}\n", digest::sha256(&content))).collect();
        self.edit(digest::SUMS, |content| *content = sums.into_bytes());
    }
}

fn cut(content: &mut Vec<u8>, choices: &mut Choices<'_>) {
    content.truncate(choices.below(content.len() + 1));
}

fn insert(content: &mut Vec<u8>, choices: &mut Choices<'_>) {
    let (at, inserted, times) = (choices.below(content.len() + 1), *choices.of(INSERTED), choices.below(256));
    content.splice(at..at, inserted.repeat(times + 1));
}

fn set(content: &mut [u8], choices: &mut Choices<'_>) {
    let at = choices.below(content.len());
    if let Some(byte) = content.get_mut(at) {
        *byte = choices.byte();
    }
}

/// A line of the list of digests is lost, comes twice, changes its place, or names something else.
fn relist(sums: &mut Vec<u8>, choices: &mut Choices<'_>) {
    let text = String::from_utf8_lossy(sums).into_owned();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    if lines.is_empty() {
        return;
    }
    let at = choices.below(lines.len());
    match choices.below(6) {
        0 => drop(lines.remove(at)),
        1 => lines.insert(at, choices.of(&lines).clone()),
        2 => lines[at] = lines[at].replacen(char::is_numeric, "f", 1),
        3 => lines[at].push_str(choices.of::<&str>(&["x", "/", "/..", "/x", " ", "\u{202e}", "\u{1b}[2J"])),
        4 => lines[at] = (*choices.of(&["<<<<<<< HEAD", "=======", ">>>>>>> other", "", "x", "|||||||"])).to_owned(),
        _ => lines
            .insert(at, format!("{}  {}", digest::sha256(b"x"), choices.of(&["new", "steps/new", "steps/a\u{7}b", "RUNBOOK.md", "../x"]))),
    }
    *sums = (lines.join("\n") + "\n").into_bytes();
}
