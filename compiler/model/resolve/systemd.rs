//! Clusters of binaries under systemd: releases, units, what nodes are told, and the cluster's DNS.
//!
//! Does not know when an address is written where.

use std::net::IpAddr;

use indexmap::{IndexMap, IndexSet};

use super::context::{Context, Machines};
use super::systemd_units;
use super::topology::{End, Roles};
use crate::diag::{Code, Diagnostic};
use crate::model::{
    AbsolutePath, Cluster, Component, Dns, EnvironmentName, EtcdApi, EtcdTls, FlagName, FlagValue, Flannel, Image, Label, MachineName,
    Port, Release, Setting, SettingForm, Systemd, Token,
};
use crate::source::Located;
use crate::spec::v1alpha1 as spec;

const SYSTEMD: &str = "/spec/cluster/distribution/systemd";

/// Before, `kubectl get nodes` had other columns (LABELS stood where STATUS stands).
const OLDEST: Release = Release::new(1, 2, 0);
/// From here on the API server has no port without TLS (`--insecure-port` is inert since v1.20, and gone since v1.24).
const WITHOUT_INSECURE_PORT: Release = Release::new(1, 20, 0);
/// The kubelet has no `--api-servers` any more.
const WITHOUT_API_SERVERS: Release = Release::new(1, 8, 0);
/// The first release whose API server keeps its data in etcd's v3 API.
const WITH_ETCD_V3: Release = Release::new(1, 6, 0);

/// What the plan gives each binary by itself.
const OF_API_SERVER: &[&str] = &["etcd-servers", "insecure-port", "port"];
const OF_CONTROLLERS: &[&str] = &["master", "kubeconfig"];
const OF_FLANNEL: &[&str] = &["etcd-endpoints", "etcd-prefix"];

pub(super) fn resolve(context: &mut Context<'_>, written: &spec::Systemd) -> Option<Systemd> {
    let version = version(context, written);
    let api_server = component(context, "apiServer", &written.api_server, OF_API_SERVER);
    let controller_manager = component(context, "controllerManager", &written.controller_manager, OF_CONTROLLERS);
    let scheduler = component(context, "scheduler", &written.scheduler, OF_CONTROLLERS);
    let proxy = written.proxy.as_ref().map(|proxy| component(context, "proxy", proxy, OF_CONTROLLERS));
    let flannel = written.flannel.as_ref().map(|flannel| self::flannel(context, flannel));
    let kubelet = setting(context, &format!("{SYSTEMD}/nodes/kubelet"), &written.nodes.kubelet);
    let node_proxy = setting(context, &format!("{SYSTEMD}/nodes/proxy"), &written.nodes.proxy);
    let dns = written.dns.as_ref().map(|dns| self::dns(context, dns));
    let binary_directory = context.parse(&format!("{SYSTEMD}/binaryDirectory"), &written.binary_directory.0, AbsolutePath::parse);
    Some(Systemd {
        version: version?,
        api_server_port: Port::new(u64::from(written.api_server_port)).ok()?,
        binary_directory: binary_directory?,
        api_server: api_server?,
        controller_manager: controller_manager?,
        scheduler: scheduler?,
        proxy: all(proxy)?,
        flannel: all(flannel)?,
        kubelet: kubelet?,
        node_proxy: node_proxy?,
        in_batches_of: usize::from(written.nodes.in_batches_of).max(1),
        at_once: written.nodes.at_once.max(1),
        dns: all(dns)?,
    })
}

/// `None` where something that is written could not be understood.
fn all<T>(part: Option<Option<T>>) -> Option<Option<T>> {
    match part {
        Some(understood) => understood.map(Some),
        None => Some(None),
    }
}

