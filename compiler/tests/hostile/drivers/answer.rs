//! The answer to a spec, whatever it is: compiled as `replank check` does, and told in every voice.
//!
//! Judges the answer: no bug, no character that a terminal acts on, documents that are documents, a plan that is whole.

use std::collections::BTreeMap;

use replank::diag::Findings;
use replank::diag::render::{Format, Report, Style};
use replank::diff::{Files, Side};
use replank::pipeline::{self, Compiled, Refusal};
use replank::render::{Language, Tree, digest};
use replank::source::SourceFile;
use replank::verify;
use serde_json::Value;

/// Both, as `check` does.
pub const LANGUAGES: &[Language] = &[Language::English, Language::Chinese];

/// Compiles a text and tells the findings; none where there is no plan.
pub fn to(file: &SourceFile) -> Option<Compiled> {
    match pipeline::compile(file, LANGUAGES) {
        Ok(compiled) => {
            tell(file, &compiled.warnings);
            Some(compiled)
        }
        Err(Refusal::Spec(findings)) => {
            tell(file, &findings);
            None
        }
        Err(Refusal::Unsafe { findings, ledger }) => {
            tell(file, &findings);
            verify::ledger_text(&ledger);
            None
        }
        Err(Refusal::Bug(what)) => panic!("replank would stop with exit code 70: {what}"),
    }
}

fn tell(file: &SourceFile, findings: &Findings) {
    let report = Report { page: |_| Some("# A page\n"), ..Report::of(vec![(file, findings)]) };
    for format in [Format::Human, Format::Short, Format::Github] {
        let text = report.render(format, Style::Plain);
        let harmful = text.chars().find(|character| character.is_control() && *character != '\n');
        assert_eq!(harmful, None, "a terminal would act on it: {text:?}");
    }
    report.render(Format::Human, Style::Colour);
    for format in [Format::Json, Format::Sarif] {
        serde_json::from_str::<Value>(&report.render(format, Style::Plain)).expect("diagnostics for programs are one document");
    }
}

/// What is true of every plan: its list of digests is right, no path leads out of it, and `diff` can read it.
pub fn is_whole(tree: &Tree) {
    let sums = digest::read_sums(&tree.files[digest::SUMS]).expect("replank reads the list that it wrote");
    let contents = || tree.files.iter().filter(|(path, _)| *path != digest::SUMS);
    for (path, content) in contents() {
        assert!(digest::is_inside(path), "{path}");
        assert_eq!(sums.digests.get(path), Some(&[digest::sha256(content.as_bytes())].into()), "{path}");
    }
    assert_eq!(sums.digests.len(), contents().count(), "the list names a file that is not there");
    let files = contents().map(|(path, content)| (path.clone(), content.clone().into_bytes())).collect();
    let side = Side::read("plan", Files::of(files), BTreeMap::new());
    assert!(side.is_ok(), "a plan that `diff` refuses: {:?}", side.err());
}
