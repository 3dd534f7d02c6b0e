//! etcd members that run as `etcd.service`: the unit of each moment, and the words of each change.
//!
//! The list in `--initial-cluster` is that of the moment: etcd refuses a joiner whose list has one entry too few or too many
//! (etcd 3.4 to 3.7, "member count is unequal"). Does not decide who joins when.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::lower::artifact::{Artifact, ArtifactKind, Body, Destination};
use crate::lower::moment::Moment;
use crate::lower::sheet::Sheet;
use crate::model::{EtcdJoin, EtcdSettings, EtcdTls, FlagName, MachineName};

/// What the unit sets on every member.
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

/// What the unit sets where there are certificates.
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

pub fn back_up(moment: &Moment<'_>, member: &MachineName) -> Sheet {
    let mut context = moment.context();
    context.insert("member".into(), moment.member(member));
    context.insert("known_flags".into(), known_flags(&moment.migration.cluster.etcd));
    Sheet::new("etcd/back-up", context)
}

pub fn add(moment: &Moment<'_>, machine: &MachineName, join: EtcdJoin) -> Sheet {
    let mut members = moment.step.standing.etcd.clone();
    members.push(machine.clone());
    let mut context = moment.context();
    context.insert("joiner".into(), moment.member(machine));
    context.insert("joined".into(), moment.members(members.iter()));
    context.insert("learner".into(), json!(matches!(join, EtcdJoin::Learner)));
    Sheet::new("etcd/add", context).with(unit(moment, machine, &members))
}

pub fn remove(moment: &Moment<'_>, machine: &MachineName, leader_to: &MachineName) -> Sheet {
    let mut context = moment.context();
    context.insert("leaver".into(), moment.member(machine));
    context.insert("heir".into(), moment.member(leader_to));
    context.insert("witness_url".into(), json!(moment.client_url(moment.etcd_witness().unwrap_or(leader_to))));
    Sheet::new("etcd/remove", context)
}

pub fn rewrite_unit(moment: &Moment<'_>, machine: &MachineName) -> Sheet {
    let mut context = moment.context();
    context.insert("member".into(), moment.member(machine));
    context.insert("known_flags".into(), known_flags(&moment.migration.cluster.etcd));
    Sheet::new("etcd/rewrite-unit", context).with(unit(moment, machine, &moment.step.standing.etcd))
}

pub fn prove(moment: &Moment<'_>, _member: &MachineName) -> Sheet {
    Sheet::new("etcd/prove", moment.context())
}

/// What a machine needs before it can become a member.
pub fn prepare(moment: &Moment<'_>, machine: &MachineName) -> Sheet {
    let mut context = Map::new();
    context.insert("joiner".into(), moment.member(machine));
    Sheet::new("etcd/prepare", context)
}

/// The flags that a member may run with today: with any other, the members that join would differ from it. By name.
fn known_flags(etcd: &EtcdSettings) -> Value {
    let tls = match &etcd.tls {
        EtcdTls::None => &[],
        EtcdTls::Files(_) | EtcdTls::Kubespray(_) => TLS,
    };
    let further = etcd.flags.keys().map(FlagName::as_str);
    let known: BTreeSet<&str> = OWN.iter().chain(tls).chain(HARMLESS).copied().chain(further).collect();
    json!(known)
}

fn unit(moment: &Moment<'_>, machine: &MachineName, members: &[MachineName]) -> Artifact {
    let etcd = &moment.migration.cluster.etcd;
    let entry = |name: &MachineName| format!("{}={}", etcd.member_name(name), moment.peer_url(name));
    let initial_cluster: Vec<String> = members.iter().map(entry).collect();
    let address = moment.machine(machine);
    let files = etcd.tls.files_of(machine.as_str());
    let tls = files.map(|files| json!({ "ca": files.ca, "certificate": files.certificate, "key": files.key }));
    // systemd creates and owns what lies below /var/lib by itself; elsewhere the directory is made by a command.
    let state_directory = etcd.data_dir.as_str().strip_prefix("/var/lib/");
    let context = json!({
        "member": moment.member(machine),
        "host": address.get("host"),
        "bin": etcd.binary_directory, "data_dir": etcd.data_dir, "user": etcd.user, "state_directory": state_directory,
        "scheme": etcd.scheme(), "client_port": etcd.client_port, "peer_port": etcd.peer_port,
        "loopback": if moment.address(machine).is_some_and(|address| address.is_ipv6()) { "[::1]" } else { "127.0.0.1" },
        "token": etcd.cluster_token, "initial_cluster": initial_cluster.join(","), "tls": tls, "flags": etcd.flags,
    });
    Artifact {
        name: "etcd.service",
        kind: ArtifactKind::SystemdUnit,
        destination: Destination::OnMachine {
            host: machine.clone(),
            path: "/etc/systemd/system/etcd.service".into(),
            owner: "root:root",
            mode: "0644",
        },
        body: Body::Template { template: "etcd.service", context: object(context) },
    }
}

/// The fields of a JSON object; anything else has none.
pub fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Map::new(),
    }
}
