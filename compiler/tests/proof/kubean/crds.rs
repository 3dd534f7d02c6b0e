//! Validates objects as an API server does that is asked to be strict: what the CRD does not know is refused.
//!
//! The CRDs are kubean's own (`crds/SOURCE.txt`).

use std::sync::OnceLock;

use jsonschema::Validator;
use serde_json::{Value, json};

const CLUSTER_OPERATIONS: &str = include_str!("crds/kubean.io_clusteroperations.yaml");

/// What is wrong with a manifest of a plan; of kinds that Kubernetes itself has, only what this project uses is known.
pub fn complaints(manifest: &str) -> Vec<String> {
    let object: Value = match serde_yaml::from_str(manifest) {
        Ok(object) => object,
        Err(error) => return vec![error.to_string()],
    };
    static VALIDATORS: OnceLock<[Validator; 2]> = OnceLock::new();
    let schemas = || [custom_resource(CLUSTER_OPERATIONS, "kubean.io/v1alpha1"), config_map()];
    let [operation, config_map] =
        VALIDATORS.get_or_init(|| schemas().map(|schema| jsonschema::validator_for(&schema).expect("the schema is one")));
    let validator = match object["kind"].as_str() {
        Some("ClusterOperation") => operation,
        Some("ConfigMap") => config_map,
        other => return vec![format!("no schema for the kind {other:?}")],
    };
    validator.iter_errors(&object).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

fn custom_resource(definition: &str, api_version: &str) -> Value {
    let definition: Value = serde_yaml::from_str(definition).expect("the CRD is YAML");
    let mut schema = definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"].clone();
    strict(&mut schema);
    schema["properties"]["metadata"] = metadata();
    schema["properties"]["apiVersion"] = json!({"const": api_version});
    schema["required"] = json!(["apiVersion", "kind", "metadata", "spec"]);
    schema
}

fn config_map() -> Value {
    json!({
        "type": "object", "required": ["apiVersion", "kind", "metadata", "data"], "additionalProperties": false,
        "properties": {
            "apiVersion": {"const": "v1"}, "kind": {"const": "ConfigMap"}, "metadata": metadata(),
            "data": {"type": "object", "propertyNames": {"pattern": "^[-._a-zA-Z0-9]+$"}, "additionalProperties": {"type": "string"}},
        },
    })
}

fn metadata() -> Value {
    let name = json!({"type": "string", "maxLength": 63, "pattern": "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"});
    let texts = json!({"type": "object", "additionalProperties": {"type": "string"}});
    json!({
        "type": "object", "required": ["name"], "additionalProperties": false,
        "properties": {"name": name, "namespace": name, "labels": texts, "annotations": texts},
    })
}

/// Fields that a schema does not name are dropped by an API server, or refused where strictness is asked for.
fn strict(schema: &mut Value) {
    if let Value::Object(fields) = schema {
        if fields.contains_key("properties") && !fields.contains_key("x-kubernetes-preserve-unknown-fields") {
            fields.entry("additionalProperties").or_insert(json!(false));
        }
        fields.values_mut().for_each(strict);
    }
}

const GOOD: &str = "apiVersion: kubean.io/v1alpha1\nkind: ClusterOperation\nmetadata: {name: a}\nspec: {cluster: c, image: i, actionType: playbook, action: x.yml}\n";

#[test]
fn what_the_operator_does_not_know_is_refused() {
    assert_eq!(complaints(GOOD), Vec::<String>::new());
    for (text, with) in [
        ("image: i", "image: i, backoffLimit: 0"),
        ("image: i, ", ""),
        ("{name: a}", "{name: A}"),
        ("action: x.yml", "action: x.yml, preHook: [{actionType: playbook}]"),
        ("action: x.yml", "action: x.yml, extraArgs: [a]"),
    ] {
        assert_eq!(complaints(&GOOD.replace(text, with)).len(), 1, "{text} -> {with}");
    }
}

/// The first manifest of the document from which this backend was learned: `action` stands outside of its hook.
#[test]
fn the_seed_s_first_manifest_is_refused() {
    let seed = "apiVersion: kubean.io/v1alpha1\nkind: ClusterOperation\nmetadata:\n  name: a\nspec:\n  cluster: c\n  image: i\n  actionType: playbook\n  action: scale.yml\n  preHook:\n    - actionType: playbook\n    action: ping.yml\n";
    assert_eq!(complaints(seed).len(), 1);
}
