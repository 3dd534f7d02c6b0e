//! Nodes leave one at a time, drained before they stop: workers first, then control planes in the source's order.

use crate::ir::{Action, Phase};
use crate::model::{MachineName, Order};
use crate::plan::change::Change;
use crate::plan::draft::Draft;
use crate::source::Located;

pub fn apply(change: &Change<'_>, draft: &mut Draft) {
    match change.migration.policy.order.value {
        Order::AddThenRemove => remove(draft, Phase::RemoveNodes, &change.workers.leaving),
        Order::RemoveThenAdd => {}
    }
    remove(draft, Phase::RemoveNodes, &change.control_plane.leaving);
}

/// One removal after the other.
pub fn remove(draft: &mut Draft, phase: Phase, leaving: &[&Located<MachineName>]) {
    for role in leaving {
        let action = Action::RemoveNode { machine: role.value.clone() };
        draft.then(phase, role.value.as_str(), action, &role.place);
    }
}
