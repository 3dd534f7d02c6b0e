//! What only kubeadm has: the cluster's own configuration, what keeps data beside the API servers, and who watches them.
//!
//! Planning and judging never read this file's types; only `lower/kubeadm` does.

use serde_json::Value;

use super::{Label, PodsOnControlPlanes, Port, Release};
use crate::source::Located;

/// A cluster that kubeadm set up, over an external etcd.
#[derive(Debug, Clone)]
pub struct Kubeadm {
    pub version: Located<Release>,
    /// The cluster's own `ClusterConfiguration`, its keys by name: their order has no meaning, and must change no byte.
    pub configuration: Value,
    pub api_server_port: Port,
    pub takes_pods: PodsOnControlPlanes,
    pub calico: Option<Calico>,
    pub monitoring: Vec<Monitoring>,
}

/// The names of Calico's objects, where it keeps its data in etcd.
#[derive(Debug, Clone)]
pub struct Calico {
    pub version: Release,
    pub namespace: Label,
    pub config_map: Label,
    pub node_daemon_set: Label,
    pub controllers_deployment: Label,
}

/// An `Endpoints` object that lists every API server.
#[derive(Debug, Clone)]
pub struct Monitoring {
    pub namespace: Label,
    pub name: Label,
    pub port_name: Label,
    pub port: Port,
}

/// kubeadm marks control planes with it since v1.21 (`cmd/kubeadm/app/phases/markcontrolplane`).
const NO_EXTERNAL_LOAD_BALANCER: &str = "node.kubernetes.io/exclude-from-external-load-balancers";

impl Kubeadm {
    /// The labels of a control plane. Of the two that name the role, kubeadm gives `master` alone before v1.20, both up to v1.23, and
    /// `control-plane` alone from v1.24 on (kubernetes/enhancements, KEP 2067).
    pub fn labels(&self) -> &'static [&'static str] {
        match self.version.value.minor {
            ..=19 => &["node-role.kubernetes.io/master"],
            20 => &["node-role.kubernetes.io/master", "node-role.kubernetes.io/control-plane"],
            21..=23 => &["node-role.kubernetes.io/master", "node-role.kubernetes.io/control-plane", NO_EXTERNAL_LOAD_BALANCER],
            24.. => &["node-role.kubernetes.io/control-plane", NO_EXTERNAL_LOAD_BALANCER],
        }
    }

    /// The taints of a control plane: `master` alone before v1.24, both in v1.24, `control-plane` alone from v1.25 on (KEP 2067).
    pub fn taints(&self) -> &'static [&'static str] {
        match self.version.value.minor {
            ..=23 => &["node-role.kubernetes.io/master"],
            24 => &["node-role.kubernetes.io/master", "node-role.kubernetes.io/control-plane"],
            25.. => &["node-role.kubernetes.io/control-plane"],
        }
    }

    /// Whether the control planes are listed in an object of their own, `ClusterStatus`, beside the configuration: up to v1.21
    /// (kubernetes/kubernetes#101915).
    pub fn lists_its_control_planes(&self) -> bool {
        self.version.value.minor < 22
    }

    /// `kubectl drain`'s word for pods with an emptyDir: renamed in v1.20.
    pub fn drain_flag(&self) -> &'static str {
        if self.version.value.minor < 20 { "--delete-local-data" } else { "--delete-emptydir-data" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Place;

    fn of(minor: u32) -> Kubeadm {
        Kubeadm {
            version: Located::new(Release::new(1, minor, 0), Place::new("", crate::source::Span::new(0, 0))),
            configuration: Value::Null,
            api_server_port: Port::KUBERNETES,
            takes_pods: PodsOnControlPlanes::Never,
            calico: None,
            monitoring: Vec::new(),
        }
    }

    #[test]
    fn labels_and_taints_are_those_of_the_release() {
        let both = |minor| (of(minor).labels().len(), of(minor).taints().len());
        assert_eq!([18, 20, 23, 24, 25].map(both), [(1, 1), (2, 1), (3, 1), (2, 2), (2, 1)]);
        assert!(of(19).labels()[0].ends_with("/master") && of(24).labels()[0].ends_with("/control-plane"));
        assert!(of(23).taints()[0].ends_with("/master") && of(25).taints()[0].ends_with("/control-plane"));
    }
}
