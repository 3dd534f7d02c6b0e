//! The new control plane lies ready before the old one stops. Then everything that writes stops on the old one, and only then the new
//! API server starts: two of them, of which one knows members that the other does not, would decide against each other. The operator's
//! own commands follow at once.

use super::add_control_planes_before_others_leave::members_that_stay;
use crate::ir::{Action, Phase};
use crate::plan::change::Change;
use crate::plan::draft::Draft;

pub fn apply(change: &Change<'_>, draft: &mut Draft) {
    let datastore = members_that_stay(change, draft);
    for (from, to) in change.control_plane.leaving.iter().zip(&change.control_plane.joining) {
        let machine = to.value.clone();
        let install = Action::InstallControlPlane { machine: machine.clone(), datastore: datastore.clone() };
        draft.then(Phase::AddControlPlane, machine.as_str(), install, &to.place);
        let hand_over = Action::HandOverControlPlane { from: from.value.clone(), to: machine.clone(), datastore: datastore.clone() };
        draft.then(Phase::HandOverControlPlane, machine.as_str(), hand_over, &to.place);
        let join = change.migration.target.join_address.value.clone();
        draft.then(Phase::RepointClients, "workstation", Action::RepointWorkstation { join }, &change.migration.target.place);
    }
}
