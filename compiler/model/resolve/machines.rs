//! The declared machines: addresses that can belong to a machine, each once, of one family.
//!
//! Does not know roles.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::context::{Context, Machines};
use crate::diag::{Code, Diagnostic};
use crate::model::{Leftovers, Machine, MachineName, MachineState, NameError, OperatingSystems, Pods, Port, Ssh, UserName};
use crate::source::Place;
use crate::spec::v1alpha1 as spec;

/// What steps have for names of their own, and what `on` calls the workstation.
const TAKEN: &[&str] = &["workstation", "virtual-ip", "hand-over", "etcd", "inventory", "order"];
/// The same, only where objects of the cluster name its machines.
const TAKEN_BY_KUBEADM: &[&str] = &["cluster", "network", "service-proxies"];

pub(super) fn resolve(context: &mut Context<'_>) -> Machines {
    let document = context.document;
    let mut machines = Machines::new();
    for (name, written) in &document.migration.spec.machines {
        if let Some(machine) = machine(context, &name.0, written) {
            machines.insert(machine.name.clone(), machine);
        }
    }
    check_addresses_differ(context, &machines);
    check_one_family(context, &machines);
    machines
}

/// A machine stays declared when its address is wrong, so that its roles are not reported as well.
fn machine(context: &mut Context<'_>, name: &str, written: &spec::Machine) -> Option<Machine> {
    let pointer = format!("/spec/machines/{name}");
    refuse_taken(context, &pointer, name);
    let name = context.parse(&pointer, name, MachineName::parse);
    let at = format!("{pointer}/address");
    let address = context.parse(&at, &written.address.0, parse_address).unwrap_or(IpAddr::from([0, 0, 0, 0]));
    if !address.is_unspecified() || written.address.0.parse::<IpAddr>().is_ok() {
        check_usable(context, &context.place(&at), address);
    }
    let user = context.parse(&format!("{pointer}/ssh/user"), &written.ssh.user.0, UserName::parse);
    let port = Port::new(u64::from(written.ssh.port)).ok();
    Some(Machine {
        name: name?,
        address,
        ssh: Ssh { user: user?, port: port? },
        leftovers: match written.leftovers {
            spec::Leftovers::Refuse => Leftovers::Refuse,
            spec::Leftovers::Remove => Leftovers::Remove,
        },
        pods: written.pods.map(|pods| Pods { movable: pods.movable, capacity: capacity(context, &pointer, pods) }),
        state: match written.state {
            spec::State::Running => MachineState::Running,
            spec::State::Failed => MachineState::Failed,
        },
        os: OperatingSystems::default(),
        place: context.key(&pointer),
    })
}

/// A step is named after the machine that it acts on.
fn refuse_taken(context: &mut Context<'_>, pointer: &str, name: &str) {
    let is_kubeadm = context.document.migration.spec.cluster.distribution.kubeadm.is_some();
    let further = if is_kubeadm { TAKEN_BY_KUBEADM } else { &[] };
    let taken = [TAKEN, further].concat();
    if !taken.contains(&name) {
        return;
    }
    let label = format!("expected a name that no step of a plan has for itself, found `{name}`");
    let diagnostic = Diagnostic::at(Code::M113, &context.key(pointer), label)
        .why("steps are named after the machines that they act on, and no two steps can have one name.");
    context.find(diagnostic.help(format!("give it another name; taken are {}", taken.join(", "))));
}

/// What is not written is what the kubelet runs at most, where the spec says that elsewhere.
fn capacity(context: &mut Context<'_>, pointer: &str, pods: spec::Pods) -> u32 {
    let Some(kubean) = &context.document.migration.spec.cluster.distribution.kubean else { return pods.capacity };
    let pointer = format!("{pointer}/pods/capacity");
    if !context.document.has(&pointer) {
        return kubean.kubelet_max_pods;
    }
    if pods.capacity > kubean.kubelet_max_pods {
        let limit = "/spec/cluster/distribution/kubean/kubeletMaxPods";
        let label = format!("expected at most {}, found {}", kubean.kubelet_max_pods, pods.capacity);
        let diagnostic = Diagnostic::at(Code::M614, &context.place(&pointer), label)
            .related(context.key(limit).span, format!("`kubeletMaxPods` is {}", kubean.kubelet_max_pods))
            .why("the kubelet counts the pods of DaemonSets as well: beyond its limit no pod starts, and what was drained waits.");
        context.find(diagnostic.help("leave `capacity` out, or set `kubeletMaxPods` to what the kubelets run with"));
    }
    pods.capacity
}

pub(super) fn parse_address(text: &str) -> Result<IpAddr, NameError> {
    text.parse().map_err(|_| NameError("expected an IPv4 or IPv6 address, such as 10.20.0.11".into()))
}

/// Refuses addresses that no other machine can use to reach this one.
pub(super) fn check_usable(context: &mut Context<'_>, place: &Place, address: IpAddr) {
    let (link_local, broadcast, mapped) = match address {
        IpAddr::V4(four) => (four.is_link_local(), four.is_broadcast(), false),
        IpAddr::V6(six) => (six.is_unicast_link_local(), false, six.to_ipv4_mapped().is_some()),
    };
    let kinds = [
        (address.is_loopback(), "a loopback address"),
        (address.is_unspecified(), "the address that means none"),
        (address.is_multicast(), "a multicast address"),
        (link_local, "a link-local address"),
        (broadcast, "the broadcast address"),
        (mapped, "an IPv4 address in IPv6 clothes"),
    ];
    let Some((_, kind)) = kinds.into_iter().find(|(is, _)| *is) else { return };
    let label = format!("expected an address that the other machines can reach, found {kind}");
    context.find(Diagnostic::at(Code::M108, place, label));
}

fn check_addresses_differ(context: &mut Context<'_>, machines: &Machines) {
    let mut first: BTreeMap<IpAddr, &Machine> = BTreeMap::new();
    for machine in machines.values().filter(|machine| !machine.address.is_unspecified()) {
        if let Some(other) = first.get(&machine.address) {
            let place = context.place(&format!("/spec/machines/{}/address", machine.name));
            let there = context.place(&format!("/spec/machines/{}/address", other.name));
            let label = format!("expected an address of its own for `{}`, found that of `{}`", machine.name, other.name);
            let diagnostic = Diagnostic::at(Code::M106, &place, label).related(there.span, format!("`{}` has it", other.name));
            let help = "write another address; the same machine with an empty disk keeps its name, and gets an `os`";
            context.find(diagnostic.help(help));
        } else {
            first.insert(machine.address, machine);
        }
    }
}

fn check_one_family(context: &mut Context<'_>, machines: &Machines) {
    let mut known = machines.values().filter(|machine| !machine.address.is_unspecified());
    let Some(first) = known.next() else { return };
    let Some(other) = known.find(|machine| machine.address.is_ipv4() != first.address.is_ipv4()) else { return };
    let family = |machine: &Machine| if machine.address.is_ipv4() { "IPv4" } else { "IPv6" };
    let place = context.place(&format!("/spec/machines/{}/address", other.name));
    let there = context.place(&format!("/spec/machines/{}/address", first.name));
    let label = format!("expected {} as for `{}`, found {}", family(first), first.name, family(other));
    let diagnostic = Diagnostic::at(Code::M109, &place, label)
        .related(there.span, format!("`{}` has {}", first.name, family(first)))
        .why("etcd members and nodes of one cluster must all reach each other, and an address of one family does not reach the other.");
    context.find(diagnostic);
}
