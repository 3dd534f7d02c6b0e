//! A small spec without a finding, and edits of it.

use replank::diag::Findings;
use replank::diag::render::{Format, Style, render};
use replank::model::Migration;
use replank::source::SourceFile;

pub const BASE: &str = include_str!("base.yaml");

/// Reads and resolves a text, as `replank check` begins.
pub fn resolve(text: &str) -> Result<(Migration, Findings), Findings> {
    let document = replank::spec::read(&SourceFile::new("migration.yaml", text))?;
    replank::model::resolve(&document)
}

/// The base with replacements, each of which must match once.
pub fn edited(edits: &[(&str, &str)]) -> String {
    edits.iter().fold(BASE.to_owned(), |text, (from, to)| {
        assert_eq!(text.matches(from).count(), 1, "`{from}` must be in the base once");
        text.replacen(from, to, 1)
    })
}

/// What a person sees.
pub fn human(text: &str) -> String {
    let findings = match resolve(text) {
        Ok((_, warnings)) => warnings,
        Err(findings) => findings,
    };
    render(&findings, &SourceFile::new("migration.yaml", text), Format::Human, Style::Plain)
}
