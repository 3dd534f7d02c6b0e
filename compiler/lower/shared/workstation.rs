//! The machine that holds the plan: what it must reach, and where its kubeconfig points.

use serde_json::json;

use crate::lower::moment::Moment;
use crate::lower::sheet::Sheet;
use crate::model::{JoinAddress, MachineName};

pub fn prepare(moment: &Moment<'_>) -> Sheet {
    let migration = moment.migration;
    let mut context = moment.context();
    let takes_part = |name: &MachineName| migration.source.has_role(name) || migration.target.has_role(name);
    let taking_part = migration.machines.keys().filter(|name| takes_part(name) && !migration.is_failed(name));
    let machines = moment.machines(taking_part);
    let (failed, running): (Vec<_>, Vec<_>) = migration.source.nodes().map(|role| &role.value).partition(|name| migration.is_failed(name));
    let mut nodes: Vec<&str> = running.iter().map(|name| name.as_str()).collect();
    nodes.sort_unstable();
    // Whether the cluster still knows a machine that does not answer is of no interest yet.
    context.insert("failed_nodes".into(), json!(failed));
    context.insert("machines".into(), machines);
    context.insert("nodes".into(), json!(nodes));
    Sheet::new("workstation/prepare", context)
}

pub fn repoint(moment: &Moment<'_>, join: &JoinAddress) -> Sheet {
    let mut context = moment.context();
    context.insert("join_url".into(), json!(moment.join_url(join)));
    Sheet::new("workstation/repoint", context)
}
