//! What both ends share: the distribution, etcd's settings, and the names of etcd's members.
//!
//! Does not know k3s's own fields nor the virtual IP's rules; their files do.

use indexmap::IndexMap;

use super::context::{Context, Machines};
use super::kubean_checks::{self, Subject};
use super::topology::Roles;
use super::{changes, embedded, etcd_flags, k3s, kubeadm, kubean, ocboot_checks, paths, ports, static_pods, systemd, virtual_ip};
use crate::diag::{Code, Diagnostic};
use crate::model::{
    AbsolutePath, Cluster, ClusterName, Datastore, Distribution, EnvironmentName, EtcdApi, EtcdSettings, EtcdTls, MachineName, MemberName,
    Port, SecretReference, Temporary, TlsFiles, Token, UserName,
};
use crate::source::Place;
use crate::spec::v1alpha1 as spec;

pub(super) fn resolve(context: &mut Context<'_>, machines: &Machines) -> Option<Cluster> {
    let written = &context.document.migration.spec.cluster;
    let name = context.parse("/spec/cluster/name", &written.name.0, ClusterName::parse);
    if let Some(kubean) = &written.distribution.kubean {
        refuse_own_settings(context);
        kubeadm::refuse_balancer(context);
        let kubean = kubean::resolve(context, kubean, &written.name.0, machines)?;
        let etcd = kubean::etcd(context, &kubean)?;
        let distribution = Distribution::Kubean(Box::new(kubean));
        return Some(Cluster { name: name?, distribution, etcd, virtual_ip: None, balancer: None });
    }
    let distribution = distribution(context, &written.distribution, machines);
    if written.distribution.systemd.is_none() {
        systemd::refuse_etcd_v2(context);
    }
    let balancer = match (&written.load_balancer, &written.distribution.kubeadm) {
        (Some(written), Some(_)) => Some(kubeadm::balancer(context, written)?),
        (_, None) => {
            kubeadm::refuse_balancer(context);
            None
        }
        (None, Some(_)) => None,
    };
    if written.distribution.kubeadm.is_none() {
        static_pods::refuse(context);
    }
    let etcd = match distribution.as_ref().is_some_and(embedded::is_embedded) {
        true => embedded::etcd(context, written.etcd.as_ref()),
        false => etcd(context, written.etcd.as_ref(), machines),
    };
    let virtual_ip = written.virtual_ip.as_ref().map(|written| virtual_ip::resolve(context, written, machines));
    let virtual_ip = match virtual_ip {
        Some(resolved) => Some(resolved?),
        None => None,
    };
    Some(Cluster { name: name?, distribution: distribution?, etcd: etcd?, virtual_ip, balancer })
}

/// What kubespray sets up by itself, or has variables for.
fn refuse_own_settings(context: &mut Context<'_>) {
    if context.document.has(ETCD) {
        let diagnostic = Diagnostic::at(Code::M605, &context.key(ETCD), "expected no `etcd` beside `kubean`, found settings")
            .why("kubespray sets etcd up, with its own ports, paths and certificates; the plan knows them.");
        context.find(diagnostic.help("remove `etcd` here; `etcdDeployment` under `kubean` says how it runs"));
    }
    for pointer in ["/spec/cluster/virtualIp", "/spec/source/virtualIp", "/spec/target/virtualIp"] {
        if context.document.has(pointer) {
            let diagnostic = Diagnostic::at(Code::M606, &context.key(pointer), "expected no `virtualIp` with `kubean`, found one")
                .why("the plan moves an address that keepalived holds; with kubespray, kube-vip or a load balancer holds it.")
                .help("remove it; kube-vip's settings stand in `variables`, and the address in front of the API in `loadBalancer`");
            context.find(diagnostic);
        }
    }
}

