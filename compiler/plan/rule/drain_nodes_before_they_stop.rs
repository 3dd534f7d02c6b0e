//! Nodes leave one at a time, drained before they stop: workers first, then control planes in the source's order.

use crate::ir::{Action, Phase};
use crate::model::{MachineName, Order};
use crate::plan::change::Change;
use crate::plan::draft::Draft;
use crate::plan::volumes::clear;
use crate::source::Located;

pub fn apply(change: &Change<'_>, draft: &mut Draft) {
    let workers = match change.migration.policy.order.value {
        Order::AddThenRemove => change.workers.leaving.as_slice(),
        Order::RemoveThenAdd => &[],
    };
    let stays = |role: &Located<MachineName>| change.migration.target.is_node(&role.value);
    let control_planes: Vec<_> = change.control_plane.leaving.iter().copied().filter(|role| !stays(role)).collect();
    remove(change, draft, Phase::RemoveNodes, &[workers, &control_planes].concat(), &[]);
}

/// So many of the nodes that leave take no pods while one of them is drained; not all, so that the plan of a fleet does not name
/// everybody in every step.
pub const CORDONED: usize = 50;

/// One removal after the other. Those that leave in a later phase take no pods of theirs either.
pub fn remove(change: &Change<'_>, draft: &mut Draft, phase: Phase, leaving: &[&Located<MachineName>], later: &[&Located<MachineName>]) {
    for (index, role) in leaving.iter().enumerate() {
        clear(change, draft, phase, &role.value, &format!("{}.volumes", role.value));
        let cordoned = leaving.iter().skip(index).chain(later).take(CORDONED).map(|role| role.value.clone()).collect();
        let action = Action::RemoveNode { machine: role.value.clone(), cordoned };
        draft.then(phase, role.value.as_str(), action, &role.place);
    }
}
