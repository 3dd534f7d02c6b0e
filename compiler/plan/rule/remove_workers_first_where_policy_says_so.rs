//! Under `removeThenAdd` workers leave before new ones arrive: for teams whose racks, addresses or licences have no room for both.

use super::drain_nodes_before_they_stop::remove;
use crate::ir::Phase;
use crate::model::{MachineName, Order};
use crate::plan::change::Change;
use crate::plan::draft::Draft;
use crate::source::Located;

pub fn apply(change: &Change<'_>, draft: &mut Draft) {
    match change.migration.policy.order.value {
        Order::AddThenRemove => {}
        Order::RemoveThenAdd => remove(change, draft, Phase::RemoveWorkersFirst, &change.workers.leaving, leaving_later(change)),
    }
}

/// Pods would move to a control plane that leaves after the workers, and would move again. Where no node of the source stays,
/// control planes go on taking pods: nobody else is sure to have room.
fn leaving_later<'c, 'm>(change: &'c Change<'m>) -> &'c [&'m Located<MachineName>] {
    let nobody_stays = change.workers.staying.is_empty() && change.control_plane.staying.is_empty();
    if nobody_stays { &[] } else { &change.control_plane.leaving }
}
