//! Fails a host for real: its link goes down, and it is seen whether etcd still takes a write and the API still answers.
//!
//! What is seen is compared with the row's `fatalHosts`. Afterwards the host comes back, and the cluster must be as before. A
//! machine's own address is no published endpoint: clients that were given it have learned the other servers.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

use crate::render::document::FrameDocument;

use super::compare::{self, balancers, holders};
use super::finding::{Result, Stop};
use super::stage::Stage;
use super::world::Link;

/// How long a cluster may take to get over the loss of a host: an election (2 s), the virtual IP (4 s), and an API server that asks
/// members in turn, 2 s each. What takes longer counts as fatal, whatever the ledger says.
const PATIENCE_SECONDS: u32 = 20;

/// An API server that was away for longer than this may have failed its health check, and so may the next one.
const DISTURBING_SECONDS: f64 = 0.5;
/// keepalived lets go after two checks that failed, 2 s apart, each with a second to answer.
const HEALTH_CHECK: Duration = Duration::from_secs(5);

const A_WHILE: Duration = Duration::from_secs(30);

/// What the loss of one host did.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Cut {
    pub host: String,
    /// Whether the ledger says that this host must not fail.
    pub promised_fatal: bool,
    pub seen_fatal: bool,
    /// Seconds until the first success at etcd and at each endpoint; null: never.
    pub answered: BTreeMap<String, Option<f64>>,
}

impl Cut {
    pub fn agrees(&self) -> bool {
        self.promised_fatal == self.seen_fatal
    }

    /// What differs, as a sentence.
    pub fn difference(&self) -> String {
        let dead: Vec<_> = self.answered.iter().filter(|(_, answer)| answer.is_none()).map(|(name, _)| name.as_str()).collect();
        if self.seen_fatal {
            format!("the ledger says that {} may fail; without it there was no answer from: {}", self.host, dead.join(", "))
        } else {
            format!("the ledger says that {} must not fail; without it everything went on", self.host)
        }
    }
}

/// Cuts a host off and puts it back. The second value says what was not as before afterwards, beyond what was `known` to differ.
pub fn cut(stage: &Stage<'_>, row: &FrameDocument, host: &str, known: &[String]) -> Result<(Cut, Vec<String>)> {
    let promised_fatal = row.fatal_hosts.iter().any(|fatal| fatal == host);
    let question = json!({
        "etcd": stage.client_urls(&row.etcd.voters)?, "tls": Stage::observer_files(), "authority": stage.api_authority(),
        "endpoints": published(stage, row, host)?, "limitSeconds": PATIENCE_SECONDS,
    });
    stage.world.set_link(host, Link::Down)?;
    let answers = stage.world.ask("probe.py", &[], &question);
    stage.world.set_link(host, Link::Up)?;
    let answered: BTreeMap<String, Option<f64>> =
        serde_json::from_value(answers?).map_err(|error| Stop::Machine(format!("probe: {error}")))?;
    let seen_fatal = answered.values().any(Option::is_none);
    bring_the_address_home(stage, row)?;
    let was_disturbed = answered.values().any(|answer| answer.is_none_or(|seconds| seconds > DISTURBING_SECONDS));
    if stage.virtual_ip().is_some() && was_disturbed {
        std::thread::sleep(HEALTH_CHECK);
        bring_the_address_home(stage, row)?;
    }
    let mut after = compare::differences(stage, row, known)?;
    after.retain(|each| !known.contains(each));
    Ok((Cut { host: host.to_owned(), promised_fatal, seen_fatal, answered }, after))
}

/// Where clients reach the API at this moment, by name: places of which one must answer.
fn published(stage: &Stage<'_>, row: &FrameDocument, host: &str) -> Result<BTreeMap<String, Vec<(String, u16)>>> {
    let mut found = BTreeMap::new();
    let mut servers = Vec::new();
    for server in &row.api_servers {
        servers.push((stage.address(server)?.to_string(), stage.api_port()));
    }
    found.insert("API servers".to_owned(), servers);
    let is_held = row.virtual_ip.as_ref().is_some_and(|virtual_ip| !virtual_ip.possible_holders.is_empty());
    if let (Some(address), true) = (stage.virtual_ip(), is_held) {
        found.insert("virtual IP".to_owned(), vec![(address.to_owned(), stage.endpoint_port())]);
    }
    for balancer in balancers(stage)?.into_iter().filter(|balancer| balancer.machine != host && balancer.is_published()) {
        found.insert(balancer.name(), vec![(balancer.address.to_string(), balancer.port)]);
    }
    Ok(found)
}

/// The address does not come back by itself (`nopreempt`), and the next steps start from the row: whoever took it and is no
/// possible holder lets go.
pub fn bring_the_address_home(stage: &Stage<'_>, row: &FrameDocument) -> Result<()> {
    let Some(virtual_ip) = row.virtual_ip.as_ref().filter(|virtual_ip| !virtual_ip.possible_holders.is_empty()) else { return Ok(()) };
    let is_home = |holder: &String| virtual_ip.possible_holders.contains(holder);
    let deadline = Instant::now() + Duration::from_secs(15);
    let mut stopped = Vec::new();
    while !matches!(&holders(stage)?[..], [one] if is_home(one)) && Instant::now() < deadline {
        for holder in holders(stage)?.into_iter().filter(|holder| !is_home(holder)) {
            // A keepalived that does not obey is a difference, and the comparison that follows finds it.
            stage.world.run(&holder, "systemctl stop keepalived", A_WHILE)?;
            stopped.push(holder);
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    stopped.iter().try_for_each(|holder| stage.world.run(holder, "systemctl start keepalived", A_WHILE).map(|_| ()))
}

/// Which hosts are cut after a step: one that must not fail, and one that matters and may, another one at each row.
pub fn sample(stage: &Stage<'_>, row: &FrameDocument, number: usize) -> Vec<String> {
    let candidates = row.virtual_ip.iter().flat_map(|virtual_ip| &virtual_ip.candidates).map(|candidate| &candidate.machine);
    let mut critical: Vec<&String> = row.etcd.voters.iter().chain(&row.api_servers).chain(candidates).collect();
    critical.retain(|machine| !stage.has_failed(machine) && !row.fatal_hosts.contains(machine));
    critical.sort();
    critical.dedup();
    let turn = critical.get(number % critical.len().max(1)).copied();
    let fatal = row.fatal_hosts.iter().find(|machine| !stage.has_failed(machine));
    fatal.into_iter().chain(turn).cloned().collect()
}
