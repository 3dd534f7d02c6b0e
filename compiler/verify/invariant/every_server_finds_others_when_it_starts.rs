//! Every server finds others when it starts: what it reads then names somebody who is there in the end.
//!
//! A server whose data are gone asks there for the cluster. Where nobody answers any more it waits for ever, or founds a cluster of its
//! own beside the old one. Asked when a server has left, and where servers look for one another by themselves.

use crate::diag::Code;
use crate::model::{MachineName, RoleTravel};
use crate::verify::scene::{Report, Role, Whole, listed};

pub fn check(whole: &Whole<'_>, report: &mut Report) {
    let (migration, target) = (whole.migration, &whole.migration.target);
    // Whoever installs servers with the virtual IP tells each of them of it, and is asked again before one is begun anew.
    let is_told = migration.cluster.distribution.virtual_ip_comes_with_servers();
    let look_for_others = migration.cluster.distribution.role_travel() == RoleTravel::WithTheServer && !is_told;
    let somebody_leaves = Role::ControlPlane.names(&migration.source).any(|name| !target.is_control_plane(name));
    let is_alone = target.control_plane.len() == 1;
    if !look_for_others || !somebody_leaves || is_alone {
        return;
    }
    let described = &whole.end.records.servers_described;
    let serves = |name: &&MachineName| whole.end.serves(name);
    let lost: Vec<_> = Role::ControlPlane.names(target).filter(serves).filter(|name| !described.contains(*name)).collect();
    if let Some(first) = lost.first() {
        let text = format!(
            "expected each server to find one that stays when it starts; these may look for one that has left: {}",
            listed(lost.iter().copied())
        );
        let why = "A server whose data are lost asks there for the cluster. Where nobody answers it waits for ever, or founds another one.";
        report.whole("servers that find others", Role::ControlPlane.finding(Code::V501, target, Some(first), text).why(why));
    }
}
