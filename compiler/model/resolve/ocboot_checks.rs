//! What ocboot does with what it is told, held against both ends: who is its primary, whom it counts, what it would overwrite.
//!
//! Each check is one sentence about a run of ocboot that ends in trouble without an error of its own (ocboot master-v3.11 to
//! master-v4.0). Does not know which steps a plan has; `lower/k3s/ocboot` looks at those.

use std::net::IpAddr;

use super::context::{Context, Machines};
use super::ocboot::OCBOOT;
use super::topology::Roles;
use crate::diag::{Code, Diagnostic};
use crate::model::{Cluster, Datastore, K3s, Machine, MachineName, MachineState, Ocboot, Port, Runner, Runtime, Temporary, keepalived_pod};
use crate::source::{Located, Place};

const K3S: &str = "/spec/cluster/distribution/k3s";

/// What the checks look at.
pub(super) struct Subject<'s> {
    pub cluster: &'s Cluster,
    pub k3s: &'s K3s,
    pub machines: &'s Machines,
    pub source: &'s Roles,
    pub target: &'s Roles,
    pub temporary: &'s Temporary,
}

impl Subject<'_> {
    fn has_failed(&self, machine: &MachineName) -> bool {
        self.machines.get(machine).is_some_and(|machine| machine.state == MachineState::Failed)
    }

    fn is_server(roles: &Roles, machine: &MachineName) -> bool {
        roles.control_plane.iter().any(|role| role.value == *machine)
    }

    /// A server of both ends that answers.
    fn stays(&self, machine: &MachineName) -> bool {
        Self::is_server(self.source, machine) && Self::is_server(self.target, machine) && !self.has_failed(machine)
    }

    fn joining(&self) -> impl Iterator<Item = &Located<MachineName>> {
        self.target.control_plane.iter().filter(|role| !Self::is_server(self.source, &role.value))
    }
}

pub(super) fn check(context: &mut Context<'_>, subject: &Subject<'_>) {
    let Some(ocboot) = &subject.k3s.ocboot else { return };
    if subject.k3s.datastore == Datastore::External {
        let label = "expected `ocboot` beside an embedded datastore only, found it beside an external one";
        let diagnostic = Diagnostic::at(Code::M901, &ocboot.place, label)
            .why("ocboot starts its servers with `--cluster-init` and `--server`: they keep the cluster's state themselves.");
        context.find(diagnostic.help("write `datastore: embedded`, if that is what runs; else leave `ocboot` out"));
        return;
    }
    unsupported(context, subject, ocboot);
    survivors(context, subject, ocboot);
    primary(context, subject);
    versions(context, subject.k3s, ocboot);
    virtual_ip(context, subject, ocboot);
    keepalived(context, subject);
    networks(context, subject, ocboot);
    overwritten(context, subject.k3s);
    hosts(context, subject, ocboot);
    runner(context, subject, ocboot);
    database(context, subject, ocboot);
}

/// What ocboot could do and the words of a plan cannot say yet.
fn unsupported(context: &mut Context<'_>, subject: &Subject<'_>, ocboot: &Ocboot) {
    let mut found: Vec<(Place, String, &str)> = Vec::new();
    if let Some(role) = subject.temporary.roles().next() {
        let text = format!("expected no machine that helps out with `ocboot`, found `{}`", role.value);
        found.push((role.place.clone(), text, "take it out of `temporary`, or list it at the target"));
    }
    let rebuilt = |machine: &&Machine| machine.is_installed_anew() && subject.target.has(&machine.name);
    let had_a_role = |machine: &&Machine| subject.source.has(&machine.name);
    for machine in subject.machines.values().filter(rebuilt).filter(had_a_role) {
        let text = format!("expected `{}` to keep what is installed on it with `ocboot`, found that it is rebuilt", machine.name);
        found.push((subject.target.place_of(&machine.name), text, "let another machine join, under a name of its own"));
    }
    for role in subject.target.workers.iter().filter(|role| !subject.source.has(&role.value)) {
        let text = format!("expected no worker to join with `ocboot`, found `{}`", role.value);
        found.push((role.place.clone(), text, "add it with `./ocboot.sh add-node` before or after, and list it at both ends"));
    }
    match subject.k3s.runtime {
        Runtime::Containerd => {}
        Runtime::Docker => {
            let text = "expected containerd with `ocboot`, found docker".to_owned();
            found.push((context.place(&format!("{K3S}/runtime")), text, "leave `runtime` out"));
        }
    }
    for (place, label, help) in found {
        let diagnostic = Diagnostic::at(Code::M213, &place, label).related(ocboot.place.span, "ocboot installs the servers");
        context.find(diagnostic.help(help));
    }
}

