//! The pages that people read: RUNBOOK and REVIEW, derived from the document and from nothing else.

mod alike;
mod review;
mod runbook;
mod sections;

use std::collections::BTreeMap;

use super::document::{PlanDocument, StepDocument};
use super::engine::Engine;
use super::{Language, RenderError};

/// The pages by path. `head` is the document without its steps; of each step there are its outline, and its part of plan.json.
pub fn render(
    engine: &Engine,
    head: &PlanDocument,
    outlines: &[StepDocument],
    texts: &[&str],
    languages: &[Language],
) -> Result<BTreeMap<String, String>, RenderError> {
    let runbook = || runbook::render(engine, head, outlines, texts, languages);
    let (runbook, review) = rayon::join(runbook, || review::render(engine, head, outlines));
    let mut pages = runbook?;
    pages.insert("REVIEW.md".into(), review?);
    Ok(pages)
}
