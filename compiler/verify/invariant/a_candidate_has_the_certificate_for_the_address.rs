//! A candidate's API server has a certificate that covers the virtual IP before anyone reaches it by that address.

use crate::diag::Code;
use crate::verify::scene::{Report, Scene};
use crate::verify::state::Certificate;

pub fn check(scene: &Scene<'_>, report: &mut Report) {
    for name in scene.state.virtual_ip.candidates.keys() {
        if scene.state.api.get(name).is_some_and(|server| server.certificate == Certificate::WithoutVirtualIp) {
            let text = format!("expected the certificate of {name} to cover the virtual IP; it was made when there was none");
            let finding = scene.finding(Code::V304, text).help(format!("Configure {name} anew before it becomes a candidate."));
            report.at(scene, name.as_str(), finding);
        }
    }
}
