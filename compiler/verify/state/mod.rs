//! The cluster as the judge sees it at one moment.
//!
//! Responsible for: the facts that invariants ask about, starting from the source. Holds counts where a list would make a step
//! cost more in a larger cluster. Does not know what changes them: that is `effects`.

mod api;
mod balancers;
mod dns;
mod etcd;
mod installer;
mod network;
mod nodes;
mod published;
mod records;
mod storage;
mod virtual_ip;
mod writers;

pub use api::{ApiServer, ApiServers, Certificate, Serving};
pub use balancers::Balancers;
pub use dns::Dns;
pub use etcd::{Etcd, Member};
pub use installer::Installer;
pub use network::Network;
pub use nodes::{NodeRole, Nodes};
pub use published::Published;
pub use records::Records;
pub use storage::{Contents, Storage, StoredApplication, Volume};
pub use virtual_ip::{Candidate, Configuration, VirtualIpState, skew_milliseconds};
pub use writers::Writers;

use crate::model::{JoinAddress, MachineName, Migration};

#[derive(Debug, Clone)]
pub struct State {
    pub etcd: Etcd,
    pub api: ApiServers,
    pub virtual_ip: VirtualIpState,
    pub nodes: Nodes,
    pub installer: Installer,
    pub balancers: Balancers,
    pub network: Network,
    /// `None` where the cluster's DNS keeps nothing in etcd.
    pub dns: Option<Dns>,
    /// `None` where several API servers write side by side.
    pub writers: Option<Writers>,
    /// Where the service proxies of all nodes reach the API; `None` where they have no address of their own.
    pub service_proxies: Option<JoinAddress>,
    /// What the cluster says of itself: API servers, and members of etcd. Empty where it says nothing.
    pub published: Published,
    /// Where the operator's own commands reach the API.
    pub workstation: JoinAddress,
    pub storage: Storage,
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
            balancers: Balancers::of(migration),
            network: Network::of(migration),
            dns: Dns::of(migration),
            writers: Writers::of(migration),
            service_proxies: migration.cluster.distribution.publishes_its_control_plane().then(|| source.join_address.value.clone()),
            published: Published::of(migration),
            workstation: source.join_address.value.clone(),
            storage: Storage::of(migration),
            records: Records::default(),
        }
    }

    /// An API server answers only with an etcd member behind it that runs.
    pub fn serves(&self, machine: &MachineName) -> bool {
        self.api.get(machine).is_some_and(|server| server.serving == Serving::Up)
    }

    /// Whether a client that comes to this machine at the published port gets an answer: from its load balancer, where there are any.
    pub fn answers(&self, machine: &MachineName, migration: &Migration) -> bool {
        if migration.cluster.balancer.is_none() {
            return self.serves(machine);
        }
        self.balancers.upstreams(machine).is_some_and(|upstreams| upstreams.iter().any(|upstream| self.serves(upstream)))
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
        } else if self.api.get(machine).is_some_and(|server| server.serving != Serving::Stopped) {
            Some("a control plane")
        } else if self.nodes.get(machine).is_some() {
            Some("a worker")
        } else {
            None
        }
    }

    /// Whether a worker or the workstation is given this address.
    pub fn is_used(&self, address: &JoinAddress) -> bool {
        self.workstation == *address || self.service_proxies.as_ref() == Some(address) || self.nodes.addresses().any(|used| used == address)
    }

    /// The virtual IP counts from the first candidate on. When the target drops it, it counts until the last candidate has
    /// stopped and the last client has left.
    pub fn virtual_ip_is_published(&self, migration: &Migration) -> bool {
        self.virtual_ip.exists
            && (!migration.target.virtual_ip.is_empty() || !self.virtual_ip.candidates.is_empty() || self.is_used(&JoinAddress::VirtualIp))
    }
}
