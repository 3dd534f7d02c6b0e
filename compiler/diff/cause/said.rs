//! What of a spec's lines YAML reads: all but comments.
//!
//! Does not parse: where it is in doubt whether something is a comment, it is none, because an edit of a comment that is shown costs a line, and
//! one that is hidden costs trust. Knows lines, quotes and blocks. Does not know what a line means.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::diff::unified::Hunk;

/// The edits among the places at which two specs differ: those that say something.
pub(super) fn edits(before: &str, after: &str, hunks: &[Hunk]) -> Vec<Hunk> {
    let (old, new) = (read(before), read(after));
    let says_something = |hunk: &&Hunk| {
        let side = |lines: &[Vec<String>], range: &Range<usize>| lines.get(range.clone()).unwrap_or_default().concat();
        side(&old, &hunk.before) != side(&new, &hunk.after)
    };
    hunks.iter().filter(says_something).cloned().collect()
}

/// The edits that stand wholly in the list of accepted risks, and give no name to a part of it that is read elsewhere.
pub(super) fn only_accept(before: &str, after: &str, edits: &[Hunk]) -> BTreeSet<usize> {
    let (old, new) = (accepted(before), accepted(after));
    let is_inside = |lines: &[bool], range: &Range<usize>| lines.get(range.clone()).unwrap_or_default().iter().all(|line| *line);
    let is_plain = |edit: &Hunk| edit.removed.iter().chain(&edit.added).all(|line| !line.contains('&'));
    let only_accepts = |edit: &Hunk| is_inside(&old, &edit.before) && is_inside(&new, &edit.after) && is_plain(edit);
    edits.iter().enumerate().filter(|(_, edit)| only_accepts(edit)).map(|(number, _)| number).collect()
}

/// For each line whether the last key of the spec at or above it is `accept`, as specs are indented.
fn accepted(text: &str) -> Vec<bool> {
    let mut is_accept = false;
    let of_a_line = |line: &str| {
        if !line.trim().is_empty() && !line.trim_start().starts_with('#') && !line.starts_with("   ") {
            is_accept = line.starts_with("  accept:") || (is_accept && line.starts_with("  - "));
        }
        is_accept
    };
    text.split('\n').map(of_a_line).collect()
}

/// For each line of a text what is read of it. YAML ends a line at a lone carriage return as well, so that one line may say several things.
fn read(text: &str) -> Vec<Vec<String>> {
    let mut place = Place::Outside;
    let of_a_line = |line: &str| line.split('\r').filter_map(|part| said(part, &mut place)).collect();
    text.split_terminator('\n').map(of_a_line).collect()
}

/// Where in the text a line begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Outside,
    /// Behind a line such as `shell: |` with so many spaces before it, and before the first line of the block.
    Head(usize),
    /// In a block, of which each line has at least so many spaces.
    Block(usize),
    /// Perhaps in quotes that were opened on a line above: whether they were closed is not looked for.
    Doubt,
}

/// What is read of a line; `None` of a comment, and of an empty line.
fn said(line: &str, place: &mut Place) -> Option<String> {
    let is_empty = line.trim_matches(BLANKS).is_empty();
    let spaces = line.len() - line.trim_start_matches(' ').len();
    match *place {
        Place::Doubt => return Some(line.to_owned()),
        // An empty line of a block is a part of it.
        Place::Head(_) | Place::Block(_) if is_empty => return Some(line.to_owned()),
        Place::Head(head) if spaces > head => *place = Place::Block(spaces),
        Place::Head(_) => *place = Place::Outside,
        Place::Block(least) if spaces < least => *place = Place::Outside,
        Place::Block(_) | Place::Outside => {}
    }
    if matches!(place, Place::Block(_)) {
        return Some(line.to_owned());
    }
    let code = without_comment(line);
    match code {
        Some(code) => *place = behind(code, spaces),
        None => *place = Place::Doubt,
    }
    let code = code.unwrap_or(line).trim_end_matches(BLANKS);
    (!code.is_empty()).then(|| code.to_owned())
}

/// What separates words in YAML; other blanks of Unicode are letters to it.
const BLANKS: [char; 2] = [' ', '\t'];

/// A line without the comment at its end. `None`: a quote is open at the end of the line, or there is one of which it is not certain what it means.
fn without_comment(line: &str) -> Option<&str> {
    let mut open = None;
    let mut previous = ' ';
    let mut characters = line.char_indices().peekable();
    while let Some((position, character)) = characters.next() {
        let begins = BLANKS.contains(&previous) || "[{,:(".contains(previous);
        match (open, character) {
            (None, '#') if BLANKS.contains(&previous) => return line.get(..position),
            (None, '"' | '\'') if begins => open = Some(character),
            // An apostrophe inside of a word is no quote; any other mark there might be one.
            (None, '\'') if previous.is_alphanumeric() && characters.peek().is_some_and(|(_, next)| next.is_alphanumeric()) => {}
            (None, '"' | '\'') => return None,
            (Some('"'), '\\') => {
                characters.next();
            }
            (Some(quote), _) if quote == character => open = None,
            (None | Some(_), _) => {}
        }
        previous = character;
    }
    open.is_none().then_some(line)
}

/// What begins behind a line: a block after `shell: |`, `- >-`, `text: &anchor |2`.
fn behind(code: &str, spaces: usize) -> Place {
    let last = code.split_whitespace().last().unwrap_or_default();
    let is_indicator = |rest: &&str| rest.chars().all(|one| one.is_ascii_digit() || "+-".contains(one));
    match last.strip_prefix(['|', '>']).filter(is_indicator) {
        None => Place::Outside,
        // It says how many spaces its lines have, and the first may have more.
        Some(rest) if rest.contains(|one: char| one.is_ascii_digit()) => Place::Block(spaces + 1),
        Some(_) => Place::Head(spaces),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said_by(text: &str) -> Vec<String> {
        read(text).concat()
    }

    #[test]
    fn a_comment_says_nothing_wherever_it_stands() {
        assert_eq!(said_by("a: b  # ok\n# c\n\n  # d\nit's: \"x # y\" # z\n"), said_by("a: b\nit's: \"x # y\"\n"));
        assert_eq!(said_by("a: |\n  x\n# c\nb: 1 # d\n"), said_by("a: |\n  x\nb: 1\n"));
    }

    #[test]
    fn what_looks_like_a_comment_in_a_block_or_in_quotes_says_something() {
        for (one, other) in [
            ("a: {b: echo 19\" rack, c: \"x # y\"}\n", "a: {b: echo 19\" rack, c: \"x # z\"}\n"),
            ("a: \"b\\\\\" # c\nd: \"x # y\"\n", "a: \"b\\\\\" # c\nd: \"x # z\"\n"),
            ("a: {b: rm /x\u{a0}# y}\n", "a: {b: rm /x\u{a0}# z}\n"),
            ("a: |\n  x\n  # c\n", "a: |\n  x\n"),
            ("- run: &r |2-  # c\n    x # d\n", "- run: &r |2-\n    x\n"),
            ("a: >\n\n  x\n\n", "a: >\n\n  x\n"),
            ("a: \"x # y\"\n", "a: \"x\"\n"),
            ("a: 'don''t # y'\n", "a: 'don''t\n'"),
            ("a: \"x\n  # y\n  z\"\n", "a: \"x\n  z\"\n"),
            ("a: b#c\n", "a: b\n"),
            ("# a\rb: c\n", "# a\r# d\n"),
        ] {
            assert_ne!(said_by(one), said_by(other), "{one:?}");
        }
    }
}
