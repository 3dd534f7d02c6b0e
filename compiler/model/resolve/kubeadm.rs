//! kubeadm's own fields, and the load balancer on its control planes: releases, and a configuration that fits the rest of the spec.
//!
//! Does not know when a part of the configuration changes.

use serde_json::{Map, Value};

use super::context::Context;
use super::topology::Roles;
use crate::diag::{Code, Diagnostic};
use crate::model::{
    AbsolutePath, Balancer, BalancerConfiguration, Calico, Cluster, EtcdSettings, Kubeadm, Label, Machine, MachineName, Monitoring,
    NameError, PodsOnControlPlanes, Port, Release, Token,
};
use crate::source::{Located, Place};
use crate::spec::v1alpha1 as spec;

const KUBEADM: &str = "/spec/cluster/distribution/kubeadm";
const CONFIGURATION: &str = "/spec/cluster/distribution/kubeadm/clusterConfiguration";
const BALANCER: &str = "/spec/cluster/loadBalancer";

/// The first release whose API server answers at `/readyz`, which everything here asks (kubernetes/kubernetes#78458). Its kubeadm writes
/// `kubeadm.k8s.io/v1beta2` and has phases for all that the plan asks of it.
const OLDEST: Release = Release::new(1, 16, 0);
/// The first Calico that keeps its data in etcd's v3 API (projectcalico.org, "Upgrading from v2.x to v3.x").
const OLDEST_CALICO: Release = Release::new(3, 0, 0);
/// The schema of kubeadm's configuration, with the first release that writes it and the first that does not read it any more
/// (kubernetes/kubernetes#114540).
const SCHEMAS: &[(&str, Release, Option<Release>)] = &[
    ("kubeadm.k8s.io/v1beta2", OLDEST, Some(Release::new(1, 27, 0))),
    ("kubeadm.k8s.io/v1beta3", Release::new(1, 22, 0), None),
    ("kubeadm.k8s.io/v1beta4", Release::new(1, 31, 0), None),
];

pub(super) fn resolve(context: &mut Context<'_>, written: &spec::Kubeadm) -> Option<Kubeadm> {
    let pointer = format!("{KUBEADM}/version");
    let version = context.parse(&pointer, &written.version.0, Release::parse)?;
    if version < OLDEST || version.major != 1 {
        let label = format!("expected v1.16.0 or later, found {version}");
        let why = "before, an API server did not answer at `/readyz`, by which load balancers, keepalived and this plan know who serves.";
        let diagnostic = Diagnostic::at(Code::M701, &context.place(&pointer), label).why(why);
        context.find(diagnostic.help("upgrade the cluster first, as a change of its own"));
    }
    let port = Port::new(u64::from(written.api_server_port)).ok()?;
    let calico = match &written.calico {
        Some(calico) => Some(self::calico(context, calico)?),
        None => None,
    };
    let mut monitoring = Vec::new();
    for (index, each) in written.monitoring.iter().enumerate() {
        monitoring.extend(self::monitoring(context, &format!("{KUBEADM}/monitoring/{index}"), each, port));
    }
    let configuration: Map<String, Value> = written.cluster_configuration.clone().into_iter().collect();
    Some(Kubeadm {
        version: Located::new(version, context.place(&pointer)),
        configuration: sorted(&Value::Object(configuration)),
        api_server_port: port,
        takes_pods: match written.control_plane_takes_pods {
            spec::TakesPods::Never => PodsOnControlPlanes::Never,
            spec::TakesPods::Source => PodsOnControlPlanes::Source,
            spec::TakesPods::Always => PodsOnControlPlanes::Always,
        },
        calico,
        monitoring,
    })
}

/// By name, at every depth: the order of keys has no meaning, and must change no byte.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<_> = map.iter().map(|(key, value)| (key.clone(), sorted(value))).collect();
            entries.sort_by(|(one, _), (other, _)| one.cmp(other));
            Value::Object(entries.into_iter().collect())
        }
        Value::Array(items) => items.iter().map(sorted).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

