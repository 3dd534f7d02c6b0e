//! What changed between the plan in a directory and a new one: for the summary after writing, and for `verify`.
//!
//! Steps are known by their identity, files by their path. Does not judge a change.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

use crate::render::Tree;

use super::existing::{Condition, Existing};

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    pub steps: Delta,
    pub files: Delta,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Delta {
    pub added: Vec<String>,
    pub removed: Vec<String>,
    pub changed: Vec<String>,
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
    /// The first line that differs; `None` where one of the two has ended.
    Line {
        path: String,
        line: usize,
        expected: Option<String>,
        found: Option<String>,
    },
}

/// What a new plan changes against the one that was there.
pub fn compare(old: &Existing, new: &Tree) -> Changes {
    let old_files: BTreeMap<&str, &[u8]> = old
        .ours
        .iter()
        .filter(|(_, ours)| ours.condition != Condition::Missing)
        .map(|(path, ours)| (path.as_str(), ours.content.as_slice()))
        .collect();
    let new_files: BTreeMap<&str, &[u8]> = new.files.iter().map(|(path, content)| (path.as_str(), content.as_bytes())).collect();
    let (old_steps, new_steps) = (steps(&old_files), steps(&new_files));
    Changes {
        steps: delta(&by_name(&old_steps), &by_name(&new_steps), |id, old, new| old != new || artifacts_differ(id, &old_files, &new_files)),
        files: delta(&old_files, &new_files, |_, old, new| old != new),
    }
}

fn delta<V>(old: &BTreeMap<&str, V>, new: &BTreeMap<&str, V>, differs: impl Fn(&str, &V, &V) -> bool) -> Delta {
    let mut delta = Delta::default();
    for (name, value) in new {
        match old.get(name) {
            None => delta.added.push((*name).to_owned()),
            Some(before) if differs(name, before, value) => delta.changed.push((*name).to_owned()),
            Some(_) => {}
        }
    }
    delta.removed.extend(old.keys().filter(|name| !new.contains_key(*name)).map(|name| (*name).to_owned()));
    delta
}

/// The steps of `plan.json` by identity, without the line of the spec that caused each: a line added at the top of a spec changes
/// no step. Where there is no such file that can be read, the steps that have artifacts, by their paths.
fn steps(files: &BTreeMap<&str, &[u8]>) -> BTreeMap<String, Value> {
    let plan = files.get("plan.json").and_then(|text| serde_json::from_slice::<Value>(text).ok()).unwrap_or_default();
    let Some(Value::Array(steps)) = plan.get("steps") else {
        return files.keys().filter_map(|path| step_of(path)).map(|id| (id.to_owned(), Value::Null)).collect();
    };
    let identified = |step: &Value| {
        let id = step.get("id").and_then(Value::as_str)?.to_owned();
        let mut step = step.clone();
        step.as_object_mut()?.shift_remove("because");
        Some((id, step))
    };
    steps.iter().filter_map(identified).collect()
}

fn by_name(steps: &BTreeMap<String, Value>) -> BTreeMap<&str, &Value> {
    steps.iter().map(|(id, step)| (id.as_str(), step)).collect()
}

/// `steps/30-grow-etcd/phy-1/etcd.service` belongs to `30-grow-etcd/phy-1`.
fn step_of(path: &str) -> Option<&str> {
    let rest = path.strip_prefix("steps/")?;
    let (phase, below) = rest.split_once('/')?;
    let (name, _) = below.split_once('/')?;
    rest.get(..phase.len() + 1 + name.len())
}

/// Whether the artifacts of a step differ in more than comments: every artifact names the line of the spec behind it, which moves.
fn artifacts_differ(id: &str, old: &BTreeMap<&str, &[u8]>, new: &BTreeMap<&str, &[u8]>) -> bool {
    let of_step = |files: &BTreeMap<&str, &[u8]>| -> BTreeMap<String, String> {
        let prefix = format!("steps/{id}/");
        files
            .range(prefix.as_str()..)
            .take_while(|(path, _)| path.starts_with(&prefix))
            .map(|(path, content)| ((*path).to_owned(), without_comments(&String::from_utf8_lossy(content))))
            .collect()
    };
    of_step(old) != of_step(new)
}

fn without_comments(text: &str) -> String {
    let is_comment = |line: &&str| ["#", ";", "!", "//", "<!--"].iter().any(|mark| line.trim_start().starts_with(mark));
    text.lines().filter(|line| !is_comment(line)).collect::<Vec<_>>().join("\n")
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
            Some(ours) => Some(first_line(path, content, &String::from_utf8_lossy(&ours.content))),
        })
        .chain(extra)
        .collect()
}

fn first_line(path: &str, expected: &str, found: &str) -> Difference {
    let line = expected.lines().zip(found.lines()).take_while(|(expected, found)| expected == found).count();
    let nth = |text: &str| text.lines().nth(line).map(str::to_owned);
    Difference::Line { path: path.to_owned(), line: line + 1, expected: nth(expected), found: nth(found) }
}

impl fmt::Display for Delta {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} added, {} removed, {} changed", self.added.len(), self.removed.len(), self.changed.len())
    }
}
