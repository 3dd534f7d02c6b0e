//! What is said about a spec that cannot be read as a file.

use std::fs;
use std::process::Command;

use super::{replank, replank_in, run};

#[test]
fn a_spec_that_is_not_there_and_one_that_is_a_directory_are_exit_1() {
    let directory = tempfile::tempdir().unwrap();
    let missing = replank_in(directory.path(), &["check", "absent.yaml"]);
    assert_eq!(missing.exit, 1);
    assert!(missing.err.contains("`absent.yaml`") && missing.err.contains("No such file"), "{}", missing.err);
    let folder = replank_in(directory.path(), &["compile", ".", "-o", "plan"]);
    assert_eq!(folder.exit, 1);
    assert!(folder.err.contains("it is a directory"), "{}", folder.err);
    assert!(!directory.path().join("plan").exists());
}

#[test]
fn a_spec_that_is_not_utf_8_is_exit_3_and_the_line_is_named() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("latin.yaml"), b"a: 1\nb: caf\xe9\n").unwrap();
    let ran = replank_in(directory.path(), &["check", "latin.yaml"]);
    assert_eq!(ran.exit, 3);
    assert!(ran.err.contains("line 2, byte 12"), "{}", ran.err);
}

#[test]
fn a_dash_is_standard_input() {
    let ran = run(Command::new(env!("CARGO_BIN_EXE_replank")).args(["check", "-"]), b"\xff");
    assert_eq!(ran.exit, 3);
    assert!(ran.err.contains("`<stdin>`"), "{}", ran.err);
}

#[test]
fn an_endless_input_is_refused_and_not_swallowed() {
    let ran = replank(&["check", "/dev/zero"]);
    assert_eq!(ran.exit, 1);
    assert!(ran.err.contains("larger than"), "{}", ran.err);
}
