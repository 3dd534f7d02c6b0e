//! What the cluster's DNS goes by, where it keeps its records in etcd.
//!
//! Does not know which programs it is made of.

use crate::model::{MachineName, Migration};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dns {
    /// The control plane that it watches for services.
    pub server: MachineName,
    /// The etcd members that hold its records.
    pub datastore: Vec<MachineName>,
}

impl Dns {
    /// `None` where it is no business of the plan.
    pub fn of(migration: &Migration) -> Option<Self> {
        let source = &migration.source;
        let server = source.control_plane.first().filter(|_| migration.cluster.distribution.dns_is_in_etcd())?;
        Some(Self { server: server.value.clone(), datastore: source.etcd.iter().map(|role| role.value.clone()).collect() })
    }
}
