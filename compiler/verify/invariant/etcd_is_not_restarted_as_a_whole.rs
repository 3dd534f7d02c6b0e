//! etcd is not restarted as a whole: enough members for quorum run while others restart under a new configuration.
//!
//! Nothing is lost by such a restart; every write waits until it is over.

use crate::diag::Code;
use crate::verify::scene::{Report, Scene};

pub fn check(scene: &Scene<'_>, report: &mut Report) {
    let restarting = scene.state.installer.restarting_members;
    let (live, quorum) = (scene.state.etcd.live_count(), scene.state.etcd.quorum());
    if restarting == 0 || live.saturating_sub(restarting) >= quorum {
        return;
    }
    let text = format!("expected {quorum} members to run at any time; {restarting} of {live} may restart at once");
    let why = "The installer restarts the members whose configuration it changes: all at once, or half of the listed ones, by its release.";
    let finding = scene
        .finding(Code::V211, text)
        .why(why)
        .help("Keep the number of listed members odd where half of them restart at once; otherwise take the restart at a quiet time.");
    report.at(scene, "etcd restarts", finding);
}
