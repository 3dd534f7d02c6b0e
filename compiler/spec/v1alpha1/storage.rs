//! Applications whose volumes lie on single machines, as written.
//!
//! Does not know whether a named machine exists, nor what a plan does about a volume.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Command, word};

/// An application whose volumes lie on single machines: where such a machine leaves, the plan makes its volumes anew elsewhere.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Application {
    /// What the plan calls it.
    pub name: word::Label,
    /// The namespace of its claims.
    pub namespace: word::Label,
    /// Who makes claim and pod again when both were deleted.
    pub owner: Owner,
    /// Its volumes, each with the machine on which it lies today.
    #[schemars(length(min = 1))]
    pub volumes: Vec<Volume>,
    /// So many volumes must be there for the application to go on: its quorum. Default: 0, it may stop.
    #[schemars(range(min = 0, max = 1000))]
    pub needs: Option<u32>,
    /// What becomes of the data of one volume.
    pub data: Data,
    /// Succeeds when every volume is whole, and fails while one is not; required where data is replicated. Runs on the workstation.
    pub healed: Option<Command>,
}

/// Exactly one of the two.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(extend("minProperties" = 1, "maxProperties" = 1))]
pub struct Owner {
    /// A StatefulSet: it makes claim and pod of a number again.
    pub stateful_set: Option<word::ObjectName>,
    /// A Deployment whose claim only an operator makes again, after the Deployment was deleted too.
    pub deployment: Option<Operated>,
}

/// A Deployment that an operator looks after.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Operated {
    /// The Deployment's name.
    pub name: word::ObjectName,
    /// The operator that makes it and its claim again.
    pub recreated_by: Operator,
}

/// The operator, as the Deployment that runs it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Operator {
    /// The Deployment's name.
    pub deployment: word::ObjectName,
    /// Its namespace. Default: the application's.
    pub namespace: Option<word::Label>,
}

/// A claim, and the machine on which its volume lies.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Volume {
    /// The PersistentVolumeClaim.
    pub claim: word::ObjectName,
    /// The machine on which its volume lies today.
    pub on: word::MachineName,
}

/// `replicated` is healed from the other volumes; `disposable` may begin empty; `unique` would be lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Data {
    Replicated,
    Disposable,
    Unique,
}
