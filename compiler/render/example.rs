//! One step of a fleet with marks where its machine's words stand, and what the others say by it.
//!
//! A step of a fleet is not made as data first: its part of plan.json is the example's, with its own words in the gaps. Does not know which
//! steps are alike.

use serde_json::{Map, Value};

use super::artifacts;
use super::document::{StepDocument, StepWords};
use super::engine::{Context, Engine};
use super::json;
use super::pattern::Pattern;
use super::written::Written;
use super::{RenderError, words};
use crate::lower::artifact::{Artifact, Body, Destination};
use crate::lower::sheet::Sheet;

/// Words that stand for a machine's own while templates are evaluated: plain in YAML as the machine's are, and in no spec that is free of them (`Marks`).
const NAME: &str = "zq-replank-name-qz";
const ADDRESS: &str = "zq-replank-address-qz";
const HEADER: &str = "zq-replank-header-qz";
const POINTER: &str = "zq-replank-pointer-qz";
const PREVIOUS: &str = "zq-replank-previous-qz";
const MARK: &str = "zq-replank-";

/// Stand for a line, a column and a number of nodes. As numbers of plan.json, outside of any text, they are nobody's.
const LINE: usize = usize::MAX;
const COLUMN: usize = usize::MAX - 1;
const NODES: usize = usize::MAX - 2;

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

/// The words of a step that no other step of its fleet has.
pub struct Own {
    /// Name and address.
    pub machine: [String; 2],
    /// The id of the step right before; empty for the first.
    pub previous: String,
}

impl Own {
    fn in_plan(&self, step: &StepDocument) -> [String; 7] {
        json::own(step, &self.machine, &self.previous)
    }
}

pub struct Example {
    words: StepWords,
    files: Vec<(&'static str, Pattern)>,
    part: Part,
}

/// A part of plan.json: before the words are known, and whole.
struct Part {
    facts: Pattern,
    whole: Pattern,
}

impl Example {
    /// From the first step of a fleet. None where that step cannot stand for others.
    pub fn new(engine: &Engine, step: &StepDocument, sheet: &Sheet, own: &Own, surroundings: &Context) -> Option<Self> {
        let id = sheet.context.get("step").and_then(Value::as_str).unwrap_or_default();
        let words = words::evaluate(engine, sheet, surroundings, id).ok()?;
        let files = artifacts::render(engine, &sheet.artifacts, HEADER).ok()?;
        let files = files.into_iter().map(|(name, text)| (name, Pattern::marked(&text, &[NAME, ADDRESS, HEADER]))).collect();
        let part = Part::new(step, own, &words)?;
        Some(Self { words, files, part })
    }

    /// This example for one of the steps.
    ///
    /// # Errors
    /// Only for a bug of ours.
    pub fn write(&self, step: StepDocument, own: &Own) -> Result<Written, RenderError> {
        let fill = |text: &str| Pattern::marked(text, &[NAME, ADDRESS]).fill(&own.machine);
        let [name, address] = own.machine.clone();
        let words = [name, address, artifacts::header(&step)];
        let files = self.files.iter().map(|(name, text)| (*name, text.fill(&words))).collect();
        match self.part.of(&step, own)? {
            Some(text) => {
                let no_way_back = self.words.no_way_back.as_ref().map(|text| fill(&text.en));
                Ok(Written { outline: StepDocument { no_way_back, ..step }, text, files })
            }
            None => Written::new(step, self.words.map(&fill), files),
        }
    }
}

impl Part {
    fn new(step: &StepDocument, own: &Own, words: &StepWords) -> Option<Self> {
        let facts = json::step(step).ok()?;
        let facts = Pattern::of(&facts, &own.in_plan(step));
        let marks = [
            NAME.to_owned(),
            ADDRESS.to_owned(),
            json::pointer(POINTER),
            json::line(LINE),
            json::column(COLUMN),
            json::schedulable_nodes(NODES),
            json::identity(PREVIOUS),
        ];
        let marked: StepDocument = serde_json::from_str(&facts.fill(&marks)).ok()?;
        let whole = json::step(&marked.with_words(words.clone())).ok()?;
        Some(Self { facts, whole: Pattern::marked(&whole, &marks) })
    }

    /// The part of a step. None where the step differs in more than its own words.
    fn of(&self, step: &StepDocument, own: &Own) -> Result<Option<String>, RenderError> {
        let own = own.in_plan(step);
        Ok(self.facts.is_said_by(&json::step(step)?, &own).then(|| self.whole.fill(&own)))
    }
}

/// All that a step's words and files depend on, as a text.
pub fn text(sheet: &Sheet) -> Option<String> {
    let files: Vec<_> = sheet.artifacts.iter().map(file).collect();
    serde_json::to_string(&(&sheet.context, files, &sheet.words)).ok()
}

/// All that a file depends on, besides the header.
fn file(artifact: &Artifact) -> (&'static str, &str, [&'static str; 2], &Body) {
    match &artifact.destination {
        Destination::OnMachine { path, owner, mode, .. } => (artifact.name, path, [owner, mode], &artifact.body),
        Destination::InCluster { object: path } | Destination::Piped { into: path } => (artifact.name, path, ["", ""], &artifact.body),
    }
}

/// What `file` says of a file, read back.
type FilledFile = (String, String, [String; 2], Value);

/// The sheet with marks for its own words. `text` is what `text` gives for it.
pub fn marked(sheet: &Sheet, text: &str, own: &Own) -> Option<Sheet> {
    let text = Pattern::of(text, &own.machine).fill(&[NAME.to_owned(), ADDRESS.to_owned()]);
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
    let artifacts = sheet.artifacts.iter().zip(&files);
    let artifacts =
        artifacts.map(|(artifact, (_, _, _, filled))| Some(Artifact { body: body(&artifact.body, filled)?, ..artifact.clone() }));
    Some(Sheet { context, artifacts: artifacts.collect::<Option<Vec<_>>>()?, ..sheet.clone() })
}
