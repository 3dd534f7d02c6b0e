//! The machine that holds the plan: what it must reach, and where its kubeconfig points.

use serde_json::{Value, json};

use crate::ir::{Action, Step};
use crate::lower::moment::Moment;
use crate::lower::sheet::Sheet;
use crate::model::{JoinAddress, MachineName};

pub fn prepare(moment: &Moment<'_>) -> Sheet {
    let migration = moment.migration;
    let mut context = moment.context();
    let takes_part = |name: &MachineName| migration.source.has_role(name) || migration.target.has_role(name);
    let taking_part = migration.machines.keys().filter(|name| takes_part(name) && !migration.is_failed(name));
    let machines = moment.machines(taking_part);
    let is_node =
        |name: &&MachineName| migration.cluster.distribution.control_planes_are_nodes() || !migration.source.is_control_plane(name);
    let nodes = migration.source.nodes().map(|role| &role.value).filter(is_node);
    let (failed, running): (Vec<_>, Vec<_>) = nodes.partition(|name| migration.is_failed(name));
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
    let from = named_until_now(moment);
    let leaves = |step: &Step| matches!(&step.action, Action::LeaveCluster { machine, .. } if Some(machine) == from);
    let leaving = from.filter(|_| moment.later.iter().any(leaves));
    let until = moment.later.iter().find(|step| matches!(step.action, Action::RepointWorkstation { .. }));
    let was_repointed = moment.before.iter().any(|step| matches!(step.action, Action::RepointWorkstation { .. }));
    let staying = from.filter(|name| leaving.is_none() && moment.migration.target.is_control_plane(name));
    let url = moment.join_url(join);
    context.insert("has_certificates".into(), json!(url.starts_with("https:")));
    context.insert("join_ready".into(), json!(moment.ready(&url)));
    context.insert("join_url".into(), json!(url));
    context.insert("leaving".into(), leaving.map_or(Value::Null, |name| moment.machine(name)));
    context.insert("comes_back".into(), json!(leaving.is_some_and(|name| moment.migration.is_rebuilt(name))));
    context.insert("until".into(), json!(until.map(|step| step.id.as_str())));
    // Whom the kubeconfig named only for a while.
    context.insert("stood_in".into(), staying.filter(|_| was_repointed).map_or(Value::Null, |name| moment.machine(name)));
    Sheet::new("workstation/repoint", context)
}

/// The control plane that the kubeconfig names before this step, where it names one.
fn named_until_now<'m>(moment: &Moment<'m>) -> Option<&'m MachineName> {
    let repointed = moment.before.iter().rev().find_map(|step| match &step.action {
        Action::RepointWorkstation { join } => Some(join),
        _ => None,
    });
    match repointed.unwrap_or(&moment.migration.source.join_address.value) {
        JoinAddress::Machine(name) => Some(name),
        JoinAddress::VirtualIp | JoinAddress::LoadBalancer | JoinAddress::OwnProxy => None,
    }
}
