//! What a cluster says of itself in its own objects: to machines that join later, and to whoever watches it.
//!
//! Does not know in which objects.

use crate::model::{MachineName, Migration};

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Published {
    pub servers: Vec<MachineName>,
    pub datastore: Vec<MachineName>,
}

impl Published {
    pub fn of(migration: &Migration) -> Self {
        if !migration.cluster.distribution.publishes_its_control_plane() {
            return Self::default();
        }
        let source = &migration.source;
        Self {
            servers: source.control_plane.iter().map(|role| role.value.clone()).collect(),
            datastore: source.etcd.iter().map(|role| role.value.clone()).collect(),
        }
    }
}
