//! Which operating system a machine has at each end: its own, or that of the end.
//!
//! Does not know what an operating system can do.

use std::collections::BTreeSet;

use super::context::{Context, Machines};
use super::topology::{End, Roles};
use crate::diag::{Code, Diagnostic};
use crate::model::{MachineName, OperatingSystem, Temporary};
use crate::source::{Place, Span};
use crate::spec::v1alpha1 as spec;

/// A machine keeps the system of an end only where it has a role at that end. Temporary machines are installed as the target's are.
pub(super) fn assign(context: &mut Context<'_>, machines: &mut Machines, ends: [&Roles; 2], temporary: &Temporary) {
    let document = context.document;
    let [source, target] = ends;
    let written = &document.migration.spec;
    let of_source = of_end(context, source.end, written.source.os.as_ref());
    let of_target = of_end(context, target.end, written.target.os.as_ref());
    let helpers: BTreeSet<&MachineName> = temporary.roles().map(|role| &role.value).collect();
    for (name, machine) in &written.machines {
        let own = own(context, &name.0, machine.os.as_ref());
        let Some(machine) = MachineName::parse(&name.0).ok().and_then(|name| machines.get_mut(&name)) else { continue };
        let [own_source, own_target] = own;
        if source.has(&machine.name) {
            machine.os.source = own_source.or_else(|| of_source.clone());
        }
        if target.has(&machine.name) || helpers.contains(&machine.name) {
            machine.os.target = own_target.or_else(|| of_target.clone());
            machine.os.target_place = machine.os.target.is_some().then(|| place(context, &machine.name, End::Target));
        }
    }
}

fn of_end(context: &mut Context<'_>, end: End, written: Option<&spec::word::OperatingSystem>) -> Option<OperatingSystem> {
    context.parse(&format!("/spec/{}/os", end.word()), &written?.0, OperatingSystem::parse)
}

/// At the source and at the target.
fn own(context: &mut Context<'_>, machine: &str, written: Option<&spec::MachineOs>) -> [Option<OperatingSystem>; 2] {
    let pointer = format!("/spec/machines/{machine}/os");
    match written {
        None => [None, None],
        Some(spec::MachineOs::Same(text)) => {
            let os = context.parse(&pointer, &text.0, OperatingSystem::parse);
            [os.clone(), os]
        }
        Some(spec::MachineOs::Rebuilt(both)) => [
            context.parse(&format!("{pointer}/source"), &both.source.0, OperatingSystem::parse),
            context.parse(&format!("{pointer}/target"), &both.target.0, OperatingSystem::parse),
        ],
    }
}

/// A machine that stays is rebuilt where its systems differ, which one that is not known cannot do.
pub(super) fn check(context: &mut Context<'_>, machines: &Machines, ends: [&Roles; 2]) {
    let mut reported: BTreeSet<Span> = BTreeSet::new();
    for machine in machines.values().filter(|machine| ends.iter().all(|roles| roles.has(&machine.name))) {
        let (os, known, missing) = match (&machine.os.source, &machine.os.target) {
            (Some(os), None) => (os, End::Source, End::Target),
            (None, Some(os)) => (os, End::Target, End::Source),
            (Some(_), Some(_)) | (None, None) => continue,
        };
        // What is written and not understood has been found.
        let own = format!("/spec/machines/{}/os", machine.name);
        let is_written = context.document.has(&own) || context.document.has(&format!("/spec/{}/os", missing.word()));
        let place = place(context, &machine.name, known);
        if is_written || !reported.insert(place.span) {
            continue;
        }
        let (known, missing) = (known.word(), missing.word());
        let label = format!("expected the operating system of `{}` at the {missing} too, found {os} at the {known} alone", machine.name);
        let diagnostic = Diagnostic::at(Code::M112, &place, label)
            .why("a machine that stays is installed anew where its operating systems differ: the plan must know both.");
        context.find(
            diagnostic.help_copy(format!("say it under `{missing}`; the same where the machine stays as it is"), format!("os: {os}")),
        );
    }
}

/// Where the operating system of a machine at one end is written, or would be.
pub(super) fn place(context: &Context<'_>, machine: &MachineName, end: End) -> Place {
    let own = format!("/spec/machines/{machine}/os");
    let candidates = [format!("{own}/{}", end.word()), own, format!("/spec/{}/os", end.word())];
    let written = candidates.iter().find(|pointer| context.document.has(pointer));
    written.map_or_else(|| context.key(&format!("/spec/machines/{machine}")), |pointer| context.place(pointer))
}
