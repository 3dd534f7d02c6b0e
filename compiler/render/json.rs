//! plan.json, put together from its steps: each was made into text for itself, on any core.
//!
//! Knows that `steps` is the last field of the document, and nothing else of it.

use std::ops::Range;

use serde::Serialize;

use super::RenderError;
use super::document::{PlanDocument, StepDocument};

/// Most steps have no more bytes than this.
const USUAL: usize = 16 * 1024;

/// How the document ends while it has no steps.
const NO_STEPS: &str = "]\n}";

/// What stands before and after the only step of a list.
const BEFORE: &str = "{\n  \"steps\": [\n";
const AFTER: &str = "\n  ]\n}";

#[derive(Serialize)]
struct Steps<'a> {
    steps: [&'a StepDocument; 1],
}

/// A step as it stands among the others, without the comma.
pub fn step(step: &StepDocument) -> Result<String, RenderError> {
    let mut text = pretty(&Steps { steps: [step] })?;
    if !text.starts_with(BEFORE) || !text.ends_with(AFTER) {
        return Err(RenderError("a step is not written as one of a list".into()));
    }
    text.truncate(text.len() - AFTER.len());
    text.drain(..BEFORE.len());
    Ok(text)
}

/// The text as far as it is there, and where in it each step stands.
pub struct PlanText {
    text: String,
    steps: Vec<Range<usize>>,
}

impl PlanText {
    /// `head` is the document without its steps.
    pub fn begin(head: &PlanDocument) -> Result<Self, RenderError> {
        let mut text = pretty(head)?;
        let without_end = text.strip_suffix(NO_STEPS).map(str::len);
        text.truncate(without_end.ok_or_else(|| RenderError("plan.json does not end with its steps".into()))?);
        Ok(Self { text, steps: Vec::new() })
    }

    pub fn push(&mut self, step: &str) {
        self.text.push_str(if self.steps.is_empty() { "\n" } else { ",\n" });
        let start = self.text.len();
        self.text.push_str(step);
        self.steps.push(start..self.text.len());
    }

    /// The part of each step.
    pub fn steps(&self) -> impl Iterator<Item = &str> {
        self.steps.iter().filter_map(|range| self.text.get(range.clone()))
    }

    pub fn finish(mut self) -> String {
        self.text.push_str(if self.steps.is_empty() { "]\n}\n" } else { "\n  ]\n}\n" });
        self.text
    }
}

fn pretty(value: &impl Serialize) -> Result<String, RenderError> {
    let mut bytes = Vec::with_capacity(USUAL);
    serde_json::to_writer_pretty(&mut bytes, value).map_err(|error| RenderError(error.to_string()))?;
    String::from_utf8(bytes).map_err(|error| RenderError(error.to_string()))
}
