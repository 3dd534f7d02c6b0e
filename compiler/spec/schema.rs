//! Judges a document by the JSON Schema and says each violation at its place; the only file that knows the validator.
//!
//! Does not know what a violation means for a migration. The words for each are in `violation`.

use std::sync::LazyLock;

use jsonschema::error::ValidationErrorKind as Kind;
use jsonschema::{ValidationError, Validator};
use serde_json::Value;

use super::tree::{Content, Node};
use super::violation::{self, Subject};
use crate::diag::{Code, Diagnostic, Findings};
use crate::source::Place;

/// More than this many violations in one file have one cause.
pub(super) const MOST_SHOWN: usize = 1000;

struct Judge {
    schema: Value,
    validator: Result<Validator, String>,
}

static JUDGE: LazyLock<Judge> = LazyLock::new(|| {
    let schema = super::schema();
    let validator = jsonschema::validator_for(&schema).map_err(|error| error.to_string());
    Judge { schema, validator }
});

/// Adds a finding for every violation.
pub(super) fn check(root: &Node, findings: &mut Findings) {
    let value = root.to_value();
    match &JUDGE.validator {
        Ok(validator) => {
            for error in validator.iter_errors(&value).take(MOST_SHOWN) {
                report(root, &error, findings);
            }
        }
        Err(error) => findings.push(Diagnostic::new(Code::S203, root.span, format!("the schema itself is wrong: {error}"))),
    }
}

fn report(root: &Node, error: &ValidationError<'_>, findings: &mut Findings) {
    let pointer = error.instance_path().as_str();
    let Some((key, node)) = root.find(pointer) else { return };
    let schema = enclosing(error);
    let place = Place::new(pointer, node.span);
    let key_place = Place::new(pointer, key.unwrap_or(node.span));
    let subject = Subject { node, place: &place, key: &key_place, schema };
    if schema.get("x-secret").is_some() && !matches!(*node.content, Content::Map(_) | Content::Null) {
        violation::literal_secret(&subject, findings);
        return;
    }
    match error.kind() {
        Kind::AdditionalProperties { unexpected } => violation::unknown_keys(&subject, unexpected, findings),
        Kind::Required { property } => violation::missing_key(&subject, property, findings),
        Kind::Type { .. } => violation::wrong_type(&subject, findings),
        Kind::Constant { .. } | Kind::Enum { .. } => violation::unknown_value(&subject, &choices(schema), findings),
        Kind::Pattern { .. } | Kind::MaxLength { .. } | Kind::MinLength { .. } => violation::wrong_form(&subject, findings),
        Kind::Minimum { .. } | Kind::Maximum { .. } => violation::out_of_range(&subject, findings),
        Kind::MinItems { .. } => violation::empty_list(&subject, findings),
        Kind::MinProperties { .. } | Kind::MaxProperties { .. } => violation::not_exactly_one(&subject, findings),
        Kind::PropertyNames { error } => violation::wrong_key(&subject, &text_of(error.instance()), target(error), findings),
        Kind::AnyOf { context } | Kind::OneOfNotValid { context } => choose(root, &subject, context, findings),
        _ => violation::wrong_form(&subject, findings),
    }
}

/// Of several allowed forms, the one that the user meant: the mapping, if a mapping was written; else one of the words.
fn choose(root: &Node, subject: &Subject<'_>, context: &[Vec<ValidationError<'static>>], findings: &mut Findings) {
    let here = subject.place.pointer.as_ref();
    let meant = context.iter().find(|branch| {
        let own = |error: &ValidationError<'_>| error.instance_path().as_str() == here;
        !branch.iter().any(|error| own(error) && matches!(error.kind(), Kind::Type { .. } | Kind::Constant { .. } | Kind::Enum { .. }))
    });
    match meant {
        Some(branch) => branch.iter().for_each(|error| report(root, error, findings)),
        None => violation::unknown_value(subject, &choices(subject.schema), findings),
    }
}

/// The schema object whose keyword was violated.
fn enclosing(error: &ValidationError<'_>) -> &'static Value {
    let path = error.schema_path().as_str();
    let above = path.rsplit_once('/').map_or("", |(above, _)| above);
    JUDGE.schema.pointer(above).map_or(&Value::Null, resolve)
}

fn target(error: &ValidationError<'_>) -> &'static Value {
    enclosing(error)
}

fn resolve(schema: &'static Value) -> &'static Value {
    let reference = schema.get("$ref").and_then(Value::as_str).and_then(|reference| reference.strip_prefix('#'));
    reference.and_then(|pointer| JUDGE.schema.pointer(pointer)).unwrap_or(schema)
}

fn text_of(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The words that a schema allows, through all its branches.
fn choices(schema: &'static Value) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    if let Some(word) = schema.get("const").and_then(Value::as_str) {
        words.push(word.into());
    }
    let listed = schema.get("enum").and_then(Value::as_array).into_iter().flatten();
    words.extend(listed.filter_map(Value::as_str).map(str::to_owned));
    for keyword in ["anyOf", "oneOf"] {
        let branches = schema.get(keyword).and_then(Value::as_array).into_iter().flatten();
        words.extend(branches.flat_map(|branch| choices(resolve(branch))));
    }
    words
}

/// JSON Schema calls `2379.0` an integer; a port is not written so.
pub(super) fn check_whole_numbers(root: &Node, findings: &mut Findings) {
    root.scalars(&mut |_, scalar| {
        if let Content::Number(number) = &*scalar.content
            && number.is_f64()
        {
            findings.push(Diagnostic::new(Code::S203, scalar.span, format!("expected a whole number, found {number}")));
        }
    });
}
