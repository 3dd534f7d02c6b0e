//! What the hosts are like at a moment, so that two moments can be compared: files, services, and the cluster's nodes.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::Value;

use crate::render::document::DistributionDocument;

use super::finding::{Result, Stop};
use super::stage::Stage;
use super::world::WORKSTATION;

/// Host to fact to value.
pub struct Snapshot(BTreeMap<String, BTreeMap<String, String>>);

impl Snapshot {
    pub fn take(stage: &Stage<'_>) -> Result<Self> {
        let mut arguments = changing(stage);
        arguments.push("--".to_owned());
        arguments.extend(stage.world.inits());
        let seen = stage.world.ask("snapshot.py", &arguments, &Value::Null)?;
        let mut facts: BTreeMap<String, BTreeMap<String, String>> =
            serde_json::from_value(seen).map_err(|error| Stop::Machine(format!("snapshot: {error}")))?;
        let nodes = stage.world.run(WORKSTATION, "kubectl get nodes --no-headers", Duration::from_secs(20))?;
        if !nodes.succeeded() {
            facts.insert("the cluster".to_owned(), BTreeMap::from([("nodes".to_owned(), "no answer".to_owned())]));
            return Ok(Self(facts));
        }
        let cluster = nodes.stdout.lines().filter_map(|line| line.trim().split_once(' '));
        let cluster = cluster.map(|(name, rest)| (format!("node {name}"), rest.split_whitespace().collect::<Vec<_>>().join(" ")));
        let mut cluster: BTreeMap<String, String> = cluster.collect();
        cluster.extend(objects(stage)?);
        facts.insert("the cluster".to_owned(), cluster);
        Ok(Self(facts))
    }

    /// Every fact of which the two say different things, but for `leaves`: paths that are left on purpose, with everything below and
    /// the way there.
    pub fn differences(&self, later: &Self, leaves: &[String]) -> Vec<String> {
        let mut found = Vec::new();
        let hosts: BTreeSet<&String> = self.0.keys().chain(later.0.keys()).collect();
        let nothing = BTreeMap::new();
        for host in hosts {
            let (before, after) = (self.0.get(host).unwrap_or(&nothing), later.0.get(host).unwrap_or(&nothing));
            let facts: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
            for fact in facts {
                let word = |facts: &BTreeMap<String, String>| facts.get(fact).map_or("nothing".to_owned(), Clone::clone);
                let (was, is) = (word(before), word(after));
                if was != is && !leaves.iter().any(|leaf| covers(leaf, host, fact, &was)) {
                    found.push(format!("{host}: {fact}: before {was}, after the rollback {is}"));
                }
            }
        }
        found
    }
}

/// Controllers with their pods, and what services select. Only clusters of binaries have any that a plan changes.
const OBJECTS: &str = r#"
kubectl get rc --all-namespaces -o jsonpath='{range .items[*]}controller {.metadata.name}={.spec.replicas} {.spec.template.spec.containers[*].args}{"\n"}{end}'
kubectl get services --all-namespaces -o jsonpath='{range .items[*]}service {.metadata.name}={.spec.selector}{"\n"}{end}'
"#;

fn objects(stage: &Stage<'_>) -> Result<BTreeMap<String, String>> {
    let DistributionDocument::Systemd(_) = &stage.cluster().distribution else { return Ok(BTreeMap::new()) };
    let lines = stage.world.run(WORKSTATION, OBJECTS, Duration::from_secs(20))?.stdout;
    Ok(lines.lines().filter_map(|line| line.split_once('=')).map(|(name, rest)| (name.to_owned(), rest.to_owned())).collect())
}

fn covers(leaf: &str, host: &str, fact: &str, was: &str) -> bool {
    let leaf = match leaf.strip_prefix("~/") {
        Some(rest) if host == WORKSTATION => format!("/root/{rest}"),
        None if host != WORKSTATION => leaf.to_owned(),
        Some(_) | None => return false,
    };
    let is_below = |inner: &str, outer: &str| inner == outer || inner.strip_prefix(outer).is_some_and(|rest| rest.starts_with('/'));
    is_below(fact, &leaf) || (was == "nothing" && is_below(&leaf, fact))
}

/// What changes by itself while services run, and the copies that tools keep of what they change.
fn changing(stage: &Stage<'_>) -> Vec<String> {
    let fixed = [
        "/var/lib/rancher",
        "/var/log",
        "/var/cache",
        "/var/lib/nginx",
        "/var/lib/docker-of-the-rehearsal.json",
        "/var/lib/crictl-of-the-rehearsal.json",
        "/etc/passwd-",
        "/etc/group-",
        "/etc/shadow-",
        "/etc/gshadow-",
    ];
    let mut paths: Vec<String> = fixed.map(str::to_owned).to_vec();
    paths.push(format!("{}/member", stage.cluster().etcd.data_dir));
    paths
}
