//! In the end the installer's list has the target's order, every proxy and API server knows who is there and nobody else, the
//! operator's commands use the target's address, and the members of etcd hold the same data.

use crate::ir::{Action, Phase};
use crate::model::{MachineName, WorkerAccess};
use crate::plan::change::Change;
use crate::plan::draft::Draft;
use crate::source::Located;

const PHASE: Phase = Phase::SettleControlPlane;

pub fn apply(change: &Change<'_>, draft: &mut Draft) {
    let target = &change.migration.target;
    let names = |roles: &[Located<MachineName>]| roles.iter().map(|role| role.value.clone()).collect::<Vec<_>>();
    let (control_plane, etcd) = (names(&target.control_plane), names(&target.etcd));
    let inventory = &draft.standing().inventory;
    let has_inventory = change.migration.cluster.distribution.has_inventory();
    if has_inventory && (inventory.control_plane != control_plane || inventory.etcd != etcd) {
        draft.then(PHASE, "order", Action::ReorderInventory { control_plane, etcd }, &target.place);
    }
    let members_change = !change.etcd.is_nothing() || !change.control_plane.is_nothing();
    if has_inventory && members_change {
        draft.then(PHASE, "inventory", Action::ApplyInventory, &target.place);
    }
    let join = &target.join_address;
    if *draft.workstation() != join.value {
        draft.then(PHASE, "workstation", Action::RepointWorkstation { join: join.value.clone() }, &join.place);
    }
    let gives_addresses = change.migration.cluster.distribution.worker_access() == WorkerAccess::JoinAddress;
    let moved = gives_addresses && *draft.workers() != join.value;
    let stays = |worker: &&&Located<MachineName>| moved && target.is_node(&worker.value);
    for worker in change.workers.staying.iter().chain(&change.workers.joining).filter(stays) {
        let action = Action::RepointWorker { machine: worker.value.clone(), join: join.value.clone() };
        draft.then(PHASE, worker.value.as_str(), action, &join.place);
    }
    let (Some(member), rebuilt) = (target.etcd.first(), !change.etcd.rebuilt.is_empty()) else { return };
    if members_change || rebuilt {
        draft.then(Phase::SettleEtcd, "etcd", Action::ProveEtcd { member: member.value.clone() }, &member.place);
    }
}
