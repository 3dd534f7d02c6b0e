//! Control planes that stay are pointed at members that stay, one at a time, before the first old member leaves. The same restart
//! gives them a certificate for a virtual IP that is new.

use super::add_control_planes_before_others_leave::members_that_stay;
use crate::ir::{Action, Phase};
use crate::plan::change::Change;
use crate::plan::draft::Draft;

pub fn apply(change: &Change<'_>, draft: &mut Draft) {
    if change.etcd.is_nothing() && !change.virtual_ip_is_new() {
        return;
    }
    let datastore = members_that_stay(change, draft);
    for role in &change.control_plane.staying {
        let action = Action::RepointControlPlane { machine: role.value.clone(), datastore: datastore.clone() };
        draft.then(Phase::RepointControlPlane, role.value.as_str(), action, &role.place);
    }
}
