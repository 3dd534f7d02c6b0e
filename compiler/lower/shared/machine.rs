//! A machine that joins, and one that has left: what does not depend on the Kubernetes distribution.

use serde_json::{Value, json};

use super::etcd::object;
use super::{etcd, virtual_ip};
use crate::lower::artifact::{Artifact, ArtifactKind, Body};
use crate::lower::moment::Moment;
use crate::lower::sheet::Sheet;
use crate::model::{Leftovers, MachineName, Topology};

/// Makes a machine ready for the roles that it gets and did not have.
pub fn prepare(moment: &Moment<'_>, machine: &MachineName) -> Sheet {
    let (source, target) = (&moment.migration.source, &moment.migration.target);
    let mut context = moment.context();
    let leftovers = moment.migration.machines.get(machine).map_or(Leftovers::Refuse, |machine| machine.leftovers);
    context.insert("remove_leftovers".into(), json!(matches!(leftovers, Leftovers::Remove)));
    context.insert("is_new".into(), json!(!has_a_role(source, machine)));
    let mut sheet = Sheet::new("machine/prepare", context).with(hosts(moment, machine));
    if target.is_etcd_member(machine) && !source.is_etcd_member(machine) {
        sheet = sheet.join(etcd::prepare(moment, machine));
    }
    if target.is_virtual_ip_candidate(machine) && !source.is_virtual_ip_candidate(machine) {
        sheet = sheet.join(virtual_ip::prepare(moment, machine));
    }
    sheet
}

pub fn clean_up(moment: &Moment<'_>, _machine: &MachineName) -> Sheet {
    Sheet::new("machine/clean-up", moment.context())
}

/// Whether the machine plays any role in a topology.
pub fn has_a_role(topology: &Topology, machine: &MachineName) -> bool {
    topology.nodes().any(|role| role.value == *machine) || topology.is_etcd_member(machine)
}

/// The target's machines by name, as a block of `/etc/hosts`.
fn hosts(moment: &Moment<'_>, machine: &MachineName) -> Artifact {
    let all = moment
        .migration
        .machines
        .values()
        .filter(|machine| has_a_role(&moment.migration.source, &machine.name) || has_a_role(&moment.migration.target, &machine.name));
    // Workers know themselves and the machines that serve; a list of thousands on each of thousands serves nobody.
    let serves = |topology: &Topology, name: &MachineName| topology.is_control_plane(name) || topology.is_etcd_member(name);
    let known = all.filter(|other| {
        other.name == *machine || serves(&moment.migration.source, &other.name) || serves(&moment.migration.target, &other.name)
    });
    let list: Vec<Value> = known.map(|machine| json!({ "address": machine.address.to_string(), "name": machine.name })).collect();
    Artifact {
        name: "hosts",
        kind: ArtifactKind::HostsBlock,
        host: machine.clone(),
        destination: "/etc/hosts.replank".into(),
        owner: "root:root",
        mode: "0644",
        body: Body::Template { template: "hosts", context: object(json!({ "list": list, "cluster": moment.migration.cluster.name })) },
    }
}
