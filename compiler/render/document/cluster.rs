//! The part of `plan.json` that says how the cluster is set up: what both ends share.
//!
//! With it, `topology` and `machines`, who has only the plan directory can build a copy of the cluster as it is before the plan.
//! Holds references to secrets, never a secret. Does not know who plays which role.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{OcbootDocument, SystemdDocument};

/// What both ends share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClusterDocument {
    /// A DNS label.
    pub name: String,
    pub distribution: DistributionDocument,
    pub etcd: EtcdDocument,
    /// Absent: no end has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub virtual_ip: Option<VirtualIpDocument>,
    /// Absent: clients reach API servers at their own port. Since 1.3.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub load_balancer: Option<LoadBalancerDocument>,
}

/// The Kubernetes distribution under its word in the spec: `{"k3s": {...}}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum DistributionDocument {
    K3s(K3sDocument),
    Kubean(KubeanDocument),
    Kubeadm(KubeadmDocument),
    Systemd(Box<SystemdDocument>),
}

/// Control planes and nodes as kubeadm sets them up, over an external etcd. Since 1.3.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct KubeadmDocument {
    /// The Kubernetes release, such as `v1.27.16`.
    pub version: String,
    /// The cluster's own `ClusterConfiguration`, its keys by name.
    pub configuration: serde_json::Value,
    /// The TCP port of every API server.
    pub api_server_port: u16,
    pub control_plane_takes_pods: TakesPodsDocument,
    /// Absent: the pod network keeps nothing in etcd.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calico: Option<CalicoDocument>,
    /// `Endpoints` objects with the addresses of all API servers: `namespace/name`.
    pub monitoring: Vec<String>,
}

/// Which control planes take pods of everybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum TakesPodsDocument {
    Never,
    /// Those of the source, and not those that join.
    Source,
    Always,
}

/// The names of Calico's objects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CalicoDocument {
    /// Calico's release.
    pub version: String,
    pub namespace: String,
    /// The ConfigMap that holds `etcd_endpoints`.
    pub config_map: String,
    pub node_daemon_set: String,
    pub controllers_deployment: String,
}

/// nginx on every control plane, in front of all API servers. Since 1.3.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LoadBalancerDocument {
    /// The TCP port at which clients reach the API through it.
    pub port: u16,
    /// Whether nginx does nothing else.
    pub is_whole: bool,
    /// The file of its configuration that the plan writes: an absolute path.
    pub file: String,
}

/// A cluster that kubean's operator manages with kubespray, from another cluster. Since 1.2.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct KubeanDocument {
    /// The operator's release, such as `v0.12.2`.
    pub version: String,
    /// The spray-job image of every operation.
    pub image: String,
    /// The kubespray release in the image.
    pub kubespray: String,
    /// `kube_version` in the form that the image expects.
    pub kube_version: String,
    pub etcd_deployment: EtcdDeploymentDocument,
    /// The kubeconfig of the cluster in which the operator runs: a file on the workstation.
    pub management_kubeconfig: String,
    /// The operator's namespace.
    pub namespace: String,
    /// The `clusters.kubean.io` resource.
    pub resource: String,
    /// The ConfigMap with `hosts.yml`.
    pub hosts_conf: String,
    /// The ConfigMap with `group_vars.yml`.
    pub vars_conf: String,
    /// The Secret with the operator's SSH key.
    pub ssh_auth: String,
    /// Whether control planes are in `kube_node` too.
    pub control_plane_takes_pods: bool,
    /// Pods that a kubelet runs at most.
    pub kubelet_max_pods: u32,
    /// Finished operations that the operator must keep at least.
    pub operations_limit: u32,
    /// `host:port` of an address in front of the API that the plan does not manage.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub load_balancer: Option<String>,
    /// The object store that serves packages, where machines have no internet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repository: Option<String>,
    /// Further variables of `group_vars.yml`, by name.
    pub variables: IndexMap<String, serde_json::Value>,
}

/// kubespray's `etcd_deployment_type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum EtcdDeploymentDocument {
    /// A systemd service on each member.
    Host,
    /// A static pod on each control plane.
    Kubeadm,
}

