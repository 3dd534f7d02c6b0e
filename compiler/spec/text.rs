//! The raw text, before any YAML reader sees it: its size, its characters, and the way from characters to bytes.
//!
//! Does not know YAML's structure.

use crate::diag::{Code, Diagnostic, Findings};
use crate::source::{SourceFile, Span};

/// A spec of 10,000 machines has less than 1 MiB; beyond this limit it is not a spec.
const LARGEST: usize = 8 * 1024 * 1024;

/// How many forbidden characters are worth pointing at.
const MOST_CHARACTERS_SHOWN: usize = 8;

const BYTE_ORDER_MARK: &str = "\u{feff}";

/// The text to read, and how many bytes of byte order mark stand before it.
pub(super) fn readable(source: &SourceFile) -> Result<(&str, usize), Findings> {
    let text = source.text();
    if text.len() > LARGEST {
        let label = format!("expected at most {LARGEST} bytes, found {}", text.len());
        return Err(Diagnostic::new(Code::S106, Span::new(0, 0), label).into());
    }
    let body = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    let skipped = text.len() - body.len();
    let mut findings = Findings::default();
    for (at, character) in body.char_indices().filter(|(_, character)| is_forbidden(*character)).take(MOST_CHARACTERS_SHOWN) {
        let span = Span::new(skipped + at, skipped + at + character.len_utf8());
        let label = format!("expected text, found the control character U+{:04X}", u32::from(character));
        findings.push(Diagnostic::new(Code::S103, span, label).help("remove the character; an editor that shows control characters helps"));
    }
    if findings.is_empty() { Ok((body, skipped)) } else { Err(findings) }
}

/// What YAML 1.2 calls not printable. A second byte order mark inside the text is refused as well: nobody can see it.
fn is_forbidden(character: char) -> bool {
    match character {
        '\t' | '\n' | '\r' | '\u{85}' => false,
        '\u{feff}' | '\u{fffe}' | '\u{ffff}' => true,
        _ => character.is_control(),
    }
}

/// Turns the character counts of the YAML reader into byte offsets, with one checkpoint every so many characters.
pub(super) struct CharacterOffsets<'text> {
    text: &'text str,
    checkpoints: Vec<usize>,
    base: usize,
}

const STRIDE: usize = 64;

impl<'text> CharacterOffsets<'text> {
    /// `base` is added to every offset.
    pub(super) fn new(text: &'text str, base: usize) -> Self {
        let checkpoints = if text.is_ascii() { Vec::new() } else { text.char_indices().step_by(STRIDE).map(|(at, _)| at).collect() };
        Self { text, checkpoints, base }
    }

    pub(super) fn byte(&self, character: usize) -> usize {
        if self.checkpoints.is_empty() {
            return self.base + character.min(self.text.len());
        }
        let start = self.checkpoints.get(character / STRIDE).copied().unwrap_or(self.text.len());
        let rest = self.text.get(start..).unwrap_or("");
        let within = rest.char_indices().nth(character % STRIDE).map_or(rest.len(), |(at, _)| at);
        self.base + start + within
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_become_bytes_in_any_script() {
        for text in ["abc", "标题: x", &"é".repeat(200)] {
            let offsets = CharacterOffsets::new(text, 3);
            for (count, (at, _)) in text.char_indices().enumerate() {
                assert_eq!(offsets.byte(count), at + 3);
            }
            assert_eq!(offsets.byte(9999), text.len() + 3);
        }
    }
}
