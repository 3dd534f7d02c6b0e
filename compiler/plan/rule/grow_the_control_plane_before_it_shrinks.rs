//! Control planes and etcd members that join come before the first old one leaves: those that help out, and as many of the others as it
//! takes until an old one can be spared.

use std::collections::BTreeSet;

use crate::ir::Phase;
use crate::model::{EtcdJoin, MachineName, Order};
use crate::plan::change::Change;
use crate::plan::draft::Draft;
use crate::plan::together::join;
use crate::source::Located;

pub fn apply(change: &Change<'_>, draft: &mut Draft) {
    let helpers = joining(change).into_iter().filter(|role| is_temporary(change, role)).count();
    let (joining, leaving) = (joining(change), leaving(change));
    for (index, role) in joining.into_iter().enumerate() {
        if index >= helpers && old_goes_first(change, draft, Some(role), leaving.first().copied()) {
            break;
        }
        let phase = if change.migration.becomes_control_plane(&role.value) { Phase::AddControlPlane } else { Phase::GrowEtcd };
        join(change, draft, phase, role);
    }
}

/// Who gets a role in etcd or serves the API, each once: those that only hold data before those that serve, so that who serves can
/// name them.
pub fn joining<'m>(change: &Change<'m>) -> Vec<&'m Located<MachineName>> {
    let serves = |role: &&&Located<MachineName>| change.migration.becomes_control_plane(&role.value);
    let members = change.etcd.joining.iter().filter(|role| !serves(role));
    let (helpers, others): (Vec<_>, Vec<_>) = members.chain(&change.control_plane.joining).partition(|role| is_temporary(change, role));
    helpers.into_iter().chain(others).collect()
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
/// newcomer is registered and not started.
pub fn old_goes_first(change: &Change<'_>, draft: &Draft, next: Option<&Located<MachineName>>, old: Option<&Located<MachineName>>) -> bool {
    let (Some(next), Some(old)) = (next, old) else { return next.is_none() };
    let policy = &change.migration.policy;
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
