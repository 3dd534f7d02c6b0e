//! kubean's own fields: the image with what is inside, the names of the cluster's objects, where packages are found.
//!
//! Does not know roles; `kubean_checks` holds these fields against them.

use std::net::IpAddr;

use super::context::{Context, Machines};
use super::kubean_versions::Tag;
use super::machines::{check_usable, parse_address};
use super::{kubean_playbooks, kubean_variables};
use crate::diag::{Code, Diagnostic};
use crate::model::{
    AbsolutePath, EtcdApi, EtcdDeployment, EtcdProcess, EtcdSettings, EtcdTls, Image, Import, ImportTool, KubeVersion, KubeVersionForm,
    Kubean, Label, LoadBalancer, NameError, Offline, OperatingSystem, Port, Release, Token, UserName,
};
use crate::source::Located;
use crate::spec::v1alpha1 as spec;

use indexmap::IndexMap;

pub(super) const KUBEAN: &str = "/spec/cluster/distribution/kubean";

pub(super) fn resolve(context: &mut Context<'_>, written: &spec::Kubean, cluster: &str, machines: &Machines) -> Option<Kubean> {
    let operator = located(context, "version", &written.version.0, Release::parse);
    let image = context.parse(&at("image"), &written.image.0, Image::parse);
    let tag = Tag::parse(image.as_ref().and_then(Image::tag));
    let kubespray = image.as_ref().and_then(|image| kubespray(context, written, image, tag));
    let kubernetes = context.parse(&at("kubernetes"), &written.kubernetes.0, Release::parse);
    let management_kubeconfig = context.parse(&at("managementKubeconfig"), &written.management_kubeconfig.0, AbsolutePath::parse);
    let names = names(context, written, cluster);
    let variables = kubean_variables::resolve(context, &written.variables);
    let load_balancer = written.load_balancer.as_ref().map(|written| load_balancer(context, written, machines));
    let offline = written.offline.as_ref().map(|written| offline(context, written));
    let (operator, image, kubespray, kubernetes) = (operator?, image?, kubespray?, kubernetes?);
    let hooks = kubean_playbooks::resolve(context, &written.hooks, operator.value, tag);
    check_kubernetes(context, kubernetes, kubespray.value, tag);
    let in_form = if written.kubernetes.0.starts_with('v') { KubeVersionForm::WithV } else { KubeVersionForm::Plain };
    let kube_version = KubeVersion { release: kubernetes, form: tag.kube_version_form(kubespray.value, in_form) };
    let [namespace, resource, hosts_conf, vars_conf, ssh_auth] = names?;
    Some(Kubean {
        operator,
        image,
        kubespray,
        kube_version,
        etcd_deployment: match written.etcd_deployment {
            spec::EtcdDeployment::Host => EtcdDeployment::Host,
            spec::EtcdDeployment::Kubeadm => EtcdDeployment::Kubeadm,
        },
        management_kubeconfig: management_kubeconfig?,
        namespace,
        resource,
        hosts_conf,
        vars_conf,
        ssh_auth,
        variables,
        kubelet_max_pods: written.kubelet_max_pods,
        control_plane_takes_pods: written.control_plane_takes_pods,
        load_balancer: all(load_balancer)?,
        skip_tags: written.skip_tags.iter().map(|tag| tag.0.clone()).collect(),
        offline: all(offline)?,
        hooks,
        operations_limit: Located::new(written.operations_limit, context.place(&at("operationsLimit"))),
        place: context.key(KUBEAN),
    })
}

fn at(field: &str) -> String {
    format!("{KUBEAN}/{field}")
}

/// What is not written is right; what is written must have been understood.
fn all<T>(part: Option<Option<T>>) -> Option<Option<T>> {
    match part {
        Some(Some(resolved)) => Some(Some(resolved)),
        Some(None) => None,
        None => Some(None),
    }
}

fn located<T>(context: &mut Context<'_>, field: &str, text: &str, parse: impl Fn(&str) -> Result<T, NameError>) -> Option<Located<T>> {
    let pointer = at(field);
    let value = context.parse(&pointer, text, parse)?;
    Some(Located::new(value, context.place(&pointer)))
}