/// With one host in `master_nodes` ocboot copies neither of its two units, and says nothing: the newcomer is skipped.
fn survivors(context: &mut Context<'_>, subject: &Subject<'_>, ocboot: &Ocboot) {
    let answering: Vec<_> = subject.source.control_plane.iter().filter(|role| !subject.has_failed(&role.value)).collect();
    let Some(newcomer) = subject.joining().next() else { return };
    if answering.len() >= 2 {
        return;
    }
    let label = format!("expected two servers or more that answer before `{}` joins, found {}", newcomer.value, answering.len());
    let diagnostic = Diagnostic::at(Code::M902, &newcomer.place, label).related(ocboot.place.span, "ocboot installs the servers").why(
        "with one host in `master_nodes` ocboot sets up neither a single server nor several, and skips the newcomer without an error.",
    );
    context.find(diagnostic.help("leave `ocboot` out: a second server joins without it"));
}

/// The first candidate of the target is ocboot's primary: it asks that one for everything, and gives it the virtual IP.
fn primary(context: &mut Context<'_>, subject: &Subject<'_>) {
    let Some(first) = subject.target.virtual_ip.first() else { return };
    if subject.stays(&first.value) {
        return;
    }
    let found = if subject.has_failed(&first.value) { "has failed" } else { "joins" };
    let label = format!("expected the first candidate to be a server that stays, found `{}`, which {found}", first.value);
    let diagnostic = Diagnostic::at(Code::M903, &first.place, label)
        .why("the first candidate is ocboot's primary: it must hold the cluster's data already, or ocboot founds a second cluster on it.");
    let stays = subject.target.virtual_ip.iter().find(|role| subject.stays(&role.value));
    context.find(match stays {
        Some(role) => diagnostic.help_copy("list one that stays first", format!("virtualIp: [{}, …]", role.value)),
        None => diagnostic.help("keep a server"),
    });
}

fn versions(context: &mut Context<'_>, k3s: &K3s, ocboot: &Ocboot) {
    let runs = &k3s.version;
    let label = match ocboot.release.value.k3s() {
        Some(installed) if installed == runs.value => None,
        Some(installed) => {
            Some(format!("expected a release that installs {}, found {}, which installs {installed}", runs.value, ocboot.release.value))
        }
        None => Some(format!("expected a release of v3.11 or v4.0, found {}, whose k3s is not known", ocboot.release.value)),
    };
    if let Some(label) = label {
        let diagnostic = Diagnostic::at(Code::M904, &ocboot.release.place, label)
            .related(runs.place.span, "this k3s runs")
            .why("ocboot puts its own k3s on every server that it is told of, not only on the newcomer.");
        context.find(diagnostic.help("take the release with which the cluster was set up or upgraded last"));
    }
    let (release, onecloud) = (ocboot.release.value.release, &ocboot.onecloud_version);
    if release != onecloud.value {
        let label = format!("expected the release of Cloudpods that {} belongs to, found {}", ocboot.release.value, onecloud.value);
        let diagnostic = Diagnostic::at(Code::M905, &onecloud.place, label)
            .related(ocboot.release.place.span, format!("this is ocboot of {release}"))
            .why("ocboot applies the OnecloudCluster and the operator of the version that it is told, whatever runs: the plan stops where another one runs.");
        context.find(diagnostic.help("write what `kubectl -n onecloud get onecloudcluster default -o jsonpath='{.spec.version}'` says"));
    }
}

/// With `high_availability` every server is a candidate, and nobody else is.
fn virtual_ip(context: &mut Context<'_>, subject: &Subject<'_>, ocboot: &Ocboot) {
    let find = |context: &mut Context<'_>, place: &Place, label: String| {
        let diagnostic =
            Diagnostic::at(Code::M906, place, label).why("ocboot runs keepalived on every server that it is told of, and on nobody else.");
        context.find(diagnostic.help("list under `virtualIp` of each end exactly its control planes"));
    };
    let Some(described) = &subject.cluster.virtual_ip else {
        return find(context, &ocboot.place, "expected `cluster.virtualIp` beside `ocboot`, found none".into());
    };
    if described.address.value.address.is_ipv6() {
        find(context, &described.address.place, format!("expected an IPv4 address, found {}", described.address.value));
    }
    for roles in [subject.source, subject.target] {
        let is_candidate = |role: &&Located<MachineName>| roles.virtual_ip.iter().any(|candidate| candidate.value == role.value);
        if let Some(role) = roles.control_plane.iter().find(|role| !is_candidate(role)) {
            let label = format!("expected `{}` as a candidate in `{}.virtualIp`, found that it is none", role.value, roles.end.word());
            find(context, &role.place, label);
        }
        if let Some(place) = roles.joins_by_machine() {
            find(context, place, format!("expected the virtual IP as `{}.joinAddress`, found a machine", roles.end.word()));
        }
    }
    order(context, subject);
}

