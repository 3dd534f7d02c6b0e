//! Findings of one line each: `file:line:column: error[S101]: headline: label`.
//!
//! Does not show the spec's text, except what a label quotes.

use super::clean;
use crate::diag::{Findings, Severity};
use crate::source::SourceFile;

pub(super) fn render(findings: &Findings, source: &SourceFile) -> String {
    let line = |finding: &crate::diag::Diagnostic| {
        let at = source.position(finding.label.span);
        let severity = match finding.severity() {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let (name, code, headline) = (clean(source.name()), finding.code.name(), finding.code.headline());
        format!("{name}:{}:{}: {severity}[{code}]: {headline}: {}\n", at.line, at.column, clean(&finding.label.text))
    };
    findings.iter().map(line).collect()
}
