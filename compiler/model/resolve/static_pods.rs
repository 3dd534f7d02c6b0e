//! Members of etcd that run as static pods: whether a pod can be made of the settings, and whether each member has a kubelet.
//!
//! Does not know the manifest; `lower` writes it.

use super::context::{Context, Machines};
use super::topology::Roles;
use crate::diag::{Code, Diagnostic};
use crate::model::{AbsolutePath, EtcdProcess, EtcdSettings, Image, MachineName, MachineState, StaticPod, Temporary};
use crate::source::{Located, Place};
use crate::spec::v1alpha1 as spec;

const ETCD: &str = "/spec/cluster/etcd";
const RUNS: &str = "/spec/cluster/etcd/runs";
const POD: &str = "/spec/cluster/etcd/runs/staticPod";

pub(super) fn resolve(context: &mut Context<'_>, written: Option<&spec::EtcdRuns>) -> Option<EtcdProcess> {
    let Some(spec::EtcdRuns { static_pod: written }) = written else { return Some(EtcdProcess::Service) };
    let image = context.parse(&format!("{POD}/image"), &written.image.0, Image::parse);
    let manifest = context.parse(&format!("{POD}/manifest"), &written.manifest.0, AbsolutePath::parse);
    Some(EtcdProcess::StaticPod(StaticPod { image: image?, manifest: manifest? }))
}

/// Static pods with a distribution whose kubelets the plan knows nothing of.
pub(super) fn refuse(context: &mut Context<'_>) {
    if context.document.has(RUNS) {
        let label = "expected `runs` only beside `kubeadm`, found it with another distribution";
        let diagnostic = Diagnostic::at(Code::M707, &context.key(RUNS), label)
            .why("a static pod is a file where the machine's kubelet looks, and the plan knows that place for kubeadm's kubelets alone.");
        context.find(diagnostic.help("remove `runs`: members then run as `etcd.service`"));
    }
}

/// What a pod and the rest of the spec must agree on.
pub(super) fn check(context: &mut Context<'_>, etcd: &EtcdSettings, machines: &Machines, ends: [&Roles; 2], temporary: &Temporary) {
    match &etcd.process {
        EtcdProcess::Service => {}
        EtcdProcess::StaticPod(pod) => {
            check_nodes(context, machines, ends, temporary);
            check_pod(context, pod);
            check_settings(context, etcd);
        }
    }
}

/// Between its first and its last moment as a member a machine must have a kubelet: a machine that joins as a node later, or is reset
/// before it leaves etcd, would have none. Nodes at both ends always have one.
fn check_nodes(context: &mut Context<'_>, machines: &Machines, ends: [&Roles; 2], temporary: &Temporary) {
    let [source, target] = ends;
    let is_node = |end: &Roles, name: &MachineName| end.control_plane.iter().chain(&end.workers).any(|role| role.value == *name);
    let has_failed = |name: &MachineName| machines.get(name).is_some_and(|machine| machine.state == MachineState::Failed);
    let mut seen: Vec<&MachineName> = Vec::new();
    for Located { value: name, place } in source.etcd.iter().chain(&target.etcd).chain(&temporary.etcd) {
        if seen.contains(&name) {
            continue;
        }
        seen.push(name);
        if !is_node(source, name) {
            let help = "make it a worker first, by a plan of its own; then compile this one";
            no_kubelet(context, place, name, "is none before the plan", help);
        } else if !is_node(target, name) && !has_failed(name) {
            let help = "let it stay as a worker at the end of this plan, and take it out by another";
            no_kubelet(context, place, name, "is none after the plan", help);
        }
    }
}

fn no_kubelet(context: &mut Context<'_>, place: &Place, name: &MachineName, found: &str, help: &str) {
    let label = format!("expected a node of the cluster at both ends, found `{name}`, which {found}");
    let diagnostic = Diagnostic::at(Code::M708, place, label)
        .why("its kubelet runs the member: without one it never starts, and `kubeadm reset` would end it before it has left etcd.");
    context.find(diagnostic.help(help));
}

fn check_pod(context: &mut Context<'_>, pod: &StaticPod) {
    if !pod.image.is_pinned() {
        let label = format!("expected an image with the tag of a release, or with a digest, found `{}`", pod.image.as_str());
        let why = "members that join would run whatever the name means on that day, and must run what the others run.";
        impossible(context, &format!("{POD}/image"), label, why, "give the image that the members run: `crictl ps --name etcd` shows it");
    }
    if pod.directory().is_empty() || pod.file_name().starts_with('.') {
        let label = format!("expected a file that a kubelet reads, in a directory for such files, found `{}`", pod.manifest);
        let why = "a kubelet reads every file of its directory whose name does not start with a dot.";
        impossible(
            context,
            &format!("{POD}/manifest"),
            label,
            why,
            "give `staticPodPath` of the kubelet's configuration with a file's name",
        );
    }
}

fn check_settings(context: &mut Context<'_>, etcd: &EtcdSettings) {
    if etcd.user.as_str() != "root" {
        let label = format!("expected `user: root` with static pods, found `{}`", etcd.user);
        let why = "a pod knows users by number, which the spec does not have and machines may differ in.";
        impossible(
            context,
            &format!("{ETCD}/user"),
            label,
            why,
            "remove `user`; where the data belongs to somebody else, hand it to root first",
        );
    }
    for (field, path) in
        etcd.tls.files_of("").iter().flat_map(|files| [("ca", &files.ca), ("certificate", &files.certificate), ("key", &files.key)])
    {
        if path.as_str().rfind('/') == Some(0) {
            let label = format!("expected a file in a directory of its own, found `{path}`");
            let why = "the pod is given the directory, so that it sees files that are renewed.";
            impossible(context, &format!("{ETCD}/tls/{field}"), label, why, "put the certificates into a directory, such as /etc/etcd/pki");
        }
    }
    for (name, value) in &etcd.flags {
        if value.as_str().split([',', '=']).any(|part| part.starts_with('/')) {
            let label = format!("expected a value without a file of the machine, found `{value}`");
            let why = "the pod sees the data and the certificates of its machine, and no other file.";
            impossible(context, &format!("{ETCD}/flags/{name}"), label, why, "leave the flag out, or run members as `etcd.service`");
        }
    }
}

fn impossible(context: &mut Context<'_>, pointer: &str, label: String, why: &str, help: &str) {
    let diagnostic = Diagnostic::at(Code::M709, &context.place(pointer), label).why(why);
    context.find(diagnostic.help(help));
}