/// Only a run of ocboot gives priorities, and there is none where nobody joins.
fn order(context: &mut Context<'_>, subject: &Subject<'_>) {
    let before: Vec<_> = subject.source.virtual_ip.iter().filter(|role| subject.stays(&role.value)).map(|role| &role.value).collect();
    let after: Vec<_> = subject.target.virtual_ip.iter().filter(|role| subject.stays(&role.value)).map(|role| &role.value).collect();
    if let (None, Some(first)) = (subject.joining().next(), subject.target.virtual_ip.first().filter(|_| before != after)) {
        let label = format!("expected the order of `source.virtualIp` where no server joins, found `{}` first", first.value);
        let diagnostic = Diagnostic::at(Code::M906, &first.place, label)
            .why("priorities change only when ocboot runs, and it runs only where a server joins.");
        let order: Vec<_> = before.iter().map(|name| name.as_str()).collect();
        context.find(diagnostic.help_copy("keep the order of `source.virtualIp`", format!("virtualIp: [{}]", order.join(", "))));
    }
}

/// What follows from the address is ocboot's; another candidate would not be of the same group.
fn keepalived(context: &mut Context<'_>, subject: &Subject<'_>) {
    const VIRTUAL_IP: &str = "/spec/cluster/virtualIp";
    let Some(described) = &subject.cluster.virtual_ip else { return };
    let IpAddr::V4(address) = described.address.value.address else { return };
    let mut found: Vec<(Place, String, String)> = Vec::new();
    if let Some(id) = keepalived_pod::router_id(address).filter(|id| *id != described.router_id) {
        let place = context.place(&format!("{VIRTUAL_IP}/routerId"));
        let label = format!("expected the router id that ocboot makes of {address}, found {}", described.router_id.get());
        found.push((place, label, format!("routerId: {}", id.get())));
    }
    for field in ["password", "instance"].into_iter().filter(|field| context.document.has(&format!("{VIRTUAL_IP}/{field}"))) {
        let label = format!("expected no `{field}` beside `ocboot`, found one");
        found.push((context.key(&format!("{VIRTUAL_IP}/{field}")), label, String::new()));
    }
    let given = keepalived_pod::PRIORITIES;
    let firsts = described.source_priorities.values().filter(|priority| **priority == given.first).count();
    for (machine, priority) in &described.source_priorities {
        if *priority != given.others && (*priority != given.first || firsts > 1) {
            let place = context.place(&format!("{VIRTUAL_IP}/sourcePriorities/{machine}"));
            let label = format!("expected {} for one candidate and {} for all others, found {priority}", given.first, given.others);
            found.push((place, label, String::new()));
        }
    }
    for (place, label, instead) in found {
        let diagnostic = Diagnostic::at(Code::M907, &place, label)
            .why("ocboot makes router id and password of the address, and gives 100 to its primary and 90 to the others.");
        context.find(match instead.is_empty() {
            true => diagnostic.help("remove it: what stands on the servers is read and compared before anything is changed"),
            false => diagnostic.help_copy("write", instead),
        });
    }
}

/// ocboot writes them as they are into the configuration of every server: they must be as k3s has them, which is compared as text.
fn own_networks(context: &mut Context<'_>, ocboot: &Ocboot) {
    for network in [&ocboot.pods, &ocboot.services] {
        let (written, own) = (network.value, network.value.network());
        if own.is_ipv6() {
            let diagnostic = Diagnostic::at(Code::M908, &network.place, format!("expected an IPv4 network, found {written}"))
                .why("a plan tells ocboot of one family of addresses, and the virtual IP is of IPv4.");
            context.find(diagnostic.help("leave `ocboot` out where pods or services have IPv6 addresses"));
        } else if own != written.address {
            let diagnostic = Diagnostic::at(
                Code::M908,
                &network.place,
                format!("expected the address of a network, found that of a host in it: {written}"),
            )
            .why("it is written on every server as it stands here, and compared with what they were started with.");
            context.find(diagnostic.help_copy("write", format!("{own}/{}", written.prefix)));
        }
    }
    if ocboot.pods.value.overlaps(&ocboot.services.value) {
        let label =
            format!("expected a network of pods apart from that of services, {}, found {}", ocboot.services.value, ocboot.pods.value);
        let diagnostic = Diagnostic::at(Code::M908, &ocboot.pods.place, label)
            .related(ocboot.services.place.span, "this network is that of services")
            .why("an address would be that of a pod and of a service at once, and ocboot writes both networks on every server.");
        context.find(diagnostic.help("write the networks that the cluster has under `network`"));
    }
}

