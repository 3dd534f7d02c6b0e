//! Where one API server writes at a time: which control planes lie ready, and where what decides about nodes runs.
//!
//! Does not know which API server serves: `api` does.

use std::collections::BTreeMap;

use crate::model::{MachineName, Migration};

#[derive(Debug, Clone, Default)]
pub struct Writers {
    /// Control planes of which nothing runs yet, with the etcd members on which they will keep their data.
    pub installed: BTreeMap<MachineName, Vec<MachineName>>,
    /// Where controllers and the scheduler run; nowhere while nodes look for the API.
    pub controllers: Option<MachineName>,
}

impl Writers {
    /// `None` where several API servers write side by side, and controllers agree on who leads.
    pub fn of(migration: &Migration) -> Option<Self> {
        let controllers = migration.source.control_plane.first().map(|role| role.value.clone());
        migration.cluster.distribution.one_api_server_writes().then(|| Self { installed: BTreeMap::new(), controllers })
    }
}
