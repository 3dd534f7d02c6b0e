//! The part of `plan.json` that says how a cluster of binaries under systemd is set up. Since 1.3.
//!
//! Does not know who plays which role.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Binaries under systemd, the API server at a port without TLS.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SystemdDocument {
    /// The Kubernetes release, such as `v1.2.4`.
    pub version: String,
    /// The TCP port of every API server, without TLS.
    pub api_server_port: u16,
    /// The directory of the binaries on the control plane: an absolute path.
    pub binary_directory: String,
    pub api_server: ComponentDocument,
    pub controller_manager: ComponentDocument,
    pub scheduler: ComponentDocument,
    /// The service proxy on the control plane, which is no node.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proxy: Option<ComponentDocument>,
    /// Absent: the pod network keeps nothing in etcd.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flannel: Option<FlannelDocument>,
    /// Where a node's kubelet is told of the API.
    pub kubelet: SettingDocument,
    /// Where a node's service proxy is told of the API.
    pub node_proxy: SettingDocument,
    /// Absent: the DNS keeps nothing in etcd.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dns: Option<DnsDocument>,
}

/// A binary and the flags of the spec, by name, without dashes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ComponentDocument {
    /// Without `.service`.
    pub unit: String,
    pub flags: IndexMap<String, String>,
}

/// flannel over etcd.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FlannelDocument {
    /// Without `.service`.
    pub unit: String,
    /// The binary: an absolute path.
    pub binary: String,
    /// Where its data lies in etcd.
    pub prefix: String,
    pub flags: IndexMap<String, String>,
    /// Where a node's flannel is told of etcd.
    pub setting: SettingDocument,
}

/// One variable of a file that a unit reads, or a kubeconfig.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SettingDocument {
    /// The unit that is restarted, without `.service`.
    pub unit: String,
    /// An absolute path.
    pub file: String,
    /// Absent: the file is a kubeconfig.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variable: Option<String>,
    /// The flag inside the variable's value. Absent: the value is the address alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flag: Option<String>,
}

/// kube2sky and SkyDNS as ReplicationControllers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DnsDocument {
    pub namespace: String,
    pub domain: String,
    /// The Service in front of SkyDNS.
    pub service: String,
    /// The label `version` before the plan, and after it.
    pub version: String,
    pub next_version: String,
    /// The ReplicationController of kube2sky, and its image.
    pub kube2sky: String,
    pub kube2sky_image: String,
    /// The ReplicationController of SkyDNS, and its image.
    pub skydns: String,
    pub skydns_image: String,
    pub replicas: u16,
    /// Addresses.
    pub nameservers: Vec<String>,
}
