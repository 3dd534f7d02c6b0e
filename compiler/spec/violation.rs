//! Every sentence about a document whose form is wrong: expected before found, at the place, with the nearest word.
//!
//! Does not decide what is wrong; `schema` does. Never repeats a value that may be a secret.

use serde_json::Value;

use super::schema::MOST_SHOWN;
use super::secret_forms::{NO_LONGER_SECRET, SecretForm, secret_form, without_credentials};
use super::secrets;
use super::tree::{Content, Node};
use crate::diag::{Code, Diagnostic, Findings, suggest};
use crate::source::Place;

/// A value, its places, and the schema that it violates.
pub(super) struct Subject<'a> {
    pub node: &'a Node,
    pub place: &'a Place,
    pub key: &'a Place,
    pub schema: &'static Value,
}

const LONGEST_QUOTE: usize = 60;

pub(super) fn unknown_keys(subject: &Subject<'_>, unexpected: &[String], findings: &mut Findings) {
    let Content::Map(entries) = &*subject.node.content else { return };
    let known: Vec<&str> = keys(subject.schema, "properties").collect();
    let found = || unexpected.iter().filter_map(|name| Some((name, entries.get(name)?)));
    found().for_each(|(name, entry)| secrets::conceal_unknown(name, &entry.value, findings));
    for (name, entry) in found().take(MOST_SHOWN) {
        let place = Place::new(format!("{}/{}", subject.place.pointer, escape(name)), entry.key);
        let label = format!("expected one of {}, found `{name}`", listed(known.iter().copied()));
        let diagnostic = Diagnostic::at(Code::S201, &place, label);
        let free: Vec<&str> = known.iter().copied().filter(|key| !entries.contains_key(*key)).collect();
        findings.push(match suggest::nearest(name, free) {
            Some(near) => diagnostic.help_copy("did you mean", format!("{near}:")),
            None => diagnostic.help("remove the key"),
        });
    }
}

pub(super) fn missing_key(subject: &Subject<'_>, property: &Value, findings: &mut Findings) {
    let name = property.as_str().unwrap_or_default();
    let label = format!("expected the key `{name}` in here");
    let diagnostic = Diagnostic::at(Code::S202, subject.key, label);
    let field = subject.schema.pointer(&format!("/properties/{}", escape(name)));
    let description = field.and_then(|field| field.get("description")).and_then(Value::as_str).unwrap_or("");
    let sentence = if description.is_empty() { "add".to_owned() } else { format!("add it ({})", lower_first(description)) };
    findings.push(diagnostic.help_copy(sentence, format!("{name}:")));
}

pub(super) fn wrong_type(subject: &Subject<'_>, findings: &mut Findings) {
    let kind = if matches!(*subject.node.content, Content::Text(_)) { "the text " } else { "" };
    let label = format!("expected {}, found {kind}{}", expected_type(subject.schema), found(subject.node, findings));
    let diagnostic = Diagnostic::at(Code::S203, subject.place, label);
    findings.push(match (&*subject.node.content, subject.schema.get("type").and_then(Value::as_str)) {
        (Content::Null, _) => diagnostic.help("write a value, or remove the key"),
        (Content::Bool(_) | Content::Number(_), Some("string")) => diagnostic.help("quote the value to make it text"),
        (Content::Text(text), Some("array")) => diagnostic.help_copy("write a list", format!("[{}]", quote(text))),
        (Content::Text(text), Some("integer" | "number")) if text.bytes().all(|byte| byte.is_ascii_digit()) => {
            diagnostic.help("write the number without quotes and without leading zeros")
        }
        (Content::Text(_) | Content::Bool(_) | Content::Number(_) | Content::List(_) | Content::Map(_), _) => diagnostic,
    });
}

pub(super) fn unknown_value(subject: &Subject<'_>, choices: &[String], findings: &mut Findings) {
    let mapping = subject.schema.get("anyOf").is_some();
    let words = listed(choices.iter().map(String::as_str));
    let expected = match (mapping, choices.len()) {
        (true, _) => format!("{words} or a mapping"),
        (false, 0..=1) => words,
        (false, _) => format!("one of {words}"),
    };
    let label = format!("expected {expected}, found {}", found(subject.node, findings));
    let diagnostic = Diagnostic::at(Code::S204, subject.place, label);
    let near = match &*subject.node.content {
        Content::Text(text) => suggest::nearest(text, choices.iter().map(String::as_str)),
        Content::Null | Content::Bool(_) | Content::Number(_) | Content::List(_) | Content::Map(_) => None,
    };
    findings.push(match near {
        Some(near) => diagnostic.help_copy("did you mean", near),
        None => diagnostic,
    });
}

pub(super) fn wrong_form(subject: &Subject<'_>, findings: &mut Findings) {
    // An empty text is too short and has not the form either; both say the same.
    let is_said = |other: &Diagnostic| other.code == Code::S205 && other.pointer.as_ref() == Some(&subject.place.pointer);
    if findings.iter().any(is_said) {
        return;
    }
    let label = format!("{}, found {}", expected_form(subject.schema), found(subject.node, findings));
    let diagnostic = Diagnostic::at(Code::S205, subject.place, label);
    findings.push(if form_of(subject.node) == Some(SecretForm::Credentials) {
        diagnostic
            .why(NO_LONGER_SECRET)
            .help("write the address without user and password: they are what does not belong here")
            .help("change the password if this file was ever shared")
    } else {
        advised(diagnostic, subject.schema)
    });
}

