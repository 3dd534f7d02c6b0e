//! The document as a tree whose every value and key remembers where it was written.
//!
//! Does not know YAML, which built it, nor the schema, which judges it. Aliases share their content, so that the tree is
//! never larger than the text; the builder bounds what it may expand to, and its depth, so that walking it is safe.

use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::Value;

use crate::source::Span;

/// A value with its place. For a block of several lines the place is the key that introduces it.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub span: Span,
    pub content: Arc<Content>,
    /// What the value costs when every alias below it is expanded.
    pub weight: usize,
    /// How many levels lie below; a scalar has none.
    pub height: usize,
}

#[derive(Debug)]
pub(super) enum Content {
    Null,
    Bool(bool),
    Number(serde_json::Number),
    Text(String),
    List(Vec<Node>),
    Map(IndexMap<String, Entry>),
}

#[derive(Debug)]
pub(super) struct Entry {
    pub key: Span,
    pub value: Node,
}

impl Node {
    pub(super) fn scalar(span: Span, content: Content) -> Self {
        let weight = match &content {
            Content::Text(text) => 1 + text.len() / 32,
            Content::Null | Content::Bool(_) | Content::Number(_) | Content::List(_) | Content::Map(_) => 1,
        };
        Self { span, content: Arc::new(content), weight, height: 0 }
    }

    pub(super) fn list(span: Span, items: Vec<Node>) -> Self {
        let weight = items.iter().fold(1usize, |sum, item| sum.saturating_add(item.weight));
        let height = items.iter().map(|item| item.height + 1).max().unwrap_or(1);
        Self { span, content: Arc::new(Content::List(items)), weight, height }
    }

    pub(super) fn map(span: Span, entries: IndexMap<String, Entry>) -> Self {
        let cost = |(key, entry): (&String, &Entry)| entry.value.weight.saturating_add(1 + key.len() / 32);
        let weight = entries.iter().map(cost).fold(1usize, usize::saturating_add);
        let height = entries.values().map(|entry| entry.value.height + 1).max().unwrap_or(1);
        Self { span, content: Arc::new(Content::Map(entries)), weight, height }
    }

    /// The same document without its places.
    pub(super) fn to_value(&self) -> Value {
        match &*self.content {
            Content::Null => Value::Null,
            Content::Bool(truth) => Value::Bool(*truth),
            Content::Number(number) => Value::Number(number.clone()),
            Content::Text(text) => Value::String(text.clone()),
            Content::List(items) => Value::Array(items.iter().map(Node::to_value).collect()),
            Content::Map(entries) => Value::Object(entries.iter().map(|(key, entry)| (key.clone(), entry.value.to_value())).collect()),
        }
    }

    /// The value that a JSON pointer names, and the key in front of it if it has one.
    pub(super) fn find(&self, pointer: &str) -> Option<(Option<Span>, &Node)> {
        let mut found = (None, self);
        for part in pointer.split('/').skip(1) {
            let part = if part.contains('~') { part.replace("~1", "/").replace("~0", "~") } else { part.to_owned() };
            found = match &*found.1.content {
                Content::Map(entries) => entries.get(&part).map(|entry| (Some(entry.key), &entry.value))?,
                Content::List(items) => items.get(part.parse::<usize>().ok()?).map(|item| (None, item))?,
                Content::Null | Content::Bool(_) | Content::Number(_) | Content::Text(_) => return None,
            };
        }
        Some(found)
    }

    /// Every scalar at or below this value.
    pub(super) fn scalars(&self, visit: &mut impl FnMut(&str, &Node)) {
        self.scalars_below("", visit);
    }

    fn scalars_below(&self, key: &str, visit: &mut impl FnMut(&str, &Node)) {
        match &*self.content {
            Content::Null | Content::Bool(_) | Content::Number(_) | Content::Text(_) => visit(key, self),
            Content::List(items) => items.iter().for_each(|item| item.scalars_below("", visit)),
            Content::Map(entries) => entries.iter().for_each(|(key, entry)| entry.value.scalars_below(key, visit)),
        }
    }
}
