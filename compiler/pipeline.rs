//! The whole walk of data in one function.

use crate::diag::Findings;
use crate::ir::{Ledger, Plan};
use crate::model::Migration;
use crate::render::Tree;

/// What a spec compiled to.
#[derive(Debug, Clone)]
pub struct Compiled {
    pub migration: Migration,
    pub plan: Plan,
    pub ledger: Ledger,
    pub tree: Tree,
    /// Warnings: a plan exists all the same.
    pub warnings: Findings,
}

/// Why there is no plan.
#[derive(Debug, Clone)]
pub enum Refusal {
    /// The spec is wrong (exit 3).
    Spec(Findings),
    /// The spec is right, but no safe plan exists under its policy (exit 4). The ledger shows where it breaks.
    Unsafe { findings: Findings, ledger: Ledger },
    /// Our own bug (exit 70).
    Bug(String),
}

/// A language of the runbook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Language {
    English,
    Chinese,
}

/// Compiles a spec: read, resolve, plan, judge, lower, render. Touches nothing outside its arguments.
pub fn compile(_source: &crate::source::SourceFile, _languages: &[Language]) -> Result<Compiled, Refusal> {
    Err(Refusal::Bug("not built yet".into()))
}