fn version(context: &mut Context<'_>, written: &spec::Systemd) -> Option<Located<Release>> {
    let pointer = format!("{SYSTEMD}/version");
    let version = context.parse(&pointer, &written.version.0, Release::parse)?;
    if version < OLDEST || version >= WITHOUT_INSECURE_PORT {
        let label = format!("expected v1.2.0 to v1.19.x, found {version}");
        let diagnostic = Diagnostic::at(Code::M801, &context.place(&pointer), label)
            .why("the plan speaks to the API server at its port without TLS, which later releases do not have.");
        context.find(diagnostic.help("for a later release describe the cluster as one of kubeadm, or move it before it is upgraded"));
    }
    Some(Located::new(version, context.place(&pointer)))
}

fn component(context: &mut Context<'_>, field: &str, written: &spec::Component, managed: &[&str]) -> Option<Component> {
    let at = format!("{SYSTEMD}/{field}");
    let flags = flags(context, &format!("{at}/flags"), &written.flags, managed);
    let unit = context.parse(&format!("{at}/unit"), &written.unit.0, Label::parse)?;
    Some(Component { unit, flags })
}

fn flags(
    context: &mut Context<'_>,
    at: &str,
    written: &IndexMap<spec::word::FlagName, spec::FlagValue>,
    managed: &[&str],
) -> IndexMap<FlagName, FlagValue> {
    let mut flags = IndexMap::new();
    for (name, value) in written {
        let pointer = format!("{at}/{}", name.0);
        if managed.contains(&name.0.as_str()) {
            let label = format!("expected a flag that replank leaves free, found `{}`", name.0);
            let diagnostic = Diagnostic::at(Code::M805, &context.key(&pointer), label)
                .why("it holds an address, which is another one at another moment of the plan.");
            context.find(diagnostic.help("leave it out"));
            continue;
        }
        let name = context.parse(&pointer, &name.0, FlagName::parse);
        let value = context.parse(&pointer, &value.to_string(), FlagValue::parse);
        flags.extend(name.zip(value));
    }
    flags.sort_unstable_keys();
    flags
}

fn flannel(context: &mut Context<'_>, written: &spec::Flannel) -> Option<Flannel> {
    let at = format!("{SYSTEMD}/flannel");
    let flags = flags(context, &format!("{at}/flags"), &written.flags, OF_FLANNEL);
    let setting = setting(context, &format!("{at}/setting"), &written.setting);
    Some(Flannel {
        unit: context.parse(&format!("{at}/unit"), &written.unit.0, Label::parse)?,
        binary: context.parse(&format!("{at}/binary"), &written.binary.0, AbsolutePath::parse)?,
        prefix: context.parse(&format!("{at}/prefix"), &written.prefix.0, AbsolutePath::parse)?,
        flags,
        setting: setting?,
    })
}

fn setting(context: &mut Context<'_>, at: &str, written: &spec::Setting) -> Option<Setting> {
    systemd_units::check_setting(context, at, written);
    let form = match &written.variable {
        None => SettingForm::Kubeconfig,
        Some(name) => SettingForm::Variable {
            name: context.parse(&format!("{at}/variable"), &name.0, EnvironmentName::parse)?,
            flag: match &written.flag {
                Some(flag) => Some(context.parse(&format!("{at}/flag"), &flag.0, FlagName::parse)?),
                None => None,
            },
        },
    };
    Some(Setting {
        unit: context.parse(&format!("{at}/unit"), &written.unit.0, Label::parse)?,
        file: context.parse(&format!("{at}/file"), &written.file.0, AbsolutePath::parse)?,
        form,
    })
}

