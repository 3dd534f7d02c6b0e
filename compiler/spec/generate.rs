//! The JSON Schema of a migration, generated from the types that read it.
//!
//! Does not judge a document; `schema` does.

use schemars::generate::SchemaSettings;
use serde_json::Value;

use super::v1alpha1::Migration;

/// The schema's identity, for editors.
const ID: &str = "urn:replank:schema:migration:v1alpha1";

/// The JSON Schema of a migration.
pub fn schema() -> Value {
    let settings = SchemaSettings::draft2020_12().for_deserialize();
    let mut schema = settings.into_generator().into_root_schema_for::<Migration>().to_value();
    without_null(&mut schema);
    let mut whole = serde_json::Map::new();
    if let Value::Object(generated) = schema {
        if let Some(dialect) = generated.get("$schema") {
            whole.insert("$schema".into(), dialect.clone());
        }
        whole.insert("$id".into(), ID.into());
        whole.extend(generated.into_iter().filter(|(key, _)| key != "$schema"));
    }
    Value::Object(whole)
}

/// An optional field may be absent, never null: `workers:` with nothing behind it is more often a slip than a wish.
fn without_null(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            if fields.get("default").is_some_and(Value::is_null) {
                fields.shift_remove("default");
            }
            if let Some(Value::Array(types)) = fields.get_mut("type") {
                types.retain(|kind| kind != "null");
                if let [single] = types.as_slice() {
                    let single = single.clone();
                    fields.insert("type".into(), single);
                }
            }
            if let Some(Value::Array(choices)) = fields.get_mut("anyOf") {
                choices.retain(|choice| choice.get("type").is_none_or(|kind| kind != "null"));
                if let [Value::Object(single)] = choices.as_slice() {
                    let single = single.clone();
                    fields.shift_remove("anyOf");
                    fields.extend(single);
                }
            }
            fields.values_mut().for_each(without_null);
        }
        Value::Array(items) => items.iter_mut().for_each(without_null),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
