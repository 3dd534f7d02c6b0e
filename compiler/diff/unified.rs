//! Where two texts differ, and unified diffs of them. Owns the crate `similar`.
//!
//! A line ends with a line feed, here and wherever its number is spoken of: a lone carriage return stands inside of a line.
//!
//! The work grows with the length of the texts and no faster, whatever they hold: lines that stand once in both cut them into pieces, and only
//! little pieces are compared line by line, because that takes the square of their length. No clock decides this, so that the same plans always
//! give the same difference.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::ops::Range;

use similar::udiff::UnifiedHunkHeader;
use similar::{Algorithm, DiffOp, DiffTag, capture_diff_slices, group_diff_ops};

use super::align;

/// How many unchanged lines stand around a change, as in `diff -u`.
const CONTEXT: usize = 3;

/// Lines of both texts together up to which a piece is compared line by line; a larger one is replaced as a whole.
const LITTLE: usize = 400;

/// A unified diff without file names; empty where the texts are the same, but for the end of the last line.
pub(super) fn lines(before: &str, after: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (before.split_terminator('\n').collect(), after.split_terminator('\n').collect());
    let mut text = String::new();
    for group in group_diff_ops(operations(&changes(&old, &new), old.len()), CONTEXT) {
        // Writing into a `String` cannot fail.
        let _ = writeln!(text, "{}", UnifiedHunkHeader::new(&group));
        for operation in &group {
            let mut say = |mark: char, lines: &[&str]| lines.iter().for_each(|line| text.extend([mark.to_string().as_str(), line, "\n"]));
            match operation {
                DiffOp::Equal { .. } => say(' ', part(&old, &operation.old_range())),
                DiffOp::Delete { .. } | DiffOp::Insert { .. } | DiffOp::Replace { .. } => {
                    say('-', part(&old, &operation.old_range()));
                    say('+', part(&new, &operation.new_range()));
                }
            }
        }
    }
    text
}

/// One place at which two texts differ: lines from 0, and the lines themselves with their ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hunk {
    pub before: Range<usize>,
    pub after: Range<usize>,
    pub removed: Vec<String>,
    pub added: Vec<String>,
}

/// Every place at which two texts differ, without context.
pub(super) fn hunks(before: &str, after: &str) -> Vec<Hunk> {
    let (old, new): (Vec<&str>, Vec<&str>) = (before.split_inclusive('\n').collect(), after.split_inclusive('\n').collect());
    let owned = |lines: &[&str], range: &Range<usize>| part(lines, range).iter().map(|line| (*line).to_owned()).collect();
    let hunk = |(before, after): Change| Hunk { removed: owned(&old, &before), added: owned(&new, &after), before, after };
    changes(&old, &new).into_iter().map(hunk).collect()
}

/// Lines of the older text, and those of the newer one that stand in their place.
type Change = (Range<usize>, Range<usize>);

fn changes(old: &[&str], new: &[&str]) -> Vec<Change> {
    let mut changes = Vec::new();
    let whole = trimmed(old, new, (0..old.len(), 0..new.len()));
    let mut at = (whole.0.start, whole.1.start);
    let ends = std::iter::once((whole.0.end, whole.1.end));
    let anchors = if is_little(&whole) { Vec::new() } else { anchors(old, new, &whole) };
    for (line, other) in anchors.into_iter().chain(ends) {
        let piece = trimmed(old, new, (at.0..line, at.1..other));
        changes.extend(compared(part(old, &piece.0), part(new, &piece.1), &piece));
        at = (line + 1, other + 1);
    }
    changes
}

fn part<'a, 'b>(lines: &'a [&'b str], range: &Range<usize>) -> &'a [&'b str] {
    lines.get(range.clone()).unwrap_or_default()
}

fn is_little((old, new): &Change) -> bool {
    old.len() + new.len() <= LITTLE
}

/// A piece without the lines with which both of its sides begin and end.
fn trimmed(old: &[&str], new: &[&str], (before, after): Change) -> Change {
    let (old, new) = (part(old, &before), part(new, &after));
    let head = old.iter().zip(new).take_while(|(old, new)| old == new).count();
    let rest = old.len().min(new.len()) - head;
    let tail = old.iter().rev().zip(new.iter().rev()).take(rest).take_while(|(old, new)| old == new).count();
    (before.start + head..before.end - tail, after.start + head..after.end - tail)
}

