//! Steps of which the sheets are alike but for their machine: the words of one are evaluated, and the others get theirs by putting their
//! machine in its place.
//!
//! To evaluate templates takes three times as long as all else that is done for a step. What it yields depends on the sheet alone; templates print the words of a machine
//! and never decide by them. That is not taken for granted: the first and the last step of a fleet are evaluated by themselves, and where
//! the texts differ by a byte each step is. Does not know what any step does.

use std::ops::Range;
use std::sync::Arc;

use rayon::prelude::*;
use serde_json::{Map, Value};

use super::document::{StepDocument, StepWords};
use super::engine::{Context, Engine};
use super::pattern::Pattern;
use super::{RenderError, artifacts, words, yaml};
use crate::lower::artifact::{Artifact, Body, Destination};
use crate::lower::sheet::Sheet;

/// Words that stand for a machine's own while templates are evaluated: plain in YAML as the machine's are, and in no spec that is free of them (`Marks`).
const NAME: &str = "zq-replank-name-qz";
const ADDRESS: &str = "zq-replank-address-qz";
const HEADER: &str = "zq-replank-header-qz";
const MARK: &str = "zq-replank-";

/// Fewer than this are evaluated one by one: three evaluations are the price of a fleet.
const LEAST: usize = 8;

/// Whether the words that stand for a machine's own may be used: a spec that has such a word already is rendered step by step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Marks {
    Free,
    Taken,
}

impl Marks {
    pub fn of(spec: &str) -> Self {
        if spec.contains(MARK) { Self::Taken } else { Self::Free }
    }
}

/// What templates make of a step.
#[derive(PartialEq, Eq)]
pub struct Evaluated {
    pub words: StepWords,
    pub files: Vec<(&'static str, String)>,
}

/// A step before its words are known, or with them where it can be like no other: such sheets may be large, and are not kept.
pub struct Prepared {
    pub step: StepDocument,
    work: Work,
}

enum Work {
    Done(Box<Evaluated>),
    Waiting(Box<Likeness>),
}

/// A sheet, all that its words and files depend on as a text, and the words in it that are the machine's own.
struct Likeness {
    sheet: Sheet,
    text: String,
    own: [String; 2],
}

impl Likeness {
    fn of(sheet: &Sheet, machine: Option<(&str, String)>) -> Option<(String, [String; 2])> {
        let (name, address) = machine.filter(|(name, address)| yaml::is_plain(name) && yaml::is_plain(address))?;
        let own = [name.to_owned(), address];
        let is_elsewhere = |artifact: &Artifact| match &artifact.destination {
            Destination::OnMachine { path, .. } => own.iter().any(|word| path.contains(word.as_str())),
            Destination::InCluster { .. } | Destination::Piped { .. } => true,
        };
        if sheet.artifacts.iter().any(is_elsewhere) {
            return None;
        }
        let files: Vec<_> = sheet.artifacts.iter().map(file).collect();
        Some((serde_json::to_string(&(&sheet.context, files, &sheet.words)).ok()?, own))
    }
}

impl Prepared {
    /// `machine` is the one that the step acts upon, by name and address; none where the step shall be evaluated by itself.
    ///
    /// # Errors
    /// Only for a bug in our own templates.
    pub fn new(
        engine: &Engine,
        sheet: Sheet,
        step: StepDocument,
        surroundings: &Context,
        machine: Option<(&str, String)>,
    ) -> Result<Self, RenderError> {
        let work = match Likeness::of(&sheet, machine) {
            Some((text, own)) => Work::Waiting(Box::new(Likeness { sheet, text, own })),
            None => Work::Done(Box::new(alone(engine, &sheet, &step, surroundings)?)),
        };
        Ok(Self { step, work })
    }

    fn likeness(&self) -> Option<&Likeness> {
        match &self.work {
            Work::Waiting(likeness) => Some(likeness),
            Work::Done(_) => None,
        }
    }

    fn is_like(&self, pattern: &Pattern<'_>, first: (&StepDocument, &Likeness)) -> bool {
        self.likeness().is_some_and(|likeness| {
            self.step.phase == first.0.phase
                && Arc::ptr_eq(&likeness.sheet.surroundings, &first.1.sheet.surroundings)
                && pattern.is_said_by(&likeness.text, &likeness.own)
        })
    }
}

fn alone(engine: &Engine, sheet: &Sheet, step: &StepDocument, surroundings: &Context) -> Result<Evaluated, RenderError> {
    let words = words::evaluate(engine, sheet, surroundings, &step.id)?;
    Ok(Evaluated { words, files: artifacts::render(engine, &sheet.artifacts, &artifacts::header(step))? })
}

/// All that a file depends on, besides the header.
fn file(artifact: &Artifact) -> (&'static str, &str, [&'static str; 2], &Body) {
    match &artifact.destination {
        Destination::OnMachine { path, owner, mode, .. } => (artifact.name, path, [owner, mode], &artifact.body),
        Destination::InCluster { object: path } | Destination::Piped { into: path } => (artifact.name, path, ["", ""], &artifact.body),
    }
}

