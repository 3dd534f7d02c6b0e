//! Which parts of a spec may hold a secret, so that no excerpt ever shows one.
//!
//! A spec names secrets only by reference. A person who writes one literally by mistake must not find it in the
//! log of a pipeline. Does not judge: the schema refuses literal secrets.

use super::secret_forms::{SecretForm, secret_form};
use super::tree::{Content, Node};
use crate::diag::{Findings, suggest};
use crate::source::Span;

/// Keys of the spec whose value is a reference to a secret.
pub(super) const REFERENCES: &[&str] = &["token", "password"];

/// Keys of k3s's configuration whose value is a secret, or may contain one.
const LITERALS: &[&str] =
    &["agent-token", "datastore-endpoint", "etcd-s3-access-key", "etcd-s3-secret-key", "etcd-s3-session-token", "vpn-auth"];

/// Whether a name, such as that of a variable, tells of a secret.
pub fn names_a_secret(name: &str) -> bool {
    let lower = name.to_lowercase();
    ["token", "password", "passwd", "secret"].iter().any(|word| lower.contains(word))
}

/// Variables of kubespray are the only keys with underscores; no such key of theirs is one of the spec.
fn is_telling_variable(key: &str) -> bool {
    (key.contains('_') || key == "secret") && names_a_secret(key)
}

/// Conceals a text that is a secret by its own form.
pub(super) fn conceal_form(content: &Content, span: Span, findings: &mut Findings) {
    if let Content::Text(text) = content
        && secret_form(text).is_some()
    {
        findings.conceal(span);
    }
}

/// Conceals what stands under a key that holds a secret, except the parts of a proper reference.
pub(super) fn conceal_value(key: &str, value: &Node, findings: &mut Findings) {
    if REFERENCES.contains(&key) || LITERALS.contains(&key) || is_telling_variable(key) {
        conceal(value, findings);
    }
}

/// The same for a key that is not of the spec, but looks like a slip for one that holds a secret.
pub(super) fn conceal_unknown(key: &str, value: &Node, findings: &mut Findings) {
    if names_a_secret(key) || suggest::nearest(key, REFERENCES.iter().copied()).is_some() {
        conceal(value, findings);
    }
}

fn conceal(value: &Node, findings: &mut Findings) {
    value.scalars(&mut |key, scalar| {
        let reference = match (&*scalar.content, key) {
            (Content::Text(text), "file") => text.starts_with('/'),
            (Content::Text(text), "env") => text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_'),
            (Content::Text(_) | Content::Null | Content::Bool(_) | Content::Number(_) | Content::List(_) | Content::Map(_), _) => false,
        };
        if !reference && !matches!(*scalar.content, Content::Null) {
            findings.conceal(scalar.span);
        }
    });
}

/// For a text that is not YAML: conceals what follows such a key, to the end of the line or of its indented block, and lines that hold a
/// secret by its form.
pub(super) fn conceal_by_line(text: &str, findings: &mut Findings) {
    let mut block: Option<usize> = None;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let indentation = line.len() - line.trim_start().len();
        let blank = line.trim().is_empty();
        if block.is_some_and(|outer| blank || indentation > outer) {
            findings.conceal(Span::new(start, start + line.trim_end().len()));
        } else {
            block = None;
            let form = secret_form(line);
            if let Some(value) = secret_value(line).or(form.map(|_| 0)) {
                findings.conceal(Span::new(start + value, start + line.trim_end().len()));
                // The lines of a key stand under one another.
                block = Some(if form == Some(SecretForm::PrivateKey) { indentation.saturating_sub(1) } else { indentation });
            }
        }
        start += line.len();
    }
}

/// Where the value begins on a line that has a secret's key.
fn secret_value(line: &str) -> Option<usize> {
    let starts = REFERENCES.iter().chain(LITERALS).flat_map(|key| line.match_indices(key).map(move |(at, _)| (at, at + key.len())));
    starts
        .filter_map(|(at, end)| {
            let before = line.get(..at)?.chars().next_back();
            let after = line.get(end..)?;
            let separate = !before.is_some_and(|character| character.is_alphanumeric() || character == '-');
            let colon = after.trim_start_matches(['"', '\'']).trim_start().starts_with(':');
            (separate && colon).then(|| end + after.find(':').unwrap_or(0) + 1)
        })
        .min()
}
