//! How the cluster stands when a step begins, as the one who planned the step saw it.
//!
//! Commands and files are made for one moment: `--initial-cluster` lists the members of that moment. The judge works out the
//! same facts from its own simulation and refuses a step that was made for another moment.

use super::Inventory;
use crate::model::MachineName;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// Voting etcd members that run, in the order in which they joined (the spec's order for those of the source).
    pub etcd: Vec<MachineName>,
    /// Control planes that serve the API, in the order in which they joined.
    pub api: Vec<MachineName>,
    /// Candidates for the virtual IP that run, in the order in which they started.
    pub virtual_ip: Vec<MachineName>,
    /// The installer's list.
    pub inventory: Inventory,
}
