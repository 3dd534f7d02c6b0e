//! The machine that holds the plan: what it must reach, and where its kubeconfig points.

use serde_json::{Map, Value, json};

use crate::ir::{Action, Step};
use crate::lower::artifact::{Artifact, ArtifactKind, Body, Destination};
use crate::lower::moment::{Moment, ssh};
use crate::lower::sheet::Sheet;
use crate::model::{JoinAddress, Machine, MachineName};

/// Ten thousand machines, asked one after the other, would not all answer within the half hour that the command has. A jump host that all are
/// reached through drops connections from the tenth on that is still logging in (sshd_config(5), `MaxStartups`): so fewer.
pub const ASKED_AT_ONCE: usize = 8;

pub fn prepare(moment: &Moment<'_>) -> Sheet {
    let migration = moment.migration;
    let takes_part = |machine: &&Machine| {
        let name = &machine.name;
        (migration.source.has_role(name) || migration.target.has_role(name)) && !migration.is_failed(name)
    };
    let taking_part: Vec<&Machine> = migration.machines.values().filter(takes_part).collect();
    let is_node =
        |name: &&MachineName| migration.cluster.distribution.control_planes_are_nodes() || !migration.source.is_control_plane(name);
    let nodes = migration.source.nodes().map(|role| &role.value).filter(is_node);
    let (failed, running): (Vec<_>, Vec<_>) = nodes.partition(|name| migration.is_failed(name));
    // As kubectl shows them.
    let mut nodes: Vec<String> = running.iter().map(|name| format!("{name} Ready")).collect();
    nodes.sort_unstable();
    let mut context = moment.context();
    // Whether the cluster still knows a machine that does not answer is of no interest yet.
    context.insert("failed_nodes".into(), json!(failed));
    context.insert("count_of_machines".into(), json!(taking_part.len()));
    context.insert("count_of_nodes".into(), json!(nodes.len()));
    context.insert("at_once".into(), json!(ASKED_AT_ONCE));
    Sheet::new("workstation/prepare", context).with(machines(taking_part)).with(list("nodes", ArtifactKind::NodeList, &nodes))
}

/// Whom a command asks, and how each is reached.
pub fn machines<'a>(machines: impl IntoIterator<Item = &'a Machine>) -> Artifact {
    let lines: Vec<String> = machines.into_iter().map(|machine| format!("{} {}", machine.name, ssh(machine))).collect();
    list("machines", ArtifactKind::MachineList, &lines)
}

/// A list that the step reads where it lies: in a command, ten thousand lines would be more than a code host shows of a page.
fn list(name: &'static str, kind: ArtifactKind, lines: &[String]) -> Artifact {
    let destination = Destination::Piped { into: format!("workstation/{name}") };
    let context: Map<String, Value> = [("lines".to_owned(), json!(lines))].into_iter().collect();
    Artifact { name, kind, destination, body: Body::Template { template: "list", context } }
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
