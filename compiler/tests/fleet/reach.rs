//! The first step of a plan asks every machine: who they are stands in a file of the step, and one that does not answer stops the plan.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

use replank::pipeline::Compiled;
use replank::render::document;
use replank::write::{Force, replace};

use super::{compiled, fleet, with_workers};

const FIRST: &str = "10-prepare/workstation";

/// Answers for every machine but those at these addresses.
fn ssh_that_fails_at(folder: &Path, addresses: &[&str]) {
    let cases: String = addresses.iter().map(|address| format!("  *@{address}\\ *) exit 255 ;;\n")).collect();
    let program = folder.join("ssh");
    fs::write(&program, format!("#!/bin/sh\ncase \"$* \" in\n{cases}  *) exit 0 ;;\nesac\n")).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
}

fn question(compiled: &Compiled) -> document::Command {
    let document = compiled.tree.document().unwrap();
    let step = document.steps.iter().find(|step| step.id == FIRST).unwrap();
    let asks = |command: &&document::Command| command.shell.contains(&format!("steps/{FIRST}/machines"));
    step.preconditions.iter().find(asks).unwrap().clone()
}

/// What the question says where these machines do not answer.
fn asked(compiled: &Compiled, silent: &[&str]) -> Output {
    let directory = tempfile::tempdir().unwrap();
    ssh_that_fails_at(directory.path(), silent);
    let plan = directory.path().join("plan");
    replace(&plan, &compiled.tree, Force::No).unwrap();
    let path = format!("{}:{}", directory.path().display(), std::env::var("PATH").unwrap());
    Command::new("bash").args(["-c", &question(compiled).shell]).env("PATH", path).current_dir(plan).output().unwrap()
}

fn lines(bytes: &[u8]) -> Vec<String> {
    let mut lines: Vec<String> = String::from_utf8_lossy(bytes).lines().map(str::to_owned).collect();
    lines.sort_unstable();
    lines
}

#[test]
fn every_machine_is_asked_and_the_last_line_counts_them() {
    let compiled = compiled(&with_workers(&fleet(30)));
    let output = asked(&compiled, &[]);
    assert!(output.status.success(), "{output:?}");
    let mut expected: Vec<String> = compiled.migration.machines.keys().map(|name| format!("{name} answers")).collect();
    expected.push(question(&compiled).expect.unwrap());
    expected.sort_unstable();
    assert_eq!(lines(&output.stdout), expected);
    assert!(expected.contains(&format!("all {} machines answer", compiled.migration.machines.len())), "{expected:?}");
}

#[test]
fn machines_that_do_not_answer_stop_the_plan_and_all_of_them_are_named() {
    let output = asked(&compiled(&with_workers(&fleet(30))), &["10.100.0.4", "10.100.0.21"]);
    assert!(!output.status.success(), "{output:?}");
    assert_eq!(lines(&output.stderr), ["w-20 does not answer as 10.100.0.21", "w-3 does not answer as 10.100.0.4"]);
    assert!(!lines(&output.stdout).iter().any(|line| line.starts_with("all ")), "{output:?}");
}

#[test]
fn a_question_without_its_list_fails() {
    let mut compiled = compiled(&with_workers(&fleet(12)));
    compiled.tree.files.remove(&format!("steps/{FIRST}/machines")).unwrap();
    let output = asked(&compiled, &[]);
    assert!(!output.status.success() && lines(&output.stdout).is_empty(), "{output:?}");
}

#[test]
fn a_list_that_was_cut_does_not_give_what_is_expected() {
    let mut compiled = compiled(&with_workers(&fleet(12)));
    let list = compiled.tree.files.get_mut(&format!("steps/{FIRST}/machines")).unwrap();
    *list = list.lines().take(10).map(|line| format!("{line}\n")).collect();
    let output = asked(&compiled, &[]);
    let said = lines(&output.stdout);
    assert!(said.contains(&"all 8 machines answer".to_owned()), "{output:?}");
    assert!(!said.contains(&question(&compiled).expect.unwrap()), "{output:?}");
}

#[test]
fn the_first_section_of_the_runbook_does_not_grow_with_the_fleet() {
    let section = |count| {
        let files = compiled(&with_workers(&fleet(count))).tree.files;
        let heading = format!("---\n\n## {FIRST}\n");
        let (_, after) = files.values().find_map(|page| page.split_once(&heading)).unwrap();
        after.find("\n---\n").unwrap()
    };
    assert_eq!(section(60), section(80), "as many digits in its counts");
}
