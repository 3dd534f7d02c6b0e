//! What only clusters of binaries under systemd have: which units run what, and where nodes and the cluster's DNS are told of both.
//!
//! Planning and judging ask `Distribution`, never these types; only `lower/systemd` reads them.

use std::net::IpAddr;

use indexmap::IndexMap;

use super::{AbsolutePath, EnvironmentName, FlagName, FlagValue, Image, Label, Port, Release, Token};
use crate::source::Located;

#[derive(Debug, Clone)]
pub struct Systemd {
    pub version: Located<Release>,
    /// `--insecure-port`.
    pub api_server_port: Port,
    /// Of the binaries on the control plane.
    pub binary_directory: AbsolutePath,
    pub api_server: Component,
    pub controller_manager: Component,
    pub scheduler: Component,
    /// On the control plane, which is no node.
    pub proxy: Option<Component>,
    pub flannel: Option<Flannel>,
    pub kubelet: Setting,
    pub node_proxy: Setting,
    /// Nodes of one step: at least one.
    pub in_batches_of: usize,
    /// Nodes that are changed at the same time.
    pub at_once: u16,
    pub dns: Option<Dns>,
}

/// A binary of the control plane, and the flags that it runs with: their order has no meaning, and must change no byte.
#[derive(Debug, Clone)]
pub struct Component {
    pub unit: Label,
    pub flags: IndexMap<FlagName, FlagValue>,
}

#[derive(Debug, Clone)]
pub struct Flannel {
    pub unit: Label,
    pub binary: AbsolutePath,
    pub prefix: AbsolutePath,
    pub flags: IndexMap<FlagName, FlagValue>,
    /// On a node.
    pub setting: Setting,
}

/// Where a unit on a node is told an address.
#[derive(Debug, Clone)]
pub struct Setting {
    pub unit: Label,
    pub file: AbsolutePath,
    pub form: SettingForm,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SettingForm {
    /// `NAME='--flag=ADDRESS'`, or `NAME='ADDRESS'` without a flag.
    Variable { name: EnvironmentName, flag: Option<FlagName> },
    /// A kubeconfig with one cluster.
    Kubeconfig,
}

/// kube2sky writes the records of services into etcd, SkyDNS answers from them. Both are ReplicationControllers.
#[derive(Debug, Clone)]
pub struct Dns {
    pub namespace: Label,
    pub domain: Token,
    /// In front of SkyDNS.
    pub service: Label,
    /// The label `version` of today, and the one that the rolled controllers get.
    pub version: Label,
    pub next_version: Label,
    pub kube2sky: Label,
    pub kube2sky_image: Image,
    pub skydns: Label,
    pub skydns_image: Image,
    pub replicas: u16,
    pub nameservers: Vec<IpAddr>,
}

/// `kube-controller-manager` waits so long for a node that reports nothing before it calls it unready, and then before it evicts its pods
/// (kube-controller-manager's `--node-monitor-grace-period` and `--pod-eviction-timeout`).
const GRACE: &str = "40s";
const EVICTION: &str = "5m0s";

impl Systemd {
    /// How long a node may be silent until it is unready, and how long it is unready until its pods are evicted: as the flags have it.
    pub fn eviction(&self) -> (&str, &str) {
        let of = |flag: &str| {
            let mut flags = self.controller_manager.flags.iter();
            flags.find(|(name, _)| name.as_str() == flag).map(|(_, value)| value.as_str())
        };
        (of("node-monitor-grace-period").unwrap_or(GRACE), of("pod-eviction-timeout").unwrap_or(EVICTION))
    }

    /// Whether a node tells that it lives by a lease, and writes its status every five minutes only (KEP 589: on by default since v1.14).
    pub fn has_leases(&self) -> bool {
        self.version.value >= Release::new(1, 14, 0)
    }

    /// `kubectl rolling-update` was removed in v1.18 (kubernetes/kubernetes#88057).
    pub fn has_rolling_update(&self) -> bool {
        self.version.value < Release::new(1, 18, 0)
    }
}
