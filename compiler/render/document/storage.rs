//! Applications whose volumes lie on single machines, as `plan.json` tells of them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An application whose volumes lie on single machines. Since 1.4.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ApplicationDocument {
    pub name: String,
    pub namespace: String,
    pub owner: OwnerDocument,
    pub data: DataDocument,
    /// How many volumes must be there for it to go on; 0: it may stop.
    pub needs: usize,
    /// Its volumes before the first step.
    pub volumes: Vec<VolumeDocument>,
}

/// Who makes claim and pod again when both were deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum OwnerDocument {
    /// A StatefulSet, by its name.
    StatefulSet(String),
    /// A Deployment, and its claim, which an operator makes again.
    Deployment(OperatedDocument),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OperatedDocument {
    pub name: String,
    /// The Deployment that runs the operator, as `namespace/name`.
    pub recreated_by: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum DataDocument {
    Replicated,
    Disposable,
    Unique,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct VolumeDocument {
    pub claim: String,
    /// The machine on which it lies.
    pub on: String,
}

/// An application's volumes at one moment. Since 1.4.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct StorageFrameDocument {
    pub application: String,
    /// Those that are there and whole.
    pub there: Vec<VolumeDocument>,
    /// How many it has altogether.
    pub volumes: usize,
    /// How many must be there for it to go on.
    pub needs: usize,
    /// Machines whose failure leaves it fewer than it needs.
    pub fatal_hosts: Vec<String>,
}
