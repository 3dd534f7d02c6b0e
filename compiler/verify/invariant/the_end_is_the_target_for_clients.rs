//! The end is the target for clients too: workers and the workstation reach the API at the target's join address.
//!
//! Newcomers always do. Those that stay may keep an address that the target still has, but then all of them: half of the
//! clients on either address is nobody's intention.

use std::collections::BTreeSet;

use crate::diag::{Code, Diagnostic};
use crate::model::{JoinAddress, MachineName, Topology};
use crate::verify::scene::{Report, Whole, listed};
use crate::verify::state::NodeRole;

pub fn check(whole: &Whole<'_>, report: &mut Report) {
    let (end, target) = (whole.end, &whole.migration.target);
    let (source, wanted) = (&whole.migration.source, &target.join_address);
    let may_stay = end.records.clients_repointed == 0 && exists(&source.join_address.value, target);
    let allowed = |staying: bool, join: &JoinAddress| *join == wanted.value || (staying && may_stay && *join == source.join_address.value);
    let stayed: BTreeSet<_> = source.workers.iter().map(|role| &role.value).collect();
    let wrong: Vec<&MachineName> = end
        .nodes
        .iter()
        .filter(|(name, node)| {
            node.role == NodeRole::Worker && !node.join.as_ref().is_some_and(|join| allowed(stayed.contains(name), join))
        })
        .map(|(name, _)| name)
        .collect();
    let address = shown(&wanted.value);
    if !wrong.is_empty() {
        let text = format!("expected every worker to reach the API at {address}; not so: {}", listed(wrong));
        report.whole("join address of workers", Diagnostic::new(Code::V501, wanted.place.span, text));
    }
    if !allowed(true, &end.workstation) {
        let text = format!("expected the workstation to reach the API at {address}; it uses {}", shown(&end.workstation));
        report.whole("join address of the workstation", Diagnostic::new(Code::V501, wanted.place.span, text));
    }
}

fn exists(address: &JoinAddress, target: &Topology) -> bool {
    match address {
        JoinAddress::VirtualIp => !target.virtual_ip.is_empty(),
        JoinAddress::Machine(machine) => target.is_control_plane(machine),
    }
}

fn shown(address: &JoinAddress) -> String {
    match address {
        JoinAddress::VirtualIp => "the virtual IP".to_owned(),
        JoinAddress::Machine(machine) => machine.to_string(),
    }
}
