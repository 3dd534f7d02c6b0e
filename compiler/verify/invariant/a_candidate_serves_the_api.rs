//! A candidate for the virtual IP serves the API: whoever takes the address must have something behind it.

use crate::diag::Code;
use crate::verify::scene::{Report, Scene};

pub fn check(scene: &Scene<'_>, report: &mut Report) {
    for name in scene.state.virtual_ip.candidates.keys().filter(|name| !scene.state.serves(name)) {
        let text = format!("expected an API server that serves on each candidate; {name} has none");
        let finding = scene.finding(Code::V303, text).help(format!("Add {name} as a control plane before it becomes a candidate."));
        report.at(scene, name.as_str(), finding);
    }
}
