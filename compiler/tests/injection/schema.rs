//! The fields that a spec may have, found in the schema that editors use.
//!
//! A field is the path to a value that is no list and no map: `*` stands for an item of a list or for a key that is free, `**` for everything
//! below a value of any form, and a path that ends with `/{key}` for the free key itself. Does not know any spec.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// Every field of the schema.
pub fn fields() -> BTreeSet<String> {
    let schema = replank::spec::schema();
    let mut found = BTreeSet::new();
    walk(&schema, &schema, "", &mut found);
    found
}

fn walk(whole: &Value, schema: &Value, path: &str, found: &mut BTreeSet<String>) {
    let Some(object) = schema.as_object() else {
        // `true` allows everything.
        found.insert(format!("{path}/**"));
        return;
    };
    let reference = object.get("$ref").and_then(Value::as_str).and_then(|reference| reference.strip_prefix('#'));
    if let Some(target) = reference.and_then(|pointer| whole.pointer(pointer)) {
        return walk(whole, target, path, found);
    }
    for branch in ["anyOf", "oneOf"].into_iter().filter_map(|keyword| object.get(keyword)?.as_array()).flatten() {
        walk(whole, branch, path, found);
    }
    let types: Vec<&str> = match object.get("type") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
        _ if object.contains_key("const") || object.contains_key("enum") => vec!["string"],
        _ => Vec::new(),
    };
    for kind in types {
        match kind {
            "string" | "integer" | "number" | "boolean" => drop(found.insert(path.to_owned())),
            "array" => walk(whole, &object["items"], &format!("{path}/*"), found),
            "object" => walk_map(whole, object, path, found),
            "null" => {}
            other => panic!("{path} is of type {other}"),
        }
    }
}

fn walk_map(whole: &Value, schema: &Map<String, Value>, path: &str, found: &mut BTreeSet<String>) {
    let named = schema.get("properties").and_then(Value::as_object);
    for (name, value) in named.into_iter().flatten() {
        walk(whole, value, &format!("{path}/{name}"), found);
    }
    match schema.get("additionalProperties") {
        Some(Value::Bool(false)) => {}
        Some(values) => {
            found.insert(format!("{path}/{{key}}"));
            walk(whole, values, &format!("{path}/*"), found);
        }
        None => {
            found.insert(format!("{path}/{{key}}"));
            found.insert(format!("{path}/**"));
        }
    }
}

/// Whether a field of the schema describes the place in a spec; `segments` ends with `{key}` for a key itself.
pub fn describes(field: &str, segments: &[String]) -> bool {
    let mut rest = segments.iter();
    for part in field.split('/').skip(1) {
        let found = rest.next();
        match (part, found) {
            ("**", Some(_)) => return true,
            (_, None) => return false,
            ("*", Some(segment)) if segment != "{key}" => {}
            (part, Some(segment)) if part == segment => {}
            _ => return false,
        }
    }
    rest.next().is_none()
}
