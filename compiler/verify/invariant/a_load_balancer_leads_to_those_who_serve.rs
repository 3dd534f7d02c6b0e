//! A load balancer leads to API servers that serve, and to more than one where there is more than one; in the end to all of the target.
//!
//! It passes over one that refuses a connection, and waits in vain for one whose machine is gone: nobody should be led there at rest.

use std::collections::BTreeSet;

use crate::diag::Code;
use crate::verify::scene::{Report, Role, Scene, Whole, listed};

pub fn check(scene: &Scene<'_>, report: &mut Report) {
    let state = scene.state;
    for (machine, upstreams) in state.balancers.iter() {
        let gone: Vec<_> = upstreams.iter().filter(|upstream| !state.serves(upstream)).collect();
        if !gone.is_empty() || upstreams.is_empty() {
            let text = format!(
                "expected the load balancer on {machine} to lead to API servers that serve; it leads to {}, of which these do not: {}",
                listed(upstreams),
                listed(gone)
            );
            let finding =
                scene.finding(Code::V104, text).why("Connections to a machine that is gone hang until they time out, one in so many.");
            report.at(scene, machine.as_str(), finding.help("Lead it to those that stay before the others go, or stop it first."));
        }
    }
}

pub fn check_the_end(whole: &Whole<'_>, report: &mut Report) {
    let target = &whole.migration.target;
    if whole.migration.cluster.balancer.is_none() {
        return;
    }
    let wanted: BTreeSet<_> = Role::ControlPlane.names(target).collect();
    for name in Role::ControlPlane.names(target) {
        let found: BTreeSet<_> = whole.end.balancers.upstreams(name).unwrap_or_default().iter().collect();
        if found != wanted {
            let text = format!(
                "expected the load balancer on {name} to lead to {}; it leads to {}",
                listed(wanted.iter().copied()),
                listed(found)
            );
            report.whole(format!("load balancer on {name}"), Role::ControlPlane.finding(Code::V501, target, Some(name), text));
        }
    }
}
