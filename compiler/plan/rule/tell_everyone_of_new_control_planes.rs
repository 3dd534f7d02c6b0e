//! When control planes have joined and others will leave, the proxies of all workers learn of the new ones before the first old one
//! goes.

use crate::ir::{Action, Phase};
use crate::model::WorkerAccess;
use crate::plan::change::Change;
use crate::plan::draft::Draft;

pub fn apply(change: &Change<'_>, draft: &mut Draft) {
    let (joining, leaving) = (&change.control_plane.joining, &change.control_plane.leaving);
    let uses_proxies = match change.migration.cluster.distribution.worker_access() {
        WorkerAccess::OwnProxy => true,
        WorkerAccess::JoinAddress | WorkerAccess::LoadBalancer => false,
    };
    let arrived = joining.iter().find(|role| draft.has_joined(&role.value));
    let old_ones_leave = leaving.iter().any(|role| change.migration.source.is_control_plane(&role.value));
    if let (true, true, Some(first)) = (uses_proxies, old_ones_leave, arrived) {
        draft.then(Phase::RepointControlPlane, "inventory", Action::ApplyInventory, &first.place);
    }
}