fn calico(context: &mut Context<'_>, written: &spec::Calico) -> Option<Calico> {
    let at = |field: &str| format!("{KUBEADM}/calico/{field}");
    let version = context.parse(&at("version"), &written.version.0, Release::parse)?;
    if version < OLDEST_CALICO {
        let label = format!("expected v3.0.0 or later, found {version}");
        let diagnostic = Diagnostic::at(Code::M704, &context.place(&at("version")), label)
            .why("Calico 2 keeps its data behind etcd's v2 API, which a snapshot does not hold and members of today do not serve.");
        context.find(diagnostic.help("upgrade Calico first, as a change of its own"));
    }
    Some(Calico {
        version,
        namespace: context.parse(&at("namespace"), &written.namespace.0, Label::parse)?,
        config_map: context.parse(&at("configMap"), &written.config_map.0, Label::parse)?,
        node_daemon_set: context.parse(&at("nodeDaemonSet"), &written.node_daemon_set.0, Label::parse)?,
        controllers_deployment: context.parse(&at("controllersDeployment"), &written.controllers_deployment.0, Label::parse)?,
    })
}

fn monitoring(context: &mut Context<'_>, at: &str, written: &spec::Monitoring, port: Port) -> Option<Monitoring> {
    Some(Monitoring {
        namespace: context.parse(&format!("{at}/namespace"), &written.namespace.0, Label::parse)?,
        name: context.parse(&format!("{at}/name"), &written.name.0, Label::parse)?,
        port_name: context.parse(&format!("{at}/portName"), &written.port_name.0, Label::parse)?,
        port: written.port.map_or(Some(port), |port| Port::new(u64::from(port)).ok())?,
    })
}

/// nginx on every control plane.
pub(super) fn balancer(context: &mut Context<'_>, written: &spec::Balancer) -> Option<Balancer> {
    let (configuration, default) = match written.configuration {
        spec::BalancerConfiguration::Whole => (BalancerConfiguration::Whole, "/etc/nginx/nginx.conf"),
        spec::BalancerConfiguration::Included => (BalancerConfiguration::Included, "/etc/nginx/stream.d/kube-apiserver.conf"),
    };
    let file = written.file.as_ref().map_or(default, |file| file.0.as_str());
    Some(Balancer {
        port: Port::new(u64::from(written.port)).ok()?,
        configuration,
        file: context.parse(&format!("{BALANCER}/file"), file, configuration_file)?,
        place: context.key(BALANCER),
    })
}

/// The plan replaces the whole file: a slip must not reach a list of users, nor a manifest that a kubelet would run.
fn configuration_file(text: &str) -> Result<AbsolutePath, NameError> {
    if !text.ends_with(".conf") {
        return Err(NameError("expected a file of nginx's configuration, which ends in `.conf`".into()));
    }
    AbsolutePath::parse(text)
}

/// What kubeadm's settings, the rest of the cluster and both ends must agree on.
pub(super) fn check(
    context: &mut Context<'_>,
    cluster: &Cluster,
    kubeadm: &Kubeadm,
    machines: &indexmap::IndexMap<MachineName, Machine>,
    source: &Roles,
    target: &Roles,
) {
    check_front(context, cluster, [source, target]);
    check_schema(context, kubeadm);
    check_etcd(context, kubeadm, &cluster.etcd, machines, source);
    check_endpoint(context, cluster, kubeadm);
    check_words(context, kubeadm);
    super::kubeadm_arguments::check(context, kubeadm);
}

/// What commands are given of the configuration must mean nothing to a shell.
fn check_words(context: &mut Context<'_>, kubeadm: &Kubeadm) {
    let is_path = |text: &str| AbsolutePath::parse(text).is_ok();
    let is_plain = |text: &str| Token::parse(text).is_ok();
    let is_repository = |text: &str| text.split(['/', ':']).all(is_plain);
    let mut word = |field: &str, wanted: &str, is_right: &dyn Fn(&str) -> bool| {
        let found = text(kubeadm, &format!("/{field}"));
        if let Some(found) = found.filter(|found| !is_right(found)) {
            let label = format!("expected {wanted}, found `{}`", found.escape_debug());
            contradiction(context, field, label, "give it as kubeadm itself accepts it");
        }
    };
    word("certificatesDir", "an absolute path", &is_path);
    word("clusterName", "a plain word", &is_plain);
    word("imageRepository", "a repository such as registry.k8s.io", &is_repository);
}

