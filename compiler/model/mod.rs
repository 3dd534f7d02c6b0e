//! What the user meant: valid by construction.
//!
//! Responsible for: types that cannot hold nonsense, and resolving the spec into them (`resolve`).
//! Does not know: steps, tools, or files. `resolve/` alone imports `spec`.

mod address;
mod cluster;
mod k3s;
mod machine;
mod migration;
mod name;
mod policy;
mod resolve;
mod topology;

pub use address::{Cidr, Port};
pub use cluster::{Cluster, Distribution, EtcdSettings, EtcdTls, TlsFiles, VirtualIp};
pub use k3s::{K3s, K3sVersion, Runtime};
pub use machine::{Leftovers, Machine, Pods, Ssh};
pub use migration::{Acceptance, AcceptanceScope, Hook, HookAnchor, HookCommand, HookMoment, HookPlace, Migration};
pub use name::{
    AbsolutePath, ClusterName, EnvironmentName, FlagName, FlagValue, HookId, InterfaceName, MachineName, MemberName, MigrationName,
    NameError, RouterId, SecretReference, Token, UserName,
};
pub use policy::{EtcdJoin, Order, Policy};
pub use resolve::resolve;
pub use topology::{JoinAddress, Topology};
