//! YAML and JSON, parsed by a parser that is not ours. A key that stands twice is a complaint, for parsers drop one silently.

use std::process::Command;

use super::{Texts, with_places, write_all};

pub fn read(texts: &Texts, suffix: &str) -> Vec<String> {
    if texts.is_empty() {
        return Vec::new();
    }
    let directory = tempfile::tempdir().unwrap();
    let files = write_all(directory.path(), texts.keys(), &format!(".{suffix}"));
    let output = Command::new("/usr/bin/python3").arg("-B").arg(super::program("read_data.py")).args(&files).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    with_places(&String::from_utf8_lossy(&output.stdout), &files, texts)
}
