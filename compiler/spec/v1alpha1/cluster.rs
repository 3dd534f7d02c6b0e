//! What both ends of a migration share, as written: distribution, etcd, virtual address, secrets.
//!
//! Does not know who plays which role.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::flag::FlagValue;
use super::k3s::K3s;
use super::kubean::Kubean;
use super::word;

/// What both ends share.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Cluster {
    /// The cluster's name: a DNS label.
    pub name: word::Label,
    /// Exactly one Kubernetes distribution.
    pub distribution: Distribution,
    /// The etcd that runs as `etcd.service` outside the distribution.
    pub etcd: Option<Etcd>,
    /// An address that keepalived moves between machines.
    pub virtual_ip: Option<VirtualIp>,
}

/// Exactly one of these. `kubeadm` and `systemd` are not supported yet.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(extend("minProperties" = 1, "maxProperties" = 1))]
pub struct Distribution {
    /// k3s over an external etcd.
    pub k3s: Option<K3s>,
    /// kubespray, driven by kubean's operator.
    pub kubean: Option<Kubean>,
    /// Not supported yet.
    pub kubeadm: Option<serde_json::Value>,
    /// Not supported yet.
    pub systemd: Option<serde_json::Value>,
}

/// An etcd that runs as `etcd.service` on its members.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Etcd {
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
    /// The directory of `etcd` and `etcdctl` on every member.
    #[serde(default = "binary_directory")]
    pub binary_directory: word::AbsolutePath,
    /// etcd's `--initial-cluster-token`. Not a secret.
    #[serde(default = "cluster_token")]
    pub cluster_token: word::PlainWord,
    /// The user who runs etcd.
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
