//! The door of the room: text in, a typed document with places out.
//!
//! Does not know YAML or JSON Schema; it only puts their findings in order.

use serde::Deserialize;

use super::tree::{Content, Node};
use super::{schema, v1alpha1, yaml};
use crate::diag::{Code, Diagnostic, Findings, suggest};
use crate::source::{Place, SourceFile, Span};

/// A spec of the right form.
#[derive(Debug, Clone)]
pub struct Document {
    pub migration: v1alpha1::Migration,
    root: Node,
    concealed: Findings,
}

const API_VERSION: &str = "replank/v1alpha1";

/// Reads a spec. Every violation of its form is a finding, all of one run.
pub fn read(source: &SourceFile) -> Result<Document, Findings> {
    let (root, mut findings) = yaml::read(source)?;
    check_version(&root, &mut findings);
    if !findings.has_errors() {
        schema::check(&root, &mut findings);
    }
    if findings.has_errors() {
        findings.sort_by_place();
        return Err(findings);
    }
    let value = root.to_value();
    match v1alpha1::Migration::deserialize(&value) {
        Ok(migration) => Ok(Document { migration, root, concealed: findings }),
        Err(error) => {
            schema::check_whole_numbers(&root, &mut findings);
            if !findings.has_errors() {
                findings.push(Diagnostic::new(Code::S203, root.span, format!("the value of a field could not be read: {error}")));
            }
            Err(findings)
        }
    }
}

/// Another version has another form: judging it by this one would only bury the reader.
fn check_version(root: &Node, findings: &mut Findings) {
    let Some((Some(_), node)) = root.find("/apiVersion") else { return };
    let Content::Text(found) = &*node.content else { return };
    if found != API_VERSION {
        let place = Place::new("/apiVersion", node.span);
        let diagnostic = Diagnostic::at(Code::S210, &place, format!("expected `{API_VERSION}`, found `{found}`"));
        let near = suggest::nearest(found, [API_VERSION]).is_some();
        let sentence = if near { "did you mean" } else { "this replank reads only" };
        findings.push(diagnostic.help_copy(sentence, format!("apiVersion: {API_VERSION}")));
    }
}

impl Document {
    /// Where a value stands. A block of several lines stands at its key; what is not written, at what would hold it.
    pub fn place(&self, pointer: &str) -> Place {
        match self.root.find(pointer) {
            Some((_, node)) => Place::new(pointer, node.span),
            None => self.holder(pointer),
        }
    }

    /// Where a value's key stands; an item of a list has no key, and stands for itself.
    pub fn key_place(&self, pointer: &str) -> Place {
        match self.root.find(pointer) {
            Some((Some(key), _)) => Place::new(pointer, key),
            Some((None, node)) => Place::new(pointer, node.span),
            None => self.holder(pointer),
        }
    }

    /// Whether the user wrote this value.
    pub fn has(&self, pointer: &str) -> bool {
        self.root.find(pointer).is_some()
    }

    /// What must not be quoted, as the start of the next room's findings.
    pub fn concealed(&self) -> Findings {
        self.concealed.clone()
    }

    fn holder(&self, pointer: &str) -> Place {
        match pointer.rsplit_once('/') {
            Some((above, _)) => self.key_place(above),
            None => Place::new("", Span::new(0, 0)),
        }
    }
}
