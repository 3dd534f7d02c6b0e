//! Templates to bytes, in memory.
//!
//! Responsible for: evaluating the words of every step, writing every file of the plan directory into a tree in memory. Does not
//! decide anything: what is placed was chosen in `lower`, what is judged was judged in `verify`. Does not touch the disk.

mod artifacts;
mod assemble;
mod catalog;
pub mod digest;
pub mod document;
mod engine;
pub mod filters;
mod pages;
mod words;
mod yaml;

use std::collections::BTreeMap;

pub use assemble::Input;
use engine::Engine;

/// A plan directory in memory: path (with `/`, relative to the directory) to content. `SHA256SUMS` is one of the files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tree {
    pub files: BTreeMap<String, String>,
}

/// A language of the runbook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Language {
    English,
    Chinese,
}

/// A template of ours is wrong. This is always a bug of replank, never of the spec.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenderError(pub String);

/// Renders every file of the plan directory.
///
/// # Errors
/// Only for a bug in our own templates.
pub fn render(input: &Input<'_>) -> Result<(document::PlanDocument, Tree), RenderError> {
    let engine = Engine::new()?;
    let mut tree = Tree::default();
    let mut steps = Vec::with_capacity(input.sheets.len());
    for (index, sheet) in input.sheets.iter().enumerate() {
        let Some(step) = assemble::step(input, index) else { continue };
        let texts = words::evaluate(&engine, sheet, &step.id)?;
        artifacts::render(&engine, sheet, &step, &mut tree)?;
        steps.push(step.with_words(texts));
    }
    let document = assemble::document(input, steps);
    pages::render(&engine, &document, input.languages, &mut tree)?;
    tree.files.insert("plan.json".into(), json(&document)?);
    tree.files.insert("SHA256SUMS".into(), digest::sums(&tree.files));
    Ok((document, tree))
}

/// Renders one page of `templates/` from data of its own.
///
/// # Errors
/// Only for a bug in our own templates.
pub fn page(template: &str, data: &impl serde::Serialize) -> Result<String, RenderError> {
    Engine::new()?.render(template, &engine::Context::new(data))
}

fn json(document: &document::PlanDocument) -> Result<String, RenderError> {
    let mut text = serde_json::to_string_pretty(document).map_err(|error| RenderError(error.to_string()))?;
    text.push('\n');
    Ok(text)
}
