//! Applications with volumes on single machines: each claim once, on a node of today, with somebody who makes it again.
//!
//! Does not know which machines leave, nor whether data would be lost.

use std::collections::BTreeMap;

use super::context::{Context, Machines};
use super::hooks;
use crate::diag::{Code, Diagnostic};
use crate::model::{Application, Data, HookCommand, Label, MachineName, ObjectName, Operator, Owner, Topology, Volume};
use crate::source::Place;
use crate::spec::v1alpha1 as spec;

const STORAGE: &str = "/spec/storage";

pub(super) fn resolve(context: &mut Context<'_>, machines: &Machines) -> Vec<Application> {
    let document = context.document;
    let mut applications = Vec::new();
    for (index, written) in document.migration.spec.storage.iter().enumerate() {
        applications.extend(application(context, &format!("{STORAGE}/{index}"), written, machines));
    }
    refuse_twice(context);
    applications
}

fn application(context: &mut Context<'_>, pointer: &str, written: &spec::Application, machines: &Machines) -> Option<Application> {
    let name = label(context, &format!("{pointer}/name"), &written.name.0);
    let namespace = label(context, &format!("{pointer}/namespace"), &written.namespace.0);
    let owner = namespace.as_ref().and_then(|namespace| owner(context, pointer, &written.owner, namespace));
    let volumes = volumes(context, pointer, written, machines, owner.as_ref());
    refuse_two_of_one_pod(context, pointer, written);
    let data = match written.data {
        spec::Data::Replicated => Data::Replicated,
        spec::Data::Disposable => Data::Disposable,
        spec::Data::Unique => Data::Unique,
    };
    let needs = needs(context, pointer, written, data);
    let healed = healed(context, pointer, written, data);
    let place = context.place(pointer);
    Some(Application { name: name?, namespace: namespace?, owner: owner?, volumes, needs, data, healed, place })
}

fn label(context: &mut Context<'_>, pointer: &str, text: &str) -> Option<Label> {
    context.parse(pointer, text, Label::parse)
}

fn object(context: &mut Context<'_>, pointer: &str, text: &str) -> Option<ObjectName> {
    context.parse(pointer, text, ObjectName::parse)
}

fn owner(context: &mut Context<'_>, pointer: &str, written: &spec::Owner, namespace: &Label) -> Option<Owner> {
    let pointer = format!("{pointer}/owner");
    if let Some(name) = &written.stateful_set {
        return object(context, &format!("{pointer}/statefulSet"), &name.0).map(Owner::StatefulSet);
    }
    let written = written.deployment.as_ref()?;
    let (pointer, by) = (format!("{pointer}/deployment"), &written.recreated_by);
    let name = object(context, &format!("{pointer}/name"), &written.name.0);
    let deployment = object(context, &format!("{pointer}/recreatedBy/deployment"), &by.deployment.0);
    let there = by
        .namespace
        .as_ref()
        .map_or(Some(namespace.clone()), |there| label(context, &format!("{pointer}/recreatedBy/namespace"), &there.0));
    Some(Owner::Deployment { name: name?, operator: Operator { namespace: there?, deployment: deployment? } })
}

fn volumes(
    context: &mut Context<'_>,
    pointer: &str,
    written: &spec::Application,
    machines: &Machines,
    owner: Option<&Owner>,
) -> Vec<Volume> {
    let mut volumes = Vec::new();
    for (index, volume) in written.volumes.iter().enumerate() {
        let pointer = format!("{pointer}/volumes/{index}");
        let claim = object(context, &format!("{pointer}/claim"), &volume.claim.0);
        let on = context.machine(&format!("{pointer}/on"), &volume.on.0, machines);
        if let (Some(Owner::StatefulSet(set)), Some(claim)) = (owner, &claim) {
            refuse_stranger(context, &format!("{pointer}/claim"), claim, set);
        }
        if let (Some(claim), Some(on)) = (claim, on) {
            volumes.push(Volume { claim, on });
        }
    }
    volumes
}

/// Kubernetes names a StatefulSet's claim `<template>-<set>-<number>`, and makes no other again.
fn refuse_stranger(context: &mut Context<'_>, pointer: &str, claim: &ObjectName, set: &ObjectName) {
    let number = claim.as_str().rsplit_once('-').filter(|(_, number)| is_number(number));
    let template = number.and_then(|(rest, _)| rest.strip_suffix(set.as_str())).and_then(|rest| rest.strip_suffix('-'));
    if template.is_some_and(|template| !template.is_empty()) {
        return;
    }
    let label = format!("expected a claim of the StatefulSet `{set}`, such as `data-{set}-0`, found `{claim}`");
    let diagnostic = Diagnostic::at(Code::M118, &context.place(pointer), label)
        .why("a StatefulSet makes again what it names itself: `<template>-<set>-<number>`. Another claim would be deleted for good.");
    context.find(diagnostic.help("name the claim as `kubectl get pvc` shows it, and the StatefulSet whose pod mounts it"));
}

/// As Kubernetes writes one: no plus, no zeros before it.
fn is_number(text: &str) -> bool {
    text.parse::<u32>().is_ok_and(|number| number.to_string() == text)
}

