//! The end is proved: a plan begins with a look at everything, saves what it may lose, and ends with proofs.
//!
//! None of these changes the cluster, so that no other invariant would miss them.

use crate::diag::{Code, Diagnostic};
use crate::ir::{Action, Step};
use crate::model::{MachineName, RoleTravel};
use crate::verify::scene::{Report, Role, Whole, listed};

pub fn check(whole: &Whole<'_>, report: &mut Report) {
    beginning(whole, report);
    backups(whole, report);
    virtual_ip(whole, report);
    etcd(whole, report);
}

/// Only hooks may come before the proof that the workstation reaches every machine.
fn beginning(whole: &Whole<'_>, report: &mut Report) {
    let first = whole.plan.steps.iter().find(|step| !matches!(step.action, Action::RunHook { .. }));
    if let Some(Step { because, id, .. }) = first.filter(|step| step.action != Action::PrepareWorkstation) {
        let text = format!("expected the workstation to be prepared first; the first step is {id}");
        report.whole("workstation", Diagnostic::new(Code::V501, because.span, text));
    }
}

fn backups(whole: &Whole<'_>, report: &mut Report) {
    let (migration, records) = (whole.migration, &whole.end.records);
    if !whole.migration_changes_anything() {
        return;
    }
    let taken = [("etcd", records.etcd_backed_up), ("the control plane", records.control_plane_backed_up)];
    for (what, _) in taken.iter().filter(|(_, taken)| !taken) {
        let text = format!("expected a backup of {what} in a plan that changes something; found none");
        report.whole(format!("backup of {what}"), Diagnostic::new(Code::V501, migration.target.place.span, text));
    }
}

/// Declared priorities or not: a hand-over relies on more, such as the router id and a keepalived that runs.
fn virtual_ip(whole: &Whole<'_>, report: &mut Report) {
    let proved = &whole.end.virtual_ip.proved;
    let source = &whole.migration.source;
    let is_silent = |name: &MachineName| whole.migration.is_failed(name);
    let unproved: Vec<_> = Role::VirtualIp.names(source).filter(|name| !proved.contains_key(*name) && !is_silent(name)).collect();
    if let Some(first) = unproved.first().filter(|_| whole.virtual_ip_changes()) {
        let text =
            format!("expected a proof of how each candidate of the source is configured; not proved: {}", listed(unproved.iter().copied()));
        let why = "A hand-over relies on what runs today: its router id, its priorities, that keepalived runs at all.";
        report.whole("virtual IP", Role::VirtualIp.finding(Code::V501, source, Some(first), text).why(why));
    }
}

fn etcd(whole: &Whole<'_>, report: &mut Report) {
    let (records, target) = (&whole.end.records, &whole.migration.target);
    if !records.membership_changed {
        return;
    }
    // An installer rewrites what it has written.
    let has_units = whole.migration.cluster.distribution.role_travel() == RoleTravel::Apart;
    let stale: Vec<_> = Role::Etcd.names(target).filter(|name| has_units && !records.units_rewritten.contains(*name)).collect();
    if let Some(first) = stale.first() {
        let text = format!(
            "expected the unit of each member to be rewritten after the last change; not rewritten: {}",
            listed(stale.iter().copied())
        );
        let why = "A unit that still lists the members of an earlier moment misleads whoever restores from it.";
        report.whole("units", Role::Etcd.finding(Code::V501, target, Some(first), text).why(why));
    }
    if !records.etcd_proved {
        let text = "expected a proof that the members agree after the last change; found none".to_owned();
        report.whole("proof", Role::Etcd.finding(Code::V501, target, None, text));
    }
}
