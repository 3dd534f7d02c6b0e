//! The machine that holds the plan: what it must reach, and where its kubeconfig points.

use serde_json::{Value, json};

use crate::lower::moment::Moment;
use crate::lower::sheet::Sheet;
use crate::model::JoinAddress;

pub fn prepare(moment: &Moment<'_>) -> Sheet {
    let migration = moment.migration;
    let mut context = moment.context();
    let taking_part =
        migration.machines.values().filter(|machine| migration.source.has_role(&machine.name) || migration.target.has_role(&machine.name));
    let machines: Vec<Value> = taking_part.map(|machine| moment.machine(&machine.name)).collect();
    let mut nodes: Vec<&str> = migration.source.nodes().map(|role| role.value.as_str()).collect();
    nodes.sort_unstable();
    context.insert("machines".into(), machines.into());
    context.insert("nodes".into(), json!(nodes));
    Sheet::new("workstation/prepare", context)
}

pub fn repoint(moment: &Moment<'_>, join: &JoinAddress) -> Sheet {
    let mut context = moment.context();
    context.insert("join_url".into(), json!(moment.join_url(join)));
    Sheet::new("workstation/repoint", context)
}
