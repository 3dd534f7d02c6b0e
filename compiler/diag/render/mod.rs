//! One finding, four voices.
//!
//! Responsible for: choosing the voice, and making every text harmless before it is shown.
//! Does not know who reads: a terminal, a log or a forge.

mod excerpt;
mod github;
mod human;
pub mod json;
mod short;

use super::Findings;
use crate::source::SourceFile;

/// For whom findings are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// With the lines of the spec, reasons and advice.
    Human,
    /// One line each.
    Short,
    /// One document, for programs.
    Json,
    /// Annotations of a GitHub workflow.
    Github,
}

/// Whether a terminal shows colour. Colour never carries meaning alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    Plain,
    Colour,
}

/// All findings as one text that ends with a line end; empty if there are none, except as JSON.
pub fn render(findings: &Findings, source: &SourceFile, format: Format, style: Style) -> String {
    match format {
        Format::Human => human::render(findings, source, style),
        Format::Short => short::render(findings, source),
        Format::Json => json::render(findings, source),
        Format::Github => github::render(findings, source),
    }
}

/// Whether a terminal would act on the character, or show something else than it is.
fn is_harmful(character: char) -> bool {
    character.is_control() || matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// One line that is safe to print: tabs become blanks, control characters become their escapes.
fn clean(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    text.chars().for_each(|character| push_clean(&mut safe, character));
    safe
}

fn push_clean(safe: &mut String, character: char) {
    match character {
        '\t' => safe.push_str("    "),
        _ if is_harmful(character) => safe.extend(character.escape_unicode()),
        _ => safe.push(character),
    }
}

#[cfg(test)]
mod tests {
    use super::clean;

    #[test]
    fn no_escape_sequence_reaches_a_terminal() {
        assert_eq!(clean("a\u{1b}[31mb\u{202e}c\td标"), "a\\u{1b}[31mb\\u{202e}c    d标");
    }
}
