//! What an installer knows and has told others: its list, and who still goes by an older one.
//!
//! Does not know which installer it is.

use crate::ir::Inventory;
use crate::model::{MachineName, Migration, RoleTravel, WorkerAccess};
use crate::source::Located;

#[derive(Debug, Clone, Default)]
pub struct Installer {
    /// Empty for distributions without an installer.
    pub inventory: Inventory,
    /// The control planes that the workers' own proxies know; `None` where workers have none.
    pub proxies: Option<Vec<MachineName>>,
    /// The control plane to which machines that join are sent; `None` where that is no machine.
    pub bootstrap: Option<MachineName>,
    /// Works with the versions that run, and with the list of the spec.
    pub is_prepared: bool,
    /// Whether everybody was told of the order of the list.
    pub is_applied: bool,
    /// How many members of etcd are being restarted at this moment.
    pub restarting_members: usize,
}

impl Installer {
    pub fn of(migration: &Migration) -> Self {
        let source = &migration.source;
        let names = |roles: &[Located<MachineName>]| roles.iter().map(|role| role.value.clone()).collect::<Vec<_>>();
        let control_plane = names(&source.control_plane);
        let inventory = match migration.cluster.distribution.role_travel() {
            RoleTravel::Apart | RoleTravel::WithTheServer => Inventory::default(),
            RoleTravel::Together => {
                Inventory { control_plane: control_plane.clone(), workers: names(&source.workers), etcd: names(&source.etcd) }
            }
        };
        let (proxies, bootstrap) = match migration.cluster.distribution.worker_access() {
            WorkerAccess::OwnProxy => (Some(control_plane.clone()), control_plane.first().cloned()),
            WorkerAccess::JoinAddress | WorkerAccess::LoadBalancer => (None, None),
        };
        Self { inventory, proxies, bootstrap, is_prepared: false, is_applied: true, restarting_members: 0 }
    }
}
