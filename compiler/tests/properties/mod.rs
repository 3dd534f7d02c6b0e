//! What holds for every spec: random ones walk through the whole pipeline, and named ones are kept as snapshots.
//!
//! `REPLANK_PROPERTY_CASES` asks for more cases than the usual few.

mod bytes;
mod difference;
mod embedded;
pub mod generate;
mod helpers;
mod kubeadm;
mod program;
mod refusals;
mod safety;
mod simulate;
mod spec;
mod systemd;
mod topologies;

use proptest::test_runner::Config;
use replank::ir::Plan;
use replank::model::Migration;
use replank::source::SourceFile;

/// `usual` cases, or as many as the environment asks for.
pub fn cases(usual: u32) -> Config {
    let asked = std::env::var("REPLANK_PROPERTY_CASES").ok().and_then(|asked| asked.parse().ok());
    Config { cases: asked.unwrap_or(usual), failure_persistence: None, fork: false, max_shrink_iters: 2_000, ..Config::default() }
}

fn file(text: &str) -> SourceFile {
    SourceFile::new("migration.yaml", text)
}

/// What the spec means; `None` where it is wrong.
fn resolved(text: &str) -> Option<Migration> {
    let document = replank::spec::read(&file(text)).ok()?;
    replank::model::resolve(&document).ok().map(|(migration, _)| migration)
}

fn planned(text: &str) -> Option<(Migration, Plan)> {
    let migration = resolved(text)?;
    let plan = replank::plan::plan(&migration).unwrap_or_else(|findings| panic!("the planner refuses: {findings:?}\n{text}"));
    Some((migration, plan))
}
