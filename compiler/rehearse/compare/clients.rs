//! Whom everybody goes by who keeps an address: kubelets, service proxies, API servers, the pod network. Nobody may name who has left.
//!
//! What counts is what a program read when it started, as it says itself; a file or an object that was changed since does not.

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::rehearse::finding::Result;
use crate::rehearse::stage::Stage;
use crate::render::document::{DistributionDocument, FrameDocument};

/// What a node or a pod says of itself, of which this much is looked at.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Record {
    node: String,
    workload: String,
    /// URLs.
    uses: Vec<String>,
    /// The address of a node.
    ip: String,
    command: Vec<String>,
}

/// What names members of etcd, and what names API servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Named {
    Members,
    Servers,
}

pub fn differences(stage: &Stage<'_>, row: &FrameDocument) -> Result<Vec<String>> {
    let DistributionDocument::Kubeadm(_) = &stage.cluster().distribution else { return Ok(Vec::new()) };
    let members: BTreeSet<String> = stage.client_urls(&row.etcd.voters)?.into_iter().collect();
    let mut servers: BTreeSet<String> = BTreeSet::new();
    for machine in &row.api_servers {
        servers.insert(url(&stage.address(machine)?.to_string(), stage.api_port()));
    }
    servers.extend(stage.virtual_ip().map(|address| url(address, stage.endpoint_port())));
    let mut found = Vec::new();
    for key in ["/registry/minions/", "/registry/pods/"] {
        for record in records(stage, row, key)? {
            let (who, named, urls) = told(stage, &record);
            let (known, what) = match named {
                Named::Members => (&members, "is no member of etcd"),
                Named::Servers => (&servers, "does not serve the API"),
            };
            let gone = urls.iter().filter(|each| !known.contains(*each));
            found.extend(gone.map(|gone| format!("clients: {who} goes by {gone}, which {what}")));
        }
    }
    found.sort();
    Ok(found)
}

/// As kubeconfigs have it.
fn url(address: &str, port: u16) -> String {
    if address.contains(':') { format!("https://[{address}]:{port}") } else { format!("https://{address}:{port}") }
}

fn records(stage: &Stage<'_>, row: &FrameDocument, prefix: &str) -> Result<Vec<Record>> {
    let outcome = stage.etcdctl(&stage.client_urls(&row.etcd.voters)?, &["get", "--prefix", prefix, "--print-value-only"])?;
    // Values that are no such record, and the lines between them, are none of this.
    Ok(outcome.stdout.lines().filter_map(|line| serde_json::from_str(line).ok()).collect())
}

/// Who it is, what it names, and how.
fn told(stage: &Stage<'_>, record: &Record) -> (String, Named, Vec<String>) {
    let datastore = record.command.iter().find_map(|word| word.strip_prefix("--etcd-servers="));
    if let Some(datastore) = datastore {
        let urls = datastore.split(',').map(str::to_owned).collect();
        return (format!("the API server of {}", record.node), Named::Members, urls);
    }
    if record.workload.is_empty() {
        let node = stage.addresses.iter().find(|(_, address)| address.to_string() == record.ip);
        let name = node.map_or(record.ip.as_str(), |(name, _)| name);
        return (format!("the kubelet of {name}"), Named::Servers, record.uses.clone());
    }
    let named = if record.workload == "kube-proxy" { Named::Servers } else { Named::Members };
    (format!("{} on {}", record.workload, record.node), named, record.uses.clone())
}
