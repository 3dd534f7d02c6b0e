//! The rows of the ledger in `plan.json`: what stands after a step, and how much of it may fail.
//!
//! Holds shapes alone. Does not know how a row is found.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::StorageFrameDocument;

/// The cluster at one moment: a row of the ledger.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FrameDocument {
    pub etcd: EtcdFrame,
    pub api_servers: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub virtual_ip: Option<VirtualIpFrameDocument>,
    pub load_balancer_upstreams: Vec<String>,
    pub schedulable_nodes: usize,
    pub survives_any_one_host: bool,
    /// Machines whose failure loses etcd's quorum or the API.
    pub fatal_hosts: Vec<String>,
    /// Since 1.4.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub storage: Vec<StorageFrameDocument>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EtcdFrame {
    pub voters: Vec<String>,
    pub learners: Vec<String>,
    pub started: usize,
    pub quorum: usize,
    /// Running voters minus quorum.
    pub tolerance: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VirtualIpFrameDocument {
    /// Where the address may be: before a hand-over nobody but the cluster knows.
    pub possible_holders: Vec<String>,
    /// Highest priority first.
    pub candidates: Vec<CandidateDocument>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub predicted_gap_milliseconds: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CandidateDocument {
    pub machine: String,
    /// Absent: not declared in the spec.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<u8>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExposureDocument {
    pub etcd_tolerance: i64,
    pub api_servers: usize,
    pub fatal_hosts: Vec<String>,
    /// How many volumes each application has when it has fewest. Since 1.4.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub storage: IndexMap<String, usize>,
}
