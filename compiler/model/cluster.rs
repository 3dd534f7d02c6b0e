//! What both ends of the migration share.
//!
//! Does not know who plays which role. What belongs to one distribution only stands in that distribution's file.

use indexmap::IndexMap;

use super::{
    AbsolutePath, Cidr, ClusterName, FlagName, FlagValue, InterfaceName, K3s, MachineName, MemberName, Port, RouterId, SecretReference,
    Token, UserName,
};
use crate::source::{Located, Place};

#[derive(Debug, Clone)]
pub struct Cluster {
    pub name: ClusterName,
    pub distribution: Distribution,
    pub etcd: EtcdSettings,
    pub virtual_ip: Option<VirtualIp>,
}

#[derive(Debug, Clone)]
pub enum Distribution {
    K3s(K3s),
}

impl Distribution {
    /// The port on which every API server listens.
    pub fn api_port(&self) -> Port {
        match self {
            Distribution::K3s(k3s) => k3s.https_listen_port,
        }
    }
}

/// An etcd that runs as `etcd.service` on its members, outside the Kubernetes distribution.
#[derive(Debug, Clone)]
pub struct EtcdSettings {
    pub client_port: Port,
    pub peer_port: Port,
    pub data_dir: AbsolutePath,
    /// The directory of `etcd` and `etcdctl` on every member.
    pub binary_directory: AbsolutePath,
    pub cluster_token: Token,
    /// The user who runs etcd on every member.
    pub user: UserName,
    pub tls: EtcdTls,
    /// Only members whose `--name` is not the machine's name.
    pub member_names: IndexMap<MachineName, MemberName>,
    /// Further flags of every member, by name: the order of flags has no meaning, and must change no byte.
    pub flags: IndexMap<FlagName, FlagValue>,
    pub place: Place,
}

impl EtcdSettings {
    /// The member's `--name`.
    pub fn member_name<'a>(&'a self, machine: &'a MachineName) -> &'a str {
        self.member_names.get(machine).map_or(machine.as_str(), MemberName::as_str)
    }

    /// `http` or `https`, for clients and peers alike.
    pub fn scheme(&self) -> &'static str {
        match self.tls {
            EtcdTls::None => "http",
            EtcdTls::Files(_) => "https",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EtcdTls {
    /// Plain HTTP, for clients and peers.
    None,
    Files(TlsFiles),
}

/// Where the certificates lie: the same paths on every machine, each machine its own files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    pub ca: AbsolutePath,
    /// Serves clients and peers, and is the client certificate towards peers.
    pub certificate: AbsolutePath,
    pub key: AbsolutePath,
    /// For API servers and etcdctl.
    pub client_certificate: AbsolutePath,
    pub client_key: AbsolutePath,
}

/// An address that keepalived moves between machines (VRRP version 2).
#[derive(Debug, Clone)]
pub struct VirtualIp {
    pub address: Located<Cidr>,
    pub interface: InterfaceName,
    /// The name of keepalived's `vrrp_instance`. Candidates that run keep theirs: a reload under another name drops the address.
    pub instance: Token,
    pub router_id: RouterId,
    /// `None`: no authentication, as today. An IPv6 address speaks VRRP version 3, which has none (keepalived 2.2.7: exit 5).
    pub password: Option<SecretReference>,
    /// Priorities of the machines that may hold it today, where declared. The others are assumed, and proved by a
    /// precondition, to lie below every priority that the plan gives.
    pub source_priorities: IndexMap<MachineName, u8>,
    pub place: Place,
}
