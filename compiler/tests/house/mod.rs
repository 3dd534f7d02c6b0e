//! The rules of the house: what a review would otherwise have to look for. Each failure says the reason and the mend.

mod codes;
mod documents;
mod gallery;
mod headers;
mod imports;
mod sizes;
mod supply;
mod tools;
mod words;

use std::fs;
use std::path::{Path, PathBuf};

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below a folder of the repository, with its path relative to the root, sorted. Empty when there is no such folder.
pub fn files(folder: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut waiting = vec![root().join(folder)];
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten() {
            let path: PathBuf = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
            } else if let Ok(text) = fs::read_to_string(&path) {
                found.push((path.strip_prefix(root()).unwrap().display().to_string(), text));
            }
        }
    }
    found.sort();
    found
}

/// The compiler's own sources without its tests, by their paths below `compiler/`: inline test modules and comments are cut out,
/// line by line, so that line numbers stay.
pub fn rooms() -> Vec<(String, String)> {
    files("compiler")
        .into_iter()
        .filter_map(|(path, text)| Some((path.strip_prefix("compiler/")?.to_owned(), text)))
        .filter(|(path, _)| path.ends_with(".rs") && !path.starts_with("tests/"))
        .map(|(path, text)| (path, code(&text)))
        .collect()
}

fn code(text: &str) -> String {
    let before_tests = text.split_once("#[cfg(test)]\nmod ").map_or(text, |(before, _)| before);
    let line = |line: &str| if line.trim_start().starts_with("//") { String::new() } else { line.to_owned() };
    before_tests.lines().map(line).collect::<Vec<_>>().join("\n")
}

/// Fails with every finding, and after them why the rule is there and how to follow it.
#[track_caller]
pub fn assert_none(findings: &[String], reason: &str, mend: &str) {
    assert!(findings.is_empty(), "\n{}\n\nwhy:  {reason}\nmend: {mend}\n", findings.join("\n"));
}
