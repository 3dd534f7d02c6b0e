//! When a control plane leaves, workers that stay and the operator's kubeconfig get the target's address first; so they do when the
//! target has a virtual IP that the source had not.
//!
//! Which control plane a worker once joined through is written on that worker only. So every worker is repointed as soon as any
//! control plane leaves, unless the spec declares that the workers use the virtual IP already.

use crate::ir::{Action, Phase};
use crate::model::JoinAddress;
use crate::plan::change::Change;
use crate::plan::draft::Draft;

pub fn apply(change: &Change<'_>, draft: &mut Draft) {
    let (source, target) = (&change.migration.source.join_address, &change.migration.target.join_address);
    let is_new = change.virtual_ip_is_new() && target.value == JoinAddress::VirtualIp;
    if (change.control_plane.leaving.is_empty() && !is_new) || source.value == JoinAddress::VirtualIp {
        return;
    }
    let join = &target.value;
    draft.then(Phase::RepointClients, "workstation", Action::RepointWorkstation { join: join.clone() }, &target.place);
    for role in &change.workers.staying {
        let action = Action::RepointWorker { machine: role.value.clone(), join: join.clone() };
        draft.then(Phase::RepointClients, role.value.as_str(), action, &target.place);
    }
}
