//! The pages that people read: RUNBOOK and REVIEW, derived from the document and from nothing else.

mod alike;
mod review;
mod runbook;
mod sections;

use super::document::{PlanDocument, StepDocument};
use super::engine::Engine;
use super::{Language, RenderError, Tree};

/// `head` is the document without its steps; `texts` are the parts of plan.json, one a step.
pub fn render(
    engine: &Engine,
    head: &PlanDocument,
    steps: &[StepDocument],
    texts: &[&str],
    languages: &[Language],
    tree: &mut Tree,
) -> Result<(), RenderError> {
    runbook::render(engine, head, steps, texts, languages, tree)?;
    tree.files.insert("REVIEW.md".into(), review::render(engine, head, steps)?);
    Ok(())
}
