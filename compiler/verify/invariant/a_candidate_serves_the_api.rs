//! A candidate for the virtual IP serves the API: whoever takes the address must have something behind it.

use crate::diag::Code;
use crate::verify::scene::{Report, Scene};

pub fn check(scene: &Scene<'_>, report: &mut Report) {
    for name in scene.state.virtual_ip.candidates.keys().filter(|name| !scene.state.answers(name, scene.migration)) {
        let what =
            if scene.migration.cluster.balancer.is_some() { "a load balancer that leads to one" } else { "an API server that serves" };
        let text = format!("expected {what} on each candidate; {name} has none");
        let finding = scene.finding(Code::V303, text).help(format!("Add {name} as a control plane before it becomes a candidate."));
        report.at(scene, name.as_str(), finding);
    }
}
