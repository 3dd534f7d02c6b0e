//! What an API server reads of a ReplicationController, as a strict JSON Schema: fields that every release from v1.1 on has.
//!
//! Written from the reference of the API (kubernetes.io, "ReplicationController", core/v1). A selector that does not match the template's
//! labels is refused by the API server too; that is asked beside the schema, which cannot compare two places.

use serde_json::{Value, json};

use super::schemas::{list, object, port, text};

const LABEL: &str = "^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$";

pub fn schema() -> Value {
    let labels = json!({"type": "object", "additionalProperties": {"type": "string", "maxLength": 63, "pattern": LABEL}});
    let name = json!({"type": "string", "maxLength": 63, "pattern": "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"});
    let mut metadata = object(json!({"name": name, "namespace": name, "labels": labels, "annotations": labels}));
    metadata["required"] = json!(["name", "namespace", "labels"]);
    let mut template = object(json!({"metadata": object(json!({"labels": labels, "annotations": labels})), "spec": pod(&name)}));
    template["required"] = json!(["metadata", "spec"]);
    let replicas = json!({"type": "integer", "minimum": 0});
    let mut spec = object(json!({"replicas": replicas, "selector": labels, "template": template}));
    spec["required"] = json!(["replicas", "selector", "template"]);
    let fields = json!({
        "apiVersion": {"const": "v1"}, "kind": {"const": "ReplicationController"}, "metadata": metadata, "spec": spec,
    });
    let mut schema = object(fields);
    schema["required"] = json!(["apiVersion", "kind", "metadata", "spec"]);
    schema
}

fn pod(name: &Value) -> Value {
    // The name of a port is one of a service: short, and with a letter.
    let port_name = json!({"type": "string", "maxLength": 15, "pattern": "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"});
    let mut ports = object(json!({"containerPort": port(), "name": port_name, "protocol": {"enum": ["TCP", "UDP"]}}));
    ports["required"] = json!(["containerPort"]);
    let image = json!({"type": "string", "pattern": "^[-a-z0-9.]+(:[0-9]+)?(/[-a-z0-9._]+)*(:[-A-Za-z0-9_.]+)?(@sha256:[0-9a-f]{64})?$"});
    let mut container = object(json!({"name": name, "image": image, "command": list(text()), "args": list(text()), "ports": list(ports)}));
    container["required"] = json!(["name", "image"]);
    let mut containers = list(container);
    containers["minItems"] = json!(1);
    let mut pod = object(json!({"containers": containers, "dnsPolicy": {"enum": ["Default", "ClusterFirst"]}}));
    pod["required"] = json!(["containers"]);
    pod
}

/// What the API server compares: the selector chooses the pods of the template.
pub fn chooses_its_own(object: &Value) -> bool {
    let labels = &object["spec"]["template"]["metadata"]["labels"];
    object["spec"]["selector"].as_object().is_some_and(|selector| selector.iter().all(|(name, value)| labels[name] == *value))
}
