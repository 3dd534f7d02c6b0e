//! k3s's own fields: a version with its known faults, and further configuration keys that k3s will accept.
//!
//! Does not know roles.

use super::cluster::secret;
use super::context::{Context, Machines, escape};
use super::k3s_keys::{BOTH, SERVER, instead, needs_embedded_etcd};
use super::{embedded, ocboot};
use crate::diag::render::is_hidden;
use crate::diag::{Code, Diagnostic, suggest};
use crate::model::{AbsolutePath, Datastore, K3s, K3sVersion, Port, Runtime};
use crate::source::Located;
use crate::spec::v1alpha1 as spec;

const K3S: &str = "/spec/cluster/distribution/k3s";

/// The first release whose config file, tokens and flags are those that the plan writes.
const OLDEST: K3sVersion = K3sVersion { major: 1, minor: 19, patch: 0, build: 0 };

/// The first line of releases with an embedded etcd that all take `etcd-snapshot save`: it came during v1.21 (k3s pull request 3336), and
/// before that the command takes no arguments (k3s issue 3546).
const OLDEST_EMBEDDED: K3sVersion = K3sVersion { major: 1, minor: 22, patch: 0, build: 0 };

pub(super) fn resolve(context: &mut Context<'_>, written: &spec::K3s, machines: &Machines) -> Option<K3s> {
    let version = context.parse(&format!("{K3S}/version"), &written.version.0, K3sVersion::parse);
    if let Some(version) = &version {
        check_version(context, version);
    }
    let token = secret(context, &format!("{K3S}/token"), &written.token);
    let binary = context.parse(&format!("{K3S}/media/binary"), &written.media.binary.0, AbsolutePath::parse);
    let install_script = context.parse(&format!("{K3S}/media/installScript"), &written.media.install_script.0, AbsolutePath::parse);
    let mut images = Vec::new();
    for (index, image) in written.media.images.iter().enumerate() {
        images.extend(context.parse(&format!("{K3S}/media/images/{index}"), &image.0, AbsolutePath::parse));
    }
    check_keys(context, "serverConfig", &written.server_config);
    check_keys(context, "agentConfig", &written.agent_config);
    let ocboot = match &written.ocboot {
        Some(written) => Some(ocboot::resolve(context, written, machines)?),
        None => None,
    };
    let place = context.place(&format!("{K3S}/version"));
    Some(K3s {
        version: Located::new(version?, place),
        datastore: match written.datastore {
            spec::Datastore::External => Datastore::External,
            spec::Datastore::Embedded => Datastore::Embedded,
        },
        runtime: match written.runtime {
            spec::Runtime::Containerd => Runtime::Containerd,
            spec::Runtime::Docker => Runtime::Docker,
        },
        https_listen_port: Port::new(u64::from(written.https_listen_port)).ok()?,
        token: token?,
        binary: binary?,
        install_script: install_script?,
        images,
        server_config: sorted(&written.server_config),
        agent_config: sorted(&written.agent_config),
        ocboot,
    })
}

/// By name: the order of keys has no meaning, and must change no byte.
fn sorted(keys: &spec::ConfigKeys) -> spec::ConfigKeys {
    let mut keys = keys.clone();
    keys.sort_unstable_keys();
    keys
}

fn check_version(context: &mut Context<'_>, version: &K3sVersion) {
    let place = context.place(&format!("{K3S}/version"));
    if *version < OLDEST {
        let label = format!("expected v1.19.0 or later, found {version}");
        let diagnostic = Diagnostic::at(Code::M203, &place, label)
            .why("before v1.19 an additional server without a token encrypted the cluster's keys with an empty one, and there was no configuration file.");
        context.find(diagnostic.help("upgrade k3s first, as a change of its own"));
    } else if *version < OLDEST_EMBEDDED && embedded::is_written(context) {
        let label = format!("expected v1.22.0 or later with an embedded datastore, found {version}");
        let diagnostic = Diagnostic::at(Code::M203, &place, label)
            .why("before v1.22 not every k3s knows `k3s etcd-snapshot save`, with which the plan begins: it would stop at the backup.");
        context.find(diagnostic.help("upgrade k3s first, as a change of its own"));
    } else if has_agent_deadlock(version) {
        let label = format!("expected v1.27.16, v1.28.12, v1.29.7, v1.30.3 or later, found {version}");
        let diagnostic = Diagnostic::at(Code::M204, &place, label)
            .why("an agent's load balancer can deadlock at the moment when a server leaves its list (k3s issue 10506).")
            .help("watch the nodes after each server is removed, and restart `k3s-agent` where one turns NotReady");
        context.find(diagnostic);
    }
}

fn has_agent_deadlock(version: &K3sVersion) -> bool {
    let mended = match version.minor {
        ..=27 => 16,
        28 => 12,
        29 => 7,
        30 => 3,
        31.. => 0,
    };
    version.major == 1 && (version.minor < 27 || version.patch < mended)
}