/// What the cluster's settings and both ends must agree on.
pub(super) fn compare(context: &mut Context<'_>, cluster: &Cluster, machines: &Machines, ends: [&Roles; 2], temporary: &Temporary) {
    let [source, target] = ends;
    changes::check_supported(context, &cluster.distribution, machines, ends, temporary);
    ports::check(context, cluster, machines, source, target);
    match &cluster.distribution {
        Distribution::K3s(k3s) => {
            virtual_ip::compare(context, cluster.virtual_ip.as_ref(), source, target, machines);
            if k3s.datastore == Datastore::External {
                check_member_names(context, &cluster.etcd, source, target);
            }
            ocboot_checks::check(context, &ocboot_checks::Subject { cluster, k3s, machines, source, target, temporary });
            paths::check(context, k3s, &cluster.etcd, machines, source, target);
        }
        Distribution::Kubean(kubean) => kubean_checks::check(context, &Subject::new(kubean, machines, ends, temporary)),
        Distribution::Kubeadm(kubeadm) => {
            virtual_ip::compare(context, cluster.virtual_ip.as_ref(), source, target, machines);
            check_member_names(context, &cluster.etcd, source, target);
            kubeadm::check(context, cluster, kubeadm, machines, source, target);
            paths::check_hidden(context, &cluster.etcd);
            static_pods::check(context, &cluster.etcd, machines, ends, temporary);
        }
        Distribution::Systemd(systemd) => {
            check_member_names(context, &cluster.etcd, source, target);
            paths::check_hidden(context, &cluster.etcd);
            systemd::check(context, cluster, systemd, machines, ends);
        }
    }
}

fn distribution(context: &mut Context<'_>, written: &spec::Distribution, machines: &Machines) -> Option<Distribution> {
    if let Some(written) = &written.systemd {
        return systemd::resolve(context, written).map(|systemd| Distribution::Systemd(Box::new(systemd)));
    }
    if let Some(written) = &written.kubeadm {
        return kubeadm::resolve(context, written).map(|kubeadm| Distribution::Kubeadm(Box::new(kubeadm)));
    }
    written.k3s.as_ref().and_then(|written| k3s::resolve(context, written, machines)).map(|k3s| Distribution::K3s(Box::new(k3s)))
}

const ETCD: &str = "/spec/cluster/etcd";

fn etcd(context: &mut Context<'_>, written: Option<&spec::Etcd>, machines: &Machines) -> Option<EtcdSettings> {
    let default = spec::Etcd::default();
    let written = written.unwrap_or(&default);
    let place = context.key(ETCD);
    let data_dir = context.parse(&format!("{ETCD}/dataDir"), &written.data_dir.0, AbsolutePath::parse);
    let binary_directory = context.parse(&format!("{ETCD}/binaryDirectory"), &written.binary_directory.0, AbsolutePath::parse);
    let cluster_token = context.parse(&format!("{ETCD}/clusterToken"), &written.cluster_token.0, Token::parse);
    let user = context.parse(&format!("{ETCD}/user"), &written.user.0, UserName::parse);
    let tls = tls(context, written.tls.as_ref(), &place);
    let flags = etcd_flags::resolve(context, &written.flags);
    let process = static_pods::resolve(context, written.runs.as_ref());
    let mut member_names = IndexMap::new();
    for (machine, name) in &written.member_names {
        let pointer = format!("{ETCD}/memberNames/{}", machine.0);
        let machine = context.machine_at(context.key(&pointer), &machine.0, machines);
        if let (Some(machine), Some(name)) = (machine, context.parse(&pointer, &name.0, MemberName::parse)) {
            member_names.insert(machine.value, name);
        }
    }
    Some(EtcdSettings {
        api: match written.api {
            spec::EtcdApi::V2 => EtcdApi::V2,
            spec::EtcdApi::V3 => EtcdApi::V3,
        },
        process: process?,
        client_port: Port::new(u64::from(written.client_port)).ok()?,
        peer_port: Port::new(u64::from(written.peer_port)).ok()?,
        data_dir: data_dir?,
        binary_directory: binary_directory?,
        cluster_token: cluster_token?,
        user: user?,
        tls: tls?,
        member_names,
        flags,
        place,
    })
}

