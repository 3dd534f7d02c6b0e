//! When members joined after the API servers were pointed at those that stay, every API server gets the full list, one at a time. The
//! first candidate for the virtual IP, which holds it by now, comes last: the address moves at its restart, and then only once.

use crate::ir::{Action, Phase};
use crate::plan::change::Change;
use crate::plan::draft::Draft;
use crate::plan::rule::grow_etcd_before_it_shrinks::members_first;

pub fn apply(change: &Change<'_>, draft: &mut Draft) {
    if members_first(change) == change.etcd.joining.len() {
        return;
    }
    let target = &change.migration.target;
    let datastore: Vec<_> = target.etcd.iter().map(|role| role.value.clone()).collect();
    let holder = target.virtual_ip.first().map(|role| &role.value);
    let (last, first): (Vec<_>, Vec<_>) = target.control_plane.iter().partition(|role| Some(&role.value) == holder);
    for role in first.into_iter().chain(last) {
        let action = Action::RepointControlPlane { machine: role.value.clone(), datastore: datastore.clone() };
        draft.then(Phase::SettleControlPlane, role.value.as_str(), action, &role.place);
    }
}
