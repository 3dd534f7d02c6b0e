//! A cluster of binaries that run as units, each with a file of its own that says where the others are, as written.
//!
//! Does not know who plays which role.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::flag::FlagValue;
use super::word;

/// Kubernetes as binaries under systemd, its API server at a port without TLS.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Systemd {
    /// The Kubernetes release at both ends, such as `v1.2.4`.
    pub version: word::Release,
    /// `--insecure-port` of the API server.
    #[serde(default = "api_server_port")]
    #[schemars(range(min = 1, max = 65535))]
    pub api_server_port: u16,
    /// The directory of the binaries on the control plane.
    #[serde(default = "binary_directory")]
    pub binary_directory: word::AbsolutePath,
    /// `kube-apiserver`.
    #[serde(default = "api_server")]
    pub api_server: Component,
    /// `kube-controller-manager`.
    #[serde(default = "controller_manager")]
    pub controller_manager: Component,
    /// `kube-scheduler`.
    #[serde(default = "scheduler")]
    pub scheduler: Component,
    /// `kube-proxy` on the control plane, which is no node. Absent: there is none.
    pub proxy: Option<Component>,
    /// flannel with its data in the same etcd, on every node and on the control plane. Absent: the pod network keeps nothing there.
    pub flannel: Option<Flannel>,
    /// What nodes are told, and where.
    #[serde(default)]
    pub nodes: Nodes,
    /// The cluster's DNS, where it keeps its records in the same etcd: kube2sky writes them, SkyDNS answers.
    pub dns: Option<Dns>,
}

/// One binary of the control plane.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Component {
    /// The unit that runs it, without `.service`.
    pub unit: word::Label,
    /// The flags that it runs with, without their dashes, but for the addresses that the plan gives.
    #[serde(default)]
    #[schemars(schema_with = "flags")]
    pub flags: IndexMap<word::FlagName, FlagValue>,
}

/// flannel over etcd.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Flannel {
    /// The unit that runs it, on nodes and on the control plane, without `.service`.
    #[serde(default = "flanneld")]
    pub unit: word::Label,
    /// The binary on the control plane.
    #[serde(default = "flannel_binary")]
    pub binary: word::AbsolutePath,
    /// `-etcd-prefix`: where its data lies.
    #[serde(default = "flannel_prefix")]
    pub prefix: word::AbsolutePath,
    /// Further flags on the control plane, without their dashes.
    #[serde(default)]
    #[schemars(schema_with = "flags")]
    pub flags: IndexMap<word::FlagName, FlagValue>,
    /// Where a node's flannel is told of etcd.
    #[serde(default = "flannel_setting")]
    pub setting: Setting,
}

/// What nodes are told, and how many at a time.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Nodes {
    /// Nodes of one step.
    #[serde(default = "in_batches_of")]
    #[schemars(range(min = 1, max = 500))]
    pub in_batches_of: u16,
    /// Nodes that are changed at the same time, within one step.
    #[serde(default = "at_once")]
    #[schemars(range(min = 1, max = 50))]
    pub at_once: u16,
    /// The unit of the kubelet, and where it is told of the API.
    #[serde(default = "kubelet_setting")]
    pub kubelet: Setting,
    /// The unit of kube-proxy, and where it is told of the API.
    #[serde(default = "proxy_setting")]
    pub proxy: Setting,
}

impl Default for Nodes {
    fn default() -> Self {
        Self { in_batches_of: in_batches_of(), at_once: at_once(), kubelet: kubelet_setting(), proxy: proxy_setting() }
    }
}

/// One variable in a file that a unit reads, or a kubeconfig.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Setting {
    /// The unit that is restarted, without `.service`.
    pub unit: word::Label,
    /// The file.
    pub file: word::AbsolutePath,
    /// The variable in the file, such as `API_SERVERS`. Absent: the file is a kubeconfig with one cluster.
    pub variable: Option<word::EnvironmentName>,
    /// The flag inside the variable's value, without dashes: `api-servers` for `API_SERVERS='--api-servers=…'`. Absent: the value is the
    /// address alone.
    pub flag: Option<word::FlagName>,
}

