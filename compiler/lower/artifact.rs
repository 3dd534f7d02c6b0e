//! A file of the plan before it is bytes: where it goes, who owns it, and what it is made from.
//!
//! Does not know templates' text.

use serde_json::{Map, Value};

use crate::model::MachineName;

#[derive(Debug, Clone)]
pub struct Artifact {
    /// The file's name in the step's folder.
    pub name: &'static str,
    pub kind: ArtifactKind,
    pub host: MachineName,
    /// The absolute path on the host.
    pub destination: String,
    /// `user:group`.
    pub owner: &'static str,
    /// Octal, four digits.
    pub mode: &'static str,
    pub body: Body,
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
        }
    }
}

#[derive(Debug, Clone)]
pub enum Body {
    /// Text from `templates/files/<name>.j2`.
    Template { template: &'static str, context: Map<String, Value> },
    /// Serialized, never templated.
    Yaml(Value),
}
