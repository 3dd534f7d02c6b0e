//! Control planes and etcd members that join come before the first old one leaves: those that help out, and as many of the others as it
//! takes until an old one can be spared.

use std::collections::BTreeSet;

use crate::ir::Phase;
use crate::model::{EtcdJoin, JoinAddress, MachineName, Order};
use crate::plan::change::Change;
use crate::plan::draft::Draft;
use crate::plan::together::join;
use crate::source::Located;

pub fn apply(change: &Change<'_>, draft: &mut Draft) {
    let helpers = joining(change).into_iter().filter(|role| is_temporary(change, role)).count();
    let (joining, leaving) = (joining(change), leaving(change));
    for (index, role) in joining.into_iter().enumerate() {
        let waits = index >= helpers && !all_at_first(change) && !is_needed_by_workers(change, draft, role);
        if waits && old_goes_first(change, draft, Some(role), leaving.first().copied()) {
            break;
        }
        let phase = if change.migration.becomes_control_plane(&role.value) { Phase::AddControlPlane } else { Phase::GrowEtcd };
        join(change, draft, phase, role);
    }
}

/// More voters slow every write (etcd's FAQ: "probably no more than seven").
const MOST_VOTERS: usize = 7;

/// Whether all that join come before the first old one leaves: where the virtual IP is the plan's to move it goes once, to those who
/// serve, and then nobody of the old ones may hold it any more.
fn all_at_first(change: &Change<'_>) -> bool {
    let voters = change.migration.source.etcd.len() + change.etcd.joining.len();
    let stays = change.virtual_ip.is_nothing() || change.migration.cluster.distribution.virtual_ip_comes_with_servers();
    match (change.migration.policy.order.value, stays) {
        (Order::RemoveThenAdd, _) | (Order::AddThenRemove, true) => false,
        (Order::AddThenRemove, false) => voters <= MOST_VOTERS,
    }
}

/// Whether workers that join ask at this one, which must be there before them.
fn is_needed_by_workers(change: &Change<'_>, draft: &Draft, role: &Located<MachineName>) -> bool {
    let comes_first = change.migration.policy.order.value == Order::AddThenRemove && draft.standing().etcd.len() < MOST_VOTERS;
    comes_first && is_asked(change, role)
}

/// Whether the target is reached at this machine, where nobody keeps a list.
fn is_asked(change: &Change<'_>, role: &Located<MachineName>) -> bool {
    let migration = change.migration;
    !migration.cluster.distribution.has_inventory() && migration.target.join_address.value == JoinAddress::Machine(role.value.clone())
}

/// Who gets a role in etcd or serves the API, each once: those that only hold data before those that serve, so that who serves can
/// name them. First come those that help out, and the one at which others ask.
pub fn joining<'m>(change: &Change<'m>) -> Vec<&'m Located<MachineName>> {
    let serves = |role: &&&Located<MachineName>| change.migration.becomes_control_plane(&role.value);
    let members = change.etcd.joining.iter().filter(|role| !serves(role));
    let mut all: Vec<_> = members.chain(&change.control_plane.joining).copied().collect();
    // A stable sort: of equals the order of the spec is kept.
    all.sort_by_key(|role| (!is_temporary(change, role), !is_asked(change, role)));
    all
}

/// Who loses a role in etcd or does not serve any more, each once: control planes, members of etcd that are nothing else, those that
/// helped out; of each kind whom the installer asks last.
pub fn leaving<'m>(change: &Change<'m>) -> Vec<&'m Located<MachineName>> {
    let source = &change.migration.source;
    let asked = [source.control_plane.first(), source.etcd.first()].map(|role| role.map(|role| &role.value));
    let mut seen = BTreeSet::new();
    let all = change.control_plane.leaving.iter().chain(&change.etcd.leaving).copied();
    let mut all: Vec<_> = all.filter(|role| seen.insert(&role.value) && !change.migration.is_failed(&role.value)).collect();
    let serves = |role: &Located<MachineName>| source.is_control_plane(&role.value);
    // A stable sort: of equals the order of the spec is kept.
    all.sort_by_key(|role| (is_temporary(change, role), !serves(role), asked.contains(&Some(&role.value))));
    all
}

fn is_temporary(change: &Change<'_>, role: &Located<MachineName>) -> bool {
    change.migration.temporary.roles().any(|helper| helper.value == role.value)
}

/// Whether an old machine can be spared before the next newcomer is there.
///
/// Under `addThenRemove` it can while what remains bears as many failures as the policy asks and the source did, also while the next
/// newcomer is registered and not started. The last member never goes before another one is there, whatever the order of the policy.
pub fn old_goes_first(change: &Change<'_>, draft: &Draft, next: Option<&Located<MachineName>>, old: Option<&Located<MachineName>>) -> bool {
    let (Some(next), Some(old)) = (next, old) else { return next.is_none() };
    let policy = &change.migration.policy;
    if draft.standing().etcd.len() == 1 && draft.standing().etcd.contains(&old.value) {
        return false;
    }
    match policy.order.value {
        Order::RemoveThenAdd => true,
        Order::AddThenRemove => {
            let voters = draft.standing().etcd.len();
            let needed = usize::try_from(policy.minimum_etcd_tolerance.value).unwrap_or(usize::MAX);
            let enough = tolerance(change.migration.source.etcd.len(), 0).max(needed);
            let registered = match policy.etcd_join.value {
                EtcdJoin::Learner => 0,
                EtcdJoin::Voter => usize::from(change.migration.becomes_etcd_member(&next.value)),
            };
            let was_member = draft.standing().etcd.contains(&old.value);
            was_member && tolerance(voters.saturating_sub(1), registered) >= enough
        }
    }
}

/// How many of `voters` may fail while `registered` more are voters that have not started.
fn tolerance(voters: usize, registered: usize) -> usize {
    voters.saturating_sub((voters + registered) / 2 + 1)
}

#[cfg(test)]
mod tests {
    use super::tolerance;

    #[test]
    fn a_voter_that_has_not_started_spends_tolerance() {
        let figures: Vec<_> = (2..=6).map(|voters| (tolerance(voters, 0), tolerance(voters, 1))).collect();
        assert_eq!(figures, [(0, 0), (1, 0), (1, 1), (2, 1), (2, 2)]);
    }
}
