//! The examples: rehearsed from the first step to the last, read by every program that will read them.

use std::path::{Path, PathBuf};

use replank::rehearse::{Extent, Options, Report};

use super::readers::read_plans;
use super::rehearsing::{Plan, QUICK, plays_as_promised};

fn specs() -> Vec<PathBuf> {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let mut found: Vec<_> = std::fs::read_dir(examples).unwrap().map(|entry| entry.unwrap().path().join("migration.yaml")).collect();
    found.retain(|spec| spec.exists());
    found.sort();
    assert!(!found.is_empty(), "no examples");
    found
}

/// The command's own default: each action is rolled back once and interrupted once, and hosts are cut off where the row changed.
const SAMPLED: Options = Options { cuts: Extent::Sampled, rollbacks: Extent::Sampled, interruptions: Extent::Sampled, ..QUICK };

fn clients_are_answered(report: &Report) {
    for endpoint in &report.endpoints {
        let longest = endpoint.longest.longest_gap.as_ref().unwrap();
        assert!(endpoint.answers > 300 && longest.seconds < 5.0, "{endpoint:?}");
    }
}

#[test]
#[ignore = "four minutes: the other examples play the same actions; before a release: cargo test --locked -- --ignored three_machines"]
fn three_machines_become_six_others_and_every_row_of_the_ledger_is_true() {
    // Its actions are those of the other example, and workers': to undo and to cut off here as well would take as long again.
    let Some(report) = plays_as_promised("k3s-external-etcd", &QUICK) else { return };
    clients_are_answered(&report);
}

#[test]
fn one_machine_is_replaced_and_every_row_of_the_ledger_is_true() {
    let Some(report) = plays_as_promised("k3s-replace-one", &SAMPLED) else { return }; // etcd with certificates
    clients_are_answered(&report);
    assert!(report.ledger.pairs > 5, "{:?}", report.ledger);
    assert!(report.steps.iter().any(|step| step.rolled_back) && report.steps.iter().any(|step| step.interrupted));
}

#[test]
fn every_program_accepts_what_the_examples_hand_to_it() {
    let plans: Vec<_> = specs().iter().map(|spec| Plan::of(spec)).collect();
    let directories: Vec<_> = plans.iter().map(Plan::directory).collect();
    let complaints = read_plans(&directories);
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}
