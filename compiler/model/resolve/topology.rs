//! Who plays which role at each end, and whether the two ends fit together.
//!
//! Does not know the virtual IP's address nor etcd's settings.

use indexmap::{IndexMap, IndexSet};

use super::context::{Context, Machines};
use super::embedded;
use crate::diag::{Code, Diagnostic};
use crate::model::{JoinAddress, MachineName, Temporary, Topology};
use crate::source::{Located, Place};
use crate::spec::v1alpha1 as spec;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Source,
    Target,
}

impl End {
    pub(super) fn word(self) -> &'static str {
        match self {
            End::Source => "source",
            End::Target => "target",
        }
    }
}

/// One end while it is being resolved: what could be understood of it.
pub(super) struct Roles {
    pub end: End,
    pub control_plane: Vec<Located<MachineName>>,
    pub workers: Vec<Located<MachineName>>,
    pub etcd: Vec<Located<MachineName>>,
    pub virtual_ip: Vec<Located<MachineName>>,
    join_address: Option<Located<JoinAddress>>,
    place: Place,
    first_roles: IndexMap<MachineName, Place>,
}

impl Roles {
    /// Whether the machine has a role at this end.
    pub(super) fn has(&self, machine: &MachineName) -> bool {
        self.first_roles.contains_key(machine)
    }

    /// Where the machine's first role is listed.
    pub(super) fn place_of(&self, machine: &MachineName) -> Place {
        self.first_roles.get(machine).unwrap_or(&self.place).clone()
    }

    /// Where it is written that clients are given a machine's own address at this end.
    pub(super) fn joins_by_machine(&self) -> Option<&Place> {
        let join = self.join_address.as_ref()?;
        matches!(join.value, JoinAddress::Machine(_)).then_some(&join.place)
    }

    pub(super) fn finish(self) -> Option<Topology> {
        let Self { control_plane, workers, etcd, virtual_ip, join_address, place, .. } = self;
        Some(Topology::new([control_plane, workers, etcd, virtual_ip], join_address?, place))
    }
}

/// With an embedded datastore the control planes are the members; elsewhere nobody can know.
fn check_members_are_listed(context: &mut Context<'_>, roles: &Roles) {
    if !roles.etcd.is_empty() || embedded::is_written(context) {
        return;
    }
    let place = roles.place.clone();
    let label = format!("expected machines in `{}.etcd`, found none", roles.end.word());
    context.find(Diagnostic::at(Code::M114, &place, label).help("list the machines that run a member of etcd"));
}

pub(super) fn resolve(context: &mut Context<'_>, end: End, machines: &Machines) -> Roles {
    let document = context.document;
    let written = match end {
        End::Source => &document.migration.spec.source,
        End::Target => &document.migration.spec.target,
    };
    let control_plane = list(context, end.word(), "controlPlane", &written.control_plane, machines);
    let workers = list(context, end.word(), "workers", &written.workers, machines);
    let listed = list(context, end.word(), "etcd", &written.etcd, machines);
    let mut roles = Roles {
        end,
        etcd: embedded::members(context, end.word(), &control_plane, listed),
        control_plane,
        workers,
        virtual_ip: list(context, end.word(), "virtualIp", &written.virtual_ip, machines),
        join_address: None,
        place: context.key(&format!("/spec/{}", end.word())),
        first_roles: IndexMap::new(),
    };
    for role in roles.control_plane.iter().chain(&roles.workers).chain(&roles.etcd) {
        roles.first_roles.entry(role.value.clone()).or_insert_with(|| role.place.clone());
    }
    check_members_are_listed(context, &roles);
    check_one_node_role(context, &roles.control_plane, &roles.workers);
    roles.join_address = join_address(context, written, &roles, machines);
    roles
}

/// One list of `source`, `target` or `temporary`.
pub(super) fn list(
    context: &mut Context<'_>,
    holder: &str,
    role: &str,
    names: &[spec::word::MachineName],
    machines: &Machines,
) -> Vec<Located<MachineName>> {
    let mut seen: IndexMap<MachineName, Place> = IndexMap::new();
    for (index, name) in names.iter().enumerate() {
        let pointer = format!("/spec/{holder}/{role}/{index}");
        let Some(machine) = context.machine(&pointer, &name.0, machines) else { continue };
        if let Some(first) = seen.get(&machine.value) {
            let label = format!("expected each machine once in `{holder}.{role}`, found `{}` again", name.0);
            context.find(Diagnostic::at(Code::M102, &machine.place, label).related(first.span, "the first one is here"));
        } else {
            seen.insert(machine.value, machine.place);
        }
    }
    seen.into_iter().map(|(name, place)| Located::new(name, place)).collect()
}

pub(super) fn check_one_node_role(context: &mut Context<'_>, control_plane: &[Located<MachineName>], workers: &[Located<MachineName>]) {
    let control_plane: IndexMap<&MachineName, &Place> = control_plane.iter().map(|role| (&role.value, &role.place)).collect();
    for worker in workers {
        if let Some(other) = control_plane.get(&worker.value) {
            let label = format!("expected `{}` in one of `controlPlane` and `workers`, found it in both", worker.value);
            let diagnostic = Diagnostic::at(Code::M103, &worker.place, label).related(other.span, "it is a control plane here");
            let help = match context.document.migration.spec.cluster.distribution.systemd {
                Some(_) => "list it under one of them: the control plane of binaries is no node",
                None => "list it under `controlPlane` only: a control plane is a node as well",
            };
            let diagnostic = diagnostic.help(help);
            context.find(diagnostic);
        }
    }
}

