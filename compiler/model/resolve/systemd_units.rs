//! Clusters of binaries under systemd: names of units, and flags that would be wrong on another machine.
//!
//! Does not know what the plan writes into a unit.

use std::net::IpAddr;

use indexmap::{IndexMap, IndexSet};

use super::context::{Context, Machines};
use super::topology::Roles;
use crate::diag::{Code, Diagnostic};
use crate::model::{FlagName, FlagValue, Label, MachineName, Systemd};
use crate::source::Place;
use crate::spec::v1alpha1 as spec;

const SYSTEMD: &str = "/spec/cluster/distribution/systemd";
/// The unit of a member of etcd, which may share a machine with any other.
const ETCD: &str = "etcd";
const BIND: &str = "insecure-bind-address";

pub(super) fn check(context: &mut Context<'_>, systemd: &Systemd, machines: &Machines, ends: [&Roles; 2]) {
    check_names(context, &of_control_plane(systemd));
    check_names(context, &of_nodes(systemd));
    check_bind_address(context, systemd);
    check_own_addresses(context, systemd, machines, ends);
}

/// Where each unit is named, and its name.
fn of_control_plane(systemd: &Systemd) -> Vec<(&'static str, &Label)> {
    let mut units = vec![
        ("apiServer", &systemd.api_server.unit),
        ("controllerManager", &systemd.controller_manager.unit),
        ("scheduler", &systemd.scheduler.unit),
    ];
    units.extend(systemd.proxy.as_ref().map(|proxy| ("proxy", &proxy.unit)));
    units.extend(systemd.flannel.as_ref().map(|flannel| ("flannel", &flannel.unit)));
    units
}

fn of_nodes(systemd: &Systemd) -> Vec<(&'static str, &Label)> {
    let mut units = vec![("nodes/kubelet", &systemd.kubelet.unit), ("nodes/proxy", &systemd.node_proxy.unit)];
    units.extend(systemd.flannel.as_ref().map(|flannel| ("flannel/setting", &flannel.setting.unit)));
    units
}

fn check_names(context: &mut Context<'_>, units: &[(&'static str, &Label)]) {
    let mut seen: IndexMap<&Label, &'static str> = IndexMap::new();
    for (field, unit) in units {
        let other = if unit.as_str() == ETCD { Some(ETCD) } else { seen.insert(unit, field) };
        let Some(other) = other else { continue };
        let place = written(context, &[format!("{SYSTEMD}/{field}/unit"), format!("{SYSTEMD}/{other}/unit")]);
        let label = format!("expected a unit of its own for `{field}`, found `{unit}`, which runs `{other}`");
        let diagnostic =
            Diagnostic::at(Code::M810, &place, label).why("both would be written to one file, and whoever stops one would stop the other.");
        context.find(diagnostic.help("name the unit that runs it: `systemctl status PID` says which one a process belongs to"));
    }
}

/// Where the first of these is written, or the distribution where all are defaults.
fn written(context: &Context<'_>, pointers: &[String]) -> Place {
    let there = pointers.iter().find(|pointer| context.document.has(pointer));
    there.map_or_else(|| context.key(SYSTEMD), |pointer| context.place(pointer))
}

/// Kubernetes' own default is 127.0.0.1 (`--insecure-bind-address` of kube-apiserver up to v1.19).
fn check_bind_address(context: &mut Context<'_>, systemd: &Systemd) {
    let flag = systemd.api_server.flags.iter().find(|(name, _)| name.as_str() == BIND);
    let found = match flag {
        None => "none, which is 127.0.0.1".to_owned(),
        Some((_, value)) if is_loopback(value.as_str()) => format!("`{value}`"),
        Some(_) => return,
    };
    let place = written(context, &[format!("{SYSTEMD}/apiServer/flags/{BIND}"), format!("{SYSTEMD}/apiServer/unit")]);
    let label = format!("expected an `{BIND}` that nodes reach, found {found}");
    let diagnostic = Diagnostic::at(Code::M812, &place, label)
        .why("nodes and the plan speak to the API server at its port without TLS, from other machines.");
    context.find(
        diagnostic.help_copy(
            "say where it listens, under `systemd`",
            "apiServer: {unit: kube-apiserver, flags: {insecure-bind-address: 0.0.0.0}}",
        ),
    );
}

fn is_loopback(value: &str) -> bool {
    value == "localhost" || value.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// A control plane that stays keeps flags with its own address; one that moves must not take them along.
fn check_own_addresses(context: &mut Context<'_>, systemd: &Systemd, machines: &Machines, [source, target]: [&Roles; 2]) {
    let stays: IndexSet<&MachineName> = target.control_plane.iter().map(|role| &role.value).collect();
    let leaving: Vec<&MachineName> = source.control_plane.iter().map(|role| &role.value).filter(|name| !stays.contains(name)).collect();
    let names = |value: &str| {
        let of = |name: &&&MachineName| {
            name.as_str() == value || machines.get(**name).is_some_and(|machine| machine.address.to_string() == value)
        };
        leaving.iter().find(of).map(|name| (*name).clone())
    };
    for (field, flags) in flags(systemd) {
        for (flag, value) in flags {
            let Some(machine) = names(value.as_str()) else { continue };
            let place = context.key(&format!("{SYSTEMD}/{field}/flags/{flag}"));
            let label = format!("expected no flag that names `{machine}`, which leaves the control plane, found `{flag}: {value}`");
            let diagnostic =
                Diagnostic::at(Code::M805, &place, label).why("the new control plane gets the same flags, and would name the old machine.");
            let help = if flag.as_str() == BIND { "write 0.0.0.0" } else { "leave it out: the program finds its own address" };
            context.find(diagnostic.help(help));
        }
    }
}

fn flags(systemd: &Systemd) -> Vec<(&'static str, &IndexMap<FlagName, FlagValue>)> {
    let mut all = vec![
        ("apiServer", &systemd.api_server.flags),
        ("controllerManager", &systemd.controller_manager.flags),
        ("scheduler", &systemd.scheduler.flags),
    ];
    all.extend(systemd.proxy.as_ref().map(|proxy| ("proxy", &proxy.flags)));
    all.extend(systemd.flannel.as_ref().map(|flannel| ("flannel", &flannel.flags)));
    all
}

/// A setting of which half is written would be taken for something else: a flag without its variable, or flannel's for a kubeconfig.
pub(super) fn check_setting(context: &mut Context<'_>, at: &str, written: &spec::Setting) {
    if written.variable.is_some() {
        return;
    }
    let (place, found) = match &written.flag {
        Some(flag) => (context.key(&format!("{at}/flag")), format!("the flag `{}` alone", flag.0)),
        None if at.ends_with("/flannel/setting") => (context.key(at), "none".to_owned()),
        None => return,
    };
    let label = format!("expected `variable`, found {found}");
    let diagnostic = Diagnostic::at(Code::M811, &place, label)
        .why("without a variable the file is taken for a kubeconfig, in which the address of a server is changed.");
    context.find(diagnostic.help_copy("name the variable of the file, such as", "variable: FLANNEL_ETCD"));
}
