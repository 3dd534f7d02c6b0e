//! Machines that get another operating system are rebuilt one at a time: workers, then members of etcd that are nothing else, then
//! control planes. Whom the installer asks about all others is rebuilt last, when another can be asked.

use crate::ir::Phase;
use crate::model::MachineName;
use crate::plan::change::Change;
use crate::plan::draft::Draft;
use crate::plan::together::rebuild;
use crate::source::Located;

pub fn apply(change: &Change<'_>, draft: &mut Draft) {
    workers(change, draft);
    control_planes(change, draft);
}

/// Machines that only run workloads.
pub fn workers(change: &Change<'_>, draft: &mut Draft) {
    for role in change.only_workers(&change.workers.rebuilt) {
        one(change, draft, Phase::RebuildWorkers, role);
    }
}

/// Members of etcd and control planes.
pub fn control_planes(change: &Change<'_>, draft: &mut Draft) {
    let source = &change.migration.source;
    let only_members = change.etcd.rebuilt.iter().copied().filter(|role| !source.is_control_plane(&role.value)).collect();
    let (first_member, members) = apart(only_members, source.etcd.first());
    let (first, control_planes) = apart(change.control_plane.rebuilt.clone(), source.control_plane.first());
    for role in members.into_iter().chain(first_member).chain(control_planes).chain(first) {
        one(change, draft, Phase::RebuildControlPlane, role);
    }
}

/// One that failed has been rebuilt before.
fn one(change: &Change<'_>, draft: &mut Draft, phase: Phase, role: &Located<MachineName>) {
    if !change.migration.is_failed(&role.value) {
        rebuild(change, draft, phase, role);
    }
}

type Role<'m> = &'m Located<MachineName>;

/// The one that the installer asks, and the others.
fn apart<'m>(all: Vec<Role<'m>>, asked: Option<Role<'_>>) -> (Vec<Role<'m>>, Vec<Role<'m>>) {
    all.into_iter().partition(|role| asked.is_some_and(|asked| asked.value == role.value))
}
