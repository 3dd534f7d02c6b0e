//! When everybody is in place the cluster's own objects say so: machines that join later are sent to members and API servers that exist,
//! and whoever watches the API servers finds them. Where the pod network was given fewer members than there are now, it gets them all.

use crate::ir::{Action, Phase};
use crate::model::MachineName;
use crate::plan::change::Change;
use crate::plan::draft::Draft;
use crate::plan::rule::grow_etcd_before_it_shrinks::members_first;
use crate::source::Located;

const PHASE: Phase = Phase::SettleControlPlane;

pub fn apply(change: &Change<'_>, draft: &mut Draft) {
    let (target, distribution) = (&change.migration.target, &change.migration.cluster.distribution);
    let names = |roles: &[Located<MachineName>]| roles.iter().map(|role| role.value.clone()).collect::<Vec<_>>();
    let (servers, datastore) = (names(&target.control_plane), names(&target.etcd));
    if distribution.network_is_in_etcd() && members_first(change) != change.etcd.joining.len() {
        draft.then(PHASE, "network", Action::RepointNetwork { datastore: datastore.clone() }, &target.place);
    }
    if distribution.publishes_its_control_plane() && !(change.control_plane.is_nothing() && change.etcd.is_nothing()) {
        draft.then(PHASE, "cluster", Action::PublishControlPlane { servers, datastore }, &target.place);
    }
}
