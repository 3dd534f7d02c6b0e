//! plan.json, put together from its steps: each was made into text for itself, on any core.
//!
//! Knows that `steps` is the last field of the document, and how those words of a step stand there that may differ between steps that are
//! alike. Does not know which steps are.

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

/// What may differ between the parts of steps that are alike, as it stands there: name and address of the machine, the place in the spec,
/// how many nodes there are after the step, and the step right before it, which it may need. `previous` is empty for the first step.
pub fn own(step: &StepDocument, [name, address]: &[String; 2], previous: &str) -> [String; 7] {
    let because = &step.because;
    [
        name.clone(),
        address.clone(),
        pointer(&because.pointer),
        line(because.line),
        column(because.column),
        schedulable_nodes(step.after.schedulable_nodes),
        if previous.is_empty() { String::new() } else { identity(previous) },
    ]
}

// Each with what surrounds it, so that it is nothing else: inside of a text quotes are escaped.

/// A step's id where it is a whole text.
pub fn identity(step: &str) -> String {
    format!("\"{step}\"")
}

pub fn pointer(pointer: &str) -> String {
    format!("\"pointer\": \"{pointer}\",")
}

pub fn line(line: usize) -> String {
    format!("\"line\": {line},")
}

pub fn column(column: usize) -> String {
    format!("\"column\": {column}\n")
}

pub fn schedulable_nodes(count: usize) -> String {
    format!("\"schedulableNodes\": {count},")
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

    /// After the last step.
    #[must_use]
    pub fn end(mut self) -> Self {
        self.text.push_str(if self.steps.is_empty() { "]\n}\n" } else { "\n  ]\n}\n" });
        self
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn into_text(self) -> String {
        self.text
    }
}

fn pretty(value: &impl Serialize) -> Result<String, RenderError> {
    let mut bytes = Vec::with_capacity(USUAL);
    serde_json::to_writer_pretty(&mut bytes, value).map_err(|error| RenderError(error.to_string()))?;
    String::from_utf8(bytes).map_err(|error| RenderError(error.to_string()))
}
