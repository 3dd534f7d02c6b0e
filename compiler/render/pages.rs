//! The pages that people read: RUNBOOK and REVIEW, derived from the document and from nothing else.

use serde_json::json;

use super::document::PlanDocument;
use super::engine::{Context, Engine};
use super::{Language, RenderError, Tree};

pub fn render(engine: &Engine, document: &PlanDocument, languages: &[Language], tree: &mut Tree) -> Result<(), RenderError> {
    // Turned into values once: of all that is rendered it is the largest by far.
    let plan = Context::new(document);
    for language in languages {
        let (file, code) = match language {
            Language::English => ("RUNBOOK.md", "en"),
            Language::Chinese => ("RUNBOOK.zh.md", "zh"),
        };
        let context = Context::named([("plan", plan.clone()), ("lang", Context::new(&code))]);
        tree.files.insert(file.into(), engine.render("runbook/runbook.md.j2", &context)?);
    }
    let context = Context::named([("plan", plan), ("artifacts", Context::new(&by_host(document)))]);
    tree.files.insert("REVIEW.md".into(), engine.render("review/review.md.j2", &context)?);
    Ok(())
}

/// Every artifact under its host, hosts in the order of the spec.
fn by_host(document: &PlanDocument) -> Vec<serde_json::Value> {
    let mut hosts = indexmap::IndexMap::<&str, Vec<_>>::new();
    for machine in document.machines.keys() {
        hosts.insert(machine, Vec::new());
    }
    for artifact in document.steps.iter().flat_map(|step| &step.artifacts) {
        hosts.entry(&artifact.host).or_default().push(artifact);
    }
    hosts
        .into_iter()
        .filter(|(_, artifacts)| !artifacts.is_empty())
        .map(|(host, artifacts)| json!({ "host": host, "artifacts": artifacts }))
        .collect()
}
