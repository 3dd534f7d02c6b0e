//! Workers that leave do so when everybody else is there who will be: their pods need room.

use std::collections::BTreeSet;

use crate::ir::Phase;
use crate::plan::change::Change;
use crate::plan::draft::Draft;
use crate::plan::together::{Next, leave};

pub fn apply(change: &Change<'_>, draft: &mut Draft) {
    // Under `removeThenAdd` those of the source have left; those that help out never leave earlier.
    let listed: BTreeSet<_> = draft.standing().inventory.workers.iter().cloned().collect();
    for role in change.only_workers(&change.workers.leaving).into_iter().filter(|role| listed.contains(&role.value)) {
        leave(change, draft, Phase::RemoveNodes, role, Next::SomethingElse);
    }
}
