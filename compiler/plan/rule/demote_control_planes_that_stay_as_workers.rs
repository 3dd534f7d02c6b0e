//! A control plane that is a worker at the target stays a node: its API server ends when nobody is led to it any more, and before the
//! members of etcd that it names leave.

use crate::ir::{Action, Phase};
use crate::plan::change::Change;
use crate::plan::draft::Draft;

pub fn apply(change: &Change<'_>, draft: &mut Draft) {
    for role in change.demoted() {
        draft.then(
            Phase::DemoteControlPlanes,
            role.value.as_str(),
            Action::DemoteControlPlane { machine: role.value.clone() },
            &role.place,
        );
    }
}
