//! The files of one step.
//!
//! Every one starts with a comment that names the generator, the step and the line of the spec that caused it.

use serde_json::{Map, Value, json};

use super::document::StepDocument;
use super::engine::{Context, Engine};
use super::{RenderError, Tree, yaml};
use crate::lower::artifact::Body;
use crate::lower::sheet::Sheet;

pub fn render(engine: &Engine, sheet: &Sheet, step: &StepDocument, tree: &mut Tree) -> Result<(), RenderError> {
    for artifact in &sheet.artifacts {
        let text = match &artifact.body {
            Body::Yaml(value) => format!("{}{}", header(step), yaml::write(value)?),
            Body::YamlDocuments(documents) => {
                let texts: Vec<String> = documents.iter().map(yaml::write).collect::<Result<_, _>>()?;
                format!("{}{}", header(step), texts.join("---\n"))
            }
            Body::ConfigMap { name, namespace, entries } => {
                let mut data = Map::new();
                for (key, value) in entries {
                    data.insert((*key).into(), json!(format!("{}{}", header(step), yaml::write(value)?)));
                }
                let object = json!({
                    "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": name, "namespace": namespace }, "data": data,
                });
                format!("{}{}", header(step), yaml::write(&object)?)
            }
            Body::Template { template, context } => engine.render(&format!("files/{template}.j2"), &with_header(context, step))?,
        };
        tree.files.insert(format!("steps/{}/{}", step.id, artifact.name), text);
    }
    Ok(())
}

fn with_header(context: &Map<String, Value>, step: &StepDocument) -> Context {
    let mut values = context.clone();
    values.insert("header".into(), json!(header(step)));
    Context::new(&values)
}

fn header(step: &StepDocument) -> String {
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
