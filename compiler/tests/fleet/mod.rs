//! Fleets: many machines of which the steps are alike. They are told once and written down together, and each says what it would alone.

mod pages;
mod reach;
mod review;
mod together;

use replank::pipeline::{Compiled, compile};
use replank::render::Language;
use replank::source::SourceFile;

const EXTERNAL_ETCD: &str = include_str!("../../../examples/k3s-external-etcd/migration.yaml");

/// The example with a fleet of further workers: a line for each machine, and one for all in the target.
fn with_workers(machines: &[(String, String)]) -> String {
    let lines: String = machines.iter().map(|(name, address)| format!("    {name:?}: {{address: {address:?}}}\n")).collect();
    let names: String = machines.iter().map(|(name, _)| format!(", {name:?}")).collect();
    let text = EXTERNAL_ETCD.replacen("    phy-6:", &format!("{lines}    phy-6:"), 1);
    let text = text.replacen("    workers: [phy-4, phy-5, phy-6]", &format!("    workers: [phy-4, phy-5, phy-6{names}]"), 1);
    assert!(text.contains(&lines) && text.contains(&names), "the example has changed");
    text
}

/// `w-0`, `w-1` and so on: names and addresses of which some begin like others.
fn fleet(count: usize) -> Vec<(String, String)> {
    (0..count).map(|number| (format!("w-{number}"), format!("10.100.{}.{}", number / 200, number % 200 + 1))).collect()
}

fn compiled(text: &str) -> Compiled {
    let languages = [Language::English, Language::Chinese];
    compile(&SourceFile::new("migration.yaml", text), &languages).unwrap_or_else(|refusal| panic!("{refusal:?}\n{text}"))
}
