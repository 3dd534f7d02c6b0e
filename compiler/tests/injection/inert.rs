//! Words about a refused spec: no terminal acts on them, no log takes them for a command, whatever the spec holds.
//!
//! Does not know what was refused.

use replank::diag::Findings;
use replank::diag::render::{Format, Style, render};
use replank::source::SourceFile;

const FORMATS: [Format; 5] = [Format::Human, Format::Short, Format::Json, Format::Sarif, Format::Github];

/// What is not inert in how the findings are said, in each voice.
pub fn complaints(source: &SourceFile, findings: &Findings) -> Vec<String> {
    let mut found = Vec::new();
    if findings.is_empty() {
        found.push("it is refused without a word".to_owned());
    }
    for finding in findings.iter() {
        if source.text().get(finding.label.span.start..finding.label.span.end).is_none() {
            found.push(format!("a finding points outside the text: {:?}", finding.label.span));
        }
    }
    for format in FORMATS {
        found.extend(of_text(&render(findings, source, format, Style::Plain), format).map(|what| format!("{format:?}: {what}")));
    }
    found
}

/// What a text would do to a terminal or to a log.
pub fn of_text(text: &str, format: Format) -> Option<String> {
    if let Some(hidden) = text.chars().find(|character| acts(*character)) {
        return Some(format!("U+{:04X} is not shown as what it is", u32::from(hidden)));
    }
    let is_command = |line: &&str| match format {
        Format::Github => !line.starts_with("::error ") && !line.starts_with("::warning ") && !line.starts_with("migration.yaml:"),
        Format::Human | Format::Short | Format::Json | Format::Sarif => line.trim_start().starts_with("::"),
    };
    text.lines().find(is_command).map(|line| format!("a runner of workflows takes a line for a command: {line:?}"))
}

/// Controls, marks of direction and what has no width. Written out here on purpose: a list shared with the program would agree with its mistakes.
fn acts(character: char) -> bool {
    let hidden =
        ['\u{ad}', '\u{34f}', '\u{61c}', '\u{115f}', '\u{1160}', '\u{180e}', '\u{2028}', '\u{2029}', '\u{3164}', '\u{feff}', '\u{ffa0}'];
    let is_ranged = matches!(character, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}');
    (character.is_control() && character != '\n') || hidden.contains(&character) || is_ranged
}
