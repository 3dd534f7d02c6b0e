//! One report, five voices.
//!
//! Responsible for: choosing the voice, and making every text harmless before it is shown.
//! Does not know who reads: a terminal, a log or a forge.

mod excerpt;
mod github;
mod human;
pub mod json;
mod sarif;
mod short;

use super::{Code, Diagnostic, Findings};
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
    /// One document of SARIF 2.1.0, for code scanning.
    Sarif,
    /// Annotations of a GitHub workflow.
    Github,
}

/// Whether a terminal shows colour. Colour never carries meaning alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    Plain,
    Colour,
}

/// What a run has to say: findings about one text or several, and for documents also all the rest.
#[derive(Debug)]
pub struct Report<'a> {
    /// Each text with what was found in it.
    pub parts: Vec<(&'a SourceFile, &'a Findings)>,
    /// What was said besides.
    pub notices: &'a [Notice],
    /// Whether replank could do its work, whatever it found.
    pub could_work: bool,
    pub exit_code: u8,
    /// The page of a code, in Markdown.
    pub page: fn(Code) -> Option<&'static str>,
}

/// Something said about the work, and not about a place in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    pub weight: Weight,
    pub text: String,
}

/// What kind of notice it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    Error,
    Note,
}

impl<'a> Report<'a> {
    /// A report of findings alone.
    pub fn of(parts: Vec<(&'a SourceFile, &'a Findings)>) -> Self {
        Self { parts, notices: &[], could_work: true, exit_code: 0, page: |_| None }
    }

    /// One text that ends with a line end; empty if there are no findings, except for documents.
    pub fn render(&self, format: Format, style: Style) -> String {
        match format {
            Format::Human => human::render(self, style),
            Format::Short => short::render(self),
            Format::Json => json::render(self),
            Format::Sarif => sarif::render(self),
            Format::Github => github::render(self),
        }
    }

    fn findings(&self) -> impl Iterator<Item = (&'a Diagnostic, &'a SourceFile)> {
        self.parts.iter().flat_map(|(source, findings)| findings.iter().map(|finding| (finding, *source)))
    }
}

/// All findings about one text.
pub fn render(findings: &Findings, source: &SourceFile, format: Format, style: Style) -> String {
    Report::of(vec![(source, findings)]).render(format, style)
}

/// A failure that is no finding, as an annotation of a GitHub workflow: the line without its end.
pub fn annotation(failure: &str) -> String {
    github::failure(failure)
}

/// Everything that a finding says besides its headline, as lines without decoration.
fn words(finding: &Diagnostic) -> String {
    let mut lines = vec![clean(&finding.label.text)];
    lines.extend(finding.step.iter().map(|step| format!("step: {}", clean(step))));
    lines.extend(finding.why.iter().map(|why| format!("why: {}", clean(why))));
    for help in &finding.help {
        lines.push(format!("help: {}", clean(&help.sentence)));
        lines.extend(help.copy.iter().flat_map(|copy| copy.lines()).map(|line| format!("    {}", clean(line))));
    }
    lines.join("\n")
}

/// At most so many characters; a text that is cut ends with `…`.
fn cut(text: &str, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        None => text.to_owned(),
        Some(_) => text.chars().take(longest.saturating_sub(1)).chain(['…']).collect(),
    }
}

/// Whether a terminal would act on the character, or nobody would see it: controls, marks of direction, what has no width, and tags. Those that
/// only choose the picture of the character before them are seen (Unicode's Default_Ignorable_Code_Point without FE00 to FE0F).
pub fn is_hidden(character: char) -> bool {
    let is_unseen = matches!(
        character,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
    );
    character.is_control() || is_unseen
}

/// One line that is safe to print: tabs become blanks, control characters become their escapes.
pub fn clean(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    text.chars().for_each(|character| push_clean(&mut safe, character));
    safe
}

fn push_clean(safe: &mut String, character: char) {
    match character {
        '\t' => safe.push_str("    "),
        _ if is_hidden(character) => safe.extend(character.escape_unicode()),
        _ => safe.push(character),
    }
}

#[cfg(test)]
mod tests {
    use super::{clean, cut};

    #[test]
    fn a_text_that_is_cut_says_so_and_keeps_its_bound() {
        assert_eq!([cut("标题标题", 4), cut("标题标题", 3)], ["标题标题", "标题…"]);
    }

    #[test]
    fn no_escape_sequence_reaches_a_terminal() {
        assert_eq!(clean("a\u{1b}[31mb\u{202e}c\td标"), "a\\u{1b}[31mb\\u{202e}c    d标");
    }
}
