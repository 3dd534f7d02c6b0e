//! Who votes and who learns, as every voter itself says it.

use std::collections::BTreeSet;

use crate::rehearse::finding::Result;
use crate::rehearse::stage::Stage;
use crate::render::document::EtcdFrame;

use super::listed;

#[derive(Debug, Default, PartialEq, Eq)]
struct Membership {
    voters: BTreeSet<String>,
    learners: BTreeSet<String>,
}

pub fn differences(stage: &Stage<'_>, row: &EtcdFrame) -> Result<Vec<String>> {
    let promised = Membership { voters: row.voters.iter().cloned().collect(), learners: row.learners.iter().cloned().collect() };
    let mut found = Vec::new();
    // One that has failed answers nobody; what the others say of it counts.
    for machine in row.voters.iter().filter(|machine| !stage.has_failed(machine)) {
        match membership_at(stage, &stage.client_url(machine)?)? {
            Ok(seen) if seen == promised => {}
            Ok(seen) => found.push(format!(
                "etcd: the ledger says that {} vote and {} learn; {machine} says that {} vote and {} learn",
                listed(&promised.voters),
                listed(&promised.learners),
                listed(&seen.voters),
                listed(&seen.learners)
            )),
            Err(reason) => found.push(format!("etcd: the ledger says that {machine} votes; {reason}")),
        }
    }
    if found.is_empty() && !stage.takes_a_write(&stage.client_urls(&row.voters)?)? {
        found.push("etcd: every voter agrees, but a write fails: there is no quorum".to_owned());
    }
    Ok(found)
}

/// What one member says about the cluster, by machine. Err: it does not answer, or what it says is not at rest.
fn membership_at(stage: &Stage<'_>, endpoint: &str) -> Result<std::result::Result<Membership, String>> {
    let outcome = stage.etcdctl(&[endpoint.to_owned()], &["member", "list"])?;
    if !outcome.succeeded() {
        return Ok(Err("it does not answer".to_owned()));
    }
    let mut membership = Membership::default();
    for line in outcome.stdout.lines() {
        let columns: Vec<_> = line.split(", ").collect();
        let [_, state, _, peer, _, learner] = columns[..] else { return Ok(Err(format!("it lists: {line}"))) };
        let machine = stage.addresses.iter().map(|(name, _)| name).find(|name| stage.peer_url(name).is_ok_and(|url| url == peer));
        let Some(machine) = machine else { return Ok(Err(format!("it lists the peer URL of no machine: {line}"))) };
        if state != "started" {
            return Ok(Err(format!("it lists {machine} as not started")));
        }
        if learner == "true" { &mut membership.learners } else { &mut membership.voters }.insert(machine.clone());
    }
    Ok(Ok(membership))
}
