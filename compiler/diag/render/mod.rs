//! One finding, four voices.
//!
//! STAND-IN: replaced by the real voices; only the names and the signature are agreed.

use crate::diag::Findings;
use crate::source::SourceFile;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Human,
    Short,
    Json,
    Github,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    Plain,
    Colour,
}

pub fn render(findings: &Findings, file: &SourceFile, _format: Format, _style: Style) -> String {
    findings.iter().fold(String::new(), |text, finding| {
        let at = file.position(finding.label.span);
        let (code, headline, label) = (finding.code.name(), finding.code.headline(), &finding.label.text);
        format!("{text}{}:{}:{}: {code}: {headline}: {label}\n", file.name(), at.line, at.column)
    })
}
