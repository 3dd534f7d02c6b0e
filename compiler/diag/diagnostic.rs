//! One finding, and a pile of them.
//!
//! A finding is data: the headline comes from its code and holds fixed words; values stand in labels. How it is
//! shown is decided in `render/`.

use std::sync::Arc;

use super::{Code, Severity};
use crate::source::{Place, Span};

/// A finding about the spec, or about the plan that the spec leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    pub code: Code,
    /// The text under the caret: the values, expected before found.
    pub label: Label,
    /// The value's JSON pointer, where the finding is about one value.
    pub pointer: Option<Arc<str>>,
    /// Other places that matter, in the order in which they should be read.
    pub related: Vec<Label>,
    /// Why it is so, where that depends on how clusters behave.
    pub why: Option<String>,
    pub help: Vec<Help>,
    /// The step of the plan at which it was found, for findings about a plan.
    pub step: Option<String>,
}

/// A place in the spec with what is to be said about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    pub span: Span,
    pub text: String,
}

/// Advice: a sentence, and text that can be copied as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Help {
    pub sentence: String,
    pub copy: Option<String>,
}

impl Diagnostic {
    pub fn new(code: Code, span: Span, text: impl Into<String>) -> Self {
        Self { code, label: Label { span, text: text.into() }, pointer: None, related: Vec::new(), why: None, help: Vec::new(), step: None }
    }

    /// A finding about one value of the spec.
    pub fn at(code: Code, place: &Place, text: impl Into<String>) -> Self {
        let mut diagnostic = Self::new(code, place.span, text);
        diagnostic.pointer = Some(Arc::clone(&place.pointer));
        diagnostic
    }

    #[must_use]
    pub fn related(mut self, span: Span, text: impl Into<String>) -> Self {
        self.related.push(Label { span, text: text.into() });
        self
    }

    #[must_use]
    pub fn why(mut self, text: impl Into<String>) -> Self {
        self.why = Some(text.into());
        self
    }

    #[must_use]
    pub fn help(mut self, sentence: impl Into<String>) -> Self {
        self.help.push(Help { sentence: sentence.into(), copy: None });
        self
    }

    /// Advice with text to copy; `copy` is shown alone on its lines.
    #[must_use]
    pub fn help_copy(mut self, sentence: impl Into<String>, copy: impl Into<String>) -> Self {
        self.help.push(Help { sentence: sentence.into(), copy: Some(copy.into()) });
        self
    }

    #[must_use]
    pub fn at_step(mut self, step: impl Into<String>) -> Self {
        self.step = Some(step.into());
        self
    }

    pub fn severity(&self) -> Severity {
        self.code.severity()
    }
}

/// What a phase found, in the order in which it found it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Findings {
    found: Vec<Diagnostic>,
    /// Places that no voice may quote, because a secret may stand there.
    /// Shared, because every room passes the same places on.
    concealed: Arc<Vec<Span>>,
}

impl Findings {
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.found.push(diagnostic);
    }

    pub fn extend(&mut self, other: Findings) {
        self.found.extend(other.found);
        if !other.concealed.is_empty() {
            Arc::make_mut(&mut self.concealed).extend(other.concealed.iter());
        }
    }

    /// Marks a place that may hold a secret: excerpts of the spec mask it, whichever finding they belong to.
    pub fn conceal(&mut self, span: Span) {
        Arc::make_mut(&mut self.concealed).push(span);
    }

    /// The places that must not be quoted.
    pub fn concealed(&self) -> &[Span] {
        &self.concealed
    }

    pub fn has_errors(&self) -> bool {
        self.found.iter().any(|finding| finding.severity() == Severity::Error)
    }

    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    pub fn len(&self) -> usize {
        self.found.len()
    }

    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.found.iter()
    }

    /// Sorts by place in the spec, so that a reader walks the file once. The sort is stable.
    pub fn sort_by_place(&mut self) {
        self.found.sort_by_key(|finding| finding.label.span);
    }
}

impl From<Diagnostic> for Findings {
    fn from(diagnostic: Diagnostic) -> Self {
        Self { found: vec![diagnostic], concealed: Arc::default() }
    }
}

impl IntoIterator for Findings {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.found.into_iter()
    }
}
