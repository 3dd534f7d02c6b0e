//! What has been done that leaves no trace in the cluster itself: backups, proofs, preparations.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{MachineName, OperatingSystem};

#[derive(Debug, Clone, Default)]
pub struct Records {
    pub etcd_backed_up: bool,
    pub control_plane_backed_up: bool,
    pub prepared: BTreeSet<MachineName>,
    pub cleaned: BTreeSet<MachineName>,
    pub membership_changed: bool,
    /// Members whose unit lists the members as they are since the last change.
    pub units_rewritten: BTreeSet<MachineName>,
    /// The members were compared after the last change.
    pub etcd_proved: bool,
    /// Workers that stay and were given an address.
    pub workers_repointed: BTreeSet<MachineName>,
    pub workstation_repointed: bool,
    pub service_proxies_repointed: bool,
    /// Machines of which a person has made sure that they do not come up again.
    pub fenced: BTreeSet<MachineName>,
    /// Servers that would find one that stays when they start.
    pub servers_described: BTreeSet<MachineName>,
    /// Operating systems whose packages machines find.
    pub packages: BTreeSet<OperatingSystem>,
    /// What was installed on machines in the course of the plan.
    pub reinstalled: BTreeMap<MachineName, OperatingSystem>,
}

impl Records {
    /// Every proof about etcd's members is about the members of that moment.
    pub fn membership_changes(&mut self) {
        self.membership_changed = true;
        self.units_rewritten.clear();
        self.etcd_proved = false;
    }
}