/// ocboot refuses addresses of machines inside the networks of pods and services, and so it does for the virtual IP.
fn networks(context: &mut Context<'_>, subject: &Subject<'_>, ocboot: &Ocboot) {
    own_networks(context, ocboot);
    let takes_part = |machine: &&Machine| subject.source.has(&machine.name) || subject.target.has(&machine.name);
    let of_machines = subject
        .machines
        .values()
        .filter(takes_part)
        .map(|machine| (machine.address, context.place(&format!("/spec/machines/{}/address", machine.name))));
    let of_virtual_ip = subject.cluster.virtual_ip.iter().map(|ip| (ip.address.value.address, ip.address.place.clone()));
    let inside: Vec<_> = of_machines.chain(of_virtual_ip).collect();
    for network in [&ocboot.pods, &ocboot.services] {
        // One is shown; a network that is written wrongly holds them all.
        let Some((address, place)) = inside.iter().find(|(address, _)| network.value.contains(*address)) else { continue };
        let label = format!("expected an address outside of {}, found {address}", network.value);
        let diagnostic = Diagnostic::at(Code::M908, place, label)
            .related(network.place.span, "this network is the cluster's own")
            .why("ocboot stops at it; and who shares addresses with pods or services is not reached.");
        context.find(diagnostic.help("write the networks that the cluster has under `network`"));
    }
}

/// ocboot writes the configuration of every server that it is told of, and listens where it always does.
fn overwritten(context: &mut Context<'_>, k3s: &K3s) {
    let port = (k3s.https_listen_port != Port::KUBERNETES).then_some("httpsListenPort");
    let keys = (!k3s.server_config.is_empty()).then_some("serverConfig");
    for field in port.into_iter().chain(keys) {
        let label = format!("expected no `{field}` beside `ocboot`, found one");
        let diagnostic = Diagnostic::at(Code::M910, &context.key(&format!("{K3S}/{field}")), label).why(
            "ocboot writes the unit and the configuration of every server anew, with port 6443 and settings of its own: others are lost.",
        );
        context.find(diagnostic.help("remove it; where the servers have it today, ocboot cannot add one to them"));
    }
}

/// A server that runs virtual machines needs its bridge, and nobody else does.
fn hosts(context: &mut Context<'_>, subject: &Subject<'_>, ocboot: &Ocboot) {
    let takes_part = |name: &MachineName| Subject::is_server(subject.source, name) || Subject::is_server(subject.target, name);
    for machine in ocboot.host_networks.keys().filter(|name| !takes_part(name)) {
        let place = context.key(&format!("{OCBOOT}/hostNetworks/{machine}"));
        let label = format!("expected a control plane, found `{machine}`, which is none at either end");
        context.find(Diagnostic::at(Code::M909, &place, label).help("remove the line"));
    }
    let listed = subject.source.control_plane.iter().filter(|role| !subject.has_failed(&role.value)).chain(subject.joining());
    for role in listed.filter(|role| ocboot.as_host && !ocboot.host_networks.contains_key(&role.value)) {
        let label = format!("expected the interface under `br0` of `{}`, found none", role.value);
        let diagnostic = Diagnostic::at(Code::M909, &role.place, label)
            .related(ocboot.place.span, "ocboot is told of it")
            .why("without it ocboot chooses an interface, also on servers whose bridge has another.");
        context.find(diagnostic.help_copy("add under `ocboot`", format!("hostNetworks: {{{}: eth0}}", role.value)));
    }
}

fn runner(context: &mut Context<'_>, subject: &Subject<'_>, ocboot: &Ocboot) {
    match &ocboot.runner {
        Runner::Workstation => {}
        Runner::Machine(machine) if subject.stays(&machine.value) => {}
        Runner::Machine(machine) => {
            let label = format!("expected a server that stays, found `{}`", machine.value);
            let diagnostic = Diagnostic::at(Code::M911, &machine.place, label)
                .why("who runs ocboot must know the cluster already, and must still be there for the next server.");
            context.find(
                diagnostic.help("name a control plane of both ends that has not failed, or leave it out: then the workstation runs it"),
            );
        }
    }
}

/// A database on a machine that goes is gone with it; ocboot is not asked to install another.
fn database(context: &mut Context<'_>, subject: &Subject<'_>, ocboot: &Ocboot) {
    let host = &ocboot.database.host;
    let on = subject
        .machines
        .values()
        .find(|machine| host.value.as_str() == machine.address.to_string() || host.value.as_str() == machine.name.as_str());
    let Some(machine) = on.filter(|machine| !subject.stays(&machine.name)) else { return };
    let label = format!("expected a database that is there before and after, found it on `{}`", machine.name);
    let there = context.place(&format!("/spec/machines/{}/address", machine.name));
    let diagnostic = Diagnostic::at(Code::M912, &host.place, label)
        .related(there.span, format!("`{}` leaves, joins, or has failed", machine.name))
        .why("a plan never lets ocboot install a database: it would set an empty one up where the old one was.");
    context.find(diagnostic.help("move the database first, and write where it is then"));
}