/// With the reason of a form and what to do about it, where the schema has them.
fn advised(diagnostic: Diagnostic, schema: &Value) -> Diagnostic {
    match (schema.get("x-why").and_then(Value::as_str), schema.get("x-help").and_then(Value::as_str)) {
        (Some(why), Some(help)) => diagnostic.why(why).help(help),
        (Some(_) | None, Some(_) | None) => diagnostic,
    }
}

/// Whether a value is a secret by its own form.
fn form_of(node: &Node) -> Option<SecretForm> {
    match &*node.content {
        Content::Text(text) => secret_form(text),
        Content::Null | Content::Bool(_) | Content::Number(_) | Content::List(_) | Content::Map(_) => None,
    }
}

pub(super) fn wrong_key(subject: &Subject<'_>, name: &str, schema: &'static Value, findings: &mut Findings) {
    let Content::Map(entries) = &*subject.node.content else { return };
    let span = entries.get(name).map_or(subject.key.span, |entry| entry.key);
    let place = Place::new(format!("{}/{}", subject.place.pointer, escape(name)), span);
    let diagnostic = Diagnostic::at(Code::S205, &place, format!("{}, found `{}`", expected_form(schema), quote(name)));
    findings.push(advised(diagnostic, schema));
}

pub(super) fn out_of_range(subject: &Subject<'_>, findings: &mut Findings) {
    let limit = |keyword| subject.schema.get(keyword).map(Value::to_string);
    let expected = match (limit("minimum"), limit("maximum")) {
        (Some(least), Some(most)) => format!("a number from {least} to {most}"),
        (Some(least), None) => format!("a number from {least}"),
        (None, Some(most)) => format!("a number up to {most}"),
        (None, None) => "another number".into(),
    };
    let label = format!("expected {expected}, found {}", found(subject.node, findings));
    findings.push(Diagnostic::at(Code::S206, subject.place, label));
}

pub(super) fn empty_list(subject: &Subject<'_>, findings: &mut Findings) {
    findings.push(Diagnostic::at(Code::S209, subject.place, "expected at least one item, found none"));
}

pub(super) fn not_exactly_one(subject: &Subject<'_>, findings: &mut Findings) {
    let Content::Map(entries) = &*subject.node.content else { return };
    let label = format!("expected exactly one of {}, found {}", listed(keys(subject.schema, "properties")), entries.len());
    let written = listed(entries.keys().map(String::as_str).take(8));
    let label = if entries.is_empty() { label } else { format!("{label}: {written}") };
    findings.push(Diagnostic::at(Code::S207, subject.place, label));
}

/// The label says nothing about the value, not even its length.
pub(super) fn literal_secret(subject: &Subject<'_>, findings: &mut Findings) {
    subject.node.scalars(&mut |_, scalar| findings.conceal(scalar.span));
    let diagnostic = Diagnostic::at(Code::S208, subject.key, "expected a reference to the secret, found the secret itself")
        .why(NO_LONGER_SECRET)
        .help_copy("name a file on the machine that needs it", "{file: /etc/replank/secret}")
        .help_copy("or a variable in the environment of whoever executes the plan", "{env: REPLANK_SECRET}")
        .help("change the secret if this file was ever shared");
    findings.push(diagnostic);
}

fn expected_type(schema: &Value) -> String {
    let word = |kind: &str| match kind {
        "object" => "a mapping",
        "array" => "a list",
        "string" => "text",
        "integer" => "a whole number",
        "number" => "a number",
        "boolean" => "true or false",
        _ => "nothing",
    };
    match schema.get("type") {
        Some(Value::String(kind)) => word(kind).to_owned(),
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).map(word).collect::<Vec<_>>().join(" or "),
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_)) | None => "another value".into(),
    }
}

fn expected_form(schema: &Value) -> String {
    let limit = |keyword| schema.get(keyword).and_then(Value::as_u64);
    let words = schema.get("patternErrorMessage").and_then(Value::as_str).unwrap_or("expected a text that is not empty");
    match limit("maxLength") {
        Some(most) if !words.contains(&most.to_string()) => format!("{words} ({most} characters at most)"),
        Some(_) | None => words.to_owned(),
    }
}

/// What was found, in a few words; nothing of it where it may be a secret.
fn found(node: &Node, findings: &Findings) -> String {
    let form = form_of(node);
    if form.is_none() && findings.concealed().contains(&node.span) {
        return "a value that is not shown".into();
    }
    match &*node.content {
        Content::Text(text) if form.is_some() => match without_credentials(text) {
            Some(masked) => format!("`{}`", quote(&masked)),
            None => "a value that is not shown".into(),
        },
        Content::Null => "nothing".into(),
        Content::Bool(truth) => format!("the truth value {truth}"),
        Content::Number(number) => format!("the number {number}"),
        Content::Text(text) => format!("`{}`", quote(text)),
        Content::List(_) => "a list".into(),
        Content::Map(_) => "a mapping".into(),
    }
}

fn quote(text: &str) -> String {
    let line = text.lines().next().unwrap_or("");
    let short: String = line.chars().take(LONGEST_QUOTE).collect();
    if short.len() < text.len() { format!("{short}…") } else { short }
}

fn listed<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

fn keys<'a>(schema: &'a Value, keyword: &str) -> impl Iterator<Item = &'a str> {
    schema.get(keyword).and_then(Value::as_object).into_iter().flat_map(|fields| fields.keys().map(String::as_str))
}

fn lower_first(sentence: &str) -> String {
    let sentence = sentence.trim_end_matches('.');
    let mut rest = sentence.chars();
    let first = rest.next().map(|first| first.to_lowercase().to_string()).unwrap_or_default();
    let abbreviation = rest.clone().next().is_some_and(char::is_uppercase);
    if abbreviation { sentence.to_owned() } else { format!("{first}{}", rest.as_str()) }
}

fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}
