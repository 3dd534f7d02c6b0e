//! Which files of a directory differ from a plan: counted after writing, and described for `verify`.
//!
//! Files are known by their path. What their content means is for `diff` to say.

use std::collections::BTreeMap;
use std::fmt;

use crate::render::Tree;

use super::existing::{Condition, Existing};

/// How many files a new plan adds, removes and changes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FileChanges {
    pub added: usize,
    pub removed: usize,
    pub changed: usize,
}

/// How one file of a directory differs from the plan that it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Difference {
    Missing {
        path: String,
    },
    /// A file of an older plan.
    Extra {
        path: String,
    },
    /// The first line that differs, `None` where one of the two has ended; and how many do.
    Lines {
        path: String,
        line: usize,
        expected: Option<String>,
        found: Option<String>,
        /// How many lines are not expected, wherever they stand.
        surplus: usize,
        /// How many lines are expected and not there.
        lacking: usize,
    },
}

/// What a new plan changes against the one that was there.
pub fn compare(old: &Existing, new: &Tree) -> FileChanges {
    let present = |path: &str| old.ours.get(path).filter(|ours| ours.condition != Condition::Missing);
    let count = |is_one: &dyn Fn(&str, &str) -> bool| new.files.iter().filter(|(path, content)| is_one(path, content)).count();
    let removed = old.ours.keys().filter(|path| present(path).is_some() && !new.files.contains_key(*path));
    FileChanges {
        added: count(&|path, _| present(path).is_none()),
        removed: removed.count(),
        changed: count(&|path, content| present(path).is_some_and(|ours| ours.content != content.as_bytes())),
    }
}

/// Every file in which a directory is not what a spec compiles to.
pub fn differences(found: &Existing, expected: &Tree) -> Vec<Difference> {
    let present = |path: &str| found.ours.get(path).filter(|ours| ours.condition != Condition::Missing);
    let extra = found
        .ours
        .keys()
        .filter(|path| !expected.files.contains_key(*path) && present(path).is_some())
        .map(|path| Difference::Extra { path: path.clone() });
    expected
        .files
        .iter()
        .filter_map(|(path, content)| match present(path) {
            None => Some(Difference::Missing { path: path.clone() }),
            Some(ours) if ours.content == content.as_bytes() => None,
            Some(ours) => Some(lines(path, content, &String::from_utf8_lossy(&ours.content))),
        })
        .chain(extra)
        .collect()
}

/// Where a file names the spec as a whole, or a line of it. Any change of the spec changes these, so that they tell a reader nothing.
const ORIGINS: &[&str] = &["from the spec sha256:", "\"specDigest\": ", "Caused by line ", "规格文件第 "];

/// Lines are compared with their ends, so that no difference goes without one. The first that is named says more than that the
/// spec changed, where there is such a line.
fn lines(path: &str, expected: &str, found: &str) -> Difference {
    let expected: Vec<&str> = expected.split_inclusive('\n').collect();
    let found: Vec<&str> = found.split_inclusive('\n').collect();
    let names_origin = |line: &str| ORIGINS.iter().any(|origin| line.contains(origin));
    let equal = |(expected, found): &(&&str, &&str)| expected == found;
    let alike = |pair: &(&&str, &&str)| equal(pair) || (names_origin(pair.0) && names_origin(pair.1));
    let pairs = || expected.iter().zip(&found);
    let telling = pairs().take_while(alike).count();
    let is_all = telling == expected.len() && telling == found.len();
    let line = if is_all { pairs().take_while(equal).count() } else { telling };
    let nth = |lines: &[&str]| lines.get(line).map(|line| (*line).to_owned());
    let (surplus, lacking) = (left_over(&found, &expected), left_over(&expected, &found));
    Difference::Lines { path: path.to_owned(), line: line + 1, expected: nth(&expected), found: nth(&found), surplus, lacking }
}

/// How many of these lines are left when each of the others has taken one that is the same.
fn left_over(these: &[&str], others: &[&str]) -> usize {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    others.iter().for_each(|line| *counts.entry(line).or_default() += 1);
    let is_taken = |line: &&&str| match counts.get_mut(**line) {
        Some(count) if *count > 0 => {
            *count -= 1;
            true
        }
        Some(_) | None => false,
    };
    these.len() - these.iter().filter(is_taken).count()
}

impl fmt::Display for FileChanges {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} added, {} removed, {} changed", self.added, self.removed, self.changed)
    }
}
