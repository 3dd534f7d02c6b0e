//! Servers that ocboot installs, in the words of ocboot.
//!
//! ocboot is told of every server at once and changes all of them: what it would overwrite is kept first, what runs is compared with what
//! it will be told, and the virtual IP moves to its primary. Does not know how a server leaves etcd; `embedded` does.

mod configuration;
mod examine;

use std::net::IpAddr;

use serde_json::{Map, Value, json};

use super::{Role, embedded};
use crate::ir::{Action, MachineRole};
use crate::lower::artifact::{Artifact, ArtifactKind, Body, Destination};
use crate::lower::moment::Moment;
use crate::lower::shared;
use crate::lower::sheet::Sheet;
use crate::model::{JoinAddress, K3s, MachineName, Ocboot, Runner, SecretReference, keepalived_pod};

use configuration::{Configuration, PASSWORD_MARKER, TOKEN};
pub use examine::examine;

/// The words of a step, where ocboot makes a difference to it.
pub fn lower(moment: &Moment<'_>, k3s: &K3s, ocboot: &Ocboot) -> Option<Sheet> {
    if let Action::JoinCluster { machine, roles, .. } = &moment.step.action
        && roles.contains(&MachineRole::ControlPlane)
    {
        return join(moment, ocboot, machine);
    }
    if let Action::LeaveCluster { machine, .. } = &moment.step.action
        && moment.step.standing.virtual_ip.contains(machine)
    {
        return Some(leave(moment, k3s, ocboot, machine));
    }
    if let Action::PrepareMachine { machine } = &moment.step.action {
        return Some(shared::machine::prepare(moment, machine).join(prepare(moment, ocboot, machine)));
    }
    if let Action::ProveVirtualIp { candidates, .. } = &moment.step.action {
        return Some(prove(moment, ocboot, candidates));
    }
    if let Action::BackUpControlPlane { machine } = &moment.step.action {
        let mut sheet = super::back_up_control_plane(moment, k3s, machine);
        // ocboot's options are its own; what stands on the servers is kept before it writes them anew.
        sheet.context.insert("servers".into(), json!([]));
        return Some(sheet);
    }
    None
}

fn join(moment: &Moment<'_>, ocboot: &Ocboot, machine: &MachineName) -> Option<Sheet> {
    let composed = Configuration::of(moment.migration, moment.step, ocboot, machine)?;
    let standing = &moment.step.standing;
    let mut context = context(moment, ocboot);
    let everybody = || standing.api.iter().chain([machine]);
    context.insert("survivors".into(), standing.api.iter().map(|name| survivor(moment, name)).collect());
    context.insert("bridged".into(), bridged(moment, ocboot));
    context.insert("listed".into(), moment.machines(everybody()));
    context.insert("candidates".into(), everybody().map(|name| candidate(moment, name, given(moment, name))).collect());
    context.insert("primary".into(), configuration::primary(moment.migration).map_or(Value::Null, |name| moment.machine(name)));
    context.insert("own_url".into(), json!(moment.api_url(machine)));
    context.insert("brings_password".into(), json!(brings_password(ocboot)));
    context.insert("joiner".into(), moment.member(machine));
    context.insert("joined".into(), moment.members(everybody()));
    context.insert("interface".into(), json!(ocboot.host_networks.get(machine).filter(|_| ocboot.as_host)));
    let artifact = Artifact {
        name: "ocboot.yaml",
        kind: ArtifactKind::OcbootConfiguration,
        destination: destination(ocboot),
        body: Body::Yaml(serde_json::to_value(composed).ok()?),
    };
    Some(Sheet::new("ocboot/join", context).with(artifact))
}

/// Beside ocboot, which sees nothing but its own directory.
fn destination(ocboot: &Ocboot) -> Destination {
    let path = format!("{}/replank.yaml", ocboot.directory);
    match &ocboot.runner {
        Runner::Workstation => Destination::Piped { into: path },
        Runner::Machine(machine) => Destination::OnMachine { host: machine.value.clone(), path, owner: "root:root", mode: "0600" },
    }
}

/// The pod of keepalived goes first, so that the address is elsewhere before anything else of the server ends.
fn leave(moment: &Moment<'_>, k3s: &K3s, ocboot: &Ocboot, machine: &MachineName) -> Sheet {
    let sheet = embedded::lower(moment, k3s).unwrap_or_else(|| super::external(moment, k3s));
    let mut context = context(moment, ocboot);
    let others = moment.step.standing.virtual_ip.iter().filter(|name| *name != machine);
    context.insert("others".into(), moment.machines(others));
    Sheet::new("ocboot/leave", context).join(sheet)
}

fn prepare(moment: &Moment<'_>, ocboot: &Ocboot, machine: &MachineName) -> Sheet {
    let mut context = context(moment, ocboot);
    context.insert("listed".into(), moment.machines([machine]));
    let described = moment.migration.cluster.virtual_ip.as_ref();
    let interface = ocboot.host_networks.get(machine).or(described.map(|described| &described.interface));
    context.insert("interface".into(), json!(interface));
    Sheet::new("ocboot/prepare", context).join(Sheet::new("k3s-embedded/prepare-machine", Map::new()))
}

