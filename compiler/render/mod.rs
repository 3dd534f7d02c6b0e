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
mod example;
pub mod filters;
mod fleet;
mod json;
mod pages;
mod pattern;
mod words;
mod written;
mod yaml;

use std::collections::BTreeMap;

use rayon::prelude::*;

pub use assemble::Input;
use document::{PlanDocument, StepDocument};
use engine::{Context, Engine};
use example::Marks;
use fleet::Prepared;
use written::Written;

/// A plan directory in memory: path (with `/`, relative to the directory) to content. `SHA256SUMS` is one of the files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tree {
    pub files: BTreeMap<String, String>,
}

/// The file of a plan that says everything else.
pub const PLAN: &str = "plan.json";

impl Tree {
    /// The plan as data, read from its file.
    ///
    /// # Errors
    /// Only for a bug of ours.
    pub fn document(&self) -> Result<PlanDocument, RenderError> {
        let text = self.files.get(PLAN).ok_or_else(|| RenderError(format!("a plan without a {PLAN}")))?;
        serde_json::from_str(text).map_err(|error| RenderError(format!("{PLAN}: {error}")))
    }
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

/// How many steps a core writes before it takes others: it frees what it made itself, which no core has to wait for. A fleet is evaluated
/// three times for each of these pieces, and what is written waits until it is put where it belongs.
const AT_ONCE: usize = 256;

/// Renders every file of the plan directory.
///
/// # Errors
/// Only for a bug in our own templates.
pub fn render(input: &Input<'_>) -> Result<Tree, RenderError> {
    let engine = Engine::shared()?;
    let head = assemble::document(input);
    let Gathered { mut tree, plan_text, outlines } = steps(engine, input, json::PlanText::begin(&head)?)?;
    let plan_text = plan_text.end();
    let texts: Vec<&str> = plan_text.steps().collect();
    // One text of hundreds of megabytes: its digest takes as long as all pages.
    let pages = || pages::render(engine, &head, &outlines, &texts, input.languages);
    let (pages, digest) = rayon::join(pages, || digest::sha256(plan_text.text().as_bytes()));
    tree.files.extend(pages?);
    // Outlines of ten thousand steps are a million pieces of memory: they are freed meanwhile.
    let (mut digests, ()) = rayon::join(|| digest::of(&tree.files), || drop(outlines));
    digests.insert(PLAN.to_owned(), digest);
    tree.files.insert(digest::SUMS.into(), digest::list(&digests));
    tree.files.insert(PLAN.into(), plan_text.into_text());
    Ok(tree)
}

/// What is there of a plan while its steps are written.
struct Gathered {
    tree: Tree,
    plan_text: json::PlanText,
    outlines: Vec<StepDocument>,
}

impl Gathered {
    fn add(&mut self, steps: impl IntoIterator<Item = Written>) {
        for Written { outline, text, files } in steps {
            self.plan_text.push(&text);
            self.tree.files.extend(files.into_iter().map(|(name, text)| (format!("steps/{}/{name}", outline.id), text)));
            self.outlines.push(outline);
        }
    }
}

/// All cores write. What they wrote is put together in the plan's order, while they write what follows.
fn steps(engine: &Engine, input: &Input<'_>, plan_text: json::PlanText) -> Result<Gathered, RenderError> {
    let mut gathered = Gathered { tree: Tree::default(), plan_text, outlines: Vec::new() };
    let surroundings = Context::all(input.lowered.surroundings());
    let marks = Marks::of(input.source.text());
    let pieces: Vec<(usize, &[Context])> = surroundings.chunks(AT_ONCE).enumerate().map(|(at, piece)| (at * AT_ONCE, piece)).collect();
    let mut written: Vec<Vec<Written>> = Vec::new();
    for pieces in pieces.chunks(rayon::current_num_threads()) {
        let write = || pieces.par_iter().map(|(start, surroundings)| piece(engine, input, *start, surroundings, marks)).collect();
        let (next, ()) = rayon::join(write, || gathered.add(written.drain(..).flatten()));
        let next: Result<_, RenderError> = next;
        written = next?;
    }
    gathered.add(written.into_iter().flatten());
    Ok(gathered)
}

/// The steps from `start` on, one for each of the surroundings.
fn piece(engine: &Engine, input: &Input<'_>, start: usize, surroundings: &[Context], marks: Marks) -> Result<Vec<Written>, RenderError> {
    let prepare = |(at, surroundings)| prepare(engine, input, start + at, surroundings, marks);
    let prepared = surroundings.par_iter().enumerate().filter_map(prepare).collect::<Result<Vec<_>, _>>()?;
    fleet::write(engine, prepared, surroundings)
}

fn prepare(
    engine: &Engine,
    input: &Input<'_>,
    index: usize,
    surroundings: &Context,
    marks: Marks,
) -> Option<Result<Prepared, RenderError>> {
    let sheet = input.lowered.sheet(index)?;
    let step = assemble::step(input, index, &sheet)?;
    let own = match marks {
        Marks::Free => assemble::own(input, index),
        Marks::Taken => None,
    };
    Some(Prepared::new(engine, sheet, step, surroundings, own))
}

/// Renders one page of `templates/` from data of its own.
///
/// # Errors
/// Only for a bug in our own templates.
pub fn page(template: &str, data: &impl serde::Serialize) -> Result<String, RenderError> {
    Engine::shared()?.render(template, &Context::new(data))
}