/// k3s.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct K3sDocument {
    /// The release at both ends, such as `v1.24.17+k3s1`.
    pub version: String,
    pub datastore: DatastoreDocument,
    pub runtime: RuntimeDocument,
    /// The TCP port on which every server listens.
    pub https_listen_port: u16,
    /// The token with which nodes join.
    pub token: SecretDocument,
    /// The k3s binary on every machine that joins: an absolute path.
    pub binary: String,
    /// The install script of the same release: an absolute path.
    pub install_script: String,
    /// Archives of container images: absolute paths, in the spec's order.
    pub images: Vec<String>,
    /// Further keys of a server's `/etc/rancher/k3s/config.yaml`, by name. A value is a string, a number, a boolean or a list of strings.
    pub server_config: IndexMap<String, serde_json::Value>,
    /// The same for an agent's.
    pub agent_config: IndexMap<String, serde_json::Value>,
    /// Absent: the plan installs servers itself. Since 1.4.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ocboot: Option<Box<OcbootDocument>>,
}

/// Where the cluster's state lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum DatastoreDocument {
    /// In the etcd that `etcd` describes.
    External,
    /// In the servers themselves, each of which is a member of etcd. Since 1.4.
    Embedded,
}

/// The container runtime of every node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum RuntimeDocument {
    /// The one inside the distribution.
    Containerd,
    /// A docker on the machine.
    Docker,
}

/// One of etcd's two APIs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum EtcdApiDocument {
    V2,
    #[default]
    V3,
}

/// The etcd behind the API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EtcdDocument {
    /// The API in which the cluster keeps its data. Since 1.3; absent: `v3`.
    #[serde(default)]
    pub api: EtcdApiDocument,
    /// The TCP port of every member for clients.
    pub client_port: u16,
    /// The TCP port of every member for other members.
    pub peer_port: u16,
    /// etcd's `--data-dir`: an absolute path.
    pub data_dir: String,
    /// The directory of `etcd` and `etcdctl` on every member: an absolute path.
    pub binary_directory: String,
    /// etcd's `--initial-cluster-token`. Not a secret.
    pub cluster_token: String,
    /// The user who runs etcd.
    pub user: String,
    /// Absent: plain HTTP, for clients and peers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls: Option<TlsDocument>,
    /// The `--name` of every machine that is a member at either end, by machine.
    pub member_names: IndexMap<String, String>,
    /// Further flags that every member runs with, by name, without their dashes.
    pub flags: IndexMap<String, String>,
    /// Absent: `etcd.service`, or what the distribution sets up. Since 1.3.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub static_pod: Option<StaticPodDocument>,
}

/// A member as a pod that its machine's kubelet runs from a file. Since 1.3.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct StaticPodDocument {
    /// With a tag or a digest.
    pub image: String,
    /// The file on every member: an absolute path.
    pub manifest: String,
}

/// Where the certificates lie: absolute paths, the same on every machine, each machine its own files. `{machine}` in a path stands
/// for the machine's name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TlsDocument {
    /// The certificate of the authority that signed all others.
    pub ca: String,
    /// A member's certificate, for clients and peers.
    pub certificate: String,
    /// The key of `certificate`.
    pub key: String,
    /// The certificate of API servers and etcdctl.
    pub client_certificate: String,
    /// The key of `clientCertificate`.
    pub client_key: String,
}

/// An address that keepalived moves between machines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VirtualIpDocument {
    /// The address with the prefix length of its network, such as `10.20.0.100/24`.
    pub address: String,
    /// The interface that carries the address on every candidate.
    pub interface: String,
    /// VRRP's `virtual_router_id`: 1 to 255.
    pub router_id: u8,
    /// The name of keepalived's `vrrp_instance`.
    pub instance: String,
    /// VRRP's `auth_pass`. Absent: no authentication.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<SecretDocument>,
    /// The priorities that keepalived has before the plan, 1 to 254, by machine. A candidate that is absent has one that the spec does
    /// not declare.
    pub source_priorities: IndexMap<String, u8>,
}

/// Where a secret is kept: `{"file": "/path"}` or `{"env": "NAME"}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum SecretDocument {
    /// A file on the machine that needs the secret: an absolute path.
    File(String),
    /// A variable in the environment of the workstation that executes the plan.
    Env(String),
}