fn tls(context: &mut Context<'_>, written: Option<&spec::Tls>, etcd: &Place) -> Option<EtcdTls> {
    let files = match written {
        Some(spec::Tls::Files(files)) => files,
        Some(spec::Tls::None(spec::NoTls::None)) => return Some(EtcdTls::None),
        None => {
            let diagnostic = Diagnostic::at(Code::M301, etcd, "expected `tls` in `cluster.etcd`, found none")
                .why("whoever reaches the client port can read and write everything in the cluster, its secrets too.")
                .help_copy("name the certificates that the members have", TLS_EXAMPLE)
                .help_copy("or say that plain HTTP is meant", "tls: none");
            context.find(diagnostic);
            return Some(EtcdTls::None);
        }
    };
    let mut path =
        |field: &str, path: &spec::word::AbsolutePath| context.parse(&format!("{ETCD}/tls/{field}"), &path.0, AbsolutePath::parse);
    let (ca, certificate, key) = (path("ca", &files.ca), path("certificate", &files.certificate), path("key", &files.key));
    let (client_certificate, client_key) = (path("clientCertificate", &files.client_certificate), path("clientKey", &files.client_key));
    Some(EtcdTls::Files(TlsFiles {
        ca: ca?,
        certificate: certificate?,
        key: key?,
        client_certificate: client_certificate?,
        client_key: client_key?,
    }))
}

const TLS_EXAMPLE: &str = "tls:
  ca: /etc/etcd/pki/ca.crt
  certificate: /etc/etcd/pki/member.crt
  key: /etc/etcd/pki/member.key
  clientCertificate: /etc/etcd/pki/client.crt
  clientKey: /etc/etcd/pki/client.key";

/// A reference to a secret, as its types.
pub(super) fn secret(context: &mut Context<'_>, pointer: &str, written: &spec::Secret) -> Option<SecretReference> {
    match (&written.file, &written.env) {
        (Some(file), _) => context.parse(&format!("{pointer}/file"), &file.0, AbsolutePath::parse).map(SecretReference::File),
        (None, Some(env)) => context.parse(&format!("{pointer}/env"), &env.0, EnvironmentName::parse).map(SecretReference::Environment),
        (None, None) => None,
    }
}

/// Members must have different names, defaults included; a name for no member is a slip.
fn check_member_names(context: &mut Context<'_>, etcd: &EtcdSettings, source: &Roles, target: &Roles) {
    let members: IndexMap<&MachineName, &Place> = source.etcd.iter().chain(&target.etcd).map(|role| (&role.value, &role.place)).collect();
    for machine in etcd.member_names.keys().filter(|machine| !members.contains_key(*machine)) {
        let place = context.key(&format!("{ETCD}/memberNames/{machine}"));
        let label = format!("expected a machine of `source.etcd` or `target.etcd`, found `{machine}`");
        context.find(Diagnostic::at(Code::M303, &place, label).help("remove the entry, or list the machine as a member"));
    }
    let mut owners: IndexMap<&str, &MachineName> = IndexMap::new();
    for (machine, role) in &members {
        let name = etcd.member_name(machine);
        let Some(other) = owners.insert(name, machine) else { continue };
        let place_of = |machine: &MachineName, role: &Place| {
            let pointer = format!("{ETCD}/memberNames/{machine}");
            if context.document.has(&pointer) { context.place(&pointer) } else { role.clone() }
        };
        let there = members.get(other).map_or_else(|| (*role).clone(), |role| place_of(other, role));
        let label = format!("expected another name for `{machine}` than `{name}`, which is the name of `{other}`");
        context.find(Diagnostic::at(Code::M302, &place_of(machine, role), label).related(there.span, format!("`{other}` has it")));
    }
}
