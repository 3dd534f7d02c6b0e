//! The whole walk of data in one function.
//!
//! Does not read files and does not write them: text in, tree out.

use crate::diag::{Code, Findings, Severity};
use crate::ir::{Ledger, Plan};
use crate::model::Migration;
use crate::render::{self, Input, Language, Tree};
use crate::source::SourceFile;
use crate::{lower, model, plan, spec, verify};

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

/// A safe plan that is not written down.
#[derive(Debug, Clone)]
pub struct Judged {
    pub migration: Migration,
    pub plan: Plan,
    pub ledger: Ledger,
    /// Warnings: a plan exists all the same.
    pub warnings: Findings,
}

/// Everything by which a spec can be refused: read, resolve, plan, judge, examine. It takes a tenth of the memory that the plan's texts take.
///
/// # Errors
/// A refusal says whether the spec or the plan is wrong.
pub fn judge(source: &SourceFile) -> Result<Judged, Refusal> {
    let document = spec::read(source).map_err(Refusal::Spec)?;
    let (migration, mut warnings) = model::resolve(&document).map_err(Refusal::Spec)?;
    let plan = plan::plan(&migration).map_err(Refusal::Spec)?;
    let (ledger, found) = verify::judge(&migration, &plan);
    warnings.extend(found);
    let is_slip = |code| matches!(code, Code::V504 | Code::V505);
    if warnings.has_errors() && warnings.iter().all(|finding| finding.severity() != Severity::Error || is_slip(finding.code)) {
        // The plan is safe; what is wrong stands in `accept`.
        return Err(Refusal::Spec(warnings));
    }
    if warnings.has_errors() {
        return Err(Refusal::Unsafe { findings: warnings, ledger });
    }
    warnings.extend(lower::examine(&migration, &plan, &ledger));
    if warnings.has_errors() {
        return Err(Refusal::Unsafe { findings: warnings, ledger });
    }
    Ok(Judged { migration, plan, ledger, warnings })
}

/// Compiles a spec: judge, lower, render. Touches nothing outside its arguments.
///
/// # Errors
/// A refusal says whether the spec, the plan or replank itself is wrong.
pub fn compile(source: &SourceFile, languages: &[Language]) -> Result<Compiled, Refusal> {
    let Judged { migration, plan, ledger, warnings } = judge(source)?;
    let lowered = lower::lower(&migration, &plan, &ledger);
    let input = Input { source, migration: &migration, plan: &plan, ledger: &ledger, lowered: &lowered, languages };
    let tree = render::render(&input).map_err(|error| Refusal::Bug(error.0))?;
    Ok(Compiled { migration, plan, ledger, tree, warnings })
}
