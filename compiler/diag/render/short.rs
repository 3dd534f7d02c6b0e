//! Findings of one line each: `file:line:column: error[S101]: headline: label`, and at which step, where there is one.
//!
//! Does not show the spec's text, except what a label quotes.

use super::{Report, clean};
use crate::diag::{Diagnostic, Severity};
use crate::source::SourceFile;

pub(super) fn render(report: &Report<'_>) -> String {
    report.findings().map(|(finding, source)| line(finding, source)).collect()
}

pub(super) fn line(finding: &Diagnostic, source: &SourceFile) -> String {
    let at = source.position(finding.label.span);
    let severity = match finding.severity() {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let (name, code, headline) = (clean(source.name()), finding.code.name(), finding.code.headline());
    let step = finding.step.iter().map(|step| format!(", at `{}`", clean(step))).collect::<String>();
    format!("{name}:{}:{}: {severity}[{code}]: {headline}: {}{step}\n", at.line, at.column, clean(&finding.label.text))
}
