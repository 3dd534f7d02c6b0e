//! What both ends of a migration share, as written: distribution, etcd, virtual address, secrets.
//!
//! Does not know who plays which role.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::flag::FlagValue;
use super::k3s::K3s;
use super::kubeadm::{Balancer, Kubeadm};
use super::kubean::Kubean;
use super::systemd::Systemd;
use super::word;

/// What both ends share.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Cluster {
    /// The cluster's name: a DNS label.
    pub name: word::Label,
    /// Exactly one Kubernetes distribution.
    pub distribution: Distribution,
    /// The etcd that runs outside the distribution.
    pub etcd: Option<Etcd>,
    /// An address that keepalived moves between machines.
    pub virtual_ip: Option<VirtualIp>,
    /// nginx on every control plane, in front of all API servers. Only with `kubeadm`.
    pub load_balancer: Option<Balancer>,
}

/// Exactly one of these.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(extend("minProperties" = 1, "maxProperties" = 1))]
pub struct Distribution {
    /// k3s, over an external etcd or with etcd inside its servers.
    pub k3s: Option<K3s>,
    /// kubespray, driven by kubean's operator.
    pub kubean: Option<Kubean>,
    /// Control planes and nodes as kubeadm sets them up.
    pub kubeadm: Option<Kubeadm>,
    /// Binaries that run as units, their API server at a port without TLS.
    pub systemd: Option<Systemd>,
}

/// An etcd outside the distribution: `etcd.service` on its members, where nothing else is said.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Etcd {
    /// The API in which the cluster keeps its data. Only with `systemd`: `v2`, as Kubernetes up to v1.5 needs it.
    #[serde(default)]
    pub api: EtcdApi,
    /// What runs the members, where it is not `etcd.service`. Only with `kubeadm`.
    pub runs: Option<EtcdRuns>,
    /// The port of every member for clients.
    #[serde(default = "client_port")]
    #[schemars(range(min = 1, max = 65535))]
    pub client_port: u16,
    /// The port of every member for other members.
    #[serde(default = "peer_port")]
    #[schemars(range(min = 1, max = 65535))]
    pub peer_port: u16,
    /// etcd's `--data-dir`.
    #[serde(default = "data_dir")]
    pub data_dir: word::AbsolutePath,
    /// The directory of `etcd` and `etcdctl` on every member; of `etcdctl` alone, where members are pods.
    #[serde(default = "binary_directory")]
    pub binary_directory: word::AbsolutePath,
    /// etcd's `--initial-cluster-token`. Not a secret.
    #[serde(default = "cluster_token")]
    pub cluster_token: word::PlainWord,
    /// The user who runs etcd; `root`, where members are pods.
    #[serde(default = "user")]
    pub user: word::UserName,
    /// Certificates for clients and peers, or `none` for plain HTTP on purpose. Absent: plain HTTP with a warning.
    pub tls: Option<Tls>,
    /// Members whose `--name` is not the machine's name.
    #[serde(default)]
    #[schemars(schema_with = "super::by_machine::<word::PlainWord>")]
    pub member_names: IndexMap<word::MachineName, word::PlainWord>,
    /// Further flags that every member runs with, without their dashes, such as `quota-backend-bytes`. Members that join run with
    /// them too.
    #[serde(default)]
    #[schemars(schema_with = "flags")]
    pub flags: IndexMap<word::FlagName, FlagValue>,
}

impl Default for Etcd {
    fn default() -> Self {
        Self {
            api: EtcdApi::V3,
            runs: None,
            client_port: client_port(),
            peer_port: peer_port(),
            data_dir: data_dir(),
            binary_directory: binary_directory(),
            cluster_token: cluster_token(),
            user: user(),
            tls: None,
            member_names: IndexMap::new(),
            flags: IndexMap::new(),
        }
    }
}

/// One of etcd's two APIs. What is kept in one is not seen through the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum EtcdApi {
    V2,
    #[default]
    V3,
}

