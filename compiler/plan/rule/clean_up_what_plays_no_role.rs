//! A machine without any role at the target is cleaned last, when nothing can go back to it any more.

use std::collections::BTreeSet;

use crate::ir::{Action, Phase};
use crate::plan::change::Change;
use crate::plan::draft::Draft;

pub fn apply(change: &Change<'_>, draft: &mut Draft) {
    let target = &change.migration.target;
    let leaving = [&change.workers.leaving, &change.control_plane.leaving, &change.etcd.leaving, &change.virtual_ip.leaving];
    let mut seen = BTreeSet::new();
    let machines = leaving.into_iter().flatten().filter(|role| seen.insert(&role.value) && !target.has_role(&role.value));
    let steps: Vec<_> =
        machines.map(|role| (role.value.to_string(), Action::CleanUp { machine: role.value.clone() }, role.place.clone())).collect();
    draft.side_by_side(Phase::CleanUp, steps);
}
