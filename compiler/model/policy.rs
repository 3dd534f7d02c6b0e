//! What the owners insist on.
//!
//! Does not know which plans obey it: that is judged in `verify`.

use crate::source::Located;

#[derive(Debug, Clone)]
pub struct Policy {
    pub order: Located<Order>,
    pub etcd_join: Located<EtcdJoin>,
    /// How many etcd members may fail at any moment of the migration.
    pub minimum_etcd_tolerance: Located<u32>,
}

/// Whether a newcomer arrives before the one that it replaces leaves. Concerns etcd members and workers;
/// control planes are always added first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    AddThenRemove,
    RemoveThenAdd,
}

/// How a member enters etcd.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EtcdJoin {
    /// As a learner that does not vote until it has caught up (etcd 3.4 and later).
    Learner,
    /// As a voter at once: quorum counts it before it has started.
    Voter,
}
