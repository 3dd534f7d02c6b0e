//! Every input that the fuzzer found, answered again.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::drivers::{plan_directory, spec_structure, spec_text};

/// The files of a target: what reaches much, and what once broke something.
fn found(target: &str) -> Vec<PathBuf> {
    let folder = |kind: &str| Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz").join(kind).join(target);
    let files = ["corpus", "crashes"].into_iter().flat_map(|kind| fs::read_dir(folder(kind)).into_iter().flatten());
    let mut paths: Vec<PathBuf> = files.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

/// Drives every file of a target, and names each that broke something.
fn replay(target: &str, drive: impl Fn(&[u8])) {
    let paths = found(target);
    assert!(paths.len() > 50, "the corpus of {target} is not there");
    let breaks = |path: &&PathBuf| {
        let bytes = fs::read(path).unwrap();
        catch_unwind(AssertUnwindSafe(|| drive(&bytes))).is_err()
    };
    let broken: Vec<&PathBuf> = paths.iter().filter(breaks).collect();
    assert!(broken.is_empty(), "{target}: why stands above; search on with fuzz/run {target}\n{broken:#?}");
}

#[test]
fn texts_are_answered() {
    replay("spec_text", spec_text::run);
}

#[test]
fn changed_specs_are_answered() {
    replay("spec_structure", spec_structure::run);
}

/// In a process of its own, as the commands print and set the hook for panics; and in a directory that goes away with what they leave.
#[test]
fn mangled_plan_directories_are_answered() {
    let room = tempfile::tempdir().unwrap();
    let mut alone = Command::new(std::env::current_exe().unwrap());
    alone.args(["--exact", "hostile::replay::mangled_plan_directories_in_this_process", "--ignored"]).env("TMPDIR", room.path());
    let output = alone.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{}", &said[said.len().saturating_sub(4_000)..]);
    assert!(said.contains("1 passed"), "{said}");
}

#[test]
#[ignore = "mangled_plan_directories_are_answered runs it in a process of its own"]
fn mangled_plan_directories_in_this_process() {
    replay("plan_directory", plan_directory::run);
}
