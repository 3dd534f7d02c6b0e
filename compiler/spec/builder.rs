//! Puts a stream of YAML events together into a tree, within bounds.
//!
//! Responsible for: depth, aliases and what they expand to, duplicate keys, and the place of every key and value.
//! Does not know the YAML reader.

use std::collections::BTreeMap;

use indexmap::IndexMap;

use super::secrets;
use super::tree::{Content, Entry, Node};
use crate::diag::{Code, Diagnostic, Findings};
use crate::source::{SourceFile, Span};

/// The deepest path of the spec has eight levels.
const DEEPEST: usize = 64;

/// What all aliases together may add, in values; a long text counts as several.
const LARGEST_EXPANSION: usize = 200_000;

/// A file with more slips than this has one cause.
const MOST_SHOWN: usize = 1000;

/// A finding after which reading on makes no sense.
pub(super) struct Stop(pub Box<Diagnostic>);

impl From<Diagnostic> for Stop {
    fn from(diagnostic: Diagnostic) -> Self {
        Self(Box::new(diagnostic))
    }
}

#[derive(Clone, Copy)]
pub(super) enum Shape {
    List,
    Map,
}

enum Values {
    List(Vec<Node>),
    Map { entries: IndexMap<String, Entry>, key: Option<(String, Span)> },
}

struct Level {
    values: Values,
    start: Span,
    anchor: usize,
}

pub(super) struct Builder<'source> {
    source: &'source SourceFile,
    levels: Vec<Level>,
    /// By the reader's number; `None` while the anchored value is still open.
    anchors: BTreeMap<usize, Option<Node>>,
    expanded: usize,
    root: Option<Node>,
    findings: Findings,
}

impl<'source> Builder<'source> {
    pub(super) fn new(source: &'source SourceFile) -> Self {
        Self { source, levels: Vec::new(), anchors: BTreeMap::new(), expanded: 0, root: None, findings: Findings::default() }
    }

    pub(super) fn stop(self, diagnostic: Diagnostic) -> Findings {
        let mut findings = self.findings;
        findings.push(diagnostic);
        findings
    }

    pub(super) fn finish(self) -> Result<(Node, Findings), Findings> {
        match self.root {
            Some(root) if !matches!(*root.content, Content::Null) => Ok((root, self.findings)),
            Some(_) | None => {
                let diagnostic =
                    Diagnostic::new(Code::S104, Span::new(0, 0), "expected `apiVersion`, `kind`, `metadata` and `spec`, found nothing")
                        .help_copy("begin with", "apiVersion: replank/v1alpha1\nkind: Migration");
                let mut findings = self.findings;
                findings.push(diagnostic);
                Err(findings)
            }
        }
    }

    pub(super) fn refuse_tag(&mut self, tag: Option<String>, span: Span) {
        if let Some(tag) = tag {
            let label = format!("expected a value without a tag, found `{tag}`");
            let diagnostic = Diagnostic::new(Code::S110, span, label).help("remove the tag; to make a number text, quote it");
            note(&mut self.findings, diagnostic);
        }
    }

    pub(super) fn open(&mut self, shape: Shape, span: Span, anchor: usize) -> Result<(), Stop> {
        if self.levels.len() >= DEEPEST {
            let label = format!("expected at most {DEEPEST} levels, found one more");
            return Err(Diagnostic::new(Code::S107, Span::new(span.start, span.start), label).into());
        }
        self.refuse_as_key(span)?;
        if anchor > 0 {
            self.anchors.insert(anchor, None);
        }
        let values = match shape {
            Shape::List => Values::List(Vec::new()),
            Shape::Map => Values::Map { entries: IndexMap::new(), key: None },
        };
        self.levels.push(Level { values, start: span, anchor });
        Ok(())
    }

    pub(super) fn close(&mut self, end: Span) -> Result<(), Stop> {
        let Some(level) = self.levels.pop() else { return Ok(()) };
        let span = self.place_of_block(level.start, end);
        let node = match level.values {
            Values::List(items) => Node::list(span, items),
            Values::Map { entries, .. } => Node::map(span, entries),
        };
        self.add(node, level.anchor)
    }

    pub(super) fn scalar(&mut self, content: Content, span: Span, anchor: usize) -> Result<(), Stop> {
        let span = self.trimmed(span);
        if let Some(Level { values: Values::Map { key: key @ None, .. }, .. }) = self.levels.last_mut() {
            let Content::Text(text) = content else { return Err(self.key_is_not_text(span)) };
            if text == "<<" {
                let diagnostic = Diagnostic::new(Code::S111, span, "expected a key of the spec, found the merge key `<<`")
                    .help("write the keys out, or use an alias for the whole value: merging belongs to YAML 1.1");
                return Err(diagnostic.into());
            }
            *key = Some((text, span));
            return Ok(());
        }
        secrets::conceal_form(&content, span, &mut self.findings);
        self.add(Node::scalar(span, content), anchor)
    }

