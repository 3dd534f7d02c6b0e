//! The fields of the specs, found mechanically: each value that is no list and no map, and each key that is free.
//!
//! One field of the schema is driven once for each backend: what its values meet is the same wherever they stand. Does not know what is written.

use std::collections::BTreeSet;

use serde_json::Value;

use super::schema;
use super::specs::{BASES, Base};

/// Where something is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// At this place alone.
    Here,
    /// Wherever the same word stands, as key or value: a name goes through only if all who say it agree.
    Everywhere,
}

#[derive(Debug)]
pub struct Field {
    pub base: &'static Base,
    /// Its path in the schema.
    pub pattern: String,
    /// The place in the spec; for a key the last part is the key, and `is_key` says so.
    pub segments: Vec<String>,
    pub is_key: bool,
    pub reach: Reach,
    /// What stands there.
    pub value: Value,
}

impl Field {
    pub fn name(&self) -> String {
        format!("{}: {} ({:?}, in {})", self.base.backend, self.pattern, self.reach, self.base.path)
    }

    /// What stands there, as text.
    pub fn held(&self) -> String {
        self.value.as_str().map_or_else(|| self.value.to_string(), str::to_owned)
    }
}

/// Every field of every backend.
pub fn all() -> Vec<Field> {
    let patterns = schema::fields();
    let (mut seen, mut fields) = (BTreeSet::new(), Vec::new());
    for base in BASES.iter() {
        let mut places = Vec::new();
        walk(&base.spec, &mut Vec::new(), &mut places);
        for (segments, is_key, value) in places {
            let mut shown = segments.clone();
            if is_key {
                shown.pop();
                shown.push("{key}".to_owned());
            }
            let Some(pattern) = patterns.iter().filter(|pattern| schema::describes(pattern, &shown)).max_by_key(|pattern| pattern.len())
            else {
                continue;
            };
            let reaches = [Reach::Here, Reach::Everywhere].into_iter().take(if occurrences(&base.spec, &value) > 1 { 2 } else { 1 });
            for reach in reaches.filter(|reach| seen.insert((base.backend.clone(), pattern.clone(), *reach))) {
                fields.push(Field { base, pattern: pattern.clone(), segments: segments.clone(), is_key, reach, value: value.clone() });
            }
        }
    }
    fields
}

fn walk(value: &Value, path: &mut Vec<String>, places: &mut Vec<(Vec<String>, bool, Value)>) {
    let mut below = |segment: &str, is_key: bool, value: &Value, path: &mut Vec<String>| {
        path.push(segment.to_owned());
        if is_key {
            places.push((path.clone(), true, Value::from(segment)));
        }
        walk(value, path, places);
        path.pop();
    };
    match value {
        Value::Object(entries) => entries.iter().for_each(|(key, value)| below(key, true, value, path)),
        Value::Array(items) => items.iter().enumerate().for_each(|(at, value)| below(&at.to_string(), false, value, path)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => places.push((path.clone(), false, value.clone())),
    }
}

fn occurrences(spec: &Value, word: &Value) -> usize {
    let Some(word) = word.as_str() else { return 0 };
    let mut places = Vec::new();
    walk(spec, &mut Vec::new(), &mut places);
    places.iter().filter(|(_, _, value)| value.as_str() == Some(word)).count()
}
