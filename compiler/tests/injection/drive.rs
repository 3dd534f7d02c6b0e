//! Writes payloads into fields, and compiles what comes of it.
//!
//! Does not know which field should take what.

use std::panic::{AssertUnwindSafe, catch_unwind};

use replank::diag::Findings;
use replank::pipeline::{self, Compiled, Refusal};
use replank::render::Language;
use replank::source::SourceFile;
use serde_json::{Map, Value};

use super::fields::{Field, Reach};
use super::payloads::{Form, Payload};
use super::specs::Base;

/// A text at a field's place.
#[derive(Debug, Clone)]
pub struct Case {
    pub class: &'static str,
    pub form: Form,
    /// What stands in the field.
    pub written: String,
}

pub enum Outcome {
    Refused(SourceFile, Findings),
    Accepted(Box<Compiled>),
    /// A panic, or a bug that was noticed.
    Broken(String),
}

/// The spec of a base as it is written here, without anything in it.
pub fn base(base: &Base) -> Compiled {
    let text = serde_json::to_string_pretty(&base.spec).unwrap();
    pipeline::compile(&SourceFile::new("migration.yaml", text), &[Language::English, Language::Chinese]).unwrap()
}

/// Every payload alone, before, inside and after what the field holds; of `share` cases one, chosen by their words.
pub fn cases(field: &Field, payloads: &[Payload], share: u64) -> Vec<Case> {
    let held = field.held();
    let middle = (0..=held.len() / 2).rev().find(|at| held.is_char_boundary(*at)).unwrap_or(0);
    let (before, after) = held.split_at(middle);
    let mut cases = Vec::new();
    for payload in payloads {
        let text = &payload.text;
        let mut written = vec![text.clone(), format!("{text}{held}"), format!("{held}{text}"), format!("{before}{text}{after}")];
        if payload.form == Form::Plain {
            written.truncate(1);
        }
        written.dedup();
        let chosen = written.into_iter().filter(|written| *written != held && hash(&[&field.name(), written]).is_multiple_of(share));
        cases.extend(chosen.map(|written| Case { class: payload.class, form: payload.form, written }));
    }
    cases
}

impl Case {
    /// What YAML takes the written text for: a plain word may be a number written otherwise.
    pub fn meant(&self) -> String {
        match (self.form, serde_yaml::from_str::<Value>(&self.written)) {
            (Form::Plain, Ok(Value::String(text))) => text,
            // `? a` is the key `a`.
            (Form::Plain, Ok(Value::Object(entries))) if entries.len() == 1 && entries.values().all(Value::is_null) => {
                entries.keys().cloned().collect()
            }
            (Form::Plain, Ok(value @ (Value::Number(_) | Value::Bool(_)))) => value.to_string(),
            (Form::Plain | Form::Quoted, _) => self.written.clone(),
        }
    }
}

/// FNV-1a, which is the same everywhere and at any time.
fn hash(texts: &[&str]) -> u64 {
    let bytes = texts.iter().flat_map(|text| text.bytes().chain([0xff]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)) >> 7
}

/// Stands for a plain word until the spec is text. No payload and no spec has it.
const RAW: &str = "placeholder-of-a-plain-word";

/// The spec with the case written into the field.
pub fn text(field: &Field, case: &Case) -> String {
    let word = if case.form == Form::Plain { RAW } else { &case.written };
    let value = match field.reach {
        Reach::Here => replaced(&field.base.spec, &field.segments, field.is_key, word),
        Reach::Everywhere => renamed(&field.base.spec, field.value.as_str().unwrap_or_default(), word),
    };
    let text = serde_json::to_string_pretty(&value).unwrap();
    if case.form == Form::Plain { text.replace(&format!("\"{RAW}\""), &case.written) } else { text }
}

/// The value with the word at one place, or with the word as the key there.
pub fn replaced(value: &Value, segments: &[String], is_key: bool, word: &str) -> Value {
    let Some((first, rest)) = segments.split_first() else { return Value::from(word) };
    let ends_here = rest.is_empty() && is_key;
    match value {
        Value::Object(entries) => {
            let entry = |(key, value): (&String, &Value)| match key == first {
                true if ends_here => (word.to_owned(), value.clone()),
                true => (key.clone(), replaced(value, rest, is_key, word)),
                false => (key.clone(), value.clone()),
            };
            entries.iter().map(entry).collect::<Map<_, _>>().into()
        }
        Value::Array(items) => {
            let item =
                |(at, value): (usize, &Value)| if at.to_string() == *first { replaced(value, rest, is_key, word) } else { value.clone() };
            items.iter().enumerate().map(item).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

fn renamed(value: &Value, from: &str, to: &str) -> Value {
    let name = |name: &str| if name == from { to.to_owned() } else { name.to_owned() };
    match value {
        Value::Object(entries) => entries.iter().map(|(key, value)| (name(key), renamed(value, from, to))).collect::<Map<_, _>>().into(),
        Value::Array(items) => items.iter().map(|item| renamed(item, from, to)).collect(),
        Value::String(text) => name(text).into(),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

/// Compiles the spec with the case in it.
pub fn compile(field: &Field, case: &Case) -> Outcome {
    let source = SourceFile::new("migration.yaml", text(field, case));
    let compiled = catch_unwind(AssertUnwindSafe(|| pipeline::compile(&source, &[Language::English, Language::Chinese])));
    match compiled {
        Ok(Ok(compiled)) => Outcome::Accepted(Box::new(compiled)),
        Ok(Err(Refusal::Spec(findings) | Refusal::Unsafe { findings, .. })) => Outcome::Refused(source, findings),
        Ok(Err(Refusal::Bug(words))) => Outcome::Broken(words),
        Err(panic) => {
            let words = panic.downcast_ref::<String>().cloned();
            Outcome::Broken(format!("panic: {}", words.unwrap_or_default()))
        }
    }
}
