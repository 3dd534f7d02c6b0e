//! Source against target: who joins, who stays, who leaves, role by role, and who is rebuilt.
//!
//! Differences only, no order of steps. The spec's order is kept: it is the user's.

use crate::model::{MachineName, Migration};
use crate::source::Located;

type Role = Located<MachineName>;

/// One role at both ends.
#[derive(Debug, Default)]
pub struct RoleChange<'m> {
    /// Those that help out meanwhile, then those of the target only, in the target's order.
    pub joining: Vec<&'m Role>,
    /// At both ends, in the target's order.
    pub staying: Vec<&'m Role>,
    /// In the source only, in the source's order, then those that helped out.
    pub leaving: Vec<&'m Role>,
    /// At both ends, under another operating system, in the source's order.
    pub rebuilt: Vec<&'m Role>,
}

impl<'m> RoleChange<'m> {
    fn between(migration: &Migration, [source, target, temporary]: [&'m [Role]; 3]) -> Self {
        let names = |roles: &'m [Role]| roles.iter().map(|role| &role.value).collect::<std::collections::BTreeSet<_>>();
        let (before, after) = (names(source), names(target));
        let (staying, newcomers): (Vec<_>, Vec<_>) = target.iter().partition(|role| before.contains(&role.value));
        Self {
            joining: temporary.iter().chain(newcomers).collect(),
            staying,
            leaving: source.iter().filter(|role| !after.contains(&role.value)).chain(temporary).collect(),
            rebuilt: source.iter().filter(|role| migration.is_rebuilt(&role.value)).collect(),
        }
    }

    /// The same machines at both ends and meanwhile; one that is rebuilt is the same machine.
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
        let (source, target, temporary) = (&migration.source, &migration.target, &migration.temporary);
        let between = |ends| RoleChange::between(migration, ends);
        let mut workers = between([&source.workers, &target.workers, &temporary.workers]);
        // Who changes between worker and control plane neither joins nor leaves.
        workers.joining.retain(|role| !source.is_control_plane(&role.value));
        workers.leaving.retain(|role| !target.is_control_plane(&role.value));
        let mut virtual_ip = between([&source.virtual_ip, &target.virtual_ip, &[]]);
        // One that does not answer is no candidate any more.
        virtual_ip.leaving.retain(|role| !migration.is_failed(&role.value));
        // And one that comes back, installed anew, has to become one again.
        let (back, staying) = virtual_ip.staying.iter().partition(|role| migration.is_failed(&role.value));
        virtual_ip.staying = staying;
        virtual_ip.joining.extend::<Vec<&Role>>(back);
        Self {
            migration,
            control_plane: between([&source.control_plane, &target.control_plane, &temporary.control_plane]),
            workers,
            etcd: between([&source.etcd, &target.etcd, &temporary.etcd]),
            virtual_ip,
        }
    }

    /// Machines that only run workloads, of those that join, leave or are rebuilt: who is a member of etcd besides travels with those.
    pub fn only_workers(&self, roles: &[&'m Role]) -> Vec<&'m Role> {
        let migration = self.migration;
        let is_member = |role: &Role| migration.source.is_etcd_member(&role.value) || migration.becomes_etcd_member(&role.value);
        roles.iter().copied().filter(|role| !is_member(role)).collect()
    }

    /// Control planes to be that are workers before.
    pub fn promoted(&self) -> impl Iterator<Item = &'m Role> {
        self.control_plane.joining.iter().copied().filter(|role| self.migration.source.is_node(&role.value))
    }

    /// Control planes that are workers afterwards.
    pub fn demoted(&self) -> impl Iterator<Item = &'m Role> {
        self.control_plane.leaving.iter().copied().filter(|role| self.migration.target.is_node(&role.value))
    }

    pub fn is_nothing(&self) -> bool {
        let roles = [&self.control_plane, &self.workers, &self.etcd, &self.virtual_ip];
        let same = roles.iter().all(|role| role.is_nothing() && role.rebuilt.is_empty());
        same && !self.virtual_ip_is_reordered() && !self.inventory_is_reordered()
    }

    /// The same candidates in another order: their priorities change.
    pub fn virtual_ip_is_reordered(&self) -> bool {
        let order = |roles: &'m [Role]| roles.iter().map(|role| &role.value).collect::<Vec<_>>();
        self.virtual_ip.is_nothing() && order(&self.migration.source.virtual_ip) != order(&self.migration.target.virtual_ip)
    }

    /// The same machines in another order, where an installer's list gives order a meaning.
    pub fn inventory_is_reordered(&self) -> bool {
        let (source, target) = (&self.migration.source, &self.migration.target);
        let order = |roles: &'m [Role]| roles.iter().map(|role| &role.value).collect::<Vec<_>>();
        let differs = order(&source.control_plane) != order(&target.control_plane) || order(&source.etcd) != order(&target.etcd);
        self.migration.cluster.distribution.has_inventory() && differs
    }

    /// The virtual IP exists at the target and not at the source.
    pub fn virtual_ip_is_new(&self) -> bool {
        self.migration.source.virtual_ip.is_empty() && !self.migration.target.virtual_ip.is_empty()
    }
}
