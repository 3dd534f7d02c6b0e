//! The configuration that kubeadm is given: the cluster's own, with what one step changes.
//!
//! Serialized from the object that the spec holds, so that nothing of it is lost. Does not know which phases of kubeadm read it.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::lower::moment::Moment;
use crate::model::{Kubeadm, MachineName, PodsOnControlPlanes};

/// The cluster's own, as the spec has it.
pub fn of_the_cluster(kubeadm: &Kubeadm) -> Value {
    kubeadm.configuration.clone()
}

/// The names of all options that it gives to API servers: keys of a map, and from v1beta4 on fields of a list.
pub fn options(kubeadm: &Kubeadm) -> BTreeSet<&str> {
    match kubeadm.configuration.pointer("/apiServer/extraArgs") {
        Some(Value::Object(map)) => map.keys().map(String::as_str).collect(),
        Some(Value::Array(list)) => list.iter().filter_map(|entry| entry.get("name")?.as_str()).collect(),
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) | None => BTreeSet::new(),
    }
}

/// With the endpoints of the moment, and an address and certificates for the virtual IP.
pub fn with_datastore(moment: &Moment<'_>, kubeadm: &Kubeadm, datastore: &[MachineName]) -> Value {
    let mut configuration = kubeadm.configuration.clone();
    let endpoints: Vec<String> = datastore.iter().map(|name| moment.client_url(name)).collect();
    if let Some(external) = configuration.pointer_mut("/etcd/external").and_then(Value::as_object_mut) {
        external.insert("endpoints".into(), json!(endpoints));
    }
    if let (Some(map), Some(virtual_ip)) = (configuration.as_object_mut(), &moment.migration.cluster.virtual_ip) {
        let address = virtual_ip.address.value.address;
        let endpoint = std::net::SocketAddr::new(address, moment.migration.cluster.endpoint_port().get()).to_string();
        map.entry("controlPlaneEndpoint").or_insert(json!(endpoint));
        let server = map.entry("apiServer").or_insert_with(|| json!({}));
        name_in_certificate(server, &address.to_string());
    }
    sorted_by_name(configuration)
}

/// The names that every certificate must cover besides the machine's own, which kubeadm adds.
fn name_in_certificate(server: &mut Value, address: &str) {
    let Some(server) = server.as_object_mut() else { return };
    let names = server.entry("certSANs").or_insert_with(|| json!([]));
    if let Some(names) = names.as_array_mut()
        && !names.iter().any(|name| name.as_str() == Some(address))
    {
        names.push(json!(address));
    }
}

/// Keys that were added stand where their names belong.
fn sorted_by_name(value: Value) -> Value {
    let Value::Object(map) = value else { return value };
    let mut entries: Vec<(String, Value)> = map.into_iter().collect();
    entries.sort_by(|(one, _), (other, _)| one.cmp(other));
    Value::Object(entries.into_iter().collect::<Map<_, _>>())
}

/// What one machine is to itself, for the phases of `kubeadm init` on it.
pub fn of_the_machine(moment: &Moment<'_>, kubeadm: &Kubeadm, machine: &MachineName) -> Value {
    let address = moment.address(machine).map(|address| address.to_string());
    json!({
        "apiVersion": schema(kubeadm), "kind": "InitConfiguration",
        "localAPIEndpoint": { "advertiseAddress": address, "bindPort": kubeadm.api_server_port },
        "nodeRegistration": { "name": machine, "taints": taints(moment, kubeadm, machine) },
    })
}

/// How a machine joins as a node. The token and the digest of the authority are known at run time only, and come from a kubeconfig.
pub fn of_the_joiner(kubeadm: &Kubeadm, machine: &MachineName, discovery: &str, taints: &Value) -> Value {
    json!({
        "apiVersion": schema(kubeadm), "kind": "JoinConfiguration",
        "discovery": { "file": { "kubeConfigPath": discovery } },
        "nodeRegistration": { "name": machine, "taints": taints },
    })
}

/// The taints of a control plane; none where control planes take pods of everybody.
pub fn taints(moment: &Moment<'_>, kubeadm: &Kubeadm, machine: &MachineName) -> Value {
    let is_open = match kubeadm.takes_pods {
        PodsOnControlPlanes::Always => true,
        PodsOnControlPlanes::Never => false,
        PodsOnControlPlanes::Source => moment.migration.source.is_control_plane(machine),
    };
    let taint = |key: &&str| json!({ "key": key, "effect": "NoSchedule" });
    if is_open { json!([]) } else { kubeadm.taints().iter().map(taint).collect() }
}

fn schema(kubeadm: &Kubeadm) -> Value {
    kubeadm.configuration.get("apiVersion").cloned().unwrap_or_default()
}
