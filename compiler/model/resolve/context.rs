//! What every part of the resolving shares: the document, the findings, and the parsing of one word at its place.
//!
//! Does not know any part.

use crate::diag::{Code, Diagnostic, Findings, suggest};
use crate::model::{Machine, MachineName, NameError};
use crate::source::{Located, Place};
use crate::spec::Document;

use indexmap::IndexMap;

pub(super) type Machines = IndexMap<MachineName, Machine>;

/// A suggestion looks at every machine; ten thousand slips in one file have one cause and need no suggestion each.
const MOST_SUGGESTIONS: usize = 20;

pub(super) struct Context<'a> {
    pub document: &'a Document,
    findings: Findings,
    suggestions: usize,
}

impl<'a> Context<'a> {
    pub(super) fn new(document: &'a Document) -> Self {
        Self { document, findings: document.concealed(), suggestions: 0 }
    }

    pub(super) fn into_findings(self) -> Findings {
        self.findings
    }

    pub(super) fn find(&mut self, diagnostic: Diagnostic) {
        self.findings.push(diagnostic);
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
        self.suggestions += 1;
        let near =
            if self.suggestions > MOST_SUGGESTIONS { None } else { suggest::nearest(name, machines.keys().map(MachineName::as_str)) };
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
        if let Some(bad) = text.chars().find(|character| is_control(*character) && !allowed(*character)) {
            let label = format!("expected plain text, found the control character U+{:04X}", u32::from(bad));
            self.find(
                Diagnostic::at(Code::M503, &self.place(pointer), label).help("write the text on one line, without control characters"),
            );
        }
        text.to_owned()
    }
}

/// Controls, and the marks that reverse the direction of what is shown (a text must read as it is).
pub(super) fn is_control(character: char) -> bool {
    character.is_control() || matches!(character, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// One part of a JSON pointer.
pub(super) fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}
