//! Findings as workflow commands, which GitHub shows beside the lines of a pull request.
//!
//! Knows GitHub's escaping (percent, line ends, and in properties also colon and comma) and its limits: of one step it keeps 10
//! errors and 10 warnings, and of a message 4,096 characters. What does not fit stands in the log, a line each.

use super::{Report, clean, cut, short, words};
use crate::diag::{Diagnostic, Severity};
use crate::source::{STANDARD_INPUT, SourceFile, Span};

/// How many annotations of one severity GitHub keeps of a step.
const KEPT: usize = 10;
/// The longest message that it keeps, in the UTF-16 units that its runner counts; no character has more than two.
const MESSAGE: usize = 4_096 / 2;

pub(super) fn render(report: &Report<'_>) -> String {
    // Errors first: a job keeps 50 annotations, and what comes first is kept.
    [Severity::Error, Severity::Warning].into_iter().map(|severity| of_severity(severity, report)).collect()
}

fn of_severity(severity: Severity, report: &Report<'_>) -> String {
    let findings: Vec<_> = report.findings().filter(|(finding, _)| finding.severity() == severity).collect();
    if findings.len() <= KEPT {
        return findings.into_iter().map(|(finding, source)| command(finding, source)).collect();
    }
    // The last place says what the others do not show.
    let (shown, rest) = findings.split_at(KEPT - 1);
    let annotations: String = shown.iter().map(|(finding, source)| command(finding, source)).collect();
    let logged: String = rest.iter().map(|(finding, source)| short::line(finding, source)).collect();
    let word = word(severity);
    let (title, count) = (property(&format!("{} more {word}s", rest.len())), findings.len());
    let message = format!("GitHub shows {KEPT} {word}s of a step; the rest of all {count} stands in its log, a line each.");
    format!("{annotations}::{word} title={title}::{}\n{logged}", data(&message))
}

fn command(finding: &Diagnostic, source: &SourceFile) -> String {
    let title = property(&format!("{}: {}", finding.code.name(), finding.code.headline()));
    let message = data(&cut(&words(finding), MESSAGE));
    format!("::{} {}title={title}::{message}\n", word(finding.severity()), place(finding.label.span, source))
}

/// The file and the lines. Columns only within one line, as GitHub refuses others; nothing where there is no file to show it in.
fn place(span: Span, source: &SourceFile) -> String {
    if source.name() == STANDARD_INPUT {
        return String::new();
    }
    let (start, end) = (source.position(span), source.position(Span::new(span.end.max(span.start), span.end)));
    let file = property(&clean(source.name().trim_start_matches("./")));
    match start.line == end.line {
        true => format!("file={file},line={},col={},endLine={},endColumn={},", start.line, start.column, end.line, end.column),
        false => format!("file={file},line={},endLine={},", start.line, end.line),
    }
}

/// A failure that is no finding, and has no place in a text.
pub(super) fn failure(text: &str) -> String {
    format!("::error::{}", data(&cut(text, MESSAGE)))
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
