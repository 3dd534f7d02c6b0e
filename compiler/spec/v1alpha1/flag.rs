//! The value of a command's flag: text, a whole number or a truth value, as YAML reads what stands there.
//!
//! Does not know which flags there are. Fractions are refused: `8e9` would reach the command as `8000000000.0`.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// A flag's value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum FlagValue {
    Truth(bool),
    Whole(u64),
    Negative(i64),
    Text(String),
}

impl fmt::Display for FlagValue {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FlagValue::Truth(truth) => write!(formatter, "{truth}"),
            FlagValue::Whole(number) => write!(formatter, "{number}"),
            FlagValue::Negative(number) => write!(formatter, "{number}"),
            FlagValue::Text(text) => formatter.write_str(text),
        }
    }
}

impl JsonSchema for FlagValue {
    fn schema_name() -> Cow<'static, str> {
        "FlagValue".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": ["string", "integer", "boolean"],
            "description": "The value of a flag.",
            "minLength": 1,
            "maxLength": 1024,
            "pattern": "^[A-Za-z0-9._:/,=+@-]*$",
            "patternErrorMessage": "expected letters, digits and `. _ : / , = + @ -`",
            "x-why": "the value stands in unit files and in commands, where blanks, quotation marks, `$` and `%` mean something else.",
            "x-help": "write it in a form without them: a list without blanks behind its commas, a number without a percent sign",
        })
    }
}
