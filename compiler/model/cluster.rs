//! What both ends of the migration share.
//!
//! Does not know who plays which role. What belongs to one distribution only stands in that distribution's file.

use indexmap::IndexMap;

use super::keepalived_pod::{self, GivenPriorities};
use super::{
    AbsolutePath, Balancer, Cidr, ClusterName, Datastore, EtcdDeployment, EtcdProcess, FlagName, FlagValue, InterfaceName, K3s, Kubeadm,
    Kubean, MachineName, MemberName, OperatingSystem, Port, RouterId, SecretReference, Systemd, Token, UserName,
};
use crate::source::{Located, Place};

#[derive(Debug, Clone)]
pub struct Cluster {
    pub name: ClusterName,
    pub distribution: Distribution,
    pub etcd: EtcdSettings,
    pub virtual_ip: Option<VirtualIp>,
    /// On every control plane, in front of all API servers.
    pub balancer: Option<Balancer>,
}

impl Cluster {
    /// The port at which clients reach the API on a control plane, or at the virtual IP: through the load balancer, where there is one.
    pub fn endpoint_port(&self) -> Port {
        self.balancer.as_ref().map_or(self.distribution.api_port(), |balancer| balancer.port)
    }
}

#[derive(Debug, Clone)]
pub enum Distribution {
    K3s(Box<K3s>),
    Kubean(Box<Kubean>),
    Kubeadm(Box<Kubeadm>),
    Systemd(Box<Systemd>),
}

/// Which control planes take pods of everybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PodsOnControlPlanes {
    Never,
    /// On those of the source, and not on those that join.
    Source,
    Always,
}

