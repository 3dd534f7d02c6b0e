//! Volumes of machines that failed are made anew when those who replace them have come, and before anybody else leaves: an application
//! that misses one of its volumes can spare no other. Machines that answer give theirs away right before they leave.

use crate::ir::Phase;
use crate::plan::change::Change;
use crate::plan::draft::Draft;
use crate::plan::volumes::recover_failed;

pub fn apply(change: &Change<'_>, draft: &mut Draft) {
    recover_failed(change, draft, Phase::RecoverVolumes);
}
