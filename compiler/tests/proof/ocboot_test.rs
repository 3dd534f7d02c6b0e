//! Clusters whose servers ocboot installs: every program accepts what such plans hand to it, whoever runs ocboot and wherever the password
//! lies.

use replank::write::{Force, replace};

use super::readers::read_plans;
use crate::ocboot::spec::{SEED, Servers, compiled};

#[test]
fn every_program_accepts_a_plan_with_ocboot() {
    let elsewhere = SEED.replace("          stack:", "          runsOn: lzx-ha-env-2\n          stack:");
    let variable = |text: &str| text.replace("{file: /root/.database-password}", "{env: DATABASE_PASSWORD}");
    let alive = Servers { failed: 0, leaving: 2, staying: 1, joining: 2, stack: "cmp", order: "addThenRemove" };
    let folder = tempfile::tempdir().unwrap();
    let texts = [SEED.to_owned(), variable(SEED), variable(&elsewhere), elsewhere, alive.text()];
    let plans: Vec<_> = texts
        .iter()
        .enumerate()
        .map(|(index, text)| {
            let directory = folder.path().join(index.to_string());
            replace(&directory, &compiled(text).tree, Force::No).unwrap();
            directory
        })
        .collect();
    let complaints = read_plans(&plans);
    assert!(complaints.is_empty(), "{} complaints\n{}", complaints.len(), complaints.join("\n"));
}
