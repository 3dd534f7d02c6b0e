//! Findings for programs, as one JSON document of a fixed form.
//!
//! The form is a contract: minor versions only add. Does not show the spec's text, except what a label quotes.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Notice, Report, Weight as Kind, clean};
use crate::diag::{Diagnostic, Label, Severity};
use crate::source::{SourceFile, Span};

/// What replank found in a spec or in a plan, and all else that the run had to say.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Document {
    /// `1.<minor>`; a minor version only adds fields. 1.1 added `notices`.
    format_version: &'static str,
    /// In the order in which they should be read.
    diagnostics: Vec<Entry>,
    /// What was said about the work, and not about a place: why it failed, what mends it. Since 1.1.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notices: Vec<Remark>,
}

/// Something said about the work.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Remark {
    kind: RemarkKind,
    text: String,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
enum RemarkKind {
    Error,
    Note,
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
    /// The name of the spec, as it was given; or of a file of the plan.
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

pub(super) fn render(report: &Report<'_>) -> String {
    let document = Document {
        format_version: "1.1",
        diagnostics: report.findings().map(|(finding, source)| entry(finding, source)).collect(),
        notices: report.notices.iter().map(remark).collect(),
    };
    // Plain data of our own: writing it cannot fail.
    serde_json::to_string_pretty(&document).map(|text| text + "\n").unwrap_or_default()
}

fn remark(notice: &Notice) -> Remark {
    let kind = match notice.weight {
        Kind::Error => RemarkKind::Error,
        Kind::Note => RemarkKind::Note,
    };
    Remark { kind, text: notice.text.clone() }
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
