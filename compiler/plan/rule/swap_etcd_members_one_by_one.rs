//! The remaining members change places one by one, so that etcd never has many more voters than it needs.
//!
//! Under `addThenRemove` an old member leaves first only while what remains still bears as many failures as the policy asks and
//! as the source did; otherwise the newcomer comes first. Under `removeThenAdd` the old one always goes first.

use crate::ir::{Action, Phase};
use crate::model::Order;
use crate::plan::change::Change;
use crate::plan::draft::Draft;
use crate::plan::rule::add_control_planes_before_others_leave::members_that_stay;
use crate::plan::rule::grow_etcd_before_it_shrinks::members_first;

pub fn apply(change: &Change<'_>, draft: &mut Draft) {
    let policy = &change.migration.policy;
    let mut joining = change.etcd.joining.iter().skip(members_first(change)).peekable();
    let mut leaving = change.etcd.leaving.iter().peekable();
    let enough =
        tolerance(change.migration.source.etcd.len()).max(usize::try_from(policy.minimum_etcd_tolerance.value).unwrap_or(usize::MAX));
    let mut just_removed = false;
    while joining.peek().is_some() || leaving.peek().is_some() {
        let old_goes_first = match policy.order.value {
            Order::AddThenRemove => tolerance(draft.standing().etcd.len().saturating_sub(1)) >= enough,
            Order::RemoveThenAdd => !just_removed,
        };
        just_removed = leaving.peek().is_some() && (old_goes_first || joining.peek().is_none());
        if just_removed {
            let Some(role) = leaving.next() else { break };
            let Some(leader_to) = members_that_stay(change, draft).into_iter().next() else { break };
            let action = Action::RemoveEtcdMember { machine: role.value.clone(), leader_to };
            draft.then(Phase::SwapEtcd, role.value.as_str(), action, &role.place);
        } else {
            let Some(role) = joining.next() else { break };
            let action = Action::AddEtcdMember { machine: role.value.clone(), join: policy.etcd_join.value };
            draft.then(Phase::SwapEtcd, role.value.as_str(), action, &role.place);
        }
    }
}

/// How many of `voters` may fail: all that are not needed for a majority.
fn tolerance(voters: usize) -> usize {
    voters.saturating_sub(voters / 2 + 1)
}

#[cfg(test)]
mod tests {
    use super::tolerance;

    #[test]
    fn an_even_number_of_voters_bears_no_more_than_one_fewer() {
        let figures: Vec<_> = (0..=9).map(tolerance).collect();
        assert_eq!(figures, [0, 0, 0, 1, 1, 2, 2, 3, 3, 4]);
    }
}
