//! ocboot, where it installs k3s's servers for Cloudpods, as written.
//!
//! Does not know what ocboot accepts; `model` does.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::cluster::Secret;
use super::word;

/// ocboot sets up every server of this cluster, and adds those that join. Only with an embedded datastore.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Ocboot {
    /// The release in `directory`, as its tag is called, such as `master-v4.0.3-4`.
    pub release: word::OcbootRelease,
    /// Where the release is unpacked, on whoever runs it.
    #[serde(default = "directory")]
    pub directory: word::AbsolutePath,
    /// The server that runs it: one that stays. It must reach all others by ssh as `root`. Left out: the workstation runs it.
    pub runs_on: Option<word::MachineName>,
    /// The stack that runs today.
    pub stack: Stack,
    /// The release of Cloudpods that runs today, such as `v3.11.9`: `spec.version` of its OnecloudCluster.
    pub onecloud_version: word::Release,
    /// Where its images come from.
    #[serde(default = "image_repository")]
    pub image_repository: word::ImageRepository,
    /// Its database, outside of the cluster.
    pub database: Database,
    /// Whether images are kept in MinIO.
    #[serde(default)]
    pub enable_minio: bool,
    /// Whether its servers run the services of Cloudpods.
    #[serde(default = "yes")]
    pub as_controller: bool,
    /// Whether its servers run virtual machines. Default: yes, but for the stack `cmp`, which has none.
    pub as_host: Option<bool>,
    /// The network interface under `br0` on each server that runs virtual machines.
    #[serde(default)]
    #[schemars(schema_with = "super::by_machine::<word::InterfaceName>")]
    pub host_networks: IndexMap<word::MachineName, word::InterfaceName>,
    /// The addresses of the cluster, as it was set up.
    #[serde(default)]
    pub network: Network,
    /// The region and the zone of its OnecloudCluster.
    #[serde(default = "region")]
    pub region: word::PlainWord,
    #[serde(default = "zone")]
    pub zone: word::PlainWord,
}

/// What ocboot installs: the word that its `run.py` takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Stack {
    Full,
    Cmp,
    Virt,
    LightVirt,
    Ai,
}

/// A MySQL or MariaDB that is no part of the cluster.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Database {
    /// Its address or name, as the OnecloudCluster has it.
    pub host: word::HostName,
    #[serde(default = "database_port")]
    #[schemars(range(min = 1, max = 65535))]
    pub port: u16,
    #[serde(default = "database_user")]
    pub user: word::PlainWord,
    /// Its password, by reference. A file lies on whoever runs ocboot.
    pub password: Secret,
}

/// Addresses that were chosen when the cluster was set up.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Network {
    /// The network of pods.
    pub pods: word::Network,
    /// The network of services.
    pub services: word::Network,
    /// The cluster's domain.
    pub domain: word::HostName,
}

impl Default for Network {
    fn default() -> Self {
        Self {
            pods: word::Network("10.40.0.0/16".into()),
            services: word::Network("10.96.0.0/12".into()),
            domain: word::HostName("cluster.local".into()),
        }
    }
}

fn directory() -> word::AbsolutePath {
    word::AbsolutePath("/opt/ocboot".into())
}

fn image_repository() -> word::ImageRepository {
    word::ImageRepository("registry.cn-beijing.aliyuncs.com/yunionio".into())
}

fn database_port() -> u16 {
    3306
}

fn database_user() -> word::PlainWord {
    word::PlainWord("root".into())
}

fn region() -> word::PlainWord {
    word::PlainWord("region0".into())
}

fn zone() -> word::PlainWord {
    word::PlainWord("zone0".into())
}

fn yes() -> bool {
    true
}
