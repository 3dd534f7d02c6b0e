//! keepalived on the candidates for the virtual IP.
//!
//! The configuration is the one whose hand-over was measured: every candidate `BACKUP` and `nopreempt`, `weight 0` on the check, a
//! distinct priority, the password in a file of its own that `includea` insists on. Does not decide priorities.

use serde_json::{Map, Value, json};

use super::etcd::object;
use crate::lower::artifact::{Artifact, ArtifactKind, Body, Destination};
use crate::lower::moment::{Moment, bracketed};
use crate::lower::sheet::Sheet;
use crate::model::{MachineName, SecretReference, VirtualIp};

pub fn prove(moment: &Moment<'_>, candidates: &[MachineName], below: u8) -> Sheet {
    let mut context = context(moment);
    let declared = |name: &MachineName| virtual_ip(moment).and_then(|vip| vip.source_priorities.get(name)).copied();
    let list: Vec<Value> = candidates.iter().map(|name| json!({ "machine": moment.machine(name), "priority": declared(name) })).collect();
    context.insert("candidates".into(), list.into());
    context.insert("machines".into(), moment.machines(candidates));
    let stay = |name: &MachineName| moment.migration.target.is_virtual_ip_candidate(name);
    let lowered = |name: &MachineName| declared(name).is_some_and(|priority| priority >= below);
    context.insert("reconfigured".into(), json!(candidates.iter().any(|name| stay(name) || lowered(name))));
    context.insert("lowest".into(), json!(below));
    Sheet::new("virtual-ip/prove", context)
}

pub fn start(moment: &Moment<'_>, machine: &MachineName, priority: u8) -> Sheet {
    configured("virtual-ip/start", moment, machine, priority)
}

pub fn reconfigure(moment: &Moment<'_>, machine: &MachineName, priority: u8) -> Sheet {
    with_password(moment, configured("virtual-ip/reconfigure", moment, machine, priority))
}

/// `service` is what serves the API on the candidates that leave; its connections must end before the address goes.
pub fn hand_over(moment: &Moment<'_>, leaving: &[MachineName], service: &'static str) -> Sheet {
    let mut context = context(moment);
    let staying = moment.step.standing.virtual_ip.iter().filter(|name| !leaving.contains(name));
    context.insert("everyone".into(), moment.machines(&moment.step.standing.virtual_ip));
    // Whose load balancer nobody comes to afterwards.
    let retires = |name: &MachineName| !moment.migration.target.is_control_plane(name);
    let leaver = |name: &MachineName| {
        let mut machine = object(moment.machine(name));
        machine.insert("retires".into(), json!(retires(name)));
        Value::Object(machine)
    };
    context.insert("leaving".into(), leaving.iter().map(leaver).collect());
    context.insert("retiring".into(), moment.machines(leaving.iter().filter(|name| retires(name))));
    context.insert("staying".into(), moment.machines(staying));
    context.insert("service".into(), json!(service));
    context.insert("balancer".into(), super::load_balancer::value(moment));
    let gap = moment.row.after.virtual_ip.as_ref().and_then(|frame| frame.predicted_gap_milliseconds);
    context.insert("gap".into(), json!(gap));
    Sheet::new("virtual-ip/hand-over", context)
}

/// What a machine needs before it can become a candidate.
pub fn prepare(moment: &Moment<'_>, _machine: &MachineName) -> Sheet {
    let mut context = Map::new();
    context.insert("virtual_ip".into(), value(moment));
    let sheet = Sheet::new("virtual-ip/prepare", context);
    // A password that cannot be used is found here, while nothing has been changed.
    with_password(moment, sheet)
}

/// Brings the password first, where there is one.
fn with_password(moment: &Moment<'_>, sheet: Sheet) -> Sheet {
    let has_password = virtual_ip(moment).is_some_and(|vip| vip.password.is_some());
    if has_password { sheet.and_words_first("virtual-ip/password") } else { sheet }
}

fn configured(words: &'static str, moment: &Moment<'_>, machine: &MachineName, priority: u8) -> Sheet {
    let mut context = context(moment);
    let others: Vec<&MachineName> = moment.step.standing.virtual_ip.iter().filter(|name| *name != machine).collect();
    context.insert("everyone".into(), moment.machines(others.iter().copied().chain([machine])));
    context.insert("others".into(), moment.machines(others));
    context.insert("priority".into(), json!(priority));
    Sheet::new(words, context).with(configuration(moment, machine, priority)).with(check(moment, machine))
}

fn context(moment: &Moment<'_>) -> Map<String, Value> {
    let mut context = moment.context();
    context.insert("virtual_ip".into(), value(moment));
    context
}

fn virtual_ip<'m>(moment: &Moment<'m>) -> Option<&'m VirtualIp> {
    moment.migration.cluster.virtual_ip.as_ref()
}

fn value(moment: &Moment<'_>) -> Value {
    let Some(vip) = virtual_ip(moment) else { return Value::Null };
    // One that has failed cannot be asked for the password.
    let mut candidates = moment.migration.source.virtual_ip.iter().map(|role| &role.value);
    let source = candidates.find(|name| !moment.migration.is_failed(name)).map_or(Value::Null, |name| moment.machine(name));
    let (file, variable) = match &vip.password {
        Some(SecretReference::File(path)) => (path.as_str(), None),
        Some(SecretReference::Environment(name)) => ("/etc/keepalived/vrrp-password", Some(name.as_str())),
        None => ("", None),
    };
    json!({
        "address": vip.address.value.address.to_string(),
        "host": bracketed(vip.address.value.address),
        "cidr": vip.address.value.to_string(),
        "interface": vip.interface, "router_id": vip.router_id,
        "instance": vip.instance,
        "is_ipv6": vip.address.value.address.is_ipv6(),
        "authenticates": vip.password.is_some(),
        "password_file": file,
        "password_directory": file.rsplit_once('/').map_or("/", |(directory, _)| directory),
        "password_variable": variable,
        "copies_password": vip.password.is_some() && variable.is_none() && !source.is_null(),
        "brings_own_password": vip.password.is_some() && variable.is_none() && source.is_null(),
        "learned_from": source,
        "api_port": moment.migration.cluster.endpoint_port(),
        "has_balancer": moment.migration.cluster.balancer.is_some(),
    })
}

fn configuration(moment: &Moment<'_>, machine: &MachineName, priority: u8) -> Artifact {
    let context = json!({ "machine": machine, "priority": priority, "virtual_ip": value(moment) });
    artifact("keepalived.conf", ArtifactKind::KeepalivedConf, machine, "0644", context)
}

fn check(moment: &Moment<'_>, machine: &MachineName) -> Artifact {
    let context = json!({ "url": format!("https://127.0.0.1:{}/readyz", moment.migration.cluster.endpoint_port()) });
    artifact("check_apiserver.sh", ArtifactKind::ShellScript, machine, "0755", context)
}

fn artifact(name: &'static str, kind: ArtifactKind, machine: &MachineName, mode: &'static str, context: Value) -> Artifact {
    Artifact {
        name,
        kind,
        destination: Destination::OnMachine { host: machine.clone(), path: format!("/etc/keepalived/{name}"), owner: "root:root", mode },
        body: Body::Template { template: name, context: object(context) },
    }
}