/// The lines that stand once in both sides of a piece, in the same order: the most of them.
fn anchors(old: &[&str], new: &[&str], (before, after): &Change) -> Vec<(usize, usize)> {
    let (first, second) = (once(part(old, before), before.start), once(part(new, after), after.start));
    let both = first.iter().filter_map(|(line, position)| Some(((*position)?, second.get(line).copied().flatten()?, *line)));
    let mut both: Vec<(usize, usize, &str)> = both.collect();
    both.sort_unstable_by_key(|(_, new, _)| *new);
    let by_new: Vec<&str> = both.iter().map(|(_, _, line)| *line).collect();
    both.sort_unstable_by_key(|(old, _, _)| *old);
    let by_old: Vec<&str> = both.iter().map(|(_, _, line)| *line).collect();
    let moved = align::align(&by_old, &by_new).moved;
    both.into_iter().filter(|(_, _, line)| !moved.contains(line)).map(|(old, new, _)| (old, new)).collect()
}

/// Each line of a piece with its number, or with none where it stands there more than once.
fn once<'a>(lines: &[&'a str], start: usize) -> BTreeMap<&'a str, Option<usize>> {
    let mut once = BTreeMap::new();
    for (position, line) in lines.iter().enumerate() {
        once.entry(*line).and_modify(|known| *known = None).or_insert(Some(start + position));
    }
    once
}

/// The changes inside of a piece that begins and ends with a difference.
fn compared(old: &[&str], new: &[&str], piece: &Change) -> Vec<Change> {
    if old.is_empty() && new.is_empty() {
        return Vec::new();
    }
    if old.is_empty() || new.is_empty() || !is_little(piece) {
        return vec![piece.clone()];
    }
    let placed = |range: Range<usize>, start: usize| range.start + start..range.end + start;
    let mut changes: Vec<Change> = Vec::new();
    for operation in capture_diff_slices(Algorithm::Myers, old, new) {
        if operation.tag() == DiffTag::Equal {
            continue;
        }
        let (before, after) = (placed(operation.old_range(), piece.0.start), placed(operation.new_range(), piece.1.start));
        match changes.last_mut() {
            // What follows without a common line between is one change.
            Some(last) if last.0.end == before.start && last.1.end == after.start => (last.0.end, last.1.end) = (before.end, after.end),
            Some(_) | None => changes.push((before, after)),
        }
    }
    changes
}

/// The same as the crate says it: with what is equal between the changes, and behind them.
fn operations(changes: &[Change], length: usize) -> Vec<DiffOp> {
    let mut operations = Vec::new();
    let (mut old_index, mut new_index) = (0, 0);
    for (before, after) in changes.iter().cloned().chain(std::iter::once((length..length, 0..0))) {
        if before.start > old_index {
            operations.push(DiffOp::Equal { old_index, new_index, len: before.start - old_index });
        }
        if !before.is_empty() || !after.is_empty() {
            operations.push(DiffOp::Replace {
                old_index: before.start,
                old_len: before.len(),
                new_index: after.start,
                new_len: after.len(),
            });
        }
        (old_index, new_index) = (before.end, after.end);
    }
    operations
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_have_nothing_in_common_are_replaced_as_a_whole_between_their_common_ends() {
        let text = |word: &str| (0..3_000).fold(String::from("first\n"), |text, line| text + &format!("{word} {line}\n")) + "last\n";
        let found = hunks(&text("old"), &text("new"));
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].before.clone(), found[0].after.clone()), (1..3_001, 1..3_001));
        assert!(lines(&text("old"), &text("new")).starts_with("@@ -1,3002 +1,3002 @@\n first\n-old 0\n"));
    }

    #[test]
    fn a_few_edits_of_a_long_text_are_found_where_they_are() {
        let old: Vec<String> = (0..20_000).map(|line| format!("line {line}\n")).collect();
        let mut new = old.clone();
        new[10] = "another\n".to_owned();
        new.remove(9_000);
        new.insert(15_000, "one more\n".to_owned());
        let found = hunks(&old.concat(), &new.concat());
        let places: Vec<Change> = found.into_iter().map(|hunk| (hunk.before, hunk.after)).collect();
        assert_eq!(places, [(10..11, 10..11), (9_000..9_001, 9_000..9_000), (15_001..15_001, 15_000..15_001)]);
    }

    #[test]
    fn where_no_line_stands_once_a_long_piece_is_not_compared_line_by_line() {
        // Few words, none of them once: nothing to hold on to, and the worst case of a comparison line by line, which would take hours.
        let text = |step: usize| (0..400_000_usize).map(|line| format!("{}\n", (line * step + line / 7) % 97)).collect::<String>();
        assert_eq!(hunks(&text(31), &text(57)).len(), 1);
        let line = "a line that stands once\n".to_owned();
        assert_eq!(hunks(&(text(31) + &line + "a\n"), &(text(57) + &line + "b\n")).len(), 2);
    }

    #[test]
    fn a_lone_carriage_return_ends_no_line() {
        let found = hunks("a\rb\nc\nd\n", "a\rb\nc\ne");
        let owned = |line: &str| vec![line.to_owned()];
        assert_eq!(found, [Hunk { before: 2..3, after: 2..3, removed: owned("d\n"), added: owned("e") }]);
    }
}
