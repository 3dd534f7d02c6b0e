//! The part of `plan.json` that says how ocboot is told of a cluster.
//!
//! Holds a reference to the database's password, never the password.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::SecretDocument;

/// ocboot, which installs the servers of a Cloudpods cluster. Since 1.4.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OcbootDocument {
    /// The tag of its release, such as `master-v4.0.3-4`.
    pub release: String,
    /// Where it is unpacked: an absolute path on whoever runs it.
    pub directory: String,
    /// The machine that runs it. Absent: the workstation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runs_on: Option<String>,
    /// As `run.py` is told: `full`, `cmp`, `virt`, `light-virt` or `ai`.
    pub stack: String,
    /// The same as the OnecloudCluster has it: `FullStack`, `CMP`, `Edge`, `LightEdge` or `AI`.
    pub product_version: String,
    /// The release of Cloudpods, such as `v4.0.3`.
    pub onecloud_version: String,
    pub image_repository: String,
    pub database_host: String,
    pub database_port: u16,
    pub database_user: String,
    pub database_password: SecretDocument,
    pub enable_minio: bool,
    pub as_controller: bool,
    pub as_host: bool,
    /// The interface under `br0`, by machine.
    pub host_networks: IndexMap<String, String>,
    /// The network of pods, such as `10.40.0.0/16`.
    pub pods: String,
    /// The network of services.
    pub services: String,
    /// The cluster's domain.
    pub domain: String,
    pub region: String,
    pub zone: String,
}
