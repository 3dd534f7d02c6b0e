//! The ledger against reality: what a row promises and what is seen on the hosts, part by part.
//!
//! Each part asks the machines themselves and answers with sentences about what differs. Does not know how the row came about.

mod api;
mod balancers;
mod binaries;
mod clients;
mod etcd;
mod nodes;
mod virtual_ip;
mod writers;

use std::time::{Duration, Instant};

use crate::render::document::FrameDocument;

use super::finding::Result;
use super::stage::Stage;

pub use balancers::{Balancer, balancers};
pub use binaries::named;
pub use virtual_ip::holders;
pub use writers::{Writer, writers};

/// Services that were just told to change need a moment; a node reports every few seconds.
pub const PATIENCE: Duration = Duration::from_secs(25);

/// Everything in which the row and the hosts differ; empty when they agree within the patience. There is no patience for what is
/// `known` to differ already: nothing has changed that could end it.
pub fn differences(stage: &Stage<'_>, row: &FrameDocument, known: &[String]) -> Result<Vec<String>> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let found = look(stage, row)?;
        if found.iter().all(|each| known.contains(each)) || Instant::now() > deadline {
            return Ok(found);
        }
        std::thread::sleep(Duration::from_millis(300));
    }
}

/// Everything in which the row and the hosts differ at this moment.
pub fn look(stage: &Stage<'_>, row: &FrameDocument) -> Result<Vec<String>> {
    let mut found = contradictions(row);
    found.extend(etcd::differences(stage, &row.etcd)?);
    found.extend(api::differences(stage, &row.api_servers)?);
    found.extend(virtual_ip::differences(stage, row.virtual_ip.as_ref())?);
    found.extend(nodes::differences(stage, row)?);
    found.extend(balancers::differences(stage, row)?);
    found.extend(clients::differences(stage, row)?);
    found.extend(writers::differences(stage, &row.api_servers)?);
    found.extend(binaries::differences(stage, row)?);
    Ok(found)
}

/// A row that contradicts itself is wrong whatever is seen.
fn contradictions(row: &FrameDocument) -> Vec<String> {
    let mut found = Vec::new();
    let fatal = listed(&row.fatal_hosts);
    match (row.survives_any_one_host, row.fatal_hosts.is_empty()) {
        (true, false) => found.push(format!("ledger: any one host may fail, it says, and also that these must not: {fatal}")),
        (false, true) => found.push("ledger: some host must not fail, it says, and names none".to_owned()),
        (true, true) | (false, false) => {}
    }
    let (quorum, tolerance) = (row.etcd.voters.len() / 2 + 1, row.etcd.tolerance);
    let borne = i64::try_from(row.etcd.started).unwrap_or_default() - i64::try_from(quorum).unwrap_or_default();
    if row.etcd.quorum != quorum || tolerance != borne {
        let (voters, started) = (row.etcd.voters.len(), row.etcd.started);
        found.push(format!(
            "etcd: of {voters} voters, {started} started, the quorum is {quorum} and {borne} may fail; the ledger says {} and {tolerance}",
            row.etcd.quorum
        ));
    }
    found
}

/// Names as a sentence has them.
fn listed<'a>(names: impl IntoIterator<Item = &'a String>) -> String {
    let names: Vec<_> = names.into_iter().map(String::as_str).collect();
    if names.is_empty() { "nobody".to_owned() } else { names.join(" ") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::document::EtcdFrame;

    fn row() -> FrameDocument {
        let voters = ["a", "b", "c"].map(str::to_owned).to_vec();
        let etcd = EtcdFrame { voters, started: 3, quorum: 2, tolerance: 1, ..EtcdFrame::default() };
        FrameDocument { etcd, survives_any_one_host: true, ..FrameDocument::default() }
    }

    #[test]
    fn a_row_contradicts_itself_when_it_names_no_host_that_must_not_fail_or_too_many() {
        assert_eq!(contradictions(&row()), Vec::<String>::new());
        let nobody = FrameDocument { survives_any_one_host: false, ..row() };
        assert_eq!(contradictions(&nobody), ["ledger: some host must not fail, it says, and names none"]);
        let both = FrameDocument { fatal_hosts: vec!["a".into()], ..row() };
        assert_eq!(contradictions(&both), ["ledger: any one host may fail, it says, and also that these must not: a"]);
    }

    #[test]
    fn a_row_contradicts_itself_when_its_arithmetic_is_wrong() {
        let etcd = EtcdFrame { tolerance: 2, ..row().etcd };
        let found = contradictions(&FrameDocument { etcd, ..row() });
        assert_eq!(found, ["etcd: of 3 voters, 3 started, the quorum is 2 and 1 may fail; the ledger says 2 and 2"]);
    }
}