    pub(super) fn alias(&mut self, anchor: usize, span: Span) -> Result<(), Stop> {
        self.refuse_as_key(span)?;
        let Some(Some(node)) = self.anchors.get(&anchor) else {
            let diagnostic =
                Diagnostic::new(Code::S109, span, "expected an alias of a value that is complete, found one of the value around it")
                    .help("write the value out");
            return Err(diagnostic.into());
        };
        let mut node = node.clone();
        node.span = span;
        self.expanded = self.expanded.saturating_add(node.weight);
        if self.expanded > LARGEST_EXPANSION {
            let label = format!("expected aliases that add at most {LARGEST_EXPANSION} values, found more with this one");
            return Err(Diagnostic::new(Code::S108, span, label).help("write the values out").into());
        }
        if self.levels.len() + node.height > DEEPEST {
            let label = format!("expected at most {DEEPEST} levels, found {} through this alias", self.levels.len() + node.height);
            return Err(Diagnostic::new(Code::S107, span, label).into());
        }
        self.add(node, 0)
    }

    fn add(&mut self, mut node: Node, anchor: usize) -> Result<(), Stop> {
        if anchor > 0 {
            self.anchors.insert(anchor, Some(node.clone()));
        }
        let Some(level) = self.levels.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        let (entries, key) = match &mut level.values {
            Values::List(items) => {
                items.push(node);
                return Ok(());
            }
            Values::Map { entries, key } => (entries, key),
        };
        let Some((name, place)) = key.take() else { return Err(self.key_is_not_text(node.span)) };
        secrets::conceal_value(&name, &node, &mut self.findings);
        // A block of several lines, and a value that is not there, are best shown by their key.
        if node.span.start == node.span.end {
            node.span = place;
        }
        if let Some(first) = entries.get(&name) {
            let label = format!("expected each key once, found `{name}` again");
            let diagnostic = Diagnostic::new(Code::S113, place, label).related(first.key, "the first one is here");
            note(&mut self.findings, diagnostic);
        } else {
            entries.insert(name, Entry { key: place, value: node });
        }
        Ok(())
    }

    fn refuse_as_key(&self, span: Span) -> Result<(), Stop> {
        match self.levels.last() {
            Some(Level { values: Values::Map { key: None, .. }, .. }) => Err(self.key_is_not_text(span)),
            Some(_) | None => Ok(()),
        }
    }

    fn key_is_not_text(&self, span: Span) -> Stop {
        let text = self.source.text().get(span.start..span.end).unwrap_or("").lines().next().unwrap_or("");
        let simple = !text.is_empty() && text.len() <= 40 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.');
        let diagnostic = Diagnostic::new(Code::S112, span, "expected a key that is text");
        if simple { diagnostic.help_copy("quote the key", format!("\"{text}\":")) } else { diagnostic }.into()
    }

    /// A flow collection of one line is shown whole; what spans lines is shown by its key, or by its first line.
    fn place_of_block(&self, start: Span, end: Span) -> Span {
        let text = self.source.text();
        let flow = text.get(start.start..).is_some_and(|rest| rest.starts_with(['[', '{']));
        let whole = Span::new(start.start, end.end.max(start.end));
        if flow && !text.get(whole.start..whole.end).unwrap_or("\n").contains('\n') {
            return whole;
        }
        match self.levels.last() {
            Some(Level { values: Values::Map { key: Some(_), .. }, .. }) => Span::new(start.start, start.start),
            Some(_) | None => self.first_line(Span::new(start.start, text.len().max(start.start))),
        }
    }

    fn first_line(&self, span: Span) -> Span {
        let text = self.source.text().get(span.start..span.end).unwrap_or("");
        let line = text.lines().next().unwrap_or("").trim_end();
        Span::new(span.start, span.start + line.len())
    }

    /// Some readers count the blanks and line ends after a value as part of it.
    fn trimmed(&self, span: Span) -> Span {
        let text = self.source.text().get(span.start..span.end).unwrap_or("");
        Span::new(span.start, span.start + text.trim_end().len())
    }
}

fn note(findings: &mut Findings, diagnostic: Diagnostic) {
    if findings.len() < MOST_SHOWN {
        findings.push(diagnostic);
    }
}
