//! New workers join through the address at which the target is reached, which by now answers: never through a machine that leaves.

use crate::ir::{Action, Phase};
use crate::plan::change::Change;
use crate::plan::draft::Draft;

pub fn apply(change: &Change<'_>, draft: &mut Draft) {
    let join = &change.migration.target.join_address.value;
    let steps: Vec<_> = change
        .workers
        .joining
        .iter()
        .map(|role| (role.value.to_string(), Action::AddWorker { machine: role.value.clone(), join: join.clone() }, role.place.clone()))
        .collect();
    draft.side_by_side(Phase::AddWorkers, steps);
}
