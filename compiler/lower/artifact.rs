//! A file of the plan before it is bytes: where it goes, who owns it, and what it is made from.
//!
//! Does not know templates' text.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::model::MachineName;

#[derive(Debug, Clone)]
pub struct Artifact {
    /// The file's name in the step's folder.
    pub name: &'static str,
    pub kind: ArtifactKind,
    pub destination: Destination,
    pub body: Body,
}

/// Where a file goes.
#[derive(Debug, Clone)]
pub enum Destination {
    OnMachine {
        host: MachineName,
        /// The absolute path on the host.
        path: String,
        /// `user:group`.
        owner: &'static str,
        /// Octal, four digits.
        mode: &'static str,
    },
    /// From the workstation into a cluster: `clusteroperations.kubean.io/remove-worker-1`.
    InCluster { object: String },
    /// Read where it lies, and fed to machines: `nodes/node-1,node-2`.
    Piped { into: String },
}

/// What reads the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArtifactKind {
    SystemdUnit,
    KeepalivedConf,
    ShellScript,
    HostsBlock,
    K3sInstallEnv,
    K3sConfig,
    ClusterOperation,
    ConfigMap,
    NginxConf,
    KubeadmConfig,
    KubernetesObject,
    EnvironmentFile,
    StaticPod,
    OcbootConfiguration,
    MachineList,
    NodeList,
}

impl ArtifactKind {
    /// As `plan.json` names it.
    pub fn name(self) -> &'static str {
        match self {
            ArtifactKind::SystemdUnit => "systemd-unit",
            ArtifactKind::KeepalivedConf => "keepalived-conf",
            ArtifactKind::ShellScript => "shell-script",
            ArtifactKind::HostsBlock => "hosts-block",
            ArtifactKind::K3sInstallEnv => "k3s-install-env",
            ArtifactKind::K3sConfig => "k3s-config",
            ArtifactKind::ClusterOperation => "cluster-operation",
            ArtifactKind::ConfigMap => "config-map",
            ArtifactKind::NginxConf => "nginx-conf",
            ArtifactKind::KubeadmConfig => "kubeadm-config",
            ArtifactKind::KubernetesObject => "kubernetes-object",
            ArtifactKind::EnvironmentFile => "environment-file",
            ArtifactKind::StaticPod => "static-pod",
            ArtifactKind::OcbootConfiguration => "ocboot-configuration",
            ArtifactKind::MachineList => "machine-list",
            ArtifactKind::NodeList => "node-list",
        }
    }
}

#[derive(Debug, Clone, Serialize)]
pub enum Body {
    /// Text from `templates/files/<name>.j2`.
    Template { template: &'static str, context: Map<String, Value> },
    /// Serialized, never templated.
    Yaml(Value),
    /// Several documents, one after the other.
    YamlDocuments(Vec<Value>),
    /// A ConfigMap whose entries are YAML documents themselves: each is serialized, then stands in the object as text.
    ConfigMap { name: String, namespace: String, entries: Vec<(&'static str, Value)> },
}
