//! Which API servers wrote, and when, as they noted it themselves: where one is meant to write at a time, no two may at once.
//!
//! A note is a line for each run of an API server: its first write, its last write, how many. Only those of binaries keep it.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;

use crate::rehearse::finding::Result;
use crate::rehearse::stage::Stage;
use crate::render::document::DistributionDocument;

const NOTES: &str = "cat /var/log/kube-apiserver-writes/*.[0-9][0-9][0-9] 2>/dev/null || true";

/// A time in which one API server wrote, from when it was started until it ended.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Writer {
    pub machine: String,
    /// When its first write began, in seconds since 1970.
    pub first: f64,
    /// When its last write was acknowledged.
    pub last: f64,
    pub writes: usize,
}

/// Every run of every API server that has written, in the order of their first writes.
pub fn writers(stage: &Stage<'_>) -> Result<Vec<Writer>> {
    let DistributionDocument::Systemd(_) = &stage.cluster().distribution else { return Ok(Vec::new()) };
    let topology = &stage.plan.topology;
    let mut machines: Vec<&String> = topology.source.control_plane.iter().chain(&topology.target.control_plane).collect();
    machines.sort();
    machines.dedup();
    let mut found = Vec::new();
    for machine in machines {
        let notes = stage.world.run(machine, NOTES, Duration::from_secs(20))?.stdout;
        found.extend(notes.lines().filter_map(|line| note(machine, line)));
    }
    found.sort_by(|one, other| one.first.total_cmp(&other.first));
    Ok(found)
}

fn note(machine: &str, line: &str) -> Option<Writer> {
    let mut words = line.split(' ');
    let (first, last, writes) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    Some(Writer { machine: machine.to_owned(), first, last, writes })
}

/// Pairs of machines that wrote at once, and servers of the row that have written nothing: nobody would notice them.
pub fn differences(stage: &Stage<'_>, serving: &[String]) -> Result<Vec<String>> {
    let DistributionDocument::Systemd(_) = &stage.cluster().distribution else { return Ok(Vec::new()) };
    let seen = writers(stage)?;
    let mut found = at_once(&seen);
    let silent = serving.iter().filter(|machine| !seen.iter().any(|writer| writer.machine == **machine));
    found.extend(silent.map(|machine| format!("API: the ledger says that {machine} serves; it has written nothing")));
    Ok(found)
}

fn at_once(seen: &[Writer]) -> Vec<String> {
    let mut found = Vec::new();
    for (index, one) in seen.iter().enumerate() {
        for other in seen.iter().skip(index + 1) {
            let both = one.last.min(other.last) - one.first.max(other.first);
            if one.machine != other.machine && both > 0.0 {
                // The same words in every row that this goes on: it is found once.
                found.push(format!("API: {} and {} wrote at once", one.machine, other.machine));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_machines_write_at_once_when_one_begins_before_the_other_has_ended() {
        let run = |machine: &str, line: &str| note(machine, line).unwrap();
        let old = run("old", "10.000 20.000 7");
        assert_eq!(at_once(&[old.clone(), run("new", "20.500 30.000 9"), run("old", "31.000 32.000 1")]), Vec::<String>::new());
        assert_eq!(at_once(&[old.clone(), run("new", "18.500 30.000 9")]), ["API: old and new wrote at once"]);
        assert_eq!(at_once(&[old.clone(), run("old", "11.000 12.000 1")]), Vec::<String>::new(), "one machine has one API server");
    }
}
