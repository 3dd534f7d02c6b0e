//! No address outlives its machine.
//!
//! Who has moved away must be named by nobody: a data directory left on an old member can come up as an empty cluster with the
//! same identity, and a client that still lists the old address reads nothing and writes into it.

use crate::diag::Code;
use crate::model::{JoinAddress, MachineName};
use crate::verify::scene::{Report, Scene};
use crate::verify::state::Serving;

pub fn check(scene: &Scene<'_>, report: &mut Report) {
    datastores(scene, report);
    network(scene, report);
    dns(scene, report);
    if let Some(address) = &scene.state.service_proxies {
        joined(scene, address, "the service proxies", report);
    }
    for address in scene.state.nodes.addresses() {
        joined(scene, address, "workers", report);
    }
    joined(scene, &scene.state.workstation, "the workstation", report);
}

fn datastores(scene: &Scene<'_>, report: &mut Report) {
    let state = scene.state;
    for (name, server) in state.api.iter().filter(|(_, server)| server.serving != Serving::Stopped) {
        // What was wiped, or is known to be off, cannot come up again; an installer tells the others of it later.
        let may_come_up = |member: &&MachineName| state.etcd.has_data(member) && !scene.migration.is_failed(member);
        for member in server.datastore.iter().filter(|member| state.etcd.has_left(member)).filter(may_come_up) {
            let text = format!(
                "expected the API server of {name} to use etcd members only; {member}, which it uses, is no member{}",
                scene.when()
            );
            let finding = scene.finding(Code::V101, text).help(format!("Repoint {name} to members that stay before {member} is removed."));
            report.at(scene, format!("{name} uses {member}"), finding);
        }
    }
}

fn network(scene: &Scene<'_>, report: &mut Report) {
    for list in scene.state.network.lists() {
        members(scene, list, ("the pod network", "network"), report);
    }
}

fn dns(scene: &Scene<'_>, report: &mut Report) {
    let Some(dns) = &scene.state.dns else { return };
    members(scene, &dns.datastore, ("the DNS", "dns"), report);
    joined(scene, &JoinAddress::Machine(dns.server.clone()), "the DNS", report);
}

fn members(scene: &Scene<'_>, list: &[MachineName], (who, key): (&str, &str), report: &mut Report) {
    for member in list.iter().filter(|member| scene.state.etcd.has_left(member)) {
        let text = format!("expected {who} to use etcd members only; {member}, which it uses, is no member{}", scene.when());
        let finding = scene.finding(Code::V101, text).help(format!("Repoint it to members that stay before {member} is removed."));
        report.at(scene, format!("{key} uses {member}"), finding);
    }
}

fn joined(scene: &Scene<'_>, address: &JoinAddress, who: &str, report: &mut Report) {
    let JoinAddress::Machine(machine) = address else { return };
    if scene.state.api.get(machine).is_none() {
        let text = format!("expected {who} to reach the API at a control plane; {machine}, which they use, is none{}", scene.when());
        let finding = scene.finding(Code::V101, text).help(format!("Give {who} another address before {machine} goes."));
        report.at(scene, format!("{who} use {machine}"), finding);
    }
}
