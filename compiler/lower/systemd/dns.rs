//! kube2sky and SkyDNS as ReplicationControllers that are rolled to new addresses.
//!
//! Serialized, never templated. A rolled controller needs a name and a label `version` of its own. Does not know the words of the step.

use serde_json::{Value, json};

use crate::lower::artifact::{Artifact, ArtifactKind, Body, Destination};
use crate::lower::moment::{Moment, bracketed};
use crate::lower::sheet::Sheet;
use crate::model::{Dns, Label, MachineName, Systemd};

pub fn roll(moment: &Moment<'_>, systemd: &Systemd, server: &MachineName, datastore: &[MachineName]) -> Sheet {
    let mut context = moment.context();
    let endpoints: Vec<String> = datastore.iter().map(|name| moment.client_url(name)).collect();
    let url = moment.api_url(server);
    context.insert("datastore".into(), json!(endpoints.join(",")));
    context.insert("server_url".into(), json!(url));
    context.insert("dns".into(), value(systemd, &endpoints));
    let Some(dns) = &systemd.dns else { return Sheet::new("systemd/roll-dns", context) };
    // All of them are members already, and stay.
    let first = endpoints.first().cloned().unwrap_or_default();
    Sheet::new("systemd/roll-dns", context).with(artifact("kube2sky.yaml", dns, &dns.kube2sky, kube2sky(dns, &first, &url))).with(artifact(
        "skydns.yaml",
        dns,
        &dns.skydns,
        skydns(dns, &endpoints.join(",")),
    ))
}

/// The names that commands use, and what each is told of etcd, where it is told.
pub fn value(systemd: &Systemd, endpoints: &[String]) -> Value {
    let Some(dns) = &systemd.dns else { return Value::Null };
    let first = endpoints.first().map_or("", String::as_str);
    let part = |controller: &Label, image: &str, file: &str, replicas: u16, given: String| {
        json!({
            "app": file, "given": given, "old": controller, "new": rolled(dns, controller), "image": image, "file": format!("{file}.yaml"), "replicas": replicas,
        })
    };
    json!({
        "namespace": dns.namespace, "service": dns.service, "version": dns.version, "next": dns.next_version,
        "parts": [
            part(&dns.kube2sky, dns.kube2sky_image.as_str(), "kube2sky", 1, of_kube2sky(first)),
            part(&dns.skydns, dns.skydns_image.as_str(), "skydns", dns.replicas, of_skydns(&endpoints.join(","))),
        ],
    })
}

/// `skydns-v10` after `skydns`, and after `skydns-v9`.
fn rolled(dns: &Dns, controller: &Label) -> String {
    let base = controller.as_str();
    let base = base.strip_suffix(&format!("-{}", dns.version)).unwrap_or(base);
    format!("{base}-{}", dns.next_version)
}

/// kube2sky knows one member only.
fn of_kube2sky(etcd: &str) -> String {
    format!("--etcd-server={etcd}")
}

fn of_skydns(etcd: &str) -> String {
    format!("--machines={etcd}")
}

fn kube2sky(dns: &Dns, etcd: &str, server: &str) -> Value {
    let arguments = vec![of_kube2sky(etcd), format!("--domain={}", dns.domain), format!("--kube_master_url={server}")];
    controller(
        dns,
        &dns.kube2sky,
        "kube2sky",
        1,
        json!({ "name": "kube2sky", "image": dns.kube2sky_image.as_str(), "command": ["/kube2sky"], "args": arguments }),
    )
}

fn skydns(dns: &Dns, etcd: &str) -> Value {
    let mut arguments = vec![of_skydns(etcd), format!("--domain={}", dns.domain), "--addr=0.0.0.0:53".to_owned()];
    let nameservers: Vec<String> = dns.nameservers.iter().map(|address| format!("{}:53", bracketed(*address))).collect();
    if !nameservers.is_empty() {
        arguments.push(format!("--nameservers={}", nameservers.join(",")));
    }
    let port = |name: &str, protocol: &str| json!({ "containerPort": 53, "name": name, "protocol": protocol });
    controller(
        dns,
        &dns.skydns,
        "skydns",
        dns.replicas,
        json!({
            "name": "skydns", "image": dns.skydns_image.as_str(), "command": ["/skydns"], "args": arguments,
            "ports": [port("dns-udp", "UDP"), port("dns-tcp", "TCP")],
        }),
    )
}

fn controller(dns: &Dns, name: &Label, app: &str, replicas: u16, container: Value) -> Value {
    let labels = json!({ "app": app, "version": dns.next_version });
    json!({
        "apiVersion": "v1", "kind": "ReplicationController",
        "metadata": { "name": rolled(dns, name), "namespace": dns.namespace, "labels": labels },
        "spec": {
            "replicas": replicas, "selector": labels,
            "template": { "metadata": { "labels": labels }, "spec": { "containers": [container] } },
        },
    })
}

fn artifact(name: &'static str, dns: &Dns, controller: &Label, object: Value) -> Artifact {
    Artifact {
        name,
        kind: ArtifactKind::KubernetesObject,
        destination: Destination::InCluster { object: format!("replicationcontrollers/{}", rolled(dns, controller)) },
        body: Body::Yaml(object),
    }
}
