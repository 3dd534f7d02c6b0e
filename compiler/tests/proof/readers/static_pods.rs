//! Static pods: each field is one that the API knows, and what etcd is told of lies in the pod. A kubelet ignores a manifest that it does
//! not understand, and says so only in its log.

use serde_json::Value;

use super::Texts;

const SCHEMA: &str = include_str!("static_pod.schema.json");

pub fn read(texts: &Texts) -> Vec<String> {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let mut complaints = Vec::new();
    for (text, place) in texts {
        let pod: Value = match serde_yaml::from_str(text) {
            Ok(pod) => pod,
            Err(error) => {
                complaints.push(format!("{place}: {error}"));
                continue;
            }
        };
        complaints.extend(validator.iter_errors(&pod).map(|error| format!("{place}: {}: {error}", error.instance_path())));
        complaints.extend(contradictions(&pod).into_iter().map(|reason| format!("{place}: {reason}")));
    }
    complaints
}

/// What a schema cannot say.
fn contradictions(pod: &Value) -> Vec<String> {
    let list = |pointer: &str, field: &str| -> Vec<String> {
        let items = pod.pointer(pointer).and_then(Value::as_array).into_iter().flatten();
        items.filter_map(|item| item.pointer(field)?.as_str().map(str::to_owned)).collect()
    };
    let mut found = Vec::new();
    if list("/spec/volumes", "/name") != list("/spec/containers/0/volumeMounts", "/name") {
        found.push("its volumes are not those that are mounted".to_owned());
    }
    // kubeadm takes a manifest with this volume for that of its own etcd, and deletes the data.
    if list("/spec/volumes", "/name").iter().any(|name| name == "etcd-data") {
        found.push("a volume is called etcd-data".to_owned());
    }
    let words = list("/spec/containers/0/command", "");
    if words.first().is_none_or(|program| program != "etcd") {
        found.push("it does not start etcd".to_owned());
    }
    let mounted = list("/spec/containers/0/volumeMounts", "/mountPath");
    for word in words.iter().skip(1) {
        let Some((flag, value)) = word.split_once('=') else { continue };
        let inside = mounted.iter().any(|place| value == place || value.starts_with(&format!("{place}/")));
        if value.starts_with('/') && !inside {
            found.push(format!("{flag} names {value}, which is not in the pod"));
        }
    }
    let (port, metrics) = (pod.pointer("/spec/containers/0/livenessProbe/httpGet/port"), "--listen-metrics-urls=http://127.0.0.1:");
    let listens = |port: &Value| words.iter().any(|word| word.strip_prefix(metrics) == Some(&port.to_string()));
    if !port.is_some_and(listens) {
        found.push("nobody listens where the kubelet asks for its health".to_owned());
    }
    found
}
