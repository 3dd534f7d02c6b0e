//! etcd has at most seven voters at rest.
//!
//! Each write waits for a majority: nine voters write half as fast as three, and a swap one by one never needs them.

use crate::diag::Code;
use crate::verify::scene::{Report, Scene};

/// etcd's authors advise against more ("probably no more than seven").
pub(super) const MOST: usize = 7;

pub fn check(scene: &Scene<'_>, report: &mut Report) {
    let voters = scene.state.etcd.voter_count();
    if voters > MOST {
        let finding = scene
            .finding(Code::V204, format!("expected at most {MOST} voters; found {voters}"))
            .why("Each write waits for a majority of the voters; etcd's authors advise against more than seven.")
            .help("Remove a member that leaves before the next one joins.");
        report.at(scene, "voters", finding);
    }
}
