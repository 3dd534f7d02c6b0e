//! Steps of which the sheets are alike but for their machine: the words of one are evaluated, and the others get theirs by putting their
//! machine in its place.
//!
//! To evaluate templates takes three times as long as all else that is done for a step. What it yields depends on the sheet alone; templates print the words of a machine
//! and never decide by them. That is not taken for granted: the first and the last step of a fleet are written by themselves, and where
//! the texts differ by a byte each step is. Does not know what any step does.

use std::ops::Range;
use std::sync::Arc;

use rayon::prelude::*;

use super::document::StepDocument;
use super::engine::{Context, Engine};
use super::example::{self, Example, Own};
use super::pattern::Pattern;
use super::written::Written;
use super::{RenderError, artifacts, words, yaml};
use crate::lower::artifact::{Artifact, Destination};
use crate::lower::sheet::Sheet;

/// Fewer than this are written one by one: three evaluations are the price of a fleet.
const LEAST: usize = 8;

/// What is longer than this holds every machine of the cluster, as an inventory does: it is another for each step, and too large to be kept
/// until that is seen.
const MOST_BYTES: usize = 64 * 1024;

/// A step before its words are known, or written where it can be like no other: such sheets may be large, and are not kept.
pub enum Prepared {
    Done(Box<Written>),
    Waiting(Box<Likeness>),
}

/// A step without its words, its sheet, all that its words and files depend on as a text, and the words in it that are the machine's own.
pub struct Likeness {
    step: StepDocument,
    sheet: Sheet,
    text: String,
    own: Own,
}

impl Prepared {
    /// None for `own` where the step shall be written by itself.
    ///
    /// # Errors
    /// Only for a bug in our own templates.
    pub fn new(engine: &Engine, sheet: Sheet, step: StepDocument, surroundings: &Context, own: Option<Own>) -> Result<Self, RenderError> {
        Ok(match likeness(&sheet, own) {
            Some((text, own)) => Self::Waiting(Box::new(Likeness { step, sheet, text, own })),
            None => Self::Done(Box::new(alone(engine, &sheet, step, surroundings)?)),
        })
    }

    fn likeness(&self) -> Option<&Likeness> {
        match self {
            Self::Waiting(likeness) => Some(likeness),
            Self::Done(_) => None,
        }
    }
}

fn likeness(sheet: &Sheet, own: Option<Own>) -> Option<(String, Own)> {
    let own = own.filter(|own| own.machine.iter().all(|word| yaml::is_plain(word)))?;
    let is_elsewhere = |artifact: &Artifact| match &artifact.destination {
        Destination::OnMachine { path, .. } => own.machine.iter().any(|word| path.contains(word.as_str())),
        Destination::InCluster { .. } | Destination::Piped { .. } => true,
    };
    if sheet.artifacts.iter().any(is_elsewhere) {
        return None;
    }
    let text = example::text(sheet).filter(|text| text.len() <= MOST_BYTES)?;
    Some((text, own))
}

impl Likeness {
    fn is_like(&self, first: &Self, pattern: &Pattern) -> bool {
        self.step.phase == first.step.phase
            && Arc::ptr_eq(&self.sheet.surroundings, &first.sheet.surroundings)
            && pattern.is_said_by(&self.text, &self.own.machine)
    }
}

fn alone(engine: &Engine, sheet: &Sheet, step: StepDocument, surroundings: &Context) -> Result<Written, RenderError> {
    let words = words::evaluate(engine, sheet, surroundings, &step.id)?;
    let files = artifacts::render(engine, &sheet.artifacts, &artifacts::header(&step))?;
    Written::new(step, words, files)
}

/// Every step written, in their order.
///
/// # Errors
/// Only for a bug in our own templates.
pub fn write(engine: &Engine, steps: Vec<Prepared>, surroundings: &[Context]) -> Result<Vec<Written>, RenderError> {
    let found = divide(&steps).into_iter().map(|range| {
        let example = fleet(engine, steps.get(range.clone()).unwrap_or_default(), surroundings.get(range.start))?;
        Ok((range, example))
    });
    let found = found.collect::<Result<Vec<(Range<usize>, Option<Example>)>, RenderError>>()?;
    let mut examples: Vec<Option<&Example>> = Vec::with_capacity(steps.len());
    for (range, example) in &found {
        examples.resize(range.start, None);
        examples.resize(range.end, example.as_ref());
    }
    examples.resize(steps.len(), None);
    let written = steps.into_par_iter().zip(surroundings).zip(examples).map(|((step, surroundings), example)| match (step, example) {
        (Prepared::Done(written), _) => Ok(*written),
        (Prepared::Waiting(likeness), Some(example)) => example.write(likeness.step, &likeness.own),
        (Prepared::Waiting(likeness), None) => alone(engine, &likeness.sheet, likeness.step, surroundings),
    });
    written.collect()
}

/// Runs of steps that are alike.
fn divide(steps: &[Prepared]) -> Vec<Range<usize>> {
    let mut ranges: Vec<Range<usize>> = Vec::new();
    let mut at = 0;
    while let Some(first) = steps.get(at) {
        let later = steps.get(at + 1..).unwrap_or_default();
        let alike = first.likeness().map_or(0, |first| {
            let pattern = Pattern::of(&first.text, &first.own.machine);
            later.iter().take_while(|step| step.likeness().is_some_and(|step| step.is_like(first, &pattern))).count()
        });
        let end = at + 1 + alike;
        if alike + 1 >= LEAST {
            ranges.push(at..end);
        }
        at = if alike + 1 >= LEAST { end } else { at + 1 };
    }
    ranges
}

/// What stands for steps that are alike. None where templates do more with a machine's words than print them.
fn fleet(engine: &Engine, steps: &[Prepared], surroundings: Option<&Context>) -> Result<Option<Example>, RenderError> {
    let ([first, .., last], Some(surroundings)) = (steps, surroundings) else { return Ok(None) };
    let (Some(first), Some(last)) = (first.likeness(), last.likeness()) else { return Ok(None) };
    let sheet = example::marked(&first.sheet, &first.text, &first.own);
    let Some(example) = sheet.and_then(|sheet| Example::new(engine, &first.step, &sheet, &first.own, surroundings)) else {
        return Ok(None);
    };
    for step in [first, last] {
        if example.write(step.step.clone(), &step.own)? != alone(engine, &step.sheet, step.step.clone(), surroundings)? {
            return Ok(None);
        }
    }
    Ok(Some(example))
}
