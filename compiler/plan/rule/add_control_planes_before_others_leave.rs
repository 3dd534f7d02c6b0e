//! New control planes join while all old ones serve. They keep their data on members that stay, so that no old member is named by
//! anybody who will outlive it.

use crate::ir::{Action, Phase};
use crate::model::MachineName;
use crate::plan::change::Change;
use crate::plan::draft::Draft;
use crate::plan::volumes::clear;

pub fn apply(change: &Change<'_>, draft: &mut Draft) {
    let datastore = members_that_stay(change, draft);
    for role in &change.control_plane.joining {
        if change.migration.source.is_node(&role.value) {
            clear(change, draft, Phase::AddControlPlane, &role.value, &format!("{}.volumes", role.value));
        }
        let has_joined = |name: &MachineName| draft.standing().api.contains(name);
        let cordoned = change.promoted().map(|role| role.value.clone()).filter(|name| !has_joined(name)).collect();
        let action = Action::AddControlPlane { machine: role.value.clone(), datastore: datastore.clone(), cordoned };
        draft.then(Phase::AddControlPlane, role.value.as_str(), action, &role.place);
    }
}

/// The members of the target that vote already, in the target's order.
pub fn members_that_stay(change: &Change<'_>, draft: &Draft) -> Vec<MachineName> {
    let voting = &draft.standing().etcd;
    change.migration.target.etcd.iter().map(|role| &role.value).filter(|name| voting.contains(name)).cloned().collect()
}
