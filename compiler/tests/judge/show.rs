//! Findings as text for snapshots, and the assertion that a mistake is found under exactly one code.

use std::collections::BTreeSet;

use replank::diag::render::{Format, Style, render};
use replank::diag::{Code, Findings};
use replank::ir::{Ledger, Plan};
use replank::source::SourceFile;
use replank::verify::judge;

use super::builder::{Draft, Story, plan};

/// Findings as a person reads them.
pub fn text(findings: &Findings, story: &Story) -> String {
    render(findings, &SourceFile::new("story.yaml", story.text.clone()), Format::Human, Style::Plain)
}

pub fn codes(findings: &Findings) -> BTreeSet<Code> {
    findings.iter().map(|finding| finding.code).collect()
}

/// Whichever step is left out, somebody misses it.
pub fn each_is_missed(story: &Story, drafts: impl Fn() -> Vec<Draft>) {
    for left_out in 0..drafts().len() {
        let mut drafts = drafts();
        let draft = drafts.remove(left_out);
        let (_, findings) = judge(&story.migration, &plan(&story.migration, &drafts));
        assert!(findings.has_errors(), "nobody missed {}", draft.id());
    }
}

/// The plan of the drafts is found wrong under this code and no other; what is said is kept as a snapshot.
pub fn exactly(code: Code, story: &Story, drafts: &[Draft]) -> Ledger {
    exactly_in(code, story, &plan(&story.migration, drafts))
}

pub fn exactly_in(code: Code, story: &Story, plan: &Plan) -> Ledger {
    let (ledger, findings) = judge(&story.migration, plan);
    let text = text(&findings, story);
    assert_eq!(codes(&findings), BTreeSet::from([code]), "{text}");
    keep("diagnostics", &format!("{}-{}", code.name(), code.slug()), &text);
    ledger
}

/// The same for a code whose picture is taken elsewhere.
pub fn only(code: Code, story: &Story, drafts: &[Draft]) {
    let (_, findings) = judge(&story.migration, &plan(&story.migration, drafts));
    assert_eq!(codes(&findings), BTreeSet::from([code]), "{}", text(&findings, story));
}

pub fn clean(story: &Story, drafts: &[Draft]) -> Ledger {
    let (ledger, findings) = judge(&story.migration, &plan(&story.migration, drafts));
    assert!(findings.is_empty(), "{}", text(&findings, story));
    ledger
}

/// Compares with the snapshot of this name in a folder of `snapshots/`.
pub fn keep(folder: &str, name: &str, text: &str) {
    let path = format!("../../../snapshots/{folder}");
    insta::with_settings!({ snapshot_path => path, prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, text);
    });
}
