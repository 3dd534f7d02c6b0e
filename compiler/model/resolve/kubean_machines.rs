//! Whether the image can work on the machines: their Python, their kernel, and where their packages come from.
//!
//! Does not know the groups of the inventory.

use std::collections::BTreeSet;

use super::context::{Context, escape};
use super::kubean::KUBEAN;
use super::kubean_checks::Subject;
use super::kubean_versions::Tag;
use super::operating_systems;
use super::topology::End;
use crate::diag::{Code, Diagnostic};
use crate::model::{MachineState, OperatingSystem, Release};
use crate::source::{Place, Span};

/// What ansible means by itself, and groups of kubespray's and of older ones that it still reads; it writes an underscore for each dash.
const GROUPS: &[&str] = &["all", "ungrouped", "localhost", "kube-master", "kube-node", "k8s-cluster", "calico-rr", "bastion", "vault"];

pub(super) fn check_names(context: &mut Context<'_>, subject: &Subject<'_>) {
    for machine in subject.machines.values().filter(|machine| GROUPS.contains(&machine.name.as_str())) {
        let label = format!("expected a name that no group has, found `{}`", machine.name);
        let diagnostic = Diagnostic::at(Code::M628, &machine.place, label)
            .why("ansible and kubespray take the name for a group: a run that is kept to this machine would go to others, or to none.");
        context.find(diagnostic.help("look under which name the machine was deployed; one that joins can have another"));
    }
}

pub(super) fn check_etcd_hosts(context: &mut Context<'_>, subject: &Subject<'_>) {
    let kubean = subject.kubean;
    if !Tag::parse(kubean.image.tag()).looks_etcd_hosts_up(kubean.kubespray.value) {
        return;
    }
    let Some((machine, role)) = subject.machines.values().find_map(|machine| Some((machine, subject.removed_etcd_host(machine)?))) else {
        return;
    };
    let image = context.place(&format!("{KUBEAN}/image"));
    let label = format!("expected an image that removes machines that run etcd alone, found {}", kubean.image.as_str());
    let diagnostic = Diagnostic::at(Code::M627, &image, label)
        .related(role.span, format!("`{}` leaves or is rebuilt, and is no node", machine.name))
        .why("`remove-node.yml` looks the machine up as a node, finds none, and stops (kubespray issue 12685; mended in v2.29.1).");
    context.find(diagnostic.help("use an image of kubean v0.31 or later for every operation of this cluster"));
}

pub(super) fn check_enterprise_linux_7(context: &mut Context<'_>, subject: &Subject<'_>) {
    let kubean = subject.kubean;
    let tag = Tag::parse(kubean.image.tag());
    if tag.manages_enterprise_linux_7(kubean.kubespray.value) {
        return;
    }
    let mut places: BTreeSet<Span> = BTreeSet::new();
    let mut first: Option<(Place, String)> = None;
    for machine in subject.machines.values() {
        // What has failed is not asked for anything.
        let source = machine.os.source.as_ref().filter(|_| machine.state == MachineState::Running);
        for (end, os) in [(End::Source, source), (End::Target, machine.os.target.as_ref())] {
            let Some(os) = os.filter(|os| os.is_enterprise_linux_7()) else { continue };
            let place = operating_systems::place(context, &machine.name, end);
            places.insert(place.span);
            first.get_or_insert((place, format!("`{}` runs {os}", machine.name)));
        }
    }
    let Some((place, sentence)) = first else { return };
    let sentence = if places.len() > 1 { format!("{sentence}, and others run such a system too") } else { sentence };
    let image = context.place(&format!("{KUBEAN}/image"));
    let label = format!("expected an image that manages Enterprise Linux 7, found one with kubespray {}", kubean.kubespray.value);
    let diagnostic = Diagnostic::at(Code::M607, &image, label)
        .related(place.span, sentence)
        .why("ansible-core 2.17 and later runs nothing on a machine whose Python is 2.7.");
    context.find(match kubean.image.as_str().strip_suffix("-ansible10next") {
        Some(older) => diagnostic.help_copy("use the image of the same release with the older ansible", format!("image: {older}")),
        None => {
            diagnostic.help("use an image whose tag is a release of kubean from v0.27.0 on, such as v0.37.0: it carries the older ansible")
        }
    });
}

/// Kubernetes v1.32 refuses kernels before 4.19; Enterprise Linux 7 has 3.10.
pub(super) fn check_kernels(context: &mut Context<'_>, subject: &Subject<'_>) {
    let kubernetes = subject.kubean.kube_version.release;
    if kubernetes < Release::new(1, 32, 0) {
        return;
    }
    let mut reported: BTreeSet<Span> = BTreeSet::new();
    for machine in subject.machines.values().filter(|machine| subject.is_installed(machine)) {
        let Some(os) = machine.os.target.as_ref().filter(|os| os.is_enterprise_linux_7()) else { continue };
        let place = operating_systems::place(context, &machine.name, End::Target);
        if !reported.insert(place.span) {
            continue;
        }
        let label = format!("expected a kernel of 4.19 or later for Kubernetes {kubernetes}, found {os}, which has 3.10");
        let diagnostic = Diagnostic::at(Code::M608, &place, label)
            .why("kubeadm checks the kernel before a machine joins, and refuses an older one from Kubernetes v1.32 on.");
        context.find(diagnostic.help("install another operating system"));
    }
}

/// Machines without internet are installed from a repository that is known for their operating system.
pub(super) fn check_packages(context: &mut Context<'_>, subject: &Subject<'_>) {
    let Some(offline) = &subject.kubean.offline else { return };
    let mut needed: BTreeSet<&OperatingSystem> = BTreeSet::new();
    for machine in subject.machines.values().filter(|machine| subject.is_installed(machine)) {
        let Some(os) = &machine.os.target else {
            let label = format!("expected the operating system with which `{}` joins, found none", machine.name);
            let diagnostic = Diagnostic::at(Code::M622, &machine.place, label)
                .why("without internet its packages come from a repository, and each operating system has another.");
            context
                .find(diagnostic.help_copy("say it for the machine, or for every machine of the end under `target`", "os: ubuntu-22.04"));
            continue;
        };
        if needed.insert(os) && !os.has_kubean_packages() {
            let place = operating_systems::place(context, &machine.name, End::Target);
            let label = format!("expected an operating system whose packages kubean builds, found {os}");
            let diagnostic = Diagnostic::at(Code::M621, &place, label)
                .why("without internet its packages come from a repository, and no path of one is known for it.");
            context.find(diagnostic.help(PACKAGED));
        }
    }
    for (os, _) in offline.imports.iter().filter(|(os, _)| !needed.contains(os)) {
        let place = context.key(&format!("{KUBEAN}/offline/imports/{}", escape(&os.to_string())));
        let label = format!("expected an operating system with which a machine joins, found {os}");
        context.find(Diagnostic::at(Code::M623, &place, label).help("remove the entry, or correct the `os` of the machines"));
    }
}

const PACKAGED: &str =
    "kubean builds packages for centos-7, kylin-v10-sp2, kylin-v10-sp3, openeuler, oracle, rhel, rocky, and ubuntu 20.04, 22.04 and 24.04";
