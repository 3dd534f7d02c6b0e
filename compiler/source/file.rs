//! One input text with its name, and the way from a byte offset to a line and a column.
//!
//! Does not know who reads it, nor where it came from: reading files is the business of `cli`.

use super::Span;

/// The name of a text that came from standard input: no file has it.
pub const STANDARD_INPUT: &str = "<stdin>";

/// A text that diagnostics can point into.
#[derive(Debug, Clone)]
pub struct SourceFile {
    name: String,
    text: String,
    line_starts: Vec<usize>,
}

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
        Self { name: name.into(), text, line_starts }
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where a span begins. An offset beyond the end counts as the end.
    pub fn position(&self, span: Span) -> LineColumn {
        let offset = span.start.min(self.text.len());
        let line = self.line_starts.partition_point(|&start| start <= offset);
        let start = line.checked_sub(1).and_then(|index| self.line_starts.get(index)).copied().unwrap_or(0);
        let before = self.text.get(start..offset).unwrap_or("");
        LineColumn { line: line.max(1), column: before.chars().count() + 1 }
    }
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
    fn an_offset_beyond_the_end_is_the_end() {
        let file = SourceFile::new("a.yaml", "a\n");
        assert_eq!(file.position(Span::new(99, 100)), LineColumn { line: 2, column: 1 });
    }
}
