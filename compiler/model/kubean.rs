//! What only kubean has: its operator, the image with kubespray, the names of the cluster's objects, how packages are found.
//!
//! Planning and judging never read this file's types; only `lower/kubean` does. Versions decide what an operation may hold; what
//! each of them changes is asked here, once, with its source.

use std::fmt;
use std::net::IpAddr;

use indexmap::IndexMap;

use super::{AbsolutePath, Label, NameError, OperatingSystem, Port};
use crate::source::{Located, Place};

/// A cluster that kubean's operator manages with kubespray, from another cluster.
#[derive(Debug, Clone)]
pub struct Kubean {
    pub operator: Located<Release>,
    pub image: Image,
    /// The release of kubespray in the image. Images are often built from commits after a release: then the release before.
    pub kubespray: Located<Release>,
    /// `kube_version` in the form that the image expects.
    pub kube_version: KubeVersion,
    pub etcd_deployment: EtcdDeployment,
    pub management_kubeconfig: AbsolutePath,
    pub namespace: Label,
    /// The `clusters.kubean.io` resource.
    pub resource: Label,
    pub hosts_conf: Label,
    pub vars_conf: Label,
    pub ssh_auth: Label,
    /// Further variables of `group_vars.yml`, by name.
    pub variables: IndexMap<String, serde_json::Value>,
    pub kubelet_max_pods: u32,
    pub control_plane_takes_pods: bool,
    pub load_balancer: Option<LoadBalancer>,
    pub skip_tags: Vec<String>,
    pub offline: Option<Offline>,
    pub hooks: Vec<PlaybookHook>,
    pub operations_limit: Located<u32>,
    pub place: Place,
}

/// `major.minor.patch`, as operators, images and Kubernetes count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Release {
    pub major: u32,
    pub minor: u32,
    pub patch: u32,
}

impl Release {
    pub const fn new(major: u32, minor: u32, patch: u32) -> Self {
        Self { major, minor, patch }
    }

    /// Reads `v1.2.3` and `1.2.3`.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let read = || {
            let mut numbers = text.strip_prefix('v').unwrap_or(text).split('.').map(decimal);
            let release = Self { major: numbers.next()??, minor: numbers.next()??, patch: numbers.next()?? };
            numbers.next().is_none().then_some(release)
        };
        read().ok_or_else(|| NameError("expected a release such as v0.12.2".into()))
    }
}

/// A number as releases write it: digits only, no leading zero.
fn decimal(text: &str) -> Option<u32> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    if plain { text.parse().ok() } else { None }
}

impl fmt::Display for Release {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "v{}.{}.{}", self.major, self.minor, self.patch)
    }
}

/// The spray-job image: a text of plain characters with a tag or a digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image(String);

impl Image {
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let (named, digest) = text.split_once('@').map_or((text, None), |(named, digest)| (named, Some(digest)));
        let tagged = named.rsplit_once(':').is_some_and(|(name, tag)| is_repository(name) && is_tag(tag));
        if text.len() <= 512 && (is_repository(named) || tagged) && digest.is_none_or(is_digest) {
            return Ok(Self(text.to_owned()));
        }
        Err(NameError("expected a container image, such as ghcr.io/kubean-io/spray-job:v0.12.2".into()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The tag; none for a reference by digest alone, or without either.
    pub fn tag(&self) -> Option<&str> {
        let name = self.0.split_once('@').map_or(self.0.as_str(), |(name, _)| name);
        let last = name.rsplit_once('/').map_or(name, |(_, last)| last);
        last.split_once(':').map(|(_, tag)| tag)
    }

    /// Whether the same bytes are meant tomorrow: by digest, or by a tag that names a release.
    pub fn is_pinned(&self) -> bool {
        self.0.contains("@sha256:") || self.tag().is_some_and(|tag| tag != "latest")
    }
}

/// A registry with its port, and a path.
fn is_repository(text: &str) -> bool {
    plain(text, |byte| byte.is_ascii_lowercase() || byte.is_ascii_digit(), b".:/_-")
}

/// The operator refuses an image whose last character is no letter or digit (kubean v0.37, clusterops controller).
fn is_tag(text: &str) -> bool {
    plain(text, |byte| byte.is_ascii_alphanumeric(), b"._-")
}

/// Good at both ends; good or one of `between` inside.
fn plain(text: &str, good: impl Fn(u8) -> bool, between: &[u8]) -> bool {
    let ends = |byte: Option<u8>| byte.is_some_and(&good);
    ends(text.bytes().next()) && ends(text.bytes().last()) && text.bytes().all(|byte| good(byte) || between.contains(&byte))
}

fn is_digest(text: &str) -> bool {
    let hexadecimal = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    text.strip_prefix("sha256:").is_some_and(|digits| digits.len() == 64 && digits.bytes().all(hexadecimal))
}

/// The Kubernetes release that runs, as `kube_version` takes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KubeVersion {
    pub release: Release,
    pub form: KubeVersionForm,
}

/// kubespray wants a leading `v` up to v2.27.0, and none from v2.28.0 (commit f9a263090).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KubeVersionForm {
    WithV,
    Plain,
}

