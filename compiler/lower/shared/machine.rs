//! A machine that joins, and one that has left: what does not depend on the Kubernetes distribution.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::etcd::object;
use super::{etcd, virtual_ip};
use crate::ir::Phase;
use crate::lower::artifact::{Artifact, ArtifactKind, Body, Destination};
use crate::lower::moment::Moment;
use crate::lower::sheet::Sheet;
use crate::model::{Leftovers, MachineName, OperatingSystem, RoleTravel};

/// Makes a machine ready for the roles that it gets and did not have.
pub fn prepare(moment: &Moment<'_>, machine: &MachineName) -> Sheet {
    let (source, target) = (&moment.migration.source, &moment.migration.target);
    let mut context = moment.context();
    let leftovers = moment.migration.machines.get(machine).map_or(Leftovers::Refuse, |machine| machine.leftovers);
    let is_anew = is_installed_anew(moment, machine);
    context.insert("remove_leftovers".into(), json!(matches!(leftovers, Leftovers::Remove) && !is_anew));
    context.insert("is_anew".into(), json!(is_anew));
    context.insert("was_member".into(), json!(source.is_etcd_member(machine)));
    context.insert("is_new".into(), json!(is_anew || !source.has_role(machine)));
    let mut sheet = Sheet::new("machine/prepare", context).with(hosts(moment, machine));
    let etcd_is_apart = moment.migration.cluster.distribution.role_travel() == RoleTravel::Apart;
    if etcd_is_apart && target.is_etcd_member(machine) && !source.is_etcd_member(machine) {
        sheet = sheet.join(etcd::prepare(moment, machine));
    }
    let moves = !moment.migration.cluster.distribution.virtual_ip_comes_with_servers();
    let was_candidate = source.is_virtual_ip_candidate(machine) && !moment.migration.is_failed(machine);
    if moves && target.is_virtual_ip_candidate(machine) && !was_candidate {
        sheet = sheet.join(virtual_ip::prepare(moment, machine));
    }
    sheet
}

/// Whether the machine that is made ready here has left before, and was installed anew. In the first phase nobody has left.
pub fn is_installed_anew(moment: &Moment<'_>, machine: &MachineName) -> bool {
    moment.migration.is_rebuilt(machine) && moment.step.phase != Phase::Prepare
}

/// A person installs a machine anew that has no role at this moment, and puts the files `brought` on it.
pub fn reinstall(moment: &Moment<'_>, machine: &MachineName, os: &OperatingSystem, brought: &[String]) -> Sheet {
    let mut context = moment.context();
    context.insert("brought".into(), json!(brought));
    context.insert("os".into(), system(os));
    context.insert("member".into(), moment.member(machine));
    context.insert("was_member".into(), json!(moment.migration.source.is_etcd_member(machine)));
    Sheet::new("machine/reinstall", context)
}

/// An operating system as `/etc/os-release` calls it.
pub fn system(os: &OperatingSystem) -> Value {
    json!({ "name": os.to_string(), "id": os.family.os_release_id(), "version": os.version(), "major": os.major() })
}

pub fn clean_up(moment: &Moment<'_>, machine: &MachineName) -> Sheet {
    let mut context = moment.context();
    // A keepalived in a pod goes with its server; one that runs beside it is somebody else's.
    let moves = !moment.migration.cluster.distribution.virtual_ip_comes_with_servers();
    context.insert("was_candidate".into(), json!(moves && moment.migration.source.is_virtual_ip_candidate(machine)));
    context.insert("has_virtual_ip".into(), json!(moves && moment.migration.cluster.virtual_ip.is_some()));
    Sheet::new("machine/clean-up", context)
}

/// Who serves at either end, and the machine itself, as a block of `/etc/hosts`. A list of thousands of workers on each of
/// thousands would serve nobody.
fn hosts(moment: &Moment<'_>, machine: &MachineName) -> Artifact {
    let machines = &moment.migration.machines;
    let ends = [&moment.migration.source, &moment.migration.target];
    let serving = ends.into_iter().flat_map(|end| end.control_plane.iter().chain(&end.etcd)).map(|role| &role.value);
    let known: BTreeSet<usize> = serving.chain([machine]).filter_map(|name| machines.get_index_of(name)).collect();
    let known = known.into_iter().filter_map(|index| machines.get_index(index)).map(|(_, machine)| machine);
    let lines: Vec<String> = known.map(|machine| format!("{} {}", machine.address, machine.name)).collect();
    Artifact {
        name: "hosts",
        kind: ArtifactKind::HostsBlock,
        destination: Destination::OnMachine { host: machine.clone(), path: "/etc/hosts.replank".into(), owner: "root:root", mode: "0644" },
        body: Body::Template { template: "hosts", context: object(json!({ "lines": lines, "cluster": moment.migration.cluster.name })) },
    }
}
