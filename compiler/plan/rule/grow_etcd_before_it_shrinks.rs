//! etcd grows by as many members as the API servers need to name two members that stay, and no more.
//!
//! Two, because an API server that names one member only falls with it. Not all of them, because every further voter raises the
//! quorum and slows each write: the others are swapped in one by one later. Where nobody leaves, all join here; and where the pod network
//! or the cluster's DNS names the members too, since those are restarted when their list changes, which should be done once.

use crate::ir::{Action, Phase};
use crate::model::Order;
use crate::plan::change::Change;
use crate::plan::draft::Draft;

/// How many members that stay each API server should be able to name before the first old one leaves.
const MEMBERS_TO_NAME: usize = 2;

/// More voters slow every write (etcd's FAQ: "probably no more than seven").
const MOST_VOTERS: usize = 7;

pub fn apply(change: &Change<'_>, draft: &mut Draft) {
    let join = change.migration.policy.etcd_join.value;
    for role in change.etcd.joining.iter().take(members_first(change)) {
        let action = Action::AddEtcdMember { machine: role.value.clone(), join };
        draft.then(Phase::GrowEtcd, role.value.as_str(), action, &role.place);
    }
}

/// How many of the joining members come before anything else changes.
pub fn members_first(change: &Change<'_>) -> usize {
    let (joining, staying) = (change.etcd.joining.len(), change.etcd.staying.len());
    if change.etcd.leaving.is_empty() {
        return joining;
    }
    let all = joining + change.migration.source.etcd.len();
    let distribution = &change.migration.cluster.distribution;
    if (distribution.network_is_in_etcd() || distribution.dns_is_in_etcd()) && all <= MOST_VOTERS {
        return joining;
    }
    let wanted = match change.migration.policy.order.value {
        Order::AddThenRemove => MEMBERS_TO_NAME.saturating_sub(staying).max(1),
        Order::RemoveThenAdd => 1_usize.saturating_sub(staying),
    };
    wanted.min(joining)
}
