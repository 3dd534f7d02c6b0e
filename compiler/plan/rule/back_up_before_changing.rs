//! Before the first change there is a snapshot of etcd, and a copy of what the datastore does not hold. etcd is asked on a member
//! that stays if there is one, so that the copy survives the machines that leave.

use crate::ir::{Action, Phase};
use crate::model::MachineName;
use crate::plan::change::Change;
use crate::plan::draft::Draft;
use crate::source::Located;

pub fn apply(change: &Change<'_>, draft: &mut Draft) {
    let source = &change.migration.source;
    let answers = |role: &&Located<MachineName>| !change.migration.is_failed(&role.value);
    let member = change.etcd.staying.iter().copied().find(answers).or(source.etcd.iter().find(answers));
    let server = change.control_plane.staying.iter().copied().find(answers).or(source.control_plane.iter().find(answers));
    if let Some(member) = member {
        draft.then(Phase::BackUp, "etcd", Action::BackUpEtcd { member: member.value.clone() }, &source.place);
    }
    if let Some(server) = server {
        draft.then(Phase::BackUp, "control-plane", Action::BackUpControlPlane { machine: server.value.clone() }, &source.place);
    }
}
