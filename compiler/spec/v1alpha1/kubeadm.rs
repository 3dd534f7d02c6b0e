//! A cluster that kubeadm set up, and what stands in front of its API servers, as written.
//!
//! Does not know who plays which role, nor what a field of the `ClusterConfiguration` means.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::word;

/// Control planes and nodes as kubeadm sets them up, over an etcd outside of it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Kubeadm {
    /// The Kubernetes release at both ends, such as `v1.27.16`.
    pub version: word::Release,
    /// The cluster's own `ClusterConfiguration`, as this prints it:
    /// `kubectl -n kube-system get configmap kubeadm-config -o jsonpath='{.data.ClusterConfiguration}'`. The plan's first step proves that
    /// it is still the cluster's.
    #[schemars(schema_with = "object")]
    pub cluster_configuration: IndexMap<String, serde_json::Value>,
    /// The port at which every API server listens: `bindPort` of the local endpoint.
    #[serde(default = "api_server_port")]
    #[schemars(range(min = 1, max = 65535))]
    pub api_server_port: u16,
    /// Which control planes take pods of everybody, since they have no taint.
    #[serde(default)]
    pub control_plane_takes_pods: TakesPods,
    /// The pod network, where it keeps its data in the same etcd.
    pub calico: Option<Calico>,
    /// `Endpoints` objects through which a monitoring system finds the API servers.
    #[serde(default)]
    pub monitoring: Vec<Monitoring>,
}

/// Which control planes take pods of everybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum TakesPods {
    /// None: they have kubeadm's taint.
    #[default]
    Never,
    /// Those of the source do, those that join do not.
    Source,
    /// All of them do.
    Always,
}

/// Calico with its data in etcd.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Calico {
    /// Calico's release, such as `v3.26.4`.
    pub version: word::Release,
    /// The namespace of its objects.
    #[serde(default = "kube_system")]
    pub namespace: word::Label,
    /// The ConfigMap whose `etcd_endpoints` every part of it reads.
    #[serde(default = "calico_config")]
    pub config_map: word::Label,
    /// The DaemonSet that runs on every node.
    #[serde(default = "calico_node")]
    pub node_daemon_set: word::Label,
    /// The Deployment of its controllers.
    #[serde(default = "calico_controllers")]
    pub controllers_deployment: word::Label,
}

/// An `Endpoints` object with the addresses of all API servers.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Monitoring {
    /// The namespace of the object.
    pub namespace: word::Label,
    /// The name of the object, and of its Service.
    pub name: word::Label,
    /// The name of its port.
    #[serde(default = "port_name")]
    pub port_name: word::Label,
    /// The port at which each control plane is asked. Default: the API server's.
    #[schemars(range(min = 1, max = 65535))]
    pub port: Option<u16>,
}

/// nginx on every control plane, which passes connections on to all API servers.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Balancer {
    /// The port at which clients reach the API through it.
    #[schemars(range(min = 1, max = 65535))]
    pub port: u16,
    /// Whether nginx is there for this alone.
    #[serde(default)]
    pub configuration: BalancerConfiguration,
    /// The file that the plan writes. Default: `/etc/nginx/nginx.conf` for the whole configuration, and
    /// `/etc/nginx/stream.d/kube-apiserver.conf` for a part of it.
    pub file: Option<word::AbsolutePath>,
}

/// How much of nginx's configuration is the plan's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum BalancerConfiguration {
    /// All of it: nginx does nothing else.
    #[default]
    Whole,
    /// One file that the `stream` block of the existing configuration includes.
    Included,
}

fn api_server_port() -> u16 {
    6443
}

fn kube_system() -> word::Label {
    word::Label("kube-system".into())
}

fn calico_config() -> word::Label {
    word::Label("calico-config".into())
}

fn calico_node() -> word::Label {
    word::Label("calico-node".into())
}

fn calico_controllers() -> word::Label {
    word::Label("calico-kube-controllers".into())
}

fn port_name() -> word::Label {
    word::Label("https".into())
}

fn object(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    schemars::json_schema!({"type": "object"})
}
