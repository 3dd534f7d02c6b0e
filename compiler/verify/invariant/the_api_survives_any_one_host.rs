//! The API survives the loss of any one host, if it did before the first step.
//!
//! An API server whose list of etcd members would be dead with the host is lost with it. Quorum is not asked here.

use crate::diag::Code;
use crate::model::Order;
use crate::verify::scene::{Redundancy, Report, Scene, listed};

pub fn check(scene: &Scene<'_>, report: &mut Report) {
    let fatal = &scene.exposed.fatal_to_api;
    if scene.baseline.api == Redundancy::OneIsFatal || fatal.is_empty() {
        return;
    }
    let serving = listed(scene.state.api.serving());
    let text =
        format!("expected the API to survive the loss of any one machine; serving: {serving}; the loss of {} ends it", listed(fatal));
    let finding =
        scene.finding(Code::V103, text).why("An API server is lost with its machine, and also with the last live etcd member of its list.");
    // Several servers that fall together share the one member that is there so far.
    let share_a_member = scene.state.api.serving().count() > 1;
    let finding = match scene.migration.policy.order.value {
        Order::RemoveThenAdd if share_a_member => finding.help_copy(
            "Let etcd members come before those that they replace leave, so that API servers can name two",
            "order: addThenRemove",
        ),
        Order::RemoveThenAdd | Order::AddThenRemove => {
            finding.help("Add a control plane, or give the API servers further etcd members, before this step.")
        }
    };
    report.at(scene, "api", finding);
}
