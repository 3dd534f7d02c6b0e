//! The cluster's DNS is rolled to the API server and the members that stay, when controllers run that replace its pods, and before the
//! first old member leaves.

use super::add_control_planes_before_others_leave::members_that_stay;
use crate::ir::{Action, Phase};
use crate::plan::change::Change;
use crate::plan::draft::Draft;

pub fn apply(change: &Change<'_>, draft: &mut Draft) {
    let moves = !change.etcd.is_nothing() || !change.control_plane.is_nothing();
    if !moves || !change.migration.cluster.distribution.dns_is_in_etcd() {
        return;
    }
    let Some(server) = draft.standing().api.first().cloned() else { return };
    let datastore = members_that_stay(change, draft);
    draft.then(Phase::RollDns, "dns", Action::RollDns { server, datastore }, &change.migration.target.place);
}
