//! One line of the spec, made fit to be shown: secrets masked, control characters escaped, long lines cut around the caret.
//!
//! Does not know how the line is framed.

use std::ops::Range;

use super::push_clean;
use crate::source::{SourceFile, Span};

/// What is shown before and after the caret of a long line, in characters.
const BEFORE: usize = 60;
const AFTER: usize = 80;

const MASK: &str = "***";

/// A line and the part of it that is meant, in bytes of `text`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Excerpt {
    pub line: usize,
    pub column: usize,
    pub text: String,
    pub caret: Range<usize>,
}

impl Excerpt {
    /// The line on which the span begins; what lies on further lines is left out. `concealed` is sorted and disjoint.
    pub(super) fn of(source: &SourceFile, span: Span, concealed: &[Span]) -> Self {
        let position = source.position(span);
        let all = source.text();
        let start = floor(all, span.start.min(all.len()));
        let (_, Range { start: line_start, end: line_end }) = source.line(start);
        let end = floor(all, span.end.clamp(start, line_end));
        let from = earlier(all, start, BEFORE, line_start);
        let to = later(all, end.min(later(all, start, AFTER, line_end)), AFTER, line_end);
        let first = concealed.partition_point(|secret| secret.end <= from);
        let hidden: Vec<Span> = concealed.iter().skip(first).take_while(|secret| secret.start < to).copied().collect();
        let mut excerpt = Self { line: position.line, column: position.column, text: String::new(), caret: 0..0 };
        if from > line_start {
            excerpt.text.push('…');
        }
        excerpt.fill(all, from..to, start..end, &hidden);
        if to < line_end {
            excerpt.text.push('…');
        }
        excerpt
    }

    fn fill(&mut self, all: &str, window: Range<usize>, meant: Range<usize>, hidden: &[Span]) {
        let mut caret: (Option<usize>, Option<usize>) = (None, None);
        let mut masked: Option<Span> = None;
        for (offset, character) in all.get(window.clone()).unwrap_or("").char_indices() {
            let at = window.start + offset;
            if at >= meant.start && caret.0.is_none() {
                caret.0 = Some(self.text.len());
            }
            if at >= meant.end && caret.1.is_none() {
                caret.1 = Some(self.text.len());
            }
            match hidden.iter().find(|secret| secret.start <= at && at < secret.end) {
                Some(secret) if masked == Some(*secret) => {}
                Some(secret) => {
                    self.text.push_str(MASK);
                    masked = Some(*secret);
                }
                None if character == '\r' => {}
                None => push_clean(&mut self.text, character),
            }
        }
        let end = self.text.len();
        let start = caret.0.unwrap_or(end);
        self.caret = start..caret.1.unwrap_or(end).max(start);
    }
}

/// The same places, sorted and without overlap, so that a line finds its own quickly.
pub(super) fn disjoint(spans: &[Span]) -> Vec<Span> {
    let mut sorted: Vec<Span> = spans.to_vec();
    sorted.sort_unstable();
    let mut merged: Vec<Span> = Vec::with_capacity(sorted.len());
    for span in sorted {
        match merged.last_mut() {
            Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
            Some(_) | None => merged.push(span),
        }
    }
    merged
}

/// The nearest character boundary at or before an offset.
fn floor(text: &str, offset: usize) -> usize {
    (0..=offset.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

fn earlier(text: &str, from: usize, characters: usize, limit: usize) -> usize {
    let before = text.get(limit..from).unwrap_or("");
    before.char_indices().rev().take(characters).last().map_or(from, |(at, _)| limit + at)
}

fn later(text: &str, from: usize, characters: usize, limit: usize) -> usize {
    let rest = text.get(from..limit).unwrap_or("");
    rest.char_indices().nth(characters).map_or(limit.max(from), |(at, _)| from + at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn excerpt(text: &str, word: &str, concealed: &[Span]) -> Excerpt {
        let at = text.find(word).unwrap_or(0);
        Excerpt::of(&SourceFile::new("a.yaml", text), Span::new(at, at + word.len()), concealed)
    }

    #[test]
    fn a_secret_is_masked_whatever_the_caret_shows() {
        let found = excerpt("{password: hunter2, colour: red}\n", "colour", &[Span::new(11, 18)]);
        assert_eq!(found.text, "{password: ***, colour: red}");
        assert_eq!(found.text.get(found.caret), Some("colour"));
    }

    #[test]
    fn overlapping_secrets_become_one() {
        let spans = [Span::new(8, 9), Span::new(1, 5), Span::new(2, 3), Span::new(4, 6)];
        assert_eq!(disjoint(&spans), [Span::new(1, 6), Span::new(8, 9)]);
    }

    #[test]
    fn a_long_line_is_cut_around_the_caret() {
        let found = excerpt(&format!("{}needle{}", "标".repeat(5000), "b".repeat(5000)), "needle", &[]);
        assert!(found.text.chars().count() < 200);
        assert_eq!(found.text.get(found.caret), Some("needle"));
        assert_eq!(found.column, 5001);
    }

    #[test]
    fn line_ends_of_either_kind_are_not_shown() {
        assert_eq!(excerpt("a: 1\r\nb: 2\r\n", "b", &[]).text, "b: 2");
    }

    #[test]
    fn places_outside_the_text_do_no_harm() {
        let file = SourceFile::new("a.yaml", "标题");
        for span in [Span::new(1, 2), Span::new(6, 6), Span::new(99, 100), Span::new(4, 2)] {
            assert!(!Excerpt::of(&file, span, &[]).text.is_empty());
        }
    }
}
