//! Under `removeThenAdd` workers leave before new ones arrive: for teams whose racks, addresses or licences have no room for both.

use super::drain_nodes_before_they_stop::remove;
use crate::ir::Phase;
use crate::model::Order;
use crate::plan::change::Change;
use crate::plan::draft::Draft;

pub fn apply(change: &Change<'_>, draft: &mut Draft) {
    match change.migration.policy.order.value {
        Order::AddThenRemove => {}
        Order::RemoveThenAdd => remove(draft, Phase::RemoveWorkersFirst, &change.workers.leaving),
    }
}
