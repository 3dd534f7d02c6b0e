//! The cluster as the judge sees it at one moment.
//!
//! Responsible for: the facts that invariants ask about, starting from the source. Holds counts where a list would make a step
//! cost more in a larger cluster. Does not know what changes them: that is `effects`.

mod api;
mod etcd;
mod installer;
mod nodes;
mod records;
mod virtual_ip;

pub use api::{ApiServer, ApiServers, Certificate, Serving};
pub use etcd::{Etcd, Member};
pub use installer::Installer;
pub use nodes::{NodeRole, Nodes};
pub use records::Records;
pub use virtual_ip::{Candidate, Configuration, VirtualIpState, skew_milliseconds};

use crate::model::{JoinAddress, MachineName, Migration};

#[derive(Debug, Clone)]
pub struct State {
    pub etcd: Etcd,
    pub api: ApiServers,
    pub virtual_ip: VirtualIpState,
    pub nodes: Nodes,
    pub installer: Installer,
    /// Where the operator's own commands reach the API.
    pub workstation: JoinAddress,
    pub records: Records,
}

impl State {
    /// The source at rest.
    pub fn source(migration: &Migration) -> Self {
        let source = &migration.source;
        Self {
            etcd: Etcd::of(migration),
            api: ApiServers::of(migration),
            virtual_ip: VirtualIpState::of(migration),
            nodes: Nodes::of(migration),
            installer: Installer::of(migration),
            workstation: source.join_address.value.clone(),
            records: Records::default(),
        }
    }

    /// An API server answers only with an etcd member behind it that runs.
    pub fn serves(&self, machine: &MachineName) -> bool {
        self.api.get(machine).is_some_and(|server| server.serving == Serving::Up)
    }

    /// The API servers that serve and that clients know of.
    pub fn reachable(&self) -> impl Iterator<Item = &MachineName> {
        self.api.serving().filter(|name| self.installer.proxies.as_ref().is_none_or(|known| known.contains(name)))
    }

    /// Whether the machine plays any role at this moment.
    pub fn role_of(&self, machine: &MachineName) -> Option<&'static str> {
        if self.etcd.member(machine).is_some() {
            Some("an etcd member")
        } else if self.virtual_ip.candidates.contains_key(machine) {
            Some("a candidate for the virtual IP")
        } else if self.api.get(machine).is_some() {
            Some("a control plane")
        } else if self.nodes.get(machine).is_some() {
            Some("a worker")
        } else {
            None
        }
    }

    /// Whether a worker or the workstation is given this address.
    pub fn is_used(&self, address: &JoinAddress) -> bool {
        self.workstation == *address || self.nodes.addresses().any(|used| used == address)
    }

    /// The virtual IP counts from the first candidate on. When the target drops it, it counts until the last candidate has
    /// stopped and the last client has left.
    pub fn virtual_ip_is_published(&self, migration: &Migration) -> bool {
        self.virtual_ip.exists
            && (!migration.target.virtual_ip.is_empty() || !self.virtual_ip.candidates.is_empty() || self.is_used(&JoinAddress::VirtualIp))
    }
}
