//! What both ends of the migration share.
//!
//! Does not know who plays which role. What belongs to one distribution only stands in that distribution's file.

use indexmap::IndexMap;

use super::{
    AbsolutePath, Cidr, ClusterName, EtcdDeployment, FlagName, FlagValue, InterfaceName, K3s, Kubean, MachineName, MemberName,
    OperatingSystem, Port, RouterId, SecretReference, Token, UserName,
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
    K3s(Box<K3s>),
    Kubean(Box<Kubean>),
}

/// How a machine's roles come and go. Planning and judging ask this, never which distribution it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoleTravel {
    /// Each role by itself: etcd is not the distribution's business.
    Apart,
    /// All at once: an installer with an inventory adds and removes a machine with everything that it is.
    Together,
}

/// How workers reach the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorkerAccess {
    /// At the join address of the spec.
    JoinAddress,
    /// Through a proxy of their own, which is told of control planes when the whole inventory is applied.
    OwnProxy,
    /// Through an address that the plan does not manage.
    LoadBalancer,
}

impl Distribution {
    /// The port on which every API server listens.
    pub fn api_port(&self) -> Port {
        match self {
            Distribution::K3s(k3s) => k3s.https_listen_port,
            Distribution::Kubean(_) => Port::KUBERNETES,
        }
    }

    pub fn role_travel(&self) -> RoleTravel {
        match self {
            Distribution::K3s(_) => RoleTravel::Apart,
            Distribution::Kubean(_) => RoleTravel::Together,
        }
    }

    pub fn worker_access(&self) -> WorkerAccess {
        match self {
            Distribution::K3s(_) => WorkerAccess::JoinAddress,
            Distribution::Kubean(kubean) if kubean.load_balancer.is_some() => WorkerAccess::LoadBalancer,
            Distribution::Kubean(_) => WorkerAccess::OwnProxy,
        }
    }

    /// Whether pods are scheduled to control planes.
    pub fn control_plane_takes_pods(&self) -> bool {
        match self {
            Distribution::K3s(_) => true,
            Distribution::Kubean(kubean) => kubean.control_plane_takes_pods,
        }
    }

    /// Whether an API server keeps its data on the etcd member of its own machine, and asks no other.
    pub fn api_server_uses_its_own_member(&self) -> bool {
        match self {
            Distribution::K3s(_) => false,
            Distribution::Kubean(kubean) => kubean.etcd_deployment == EtcdDeployment::Kubeadm,
        }
    }

    /// Whether packages of an operating system must be brought to where machines find them.
    pub fn imports_packages_of(&self, os: &OperatingSystem) -> bool {
        match self {
            Distribution::K3s(_) => false,
            Distribution::Kubean(kubean) => {
                kubean.offline.as_ref().is_some_and(|offline| offline.imports.iter().any(|(imported, _)| imported == os))
            }
        }
    }

    /// How many of `members` etcd members are restarted at once when the members' configuration changes; 0 where a step never does so.
    pub fn etcd_restarts_at_once(&self, members: usize) -> usize {
        match self {
            Distribution::K3s(_) => 0,
            Distribution::Kubean(kubean) => kubean.etcd_restarts_at_once(members),
        }
    }
}

/// The etcd behind the API: an `etcd.service` outside the Kubernetes distribution, or what the distribution sets up.
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
            EtcdTls::Files(_) | EtcdTls::Kubespray(_) => "https",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EtcdTls {
    /// Plain HTTP, for clients and peers.
    None,
    Files(TlsFiles),
    /// Where kubespray puts them: by the machine's name, or where kubeadm does.
    Kubespray(EtcdDeployment),
}

impl EtcdTls {
    /// The files on one machine; none for plain HTTP.
    pub fn files_of(&self, machine: &str) -> Option<TlsFiles> {
        let paths = |paths: [String; 5]| {
            let [ca, certificate, key, client_certificate, client_key] = paths.map(|path| AbsolutePath::parse(&path).ok());
            Some(TlsFiles {
                ca: ca?,
                certificate: certificate?,
                key: key?,
                client_certificate: client_certificate?,
                client_key: client_key?,
            })
        };
        match self {
            EtcdTls::None => None,
            EtcdTls::Files(files) => Some(files.clone()),
            // kubespray v2.23 to v2.31: roles/etcd/tasks/join_etcd_member.yml, roles/remove-node/remove-etcd-node.
            EtcdTls::Kubespray(EtcdDeployment::Host) => {
                let file = |name: String| format!("/etc/ssl/etcd/ssl/{name}.pem");
                let [member, admin] = ["member", "admin"].map(|kind| format!("{kind}-{machine}"));
                paths([
                    file("ca".into()),
                    file(member.clone()),
                    file(format!("{member}-key")),
                    file(admin.clone()),
                    file(format!("{admin}-key")),
                ])
            }
            EtcdTls::Kubespray(EtcdDeployment::Kubeadm) => {
                let file = |name: &str| format!("/etc/kubernetes/ssl/etcd/{name}");
                paths([file("ca.crt"), file("server.crt"), file("server.key"), file("server.crt"), file("server.key")])
            }
        }
    }
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
