//! The playbooks that kubean's operator starts by name, each with the releases since which it is known.
//!
//! The list belongs to the operator's release and the files to the image's: both must know a playbook. Does not know on which
//! machines a playbook runs.

use super::Release;

/// A name, and the releases since which the operator and the image have it.
#[derive(Debug)]
pub struct Playbook {
    pub name: &'static str,
    pub operator: Release,
    pub image: Release,
}

const fn since(name: &'static str, minor: u32, patch: u32) -> Playbook {
    Playbook { name, operator: Release::new(0, minor, patch), image: Release::new(0, minor, patch) }
}

/// kubean's `pkg/util/entrypoint`. Where only the next release that was read is known, that one.
pub const PLAYBOOKS: &[Playbook] = &[
    since("reset.yml", 4, 0),
    since("scale.yml", 4, 0),
    since("cluster.yml", 4, 0),
    since("remove-node.yml", 4, 0),
    since("upgrade-cluster.yml", 4, 0),
    since("ping.yml", 4, 0),
    since("enable-repo.yml", 4, 0),
    since("disable-firewalld.yml", 4, 0),
    since("kubeconfig.yml", 4, 0),
    since("cluster-info.yml", 4, 0),
    since("update-hosts.yml", 4, 0),
    since("remove-pkgs.yml", 4, 0),
    since("precheck.yml", 5, 0),
    since("renew-certs.yml", 9, 0),
    since("config-for-kube-vip.yml", 12, 2),
    since("config-insecure-registry.yml", 15, 0),
    since("enable-nf-conntrack.yml", 15, 0),
    since("mount-xfs-pquota.yml", 15, 0),
    since("set-containerd-registry-mirror.yml", 17, 5),
    since("disable-kernel-unattended-upgrade.yml", 17, 5),
    since("config-docker-cgroup-driver-for-kylinSP2.yml", 17, 5),
    // In the image since v0.22.2, where its imports lead nowhere until v0.28.3.
    Playbook { name: "facts.yml", operator: Release::new(0, 22, 2), image: Release::new(0, 28, 3) },
    since("ensure-kube-resolv-conf.yml", 23, 5),
    since("rh8-compat.yml", 27, 0),
    since("strip-kylin-version.yml", 30, 0),
];
