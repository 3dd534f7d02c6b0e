//! A step that is written down: its part of plan.json, its files, and what overviews say of it.
//!
//! Does not know how many steps there are, nor which are alike.

use super::document::{StepDocument, StepWords, Text, Words};
use super::{RenderError, json};

#[derive(PartialEq, Eq)]
pub struct Written {
    /// Without title, commands and prose, of which `text` has the only copy: those of ten thousand steps are hundreds of megabytes.
    pub outline: StepDocument,
    /// The whole step as it stands in plan.json.
    pub text: String,
    /// Name and text of each.
    pub files: Vec<(&'static str, String)>,
}

impl Written {
    /// # Errors
    /// Only for a bug of ours.
    pub fn new(step: StepDocument, words: StepWords, files: Vec<(&'static str, String)>) -> Result<Self, RenderError> {
        let whole = step.with_words(words);
        let text = json::step(&whole)?;
        Ok(Self { outline: outline(whole), text, files })
    }
}

fn outline(mut step: StepDocument) -> StepDocument {
    step.title = Text::default();
    step.words = Words::default();
    step.rollback_leaves = Vec::new();
    for commands in [&mut step.preconditions, &mut step.run, &mut step.verify, &mut step.rollback] {
        *commands = Vec::new();
    }
    step
}
