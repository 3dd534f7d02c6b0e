//! What only kubean has, as written.
//!
//! Does not know which playbook an operator knows, nor how its versions differ; `model` does.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::word;

/// A cluster that kubean's operator manages with kubespray, from another cluster.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Kubean {
    /// The operator's release, such as `v0.12.2`.
    pub version: word::Release,
    /// The spray-job image with which the cluster was deployed, with a tag or a digest.
    pub image: word::ImageReference,
    /// The kubespray release inside the image. Only needed where the image's tag does not tell it.
    pub kubespray: Option<word::Release>,
    /// The Kubernetes release that runs at both ends, such as `v1.27.5`.
    pub kubernetes: word::Release,
    /// How etcd runs: kubespray's `etcd_deployment_type`.
    pub etcd_deployment: EtcdDeployment,
    /// The kubeconfig of the cluster in which the operator runs: a file on the workstation.
    pub management_kubeconfig: word::AbsolutePath,
    /// The operator's namespace, which also holds the cluster's ConfigMaps.
    #[serde(default = "namespace")]
    pub namespace: word::Label,
    /// The name of the `clusters.kubean.io` resource. Default: the cluster's name.
    pub resource: Option<word::Label>,
    /// The ConfigMap with `hosts.yml`. Default: `<resource>-hosts-conf`.
    pub hosts_conf: Option<word::Label>,
    /// The ConfigMap with `group_vars.yml`. Default: `<resource>-vars-conf`.
    pub vars_conf: Option<word::Label>,
    /// The Secret with the SSH key that the operator uses. Default: `<resource>-ssh-auth`.
    pub ssh_auth: Option<word::Label>,
    /// Everything that `group_vars.yml` holds besides the keys that the plan sets.
    #[serde(default)]
    #[schemars(schema_with = "variables")]
    pub variables: IndexMap<String, serde_json::Value>,
    /// How many pods a kubelet runs at most: `kubelet_max_pods`.
    #[serde(default = "kubelet_max_pods")]
    #[schemars(range(min = 1, max = 10000))]
    pub kubelet_max_pods: u32,
    /// Whether control planes are also in `kube_node`, and so take pods.
    #[serde(default)]
    pub control_plane_takes_pods: bool,
    /// An address in front of the API that the plan does not manage: a load balancer, or kube-vip.
    pub load_balancer: Option<LoadBalancer>,
    /// Tags that every playbook which adds a machine skips, such as `multus`.
    #[serde(default)]
    pub skip_tags: Vec<word::PlainWord>,
    /// Where machines without internet find their packages.
    pub offline: Option<Offline>,
    /// Playbooks of the team's own, before or after each operation of a kind.
    #[serde(default)]
    pub hooks: Vec<PlaybookHook>,
    /// How many finished operations of a cluster the operator keeps: `kubeanOperator.operationsBackendLimit`.
    #[serde(default = "operations_limit")]
    #[schemars(range(min = 1, max = 200))]
    pub operations_limit: u32,
}

fn namespace() -> word::Label {
    word::Label("kubean-system".into())
}

fn kubelet_max_pods() -> u32 {
    110
}

fn operations_limit() -> u32 {
    5
}

fn variables(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    schemars::json_schema!({"type": "object", "propertyNames": {"type": "string", "pattern": "^[a-z][a-z0-9_]*$"}})
}

/// kubespray's `etcd_deployment_type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum EtcdDeployment {
    /// A systemd service on each machine of `etcd`.
    Host,
    /// A static pod on each control plane.
    Kubeadm,
}

/// An address in front of the API.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct LoadBalancer {
    /// Its address.
    pub address: word::Address,
    /// Its port.
    #[serde(default = "api_port")]
    #[schemars(range(min = 1, max = 65535))]
    pub port: u16,
}

fn api_port() -> u16 {
    6443
}

/// An air-gapped installation.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Offline {
    /// The object store that serves packages, such as `http://10.6.0.5:9000`.
    pub repository: word::PlainUrl,
    /// What brings the packages of an operating system into it, by the operating system's name. Not needed where they are there already.
    #[serde(default)]
    #[schemars(schema_with = "imports")]
    pub imports: IndexMap<word::OperatingSystem, Import>,
}

fn imports(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
    let names = generator.subschema_for::<word::OperatingSystem>();
    let values = generator.subschema_for::<Import>();
    schemars::json_schema!({"type": "object", "propertyNames": names, "additionalProperties": values})
}

/// Packages of one operating system, as files on the workstation.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Import {
    /// What brings them in.
    pub tool: ImportTool,
    /// The archive of kubean's packages.
    pub os_packages: word::AbsolutePath,
    /// The image of the installation medium.
    pub iso: word::AbsolutePath,
}

/// A program that brings packages into the object store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum ImportTool {
    /// `dce5-installer import-artifact`.
    Dce5Installer,
    /// `import_ospkgs.sh` and `import_iso.sh`, in the directory of the archive.
    KubeanScripts,
}

/// A playbook of the team's own around an operation.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct PlaybookHook {
    /// Which operations.
    pub around: Around,
    /// Before the operation's own playbook, or after it.
    pub moment: HookMoment,
    /// A playbook that the operator knows, such as `disable-firewalld.yml`.
    pub playbook: word::Playbook,
    /// The machines on which it runs.
    pub scope: Option<HookScope>,
}

/// A kind of operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Around {
    Add,
    Remove,
}

/// Before the operation's own playbook, or after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum HookMoment {
    Before,
    After,
}

/// The machines on which a playbook runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum HookScope {
    /// The machine of the operation.
    Machine,
    /// Every machine of the inventory.
    All,
}
