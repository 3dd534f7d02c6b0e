//! What `plan.json` says of the cluster and its machines, where two plans differ.
//!
//! Knows the parts of `plan.json` that hold facts. Compares them as data, key by key; lists count as one value, since their order means something.

use indexmap::IndexMap;
use serde::Serialize;
use serde_json::Value;

use crate::render::document::{MachineDocument, PlanDocument};

use super::document::Fact;
use super::rename::Renaming;
use super::side::says_policy;

pub(super) fn compare(before: &PlanDocument, after: &PlanDocument, renaming: &Renaming) -> Vec<Fact> {
    let mut facts = Vec::new();
    let mut part = |pointer: &str, before: Value, after: Value| walk(pointer, &before, &after, &mut facts);
    part("/migration", value(&before.migration), value(&after.migration));
    part("/title", value(&before.title), value(&after.title));
    part("/topology", renamed(value(&before.topology), renaming), value(&after.topology));
    part("/cluster", value(&before.cluster), value(&after.cluster));
    let machines: IndexMap<String, &MachineDocument> =
        before.machines.iter().map(|(name, machine)| (renaming.name(name), machine)).collect();
    part("/machines", value(&machines), value(&after.machines));
    // Before format 1.5 no plan said it.
    if says_policy(before) && says_policy(after) {
        part("/policy", value(&before.policy), value(&after.policy));
    }
    part("/storage", value(&before.storage), value(&after.storage));
    facts
}

/// Lists of machines with the new names. Elsewhere a word that is a machine's name may be anything.
fn renamed(value: Value, renaming: &Renaming) -> Value {
    match value {
        Value::String(text) => Value::String(renaming.name(&text)),
        Value::Array(values) => values.into_iter().map(|value| renamed(value, renaming)).collect(),
        Value::Object(map) => map.into_iter().map(|(key, value)| (key, renamed(value, renaming))).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => value,
    }
}

/// What is serialized was read from JSON, or is written as JSON with every plan.
fn value(part: &impl Serialize) -> Value {
    serde_json::to_value(part).unwrap_or_default()
}

fn walk(pointer: &str, before: &Value, after: &Value, facts: &mut Vec<Fact>) {
    match (before, after) {
        (Value::Object(old), Value::Object(new)) => {
            for (key, before) in old {
                match new.get(key) {
                    Some(after) => walk(&below(pointer, key), before, after, facts),
                    None => facts.push(Fact { pointer: below(pointer, key), before: Some(before.clone()), after: None }),
                }
            }
            let added = new.iter().filter(|(key, _)| !old.contains_key(*key));
            facts.extend(added.map(|(key, after)| Fact { pointer: below(pointer, key), before: None, after: Some(after.clone()) }));
        }
        (before, after) if before == after => {}
        (before, after) => facts.push(Fact { pointer: pointer.to_owned(), before: Some(before.clone()), after: Some(after.clone()) }),
    }
}

/// A key in a JSON pointer (RFC 6901).
fn below(pointer: &str, key: &str) -> String {
    format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"))
}