fn dns(context: &mut Context<'_>, written: &spec::Dns) -> Option<Dns> {
    let at = |field: &str| format!("{SYSTEMD}/dns/{field}");
    let mut nameservers: Vec<IpAddr> = Vec::new();
    for (index, address) in written.skydns.nameservers.iter().enumerate() {
        match address.0.parse() {
            Ok(address) => nameservers.push(address),
            Err(_) => {
                let place = context.place(&at(&format!("skydns/nameservers/{index}")));
                let label = format!("expected an IPv4 or IPv6 address, found `{}`", address.0);
                context.find(Diagnostic::at(Code::M107, &place, label));
            }
        }
    }
    Some(Dns {
        namespace: context.parse(&at("namespace"), &written.namespace.0, Label::parse)?,
        domain: context.parse(&at("domain"), &written.domain.0, Token::parse)?,
        service: context.parse(&at("service"), &written.service.0, Label::parse)?,
        version: context.parse(&at("version"), &written.version.0, Label::parse)?,
        next_version: context.parse(&at("nextVersion"), &written.next_version.0, Label::parse)?,
        kube2sky: context.parse(&at("kube2sky/replicationController"), &written.kube2sky.replication_controller.0, Label::parse)?,
        kube2sky_image: context.parse(&at("kube2sky/image"), &written.kube2sky.image.0, Image::parse)?,
        skydns: context.parse(&at("skydns/replicationController"), &written.skydns.replication_controller.0, Label::parse)?,
        skydns_image: context.parse(&at("skydns/image"), &written.skydns.image.0, Image::parse)?,
        replicas: written.skydns.replicas,
        nameservers,
    })
}

/// What the settings, etcd and both ends must agree on.
pub(super) fn check(context: &mut Context<'_>, cluster: &Cluster, systemd: &Systemd, machines: &Machines, ends: [&Roles; 2]) {
    systemd_units::check(context, systemd, machines, ends);
    ends.into_iter().for_each(|end| check_control_plane(context, end));
    check_nodes(context, ends);
    check_etcd(context, cluster, systemd);
    check_kubelet(context, systemd);
    if let Some(dns) = &systemd.dns {
        check_dns(context, dns);
    }
}

fn check_control_plane(context: &mut Context<'_>, end: &Roles) {
    let word = end.end.word();
    if end.control_plane.len() > 1 {
        let place = context.place(&format!("/spec/{word}/controlPlane"));
        let label = format!("expected one control plane in `{word}.controlPlane`, found {}", end.control_plane.len());
        let diagnostic = Diagnostic::at(Code::M802, &place, label)
            .why("nodes go by the address of one API server, and only one may write while etcd and nodes are moved.");
        context.find(diagnostic.help("name one; add the others when the move is done"));
    }
    let join = format!("/spec/{word}/joinAddress");
    if end.end == End::Source && context.document.has(&join) {
        let diagnostic = Diagnostic::at(Code::M411, &context.key(&join), "expected no `source.joinAddress` with `systemd`, found one")
            .why("nodes are told of the one control plane, and nobody joins it.");
        context.find(diagnostic.help("remove it"));
    }
    if !end.virtual_ip.is_empty() {
        let place = context.key(&format!("/spec/{word}/virtualIp"));
        let diagnostic = Diagnostic::at(Code::M804, &place, "expected no `virtualIp` with `systemd`, found one")
            .why("an address that moves leads to an API server that serves; here the old one stops before the new one starts.");
        context.find(diagnostic.help("remove it: nodes are told of the control plane itself"));
    }
}

/// Nodes are told of another address; they neither join nor leave.
fn check_nodes(context: &mut Context<'_>, [source, target]: [&Roles; 2]) {
    let names = |end: &Roles| end.workers.iter().map(|role| role.value.clone()).collect::<IndexSet<MachineName>>();
    let (before, after) = (names(source), names(target));
    let odd = source
        .workers
        .iter()
        .find(|role| !after.contains(&role.value))
        .or(target.workers.iter().find(|role| !before.contains(&role.value)));
    if let Some(role) = odd {
        let (there, missing) = if before.contains(&role.value) { ("source", "target") } else { ("target", "source") };
        let label =
            format!("expected the same nodes at both ends, found `{}` in `{there}.workers` and not in `{missing}.workers`", role.value);
        let diagnostic = Diagnostic::at(Code::M803, &role.place, label)
            .why("nodes of binaries are set up by scripts that the plan does not know; it only tells those that are there where things have moved.");
        context.find(diagnostic.help("list it at both ends, and add or remove it before or after the move"));
    }
}

