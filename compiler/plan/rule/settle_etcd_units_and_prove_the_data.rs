//! When membership has changed, every unit lists the members of the end and says that the cluster exists: a unit that still says
//! `new` forms an empty twin of the cluster when its data is gone. Then all members must hold the same data.

use crate::ir::{Action, Phase};
use crate::plan::change::Change;
use crate::plan::draft::Draft;

pub fn apply(change: &Change<'_>, draft: &mut Draft) {
    if change.etcd.is_nothing() {
        return;
    }
    let members = &change.migration.target.etcd;
    for role in members {
        let action = Action::RewriteEtcdUnit { machine: role.value.clone() };
        draft.then(Phase::SettleEtcd, role.value.as_str(), action, &role.place);
    }
    if let Some(first) = members.first() {
        draft.then(Phase::SettleEtcd, "etcd", Action::ProveEtcd { member: first.value.clone() }, &first.place);
    }
}
