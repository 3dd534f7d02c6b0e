//! What is left of control planes and etcd members changes places one by one: an old one leaves as soon as it can be spared, the next
//! newcomer follows, and those that helped out leave last.

use crate::ir::Phase;
use crate::model::MachineName;
use crate::plan::change::Change;
use crate::plan::draft::Draft;
use crate::plan::rule::grow_the_control_plane_before_it_shrinks::{joining, leaving, old_goes_first};
use crate::plan::together::{Next, join, leave, step_aside};
use crate::source::Located;

const PHASE: Phase = Phase::SwapControlPlane;

pub fn apply(change: &Change<'_>, draft: &mut Draft) {
    let arrived = joining(change).into_iter().filter(|role| draft.has_joined(&role.value)).count();
    let mut joining = joining(change).into_iter().skip(arrived).peekable();
    let mut leaving = leaving(change).into_iter().peekable();
    while joining.peek().is_some() || leaving.peek().is_some() {
        let old_first = old_goes_first(change, draft, joining.peek().copied(), leaving.peek().copied());
        if joining.peek().is_none() {
            // Those who stay lead the list from here on. Later, when somebody has left and is still listed, it could not be applied.
            leaving.clone().for_each(|role| step_aside_if_asked(change, draft, role));
        }
        if let Some(role) = leaving.next_if(|_| old_first) {
            let more = leaving.peek().is_some_and(|next| draft.standing().etcd.contains(&next.value));
            let next_joins = joining.peek().is_some();
            let next = if more && !next_joins { Next::AnotherMemberLeaves } else { Next::SomethingElse };
            leave(change, draft, PHASE, role, next);
            // After each that left comes one that joins.
            if let Some(role) = joining.next() {
                join(change, draft, PHASE, role);
            }
        } else if let Some(role) = joining.next() {
            join(change, draft, PHASE, role);
        } else {
            break;
        }
    }
}

fn step_aside_if_asked(change: &Change<'_>, draft: &mut Draft, role: &Located<MachineName>) {
    let inventory = &draft.standing().inventory;
    if [&inventory.control_plane, &inventory.etcd].into_iter().any(|group| group.first() == Some(&role.value)) {
        step_aside(change, draft, PHASE, role);
    }
}
