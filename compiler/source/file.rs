//! One input text with its name, and the way from a byte offset to a line and a column.
//!
//! Does not know who reads it, nor where it came from: reading files is the business of `cli`. Every way is short however long a line
//! is: a text of one line with a finding at each word is a text that somebody sends.

use std::ops::Range;

use super::Span;

/// The name of a text that came from standard input: no file has it.
pub const STANDARD_INPUT: &str = "<stdin>";

/// A text that diagnostics can point into.
#[derive(Debug, Clone)]
pub struct SourceFile {
    name: String,
    text: String,
    line_starts: Vec<usize>,
    /// How many characters begin before each multiple of `STRIDE` bytes.
    characters: Vec<usize>,
    content_end: usize,
}

const STRIDE: usize = 256;

/// A position as editors count it: both from 1, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LineColumn {
    pub line: usize,
    pub column: usize,
}

impl SourceFile {
    /// `name` is what the user typed to name the file; it is shown, never opened.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        let text = text.into();
        let line_starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        let characters = text.as_bytes().chunks(STRIDE).scan(0, |before, chunk| {
            *before += beginning(chunk);
            Some(*before)
        });
        let characters = std::iter::once(0).chain(characters).collect();
        let content_end = text.trim_end_matches(['\r', '\n']).len();
        Self { name: name.into(), text, line_starts, characters, content_end }
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where the line ends at the end of the text begin.
    pub fn content_end(&self) -> usize {
        self.content_end
    }

    /// Where a span begins. An offset beyond the end counts as the end.
    pub fn position(&self, span: Span) -> LineColumn {
        let (number, line) = self.line(span.start);
        let offset = span.start.min(self.text.len());
        LineColumn { line: number, column: self.characters_before(offset) - self.characters_before(line.start) + 1 }
    }

    /// The line that holds an offset, without its end, and its number. An offset beyond the end counts as the end.
    pub fn line(&self, offset: usize) -> (usize, Range<usize>) {
        let offset = offset.min(self.text.len());
        let number = self.line_starts.partition_point(|&start| start <= offset).max(1);
        let start = self.line_starts.get(number - 1).copied().unwrap_or(0);
        let end = self.line_starts.get(number).map_or(self.text.len(), |next| next - 1);
        (number, start..end)
    }

    fn characters_before(&self, offset: usize) -> usize {
        let stride = offset / STRIDE;
        let before = self.characters.get(stride).copied().unwrap_or(0);
        before + self.text.as_bytes().get(stride * STRIDE..offset).map_or(0, beginning)
    }
}

/// How many characters begin in these bytes of UTF-8: all but those that continue one.
fn beginning(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0b1100_0000 != 0b1000_0000).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_not_bytes() {
        let file = SourceFile::new("a.yaml", "first: 1\n标题: x\n");
        let at = file.text().find('x').unwrap_or(0);
        assert_eq!(file.position(Span::new(at, at + 1)), LineColumn { line: 2, column: 5 });
    }

    #[test]
    fn positions_in_long_lines_are_those_that_counting_gives() {
        for text in ["a".repeat(1_024), "标题".repeat(400), format!("{}\n{}é", "x".repeat(300), "é".repeat(300)), String::new()] {
            let file = SourceFile::new("a.yaml", &text);
            for (at, _) in text.char_indices().chain([(text.len(), ' ')]) {
                let before = &text[..at];
                let line = before.rsplit('\n').next().unwrap_or("");
                let expected = LineColumn { line: before.matches('\n').count() + 1, column: line.chars().count() + 1 };
                assert_eq!(file.position(Span::new(at, at)), expected);
            }
        }
    }

    #[test]
    fn a_line_is_known_by_any_place_in_it() {
        let file = SourceFile::new("a.yaml", "ab\ncd\n");
        let lines: Vec<_> = [0, 2, 3, 5, 6, 99].map(|at| file.line(at)).into();
        assert_eq!(lines, [(1, 0..2), (1, 0..2), (2, 3..5), (2, 3..5), (3, 6..6), (3, 6..6)]);
    }

    #[test]
    fn an_offset_beyond_the_end_is_the_end() {
        let file = SourceFile::new("a.yaml", "a\n");
        assert_eq!(file.position(Span::new(99, 100)), LineColumn { line: 2, column: 1 });
    }
}
