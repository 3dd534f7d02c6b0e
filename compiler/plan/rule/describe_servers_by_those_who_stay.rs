//! What a server reads when it starts names somebody who stays, before the first old one leaves: a server that is begun anew, and still
//! names one that has gone, waits for it for ever, or founds a cluster of its own. Where the certificate must cover a new address, the
//! server is restarted for it, one at a time.
//!
//! Who stays alone, and who came when nobody was there that stays, is told when others have joined.

use crate::ir::{Action, Phase};
use crate::model::{JoinAddress, MachineName};
use crate::plan::change::Change;
use crate::plan::draft::Draft;
use crate::source::Located;

pub fn apply(change: &Change<'_>, draft: &mut Draft) {
    // Whoever installs servers with the virtual IP has told each of them of it.
    if change.migration.cluster.distribution.virtual_ip_comes_with_servers() {
        return;
    }
    let control_plane = &change.control_plane;
    let staying = control_plane.staying.iter().copied().filter(|role| draft.standing().api.contains(&role.value)).collect::<Vec<_>>();
    for role in staying {
        let machine = role.value.clone();
        if change.virtual_ip_is_new() {
            let datastore = vec![machine.clone()];
            let action = Action::RepointControlPlane { machine: machine.clone(), datastore };
            draft.then(Phase::RepointControlPlane, machine.as_str(), action, &role.place);
        } else if !control_plane.leaving.is_empty() {
            describe(change, draft, Phase::RepointControlPlane, role);
        }
    }
}

/// Those that found nobody before.
pub fn when_others_have_joined(change: &Change<'_>, draft: &mut Draft) {
    let target = &change.migration.target;
    if change.control_plane.leaving.is_empty() || change.migration.cluster.distribution.virtual_ip_comes_with_servers() {
        return;
    }
    for role in target.control_plane.iter().filter(|role| draft.standing().api.contains(&role.value)).collect::<Vec<_>>() {
        if !draft.finds_others(&role.value, target) {
            describe(change, draft, Phase::SettleControlPlane, role);
        }
    }
}

fn describe(change: &Change<'_>, draft: &mut Draft, phase: Phase, role: &Located<MachineName>) {
    let machine = role.value.clone();
    if let Some(join) = others(change, draft, &machine) {
        draft.then(phase, machine.as_str(), Action::DescribeServer { machine: machine.clone(), join }, &role.place);
    }
}

/// Where a server finds others: at the target's address, unless that is its own, or that of one who has yet to come.
fn others(change: &Change<'_>, draft: &Draft, machine: &MachineName) -> Option<JoinAddress> {
    let target = &change.migration.target;
    let is_there = |name: &&MachineName| *name != machine && draft.standing().api.contains(name);
    let join = &target.join_address.value;
    let is_nobody = matches!(join, JoinAddress::Machine(name) if !is_there(&name));
    if !is_nobody {
        return Some(join.clone());
    }
    target.control_plane.iter().map(|role| &role.value).find(is_there).cloned().map(JoinAddress::Machine)
}
