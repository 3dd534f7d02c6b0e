//! A candidate's API server has a certificate that covers the virtual IP before anyone reaches it by that address.
//!
//! At the end every control plane has one, so that any of them can become a candidate later.

use crate::diag::Code;
use crate::verify::scene::{Report, Role, Scene, Whole};
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

pub fn check_the_end(whole: &Whole<'_>, report: &mut Report) {
    let target = &whole.migration.target;
    if target.virtual_ip.is_empty() {
        return;
    }
    let servers = whole.end.api.iter().filter(|(name, server)| {
        server.certificate == Certificate::WithoutVirtualIp && !whole.end.virtual_ip.candidates.contains_key(*name)
    });
    for (name, _) in servers {
        let text =
            format!("expected the certificate of each control plane to cover the virtual IP; that of {name} was made when there was none");
        report.whole(name.as_str(), Role::ControlPlane.finding(Code::V304, target, Some(name), text));
    }
}
