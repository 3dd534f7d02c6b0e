//! systemd units, read by systemd-analyze in a root of stubs. Any word it says is a complaint, for it exits 0 on most mistakes.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use super::{Texts, with_places, write_all};

pub fn read(texts: &Texts) -> Vec<String> {
    if texts.is_empty() {
        return Vec::new();
    }
    let mut complaints: Vec<_> =
        texts.iter().flat_map(|(text, place)| continuations(text).map(move |reason| format!("{place}: {reason}"))).collect();
    let root = tempfile::tempdir().unwrap();
    let system = root.path().join("etc/systemd/system");
    std::fs::create_dir_all(&system).unwrap();
    copy_standard_units(root.path());
    for program in texts.keys().flat_map(|text| programs(text)).collect::<BTreeSet<_>>() {
        stub(root.path(), program);
    }
    let files = write_all(&system, texts.keys(), "-unit.service");
    let mut command = Command::new("systemd-analyze");
    command.arg(format!("--root={}", root.path().display())).args(["verify", "--man=no", "--recursive-errors=one"]).args(&files);
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    complaints.extend(with_places(&said, &files, texts));
    if complaints.is_empty() && !output.status.success() {
        complaints.push(format!("systemd-analyze verify: {}", output.status));
    }
    complaints
}

fn copy_standard_units(root: &Path) {
    let target = root.join("usr/lib/systemd/system");
    std::fs::create_dir_all(&target).unwrap();
    let script = "cp -a /lib/systemd/system/*.target /lib/systemd/system/*.slice \"$1\"";
    assert!(Command::new("sh").args(["-c", script, "sh"]).arg(&target).status().unwrap().success(), "systemd's own units are missing");
}

/// The programs that a unit starts.
fn programs(text: &str) -> impl Iterator<Item = &str> {
    let executed = text.lines().filter_map(|line| line.strip_prefix("Exec")?.split_once('='));
    executed.filter_map(|(_, command)| command.trim_start_matches(['-', '+', '!', ':', '@', ' ']).split_whitespace().next())
}

fn stub(root: &Path, program: &str) {
    let path = root.join(program.trim_start_matches('/'));
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, "#!/bin/sh\n").unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// What systemd swallows without a word: a continuation into the next directive, and a backslash that does not continue.
fn continuations(text: &str) -> impl Iterator<Item = String> {
    let lines: Vec<_> = text.lines().collect();
    let mut found = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let next = lines.get(index + 1).map_or("", |next| next.trim());
        let directive =
            next.split_once('=').is_some_and(|(key, _)| key.starts_with(|letter: char| letter.is_ascii_uppercase()) && !key.contains(' '));
        if line.ends_with('\\') && (next.is_empty() || next.starts_with('[') || directive) {
            found.push(format!("line {}: the backslash swallows the line after it: {line}", index + 1));
        }
        if line.trim_end() != *line {
            found.push(format!("line {}: a blank ends the line: {line:?}", index + 1));
        }
    }
    if !text.ends_with('\n') {
        found.push("the last line does not end".to_owned());
    }
    found.into_iter()
}