fn check_etcd(context: &mut Context<'_>, cluster: &Cluster, systemd: &Systemd) {
    let release = systemd.version.value;
    if release < WITH_ETCD_V3 && cluster.etcd.api == EtcdApi::V3 {
        let label = format!("expected `api: v2` for Kubernetes {release}, found v3");
        let diagnostic = Diagnostic::at(Code::M807, &cluster.etcd.place, label)
            .why("up to v1.5 the API server keeps its data behind etcd's v2 API, which a v3 snapshot does not hold.");
        context.find(diagnostic.help_copy("write under `cluster.etcd`", "api: v2"));
    }
    if cluster.etcd.tls != EtcdTls::None {
        let place = context.place("/spec/cluster/etcd/tls");
        let diagnostic = Diagnostic::at(Code::M808, &place, "expected `tls: none` with `systemd`, found certificates")
            .why("API servers, flannel and DNS of these releases are told of etcd by addresses alone.");
        context.find(diagnostic.help_copy("say so", "tls: none"));
    }
}

/// Etcd's v2 API is for clusters whose data is there.
pub(super) fn refuse_etcd_v2(context: &mut Context<'_>) {
    const API: &str = "/spec/cluster/etcd/api";
    if context.document.migration.spec.cluster.etcd.as_ref().is_some_and(|etcd| etcd.api == spec::EtcdApi::V2) {
        let place = context.place(API);
        let diagnostic = Diagnostic::at(Code::M807, &place, "expected `api: v3` with this distribution, found `v2`")
            .why("its API servers keep their data behind etcd's v3 API.");
        context.find(diagnostic.help("remove the line"));
    }
}

fn check_kubelet(context: &mut Context<'_>, systemd: &Systemd) {
    let SettingForm::Variable { flag: Some(flag), .. } = &systemd.kubelet.form else { return };
    // What a release cannot do at all is said once.
    let releases = WITHOUT_API_SERVERS..WITHOUT_INSECURE_PORT;
    if flag.as_str() == "api-servers" && releases.contains(&systemd.version.value) {
        let at = format!("{SYSTEMD}/nodes/kubelet");
        let place = if context.document.has(&at) { context.place(&at) } else { systemd.version.place.clone() };
        let label = format!("expected a kubeconfig for the kubelet of {}, found the flag `--api-servers`", systemd.version.value);
        let diagnostic = Diagnostic::at(Code::M806, &place, label).why("the kubelet has no such flag from v1.8 on.");
        let example = "nodes:\n  kubelet: {unit: kubelet, file: /etc/kubernetes/kubelet.conf}";
        context.find(diagnostic.help_copy("name the kubeconfig that it reads, under `systemd`", example));
    }
}

fn check_dns(context: &mut Context<'_>, dns: &Dns) {
    if dns.kube2sky == dns.skydns {
        let label = format!("expected two ReplicationControllers, found `{}` for kube2sky and for SkyDNS", dns.skydns);
        let diagnostic = Diagnostic::at(Code::M809, &context.key(&format!("{SYSTEMD}/dns")), label)
            .why("each is rolled to one with a name of its own; of one controller with both the plan knows nothing.");
        return context.find(diagnostic.help("name both, or leave `dns` out and roll the controller by a hook"));
    }
    let pointer = format!("{SYSTEMD}/dns/nextVersion");
    let taken = [&dns.kube2sky, &dns.skydns].into_iter().find(|name| name.as_str().ends_with(&format!("-{}", dns.next_version)));
    if dns.version == dns.next_version || taken.is_some() {
        let label = match taken {
            Some(name) => format!("expected a version that no controller has yet, found `{}`, which `{name}` has", dns.next_version),
            None => format!("expected another version than `{}`, which runs, found the same", dns.version),
        };
        let diagnostic = Diagnostic::at(Code::M809, &context.place(&pointer), label)
            .why("a controller is rolled to one with another name and another label: with the same, both would count each other's pods.");
        context.find(diagnostic.help("count one up: v10 after v9"));
    }
}
