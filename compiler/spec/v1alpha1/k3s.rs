//! What only k3s has, as written.
//!
//! Does not know which keys k3s accepts; `model` does.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::cluster::Secret;
use super::ocboot::Ocboot;
use super::word;

/// k3s over an external etcd, or with etcd inside its servers.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct K3s {
    /// The release at both ends, such as `v1.24.17+k3s1`.
    pub version: word::K3sVersion,
    /// Where the cluster's state lives: in an etcd outside k3s, or in the servers themselves.
    pub datastore: Datastore,
    /// The container runtime of every node.
    #[serde(default)]
    pub runtime: Runtime,
    /// The port on which every server listens.
    #[serde(default = "https_listen_port")]
    #[schemars(range(min = 1, max = 65535))]
    pub https_listen_port: u16,
    /// The token with which nodes join, by reference.
    pub token: Secret,
    /// Where the installation's files lie on every machine that joins.
    #[serde(default)]
    pub media: Media,
    /// Further keys of a server's `/etc/rancher/k3s/config.yaml`.
    #[serde(default)]
    #[schemars(schema_with = "config_keys")]
    pub server_config: ConfigKeys,
    /// Further keys of an agent's `/etc/rancher/k3s/config.yaml`.
    #[serde(default)]
    #[schemars(schema_with = "config_keys")]
    pub agent_config: ConfigKeys,
    /// ocboot installs the servers. Only with an embedded datastore.
    pub ocboot: Option<Ocboot>,
}

/// Keys of k3s's configuration file with their values.
pub type ConfigKeys = IndexMap<String, serde_json::Value>;

fn https_listen_port() -> u16 {
    6443
}

fn config_keys(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    schemars::json_schema!({
        "type": "object",
        "additionalProperties": {"type": ["string", "number", "boolean", "array"], "items": {"type": "string"}},
    })
}

/// Where the cluster's state lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Datastore {
    External,
    Embedded,
}

/// A container runtime.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Runtime {
    #[default]
    Containerd,
    Docker,
}

/// Files that the installation needs, on every machine that joins.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Media {
    /// The k3s binary of this release.
    pub binary: word::AbsolutePath,
    /// The install script of this release.
    pub install_script: word::AbsolutePath,
    /// Archives of container images.
    pub images: Vec<word::AbsolutePath>,
}

impl Default for Media {
    fn default() -> Self {
        Self {
            binary: word::AbsolutePath("/opt/k3s/vendor/k3s".into()),
            install_script: word::AbsolutePath("/opt/k3s/vendor/install-k3s.sh".into()),
            images: Vec::new(),
        }
    }
}