/// What a StatefulSet's claim ends with is the number of its pod; all claims of a Deployment are mounted by its one pod.
fn refuse_two_of_one_pod(context: &mut Context<'_>, pointer: &str, written: &spec::Application) {
    let mut pods: BTreeMap<&str, Place> = BTreeMap::new();
    for (index, volume) in written.volumes.iter().enumerate() {
        let claim = volume.claim.0.as_str();
        let pod = match written.owner.stateful_set {
            Some(_) => claim.rsplit_once('-').map_or(claim, |(_, number)| number),
            None => "",
        };
        let place = context.place(&format!("{pointer}/volumes/{index}/claim"));
        if let Some(first) = pods.get(pod).filter(|_| !is_twice(written, index)) {
            let label = format!("expected one claim of each pod, found `{claim}` beside another of the same pod");
            let diagnostic = Diagnostic::at(Code::M120, &place, label)
                .related(first.span, "the pod's first claim is here")
                .why("a pod runs on one machine: while its other claim is bound to the old one, no new volume is made for this one.");
            context.find(diagnostic.help("leave the application out of `storage`, and move it by a hook before its machine leaves"));
        }
        pods.entry(pod).or_insert(place);
    }
}

/// The same claim again is another mistake.
fn is_twice(written: &spec::Application, index: usize) -> bool {
    let claim = written.volumes.get(index).map(|volume| &volume.claim);
    written.volumes.iter().take(index).any(|volume| Some(&volume.claim) == claim)
}

/// Whoever heals from others says how many of them it takes.
fn needs(context: &mut Context<'_>, pointer: &str, written: &spec::Application, data: Data) -> usize {
    let (needs, most) = (written.needs.unwrap_or(0), written.volumes.len());
    let needs = usize::try_from(needs).unwrap_or(usize::MAX);
    let least = usize::from(data == Data::Replicated);
    if (least..=most).contains(&needs) {
        return needs;
    }
    let at = format!("{pointer}/needs");
    let found = if written.needs.is_some() { needs.to_string() } else { "none".to_owned() };
    let place = if context.document.has(&at) { context.place(&at) } else { context.key(pointer) };
    let label = format!("expected a number from {least} to {most}, found {found}");
    let why = "so many volumes must be there for the application to go on, and for one to be healed from the others.";
    context.find(Diagnostic::at(Code::M116, &place, label).why(why).help("give `needs`: the application's own quorum for writing"));
    needs.min(most)
}

fn healed(context: &mut Context<'_>, pointer: &str, written: &spec::Application, data: Data) -> Option<HookCommand> {
    let healed = written.healed.as_ref().map(|command| hooks::command(context, &format!("{pointer}/healed"), command));
    if healed.is_none() && data == Data::Replicated {
        let label = "expected `healed` beside replicated data, found none";
        let diagnostic = Diagnostic::at(Code::M117, &context.place(&format!("{pointer}/data")), label)
            .why("a pod that runs has not healed: the next volume would go while this one is not whole.");
        let example = "healed: {shell: \"...\", expect: \"...\", timeoutSeconds: 3600, retryEverySeconds: 30}";
        context.find(diagnostic.help_copy("give a command that succeeds when every volume is whole", example));
    }
    healed
}

/// Steps are named after application and claim; and an owner's pods are counted by one application.
fn refuse_twice(context: &mut Context<'_>) {
    let written = &context.document.migration.spec.storage;
    let mut names: BTreeMap<&str, Place> = BTreeMap::new();
    let mut claims: BTreeMap<(&str, &str), Place> = BTreeMap::new();
    let mut owners: BTreeMap<[&str; 3], Place> = BTreeMap::new();
    for (index, application) in written.iter().enumerate() {
        let place = context.place(&format!("{STORAGE}/{index}/name"));
        let first = names.get(application.name.0.as_str()).cloned();
        twice(context, &place, first.as_ref(), "a name", &application.name.0);
        names.entry(&application.name.0).or_insert(place);
        let place = context.place(&format!("{STORAGE}/{index}/owner"));
        let (kind, name) = named(&application.owner);
        let key = [application.namespace.0.as_str(), kind, name];
        let first = owners.get(&key).cloned();
        twice(context, &place, first.as_ref(), "an owner", name);
        owners.entry(key).or_insert(place);
        for (number, volume) in application.volumes.iter().enumerate() {
            let place = context.place(&format!("{STORAGE}/{index}/volumes/{number}/claim"));
            let key = (application.namespace.0.as_str(), volume.claim.0.as_str());
            let first = claims.get(&key).cloned();
            twice(context, &place, first.as_ref(), "a claim", &volume.claim.0);
            claims.entry(key).or_insert(place);
        }
    }
}

/// Kind and name of an owner; nothing where there is none.
fn named(owner: &spec::Owner) -> (&'static str, &str) {
    match (&owner.stateful_set, &owner.deployment) {
        (Some(name), _) => ("statefulSet", name.0.as_str()),
        (None, Some(operated)) => ("deployment", operated.name.0.as_str()),
        (None, None) => ("", ""),
    }
}

fn twice(context: &mut Context<'_>, place: &Place, first: Option<&Place>, what: &str, found: &str) {
    let Some(first) = first else { return };
    let label = format!("expected {what} that stands once, found `{found}` again");
    context.find(Diagnostic::at(Code::M115, place, label).related(first.span, "the first one is here"));
}

/// A volume that is bound to a machine is of use there only while the machine is a node.
pub(super) fn check(context: &mut Context<'_>, applications: &[Application], source: &Topology) {
    let is_node = |machine: &MachineName| source.is_node(machine);
    for volume in applications.iter().flat_map(|application| &application.volumes).filter(|volume| !is_node(&volume.on.value)) {
        let label = format!("expected a machine of `source.controlPlane` or `source.workers`, found `{}`", volume.on.value);
        let diagnostic = Diagnostic::at(Code::M119, &volume.on.place, label).related(source.place.span, "the nodes of today");
        context.find(diagnostic.help("name the machine that `kubectl get pv` shows under the volume's node affinity"));
    }
}
