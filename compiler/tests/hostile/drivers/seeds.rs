//! Where a structural search begins: valid specs of every distribution, and the words that the schema knows.
//!
//! New specs are added at the end: inputs that were found choose by number.

use std::sync::LazyLock;

use serde_json::Value;

macro_rules! texts {
    ($($path:literal),* $(,)?) => { &[$(include_str!(concat!("../../../../", $path))),*] };
}

pub const TEXTS: &[&str] = texts![
    "examples/k3s-embedded-grow/migration.yaml",
    "examples/k3s-external-etcd/migration.yaml",
    "examples/k3s-replace-dead-server/migration.yaml",
    "examples/k3s-replace-one/migration.yaml",
    "examples/kubeadm-relocate-masters/migration.yaml",
    "examples/kubean-os-in-place/migration.yaml",
    "examples/kubean-replace-nodes/migration.yaml",
    "examples/systemd-relocate-master/migration.yaml",
    "compiler/tests/front/least.yaml",
    "compiler/tests/front/base.yaml",
    "compiler/tests/front/base-kubeadm.yaml",
    "compiler/tests/front/base-kubean.yaml",
    "compiler/tests/front/base-ocboot.yaml",
    "compiler/tests/front/base-systemd.yaml",
    "compiler/tests/front/design.yaml",
    "compiler/tests/k3s/dead.yaml",
    "compiler/tests/k3s/grow.yaml",
    "compiler/tests/k3s/swap.yaml",
    "compiler/tests/document/whole.yaml",
    "compiler/tests/storage/dead_server.yaml",
    "compiler/tests/kubean/replaced.yaml",
    "compiler/tests/kubean/in_place.yaml",
    "compiler/tests/proof/one_becomes_three.yaml",
    "compiler/tests/proof/embedded.yaml",
    "compiler/tests/proof/load_balancer.yaml",
];

/// The specs as trees.
pub static TREES: LazyLock<Vec<Value>> =
    LazyLock::new(|| TEXTS.iter().map(|text| serde_yaml::from_str(text).expect("the specs of the repository are YAML")).collect());

/// The keys and the fixed words of the schema, each once.
pub static WORDS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let mut words = Vec::new();
    collect(&replank::spec::schema(), &mut words);
    words.sort();
    words.dedup();
    words
});

fn collect(schema: &Value, words: &mut Vec<String>) {
    match schema {
        Value::Object(entries) => {
            for (key, value) in entries {
                match (key.as_str(), value) {
                    ("properties", Value::Object(properties)) => words.extend(properties.keys().cloned()),
                    ("const", Value::String(word)) => words.push(word.clone()),
                    ("enum", Value::Array(values)) => words.extend(values.iter().filter_map(Value::as_str).map(str::to_owned)),
                    (_, _) => {}
                }
                collect(value, words);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, words)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
