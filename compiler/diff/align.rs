//! Which step of one plan is which of the other, and which of them changed their place among the others.
//!
//! Knows identities and positions. Does not know what a step does.

use std::collections::{BTreeMap, BTreeSet};

/// The steps of two plans side by side, by their identity.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Alignment<'a> {
    pub removed: Vec<&'a str>,
    /// Steps of both that others had to be passed by: the fewest that explain the new order.
    pub moved: BTreeSet<&'a str>,
}

pub(super) fn align<'a>(before: &[&'a str], after: &[&'a str]) -> Alignment<'a> {
    let old: BTreeMap<&str, usize> = before.iter().enumerate().map(|(position, id)| (*id, position)).collect();
    let new: BTreeSet<&str> = after.iter().copied().collect();
    let positions: Vec<(&str, usize)> = after.iter().filter_map(|id| Some((*id, *old.get(id)?))).collect();
    let stayed = longest_rise(&positions);
    Alignment {
        removed: before.iter().copied().filter(|id| !new.contains(id)).collect(),
        moved: positions.iter().map(|(id, _)| *id).filter(|id| !stayed.contains(id)).collect(),
    }
}

/// The most steps that stand in the same order in both plans: the longest rising subsequence of old positions, by patience sorting.
fn longest_rise<'a>(positions: &[(&'a str, usize)]) -> BTreeSet<&'a str> {
    // For each length: the entry that ends a rise of that length with the lowest old position; and what came before each entry.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(positions.len());
    let old = |entry: usize| positions.get(entry).map_or(0, |(_, old)| *old);
    for (entry, (_, position)) in positions.iter().enumerate() {
        let length = ends.partition_point(|end| old(*end) < *position);
        before.push(length.checked_sub(1).and_then(|shorter| ends.get(shorter).copied()));
        match ends.get_mut(length) {
            Some(end) => *end = entry,
            None => ends.push(entry),
        }
    }
    let mut last = ends.last().copied();
    let mut rise = BTreeSet::new();
    while let Some(entry) = last {
        rise.extend(positions.get(entry).map(|(id, _)| *id));
        last = before.get(entry).copied().flatten();
    }
    rise
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_step_that_passes_others_is_the_only_one_that_moved() {
        let aligned = align(&["a", "b", "c", "d"], &["d", "a", "b", "c"]);
        assert_eq!(aligned.moved, BTreeSet::from(["d"]));
    }

    #[test]
    fn steps_that_come_and_go_move_nobody() {
        let aligned = align(&["a", "b", "c"], &["x", "a", "c", "y"]);
        assert_eq!(aligned.removed, ["b"]);
        assert!(aligned.moved.is_empty());
    }

    #[test]
    fn a_reversed_order_keeps_one_in_its_place() {
        assert_eq!(align(&["a", "b", "c"], &["c", "b", "a"]).moved.len(), 2);
    }
}
