//! What runs a member of etcd on its machine: a service of the machine itself, or a pod that the machine's kubelet reads from a file.
//!
//! Planning and judging ask what follows from it, never which it is. Does not know what the files say; `lower` writes them.

use super::{AbsolutePath, Image};

/// What runs each member that the plan itself adds, changes or removes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EtcdProcess {
    /// `etcd.service`.
    Service,
    StaticPod(StaticPod),
}

/// A pod that a kubelet runs because its manifest lies in the kubelet's directory, whether the API is there or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaticPod {
    pub image: Image,
    /// The file, the same on every member. Its directory is the kubelet's `staticPodPath`.
    pub manifest: AbsolutePath,
}

impl EtcdProcess {
    /// Whether a member ends and starts again when what describes it changes: a kubelet does that to a pod whose manifest it finds
    /// changed, and systemd runs on with what it has started.
    pub fn restarts_when_rewritten(&self) -> bool {
        match self {
            EtcdProcess::Service => false,
            EtcdProcess::StaticPod(_) => true,
        }
    }

    /// Whether a member lives only where its machine is a node.
    pub fn needs_a_node(&self) -> bool {
        match self {
            EtcdProcess::Service => false,
            EtcdProcess::StaticPod(_) => true,
        }
    }
}

impl StaticPod {
    /// The kubelet's directory.
    pub fn directory(&self) -> &str {
        self.manifest.as_str().rsplit_once('/').map_or("", |(directory, _)| directory)
    }

    /// The file's own name.
    pub fn file_name(&self) -> &str {
        self.manifest.as_str().rsplit_once('/').map_or(self.manifest.as_str(), |(_, name)| name)
    }

    /// Where the manifest waits for its rename: beside its place, so that the rename is one, and under a name that the kubelet does not
    /// read (kubernetes.io, "Create static Pods": files that start with a dot are ignored).
    pub fn staged(&self) -> String {
        format!("{}/.{}", self.directory(), self.file_name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_waits_beside_its_place_under_a_name_that_no_kubelet_reads() {
        let pod = StaticPod {
            image: Image::parse("registry.k8s.io/etcd:3.5.9-0").unwrap(),
            manifest: AbsolutePath::parse("/etc/kubernetes/manifests/etcd.yaml").unwrap(),
        };
        assert_eq!((pod.directory(), pod.staged().as_str()), ("/etc/kubernetes/manifests", "/etc/kubernetes/manifests/.etcd.yaml"));
    }
}
