//! Findings as text for snapshots, and the assertion that a mistake is found under exactly one code.

use std::collections::BTreeSet;

use replank::diag::{Code, Diagnostic, Findings, Severity};
use replank::ir::{Ledger, Plan};
use replank::source::SourceFile;
use replank::verify::judge;

use super::builder::{Draft, Story, plan};

/// One finding as text; the one place that knows how findings are shown.
fn shown(finding: &Diagnostic, file: &SourceFile) -> String {
    let severity = match finding.severity() {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let mut lines = vec![format!("{severity}[{}]: {}", finding.code.name(), finding.code.headline())];
    let labels = std::iter::once(&finding.label).chain(&finding.related);
    for label in labels {
        let line = file.position(label.span).line;
        let quoted = file.text().lines().nth(line - 1).unwrap_or_default();
        lines.push(format!("  {quoted}"));
        lines.push(format!("    ^ {}", label.text));
    }
    lines.extend(finding.step.iter().map(|step| format!("  step: {step}")));
    lines.extend(finding.why.iter().map(|why| format!("  why: {why}")));
    for help in &finding.help {
        lines.push(format!("  help: {}", help.sentence));
        lines.extend(help.copy.iter().map(|copy| format!("    {copy}")));
    }
    lines.join("\n")
}

pub fn text(findings: &Findings, story: &Story) -> String {
    let file = SourceFile::new("story.yaml", story.text.clone());
    findings.iter().map(|finding| shown(finding, &file)).collect::<Vec<_>>().join("\n\n")
}

pub fn codes(findings: &Findings) -> BTreeSet<Code> {
    findings.iter().map(|finding| finding.code).collect()
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
