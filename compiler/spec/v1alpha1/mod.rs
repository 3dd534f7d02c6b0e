//! Version 1alpha1 of the spec, field for field. The comments become the descriptions that editors show.
//!
//! Knows forms (a port is a number, a path is absolute) and no meaning: which machine exists is `model`'s business.

mod cluster;
mod flag;
mod k3s;
mod kubeadm;
mod kubean;
mod ocboot;
mod policy;
mod storage;
mod systemd;
mod topology;
pub mod word;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use cluster::{Cluster, Distribution, Etcd, EtcdApi, EtcdRuns, NoTls, Secret, Tls, TlsFiles, VirtualIp};
pub use flag::FlagValue;
pub use k3s::{ConfigKeys, Datastore, K3s, Media, Runtime};
pub use kubeadm::{Balancer, BalancerConfiguration, Calico, Kubeadm, Monitoring, TakesPods};
pub use kubean::{Around, EtcdDeployment, HookMoment, HookScope, Import, ImportTool, Kubean, LoadBalancer, Offline, PlaybookHook};
pub use ocboot::{Database, Network, Ocboot, Stack};
pub use policy::{Accept, Command, EtcdJoin, EtcdPolicy, Hook, HookAt, HookTitle, Order, Policy};
pub use storage::{Application, Data, Operated, Operator, Owner, Volume};
pub use systemd::{Component, Dns, Flannel, Setting, Systemd};
pub use topology::{End, Leftovers, Machine, MachineOs, Pods, Rebuilt, Ssh, State, Temporary};

/// The one version that this file describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum ApiVersion {
    #[serde(rename = "replank/v1alpha1")]
    V1alpha1,
}

/// The one kind of document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Kind {
    Migration,
}

/// The move of a living Kubernetes cluster from what it is made of today to what it shall be made of.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Migration {
    pub api_version: ApiVersion,
    pub kind: Kind,
    pub metadata: Metadata,
    pub spec: Spec,
}

/// What the migration is called.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Metadata {
    /// The migration's name: a DNS label.
    pub name: word::Label,
    /// One line for people. Default: the name.
    pub title: Option<word::Prose>,
}

/// Both ends of the migration, and what the owners insist on.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Spec {
    /// What both ends share.
    pub cluster: Cluster,
    /// Every machine, by name: facts that a role does not change.
    #[schemars(schema_with = "by_machine::<Machine>")]
    pub machines: IndexMap<word::MachineName, Machine>,
    /// Who plays which role today.
    pub source: End,
    /// Who shall play which role afterwards.
    pub target: End,
    /// Machines that help out for the length of the migration: they join first and leave last.
    pub temporary: Option<Temporary>,
    /// What the owners insist on.
    pub policy: Option<Policy>,
    /// Applications whose volumes lie on single machines.
    #[serde(default)]
    pub storage: Vec<Application>,
    /// Risks taken on purpose: named, reasoned, shown in the review.
    #[serde(default)]
    pub accept: Vec<Accept>,
    /// Steps that only this team knows.
    #[serde(default)]
    pub hooks: Vec<Hook>,
}

/// A map from machine to something. Written out, because the derived form would hide the key's own message.
fn by_machine<T: JsonSchema>(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
    let names = generator.subschema_for::<word::MachineName>();
    let values = generator.subschema_for::<T>();
    schemars::json_schema!({"type": "object", "propertyNames": names, "additionalProperties": values})
}
