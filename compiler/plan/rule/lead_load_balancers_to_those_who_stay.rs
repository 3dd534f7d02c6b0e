//! Before the virtual IP moves, every load balancer of the target leads to the API servers of the target, which all serve by now. Those of
//! control planes that leave are left as they are, and stop when the address has gone; where the address never was, nothing would stop
//! them before their machine's turn comes, so that they lead elsewhere until then.

use crate::ir::{Action, Phase};
use crate::model::MachineName;
use crate::plan::change::Change;
use crate::plan::draft::Draft;
use crate::source::Located;

const PHASE: Phase = Phase::StartLoadBalancers;

pub fn apply(change: &Change<'_>, draft: &mut Draft) {
    if change.migration.cluster.balancer.is_none() || change.control_plane.is_nothing() {
        return;
    }
    let upstreams: Vec<MachineName> = change.migration.target.control_plane.iter().map(|role| role.value.clone()).collect();
    for role in &change.control_plane.joining {
        let action = Action::StartLoadBalancer { machine: role.value.clone(), upstreams: upstreams.clone() };
        draft.then(PHASE, role.value.as_str(), action, &role.place);
    }
    for role in change.control_plane.staying.iter().copied().chain(those_that_go_on(change)) {
        let action = Action::ReconfigureLoadBalancer { machine: role.value.clone(), upstreams: upstreams.clone() };
        draft.then(PHASE, role.value.as_str(), action, &role.place);
    }
}

/// Control planes that leave later than another one, and were no candidates: no hand-over stops theirs. They leave in this order: nodes
/// that are removed, then nodes that stay as workers.
fn those_that_go_on<'m>(change: &'m Change<'_>) -> impl Iterator<Item = &'m Located<MachineName>> {
    let (source, target) = (&change.migration.source, &change.migration.target);
    let leaving = &change.control_plane.leaving;
    let removed = leaving.iter().copied().filter(|role| !target.is_node(&role.value));
    let in_order = removed.chain(change.demoted());
    in_order.skip(1).filter(|role| !source.is_virtual_ip_candidate(&role.value))
}
