//! The virtual IP: its address, its candidates at both ends, and their priorities today.
//!
//! Does not know when the address moves.

use std::collections::BTreeMap;
use std::net::IpAddr;

use indexmap::IndexSet;

use super::cluster::secret;
use super::context::{Context, Machines};
use super::machines::check_usable;
use super::ocboot;
use super::topology::{End, Roles};
use crate::diag::{Code, Diagnostic};
use crate::model::{Cidr, InterfaceName, MachineName, RouterId, Token, VirtualIp};
use crate::source::Located;
use crate::spec::v1alpha1 as spec;

const VIRTUAL_IP: &str = "/spec/cluster/virtualIp";

/// Each candidate has a priority of its own, and each step of the hand-over needs room between them.
const MOST_CANDIDATES: usize = 7;

pub(super) fn resolve(context: &mut Context<'_>, written: &spec::VirtualIp, machines: &Machines) -> Option<VirtualIp> {
    let at = format!("{VIRTUAL_IP}/address");
    let address = context.parse(&at, &written.address.0, Cidr::parse);
    let interface = context.parse(&format!("{VIRTUAL_IP}/interface"), &written.interface.0, InterfaceName::parse);
    let instance = context.parse(&format!("{VIRTUAL_IP}/instance"), &written.instance.0, Token::parse);
    let password = written.password.as_ref().map(|written| secret(context, &format!("{VIRTUAL_IP}/password"), written));
    let mut source_priorities = ocboot::given_priorities(context);
    if !written.source_priorities.is_empty() {
        source_priorities.clear();
    }
    for (name, priority) in &written.source_priorities {
        let place = context.key(&format!("{VIRTUAL_IP}/sourcePriorities/{}", name.0));
        if let Some(machine) = context.machine_at(place, &name.0, machines) {
            source_priorities.insert(machine.value, *priority);
        }
    }
    let place = context.place(&at);
    if let (Some(address), Some(_)) = (address, &written.password)
        && address.address.is_ipv6()
    {
        check_no_password(context);
    }
    if let Some(address) = address {
        check_usable(context, &place, address.address);
        check_host_address(context, address);
    }
    Some(VirtualIp {
        address: Located::new(address?, place),
        interface: interface?,
        instance: instance?,
        router_id: RouterId::new(u64::from(written.router_id)).ok()?,
        password: match password {
            Some(password) if address?.address.is_ipv4() => Some(password?),
            Some(_) | None => None,
        },
        source_priorities,
        place: context.key(VIRTUAL_IP),
    })
}

/// VRRP version 3, which IPv6 needs, has no passwords; keepalived would say so and run without.
fn check_no_password(context: &mut Context<'_>) {
    let place = context.place(&format!("{VIRTUAL_IP}/password"));
    let finding = Diagnostic::at(Code::M412, &place, "expected no password, since the address is IPv6; this one is not used");
    context.find(finding.why("VRRP version 3, which IPv6 needs, has no passwords.").help("Remove the line."));
}

/// The first and the last address of an IPv4 network belong to nobody.
fn check_host_address(context: &mut Context<'_>, cidr: Cidr) {
    let IpAddr::V4(address) = cidr.address else { return };
    if cidr.prefix >= 31 {
        return;
    }
    let hosts = u32::MAX >> cidr.prefix;
    let host = u32::from(address) & hosts;
    if host == 0 || host == hosts {
        let label = format!("expected the address of a host in its network, found `{cidr}`");
        context.find(Diagnostic::at(Code::M108, &context.place(&format!("{VIRTUAL_IP}/address")), label));
    }
}

/// What the description and the candidates of both ends must agree on.
pub(super) fn compare(context: &mut Context<'_>, described: Option<&VirtualIp>, source: &Roles, target: &Roles, machines: &Machines) {
    for roles in [source, target] {
        check_candidates(context, roles);
    }
    match described {
        Some(described) => {
            check_is_no_machine(context, described, machines);
            check_network(context, described, [source, target], machines);
            check_priorities(context, described, source);
            if source.virtual_ip.is_empty() && target.virtual_ip.is_empty() {
                let diagnostic = Diagnostic::at(
                    Code::M402,
                    &described.place,
                    "expected candidates in `source.virtualIp` or `target.virtualIp`, found none",
                )
                .help("list the candidates, or remove `virtualIp` here");
                context.find(diagnostic);
            }
        }
        None => {
            for roles in [source, target].into_iter().filter(|roles| !roles.virtual_ip.is_empty()) {
                let place = context.key(&format!("/spec/{}/virtualIp", roles.end.word()));
                let diagnostic = Diagnostic::at(Code::M401, &place, "expected `cluster.virtualIp` to describe the address, found none")
                    .help_copy("describe it under `spec.cluster`", EXAMPLE);
                context.find(diagnostic);
            }
        }
    }
    if let (Some(first), true) = (source.virtual_ip.first(), target.virtual_ip.is_empty()) {
        let place = if context.document.has("/spec/target/virtualIp") {
            context.key("/spec/target/virtualIp")
        } else {
            context.key("/spec/target")
        };
        let diagnostic = Diagnostic::at(Code::M403, &place, "expected candidates in `target.virtualIp`, found none")
            .related(first.place.span, "the source has candidates")
            .why("clients outside the cluster may use the address, and nothing in a spec says who they are.")
            .help("list the candidates of the target");
        context.find(diagnostic);
    }
}

