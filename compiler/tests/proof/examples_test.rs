//! The examples, compiled by the program itself: played by the real etcd, read by every program that will read them.

use std::path::{Path, PathBuf};
use std::process::Command;

use replank::pipeline::compile;
use replank::render::Language;
use replank::source::SourceFile;

use super::readers::read_plans;
use super::requirements::{WHOLE, met};
use super::whole::{Thoroughness, play_whole};

fn specs() -> Vec<PathBuf> {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let mut found: Vec<_> = std::fs::read_dir(examples).unwrap().map(|entry| entry.unwrap().path().join("migration.yaml")).collect();
    found.retain(|spec| spec.exists());
    found.sort();
    assert!(!found.is_empty(), "no examples");
    found
}

/// Compiles a spec as a user does.
fn plan_of(spec: &Path) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let output =
        Command::new(env!("CARGO_BIN_EXE_replank")).arg("compile").arg(spec).arg("-o").arg(directory.path().join("plan")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    directory
}

/// Plays every step of the example whose name is given.
fn rehearse(example: &str, thoroughness: Thoroughness) {
    if !met("the play of whole plans", WHOLE) {
        return;
    }
    let spec = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(example).join("migration.yaml");
    let source = SourceFile::new(example, std::fs::read_to_string(&spec).unwrap());
    let compiled = compile(&source, &[Language::English]).unwrap_or_else(|refusal| panic!("{refusal:?}"));
    let plan = plan_of(&spec);
    let report = play_whole(&plan.path().join("plan"), &compiled.migration, thoroughness).unwrap_or_else(|failure| panic!("{failure}"));
    eprintln!("{example}: {report}");
    assert!(report.written.longest_gap_seconds < 5.0, "{report}");
}

#[test]
fn three_machines_become_six_others_step_by_step_and_no_write_is_lost() {
    rehearse("k3s-external-etcd", Thoroughness::Once);
}

#[test]
fn one_machine_is_replaced_step_by_step_and_no_write_is_lost() {
    rehearse("k3s-replace-one", Thoroughness::UndoneAndRepeated); // etcd with certificates
}

#[test]
fn every_program_accepts_what_the_examples_hand_to_it() {
    let plans: Vec<_> = specs().iter().map(|spec| plan_of(spec)).collect();
    let directories: Vec<_> = plans.iter().map(|plan| plan.path().join("plan")).collect();
    let complaints = read_plans(&directories);
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}