/// kube2sky and SkyDNS as ReplicationControllers.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Dns {
    /// The namespace of both, and of the Service.
    #[serde(default = "default_namespace")]
    pub namespace: word::Label,
    /// The domain that is served, such as `cluster.local`.
    pub domain: word::PlainWord,
    /// The Service in front of SkyDNS.
    #[serde(default = "dns_service")]
    pub service: word::Label,
    /// The label `version` that the controllers have today.
    pub version: word::Label,
    /// The label `version` that they get: a rolled controller needs a name and a label of its own.
    pub next_version: word::Label,
    /// What writes the records.
    pub kube2sky: Kube2sky,
    /// What answers.
    pub skydns: Skydns,
}

/// What writes the records of services into etcd.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Kube2sky {
    /// The ReplicationController of today.
    #[serde(default = "kube2sky")]
    pub replication_controller: word::Label,
    /// The image that runs.
    pub image: word::ImageReference,
}

/// What answers from the records.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Skydns {
    /// The ReplicationController of today.
    #[serde(default = "skydns")]
    pub replication_controller: word::Label,
    /// The image that runs.
    pub image: word::ImageReference,
    /// How many of its pods run.
    #[serde(default = "one")]
    #[schemars(range(min = 1, max = 100))]
    pub replicas: u16,
    /// Who is asked about names outside the domain: addresses.
    #[serde(default)]
    pub nameservers: Vec<word::Address>,
}

fn flags(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
    let names = generator.subschema_for::<word::FlagName>();
    let values = generator.subschema_for::<FlagValue>();
    schemars::json_schema!({"type": "object", "propertyNames": names, "additionalProperties": values})
}

fn api_server_port() -> u16 {
    8080
}

fn binary_directory() -> word::AbsolutePath {
    word::AbsolutePath("/usr/local/bin".into())
}

fn component(unit: &str) -> Component {
    Component { unit: word::Label(unit.into()), flags: IndexMap::new() }
}

fn api_server() -> Component {
    component("kube-apiserver")
}

fn controller_manager() -> Component {
    component("kube-controller-manager")
}

fn scheduler() -> Component {
    component("kube-scheduler")
}

fn flanneld() -> word::Label {
    word::Label("flanneld".into())
}

fn flannel_binary() -> word::AbsolutePath {
    word::AbsolutePath("/usr/local/bin/flanneld".into())
}

fn flannel_prefix() -> word::AbsolutePath {
    word::AbsolutePath("/coreos.com/network".into())
}

fn setting(unit: &str, variable: &str, flag: Option<&str>) -> Setting {
    Setting {
        unit: word::Label(unit.into()),
        file: word::AbsolutePath(format!("/etc/sysconfig/{unit}")),
        variable: Some(word::EnvironmentName(variable.into())),
        flag: flag.map(|flag| word::FlagName(flag.into())),
    }
}

fn kubelet_setting() -> Setting {
    setting("kubelet", "API_SERVERS", Some("api-servers"))
}

fn proxy_setting() -> Setting {
    setting("kube-proxy", "KUBE_MASTER", Some("master"))
}

fn flannel_setting() -> Setting {
    setting("flanneld", "FLANNEL_ETCD", None)
}

fn in_batches_of() -> u16 {
    50
}

fn at_once() -> u16 {
    10
}

fn default_namespace() -> word::Label {
    word::Label("default".into())
}

fn dns_service() -> word::Label {
    word::Label("skydns-svc".into())
}

fn kube2sky() -> word::Label {
    word::Label("kube2sky".into())
}

fn skydns() -> word::Label {
    word::Label("skydns".into())
}

fn one() -> u16 {
    1
}
