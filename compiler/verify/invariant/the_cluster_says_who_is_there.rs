//! In the end the cluster's own objects and its DNS name the target's machines, and the pod network keeps its data on the target's
//! members.
//!
//! The DNS is rolled once, before the first old member leaves. Where all of both ends would be more than etcd bears, some of the new ones
//! are there only later, and those that are named are enough.

use std::collections::BTreeSet;

use crate::diag::Code;
use crate::model::MachineName;
use crate::verify::invariant::etcd_has_at_most_seven_voters::MOST;
use crate::verify::scene::{Report, Role, Whole, listed};
use crate::verify::state::Published;

pub fn check(whole: &Whole<'_>, report: &mut Report) {
    let distribution = &whole.migration.cluster.distribution;
    if whole.plan.steps.is_empty() {
        return;
    }
    if distribution.publishes_its_control_plane() {
        let Published { servers, datastore } = &whole.end.published;
        same(whole, Role::ControlPlane, "the cluster's own objects to name the API servers", servers, report);
        same(whole, Role::Etcd, "the cluster's own objects to name the etcd members", datastore, report);
    }
    for list in whole.end.network.lists() {
        same(whole, Role::Etcd, "the pod network to use", list, report);
    }
    if let Some(dns) = &whole.end.dns {
        same(whole, Role::ControlPlane, "the DNS to use", std::slice::from_ref(&dns.server), report);
        let all_stay = !dns.datastore.is_empty() && dns.datastore.iter().all(|name| whole.migration.target.is_etcd_member(name));
        if !all_stay || !come_in_parts(whole) {
            same(whole, Role::Etcd, "the DNS to use", &dns.datastore, report);
        }
    }
}

/// Whether the members of both ends are too many to be there at once.
fn come_in_parts(whole: &Whole<'_>) -> bool {
    let both: BTreeSet<_> = Role::Etcd.names(&whole.migration.source).chain(Role::Etcd.names(&whole.migration.target)).collect();
    both.len() > MOST
}

fn same(whole: &Whole<'_>, role: Role, what: &str, found: &[MachineName], report: &mut Report) {
    let target = &whole.migration.target;
    let wanted: BTreeSet<_> = role.names(target).collect();
    if found.iter().collect::<BTreeSet<_>>() != wanted {
        let text = format!("expected {what} {}; found {}", listed(role.names(target)), listed(found));
        report.whole(what, role.finding(Code::V501, target, None, text));
    }
}
