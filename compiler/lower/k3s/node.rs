//! `/etc/rancher/k3s/config.yaml` for servers and agents.
//!
//! Keys are k3s's long flags (k3s docs, server and agent reference). Precedence there: arguments, then this file, then the
//! environment; no key is given in two places.

use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use crate::lower::moment::Moment;
use crate::model::{Datastore, K3s, MachineName, Runtime, SecretReference};

/// Where the token lies on every node of the target.
pub fn token_file(k3s: &K3s) -> &str {
    match &k3s.token {
        SecretReference::File(path) => path.as_str(),
        SecretReference::Environment(_) => "/etc/rancher/k3s/join-token",
    }
}

pub fn server_config(moment: &Moment<'_>, k3s: &K3s, machine: &MachineName, endpoints: &[String]) -> Value {
    let mut config = common(moment, k3s, machine);
    config.insert("datastore-endpoint".into(), json!(endpoints.join(",")));
    if let Some(files) = moment.migration.cluster.etcd.tls.files_of(machine.as_str()) {
        config.insert("datastore-cafile".into(), json!(files.ca));
        config.insert("datastore-certfile".into(), json!(files.client_certificate));
        config.insert("datastore-keyfile".into(), json!(files.client_key));
    }
    serving(moment, k3s, &mut config);
    Value::Object(config)
}

/// Of a server that is a member of etcd: `url` is where it finds the others when it is begun anew. It never says that it founds the
/// cluster: the day its data is gone, it would found another one.
pub fn embedded_server_config(moment: &Moment<'_>, k3s: &K3s, machine: &MachineName, url: &str) -> Value {
    let mut config = common(moment, k3s, machine);
    config.insert("server".into(), json!(url));
    serving(moment, k3s, &mut config);
    Value::Object(config)
}

/// What an API server is reached by, and the further settings of the spec.
fn serving(moment: &Moment<'_>, k3s: &K3s, config: &mut Map<String, Value>) {
    config.insert("https-listen-port".into(), json!(k3s.https_listen_port));
    let mut names: Vec<Value> = Vec::new();
    if let Some(virtual_ip) = &moment.migration.cluster.virtual_ip {
        names.push(json!(virtual_ip.address.value.address.to_string()));
    }
    for (key, value) in &k3s.server_config {
        match (key.as_str(), value) {
            ("tls-san", Value::Array(more)) => names.extend(more.iter().cloned()),
            ("tls-san", one) => names.push(one.clone()),
            (key, value) => drop(config.insert(key.into(), value.clone())),
        }
    }
    if !names.is_empty() {
        config.insert("tls-san".into(), names.into());
    }
}

pub fn agent_config(moment: &Moment<'_>, k3s: &K3s, machine: &MachineName, url: &str) -> Value {
    let mut config = common(moment, k3s, machine);
    config.insert("server".into(), json!(url));
    config.extend(k3s.agent_config.iter().map(|(key, value)| (key.clone(), value.clone())));
    Value::Object(config)
}

/// Options that a running node may have: those that the new configuration gives, and those that it replaces by others of the
/// same meaning.
pub fn known_options(k3s: &K3s, settings: &Value) -> Value {
    let given = settings.as_object().into_iter().flat_map(Map::keys).map(String::as_str);
    let replaced =
        ["config", "datastore-endpoint", "https-listen-port", "node-ip", "node-name", "server", "tls-san", "token", "token-file"];
    // What founded the cluster is not said again, whoever it was.
    let founded = match k3s.datastore {
        Datastore::External => None,
        Datastore::Embedded => Some("cluster-init"),
    };
    let mut options: Vec<&str> = given.chain(replaced).chain(founded).collect();
    options.sort_unstable();
    options.dedup();
    json!(options)
}

/// What the spec's further settings set, as text that must stand in the configuration of a node that runs. Switches and the
/// certificate's names are left out: the first have no value, the second may differ. So is a text that is empty, which stands everywhere.
pub fn expected_values(settings: &IndexMap<String, Value>) -> Value {
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    };
    let compared = settings.iter().filter(|(key, _)| key.as_str() != "tls-san").map(|(_, value)| value);
    let values = compared.flat_map(|value| value.as_array().map_or_else(|| vec![value], |list| list.iter().collect()));
    values.filter_map(text).filter(|text| !text.is_empty() && !text.contains('\'')).map(Value::String).collect()
}

fn common(moment: &Moment<'_>, k3s: &K3s, machine: &MachineName) -> Map<String, Value> {
    let mut config = Map::new();
    config.insert("node-name".into(), json!(machine));
    config.insert("node-ip".into(), json!(moment.address(machine).map(|address| address.to_string())));
    config.insert("token-file".into(), json!(token_file(k3s)));
    match k3s.runtime {
        Runtime::Containerd => {}
        Runtime::Docker => drop(config.insert("docker".into(), json!(true))),
    }
    config
}
