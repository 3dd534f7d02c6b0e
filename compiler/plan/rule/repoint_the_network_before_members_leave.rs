//! A pod network that keeps its data in etcd gets the members of the end before the first old one leaves, once: each change restarts it
//! on every node.

use super::add_control_planes_before_others_leave::members_that_stay;
use crate::ir::{Action, Phase};
use crate::plan::change::Change;
use crate::plan::draft::Draft;

pub fn apply(change: &Change<'_>, draft: &mut Draft) {
    if change.etcd.is_nothing() || !change.migration.cluster.distribution.network_is_in_etcd() {
        return;
    }
    let datastore = members_that_stay(change, draft);
    draft.then(Phase::RepointNetwork, "network", Action::RepointNetwork { datastore }, &change.migration.target.place);
}