/// What runs the members of etcd.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct EtcdRuns {
    /// A static pod on each member, whose machine is a node of the cluster at both ends. It is outside kubeadm all the same: its
    /// members are `etcd.external` to it.
    pub static_pod: StaticPod,
}

/// A member as a pod that its machine's kubelet runs from a file. The host needs `etcdctl` in `binaryDirectory`, and no `etcd`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct StaticPod {
    /// The image that the members run today, with a tag or a digest, such as `registry.k8s.io/etcd:3.5.9-0`.
    pub image: word::ImageReference,
    /// The manifest on every member. Its directory is the kubelet's `staticPodPath`.
    #[serde(default = "manifest")]
    pub manifest: word::AbsolutePath,
}

fn manifest() -> word::AbsolutePath {
    word::AbsolutePath("/etc/kubernetes/manifests/etcd.yaml".into())
}

fn client_port() -> u16 {
    2379
}

fn peer_port() -> u16 {
    2380
}

fn data_dir() -> word::AbsolutePath {
    word::AbsolutePath("/var/lib/etcd".into())
}

fn binary_directory() -> word::AbsolutePath {
    word::AbsolutePath("/usr/local/bin".into())
}

fn instance() -> word::PlainWord {
    word::PlainWord("VI_1".into())
}

fn cluster_token() -> word::PlainWord {
    word::PlainWord("etcd-cluster".into())
}

fn user() -> word::UserName {
    word::UserName("root".into())
}

/// `none`, or the paths of the certificates.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Tls {
    None(NoTls),
    Files(TlsFiles),
}

/// Plain HTTP on purpose.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum NoTls {
    None,
}

/// Where the certificates lie: the same paths on every machine, each machine its own files.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct TlsFiles {
    /// The certificate of the authority that signed all others.
    pub ca: word::AbsolutePath,
    /// A member's certificate, for clients and peers.
    pub certificate: word::AbsolutePath,
    /// The key of `certificate`.
    pub key: word::AbsolutePath,
    /// The certificate of API servers and etcdctl.
    pub client_certificate: word::AbsolutePath,
    /// The key of `clientCertificate`.
    pub client_key: word::AbsolutePath,
}

/// An address that keepalived moves between machines (VRRP version 2).
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct VirtualIp {
    /// The address with the prefix length of its network, such as `10.20.0.100/24`.
    pub address: word::Network,
    /// The interface that carries the address on every candidate.
    pub interface: word::InterfaceName,
    /// The name of keepalived's `vrrp_instance`. Candidates that run today must have the same: a reload under another name drops
    /// the address.
    #[serde(default = "instance")]
    pub instance: word::PlainWord,
    /// VRRP's `virtual_router_id`, unique in the network.
    #[schemars(range(min = 1, max = 255))]
    pub router_id: u8,
    /// VRRP's `auth_pass`, by reference. Leave it out where today's candidates have none; with an IPv6 address there is none.
    pub password: Option<Secret>,
    /// The priorities that keepalived has today, where known.
    #[serde(default)]
    #[schemars(schema_with = "priorities")]
    pub source_priorities: IndexMap<word::MachineName, u8>,
}

fn flags(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
    let names = generator.subschema_for::<word::FlagName>();
    let values = generator.subschema_for::<FlagValue>();
    schemars::json_schema!({"type": "object", "propertyNames": names, "additionalProperties": values})
}

fn priorities(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
    let names = generator.subschema_for::<word::MachineName>();
    let values = schemars::json_schema!({"type": "integer", "minimum": 1, "maximum": 254});
    schemars::json_schema!({"type": "object", "propertyNames": names, "additionalProperties": values})
}

/// Where a secret is kept: exactly one of the two. The secret itself never stands in a spec.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(extend("minProperties" = 1, "maxProperties" = 1, "x-secret" = true))]
pub struct Secret {
    /// A file on the machine that needs the secret.
    pub file: Option<word::AbsolutePath>,
    /// A variable in the environment of the workstation that executes the plan.
    pub env: Option<word::EnvironmentName>,
}