/// How a machine's roles come and go. Planning and judging ask this, never which distribution it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoleTravel {
    /// Each role by itself: etcd is not the distribution's business.
    Apart,
    /// All at once: an installer with an inventory adds and removes a machine with everything that it is.
    Together,
    /// All at once, and nobody keeps a list: a server that joins is a member of etcd, and is none any more when its node is deleted.
    WithTheServer,
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
            Distribution::Kubeadm(kubeadm) => kubeadm.api_server_port,
            Distribution::Systemd(systemd) => systemd.api_server_port,
        }
    }

    /// How API servers are spoken to: `http` or `https`.
    pub fn api_scheme(&self) -> &'static str {
        match self {
            Distribution::K3s(_) | Distribution::Kubean(_) | Distribution::Kubeadm(_) => "https",
            Distribution::Systemd(_) => "http",
        }
    }

    /// Whether a control plane is a node of the cluster as well.
    pub fn control_planes_are_nodes(&self) -> bool {
        match self {
            Distribution::K3s(_) | Distribution::Kubean(_) | Distribution::Kubeadm(_) => true,
            Distribution::Systemd(_) => false,
        }
    }

    /// Whether one API server writes at a time: the old one has stopped before the new one starts, and what decides about nodes waits
    /// until all of them have found it.
    pub fn one_api_server_writes(&self) -> bool {
        match self {
            Distribution::K3s(_) | Distribution::Kubean(_) | Distribution::Kubeadm(_) => false,
            Distribution::Systemd(_) => true,
        }
    }

    /// How many nodes that stay are told of a move in one step: at least one.
    pub fn nodes_in_a_step(&self) -> usize {
        match self {
            Distribution::K3s(_) | Distribution::Kubean(_) | Distribution::Kubeadm(_) => 1,
            Distribution::Systemd(systemd) => systemd.in_batches_of.max(1),
        }
    }

    /// Whether the cluster's DNS keeps its records in the cluster's etcd, and so must be told of both ends' machines.
    pub fn dns_is_in_etcd(&self) -> bool {
        match self {
            Distribution::K3s(_) | Distribution::Kubean(_) | Distribution::Kubeadm(_) => false,
            Distribution::Systemd(systemd) => systemd.dns.is_some(),
        }
    }

    pub fn role_travel(&self) -> RoleTravel {
        match self {
            Distribution::K3s(k3s) => match k3s.datastore {
                Datastore::External => RoleTravel::Apart,
                Datastore::Embedded => RoleTravel::WithTheServer,
            },
            Distribution::Kubeadm(_) | Distribution::Systemd(_) => RoleTravel::Apart,
            Distribution::Kubean(_) => RoleTravel::Together,
        }
    }

    /// The priorities of candidates for the virtual IP, where whoever installs servers makes every one of them a candidate. Then the
    /// address moves with them, and is not the plan's to move.
    pub fn priorities_of_servers(&self) -> Option<GivenPriorities> {
        match self {
            Distribution::K3s(k3s) => k3s.ocboot.as_ref().map(|_| keepalived_pod::PRIORITIES),
            Distribution::Kubean(_) | Distribution::Kubeadm(_) | Distribution::Systemd(_) => None,
        }
    }

    /// Whether a server is a candidate for the virtual IP from the moment when it joins until it leaves.
    pub fn virtual_ip_comes_with_servers(&self) -> bool {
        self.priorities_of_servers().is_some()
    }

    /// Whether an installer's list of machines says who belongs to the cluster.
    pub fn has_inventory(&self) -> bool {
        match self.role_travel() {
            RoleTravel::Apart | RoleTravel::WithTheServer => false,
            RoleTravel::Together => true,
        }
    }

    pub fn worker_access(&self) -> WorkerAccess {
        match self {
            Distribution::K3s(_) | Distribution::Kubeadm(_) | Distribution::Systemd(_) => WorkerAccess::JoinAddress,
            Distribution::Kubean(kubean) if kubean.load_balancer.is_some() => WorkerAccess::LoadBalancer,
            Distribution::Kubean(_) => WorkerAccess::OwnProxy,
        }
    }

    /// Whether pods of everybody are scheduled to control planes.
    pub fn pods_on_control_planes(&self) -> PodsOnControlPlanes {
        match self {
            Distribution::K3s(_) => PodsOnControlPlanes::Always,
            Distribution::Kubean(kubean) if kubean.control_plane_takes_pods => PodsOnControlPlanes::Always,
            Distribution::Kubean(_) => PodsOnControlPlanes::Never,
            Distribution::Kubeadm(kubeadm) => kubeadm.takes_pods,
            Distribution::Systemd(_) => PodsOnControlPlanes::Never,
        }
    }

    /// Whether a node can become a control plane, and a control plane a mere node, without leaving the cluster.
    pub fn nodes_change_roles(&self) -> bool {
        match self {
            Distribution::K3s(_) | Distribution::Kubean(_) | Distribution::Systemd(_) => false,
            Distribution::Kubeadm(_) => true,
        }
    }

    /// Whether the pod network keeps its data in the cluster's etcd, beside the API servers.
    pub fn network_is_in_etcd(&self) -> bool {
        match self {
            Distribution::K3s(_) | Distribution::Kubean(_) => false,
            Distribution::Kubeadm(kubeadm) => kubeadm.calico.is_some(),
            Distribution::Systemd(systemd) => systemd.flannel.is_some(),
        }
    }

    /// Whether the kubelet of a control plane goes by the address that workers are given, and not by its own API server (kubeadm v1.15 to
    /// v1.30: `controlPlaneEndpoint`).
    pub fn control_planes_have_an_address(&self) -> bool {
        match self {
            Distribution::K3s(_) | Distribution::Kubean(_) | Distribution::Systemd(_) => false,
            Distribution::Kubeadm(_) => true,
        }
    }

    /// Whether objects of the cluster say where its API servers and its etcd are, for machines that join later and for whoever watches.
    pub fn publishes_its_control_plane(&self) -> bool {
        match self {
            Distribution::K3s(_) | Distribution::Kubean(_) | Distribution::Systemd(_) => false,
            Distribution::Kubeadm(_) => true,
        }
    }

    /// Whether an API server keeps its data on the etcd member of its own machine, and asks no other.
    pub fn api_server_uses_its_own_member(&self) -> bool {
        match self {
            Distribution::K3s(k3s) => k3s.datastore == Datastore::Embedded,
            Distribution::Kubeadm(_) | Distribution::Systemd(_) => false,
            Distribution::Kubean(kubean) => kubean.etcd_deployment == EtcdDeployment::Kubeadm,
        }
    }

    /// Whether packages of an operating system must be brought to where machines find them.
    pub fn imports_packages_of(&self, os: &OperatingSystem) -> bool {
        match self {
            Distribution::K3s(_) | Distribution::Kubeadm(_) | Distribution::Systemd(_) => false,
            Distribution::Kubean(kubean) => {
                kubean.offline.as_ref().is_some_and(|offline| offline.imports.iter().any(|(imported, _)| imported == os))
            }
        }
    }

    /// How many of `members` etcd members are restarted at once when the members' configuration changes; 0 where a step never does so.
    pub fn etcd_restarts_at_once(&self, members: usize) -> usize {
        match self {
            Distribution::K3s(_) | Distribution::Kubeadm(_) | Distribution::Systemd(_) => 0,
            Distribution::Kubean(kubean) => kubean.etcd_restarts_at_once(members),
        }
    }
}

/// The etcd behind the API: members that the plan runs itself, or what the distribution sets up.
#[derive(Debug, Clone)]
pub struct EtcdSettings {
    pub api: EtcdApi,
    pub process: EtcdProcess,
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

/// One of etcd's two APIs. What is kept in one is not seen through the other, and only v3 knows learners and a move of the lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EtcdApi {
    V2,
    V3,
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
