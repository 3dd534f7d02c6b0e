//! What a difference must hold, found without any of its code: a step is shown if and only if it was written otherwise.
//!
//! Does not know names and addresses: a step that is the same but for those was written otherwise, too.

use std::collections::BTreeMap;

use replank::diff::document::Fate;
use replank::diff::{DiffDocument, Side};

/// Each step as it was written: without its place among the others, and without where in the spec it comes from.
fn written(side: &Side) -> BTreeMap<String, String> {
    let step = |step: &replank::render::document::StepDocument| {
        let mut value = serde_json::to_value(step).unwrap();
        for key in ["because", "needs", "after", "during"] {
            value.as_object_mut().unwrap().remove(key);
        }
        let prefix = format!("steps/{}/", step.id);
        let mine = side.artifacts.iter().filter(|(path, _)| path.starts_with(&prefix));
        let mut text = value.to_string();
        for (path, artifact) in mine {
            let of_the_step = artifact.lines().filter(|line| !line.contains("Caused by line "));
            text.push_str(&format!("\n{path}\n{}", of_the_step.collect::<Vec<_>>().join("\n")));
        }
        (step.id.clone(), text)
    };
    side.plan.steps.iter().map(step).collect()
}

/// What is wrong with a difference; nothing, one hopes.
pub fn faults(before: &Side, after: &Side, found: &DiffDocument) -> Vec<String> {
    let (old, new) = (written(before), written(after));
    let mut faults = Vec::new();
    for (id, text) in &new {
        let shown = found.steps.iter().find(|step| step.id == *id && step.fate != Fate::Removed);
        match (shown, old.get(id)) {
            (None, None) => faults.push(format!("{id} is new, and not shown")),
            (None, Some(was)) if was != text => faults.push(format!("{id} was written otherwise, and is not shown")),
            (Some(step), Some(was)) if was == text && step.was.is_none() && step.moved.is_none() => {
                faults.push(format!("{id} is shown as {:?}, and was written the same", step.fate));
            }
            (Some(step), None) if step.fate != Fate::Added && step.was.is_none() => faults.push(format!("{id} was not there before")),
            (_, _) => {}
        }
    }
    for id in old.keys().filter(|id| !new.contains_key(*id)) {
        let is_shown = |step: &&replank::diff::document::StepChange| step.was.as_ref().unwrap_or(&step.id) == id;
        if found.steps.iter().find(is_shown).is_none() {
            faults.push(format!("{id} is gone, and not shown"));
        }
    }
    faults
}