fn prove(moment: &Moment<'_>, ocboot: &Ocboot, candidates: &[MachineName]) -> Sheet {
    let mut context = context(moment, ocboot);
    let declared = |name: &MachineName| moment.migration.cluster.virtual_ip.as_ref().and_then(|ip| ip.source_priorities.get(name)).copied();
    context.insert("candidates".into(), candidates.iter().map(|name| candidate(moment, name, declared(name))).collect());
    context.insert("machines".into(), moment.machines(candidates));
    Sheet::new("ocboot/prove-virtual-ip", context)
}

/// What keepalived's pod on a machine says.
fn candidate(moment: &Moment<'_>, name: &MachineName, priority: Option<u8>) -> Value {
    let state = if priority == Some(keepalived_pod::PRIORITIES.first) { "MASTER" } else { "BACKUP" };
    json!({ "machine": moment.machine(name), "priority": priority, "state": state })
}

/// After a run of ocboot.
fn given(moment: &Moment<'_>, name: &MachineName) -> Option<u8> {
    let given = keepalived_pod::PRIORITIES;
    Some(if configuration::primary(moment.migration) == Some(name) { given.first } else { given.others })
}

/// A server that is there already, and what its unit says after the run.
fn survivor(moment: &Moment<'_>, name: &MachineName) -> Value {
    let is_primary = configuration::primary(moment.migration) == Some(name);
    json!({ "name": name, "machine": moment.machine(name), "is_primary": is_primary })
}

/// The servers that are there already and run virtual machines, with the interface under their bridge.
fn bridged(moment: &Moment<'_>, ocboot: &Ocboot) -> Value {
    let interface = |name: &MachineName| ocboot.host_networks.get(name).filter(|_| ocboot.as_host);
    let of = |name: &MachineName| interface(name).map(|interface| json!({ "machine": moment.machine(name), "interface": interface }));
    moment.step.standing.api.iter().filter_map(of).collect()
}

fn context(moment: &Moment<'_>, ocboot: &Ocboot) -> Map<String, Value> {
    let mut context = super::context(moment, Role::Server);
    context.insert("ocboot".into(), settings(ocboot));
    context.insert("site".into(), site(moment, ocboot));
    let gone = moment.migration.source.control_plane.iter().map(|role| &role.value);
    context.insert("gone".into(), json!(gone.filter(|name| moment.migration.is_failed(name)).collect::<Vec<_>>()));
    if let Some(described) = &moment.migration.cluster.virtual_ip {
        let address = described.address.value.address;
        let password = match address {
            IpAddr::V4(address) => keepalived_pod::password(address),
            IpAddr::V6(_) => String::new(),
        };
        let virtual_ip = json!({
            "address": address.to_string(), "interface": described.interface, "router_id": described.router_id, "word": password,
            "manifest": keepalived_pod::MANIFEST, "url": moment.join_url(&JoinAddress::VirtualIp),
        });
        context.insert("virtual_ip".into(), virtual_ip);
    }
    context
}

fn settings(ocboot: &Ocboot) -> Value {
    let (file, variable) = match &ocboot.database.password {
        SecretReference::File(path) => (Some(path.as_str()), None),
        SecretReference::Environment(name) => (None, Some(name.as_str())),
    };
    json!({
        "release": ocboot.release.value.to_string(), "directory": ocboot.directory,
        "stack": ocboot.stack.word(), "product_version": ocboot.stack.product_version(),
        "onecloud_version": ocboot.onecloud_version.value.to_string(), "image_repository": ocboot.image_repository,
        "database_host": ocboot.database.host.value, "database_port": ocboot.database.port, "database_user": ocboot.database.user,
        "password_file": file, "password_variable": variable, "marker": PASSWORD_MARKER,
        "minio": ocboot.enable_minio, "region": ocboot.region, "zone": ocboot.zone,
        "token": TOKEN, "is_host": ocboot.as_host, "is_controller": ocboot.as_controller,
        "pods": ocboot.pods.value.to_string(), "services": ocboot.services.value.to_string(), "domain": ocboot.domain,
        "service_address": ocboot.services.value.first().to_string(),
    })
}

/// Whether the password goes from the workstation's environment to another machine.
fn brings_password(ocboot: &Ocboot) -> bool {
    match (&ocboot.runner, &ocboot.database.password) {
        (Runner::Machine(_), SecretReference::Environment(_)) => true,
        (Runner::Machine(_), SecretReference::File(_)) | (Runner::Workstation, _) => false,
    }
}

/// Who runs ocboot, and how it asks the API.
fn site(moment: &Moment<'_>, ocboot: &Ocboot) -> Value {
    match &ocboot.runner {
        Runner::Workstation => {
            let kubectl = moment.api().get("kubectl").cloned();
            json!({ "on": "workstation", "machine": null, "kubectl": kubectl })
        }
        Runner::Machine(machine) => json!({
            "on": machine.value, "machine": moment.machine(&machine.value),
            "kubectl": "/usr/local/bin/k3s kubectl --request-timeout=20s",
        }),
    }
}
