//! The flags of a member: one list, from which a unit and a pod are made alike, and of which the first step knows every name.
//!
//! Does not know where the flags are written.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::lower::moment::Moment;
use crate::model::{EtcdProcess, EtcdSettings, EtcdTls, FlagName, MachineName, Port};

/// One flag of a command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Flag {
    /// Set by the plan.
    Own(&'static str, String),
    /// Set by the plan, and true by being there.
    Switch(&'static str),
    /// Set by the spec. Its value may be `false`, which only `=` gives to a flag that is a switch.
    Further(String, String),
}

impl Flag {
    /// As a line of a unit.
    pub fn line(&self) -> String {
        match self {
            Flag::Own(name, value) => format!("--{name} {value}"),
            Flag::Switch(name) => format!("--{name}"),
            Flag::Further(name, value) => format!("--{name}={value}"),
        }
    }

    /// As one word of a command line.
    pub fn word(&self) -> String {
        match self {
            Flag::Own(name, value) => format!("--{name}={value}"),
            Flag::Switch(_) | Flag::Further(..) => self.line(),
        }
    }
}

/// What every member is given.
const OWN: &[&str] = &[
    "name",
    "data-dir",
    "listen-peer-urls",
    "listen-client-urls",
    "initial-advertise-peer-urls",
    "advertise-client-urls",
    "initial-cluster",
    "initial-cluster-state",
    "initial-cluster-token",
];

/// What a member is given where there are certificates.
const TLS: &[&str] = &[
    "cert-file",
    "key-file",
    "trusted-ca-file",
    "client-cert-auth",
    "peer-cert-file",
    "peer-key-file",
    "peer-trusted-ca-file",
    "peer-client-cert-auth",
];

/// What a member may run with while another does not: how it logs, what it measures, what it checks as it starts.
const HARMLESS: &[&str] = &[
    "logger",
    "log-level",
    "log-outputs",
    "log-output",
    "debug",
    "enable-v2",
    "experimental-initial-corrupt-check",
    "metrics",
    "listen-metrics-urls",
];

/// The flags that a member may run with today: with any other, the members that join would differ from it. By name.
pub fn known(etcd: &EtcdSettings) -> Value {
    let tls = match &etcd.tls {
        EtcdTls::None => &[],
        EtcdTls::Files(_) | EtcdTls::Kubespray(_) => TLS,
    };
    let further = etcd.flags.keys().map(FlagName::as_str);
    let known: BTreeSet<&str> = OWN.iter().chain(tls).chain(HARMLESS).copied().chain(further).collect();
    json!(known)
}

/// The flags of a member at a moment with these members, itself among them.
pub fn of(moment: &Moment<'_>, machine: &MachineName, members: &[MachineName]) -> Vec<Flag> {
    let etcd = &moment.migration.cluster.etcd;
    let (peer, client) = (moment.peer_url(machine), moment.client_url(machine));
    let is_ipv6 = moment.address(machine).is_some_and(|address| address.is_ipv6());
    let loopback = format!("{}://{}:{}", etcd.scheme(), if is_ipv6 { "[::1]" } else { "127.0.0.1" }, etcd.client_port);
    let mut flags = vec![
        Flag::Own("name", etcd.member_name(machine).to_owned()),
        Flag::Own("data-dir", etcd.data_dir.to_string()),
        Flag::Own("listen-peer-urls", peer.clone()),
        Flag::Own("listen-client-urls", format!("{client},{loopback}")),
        Flag::Own("initial-advertise-peer-urls", peer),
        Flag::Own("advertise-client-urls", client),
    ];
    flags.extend(certificates(etcd, machine));
    flags.extend(for_the_kubelet(&etcd.process));
    flags.extend(etcd.flags.iter().map(|(name, value)| Flag::Further(name.to_string(), value.to_string())));
    flags.extend([
        Flag::Own("initial-cluster-token", etcd.cluster_token.to_string()),
        Flag::Own("initial-cluster", initial_cluster(moment, members)),
        Flag::Own("initial-cluster-state", "existing".to_owned()),
    ]);
    flags
}

/// The members of the moment, as `--initial-cluster` lists them.
pub fn initial_cluster(moment: &Moment<'_>, members: &[MachineName]) -> String {
    let entry = |name: &MachineName| format!("{}={}", moment.migration.cluster.etcd.member_name(name), moment.peer_url(name));
    members.iter().map(entry).collect::<Vec<_>>().join(",")
}

fn certificates(etcd: &EtcdSettings, machine: &MachineName) -> Vec<Flag> {
    let Some(files) = etcd.tls.files_of(machine.as_str()) else { return Vec::new() };
    let (ca, certificate, key) = (files.ca.to_string(), files.certificate.to_string(), files.key.to_string());
    vec![
        Flag::Own("cert-file", certificate.clone()),
        Flag::Own("key-file", key.clone()),
        Flag::Own("trusted-ca-file", ca.clone()),
        Flag::Switch("client-cert-auth"),
        Flag::Own("peer-cert-file", certificate),
        Flag::Own("peer-key-file", key),
        Flag::Own("peer-trusted-ca-file", ca),
        Flag::Switch("peer-client-cert-auth"),
    ]
}

/// A kubelet has no client certificate: it asks for the health of its pod without one, from the machine itself alone.
fn for_the_kubelet(process: &EtcdProcess) -> Option<Flag> {
    match process {
        EtcdProcess::Service => None,
        EtcdProcess::StaticPod(_) => Some(Flag::Own("listen-metrics-urls", format!("http://127.0.0.1:{}", Port::ETCD_METRICS))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_switch_that_is_off_keeps_its_value_in_a_unit_and_in_a_pod() {
        let off = Flag::Further("pre-vote".into(), "false".into());
        assert_eq!([off.line(), off.word()], ["--pre-vote=false", "--pre-vote=false"]);
        let own = Flag::Own("name", "etcd-1".into());
        assert_eq!([own.line(), own.word()], ["--name etcd-1", "--name=etcd-1"]);
    }
}
