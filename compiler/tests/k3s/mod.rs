//! Plans for k3s whose servers are members of etcd, read as data: what stands in which step, and what each file says.

mod mistakes;

use crate::kubeadm::compiled::{Compiled, changed, of};

/// The first of three died with its disk; another machine takes its part.
const DEAD: &str = include_str!("dead.yaml");
/// One server becomes three.
const GROW: &str = include_str!("grow.yaml");
/// All three are replaced.
const SWAP: &str = include_str!("swap.yaml");

fn edited(base: &str, edits: &[(&str, &str)]) -> Compiled {
    of(&changed(base, edits))
}
