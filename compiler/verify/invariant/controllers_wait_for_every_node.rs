//! Controllers run only while every node reaches the API server, and in the end they run on the target's control plane.
//!
//! To a controller a node that reports to nobody is a node that has died: it is unready after `--node-monitor-grace-period`, and its
//! pods are evicted after `--pod-eviction-timeout`.

use crate::diag::{Code, Diagnostic};
use crate::model::JoinAddress;
use crate::verify::scene::{Report, Role, Scene, Whole};
use crate::verify::state::Serving;

pub fn check(scene: &Scene<'_>, report: &mut Report) {
    let state = scene.state;
    let Some(controllers) = state.writers.as_ref().and_then(|writers| writers.controllers.as_ref()) else { return };
    for address in state.nodes.addresses() {
        let JoinAddress::Machine(machine) = address else { continue };
        if state.api.get(machine).is_none_or(|server| server.serving == Serving::Stopped) {
            let text = format!(
                "expected every node to reach an API server that serves while controllers run on {controllers}; nodes are left at {machine}{}",
                scene.when()
            );
            let why = "To a controller a node that does not report has died: minutes later its pods are evicted.";
            let finding = scene.finding(Code::V106, text).why(why);
            report.at(scene, machine.as_str(), finding.help("Repoint every node before the controllers start."));
        }
    }
}

pub fn check_the_end(whole: &Whole<'_>, report: &mut Report) {
    let Some(writers) = &whole.end.writers else { return };
    let target = &whole.migration.target;
    let wanted = target.control_plane.first().map(|role| &role.value);
    if writers.controllers.as_ref() != wanted {
        let shown = |name: Option<&crate::model::MachineName>| name.map_or("nowhere".to_owned(), |name| format!("on {name}"));
        let text = format!("expected controllers to run {}; they run {}", shown(wanted), shown(writers.controllers.as_ref()));
        let finding: Diagnostic = Role::ControlPlane.finding(Code::V501, target, wanted, text);
        report.whole("controllers", finding);
    }
}
