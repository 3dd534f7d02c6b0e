//! YAML out, and the step templates in: the only file that knows `serde_yaml`.
//!
//! What is written is read by programs of either version of YAML: ansible and Kubernetes read version 1.1, where `yes`, `1:30` and
//! `2001-01-01` are no text unless they are quoted.

use serde::de::DeserializeOwned;
use serde_json::{Number, Value};

use super::RenderError;

/// A value as YAML. Text that a reader of version 1.1 would take for something else is quoted, and a number that it would take for text is
/// written in its form.
pub fn write(value: &Value) -> Result<String, RenderError> {
    let mut marks = Marks { prefix: unused_prefix(value), written: Vec::new() };
    let marked = marks.mark(value);
    let mut yaml = serde_yaml::to_string(&marked).map_err(|error| RenderError(error.to_string()))?;
    for (index, written) in marks.written.iter().enumerate() {
        yaml = yaml.replacen(&marks.token(index), written, 1);
    }
    Ok(yaml)
}

/// The library writes by version 1.2 and cannot be told otherwise: what the older version reads differently is replaced by words that need
/// no quotes, and the words by what both read alike when everything is written.
struct Marks {
    prefix: String,
    written: Vec<String>,
}

impl Marks {
    fn token(&self, index: usize) -> String {
        format!("{}{index}end", self.prefix)
    }

    fn mark(&mut self, value: &Value) -> Value {
        match value {
            Value::String(text) if is_ambiguous(text) => self.quoted(text).into(),
            Value::Number(number) if number.is_f64() => self.token_for(float(number)).into(),
            Value::Array(items) => items.iter().map(|item| self.mark(item)).collect(),
            Value::Object(fields) => Value::Object(
                fields
                    .iter()
                    .map(|(key, value)| {
                        let key = if is_ambiguous(key) { self.quoted(key) } else { key.clone() };
                        (key, self.mark(value))
                    })
                    .collect(),
            ),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
        }
    }

    fn quoted(&mut self, text: &str) -> String {
        self.token_for(Value::from(text).to_string())
    }

    fn token_for(&mut self, written: String) -> String {
        self.written.push(written);
        self.token(self.written.len() - 1)
    }
}

/// To a reader of version 1.1 a number with an exponent has a dot, and the exponent a sign (yaml.org/type/float.html).
fn float(number: &Number) -> String {
    let text = number.to_string();
    let Some((digits, exponent)) = text.split_once(['e', 'E']) else { return text };
    let dot = if digits.contains('.') { "" } else { ".0" };
    let sign = if exponent.starts_with(['+', '-']) { "" } else { "+" };
    format!("{digits}{dot}e{sign}{exponent}")
}

/// A word that stands nowhere in the value.
fn unused_prefix(value: &Value) -> String {
    let text = value.to_string();
    let mut prefix = "quoted".to_owned();
    while text.contains(&prefix) {
        prefix.push('q');
    }
    prefix
}

/// Whether a reader of YAML 1.1 takes the plain text for a truth value, a number, a time or a mark of its own (yaml.org/type).
fn is_ambiguous(text: &str) -> bool {
    let words = ["y", "n", "yes", "no", "on", "off", "true", "false", "null", "~", "=", "<<"];
    let begins_like_a_number = text.starts_with(|first: char| first.is_ascii_digit() || matches!(first, '+' | '-' | '.'));
    let goes_on_like_one = |character: char| {
        character.is_ascii_hexdigit() || matches!(character, '_' | ':' | '.' | '+' | '-' | 'x' | 'T' | 't' | 'Z' | 'z' | ' ')
    };
    // Addresses and releases have more dots than a number.
    let is_like_a_number = begins_like_a_number && text.chars().all(goes_on_like_one) && text.matches('.').count() < 2;
    words.contains(&text.to_ascii_lowercase().as_str()) || is_like_a_number
}

/// Whether a text is written as it is, without quotes, wherever it stands.
pub fn is_plain(text: &str) -> bool {
    write(&Value::String(text.to_owned())).is_ok_and(|yaml| yaml.strip_suffix('\n') == Some(text))
}

pub fn read<T: DeserializeOwned>(path: &str, text: &str) -> Result<T, RenderError> {
    serde_yaml::from_str(text).map_err(|error| RenderError(format!("{path}: {error}")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_version_1_1_would_misread_is_quoted_and_nothing_else() {
        let value = json!({
            "yes": "no", "time": "12:30:45", "day": "2001-01-01", "thousand": "1_000", "hex": "0x1F", "merge": "<<", "is": "=",
            "address": "10.6.1.11", "network": "10.233.64.0/18", "release": "v1.27.5", "path": "/etc/y", "word": "quoted0end", "flag": true, "count": 3,
        });
        let yaml = write(&value).unwrap();
        for line in [
            "\"yes\": \"no\"",
            "time: \"12:30:45\"",
            "day: \"2001-01-01\"",
            "thousand: \"1_000\"",
            "hex: \"0x1F\"",
            "merge: \"<<\"",
            "is: \"=\"",
        ] {
            assert!(yaml.lines().any(|found| found == line), "{line}\n{yaml}");
        }
        for line in [
            "address: 10.6.1.11",
            "network: 10.233.64.0/18",
            "release: v1.27.5",
            "path: /etc/y",
            "word: quoted0end",
            "flag: true",
            "count: 3",
        ] {
            assert!(yaml.lines().any(|found| found == line), "{line}\n{yaml}");
        }
        assert_eq!(read::<Value>("test", &yaml).unwrap(), value);
    }

    #[test]
    fn a_number_is_a_number_to_readers_of_both_versions() {
        let value = json!({ "large": 18_446_744_073_709_552_000.0, "round": 1e19, "small": 1e-7, "plain": 1.5, "whole": 1000.0, "list": [-2.5e-9, 3] });
        let yaml = write(&value).unwrap();
        for line in ["large: 1.8446744073709552e+19", "round: 1.0e+19", "small: 1.0e-7", "plain: 1.5", "whole: 1000.0", "- -2.5e-9", "- 3"]
        {
            assert!(yaml.lines().any(|found| found.trim() == line), "{line}\n{yaml}");
        }
        assert_eq!(read::<Value>("test", &yaml).unwrap(), value);
    }
}
