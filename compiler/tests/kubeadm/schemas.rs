//! What kubeadm and the API server read of the files that a plan hands to them, as strict JSON Schemas, chosen by the release.
//!
//! Written from the reference of kubeadm's configuration (kubernetes.io, "kubeadm Configuration" v1beta2, v1beta3 and v1beta4) and of
//! Endpoints (core/v1); ReplicationController has a file of its own. Fields that kubeadm does not know are refused there as well: it
//! decodes strictly and warns, and loses them.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use jsonschema::Validator;
use serde_json::{Map, Value, json};

/// Schemas of kubeadm's configuration, with the minor releases of Kubernetes 1 that read them.
const READ_BY: &[(&str, std::ops::RangeInclusive<u32>)] =
    &[("kubeadm.k8s.io/v1beta2", 15..=26), ("kubeadm.k8s.io/v1beta3", 22..=u32::MAX), ("kubeadm.k8s.io/v1beta4", 31..=u32::MAX)];

/// What is wrong with a file of a plan for this release, document by document.
pub fn complaints(release: &str, file: &str) -> Vec<String> {
    let documents = file.split("\n---\n").map(|text| serde_yaml::from_str::<Value>(text).map_err(|error| error.to_string()));
    documents.flat_map(|document| document.map_or_else(|error| vec![error], |document| complaints_about(release, &document))).collect()
}

fn complaints_about(release: &str, document: &Value) -> Vec<String> {
    let (version, kind) = (document["apiVersion"].as_str().unwrap_or_default(), document["kind"].as_str().unwrap_or_default());
    let minor: u32 = release.split('.').nth(1).unwrap().parse().unwrap();
    let read = READ_BY.iter().find(|(name, _)| *name == version);
    if version != "v1" && !read.is_some_and(|(_, releases)| releases.contains(&minor)) {
        return vec![format!("{release} reads no {version}")];
    }
    static VALIDATORS: OnceLock<BTreeMap<(String, &str), Validator>> = OnceLock::new();
    match VALIDATORS.get_or_init(validators).get(&(version.to_owned(), kind)) {
        Some(validator) => validator.iter_errors(document).map(|error| format!("{kind}{}: {error}", error.instance_path())).collect(),
        None => vec![format!("{version} has no {kind}")],
    }
}

fn validators() -> BTreeMap<(String, &'static str), Validator> {
    let core = [("Endpoints", endpoints()), ("ReplicationController", super::replication_controller::schema())];
    let mut schemas: BTreeMap<_, _> = core.into_iter().map(|(kind, schema)| (("v1".to_owned(), kind), schema)).collect();
    for (index, (version, _)) in READ_BY.iter().enumerate() {
        let schema = Schema { is_list: index == 2, is_second: index == 0 };
        let mut add = |kind, fields| schemas.insert(((*version).to_owned(), kind), document(version, kind, fields));
        add("ClusterConfiguration", schema.cluster());
        add("InitConfiguration", schema.init());
        add("JoinConfiguration", schema.join());
        if schema.is_second {
            let places = json!({"type": "object", "additionalProperties": place()});
            add("ClusterStatus", json!({"apiEndpoints": places}));
        }
    }
    schemas.into_iter().map(|(key, schema)| (key, jsonschema::validator_for(&schema).expect("the schema is one"))).collect()
}

fn document(version: &str, kind: &str, mut fields: Value) -> Value {
    fields["apiVersion"] = json!({"const": version});
    fields["kind"] = json!({"const": kind});
    fields["kind"]["type"] = json!("string");
    let mut schema = object(fields);
    schema["required"] = json!(["apiVersion", "kind"]);
    schema
}

/// An object with these fields and no others.
pub(super) fn object(fields: Value) -> Value {
    json!({"type": "object", "properties": fields, "additionalProperties": false})
}

pub(super) fn text() -> Value {
    json!({"type": "string"})
}

pub(super) fn list(of: Value) -> Value {
    json!({"type": "array", "items": of})
}

fn joined(one: Value, other: Value) -> Value {
    let fields = [one, other].into_iter().flat_map(|value| value.as_object().cloned().unwrap_or_default());
    Value::Object(fields.collect::<Map<_, _>>())
}

pub(super) fn port() -> Value {
    json!({"type": "integer", "minimum": 1, "maximum": 65535})
}

/// `localAPIEndpoint`.
fn place() -> Value {
    object(json!({"advertiseAddress": {"type": "string", "pattern": "^[0-9a-f.:]+$"}, "bindPort": port()}))
}

/// How the schemas differ.
struct Schema {
    /// v1beta4: options are lists, timeouts have an object of their own.
    is_list: bool,
    /// v1beta2: no patches yet, and a few fields that went.
    is_second: bool,
}

impl Schema {
    fn arguments(&self) -> Value {
        if self.is_list {
            let mut argument = object(json!({"name": text(), "value": text()}));
            argument["required"] = json!(["name", "value"]);
            return list(argument);
        }
        json!({"type": "object", "additionalProperties": text()})
    }

