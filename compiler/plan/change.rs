//! Source against target: who joins, who stays, who leaves, role by role.
//!
//! Differences only, no order of steps. The spec's order is kept: it is the user's.

use crate::model::{MachineName, Migration};
use crate::source::Located;

type Role = Located<MachineName>;

/// One role at both ends.
#[derive(Debug, Default)]
pub struct RoleChange<'m> {
    /// In the target only, in the target's order.
    pub joining: Vec<&'m Role>,
    /// At both ends, in the target's order.
    pub staying: Vec<&'m Role>,
    /// In the source only, in the source's order.
    pub leaving: Vec<&'m Role>,
}

impl<'m> RoleChange<'m> {
    fn between(source: &'m [Role], target: &'m [Role]) -> Self {
        let names = |roles: &'m [Role]| roles.iter().map(|role| &role.value).collect::<std::collections::BTreeSet<_>>();
        let (before, after) = (names(source), names(target));
        let (staying, joining) = target.iter().partition(|role| before.contains(&role.value));
        Self { joining, staying, leaving: source.iter().filter(|role| !after.contains(&role.value)).collect() }
    }

    pub fn is_nothing(&self) -> bool {
        self.joining.is_empty() && self.leaving.is_empty()
    }
}

/// Everything that differs, with the migration it came from.
#[derive(Debug)]
pub struct Change<'m> {
    pub migration: &'m Migration,
    pub control_plane: RoleChange<'m>,
    pub workers: RoleChange<'m>,
    pub etcd: RoleChange<'m>,
    pub virtual_ip: RoleChange<'m>,
}

impl<'m> Change<'m> {
    pub fn between(migration: &'m Migration) -> Self {
        let (source, target) = (&migration.source, &migration.target);
        Self {
            migration,
            control_plane: RoleChange::between(&source.control_plane, &target.control_plane),
            workers: RoleChange::between(&source.workers, &target.workers),
            etcd: RoleChange::between(&source.etcd, &target.etcd),
            virtual_ip: RoleChange::between(&source.virtual_ip, &target.virtual_ip),
        }
    }

    pub fn is_nothing(&self) -> bool {
        let roles = [&self.control_plane, &self.workers, &self.etcd, &self.virtual_ip];
        roles.iter().all(|role| role.is_nothing()) && !self.virtual_ip_is_reordered()
    }

    /// The same candidates in another order: their priorities change.
    pub fn virtual_ip_is_reordered(&self) -> bool {
        let order = |roles: &'m [Role]| roles.iter().map(|role| &role.value).collect::<Vec<_>>();
        self.virtual_ip.is_nothing() && order(&self.migration.source.virtual_ip) != order(&self.migration.target.virtual_ip)
    }

    /// The virtual IP exists at the target and not at the source.
    pub fn virtual_ip_is_new(&self) -> bool {
        self.migration.source.virtual_ip.is_empty() && !self.migration.target.virtual_ip.is_empty()
    }
}
