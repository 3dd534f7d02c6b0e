//! API servers keep their data on etcd members that vote, and so does a pod network that keeps its own there.
//!
//! A learner answers no writes, and an address at which nobody listens yet answers nothing. Whether enough of the list is left
//! when a host fails is not asked here: then the API server counts as lost with that host.

use crate::diag::Code;
use crate::ir::Action;
use crate::model::{MachineName, RoleTravel};
use crate::verify::scene::{Report, Scene, listed};
use crate::verify::state::{ApiServer, Serving};

/// Asked when a list is written.
pub fn check_configuration(scene: &Scene<'_>, report: &mut Report) {
    let (who, datastore) = match &scene.step.action {
        Action::AddControlPlane { machine, datastore, .. } | Action::RepointControlPlane { machine, datastore } => {
            (machine.as_str(), datastore)
        }
        Action::InstallControlPlane { machine, datastore } | Action::HandOverControlPlane { to: machine, datastore, .. } => {
            (machine.as_str(), datastore)
        }
        Action::RepointNetwork { datastore } => ("the pod network", datastore),
        Action::RepointNodes { datastore, .. } if !datastore.is_empty() => ("the pod network", datastore),
        Action::RollDns { datastore, .. } => ("the DNS", datastore),
        _ => return,
    };
    let etcd = &scene.state.etcd;
    let silent: Vec<_> = datastore.iter().filter(|member| !etcd.is_live_voter(member)).collect();
    if !silent.is_empty() || datastore.is_empty() {
        let text = format!("expected {who} to use some of the voters {}; found {}", listed(etcd.voters()), listed(datastore));
        report.at(scene, who, scene.finding(Code::V209, text).why("A machine that is no voting member answers no writes."));
    }
}

/// Asked at every moment, for the lists that were written earlier.
pub fn check(scene: &Scene<'_>, report: &mut Report) {
    let etcd = &scene.state.etcd;
    let is_member_itself = scene.migration.cluster.distribution.role_travel() == RoleTravel::WithTheServer;
    // One that has stopped for good, or whose machine does not answer, asks nobody.
    let asks = |name: &MachineName, server: &ApiServer| match server.serving {
        Serving::Up => true,
        // One that is a member itself restarts together with it; elsewhere the two are processes of their own.
        Serving::Restarting => !is_member_itself || server.datastore != [name.clone()],
        Serving::Stopped | Serving::Failed => false,
    };
    for (name, server) in scene.state.api.iter().filter(|(name, server)| asks(name, server)) {
        // A list with a machine that has left is reported as the address that outlived it.
        let registered = server.datastore.iter().all(|member| etcd.member(member).is_some());
        if registered && !server.datastore.is_empty() && !server.datastore.iter().any(|member| etcd.is_live_voter(member)) {
            let text = format!("expected a live voter among {}{}; found none", listed(&server.datastore), scene.when());
            report.at(scene, name.as_str(), scene.finding(Code::V209, text));
        }
    }
    for network in scene.state.network.lists() {
        let registered = network.iter().all(|member| etcd.member(member).is_some());
        if registered && !network.iter().any(|member| etcd.is_live_voter(member)) {
            let text = format!(
                "expected a live voter among {}, on which the pod network keeps its data{}; found none",
                listed(network),
                scene.when()
            );
            report.at(scene, "network", scene.finding(Code::V209, text));
        }
    }
}
