//! Workers that leave do so when everybody else is there who will be: their pods need room.

use crate::ir::Phase;
use crate::plan::change::Change;
use crate::plan::draft::Draft;
use crate::plan::together::{Next, leave};

pub fn apply(change: &Change<'_>, draft: &mut Draft) {
    // Under `removeThenAdd` those of the source have left; those that help out never leave earlier.
    for role in change.only_workers(&change.workers.leaving) {
        if !draft.has_left(&role.value) {
            leave(change, draft, Phase::RemoveNodes, role, Next::SomethingElse);
        }
    }
}