/// Clients reach the API through nginx at an address that moves: without both, something would have to be told of each control plane.
fn check_front(context: &mut Context<'_>, cluster: &Cluster, ends: [&Roles; 2]) {
    if cluster.balancer.is_none() {
        let place = context.key(KUBEADM);
        let diagnostic = Diagnostic::at(Code::M703, &place, "expected `cluster.loadBalancer` beside `kubeadm`, found none");
        context.find(diagnostic.help_copy("describe nginx on the control planes under `spec.cluster`", "loadBalancer: {port: 443}"));
    }
    for end in ends.into_iter().filter(|end| end.virtual_ip.is_empty()) {
        let place = context.key(&format!("/spec/{}", end.end.word()));
        let label = format!("expected candidates in `{}.virtualIp`, found none", end.end.word());
        let diagnostic = Diagnostic::at(Code::M703, &place, label)
            .why("the plan moves control planes behind an address that stays; without one, every kubelet would have to be told of each.");
        context.find(diagnostic.help("list the control planes that may hold the virtual IP"));
    }
}

/// One finding about the cluster's own configuration.
pub(super) fn contradiction(context: &mut Context<'_>, field: &str, label: String, help: &str) {
    let pointer = if field.is_empty() { CONFIGURATION.to_owned() } else { format!("{CONFIGURATION}/{field}") };
    let diagnostic = Diagnostic::at(Code::M702, &context.place(&pointer), label);
    let why = "the plan gives kubeadm this configuration again, with what a step changes: it must be the cluster's own.";
    context.find(diagnostic.why(why).help(help));
}

fn text<'v>(kubeadm: &'v Kubeadm, pointer: &str) -> Option<&'v str> {
    kubeadm.configuration.pointer(pointer).and_then(Value::as_str)
}

fn check_schema(context: &mut Context<'_>, kubeadm: &Kubeadm) {
    if text(kubeadm, "/kind") != Some("ClusterConfiguration") {
        let found = text(kubeadm, "/kind").unwrap_or("none");
        let label = format!("expected `kind: ClusterConfiguration`, found `{}`", found.escape_debug());
        contradiction(context, "kind", label, "copy the object from the ConfigMap `kubeadm-config` of the namespace `kube-system`");
    }
    let schema = text(kubeadm, "/apiVersion").unwrap_or("none");
    let version = kubeadm.version.value;
    let is_read = |(_, first, end): &&(&str, Release, Option<Release>)| version >= *first && end.is_none_or(|end| version < end);
    let known: Vec<&str> = SCHEMAS.iter().filter(is_read).map(|(name, _, _)| *name).collect();
    // A release that is too old for all of them is found as that.
    if !known.is_empty() && !known.contains(&schema) {
        let label = format!("expected one of {} for {version}, found `{}`", known.join(", "), schema.escape_debug());
        contradiction(context, "apiVersion", label, "copy the object from the cluster as it is");
    }
    let written = text(kubeadm, "/kubernetesVersion").unwrap_or("none");
    if Release::parse(written) != Ok(version) {
        let label = format!("expected `kubernetesVersion: {version}`, as `version` says, found `{}`", written.escape_debug());
        contradiction(context, "kubernetesVersion", label, "copy the object from the cluster as it is, and give the release that runs");
    }
}

/// An etcd that kubeadm itself runs: written as `etcd.local`, or not at all, since that is its default.
fn refuse_stacked_etcd(context: &mut Context<'_>, kubeadm: &Kubeadm) {
    let has = |pointer: &str| kubeadm.configuration.pointer(pointer).is_some();
    let (pointer, found) = match (has("/etcd/local"), has("/etcd")) {
        (true, _) => ("/etcd/local", "`etcd.local`"),
        (false, true) => ("/etcd", "none"),
        (false, false) => ("", "no `etcd`, which means `etcd.local`"),
    };
    let place = context.key(&format!("{CONFIGURATION}{pointer}"));
    let diagnostic = Diagnostic::at(Code::M705, &place, format!("expected `etcd.external`, found {found}")).why(
        "with etcd inside kubeadm, `kubeadm join --control-plane` adds a member by itself and `kubeadm reset` removes it; this plan moves \
         members apart from control planes, as services or as static pods of your own.",
    );
    context.find(diagnostic.help(
        "replank does not plan this yet: let kubeadm do it, one machine at a time, each new control plane joined and proved before an old one is reset",
    ));
}

