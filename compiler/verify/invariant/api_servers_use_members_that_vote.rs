//! API servers keep their data on etcd members that vote.
//!
//! A learner answers no writes, and an address at which nobody listens yet answers nothing. Whether enough of the list is left
//! when a host fails is not asked here: then the API server counts as lost with that host.

use crate::diag::Code;
use crate::ir::Action;
use crate::verify::scene::{Report, Scene, listed};
use crate::verify::state::{ApiServer, Serving};

/// Asked when a list is written.
pub fn check_configuration(scene: &Scene<'_>, report: &mut Report) {
    let (Action::AddControlPlane { machine, datastore } | Action::RepointControlPlane { machine, datastore }) = &scene.step.action else {
        return;
    };
    let etcd = &scene.state.etcd;
    let silent: Vec<_> = datastore.iter().filter(|member| !etcd.is_live_voter(member)).collect();
    if !silent.is_empty() || datastore.is_empty() {
        let text = format!("expected {machine} to use some of the voters {}; found {}", listed(etcd.voters()), listed(datastore));
        report.at(scene, machine.as_str(), scene.finding(Code::V209, text).why("A machine that is no voting member answers no writes."));
    }
}

/// Asked at every moment, for the lists that were written earlier.
pub fn check(scene: &Scene<'_>, report: &mut Report) {
    let etcd = &scene.state.etcd;
    // One on a machine that does not answer asks nobody.
    let asks = |server: &ApiServer| server.serving != Serving::Failed;
    for (name, server) in scene.state.api.iter().filter(|(_, server)| asks(server)) {
        // A list with a machine that has left is reported as the address that outlived it.
        let registered = server.datastore.iter().all(|member| etcd.member(member).is_some());
        if registered && !server.datastore.is_empty() && !server.datastore.iter().any(|member| etcd.is_live_voter(member)) {
            let text = format!("expected a live voter among {}{}; found none", listed(&server.datastore), scene.when());
            report.at(scene, name.as_str(), scene.finding(Code::V209, text));
        }
    }
}
