//! The ledger as aligned text, for people and for snapshots.
//!
//! Knows only the ledger. `!` marks a row in which a host is fatal, `~` one whose risk was accepted.

use crate::ir::{Frame, Ledger, Row};
use crate::verify::scene::listed;

const HEADINGS: [&str; 9] = ["", "step", "etcd", "quorum", "tolerance", "api", "vip", "nodes", "any one host may fail"];

/// One column more where the spec declares applications whose volumes lie on single machines.
const VOLUMES: &str = "volumes";

pub fn ledger_text(ledger: &Ledger) -> String {
    let has_volumes = ledger.rows.iter().any(|row| !row.after.storage.is_empty());
    let headings = HEADINGS.into_iter().chain(has_volumes.then_some(VOLUMES)).map(str::to_owned).collect();
    let mut lines: Vec<Vec<String>> = vec![headings];
    for row in &ledger.rows {
        let cells = cells(row, ledger).into_iter();
        lines.push(cells.chain(has_volumes.then(|| volumes(row))).collect());
    }
    let columns = lines.first().map_or(0, Vec::len);
    let widths: Vec<usize> = (0..columns)
        .map(|column| lines.iter().filter_map(|line| line.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0))
        .collect();
    let mut text = String::new();
    for line in &lines {
        let padded: Vec<String> = line.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        text.push_str(padded.join("  ").trim_end());
        text.push('\n');
    }
    text
}

/// `minio 4/4 needs 3, not lzx-ha-env-3`: those after `not` must not fail for it.
fn volumes(row: &Row) -> String {
    let cells = row.after.storage.iter().map(|frame| {
        let there = frame.there.len();
        let fewest = row.during.iter().flat_map(|during| &during.storage).find(|(name, _)| *name == frame.application);
        let during = fewest.filter(|(_, fewest)| *fewest < there).map_or(String::new(), |(_, fewest)| format!(" ({fewest} during)"));
        let needs = if frame.needs == 0 { String::new() } else { format!(" needs {}", frame.needs) };
        let fatal = if frame.fatal_hosts.is_empty() { String::new() } else { format!(", not {}", listed(&frame.fatal_hosts)) };
        format!("{} {there}/{}{during}{needs}{fatal}", frame.application, frame.volumes)
    });
    cells.collect::<Vec<_>>().join("; ")
}

fn cells(row: &Row, ledger: &Ledger) -> [String; 9] {
    let frame = &row.after;
    let during = |worse: Option<String>| worse.map_or(String::new(), |worse| format!(" ({worse} during)"));
    let tolerance = row.during.as_ref().filter(|during| during.etcd_tolerance < frame.etcd_tolerance);
    let servers = row.during.as_ref().filter(|during| during.api_servers < frame.api_servers.len());
    [
        mark(row, ledger).to_owned(),
        row.step.as_ref().map_or("source", |step| step.as_str()).to_owned(),
        etcd(frame),
        frame.etcd_quorum.to_string(),
        format!("{}{}", frame.etcd_tolerance, during(tolerance.map(|during| during.etcd_tolerance.to_string()))),
        format!("{}{}", frame.api_servers.len(), during(servers.map(|during| during.api_servers.to_string()))),
        virtual_ip(frame),
        frame.schedulable_nodes.to_string(),
        hosts(row),
    ]
}

fn mark(row: &Row, ledger: &Ledger) -> &'static str {
    let fatal_inside = row.during.as_ref().is_some_and(|during| !during.fatal_hosts.is_empty() || during.etcd_tolerance < 0);
    if row.step.as_ref().is_some_and(|step| ledger.accepted.iter().any(|accepted| accepted.step == *step)) {
        "~"
    } else if !row.after.survives_any_one_host || fatal_inside {
        "!"
    } else {
        ""
    }
}

fn etcd(frame: &Frame) -> String {
    let learners = match frame.etcd_learners.len() {
        0 => String::new(),
        1 => " +1 learner".to_owned(),
        number => format!(" +{number} learners"),
    };
    format!("{}/{} voters{learners}", frame.etcd_started, frame.etcd_voters.len())
}

fn virtual_ip(frame: &Frame) -> String {
    let Some(virtual_ip) = &frame.virtual_ip else { return "-".to_owned() };
    let holders: Vec<_> = virtual_ip.possible_holders.iter().map(|name| name.as_str()).collect();
    let holders = if holders.is_empty() { "nobody".to_owned() } else { holders.join("|") };
    let gap = virtual_ip.predicted_gap_milliseconds.map_or(String::new(), |gap| format!(", gap {gap} ms"));
    format!("{holders} of {}{gap}", virtual_ip.candidates.len())
}

fn hosts(row: &Row) -> String {
    let after = if row.after.fatal_hosts.is_empty() { "yes".to_owned() } else { format!("no: {}", listed(&row.after.fatal_hosts)) };
    let more: Vec<_> =
        row.during.iter().flat_map(|during| &during.fatal_hosts).filter(|host| !row.after.fatal_hosts.contains(host)).collect();
    if more.is_empty() { after } else { format!("{after} (during: {})", listed(more)) }
}
