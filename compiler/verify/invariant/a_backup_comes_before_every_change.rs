//! A backup comes before every change that restoring would have to undo.
//!
//! Etcd's data comes back from its snapshot alone only together with the join token and the certificate authority; a change of
//! control planes therefore needs both backups, a change of members the snapshot.

use crate::diag::Code;
use crate::ir::{Action, MachineRole};
use crate::verify::scene::{Report, Scene};

pub fn check(scene: &Scene<'_>, report: &mut Report) {
    let records = &scene.state.records;
    let members = matches!(
        scene.step.action,
        Action::AddEtcdMember { .. } | Action::RemoveEtcdMember { .. } | Action::JoinCluster { .. } | Action::LeaveCluster { .. }
    );
    let control_plane = changes_control_planes(scene);
    if !members && !control_plane {
        return;
    }
    if !records.etcd_backed_up {
        let text = "expected a snapshot of etcd, taken from a member, before this step; found none";
        report.at(scene, "etcd", scene.finding(Code::V207, text).why("There is no way back from a lost datastore without a snapshot."));
    }
    if control_plane && !records.control_plane_backed_up {
        let text =
            "expected a backup of the join token and the certificate authority, taken from a control plane, before this step; found none";
        let why = "A restored datastore is of use only with the token and the certificates with which it was made.";
        report.at(scene, "control-plane", scene.finding(Code::V207, text).why(why));
    }
}

fn changes_control_planes(scene: &Scene<'_>) -> bool {
    let (Action::RemoveNode { machine, .. } | Action::LeaveCluster { machine, .. }) = &scene.step.action else {
        return adds_control_planes(scene);
    };
    scene.state.api.get(machine).is_some()
}

fn adds_control_planes(scene: &Scene<'_>) -> bool {
    let installed = matches!(&scene.step.action, Action::JoinCluster { roles, .. } if roles.contains(&MachineRole::ControlPlane));
    let changes = matches!(
        scene.step.action,
        Action::AddControlPlane { .. }
            | Action::RepointControlPlane { .. }
            | Action::DemoteControlPlane { .. }
            | Action::HandOverControlPlane { .. }
    );
    installed || changes
}
