//! What every part of the resolving shares: the document, the findings, and the parsing of one word at its place.
//!
//! Does not know any part.

use crate::diag::render::is_hidden;
use crate::diag::{Code, Diagnostic, Findings, Severity, suggest};
use crate::model::{Machine, MachineName, NameError};
use crate::source::{Located, Place};
use crate::spec::Document;

use indexmap::IndexMap;

pub(super) type Machines = IndexMap<MachineName, Machine>;

/// How many names of machines are looked at for suggestions, in one spec: each suggestion looks at every machine. Ten thousand slips in one
/// file have one cause, and need no suggestion each.
const MOST_LOOKED_AT: usize = 20_000;

/// More findings than these in one spec have one cause. A list of a megabyte holds half a million machines that nobody declared, and what is
/// said of them would fill a disk.
const MOST_FOUND: usize = 20_000;

pub(super) struct Context<'a> {
    pub document: &'a Document,
    findings: Findings,
    has_errors: bool,
    looked_at: usize,
}

impl<'a> Context<'a> {
    pub(super) fn new(document: &'a Document) -> Self {
        Self { document, findings: document.concealed(), has_errors: false, looked_at: 0 }
    }

    pub(super) fn into_findings(self) -> Findings {
        self.findings
    }

    pub(super) fn find(&mut self, diagnostic: Diagnostic) {
        let is_first_error = diagnostic.severity() == Severity::Error && !self.has_errors;
        // However many warnings came before it, no error is overheard.
        if self.findings.len() < MOST_FOUND || is_first_error {
            self.has_errors |= is_first_error;
            self.findings.push(diagnostic);
        }
    }

    pub(super) fn place(&self, pointer: &str) -> Place {
        self.document.place(pointer)
    }

    pub(super) fn key(&self, pointer: &str) -> Place {
        self.document.key_place(pointer)
    }

    /// A word as its type. The schema has seen its form already, except what a pattern cannot say.
    pub(super) fn parse<T>(&mut self, pointer: &str, text: &str, parse: impl Fn(&str) -> Result<T, NameError>) -> Option<T> {
        match parse(text) {
            Ok(value) => Some(value),
            Err(NameError(expected)) => {
                let label = format!("{expected}, found `{text}`");
                self.find(Diagnostic::at(Code::M107, &self.place(pointer), label));
                None
            }
        }
    }

    /// A declared machine, or a finding with the nearest name.
    pub(super) fn machine(&mut self, pointer: &str, name: &str, machines: &Machines) -> Option<Located<MachineName>> {
        let place = self.place(pointer);
        self.machine_at(place, name, machines)
    }

    /// The same for a name that stands at a place of its own, such as a key.
    pub(super) fn machine_at(&mut self, place: Place, name: &str, machines: &Machines) -> Option<Located<MachineName>> {
        if let Ok(parsed) = MachineName::parse(name)
            && machines.contains_key(&parsed)
        {
            return Some(Located::new(parsed, place));
        }
        let diagnostic =
            Diagnostic::at(Code::M101, &place, format!("expected a machine of `spec.machines`, found `{}`", name.escape_debug()));
        let names = machines.keys().map(MachineName::as_str);
        let near = if self.looked_at > MOST_LOOKED_AT { None } else { suggest::nearest(name, names) };
        self.looked_at += machines.len();
        self.find(match near {
            Some(near) => diagnostic.help_copy("did you mean", near),
            None => diagnostic.help("declare it under `spec.machines`"),
        });
        None
    }

    /// Free text of one line.
    pub(super) fn line(&mut self, pointer: &str, text: &str) -> String {
        self.free_text(pointer, text, |_| false)
    }

    /// A script: line ends and tabs belong to it.
    pub(super) fn script(&mut self, pointer: &str, text: &str) -> String {
        self.free_text(pointer, text, |character| matches!(character, '\n' | '\t'))
    }

    fn free_text(&mut self, pointer: &str, text: &str, allowed: impl Fn(char) -> bool) -> String {
        if let Some(bad) = text.chars().find(|character| is_hidden(*character) && !allowed(*character)) {
            let label = format!("expected text that reads as it is, found the hidden character U+{:04X}", u32::from(bad));
            self.find(
                Diagnostic::at(Code::M503, &self.place(pointer), label)
                    .help("write the text on one line, without controls and characters that nobody sees"),
            );
        }
        text.to_owned()
    }
}

/// One part of a JSON pointer.
pub(super) fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{SourceFile, Span};

    #[test]
    fn no_error_is_overheard_however_many_warnings_came_before_it() {
        let least = SourceFile::new("least.yaml", include_str!("../../tests/front/least.yaml"));
        let document = crate::spec::read(&least).unwrap();
        let mut context = Context::new(&document);
        let mut say = |code, times| (0..times).for_each(|_| context.find(Diagnostic::new(code, Span::new(0, 0), "")));
        say(Code::M301, MOST_FOUND + 1);
        say(Code::M101, 2);
        let findings = context.into_findings();
        assert_eq!((findings.len(), findings.has_errors()), (MOST_FOUND + 1, true));
    }
}
