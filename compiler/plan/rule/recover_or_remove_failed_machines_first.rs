//! Machines that do not answer leave first: an installer that asks every machine it knows fails at each of them. Those that have a
//! role at both ends come back at once, installed anew, because nothing else should be changed while a member of etcd is missing.

use std::collections::BTreeSet;

use crate::ir::{Action, Phase};
use crate::plan::change::Change;
use crate::plan::draft::Draft;
use crate::plan::together::{Next, come_back, leave};

const PHASE: Phase = Phase::RecoverFailed;

pub fn apply(change: &Change<'_>, draft: &mut Draft) {
    let source = &change.migration.source;
    let mut seen = BTreeSet::new();
    let all = source.control_plane.iter().chain(&source.etcd).chain(&source.workers);
    let failed: Vec<_> = all.filter(|role| change.migration.is_failed(&role.value) && seen.insert(&role.value)).collect();
    for role in &failed {
        if !change.migration.cluster.distribution.has_inventory() {
            // Without an installer between them a machine that comes up again speaks to the others at once.
            let fence = Action::FenceMachine { machine: role.value.clone() };
            draft.then(PHASE, &format!("{}.fence", role.value), fence, &role.place);
        }
        leave(change, draft, PHASE, role, Next::SomethingElse);
    }
    // While one of them was listed nothing could be told to everybody.
    if let (false, Some(first)) = (draft.is_applied(), failed.first()) {
        draft.then(PHASE, "inventory", Action::ApplyInventory, &first.place);
    }
    for role in failed.into_iter().filter(|role| change.migration.is_rebuilt(&role.value)) {
        come_back(change, draft, PHASE, role);
    }
}
