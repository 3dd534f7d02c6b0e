//! Findings as workflow commands, which GitHub shows beside the lines of a pull request.
//!
//! Knows GitHub's escaping: percent, line ends, and in properties also colon and comma.

use super::clean;
use crate::diag::{Diagnostic, Findings, Severity};
use crate::source::{SourceFile, Span};

pub(super) fn render(findings: &Findings, source: &SourceFile) -> String {
    findings.iter().map(|finding| command(finding, source)).collect()
}

fn command(finding: &Diagnostic, source: &SourceFile) -> String {
    let span = finding.label.span;
    let (start, end) = (source.position(span), source.position(Span::new(span.end.max(span.start), span.end)));
    let severity = match finding.severity() {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let title = property(&format!("{}: {}", finding.code.name(), finding.code.headline()));
    let file = property(&clean(source.name()));
    let message = data(&message(finding));
    let (line, column, end_line, end_column) = (start.line, start.column, end.line, end.column);
    format!("::{severity} file={file},line={line},col={column},endLine={end_line},endColumn={end_column},title={title}::{message}\n")
}

fn message(finding: &Diagnostic) -> String {
    let mut lines = vec![clean(&finding.label.text)];
    lines.extend(finding.step.iter().map(|step| format!("step: {}", clean(step))));
    lines.extend(finding.why.iter().map(|why| format!("why: {}", clean(why))));
    for help in &finding.help {
        lines.push(format!("help: {}", clean(&help.sentence)));
        lines.extend(help.copy.iter().flat_map(|copy| copy.lines()).map(|line| format!("    {}", clean(line))));
    }
    lines.join("\n")
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
