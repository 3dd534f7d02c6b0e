//! Findings for programs, as one JSON document of a fixed form.
//!
//! The form is a contract: minor versions only add. Does not show the spec's text, except what a label quotes.

use schemars::JsonSchema;
use serde::Serialize;

use super::clean;
use crate::diag::{Diagnostic, Findings, Label, Severity};
use crate::source::{SourceFile, Span};

/// What replank found in a spec.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Document {
    /// `1.0`; a minor version only adds fields.
    format_version: &'static str,
    /// In the order in which they should be read.
    diagnostics: Vec<Entry>,
}

/// One finding.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Entry {
    /// Such as `V201`; `replank explain` has its page.
    code: &'static str,
    /// The code in words.
    slug: &'static str,
    severity: Weight,
    /// Fixed words for the code.
    headline: &'static str,
    /// The spec's name, as it was given.
    file: String,
    #[serde(flatten)]
    region: Region,
    /// The JSON pointer of the value, where the finding is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pointer: Option<String>,
    /// What is wrong with this value.
    label: String,
    /// Other places that matter.
    related: Vec<Related>,
    /// Why it is so, where that depends on how clusters behave.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
    help: Vec<Advice>,
    /// The step of the plan, for findings about a plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    step: Option<String>,
}

/// An error means that there is no plan.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
enum Weight {
    Error,
    Warning,
}

/// A part of the file. Lines and columns count from 1, columns in characters; the end is exclusive.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Region {
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
}

/// Another place.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Related {
    #[serde(flatten)]
    region: Region,
    label: String,
}

/// What to do.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Advice {
    sentence: String,
    /// Text that can be copied as it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    copy: Option<String>,
}

/// The JSON Schema of the document.
pub fn schema() -> serde_json::Value {
    let settings = schemars::generate::SchemaSettings::draft2020_12().for_serialize();
    let mut schema = settings.into_generator().into_root_schema_for::<Document>();
    schema.insert("title".into(), "Diagnostics".into());
    schema.insert("$id".into(), "urn:replank:schema:diagnostic:v1".into());
    schema.to_value()
}

pub(super) fn render(findings: &Findings, source: &SourceFile) -> String {
    let document = Document { format_version: "1.0", diagnostics: findings.iter().map(|finding| entry(finding, source)).collect() };
    // Plain data of our own: writing it cannot fail.
    serde_json::to_string_pretty(&document).map(|text| text + "\n").unwrap_or_default()
}

fn entry(finding: &Diagnostic, source: &SourceFile) -> Entry {
    Entry {
        code: finding.code.name(),
        slug: finding.code.slug(),
        severity: match finding.severity() {
            Severity::Error => Weight::Error,
            Severity::Warning => Weight::Warning,
        },
        headline: finding.code.headline(),
        file: clean(source.name()),
        region: region(finding.label.span, source),
        pointer: finding.pointer.as_deref().map(clean),
        label: clean(&finding.label.text),
        related: finding.related.iter().map(|label| related(label, source)).collect(),
        why: finding.why.as_deref().map(clean),
        help: finding.help.iter().map(|help| Advice { sentence: clean(&help.sentence), copy: help.copy.clone() }).collect(),
        step: finding.step.as_deref().map(clean),
    }
}

fn related(label: &Label, source: &SourceFile) -> Related {
    Related { region: region(label.span, source), label: clean(&label.text) }
}

fn region(span: Span, source: &SourceFile) -> Region {
    let start = source.position(span);
    let end = source.position(Span::new(span.end.max(span.start), span.end));
    Region { line: start.line, column: start.column, end_line: end.line, end_column: end.column }
}
