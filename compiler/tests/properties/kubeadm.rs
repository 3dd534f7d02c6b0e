//! What a random spec has of kubeadm: the cluster's own configuration, made from the ends, and nodes that change their roles.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::spec::{Spec, Tls};

#[derive(Debug, Clone)]
pub struct Kubeadm {
    pub version: &'static str,
    pub schema: &'static str,
    pub takes_pods: &'static str,
    pub calico: bool,
    pub monitoring: bool,
    pub configuration: &'static str,
    pub api_server_port: u16,
}

impl Kubeadm {
    pub const PLAIN: Self = Self {
        version: "v1.27.16",
        schema: "v1beta3",
        takes_pods: "never",
        calico: true,
        monitoring: true,
        configuration: "whole",
        api_server_port: 6443,
    };

    /// `cluster.distribution.kubeadm`.
    pub fn value(&self, spec: &Spec) -> Value {
        let mut value = json!({
            "version": self.version,
            "controlPlaneTakesPods": self.takes_pods,
            "apiServerPort": self.api_server_port,
            "clusterConfiguration": self.configuration(spec),
        });
        if self.calico {
            value["calico"] = json!({"version": "v3.26.4"});
        }
        if self.monitoring {
            value["monitoring"] = json!([{"namespace": "monitoring", "name": "apiserver"}]);
        }
        value
    }

    fn configuration(&self, spec: &Spec) -> Value {
        let scheme = if spec.tls == Tls::Plain { "http" } else { "https" };
        let address = |name: &String| spec.machines.iter().find(|machine| machine.name == *name).map(|machine| bracketed(&machine.address));
        let endpoints: Vec<_> = spec.source.etcd.iter().filter_map(address).map(|at| format!("{scheme}://{at}:2379")).collect();
        let mut external = json!({"endpoints": endpoints});
        if spec.tls == Tls::Files {
            external["caFile"] = json!("/etc/etcd/pki/ca.crt");
            external["certFile"] = json!("/etc/etcd/pki/client.crt");
            external["keyFile"] = json!("/etc/etcd/pki/client.key");
        }
        let virtual_ip = spec.address.split_once('/').map_or("", |(address, _)| address);
        let arguments =
            if self.schema == "v1beta4" { json!([{"name": "profiling", "value": "false"}]) } else { json!({"profiling": "false"}) };
        json!({
            "apiVersion": format!("kubeadm.k8s.io/{}", self.schema),
            "kind": "ClusterConfiguration",
            "kubernetesVersion": self.version,
            "controlPlaneEndpoint": format!("{}:443", bracketed(virtual_ip)),
            "apiServer": {"extraArgs": arguments},
            "etcd": {"external": external},
            "networking": {"dnsDomain": "cluster.local"},
        })
    }

    /// `cluster.loadBalancer`.
    pub fn balancer(&self) -> Value {
        let mut value = Map::new();
        value.insert("port".into(), json!(443));
        value.insert("configuration".into(), json!(self.configuration));
        Value::Object(value)
    }
}

pub(super) fn bracketed(address: &str) -> String {
    if address.contains(':') { format!("[{address}]") } else { address.to_owned() }
}

/// What is drawn: the settings, and whether control planes that come and go are nodes before and after.
pub type Drawn = (Kubeadm, bool, bool);

pub fn drawn() -> impl Strategy<Value = Drawn> {
    let release = prop::sample::select(vec![
        ("v1.18.20", "v1beta2"),
        ("v1.22.17", "v1beta3"),
        ("v1.24.17", "v1beta3"),
        ("v1.27.16", "v1beta3"),
        ("v1.31.4", "v1beta4"),
    ]);
    let takes_pods = prop::sample::select(vec!["never", "source", "always"]);
    let port = prop_oneof![3 => Just(6443_u16), 1 => Just(8443_u16)];
    (release, takes_pods, any::<[bool; 5]>(), port).prop_map(|((version, schema), takes_pods, flags, api_server_port)| {
        let [calico, monitoring, whole, promotes, demotes] = flags;
        let configuration = if whole { "whole" } else { "included" };
        (Kubeadm { version, schema, takes_pods, calico, monitoring, configuration, api_server_port }, promotes, demotes)
    })
}

/// Makes a random spec one of kubeadm: clients come through an address at both ends, and roles move between nodes.
pub fn make(spec: &mut Spec, (kubeadm, promotes, demotes): &Drawn) {
    let (source, target) = (&mut spec.source, &mut spec.target);
    for end in [&mut *source, &mut *target] {
        if end.virtual_ip.is_empty() {
            end.virtual_ip = end.control_plane.clone();
        }
    }
    let missing = |all: &[String], here: &super::spec::End| -> Vec<String> {
        all.iter().filter(|name| !here.control_plane.contains(name) && !here.workers.contains(name)).cloned().collect()
    };
    if *demotes {
        let demoted = missing(&source.control_plane, target);
        target.workers.extend(demoted);
    }
    if *promotes {
        let promoted = missing(&target.control_plane, source);
        source.workers.extend(promoted);
    }
    spec.kubeadm = Some(kubeadm.clone());
    spec.runtime = "containerd";
}

proptest! {
    #![proptest_config(super::cases(24))]

    #[test]
    fn what_a_random_plan_hands_out_is_read_by_a_kubeadm_of_its_release(spec in super::generate::spec(), drawn in drawn()) {
        let mut spec = spec;
        make(&mut spec, &drawn);
        let Some(spec) = super::safety::accepting(&spec) else { return Ok(()) };
        let Ok(compiled) = replank::pipeline::compile(&super::file(&spec.text()), &[]) else { return Ok(()) };
        for (path, text) in compiled.tree.files.iter().filter(|(path, _)| path.starts_with("steps/") && path.ends_with(".yaml")) {
            let complaints = crate::kubeadm::schemas::complaints(drawn.0.version, text);
            prop_assert!(complaints.is_empty(), "{path}: {complaints:?}\n{text}");
        }
    }
}
