//! What kustomize is given: one base, and an overlay for each worker; and the proof that it made the same objects.
//!
//! Knows the operations by which kubean adds workers. kustomize makes Kubernetes objects alone, and drops comments.

use std::error::Error;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

const PHASE: &str = "steps/60-add-workers";

/// Writes base and overlays for these workers; the base is the operation of the first one.
///
/// # Errors
/// Where the plan has no such operation, or the disk refuses.
pub fn overlays(folder: &Path, plan: &Path, workers: &[String]) -> Result<(), Box<dyn Error>> {
    let first = workers.first().ok_or("a fleet without workers")?;
    let operation = fs::read_to_string(plan.join(PHASE).join(first).join("operation.yaml"))?;
    let base = folder.join("base");
    fs::create_dir_all(&base)?;
    fs::write(base.join("operation.yaml"), &operation)?;
    fs::write(base.join("kustomization.yaml"), serde_yaml::to_string(&json!({ "resources": ["operation.yaml"] }))?)?;
    let named: Vec<(String, String)> = mentions(&serde_yaml::from_str(&operation)?, first);
    for worker in workers {
        let patch: Vec<Value> = named
            .iter()
            .map(|(pointer, value)| json!({ "op": "replace", "path": pointer, "value": value.replace(first.as_str(), worker) }))
            .collect();
        let patches = json!([{ "target": { "kind": "ClusterOperation" }, "patch": serde_yaml::to_string(&patch)? }]);
        fs::create_dir_all(folder.join(worker))?;
        let overlay = json!({ "resources": ["../base"], "patches": patches });
        fs::write(folder.join(worker).join("kustomization.yaml"), serde_yaml::to_string(&overlay)?)?;
    }
    Ok(fs::write(folder.join("kustomization.yaml"), serde_yaml::to_string(&json!({ "resources": workers }))?)?)
}

/// Where in an object a worker is named: pointer and text.
fn mentions(object: &Value, worker: &str) -> Vec<(String, String)> {
    let below = |key: String, value: &Value| -> Vec<(String, String)> {
        mentions(value, worker).into_iter().map(|(pointer, text)| (format!("/{key}{pointer}"), text)).collect()
    };
    match object {
        Value::String(text) if text.contains(worker) => vec![(String::new(), text.clone())],
        Value::Array(items) => items.iter().enumerate().flat_map(|(index, item)| below(index.to_string(), item)).collect(),
        Value::Object(entries) => entries.iter().flat_map(|(key, value)| below(key.clone(), value)).collect(),
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => Vec::new(),
    }
}

/// Proves that each object is that of the plan, as data.
///
/// # Errors
/// Where one is missing or differs.
pub fn prove(output: &Path, plan: &Path, workers: usize) -> Result<(), Box<dyn Error>> {
    let read = |path: &Path| -> Result<Value, Box<dyn Error>> { Ok(serde_yaml::from_str(&fs::read_to_string(path)?)?) };
    let made: Vec<_> = fs::read_dir(output)?.collect::<Result<_, _>>()?;
    if made.len() != workers {
        return Err(format!("kubectl kustomize: {} objects for {workers} workers", made.len()).into());
    }
    for entry in made {
        let object = read(&entry.path())?;
        let name = object["metadata"]["name"].as_str().unwrap_or_default();
        let worker = name.rsplit_once("-w-").map(|(_, number)| format!("w-{number}")).ok_or("an object without worker")?;
        if object != read(&plan.join(PHASE).join(worker).join("operation.yaml"))? {
            return Err(format!("kubectl kustomize: {name} is not what the plan has").into());
        }
    }
    Ok(())
}
