//! A spec with some edits, compiled; and questions to its plan.

use std::collections::BTreeMap;

use replank::pipeline::compile;
use replank::render::Language;
use replank::source::SourceFile;
use serde_json::Value;

const EXAMPLE: &str = include_str!("../../../examples/kubeadm-relocate-masters/migration.yaml");

pub const OLD: [&str; 3] = ["oldmaster-1", "oldmaster-2", "oldmaster-3"];
pub const NEW: [&str; 3] = ["master-1", "master-2", "master-3"];

pub struct Compiled {
    document: Value,
    pub files: BTreeMap<String, String>,
}

/// The example as it is.
pub fn example() -> Compiled {
    edited(&[])
}

/// The example with replacements, each of which must match once.
pub fn edited(edits: &[(&str, &str)]) -> Compiled {
    of(&changed(EXAMPLE, edits))
}

/// A text with replacements, each of which must match once.
pub fn changed(text: &str, edits: &[(&str, &str)]) -> String {
    edits.iter().fold(text.to_owned(), |text, (from, to)| {
        assert_eq!(text.matches(from).count(), 1, "`{from}` must be in the text once");
        text.replacen(from, to, 1)
    })
}

/// What a spec compiles to.
pub fn of(text: &str) -> Compiled {
    let compiled = compile(&SourceFile::new("migration.yaml", text), &[Language::English, Language::Chinese]);
    let files = compiled.unwrap_or_else(|refusal| panic!("{refusal:?}")).tree.files;
    Compiled { document: serde_json::from_str(&files["plan.json"]).unwrap(), files }
}

/// The example at another release, with the schema that kubeadm of that release writes.
pub fn at_release(version: &str, schema: &str) -> Compiled {
    let arguments = "            extraArgs:\n              authorization-mode: Node,RBAC\n";
    let list = "            extraArgs: [{name: authorization-mode, value: \"Node,RBAC\"}]\n";
    // v1beta4 has its timeouts elsewhere.
    let timeout = "            timeoutForControlPlane: 4m0s\n";
    let (arguments_there, timeout_there) = if schema == "v1beta4" { (list, "") } else { (arguments, timeout) };
    edited(&[
        ("        version: v1.27.16", &format!("        version: {version}")),
        ("kubernetesVersion: v1.27.16", &format!("kubernetesVersion: {version}")),
        ("kubeadm.k8s.io/v1beta3", &format!("kubeadm.k8s.io/{schema}")),
        (arguments, arguments_there),
        (timeout, timeout_there),
    ])
}

impl Compiled {
    pub fn steps(&self) -> impl Iterator<Item = &Value> {
        self.document["steps"].as_array().unwrap().iter()
    }

    /// Where a step stands in the order of the plan.
    #[track_caller]
    pub fn place(&self, id: &str) -> usize {
        self.steps().position(|step| step["id"] == id).unwrap_or_else(|| panic!("there is no step {id}"))
    }

    #[track_caller]
    pub fn step(&self, id: &str) -> &Value {
        &self.document["steps"][self.place(id)]
    }

    /// All commands of one part of a step: `preconditions`, `run`, `verify` or `rollback`.
    #[track_caller]
    pub fn part(&self, id: &str, part: &str) -> String {
        commands(&self.step(id)[part])
    }

    /// All that a person would carry out, ways back included.
    pub fn everything(&self) -> String {
        let parts = ["preconditions", "run", "verify", "rollback"];
        self.steps().flat_map(|step| parts.map(|part| commands(&step[part]))).collect::<Vec<_>>().join("\n")
    }

    #[track_caller]
    pub fn file(&self, path: &str) -> &str {
        self.files.get(path).map(String::as_str).unwrap_or_else(|| panic!("there is no file {path}"))
    }

    /// The documents of a YAML file.
    #[track_caller]
    pub fn documents(&self, path: &str) -> Vec<Value> {
        self.file(path).split("\n---\n").map(|document| serde_yaml::from_str(document).unwrap()).collect()
    }
}

fn commands(list: &Value) -> String {
    let shells = list.as_array().into_iter().flatten().filter_map(|command| command["shell"].as_str());
    shells.collect::<Vec<_>>().join("\n")
}

/// Every one of these stands in the text, in this order.
#[track_caller]
pub fn in_order(text: &str, parts: &[&str]) {
    parts.iter().fold(0, |from, part| {
        let at = text[from..].find(part).unwrap_or_else(|| panic!("`{part}` does not follow there:\n{text}"));
        from + at + part.len()
    });
}