/// What is inside the image: as the user says, or as the tag tells.
fn kubespray(context: &mut Context<'_>, written: &spec::Kubean, image: &Image, tag: Tag) -> Option<Located<Release>> {
    let place = context.place(&at("image"));
    if !image.is_pinned() {
        let found = if image.tag().is_some() { "`latest`" } else { "no tag" };
        let diagnostic =
            Diagnostic::at(Code::M601, &place, format!("expected an image with the tag of a release, or a digest, found {found}"))
                .why("an image that changes between two operations runs another kubespray in the middle of the migration.");
        context.find(diagnostic.help("name the image with which the cluster was deployed: that of the first operation's job"));
        return None;
    }
    if let Some(text) = &written.kubespray {
        let release = located(context, "kubespray", &text.0, Release::parse)?;
        check_inside(context, &release, tag);
        return Some(release);
    }
    if let Some(release) = tag.kubespray() {
        return Some(Located::new(release, place));
    }
    let found = image.tag().map_or_else(|| "a digest alone".to_owned(), |tag| format!("`{tag}`"));
    let diagnostic = Diagnostic::at(Code::M602, &place, format!("expected a tag that tells the kubespray release inside, found {found}"))
        .why("kubespray's faults and commands differ from release to release, and the plan is written for the one in the image.")
        .help_copy("say which one it is; of a commit after a release, the release", "kubespray: v2.23.0");
    context.find(diagnostic);
    None
}

fn check_inside(context: &mut Context<'_>, written: &Located<Release>, tag: Tag) {
    let Some((first, last)) = tag.kubespray_range() else { return };
    let minor = |release: Release| (release.major, release.minor);
    if (minor(first)..=minor(last)).contains(&minor(written.value)) {
        return;
    }
    let expected = if minor(first) == minor(last) { format!("{first}") } else { format!("{first} to {last}") };
    let image = context.place(&at("image"));
    let label = format!("expected {expected}, as the image's tag says, found {}", written.value);
    let diagnostic = Diagnostic::at(Code::M603, &written.place, label)
        .related(image.span, "the image is here")
        .why("the plan goes round the faults of the release that is named here.");
    context.find(diagnostic.help("remove `kubespray`, or keep it where the image was built by your own team"));
}

fn check_kubernetes(context: &mut Context<'_>, kubernetes: Release, kubespray: Release, tag: Tag) {
    let Some((first, last)) = tag.kubernetes_minors(kubespray) else { return };
    if kubernetes.major == 1 && (first..=last).contains(&kubernetes.minor) {
        return;
    }
    let label = format!("expected v1.{first} to v1.{last}, near to what the image deploys, found {kubernetes}");
    let diagnostic = Diagnostic::at(Code::M604, &context.place(&at("kubernetes")), label)
        .why("a kubespray knows the checksums and the settings of a few releases of Kubernetes, and stops at one that it does not know.");
    context.find(diagnostic.help("look whether the release is the one that runs, and the image the one that deployed it"));
}

/// The namespace and the cluster's objects in it.
fn names(context: &mut Context<'_>, written: &spec::Kubean, cluster: &str) -> Option<[Label; 5]> {
    let mut label = |field: &str, written: Option<&spec::word::Label>, default: &str| {
        context.parse(&at(field), written.map_or(default, |written| written.0.as_str()), Label::parse)
    };
    let namespace = label("namespace", Some(&written.namespace), "");
    let resource = label("resource", written.resource.as_ref(), cluster);
    let prefix = written.resource.as_ref().map_or(cluster, |resource| resource.0.as_str());
    let hosts_conf = label("hostsConf", written.hosts_conf.as_ref(), &format!("{prefix}-hosts-conf"));
    let vars_conf = label("varsConf", written.vars_conf.as_ref(), &format!("{prefix}-vars-conf"));
    let ssh_auth = label("sshAuth", written.ssh_auth.as_ref(), &format!("{prefix}-ssh-auth"));
    let (hosts_conf, vars_conf) = (hosts_conf?, vars_conf?);
    check_apart(context, &hosts_conf, &vars_conf);
    Some([namespace?, resource?, hosts_conf, vars_conf, ssh_auth?])
}