/// The endpoints are the members of the source, and the files those that the spec gives to clients of etcd.
fn check_etcd(
    context: &mut Context<'_>,
    kubeadm: &Kubeadm,
    etcd: &EtcdSettings,
    machines: &indexmap::IndexMap<MachineName, Machine>,
    source: &Roles,
) {
    let Some(external) = kubeadm.configuration.pointer("/etcd/external") else {
        refuse_stacked_etcd(context, kubeadm);
        return;
    };
    let listed = external.get("endpoints").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let mut found: Vec<&str> = listed.iter().filter_map(Value::as_str).collect();
    found.sort_unstable();
    let url = |role: &Located<MachineName>| {
        let address = machines.get(&role.value).map(|machine| machine.address)?;
        Some(format!("{}://{}", etcd.scheme(), std::net::SocketAddr::new(address, etcd.client_port.get())))
    };
    let mut wanted: Vec<String> = source.etcd.iter().filter_map(url).collect();
    wanted.sort_unstable();
    if found != wanted {
        let label = format!("expected the members of the source, {}, found {}", wanted.join(", "), found.join(", "));
        contradiction(
            context,
            "etcd/external/endpoints",
            label,
            "list the members under `source.etcd`, or mend the cluster's own list first",
        );
    }
    let files = etcd.tls.files_of("");
    let paths = files.map(|files| [files.ca, files.client_certificate, files.client_key].map(|path| path.to_string()));
    for (index, field) in ["caFile", "certFile", "keyFile"].into_iter().enumerate() {
        let wanted = paths.as_ref().and_then(|paths| paths.get(index)).map(String::as_str);
        let found = external.get(field).and_then(Value::as_str).filter(|found| !found.is_empty());
        if wanted != found {
            let (wanted, found) = (wanted.unwrap_or("none"), found.unwrap_or("none"));
            let label = format!("expected `{field}` to be {wanted}, as `cluster.etcd.tls` has it, found {}", found.escape_debug());
            contradiction(context, "etcd/external", label, "give the files of API servers under `cluster.etcd.tls`");
        }
    }
}

/// Whoever joins is sent to this address.
fn check_endpoint(context: &mut Context<'_>, cluster: &Cluster, kubeadm: &Kubeadm) {
    let (Some(virtual_ip), Some(endpoint)) = (&cluster.virtual_ip, text(kubeadm, "/controlPlaneEndpoint")) else { return };
    // Without a load balancer nobody knows the port yet.
    if cluster.balancer.is_none() {
        return;
    }
    let wanted = std::net::SocketAddr::new(virtual_ip.address.value.address, cluster.endpoint_port().get()).to_string();
    let has_the_port = |port: &str| wanted.ends_with(&format!(":{port}"));
    let is_name = endpoint.rsplit_once(':').is_some_and(|(name, port)| is_name_of_a_host(name) && has_the_port(port));
    if endpoint != wanted && !is_name {
        let label = format!("expected `{wanted}`, or a name with this port, found `{}`", endpoint.escape_debug());
        contradiction(context, "controlPlaneEndpoint", label, "let the cluster be reached at the virtual IP first, as a change of its own");
    }
}

/// A DNS name, and no address, scheme or path.
fn is_name_of_a_host(text: &str) -> bool {
    text.split('.').all(|label| Label::parse(label).is_ok()) && text.parse::<std::net::IpAddr>().is_err()
}

/// A load balancer with a distribution whose API servers clients reach at their own port.
pub(super) fn refuse_balancer(context: &mut Context<'_>) {
    if context.document.has(BALANCER) {
        let place: Place = context.key(BALANCER);
        let diagnostic =
            Diagnostic::at(Code::M706, &place, "expected `loadBalancer` only beside `kubeadm`, found it with another distribution");
        context.find(diagnostic.help("remove it here"));
    }
}
