//! Nodes are told of the new API server and of the members that stay, once for both, in batches: a step for each of hundreds of nodes
//! would be followed by nobody. A batch is called after its first node, so that a node more renames no other batch.
//!
//! Where more members come than etcd bears at once, the pod network is told of the others when all have joined.

use super::add_control_planes_before_others_leave::members_that_stay;
use crate::ir::{Action, Phase};
use crate::model::MachineName;
use crate::plan::change::Change;
use crate::plan::draft::Draft;
use crate::plan::rule::grow_etcd_before_it_shrinks::members_first;

pub fn apply(change: &Change<'_>, draft: &mut Draft) {
    let distribution = &change.migration.cluster.distribution;
    let network_moves = distribution.network_is_in_etcd() && !change.etcd.is_nothing();
    if change.control_plane.is_nothing() && !network_moves {
        return;
    }
    let datastore = if network_moves { members_that_stay(change, draft) } else { Vec::new() };
    batches(change, draft, Phase::RepointClients, &datastore);
}

pub fn when_the_last_members_have_joined(change: &Change<'_>, draft: &mut Draft) {
    if change.migration.cluster.distribution.network_is_in_etcd() && members_first(change) != change.etcd.joining.len() {
        let datastore = members_that_stay(change, draft);
        batches(change, draft, Phase::SettleControlPlane, &datastore);
    }
}

fn batches(change: &Change<'_>, draft: &mut Draft, phase: Phase, datastore: &[MachineName]) {
    let size = change.migration.cluster.distribution.nodes_in_a_step();
    let join = &change.migration.target.join_address;
    for batch in change.workers.staying.chunks(size) {
        let Some(first) = batch.first() else { continue };
        let nodes = batch.iter().map(|role| role.value.clone()).collect();
        let action = Action::RepointNodes { nodes, join: join.value.clone(), datastore: datastore.to_vec() };
        draft.then(phase, first.value.as_str(), action, &join.place);
    }
}