/// Every step with what templates make of it, in their order.
///
/// # Errors
/// Only for a bug in our own templates.
pub fn evaluate(engine: &Engine, steps: Vec<Prepared>, surroundings: &[Context]) -> Result<Vec<(StepDocument, Evaluated)>, RenderError> {
    let mut examples: Vec<Option<&Evaluated>> = Vec::with_capacity(steps.len());
    let found = divide(&steps);
    let found = found.into_iter().map(|range| {
        let example = fleet(engine, steps.get(range.clone()).unwrap_or_default(), surroundings.get(range.start));
        example.map(|example| (range, example))
    });
    let found: Vec<(Range<usize>, Option<Evaluated>)> = found.collect::<Result<_, _>>()?;
    for (range, example) in &found {
        examples.resize(range.start, None);
        examples.resize(range.end, example.as_ref());
    }
    examples.resize(steps.len(), None);
    let finished = steps.into_par_iter().zip(surroundings).zip(examples).map(|((step, surroundings), example)| {
        let evaluated = match (step.work, example) {
            (Work::Done(evaluated), _) => *evaluated,
            (Work::Waiting(likeness), Some(example)) => example.of(&step.step, &likeness.own),
            (Work::Waiting(likeness), None) => alone(engine, &likeness.sheet, &step.step, surroundings)?,
        };
        Ok((step.step, evaluated))
    });
    finished.collect()
}

/// Runs of steps that are alike.
fn divide(steps: &[Prepared]) -> Vec<Range<usize>> {
    let mut ranges: Vec<Range<usize>> = Vec::new();
    let mut at = 0;
    while let Some(first) = steps.get(at) {
        let later = steps.get(at + 1..).unwrap_or_default();
        let alike = first.likeness().map_or(0, |likeness| {
            let pattern = Pattern::of(&likeness.text, &likeness.own);
            later.iter().take_while(|step| step.is_like(&pattern, (&first.step, likeness))).count()
        });
        let end = at + 1 + alike;
        if alike + 1 >= LEAST {
            ranges.push(at..end);
        }
        at = if alike + 1 >= LEAST { end } else { at + 1 };
    }
    ranges
}

/// What templates make of steps that are alike, with the words that stand for a machine's own. None where they do more with these words
/// than print them.
fn fleet(engine: &Engine, steps: &[Prepared], surroundings: Option<&Context>) -> Result<Option<Evaluated>, RenderError> {
    let ([first, .., last], Some(surroundings)) = (steps, surroundings) else { return Ok(None) };
    let Some(sheet) = first.likeness().and_then(example) else { return Ok(None) };
    let step = sheet.context.get("step").and_then(Value::as_str).unwrap_or_default();
    let Ok(words) = words::evaluate(engine, &sheet, surroundings, step) else { return Ok(None) };
    let Ok(files) = artifacts::render(engine, &sheet.artifacts, HEADER) else { return Ok(None) };
    let example = Evaluated { words, files };
    for step in [first, last] {
        let Some(likeness) = step.likeness() else { return Ok(None) };
        if example.of(&step.step, &likeness.own) != alone(engine, &likeness.sheet, &step.step, surroundings)? {
            return Ok(None);
        }
    }
    Ok(Some(example))
}

/// What `file` says of a file, read back.
type FilledFile = (String, String, [String; 2], Value);

/// The sheet of a step with the words that stand for its own.
fn example(first: &Likeness) -> Option<Sheet> {
    let text = Pattern::of(&first.text, &first.own).fill(&[NAME.to_owned(), ADDRESS.to_owned()]);
    let (context, files, _): (Map<String, Value>, Vec<FilledFile>, Value) = serde_json::from_str(&text).ok()?;
    let body = |body: &Body, filled: &Value| match body {
        Body::Template { template, .. } => {
            let context = filled.pointer("/Template/context")?.as_object()?.clone();
            Some(Body::Template { template, context })
        }
        Body::Yaml(_) => Some(Body::Yaml(filled.get("Yaml")?.clone())),
        Body::YamlDocuments(_) => Some(Body::YamlDocuments(filled.get("YamlDocuments")?.as_array()?.clone())),
        // The header stands inside of its texts, where it is indented.
        Body::ConfigMap { .. } => None,
    };
    let artifacts = first.sheet.artifacts.iter().zip(&files);
    let artifacts =
        artifacts.map(|(artifact, (_, _, _, filled))| Some(Artifact { body: body(&artifact.body, filled)?, ..artifact.clone() }));
    Some(Sheet { context, artifacts: artifacts.collect::<Option<Vec<_>>>()?, ..first.sheet.clone() })
}

impl Evaluated {
    /// This example for one of the steps.
    fn of(&self, step: &StepDocument, [name, address]: &[String; 2]) -> Self {
        let header = artifacts::header(step);
        let fill = |text: &str| fill(text, [(NAME, name.as_str()), (ADDRESS, address.as_str()), (HEADER, header.as_str())]);
        Self { words: self.words.map(&fill), files: self.files.iter().map(|(name, text)| (*name, fill(text))).collect() }
    }
}

/// The text with each mark replaced, in one walk: a plan has hundreds of megabytes of them.
fn fill(text: &str, words: [(&str, &str); 3]) -> String {
    // A mark is as long as most names and addresses.
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, mark)) = rest.find(MARK).and_then(|at| rest.split_at_checked(at)) {
        filled.push_str(before);
        let found = words.iter().find_map(|(stands, word)| Some((word, mark.strip_prefix(stands)?)));
        rest = match found {
            Some((word, after)) => {
                filled.push_str(word);
                after
            }
            None => {
                filled.push_str(MARK);
                mark.strip_prefix(MARK).unwrap_or_default()
            }
        };
    }
    filled.push_str(rest);
    filled
}