    fn component(&self) -> Value {
        let volume = object(json!({
            "name": text(), "hostPath": text(), "mountPath": text(), "readOnly": {"type": "boolean"}, "pathType": text(),
        }));
        let fields = json!({"extraArgs": self.arguments(), "extraVolumes": list(volume)});
        let environment = json!({"extraEnvs": list(object(json!({"name": text(), "value": text(), "valueFrom": {"type": "object"}})))});
        if self.is_list { joined(fields, environment) } else { fields }
    }

    fn cluster(&self) -> Value {
        let mut server = joined(self.component(), json!({"certSANs": list(text())}));
        let mut names = json!({"imageRepository": text(), "imageTag": text()});
        if !self.is_list {
            server["timeoutForControlPlane"] = text();
        }
        if self.is_second {
            names["type"] = json!({"enum": ["CoreDNS", "kube-dns"]});
        }
        let mut endpoints = list(json!({"type": "string", "pattern": "^https?://[^/]+:[0-9]+$"}));
        endpoints["minItems"] = json!(1);
        let external = object(json!({"endpoints": endpoints, "caFile": text(), "certFile": text(), "keyFile": text()}));
        let common = json!({
            "etcd": object(json!({"external": external, "local": {"type": "object"}})),
            "networking": object(json!({"serviceSubnet": text(), "podSubnet": text(), "dnsDomain": text()})),
            "kubernetesVersion": {"type": "string", "pattern": "^v1\\.[0-9]+\\.[0-9]+$"},
            "controlPlaneEndpoint": {"type": "string", "pattern": "^(\\[[0-9a-f:]+\\]|[-a-z0-9.]+):[0-9]+$"},
            "apiServer": object(server),
            "controllerManager": object(self.component()),
            "scheduler": object(self.component()),
            "dns": object(names),
            "certificatesDir": text(), "imageRepository": text(), "clusterName": text(),
            "featureGates": {"type": "object", "additionalProperties": {"type": "boolean"}},
        });
        let of_lists = json!({
            "encryptionAlgorithm": text(), "caCertificateValidityPeriod": text(), "certificateValidityPeriod": text(),
            "proxy": object(json!({"disabled": {"type": "boolean"}})),
        });
        match (self.is_list, self.is_second) {
            (true, _) => joined(common, of_lists),
            (false, true) => joined(common, json!({"useHyperKubeImage": {"type": "boolean"}})),
            (false, false) => common,
        }
    }

    fn registration(&self) -> Value {
        let effects = ["NoSchedule", "PreferNoSchedule", "NoExecute"];
        let mut taint = object(json!({"key": text(), "value": text(), "effect": {"enum": effects}}));
        taint["required"] = json!(["key", "effect"]);
        let fields = json!({
            "name": {"type": "string", "pattern": "^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$"},
            "criSocket": text(), "taints": list(taint), "kubeletExtraArgs": self.arguments(), "ignorePreflightErrors": list(text()),
        });
        let later = json!({"imagePullPolicy": text()});
        object(if self.is_second { fields } else { joined(fields, later) })
    }

    /// What both kinds have that a machine is started with.
    fn later(&self) -> Value {
        let patches = json!({"skipPhases": list(text()), "patches": object(json!({"directory": text()}))});
        let timeouts = json!({"timeouts": {"type": "object", "additionalProperties": text()}, "dryRun": {"type": "boolean"}});
        match (self.is_list, self.is_second) {
            (true, _) => joined(patches, timeouts),
            (false, true) => json!({}),
            (false, false) => patches,
        }
    }

    fn init(&self) -> Value {
        let fields = json!({"nodeRegistration": self.registration(), "localAPIEndpoint": place(), "certificateKey": text()});
        joined(fields, self.later())
    }

    fn join(&self) -> Value {
        let mut discovery = json!({"file": object(json!({"kubeConfigPath": text()})), "tlsBootstrapToken": text()});
        if !self.is_list {
            discovery["timeout"] = text();
        }
        let mut discovery = object(discovery);
        discovery["required"] = json!(["file"]);
        let fields = json!({"nodeRegistration": self.registration(), "caCertPath": text(), "discovery": discovery});
        joined(fields, self.later())
    }
}

/// `Endpoints` of core/v1.
fn endpoints() -> Value {
    let name = json!({"type": "string", "maxLength": 63, "pattern": "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"});
    let texts = json!({"type": "object", "additionalProperties": text()});
    let mut metadata = object(json!({"name": name, "namespace": name, "labels": texts, "annotations": texts}));
    metadata["required"] = json!(["name", "namespace"]);
    let mut address = object(json!({"ip": {"type": "string", "pattern": "^[0-9a-f.:]+$"}, "hostname": text(), "nodeName": text()}));
    address["required"] = json!(["ip"]);
    let mut ports = object(json!({"name": name, "port": port(), "protocol": {"enum": ["TCP", "UDP", "SCTP"]}, "appProtocol": text()}));
    ports["required"] = json!(["port"]);
    let subset = object(json!({"addresses": list(address), "ports": list(ports)}));
    let mut schema = object(json!({
        "apiVersion": {"const": "v1"}, "kind": {"const": "Endpoints"}, "metadata": metadata, "subsets": list(subset),
    }));
    schema["required"] = json!(["apiVersion", "kind", "metadata"]);
    schema
}
