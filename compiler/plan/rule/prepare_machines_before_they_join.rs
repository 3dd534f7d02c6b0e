//! A machine that gets a role it did not have is made ready first, while nothing has been changed yet and everybody may still go home.

use std::collections::BTreeSet;

use crate::ir::{Action, Phase};
use crate::plan::change::Change;
use crate::plan::draft::Draft;

pub fn apply(change: &Change<'_>, draft: &mut Draft) {
    let joining = [&change.control_plane.joining, &change.workers.joining, &change.etcd.joining, &change.virtual_ip.joining];
    let mut seen = BTreeSet::new();
    let machines = joining.into_iter().flatten().filter(|role| seen.insert(&role.value));
    let steps: Vec<_> =
        machines.map(|role| (role.value.to_string(), Action::PrepareMachine { machine: role.value.clone() }, role.place.clone())).collect();
    draft.side_by_side(Phase::Prepare, steps);
}
