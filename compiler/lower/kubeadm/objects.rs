//! Objects of the cluster that a step replaces.
//!
//! Serialized, never templated. Does not know when they are put in place.

use serde_json::{Map, Value, json};

use crate::lower::artifact::{Artifact, ArtifactKind, Body, Destination};
use crate::lower::moment::Moment;
use crate::model::{Kubeadm, MachineName, Monitoring};

/// The control planes as releases before v1.22 list them, for kubeadm of those releases.
pub fn cluster_status(moment: &Moment<'_>, kubeadm: &Kubeadm, servers: &[MachineName]) -> Artifact {
    let place = |name: &MachineName| {
        let address = moment.address(name)?.to_string();
        Some((name.to_string(), json!({ "advertiseAddress": address, "bindPort": kubeadm.api_server_port })))
    };
    let places: Map<String, Value> = servers.iter().filter_map(place).collect();
    let schema = kubeadm.configuration.get("apiVersion").cloned().unwrap_or_default();
    Artifact {
        name: "cluster-status.yaml",
        kind: ArtifactKind::KubeadmConfig,
        destination: Destination::InCluster { object: "configmaps/kubeadm-config".to_owned() },
        body: Body::Yaml(json!({ "apiVersion": schema, "kind": "ClusterStatus", "apiEndpoints": places })),
    }
}

/// The addresses of the API servers, for each object through which they are watched.
pub fn monitoring(moment: &Moment<'_>, objects: &[Monitoring], servers: &[MachineName]) -> Artifact {
    let addresses = servers.iter().filter_map(|name| moment.address(name)).map(|address| json!({ "ip": address.to_string() }));
    let addresses: Vec<Value> = addresses.collect();
    let object = |each: &Monitoring| {
        json!({
            "apiVersion": "v1", "kind": "Endpoints",
            "metadata": { "name": each.name, "namespace": each.namespace },
            "subsets": [{ "addresses": addresses, "ports": [{ "name": each.port_name, "port": each.port, "protocol": "TCP" }] }],
        })
    };
    let first = objects.first().map_or(String::new(), |each| format!("endpoints/{}", each.name));
    Artifact {
        name: "endpoints.yaml",
        kind: ArtifactKind::KubernetesObject,
        destination: Destination::InCluster { object: first },
        body: Body::YamlDocuments(objects.iter().map(object).collect()),
    }
}
