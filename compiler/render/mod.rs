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
mod fleet;
mod json;
mod pages;
mod pattern;
mod words;
mod yaml;

use std::collections::BTreeMap;

use rayon::prelude::*;

pub use assemble::Input;
use document::PlanDocument;
use engine::{Context, Engine};
use fleet::Prepared;

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

/// How many steps are held twice, as data and as text, before the text is put where it belongs. Enough to keep every core at work.
const AT_ONCE: usize = 512;

/// Renders every file of the plan directory.
///
/// # Errors
/// Only for a bug in our own templates.
pub fn render(input: &Input<'_>) -> Result<(PlanDocument, Tree), RenderError> {
    let engine = Engine::shared()?;
    let head = assemble::document(input);
    let (mut tree, mut plan_text, mut steps) = (Tree::default(), json::PlanText::begin(&head)?, Vec::new());
    let surroundings = Context::all(input.lowered.surroundings());
    let marks = fleet::Marks::of(input.source.text());
    for (chunk, surroundings) in surroundings.chunks(AT_ONCE).enumerate() {
        // All cores write. What they wrote is put together in the plan's order.
        let prepare = |(at, surroundings)| prepare(engine, input, chunk * AT_ONCE + at, surroundings, marks);
        let prepared = surroundings.par_iter().enumerate().filter_map(prepare).collect::<Result<Vec<_>, _>>()?;
        let evaluated = fleet::evaluate(engine, prepared, surroundings)?;
        let written = evaluated.into_par_iter().map(|(step, evaluated)| {
            let document = step.with_words(evaluated.words);
            Ok((json::step(&document)?, document, evaluated.files))
        });
        for (text, document, files) in written.collect::<Result<Vec<_>, RenderError>>()? {
            plan_text.push(&text);
            tree.files.extend(files.into_iter().map(|(name, text)| (format!("steps/{}/{name}", document.id), text)));
            steps.push(document);
        }
    }
    let texts: Vec<&str> = plan_text.steps().collect();
    pages::render(engine, &head, &steps, &texts, input.languages, &mut tree)?;
    tree.files.insert("plan.json".into(), plan_text.finish());
    tree.files.insert("SHA256SUMS".into(), digest::sums(&tree.files));
    Ok((PlanDocument { steps, ..head }, tree))
}

fn prepare(
    engine: &Engine,
    input: &Input<'_>,
    index: usize,
    surroundings: &Context,
    marks: fleet::Marks,
) -> Option<Result<Prepared, RenderError>> {
    let sheet = input.lowered.sheet(index)?;
    let step = assemble::step(input, index, &sheet)?;
    let machine = match marks {
        fleet::Marks::Free => assemble::machine_of(input, index),
        fleet::Marks::Taken => None,
    };
    Some(Prepared::new(engine, sheet, step, surroundings, machine))
}

/// Renders one page of `templates/` from data of its own.
///
/// # Errors
/// Only for a bug in our own templates.
pub fn page(template: &str, data: &impl serde::Serialize) -> Result<String, RenderError> {
    Engine::shared()?.render(template, &Context::new(data))
}
