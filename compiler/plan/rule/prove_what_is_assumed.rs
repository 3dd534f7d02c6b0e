//! What the plan takes for granted is proved before anything is changed: that the workstation reaches everything, and that
//! today's virtual IP is configured as the hand-over needs it.

use crate::ir::{Action, Phase};
use crate::model::MachineName;
use crate::plan::change::Change;
use crate::plan::draft::Draft;
use crate::plan::rule::move_the_virtual_ip_to_those_who_serve::lowest_priority;

pub fn apply(change: &Change<'_>, draft: &mut Draft) {
    let source = &change.migration.source;
    draft.then(Phase::Prepare, "workstation", Action::PrepareWorkstation, &change.migration.target.place);
    let moves = !change.virtual_ip.is_nothing() || change.virtual_ip_is_reordered();
    if let (true, Some(first)) = (moves, source.virtual_ip.first()) {
        let answers = |name: &MachineName| !change.migration.is_failed(name);
        let candidates: Vec<_> = source.virtual_ip.iter().map(|role| role.value.clone()).filter(answers).collect();
        // With all of them dead nothing is left to look at.
        if !candidates.is_empty() {
            draft.then(Phase::Prepare, "virtual-ip", Action::ProveVirtualIp { candidates, below: lowest_priority(change) }, &first.place);
        }
    }
}
