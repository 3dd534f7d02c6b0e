//! The end is the target for clients too: workers, service proxies and the workstation reach the API at the target's join address.
//!
//! Newcomers always do. Those that stay may keep an address that the target still has, but then all of them: half of the
//! clients on either address is nobody's intention. When a control plane leaves and clients use machines' addresses, or when the
//! target has a virtual IP that the source had not, each is given its address anew.

use std::collections::BTreeSet;

use crate::diag::{Code, Diagnostic};
use crate::model::{JoinAddress, MachineName, Migration, Topology, WorkerAccess};
use crate::verify::scene::{Report, Whole, listed};
use crate::verify::state::NodeRole;

pub fn check(whole: &Whole<'_>, report: &mut Report) {
    match whole.migration.cluster.distribution.worker_access() {
        WorkerAccess::JoinAddress => at_the_join_address(whole, report),
        // Workers find the API by themselves; what their proxies know is asked with the installer's list.
        WorkerAccess::OwnProxy | WorkerAccess::LoadBalancer => workstation(whole, report),
    }
}

fn workstation(whole: &Whole<'_>, report: &mut Report) {
    let (end, wanted) = (&whole.end.workstation, &whole.migration.target.join_address);
    let stays = *end == whole.migration.source.join_address.value && exists(end, &whole.migration.target);
    if *end != wanted.value && !stays {
        let text = format!("expected the workstation to reach the API at {}; it uses {}", shown(&wanted.value), shown(end));
        report.whole("join address of the workstation", Diagnostic::new(Code::V501, wanted.place.span, text));
    }
}

fn at_the_join_address(whole: &Whole<'_>, report: &mut Report) {
    let (end, target) = (whole.end, &whole.migration.target);
    let (records, source, wanted) = (&end.records, &whole.migration.source, &target.join_address);
    let repointed = records.workstation_repointed || !records.workers_repointed.is_empty();
    let may_stay = !repointed && exists(&source.join_address.value, target);
    let allowed = |staying: bool, join: &JoinAddress| *join == wanted.value || (staying && may_stay && *join == source.join_address.value);
    let stayed: BTreeSet<_> = source.workers.iter().map(|role| &role.value).collect();
    let workers = || end.nodes.iter().filter(|(_, node)| node.role == NodeRole::Worker);
    let wrong = workers().filter(|(name, node)| !node.join.as_ref().is_some_and(|join| allowed(stayed.contains(name), join)));
    let wrong: Vec<&MachineName> = wrong.map(|(name, _)| name).collect();
    let address = shown(&wanted.value);
    if !wrong.is_empty() {
        let text = format!("expected every worker to reach the API at {address}; not so: {}", listed(wrong));
        report.whole("join address of workers", Diagnostic::new(Code::V501, wanted.place.span, text));
    }
    if !allowed(true, &end.workstation) {
        let text = format!("expected the workstation to reach the API at {address}; it uses {}", shown(&end.workstation));
        report.whole("join address of the workstation", Diagnostic::new(Code::V501, wanted.place.span, text));
    }
    if let Some(found) = end.service_proxies.as_ref().filter(|found| !allowed(true, found)) {
        let text = format!("expected the service proxies to reach the API at {address}; they use {}", shown(found));
        report.whole("join address of the service proxies", Diagnostic::new(Code::V501, wanted.place.span, text));
    }
    if address_is_given_anew(whole.migration) {
        forgotten(whole, report);
    }
}

/// Who stays, and was given no address.
fn forgotten(whole: &Whole<'_>, report: &mut Report) {
    let (records, wanted) = (&whole.end.records, &whole.migration.target.join_address);
    let source = &whole.migration.source;
    let servers = source.control_plane.iter().filter(|_| whole.migration.cluster.distribution.control_planes_have_an_address());
    // The one that others went by goes by itself until the end.
    let by_itself = |name: &MachineName| source.join_address.value == JoinAddress::Machine(name.clone());
    let servers = servers.filter(|role| !by_itself(&role.value));
    let stayed: BTreeSet<_> = source.workers.iter().chain(servers).map(|role| &role.value).collect();
    let workers = whole.end.nodes.iter().filter(|(_, node)| node.join.is_some()).map(|(name, _)| name);
    let workers: Vec<_> = workers.filter(|name| stayed.contains(name) && !records.workers_repointed.contains(name)).collect();
    let workers = (!workers.is_empty()).then(|| listed(workers));
    let workstation = (!records.workstation_repointed).then(|| "the workstation".to_owned());
    let have_none = whole.end.service_proxies.is_none() || records.service_proxies_repointed;
    let service_proxies = (!have_none).then(|| "the service proxies".to_owned());
    let forgotten: Vec<String> = [workers, workstation, service_proxies].into_iter().flatten().collect();
    if !forgotten.is_empty() {
        let address = shown(&wanted.value);
        let text = format!("expected each client that stays to be given the address {address}; left as they are: {}", forgotten.join(", "));
        let why = "Through which control plane a client joined is written on that client only; one that leaves, or a new virtual IP, concerns all.";
        report.whole("forgotten clients", Diagnostic::new(Code::V501, wanted.place.span, text).why(why));
    }
}

/// Whether a client may use a control plane that leaves, whatever the source's join address says, or there is a new address for all.
fn address_is_given_anew(migration: &Migration) -> bool {
    let leaves = |name: &MachineName| !migration.target.is_control_plane(name);
    let uses_a_machine = match &migration.source.join_address.value {
        JoinAddress::VirtualIp | JoinAddress::OwnProxy | JoinAddress::LoadBalancer => false,
        JoinAddress::Machine(_) => true,
    };
    let is_new = migration.source.virtual_ip.is_empty() && migration.target.join_address.value == JoinAddress::VirtualIp;
    uses_a_machine && (is_new || migration.source.control_plane.iter().any(|role| leaves(&role.value)))
}

fn exists(address: &JoinAddress, target: &Topology) -> bool {
    match address {
        JoinAddress::VirtualIp => !target.virtual_ip.is_empty(),
        JoinAddress::Machine(machine) => target.is_control_plane(machine),
        JoinAddress::OwnProxy | JoinAddress::LoadBalancer => true,
    }
}

fn shown(address: &JoinAddress) -> String {
    match address {
        JoinAddress::VirtualIp => "the virtual IP".to_owned(),
        JoinAddress::Machine(machine) => machine.to_string(),
        JoinAddress::OwnProxy => "its own proxy".to_owned(),
        JoinAddress::LoadBalancer => "the load balancer".to_owned(),
    }
}
