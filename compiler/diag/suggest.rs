//! Did you mean.
//!
//! Knows only words. Does not know what they name.

/// The candidate nearest to `word`, if it is near enough to be a slip of the hand: at most a third of its letters differ.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = word.chars().count();
    let allowed = length.max(3).div_ceil(3);
    // Every letter that one word has more is one that differs; to compare a word of a megabyte letter by letter would take minutes.
    let may_be_near = |candidate: &&str| candidate.chars().count().abs_diff(length) <= allowed;
    candidates
        .into_iter()
        .filter(may_be_near)
        .map(|candidate| (strsim::damerau_levenshtein(&word.to_lowercase(), &candidate.to_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_slip_is_recognised_and_another_word_is_not() {
        assert_eq!(nearest("controlPlan", ["controlPlane", "etcd"]), Some("controlPlane"));
        assert_eq!(nearest("storage", ["controlPlane", "etcd"]), None);
    }
}
