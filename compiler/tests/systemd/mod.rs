//! Plans for clusters of binaries under systemd, read as data; and the script for nodes, which is run.

mod agreement;
mod handed_out;
mod mistakes;
mod node_script;
mod small_moves;

use crate::kubeadm::compiled::{Compiled, changed, of};

pub const EXAMPLE: &str = include_str!("../../../examples/systemd-relocate-master/migration.yaml");

const OLD: [&str; 3] = ["etcd-old-1", "etcd-old-2", "etcd-old-3"];
const NEW: [&str; 3] = ["etcd-new-1", "etcd-new-2", "etcd-new-3"];
/// The API server and the members of the target, as clients are told of them.
const SERVER: &str = "http://10.17.33.20:8080";
const MEMBERS: &str = "http://10.17.33.21:4012,http://10.17.33.22:4012,http://10.17.33.23:4012";

/// The example as it is.
pub fn example() -> Compiled {
    of(EXAMPLE)
}

/// The example with replacements, each of which must match once.
pub fn edited(edits: &[(&str, &str)]) -> Compiled {
    of(&changed(EXAMPLE, edits))
}

/// What the edits of a move at a later release are: etcd's v3 API is still its v2 API here, kubelets have a kubeconfig.
pub fn at_release(version: &str) -> Compiled {
    let nodes = "          inBatchesOf: 2\n";
    let kubelet = format!("{nodes}          kubelet: {{unit: kubelet, file: /etc/kubernetes/kubelet.conf}}\n");
    edited(&[("version: v1.2.4", &format!("version: {version}")), (nodes, &kubelet)])
}