/// The plan applies each ConfigMap whole: the second would take away what the first has brought.
fn check_apart(context: &mut Context<'_>, hosts_conf: &Label, vars_conf: &Label) {
    if hosts_conf != vars_conf {
        return;
    }
    // One of the two may be a default.
    let written = [("varsConf", "hostsConf"), ("hostsConf", "varsConf")].into_iter().find(|(own, _)| context.document.has(&at(own)));
    let Some((own, other)) = written else { return };
    let label = format!("expected another ConfigMap than that of `{other}`, found `{vars_conf}` for both");
    let there = if context.document.has(&at(other)) { context.place(&at(other)) } else { context.key(KUBEAN) };
    let sentence = if there.pointer.ends_with(other) { format!("`{other}` is here") } else { format!("`{other}` has its default") };
    let diagnostic = Diagnostic::at(Code::M629, &context.place(&at(own)), label)
        .related(there.span, sentence)
        .why("the plan applies each of the two as a whole: one would take the other's entry away, and the operator would miss it.");
    context.find(diagnostic.help("name the ConfigMaps as `hostsConfRef` and `varsConfRef` of the cluster's resource have them"));
}

fn load_balancer(context: &mut Context<'_>, written: &spec::LoadBalancer, machines: &Machines) -> Option<LoadBalancer> {
    let pointer = at("loadBalancer/address");
    let address: IpAddr = context.parse(&pointer, &written.address.0, parse_address)?;
    let place = context.place(&pointer);
    check_usable(context, &place, address);
    if let Some(machine) = machines.values().find(|machine| machine.address == address) {
        let there = context.place(&format!("/spec/machines/{}/address", machine.name));
        let label = format!("expected an address in front of the machines, found that of `{}`", machine.name);
        let diagnostic = Diagnostic::at(Code::M616, &place, label)
            .related(there.span, format!("`{}` has it", machine.name))
            .why("whoever is sent to one machine loses the API when that machine leaves.");
        context.find(diagnostic.help("remove `loadBalancer`: without one each worker has a proxy that knows every control plane"));
    }
    Some(LoadBalancer { address, port: Port::new(u64::from(written.port)).ok()? })
}

fn offline(context: &mut Context<'_>, written: &spec::Offline) -> Option<Offline> {
    let repository = context.parse(&at("offline/repository"), &written.repository.0, parse_repository);
    let mut imports = Vec::new();
    for (name, import) in &written.imports {
        let pointer = at(&format!("offline/imports/{}", name.0));
        let os = context.parse(&pointer, &name.0, OperatingSystem::parse);
        let os_packages = context.parse(&format!("{pointer}/osPackages"), &import.os_packages.0, AbsolutePath::parse);
        let iso = context.parse(&format!("{pointer}/iso"), &import.iso.0, AbsolutePath::parse);
        let tool = match import.tool {
            spec::ImportTool::Dce5Installer => ImportTool::Dce5Installer,
            spec::ImportTool::KubeanScripts => ImportTool::KubeanScripts,
        };
        imports.push((os?, Import { tool, os_packages: os_packages?, iso: iso? }));
    }
    // A map has no order; what is imported first must not depend on how the spec was sorted.
    imports.sort_by(|(one, _), (other, _)| one.cmp(other));
    Some(Offline { repository: repository?, imports })
}

/// The form has been seen; a port beyond the last one has not.
fn parse_repository(text: &str) -> Result<String, NameError> {
    let host = text.split_once("://").map_or(text, |(_, host)| host);
    let is_port = |port: &str| port.parse::<u64>().is_ok_and(|port| Port::new(port).is_ok());
    if host.split_once(':').is_none_or(|(_, port)| is_port(port)) {
        return Ok(text.to_owned());
    }
    Err(NameError("expected an address such as http://10.6.0.5:9000, without a path".into()))
}

/// etcd as kubespray sets it up; the release has no say in any of this (kubespray v2.23 to v2.31, `roles/etcd/defaults`).
pub(super) fn etcd(context: &Context<'_>, kubean: &Kubean) -> Option<EtcdSettings> {
    Some(EtcdSettings {
        api: EtcdApi::V3,
        // The installer runs its members by itself.
        process: EtcdProcess::Service,
        client_port: Port::new(2379).ok()?,
        peer_port: Port::new(2380).ok()?,
        data_dir: AbsolutePath::parse("/var/lib/etcd").ok()?,
        binary_directory: AbsolutePath::parse("/usr/local/bin").ok()?,
        cluster_token: Token::parse("k8s_etcd").ok()?,
        user: UserName::parse("root").ok()?,
        tls: EtcdTls::Kubespray(kubean.etcd_deployment),
        member_names: IndexMap::new(),
        flags: IndexMap::new(),
        place: context.key(&at("etcdDeployment")),
    })
}
