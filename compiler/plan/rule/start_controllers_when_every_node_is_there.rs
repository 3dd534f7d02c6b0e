//! Controllers and the scheduler start when the last node has found the new API server, and not before: a node that they cannot see is
//! unready after seconds, and its pods are evicted after minutes.

use crate::ir::{Action, Phase};
use crate::plan::change::Change;
use crate::plan::draft::Draft;

pub fn apply(change: &Change<'_>, draft: &mut Draft) {
    for role in &change.control_plane.joining {
        let action = Action::StartControllers { machine: role.value.clone() };
        draft.then(Phase::StartControllers, role.value.as_str(), action, &role.place);
    }
}
