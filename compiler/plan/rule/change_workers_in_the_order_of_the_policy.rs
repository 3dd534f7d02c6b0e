//! Workers join one at a time, and under `removeThenAdd` the old ones leave before: for teams whose racks, addresses or licences have
//! no room for both. Those that help out join first in either case.

use crate::ir::Phase;
use crate::model::Order;
use crate::plan::change::Change;
use crate::plan::draft::Draft;
use crate::plan::together::{Next, join, leave};

pub fn apply(change: &Change<'_>, draft: &mut Draft) {
    match change.migration.policy.order.value {
        Order::AddThenRemove => {}
        Order::RemoveThenAdd => {
            for role in change.only_workers(&change.workers.leaving).into_iter().filter(|role| change.migration.source.is_node(&role.value))
            {
                if !change.migration.is_failed(&role.value) {
                    leave(change, draft, Phase::RemoveWorkersFirst, role, Next::SomethingElse);
                }
            }
        }
    }
    for role in change.only_workers(&change.workers.joining) {
        join(change, draft, Phase::AddWorkers, role);
    }
}
