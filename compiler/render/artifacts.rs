//! The files of one step.
//!
//! Every one starts with a comment that names the generator, the step and the line of the spec that caused it.

use serde_json::{Map, json};

use super::document::StepDocument;
use super::engine::{Context, Engine};
use super::{RenderError, yaml};
use crate::lower::artifact::{Artifact, Body};

/// Name and text of every file. The header is its first lines.
pub fn render(engine: &Engine, artifacts: &[Artifact], header: &str) -> Result<Vec<(&'static str, String)>, RenderError> {
    artifacts.iter().map(|artifact| Ok((artifact.name, text(engine, &artifact.body, header)?))).collect()
}

fn text(engine: &Engine, body: &Body, header: &str) -> Result<String, RenderError> {
    Ok(match body {
        Body::Yaml(value) => format!("{header}{}", yaml::write(value)?),
        Body::YamlDocuments(documents) => {
            let texts: Vec<String> = documents.iter().map(yaml::write).collect::<Result<_, _>>()?;
            format!("{header}{}", texts.join("---\n"))
        }
        Body::ConfigMap { name, namespace, entries } => {
            let mut data = Map::new();
            for (key, value) in entries {
                data.insert((*key).into(), json!(format!("{header}{}", yaml::write(value)?)));
            }
            let object = json!({
                "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": name, "namespace": namespace }, "data": data,
            });
            format!("{header}{}", yaml::write(&object)?)
        }
        Body::Template { template, context } => {
            let values = Context::new(&json!({ "header": header })).over(&Context::new(context));
            engine.render(&format!("files/{template}.j2"), &values)?
        }
    })
}

/// The comment with which the files of a step begin.
pub fn header(step: &StepDocument) -> String {
    let because = &step.because;
    format!(
        "# Made by replank {} for step {}.\n# Caused by line {}, column {} of the spec: {}. Change the spec, not this file.\n",
        env!("CARGO_PKG_VERSION"),
        step.id,
        because.line,
        because.column,
        because.pointer,
    )
}
