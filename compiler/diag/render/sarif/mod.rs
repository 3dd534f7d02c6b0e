//! Findings as SARIF 2.1.0, for code scanning and for viewers.
//!
//! Keeps within what GitHub takes of one run: 10 MB compressed, 25,000 results of which it shows 5,000, and for each result 100
//! locations. What is left out is counted in a notification. Does not show the spec's text, except what a label quotes.

mod form;
mod place;

use std::collections::{BTreeMap, BTreeSet};

use super::{Notice, Report, Weight, clean, cut, words};
use crate::diag::{Code, Diagnostic, Severity};
use crate::source::SourceFile;

use form::{Configuration, Driver, Invocation, Level, Location, Log, LogicalLocation, MarkedText, Notification, Outcome, Rule, Run, Text};

/// How many results GitHub shows.
const RESULTS: usize = 5_000;
/// What all results may weigh in bytes. Written with its indentation, it stays below 10 MB also before it is compressed.
const BYTES: usize = 4_000_000;
/// How many other places a result names, besides its own: GitHub shows 100 in all.
const RELATED: usize = 99;
/// The longest message, in characters.
const MESSAGE: usize = 4_000;
/// The longest description of a rule that GitHub shows, in characters.
const DESCRIPTION: usize = 1_024;
/// The name of our fingerprint. GitHub's own, `primaryLocationLineHash`, is filled in by its upload, which warns about any other value.
const FINGERPRINT: &str = "replank/v1";

pub(super) fn render(report: &Report<'_>) -> String {
    let mut findings: Vec<(&Diagnostic, &SourceFile)> = report.findings().collect();
    // Stable: within one severity the order stays the one in which they should be read.
    findings.sort_by_key(|(finding, _)| finding.severity());
    let codes: Vec<Code> = findings.iter().map(|(finding, _)| finding.code).collect::<BTreeSet<_>>().into_iter().collect();
    let (results, left_out) = results(&findings, &codes);
    let mut notifications: Vec<Notification> = report.notices.iter().map(notification).collect();
    if left_out > 0 {
        let text = format!("{left_out} of {} findings are left out here; `--format json` has them all", findings.len());
        notifications.push(Notification { level: Level::Warning, message: Text { text } });
    }
    let run = Run {
        tool: form::Tool { driver: driver(&codes, report) },
        invocations: [Invocation {
            execution_successful: report.could_work,
            exit_code: report.exit_code,
            tool_execution_notifications: notifications,
        }],
        column_kind: "unicodeCodePoints",
        results,
    };
    let log = Log { schema: form::SCHEMA, version: form::VERSION, runs: [run] };
    // Plain data of our own: writing it cannot fail.
    serde_json::to_string_pretty(&log).map(|text| text + "\n").unwrap_or_default()
}

/// As many results as fit, the most severe first, and how many do not.
fn results(findings: &[(&Diagnostic, &SourceFile)], codes: &[Code]) -> (Vec<Outcome>, usize) {
    let mut seen = BTreeMap::new();
    let mut room = BYTES;
    let mut results = Vec::new();
    for (finding, source) in findings.iter().take(RESULTS) {
        let result = result(finding, source, codes, &mut seen);
        match serde_json::to_string(&result).ok().and_then(|text| room.checked_sub(text.len())) {
            Some(rest) => room = rest,
            None => break,
        }
        results.push(result);
    }
    let left_out = findings.len() - results.len();
    (results, left_out)
}

fn result(finding: &Diagnostic, source: &SourceFile, codes: &[Code], seen: &mut BTreeMap<String, usize>) -> Outcome {
    let step = finding.step.as_deref().map(|step| LogicalLocation { fully_qualified_name: clean(step), kind: "step" });
    let at = |span| place::physical(source, span);
    let related = finding.related.iter().take(RELATED).zip(1..).map(|(label, id)| Location {
        id: Some(id),
        physical_location: at(label.span),
        logical_locations: Vec::new(),
        message: Some(text(&clean(&label.text))),
    });
    Outcome {
        rule_id: finding.code.name(),
        // The codes are those of the findings, sorted.
        rule_index: codes.partition_point(|code| *code < finding.code),
        level: level(finding.severity()),
        message: text(&words(finding)),
        related_locations: related.collect(),
        locations: [Location {
            id: None,
            physical_location: at(finding.label.span),
            logical_locations: step.into_iter().collect(),
            message: None,
        }],
        partial_fingerprints: BTreeMap::from([(FINGERPRINT, fingerprint(finding, source, seen))]),
    }
}

/// What stays the same when lines move: the code, the file, the step, and the value by its pointer; where it is about no value, the
/// words. What two findings share is numbered in the order in which they are read.
fn fingerprint(finding: &Diagnostic, source: &SourceFile, seen: &mut BTreeMap<String, usize>) -> String {
    let subject = finding.pointer.as_deref().unwrap_or(&finding.label.text);
    let parts = [finding.code.name(), source.name(), finding.step.as_deref().unwrap_or(""), subject];
    let identity = cut(&parts.map(clean).join(" "), DESCRIPTION);
    let number = seen.entry(identity.clone()).and_modify(|number| *number += 1).or_insert(1);
    format!("{identity}:{number}")
}

fn driver(codes: &[Code], report: &Report<'_>) -> Driver {
    let rules = codes.iter().map(|code| rule(*code, (report.page)(*code))).collect();
    Driver { name: "replank", version: env!("CARGO_PKG_VERSION"), rules }
}

fn rule(code: Code, page: Option<&str>) -> Rule {
    let pascal = |word: &str| word.chars().take(1).flat_map(char::to_uppercase).chain(word.chars().skip(1)).collect::<String>();
    let page = page.unwrap_or_else(|| code.headline());
    // A page is a title, a sentence or two on what was found, and then its chapters.
    let meaning = page.split("\n\n").nth(1).unwrap_or_else(|| code.headline());
    Rule {
        id: code.name(),
        name: code.slug().split('-').map(pascal).collect(),
        short_description: text(code.headline()),
        full_description: Text { text: cut(meaning, DESCRIPTION) },
        default_configuration: Configuration { level: level(code.severity()) },
        help: MarkedText { text: page.to_owned(), markdown: page.to_owned() },
    }
}

fn notification(notice: &Notice) -> Notification {
    let level = match notice.weight {
        Weight::Error => Level::Error,
        Weight::Note => Level::Note,
    };
    Notification { level, message: text(&notice.text) }
}

/// Braces stay single, so that what is to be copied can be copied: the standard would double them, but replaces nothing besides
/// numbers in braces, and viewers show the text as it is.
fn text(said: &str) -> Text {
    Text { text: cut(said, MESSAGE) }
}

fn level(severity: Severity) -> Level {
    match severity {
        Severity::Error => Level::Error,
        Severity::Warning => Level::Warning,
    }
}