/// Where nodes join. What the source's agents were given is not known, so the worst is assumed: the first control plane,
/// as k3s's own documentation shows it.
fn join_address(context: &mut Context<'_>, written: &spec::End, roles: &Roles, machines: &Machines) -> Option<Located<JoinAddress>> {
    let pointer = format!("/spec/{}/joinAddress", roles.end.word());
    let Some(name) = &written.join_address else { return default_join_address(context, roles) };
    let place = context.place(&pointer);
    if name == "virtualIp" {
        if roles.virtual_ip.is_empty() {
            let label = format!("expected candidates in `{}.virtualIp`, found none", roles.end.word());
            context.find(Diagnostic::at(Code::M410, &place, label).help("list the candidates, or name a control plane here"));
        }
        return Some(Located::new(JoinAddress::VirtualIp, place));
    }
    let machine = context.machine(&pointer, name, machines)?;
    if !roles.control_plane.iter().any(|role| role.value == machine.value) {
        let label = format!("expected `virtualIp` or a machine of `{}.controlPlane`, found `{name}`", roles.end.word());
        let diagnostic = Diagnostic::at(Code::M411, &place, label);
        let names: Vec<&str> = roles.control_plane.iter().map(|role| role.value.as_str()).take(9).collect();
        context.find(diagnostic.help_copy("name one of", names.join("\n")));
    }
    Some(Located::new(JoinAddress::Machine(machine.value), machine.place))
}

fn default_join_address(context: &Context<'_>, roles: &Roles) -> Option<Located<JoinAddress>> {
    let distribution = &context.document.migration.spec.cluster.distribution;
    if distribution.kubean.as_ref().is_some_and(|kubean| kubean.load_balancer.is_some()) {
        let place = context.key("/spec/cluster/distribution/kubean/loadBalancer");
        return Some(Located::new(JoinAddress::LoadBalancer, place));
    }
    // kubeadm's nodes go by the endpoint of the cluster's own configuration, which is the virtual IP.
    let goes_by_endpoint = distribution.kubeadm.is_some();
    match (roles.end, roles.virtual_ip.is_empty()) {
        (End::Source, false) if goes_by_endpoint => {
            Some(Located::new(JoinAddress::VirtualIp, context.key(&format!("/spec/{}/virtualIp", roles.end.word()))))
        }
        (End::Target, false) => Some(Located::new(JoinAddress::VirtualIp, context.key(&format!("/spec/{}/virtualIp", roles.end.word())))),
        (End::Target, true) | (End::Source, _) => {
            roles.control_plane.first().map(|first| Located::new(JoinAddress::Machine(first.value.clone()), first.place.clone()))
        }
    }
}

/// What only both ends together show: changed roles, and machines without any.
pub(super) fn compare(context: &mut Context<'_>, source: &Roles, target: &Roles, temporary: &Temporary, machines: &Machines) {
    // Nodes of kubeadm change their roles where they are.
    if context.document.migration.spec.cluster.distribution.kubeadm.is_none() {
        // One that has both roles at an end changes nothing: which of them is meant has been asked already.
        let of_both: IndexSet<&MachineName> = [source, target].into_iter().flat_map(with_both_roles).collect();
        check_roles_stay(context, &source.control_plane, &target.workers, ["a control plane", "a worker"], &of_both);
        check_roles_stay(context, &source.workers, &target.control_plane, ["a worker", "a control plane"], &of_both);
    }
    let used: IndexSet<&MachineName> = [source, target]
        .into_iter()
        .flat_map(|roles| [&roles.control_plane, &roles.workers, &roles.etcd, &roles.virtual_ip])
        .flatten()
        .chain(temporary.roles())
        .map(|role| &role.value)
        .collect();
    for machine in machines.values().filter(|machine| !used.contains(&machine.name)) {
        let label = format!("`{}` is in no list of `source`, `target` or `temporary`", machine.name);
        context.find(Diagnostic::at(Code::M105, &machine.place, label).help("give it a role, or remove it"));
    }
}

/// Machines that are control plane and worker at one end.
fn with_both_roles(roles: &Roles) -> impl Iterator<Item = &MachineName> {
    let control_plane: IndexSet<&MachineName> = roles.control_plane.iter().map(|role| &role.value).collect();
    roles.workers.iter().map(|role| &role.value).filter(move |name| control_plane.contains(name))
}

fn check_roles_stay(
    context: &mut Context<'_>,
    before: &[Located<MachineName>],
    after: &[Located<MachineName>],
    [was, becomes]: [&str; 2],
    of_both: &IndexSet<&MachineName>,
) {
    let before: IndexMap<&MachineName, &Place> = before.iter().map(|role| (&role.value, &role.place)).collect();
    for role in after.iter().filter(|role| !of_both.contains(&role.value)) {
        if let Some(place) = before.get(&role.value) {
            let label = format!("expected `{}` to stay {was}, found that it becomes {becomes}", role.value);
            let diagnostic = Diagnostic::at(Code::M104, &role.place, label)
                .related(place.span, format!("it is {was} here"))
                .why("a control plane and a worker are two installations: the machine must leave the cluster before it can come back as the other.")
                .help("write one migration that removes it, and a second one that adds it in its new role");
            context.find(diagnostic);
        }
    }
}
