//! Files that can be read in one sitting.

use super::{assert_none, files};

const LONGEST: usize = 400;
const MEDIAN: usize = 150;

fn lengths() -> Vec<(String, usize)> {
    let sources = files("compiler").into_iter().filter(|(path, _)| path.ends_with(".rs"));
    sources.map(|(path, text)| (path, text.lines().count())).collect()
}

#[test]
fn no_file_is_longer_than_four_hundred_lines() {
    let long = lengths().into_iter().filter(|(_, lines)| *lines > LONGEST);
    let findings: Vec<_> = long.map(|(path, lines)| format!("{path}: {lines} lines")).collect();
    assert_none(&findings, "a file that does not fit into a head hides mistakes", "split it by what it is responsible for");
}

#[test]
fn half_of_the_files_are_shorter_than_a_few_screens() {
    let mut lines: Vec<usize> = lengths().into_iter().map(|(_, lines)| lines).collect();
    lines.sort_unstable();
    let median = lines[lines.len() / 2];
    assert!(median <= MEDIAN, "the median is {median} lines, above {MEDIAN}: split the files that do two things");
}
