//! Paths at which a file would not be found when it is needed: hidden by etcd's unit, or deleted with an older k3s.
//!
//! Does not know whether a file exists; preconditions look. What is said of an older k3s is what its removal does.

use super::context::{Context, Machines};
use super::topology::Roles;
use crate::diag::{Code, Diagnostic};
use crate::model::{AbsolutePath, Datastore, EtcdProcess, EtcdSettings, EtcdTls, K3s, Leftovers, Machine, Runtime};

const ETCD: &str = "/spec/cluster/etcd";
const MEDIA: &str = "/spec/cluster/distribution/k3s/media";

/// What `ProtectHome` and `PrivateTmp` hide from a unit.
const HIDDEN: &[&str] = &["/home", "/root", "/run/user", "/tmp", "/var/tmp"];

/// Where k3s keeps its data.
const DATA: &str = "/var/lib/rancher/k3s";

/// What goes away with a k3s that is removed.
const REMOVED: &[&str] = &[DATA, "/etc/rancher/k3s", "/run/k3s", "/usr/local/bin/k3s"];

/// A path of the spec, and where it stands.
type Written<'a> = (String, &'a AbsolutePath);

pub(super) fn check(context: &mut Context<'_>, k3s: &K3s, etcd: &EtcdSettings, machines: &Machines, source: &Roles, target: &Roles) {
    match k3s.datastore {
        Datastore::External => {
            check_hidden(context, etcd);
            check_data(context, etcd);
        }
        // Where etcd's files lie is k3s's business, and not written in the spec.
        Datastore::Embedded => {}
    }
    check_archives(context, k3s);
    let cleaned: Vec<&Machine> = machines.values().filter(|machine| is_cleaned(machine, source, target)).collect();
    check_removed(context, &media(k3s), cleaned.first().copied());
    let uses_certificates = |machine: &&&Machine| {
        let lists = [&target.control_plane, &source.etcd, &target.etcd];
        lists.into_iter().flatten().any(|role| role.value == machine.name)
    };
    if k3s.datastore == Datastore::External {
        check_removed(context, &certificates(etcd), cleaned.iter().find(uses_certificates).copied());
    }
}

/// Whether an older k3s is removed from the machine before it joins.
fn is_cleaned(machine: &Machine, source: &Roles, target: &Roles) -> bool {
    let is_node = |end: &Roles| end.control_plane.iter().chain(&end.workers).any(|role| role.value == machine.name);
    machine.leftovers == Leftovers::Remove && is_node(target) && !is_node(source)
}

fn media(k3s: &K3s) -> Vec<Written<'_>> {
    let single = [(format!("{MEDIA}/binary"), &k3s.binary), (format!("{MEDIA}/installScript"), &k3s.install_script)];
    let images = k3s.images.iter().enumerate().map(|(index, image)| (format!("{MEDIA}/images/{index}"), image));
    single.into_iter().chain(images).collect()
}

/// Those that etcd itself reads come first.
fn certificates(etcd: &EtcdSettings) -> Vec<Written<'_>> {
    let EtcdTls::Files(files) = &etcd.tls else { return Vec::new() };
    let fields = [
        ("ca", &files.ca),
        ("certificate", &files.certificate),
        ("key", &files.key),
        ("clientCertificate", &files.client_certificate),
        ("clientKey", &files.client_key),
    ];
    fields.into_iter().map(|(field, path)| (format!("{ETCD}/tls/{field}"), path)).collect()
}

/// The directory of the list in which the path lies.
fn above(path: &AbsolutePath, directories: &[&'static str]) -> Option<&'static str> {
    let holds = |directory: &&&str| path.as_str().strip_prefix(**directory).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    directories.iter().find(holds).copied()
}

fn outside(directory: &str, path: &AbsolutePath) -> String {
    format!("expected a path outside of {directory}, found `{path}`")
}

/// What the unit hides, where members run in one: a pod is given its own directories.
pub(super) fn check_hidden(context: &mut Context<'_>, etcd: &EtcdSettings) {
    if matches!(etcd.process, EtcdProcess::StaticPod(_)) {
        return;
    }
    let own = [(format!("{ETCD}/dataDir"), &etcd.data_dir), (format!("{ETCD}/binaryDirectory"), &etcd.binary_directory)];
    // The client's certificate is read by the API server and etcdctl, which run without that unit.
    for (pointer, path) in own.into_iter().chain(certificates(etcd).into_iter().take(3)) {
        let Some(directory) = above(path, HIDDEN) else { continue };
        let diagnostic = Diagnostic::at(Code::M305, &context.place(&pointer), outside(directory, path))
            .why("the unit has `ProtectHome` and `PrivateTmp`: for etcd, /home, /root, /run/user, /tmp and /var/tmp are empty.")
            .help("move it below a directory such as /etc/etcd or /var/lib/etcd, and name the new path");
        context.find(diagnostic);
    }
}

fn check_data(context: &mut Context<'_>, etcd: &EtcdSettings) {
    let Some(directory) = above(&etcd.data_dir, &[DATA]) else { return };
    let place = context.place(&format!("{ETCD}/dataDir"));
    let diagnostic = Diagnostic::at(Code::M306, &place, outside(directory, &etcd.data_dir))
        .why("whoever removes k3s from a machine deletes that directory with everything in it, and the member's data too.")
        .help("move the members' data first, as a change of its own, and name the new path");
    context.find(diagnostic);
}

fn check_archives(context: &mut Context<'_>, k3s: &K3s) {
    if k3s.runtime != Runtime::Docker {
        return;
    }
    for (index, image) in k3s.images.iter().enumerate().filter(|(_, image)| image.as_str().ends_with(".tar.zst")) {
        let place = context.place(&format!("{MEDIA}/images/{index}"));
        let label = format!("expected an archive that every docker can load, found `{image}`");
        let diagnostic = Diagnostic::at(Code::M212, &place, label)
            .why("docker before 23.0 cannot load an archive that zstd compressed.")
            .help_copy("unpack it on each machine that joins, and name the `.tar`", format!("zstd -d {image}"));
        context.find(diagnostic);
    }
}

fn check_removed(context: &mut Context<'_>, files: &[Written<'_>], cleaned: Option<&Machine>) {
    let Some(machine) = cleaned else { return };
    let leftovers = context.place(&format!("/spec/machines/{}/leftovers", machine.name));
    for (pointer, path) in files {
        let Some(directory) = above(path, REMOVED) else { continue };
        let diagnostic = Diagnostic::at(Code::M211, &context.place(pointer), outside(directory, path))
            .related(leftovers.span, format!("`{}` loses an older k3s before it joins", machine.name))
            .why(
                "what removes k3s deletes /var/lib/rancher/k3s, /etc/rancher/k3s, /run/k3s and /usr/local/bin/k3s with everything in them.",
            )
            .help("move the file to another directory, and name the new path");
        context.find(diagnostic);
    }
}
