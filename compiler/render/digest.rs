//! SHA-256 as text, and the file `SHA256SUMS` that `sha256sum -c` reads without any tool of ours.
//!
//! Knows bytes and paths. Does not know what a plan is, nor where one lies.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::io::{self, Read};

use rayon::prelude::*;
use sha2::{Digest, Sha256};

/// The name of the list of digests in a plan directory.
pub const SUMS: &str = "SHA256SUMS";

/// The SHA-256 of `bytes` in lower-case hexadecimal digits.
pub fn sha256(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

/// The same of what a reader gives, piece by piece: a runbook of a fleet has fifty megabytes.
///
/// # Errors
/// Those of the reader.
pub fn sha256_of(reader: &mut impl Read) -> io::Result<String> {
    let mut hash = Sha256::new();
    let mut piece = vec![0; 1 << 16];
    loop {
        match reader.read(&mut piece)? {
            0 => return Ok(hexadecimal(&hash.finalize())),
            length => hash.update(piece.get(..length).unwrap_or(&piece)),
        }
    }
}

fn hexadecimal(digest: &[u8]) -> String {
    digest.iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing into a `String` cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The digests of these files, by path.
pub fn of(files: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    files.par_iter().map(|(path, content)| (path.clone(), sha256(content.as_bytes()))).collect()
}

/// The text of `SHA256SUMS` for these digests: one line a file, two spaces, sorted by path, everything except itself.
pub fn list(digests: &BTreeMap<String, String>) -> String {
    let listed = digests.iter().filter(|(path, _)| path.as_str() != SUMS);
    listed.flat_map(|(path, digest)| [digest.as_str(), "  ", path, "\n"]).collect()
}

/// The same for files.
pub fn sums(files: &BTreeMap<String, String>) -> String {
    list(&of(files))
}

/// The digests that a `SHA256SUMS` lists for each path: one, or that of either side where git left the conflict of a merge in it.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Sums {
    pub digests: BTreeMap<String, BTreeSet<String>>,
    /// Whether a merge of git left its marks.
    pub is_conflicted: bool,
}

/// Reads the text of a `SHA256SUMS` that replank wrote. `None` when a line is not of that form, or when a path is one that
/// replank never writes (absolute, with `..`, or twice).
pub fn read_sums(text: &str) -> Option<Sums> {
    let is_mark = |line: &&str| ["<<<<<<<", "|||||||", "=======", ">>>>>>>"].iter().any(|mark| line.starts_with(mark));
    let mut sums = Sums { digests: BTreeMap::new(), is_conflicted: text.lines().any(|line| is_mark(&line)) };
    for line in text.lines().filter(|line| !is_mark(line)) {
        let (digest, path) = line.split_once("  ")?;
        let is_digest = digest.len() == 64 && digest.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let listed = sums.digests.entry(path.to_owned()).or_default();
        let is_twice = !listed.is_empty() && !sums.is_conflicted;
        if !is_digest || !is_inside(path) || is_twice {
            return None;
        }
        listed.insert(digest.to_owned());
    }
    Some(sums)
}

/// Whether a path of a plan stays inside the plan's directory.
pub fn is_inside(path: &str) -> bool {
    path != SUMS && path.split('/').all(|part| !part.is_empty() && part != "." && part != "..")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_is_the_one_that_sha256sum_prints() {
        assert_eq!(sha256(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[test]
    fn sums_are_sorted_and_leave_themselves_out_and_read_back() {
        let files = [("b", "2"), ("a/x", "1"), (SUMS, "old")].map(|(path, text)| (path.to_owned(), text.to_owned())).into();
        let text = sums(&files);
        assert_eq!(text.lines().map(|line| &line[66..]).collect::<Vec<_>>(), ["a/x", "b"]);
        assert_eq!(read_sums(&text).unwrap().digests["b"], [sha256(b"2")].into());
        assert_eq!(read_sums(&format!("{text}{text}")), None, "a path twice");
    }

    #[test]
    fn a_list_with_the_conflict_of_a_merge_holds_both_sides() {
        let [ours, theirs] = [sha256(b"1"), sha256(b"2")];
        let text = format!("{ours}  a\n<<<<<<< HEAD\n{ours}  b\n=======\n{theirs}  b\n>>>>>>> other\n");
        let sums = read_sums(&text).unwrap();
        assert!(sums.is_conflicted);
        assert_eq!((&sums.digests["a"], &sums.digests["b"]), (&[ours.clone()].into(), &[ours, theirs].into()));
    }

    #[test]
    fn a_list_that_names_a_path_outside_is_not_read() {
        let digest = sha256(b"");
        for path in ["/etc/passwd", "../x", "a/../../x", "a//b", ""] {
            assert_eq!(read_sums(&format!("{digest}  {path}\n")), None, "{path}");
        }
        assert_eq!(read_sums("not a digest\n"), None);
    }
}