const EXAMPLE: &str = "virtualIp:
  address: 10.20.0.100/24
  interface: eth0
  routerId: 51
  password: {file: /etc/keepalived/vrrp-password}";

fn check_candidates(context: &mut Context<'_>, roles: &Roles) {
    let end = roles.end.word();
    let control_plane: IndexSet<&MachineName> = roles.control_plane.iter().map(|role| &role.value).collect();
    for candidate in roles.virtual_ip.iter().filter(|candidate| !control_plane.contains(&candidate.value)) {
        let label = format!("expected a machine of `{end}.controlPlane`, found `{}`", candidate.value);
        let diagnostic = Diagnostic::at(Code::M406, &candidate.place, label)
            .why("whoever holds the address must answer for the API on it.")
            .help("list only control planes");
        context.find(diagnostic);
    }
    if let Some(surplus) = roles.virtual_ip.get(MOST_CANDIDATES) {
        let label = format!("expected at most {MOST_CANDIDATES} candidates, found {}", roles.virtual_ip.len());
        context.find(Diagnostic::at(Code::M407, &surplus.place, label));
    }
}

fn check_is_no_machine(context: &mut Context<'_>, described: &VirtualIp, machines: &Machines) {
    if let Some(machine) = machines.values().find(|machine| machine.address == described.address.value.address) {
        let there = context.place(&format!("/spec/machines/{}/address", machine.name));
        let label = format!("expected an address that no machine has, found that of `{}`", machine.name);
        context.find(Diagnostic::at(Code::M404, &described.address.place, label).related(there.span, format!("`{}` has it", machine.name)));
    }
}

fn check_network(context: &mut Context<'_>, described: &VirtualIp, ends: [&Roles; 2], machines: &Machines) {
    let network = described.address.value;
    let mut reported = IndexSet::new();
    for candidate in ends.into_iter().flat_map(|roles| &roles.virtual_ip) {
        let Some(machine) = machines.get(&candidate.value) else { continue };
        if machine.address.is_unspecified() || network.contains(machine.address) || !reported.insert(&machine.name) {
            continue;
        }
        let there = context.place(&format!("/spec/machines/{}/address", machine.name));
        let label = format!("expected a machine in the network of `{network}`, found `{}` at `{}`", machine.name, machine.address);
        let diagnostic = Diagnostic::at(Code::M405, &candidate.place, label)
            .related(described.address.place.span, "the virtual IP is here")
            .related(there.span, format!("the address of `{}` is here", machine.name))
            .why("keepalived announces the address on its own network segment only.");
        context.find(diagnostic);
    }
}

fn check_priorities(context: &mut Context<'_>, described: &VirtualIp, source: &Roles) {
    debug_assert!(source.end == End::Source);
    let candidates: IndexSet<&MachineName> = source.virtual_ip.iter().map(|role| &role.value).collect();
    let mut owners: BTreeMap<u8, &MachineName> = BTreeMap::new();
    for (machine, priority) in &described.source_priorities {
        let pointer = format!("{VIRTUAL_IP}/sourcePriorities/{machine}");
        if !candidates.contains(machine) {
            let label = format!("expected a machine of `source.virtualIp`, found `{machine}`");
            context.find(Diagnostic::at(Code::M408, &context.key(&pointer), label));
        }
        // An installer that gives priorities gives the same to several, and lets their addresses decide.
        if let Some(other) = owners.insert(*priority, machine).filter(|_| !ocboot::is_written(context)) {
            let there = context.place(&format!("{VIRTUAL_IP}/sourcePriorities/{other}"));
            let label = format!("expected a priority of its own for `{machine}`, found {priority} as for `{other}`");
            context.find(Diagnostic::at(Code::M409, &context.place(&pointer), label).related(there.span, format!("`{other}` has it")));
        }
    }
}