impl fmt::Display for KubeVersion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Release { major, minor, patch } = self.release;
        match self.form {
            KubeVersionForm::WithV => write!(formatter, "v{major}.{minor}.{patch}"),
            KubeVersionForm::Plain => write!(formatter, "{major}.{minor}.{patch}"),
        }
    }
}

/// kubespray's `etcd_deployment_type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EtcdDeployment {
    /// A systemd service on each machine of the `etcd` group.
    Host,
    /// A static pod on each control plane.
    Kubeadm,
}

impl EtcdDeployment {
    pub fn name(self) -> &'static str {
        match self {
            EtcdDeployment::Host => "host",
            EtcdDeployment::Kubeadm => "kubeadm",
        }
    }
}

/// An address in front of the API that the plan does not manage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadBalancer {
    pub address: IpAddr,
    pub port: Port,
}

/// Where machines without internet find their packages.
#[derive(Debug, Clone)]
pub struct Offline {
    /// `http://host:port`, without a path.
    pub repository: String,
    pub imports: Vec<(OperatingSystem, Import)>,
}

/// Packages of one operating system, as files on the workstation.
#[derive(Debug, Clone)]
pub struct Import {
    pub tool: ImportTool,
    pub os_packages: AbsolutePath,
    pub iso: AbsolutePath,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportTool {
    Dce5Installer,
    KubeanScripts,
}

/// A playbook of the team's own around each operation of a kind.
#[derive(Debug, Clone)]
pub struct PlaybookHook {
    pub around: Around,
    pub moment: PlaybookMoment,
    /// `disable-firewalld.yml`.
    pub playbook: Located<String>,
    /// `None`: not said, which is found.
    pub scope: Option<HookScope>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Around {
    Add,
    Remove,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlaybookMoment {
    Before,
    After,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HookScope {
    /// The machine of the operation.
    Machine,
    /// Every machine of the inventory.
    All,
}

impl Kubean {
    /// Whether `remove-node.yml` leaves the removed machine's static pods running, its API server among them (kubespray issue 11627;
    /// mended in v2.25.1, v2.26.1 and v2.27.0). An image built after v2.26.0 may have the fault or not: then it is assumed.
    pub fn leaves_static_pods(&self) -> bool {
        let release = self.kubespray.value;
        release >= Release::new(2, 21, 0)
            && release < Release::new(2, 27, 0)
            && release != Release::new(2, 25, 1)
            && release != Release::new(2, 26, 1)
    }

    /// Whether `remove-node.yml` fails where the member of etcd that leaves is gone already, because it looks for it (kubespray v2.27 to
    /// v2.30, `roles/remove-node/remove-etcd-node`).
    pub fn looks_for_gone_member(&self) -> bool {
        let release = self.kubespray.value;
        release >= Release::new(2, 27, 0) && release < Release::new(2, 31, 0)
    }

    /// How many of `members` the etcd role restarts at once when their configuration changes: all of them, and since v2.27.0 half of
    /// them, rounded down (kubespray #11677). Static pods are no business of that role.
    pub fn etcd_restarts_at_once(&self, members: usize) -> usize {
        match self.etcd_deployment {
            EtcdDeployment::Kubeadm => 0,
            EtcdDeployment::Host if self.kubespray.value < Release::new(2, 27, 0) => members,
            EtcdDeployment::Host => members / 2,
        }
    }

    /// Whether a member joins etcd as a learner. kubespray's own role adds voters; kubeadm adds learners from Kubernetes v1.29 on,
    /// where the feature gate `EtcdLearnerMode` became a default.
    pub fn joins_as_learner(&self) -> bool {
        self.etcd_deployment == EtcdDeployment::Kubeadm && self.kube_version.release >= Release::new(1, 29, 0)
    }

    /// The inventory's argument of `ansible-playbook`: a file up to kubean v0.26, a descriptor after.
    pub fn inventory_argument(&self) -> &'static str {
        if self.operator.value < Release::new(0, 27, 0) { "/conf/hosts.yml" } else { "/dev/fd/200" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_is_read_with_and_without_its_letter() {
        assert_eq!(Release::parse("v0.12.2"), Ok(Release::new(0, 12, 2)));
        assert_eq!(Release::parse("1.31.6"), Ok(Release::new(1, 31, 6)));
        for bad in ["", "v1.2", "1.2.3.4", "v1.02.3", "v1.2.3-rc.1", "vv1.2.3"] {
            assert!(Release::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn only_a_tag_that_names_a_release_or_a_digest_pins_an_image() {
        let pinned = |text: &str| Image::parse(text).is_ok_and(|image| image.is_pinned());
        assert!(pinned("ghcr.io/kubean-io/spray-job:v0.12.2"));
        assert!(pinned(&format!("10.6.0.5:5000/kubean-io/spray-job@sha256:{}", "0".repeat(64))));
        assert!(!pinned("ghcr.io/kubean-io/spray-job:latest") && !pinned("10.6.0.5:5000/kubean-io/spray-job"));
        assert!(Image::parse("a b").is_err() && Image::parse("-a").is_err() && Image::parse("a$(id)").is_err());
    }
}
