//! The end is the target, exactly: who plays which role, with which priority, and where each API server keeps its data.
//!
//! Where clients reach the API, and what must have been proved on the way, is asked in files of their own.

use std::collections::BTreeSet;

use crate::diag::{Code, Diagnostic};
use crate::model::{MachineName, Topology};
use crate::verify::scene::{Report, Role, Whole, listed};
use crate::verify::state::{Configuration, NodeRole};

pub fn check(whole: &Whole<'_>, report: &mut Report) {
    let end = whole.end;
    let nodes = |role: NodeRole| end.nodes.iter().filter(move |(_, node)| node.role == role).map(|(name, _)| name);
    same(whole, Role::Etcd, "etcd members", end.etcd.voters().chain(end.etcd.learners()), report);
    same(whole, Role::ControlPlane, "API servers", end.api.serving(), report);
    if whole.migration.cluster.distribution.control_planes_are_nodes() {
        same(whole, Role::ControlPlane, "control-plane nodes", nodes(NodeRole::ControlPlane), report);
    }
    same(whole, Role::Worker, "workers", nodes(NodeRole::Worker), report);
    same(whole, Role::VirtualIp, "candidates for the virtual IP", end.virtual_ip.candidates.keys(), report);
    opened(whole, report);
    priorities(whole, report);
    datastores(whole, report);
}

fn same<'a>(whole: &Whole<'_>, role: Role, what: &str, found: impl Iterator<Item = &'a MachineName>, report: &mut Report) {
    let target = &whole.migration.target;
    let found: BTreeSet<_> = found.collect();
    let wanted: BTreeSet<_> = role.names(target).collect();
    if found == wanted {
        return;
    }
    let mut parts = Vec::new();
    if !wanted.is_subset(&found) {
        parts.push(format!("missing {}", listed(wanted.difference(&found).copied())));
    }
    if !found.is_subset(&wanted) {
        parts.push(format!("too many {}", listed(found.difference(&wanted).copied())));
    }
    let missing = role.names(target).find(|name| !found.contains(name));
    report.whole(what, at(target, role, missing, format!("expected the {what} of the target; {}", parts.join(", "))));
}

/// What was closed for a drain is open again, or gone.
fn opened(whole: &Whole<'_>, report: &mut Report) {
    let closed: Vec<_> = whole.end.nodes.closed().filter(|name| !whole.migration.is_failed(name)).collect();
    if !closed.is_empty() {
        let text = format!("expected every node to take pods again; these are left closed: {}", listed(closed.iter().copied()));
        report.whole("closed nodes", at(&whole.migration.target, Role::Worker, closed.first().copied(), text));
    }
}

/// Priorities fall in the target's order, and are all the plan's or all the team's own: two ways of configuring one address do
/// not mix. When nothing about the address changes, the team's own may stay undeclared.
fn priorities(whole: &Whole<'_>, report: &mut Report) {
    if whole.migration.cluster.distribution.virtual_ip_comes_with_servers() {
        return given_priorities(whole, report);
    }
    let (source, target) = (&whole.migration.source, &whole.migration.target);
    let candidates = &whole.end.virtual_ip.candidates;
    let untouched = !whole.end.virtual_ip.planned;
    if untouched && Role::VirtualIp.names(source).eq(Role::VirtualIp.names(target)) {
        return;
    }
    let planned = Role::VirtualIp.names(target).filter_map(|name| candidates.get(name).map(|candidate| (name, candidate)));
    let expected = if untouched { Configuration::Source } else { Configuration::Plan };
    let mut bound = u16::MAX;
    for (name, candidate) in planned {
        let priority = candidate.priority.filter(|_| candidate.configuration == expected);
        match priority.map(u16::from).filter(|priority| *priority < bound) {
            Some(priority) => bound = priority,
            None => {
                let shown = priority.map_or("none that the plan knows".to_owned(), |priority| priority.to_string());
                let text = format!("expected priorities that fall in the order of the target; {name} has {shown}");
                report.whole("priorities", at(target, Role::VirtualIp, Some(name), text));
                return;
            }
        }
    }
}

/// Whoever installs servers gives one of them the highest priority, and equal ones to the others: the first of the target has none above
/// it.
fn given_priorities(whole: &Whole<'_>, report: &mut Report) {
    let target = &whole.migration.target;
    let priority = |name: &MachineName| whole.end.virtual_ip.candidates.get(name).and_then(|candidate| candidate.priority);
    let Some(first) = target.virtual_ip.first().map(|role| &role.value) else { return };
    if let Some(above) = Role::VirtualIp.names(target).find(|name| priority(name) > priority(first)) {
        let text = format!("expected {first}, the first candidate of the target, to have the highest priority; {above} has a higher one");
        report.whole("priorities", at(target, Role::VirtualIp, Some(first), text));
    }
}

/// Lists are only touched when etcd or the control planes change.
fn datastores(whole: &Whole<'_>, report: &mut Report) {
    let (migration, target) = (whole.migration, &whole.migration.target);
    let touched = Role::Etcd.changes(migration) || Role::ControlPlane.changes(migration);
    if !touched || migration.cluster.distribution.api_server_uses_its_own_member() {
        return;
    }
    let wanted: BTreeSet<_> = Role::Etcd.names(target).collect();
    for name in Role::ControlPlane.names(target) {
        let Some(server) = whole.end.api.get(name) else { continue };
        if server.datastore.iter().collect::<BTreeSet<_>>() != wanted {
            let text = format!("expected {name} to use {}; it uses {}", listed(Role::Etcd.names(target)), listed(&server.datastore));
            report.whole(format!("datastore of {name}"), at(target, Role::ControlPlane, Some(name), text));
        }
    }
}

fn at(target: &Topology, role: Role, name: Option<&MachineName>, text: String) -> Diagnostic {
    role.finding(Code::V501, target, name, text)
}