fn check_keys(context: &mut Context<'_>, field: &str, keys: &spec::ConfigKeys) {
    for (key, value) in keys {
        let pointer = format!("{K3S}/{field}/{}", escape(key));
        if let Some(diagnostic) = wrong_key(context, field, key, &pointer) {
            context.find(diagnostic);
        } else if let Some(bad) = control_character(value) {
            let label = format!("expected text without control characters, found U+{:04X}", u32::from(bad));
            context.find(Diagnostic::at(Code::M503, &context.place(&pointer), label));
        } else if let Some(flag) = embedded::managed_flag(key, value) {
            let label = format!("expected a flag of etcd that k3s leaves free, found `{flag}`");
            let diagnostic = Diagnostic::at(Code::M207, &context.place(&pointer), label)
                .why("k3s gives its etcd this flag itself, and the plan relies on what it says.");
            context.find(diagnostic.help("leave it out"));
        } else {
            check_node_ports(context, key, value, &pointer);
        }
    }
}

fn wrong_key(context: &Context<'_>, field: &str, key: &str, pointer: &str) -> Option<Diagnostic> {
    let place = context.key(pointer);
    let agent = field == "agentConfig";
    let is_external = !embedded::is_written(context);
    if let Some(advice) = instead(key).filter(|_| !(is_external && needs_embedded_etcd(key))) {
        return Some(Diagnostic::at(Code::M207, &place, format!("expected a key that replank leaves free, found `{key}`")).help(advice));
    }
    if needs_embedded_etcd(key) && SERVER.contains(&key) && is_external {
        let diagnostic = Diagnostic::at(Code::M208, &place, format!("expected a key for an external datastore, found `{key}`"))
            .why("the key acts on the etcd inside k3s; over an external etcd k3s refuses it or ignores it.");
        return Some(diagnostic.help("remove the key"));
    }
    if agent && SERVER.contains(&key) {
        let diagnostic = Diagnostic::at(Code::M206, &place, format!("expected a key that agents know, found `{key}`"))
            .why("k3s refuses to start an agent at a key that only servers know.");
        return Some(diagnostic.help_copy("move it to", "serverConfig:"));
    }
    if BOTH.contains(&key) || SERVER.contains(&key) {
        return None;
    }
    let diagnostic =
        Diagnostic::at(Code::M205, &place, format!("expected a long flag of k3s without its dashes, found `{}`", key.escape_debug()))
            .why("k3s refuses to start at a key that it does not know.");
    let known = BOTH.iter().chain(SERVER.iter().filter(|_| !agent)).copied();
    Some(match suggest::nearest(key, known) {
        Some(near) => diagnostic.help_copy("did you mean", format!("{near}:")),
        None => diagnostic.help("remove the key"),
    })
}

fn control_character(value: &serde_json::Value) -> Option<char> {
    match value {
        serde_json::Value::String(text) => text.chars().find(|character| is_hidden(*character)),
        serde_json::Value::Array(items) => items.iter().find_map(control_character),
        serde_json::Value::Null | serde_json::Value::Bool(_) | serde_json::Value::Number(_) | serde_json::Value::Object(_) => None,
    }
}

/// A NodePort takes traffic away from whatever listens on the same port of the host.
fn check_node_ports(context: &mut Context<'_>, key: &str, value: &serde_json::Value, pointer: &str) {
    let argument = |text: &str| text.strip_prefix("service-node-port-range=").and_then(range);
    let found = match (key, value) {
        ("service-node-port-range", serde_json::Value::String(text)) => range(text),
        ("kube-apiserver-arg", serde_json::Value::String(text)) => argument(text),
        ("kube-apiserver-arg", serde_json::Value::Array(items)) => items.iter().filter_map(serde_json::Value::as_str).find_map(argument),
        (_, _) => None,
    };
    let Some((low, high)) = found else { return };
    let covered: Vec<String> =
        cluster_ports(context.document).into_iter().filter(|port| (low..=high).contains(port)).map(|port| port.to_string()).collect();
    if covered.is_empty() {
        return;
    }
    let label = format!("expected a range without the cluster's own ports, found {low}-{high}, which holds {}", covered.join(", "));
    let diagnostic = Diagnostic::at(Code::M209, &context.place(pointer), label)
        .why("kube-proxy sends what arrives at a NodePort to its Service, whoever listens on that port of the host: a Service that is given such a port cuts the cluster off.")
        .help_copy("keep Kubernetes' default", "service-node-port-range: 30000-32767");
    context.find(diagnostic);
}

fn range(text: &str) -> Option<(u16, u16)> {
    let (low, high) = text.split_once('-')?;
    Some((low.trim().parse().ok()?, high.trim().parse().ok()?))
}

fn cluster_ports(document: &crate::spec::Document) -> Vec<u16> {
    let cluster = &document.migration.spec.cluster;
    let etcd = cluster.etcd.clone().unwrap_or_default();
    let api = cluster.distribution.k3s.as_ref().map(|k3s| k3s.https_listen_port);
    let mut ports: Vec<u16> = vec![22, etcd.client_port, etcd.peer_port, 6443, 6444, 10250, 10256, 10257, 10258, 10259];
    ports.extend(api);
    ports.sort_unstable();
    ports.dedup();
    ports
}
