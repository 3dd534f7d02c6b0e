//! Machines that help out, are rebuilt, or have failed: what a spec may say of them, and for which distributions.
//!
//! Does not know when they join and leave; `plan` does.

use std::collections::{BTreeMap, BTreeSet};

use super::context::{Context, Machines};
use super::embedded;
use super::operating_systems;
use super::topology::{End, Roles, list};
use crate::diag::{Code, Diagnostic};
use crate::model::{Distribution, Leftovers, Machine, MachineName, MachineState, RoleTravel, Temporary};
use crate::source::{Place, Span};

const TEMPORARY: &str = "temporary";

pub(super) fn resolve(context: &mut Context<'_>, machines: &Machines) -> Temporary {
    let Some(written) = &context.document.migration.spec.temporary else { return Temporary::default() };
    let control_plane = list(context, TEMPORARY, "controlPlane", &written.control_plane, machines);
    let listed = list(context, TEMPORARY, "etcd", &written.etcd, machines);
    let temporary = Temporary {
        etcd: embedded::members(context, TEMPORARY, &control_plane, listed),
        workers: list(context, TEMPORARY, "workers", &written.workers, machines),
        control_plane,
    };
    super::topology::check_one_node_role(context, &temporary.control_plane, &temporary.workers);
    temporary
}

/// What needs both ends: a temporary machine has no role at either, and what has failed does not join.
pub(super) fn check(context: &mut Context<'_>, machines: &Machines, ends: [&Roles; 2], temporary: &Temporary) {
    let mut helpers: BTreeMap<&MachineName, &Place> = BTreeMap::new();
    for role in temporary.roles() {
        helpers.entry(&role.value).or_insert(&role.place);
        let Some(end) = ends.into_iter().find(|end| end.has(&role.value)) else { continue };
        let word = end.end.word();
        let label = format!("expected a machine that has no role at either end, found `{}`, which has one at the {word}", role.value);
        let diagnostic = Diagnostic::at(Code::M110, &role.place, label)
            .related(end.place_of(&role.value).span, format!("it has a role at the {word} here"))
            .why("a temporary machine joins first and leaves last: at both ends it is no part of the cluster.");
        context.find(diagnostic.help("take it out of one of the lists"));
    }
    let [source, target] = ends;
    for machine in machines.values().filter(|machine| machine.state == MachineState::Failed) {
        let is_rebuilt = machine.is_installed_anew() && source.has(&machine.name);
        let helps = helpers.get(&machine.name).map(|place| (*place).clone());
        let joins = target.has(&machine.name).then(|| target.place_of(&machine.name));
        if let Some(role) = helps.or(joins).filter(|_| !is_rebuilt) {
            report_failed(context, machine, &role);
        }
    }
}

fn report_failed(context: &mut Context<'_>, machine: &Machine, role: &Place) {
    let place = context.place(&format!("/spec/machines/{}/state", machine.name));
    let label = format!("expected `{}` to leave or to be rebuilt, found that it stays or joins", machine.name);
    let diagnostic = Diagnostic::at(Code::M111, &place, label)
        .related(role.span, "it has a role here")
        .why("a machine that has failed will not answer any more: no step can add it, and one that stays would leave the cluster broken.");
    context.find(diagnostic.help("take it out of the list, or write the operating system that is installed on it anew as its `os`"));
}

/// What is left on a machine is removed only where the plan installs it itself.
fn check_leftovers(context: &mut Context<'_>, machines: &Machines) {
    for machine in machines.values().filter(|machine| machine.leftovers == Leftovers::Remove) {
        let place = context.place(&format!("/spec/machines/{}/leftovers", machine.name));
        let label = format!("expected `{}` to come without leftovers, found that they are to be removed", machine.name);
        let diagnostic = Diagnostic::at(Code::M213, &place, label)
            .why("an operation does not look at what it finds on a machine, and the plan stops at anything that it finds there.");
        context.find(diagnostic.help("remove the line, and clean the machine or install it anew before it joins"));
    }
}

/// What distributions whose roles come and go one by one cannot do yet.
pub(super) fn check_supported(
    context: &mut Context<'_>,
    distribution: &Distribution,
    machines: &Machines,
    ends: [&Roles; 2],
    temporary: &Temporary,
) {
    match distribution.role_travel() {
        RoleTravel::Together => return check_leftovers(context, machines),
        RoleTravel::WithTheServer => return,
        RoleTravel::Apart => {}
    }
    let mut found: Vec<(Place, String)> = Vec::new();
    if temporary.roles().next().is_some() {
        found.push((context.key("/spec/temporary"), "expected no temporary machines, found some".into()));
    }
    let [source, target] = ends;
    for machine in machines.values() {
        if machine.state == MachineState::Failed {
            let place = context.place(&format!("/spec/machines/{}/state", machine.name));
            found.push((place, format!("expected `{}` to be running, found that it has failed", machine.name)));
        }
        if let (Some(was), Some(becomes)) = (&machine.os.source, &machine.os.target)
            && was != becomes
            && source.has(&machine.name)
            && target.has(&machine.name)
        {
            let place = operating_systems::place(context, &machine.name, End::Target);
            found.push((place, format!("expected `{}` to keep {was}, found {becomes}", machine.name)));
        }
    }
    let mut reported: BTreeSet<Span> = BTreeSet::new();
    for (place, label) in found.into_iter().filter(|(place, _)| reported.insert(place.span)) {
        context.find(Diagnostic::at(Code::M213, &place, label).help("add another machine, and let this one leave"));
    }
}
