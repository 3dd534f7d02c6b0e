//! What is refused says how to go on, and what it says helps.

use replank::diag::render::{Format, Style, render};
use replank::diag::{Code, Findings};
use replank::pipeline::{Refusal, compile};
use replank::render::Language;
use serde_json::{Value, json};

use super::file;
use super::spec::Spec;
use super::topologies::stacked;
use crate::judge::show::keep;

fn refused(spec: &Spec) -> Refusal {
    compile(&file(&spec.text()), &[Language::English]).expect_err("a refusal")
}

fn shown(name: &str, spec: &Spec, findings: &Findings) {
    keep("refusals", name, &render(findings, &file(&spec.text()), Format::Human, Style::Plain));
}

fn is_unsafe(name: &str, spec: &Spec) -> Findings {
    match refused(spec) {
        Refusal::Unsafe { findings, .. } => {
            shown(name, spec, &findings);
            findings
        }
        other => panic!("expected an unsafe plan, found {other:?}"),
    }
}

/// The entries of `accept` that the help of all findings suggests.
fn suggested(findings: &Findings) -> Vec<Value> {
    let copies = findings.iter().flat_map(|finding| &finding.help).filter_map(|help| help.copy.as_deref());
    let entries = copies.flat_map(str::lines).filter_map(|line| line.strip_prefix("- {risk: "));
    entries
        .map(|entry| {
            let (risk, rest) = entry.split_once(", at: ").unwrap();
            json!({"risk": risk, "at": rest.split_once(", reason").unwrap().0, "reason": "agreed with the owner"})
        })
        .collect()
}

/// The spec with only those entries of `accept` that are of use.
pub fn useful(mut spec: Spec) -> Spec {
    spec.accept.clear();
    if let Err(Refusal::Unsafe { findings, .. }) = compile(&file(&spec.text()), &[Language::English]) {
        spec.accept = suggested(&findings);
    }
    spec
}

#[test]
fn from_three_to_one_compiles_as_soon_as_the_suggested_risks_are_accepted() {
    let mut spec = Spec::between(stacked("a b c"), stacked("a"));
    let findings = is_unsafe("three-to-one", &spec);
    spec.accept = suggested(&findings);
    assert!(compile(&file(&spec.text()), &[Language::English]).is_ok());
}

#[test]
fn removing_first_compiles_with_each_of_the_changes_that_the_help_names() {
    let mut spec = Spec::between(stacked("a b c"), stacked("b c d"));
    spec.order = "removeThenAdd";
    let findings = is_unsafe("remove-then-add", &spec);
    let compiles = |spec: &Spec| compile(&file(&spec.text()), &[Language::English]).is_ok();
    assert!(compiles(&Spec { accept: suggested(&findings), ..spec.clone() }), "the risk accepted");
    assert!(compiles(&Spec { order: "addThenRemove", ..spec.clone() }), "the other order");
    assert!(compiles(&Spec { tolerance: 0, ..spec }), "less asked for");
}

#[test]
fn three_members_that_shall_bear_two_failures_keep_what_they_have() {
    let mut spec = Spec::between(stacked("a b c"), stacked("b c d"));
    spec.tolerance = 2;
    assert!(compile(&file(&spec.text()), &[Language::English]).is_ok());
}

#[test]
fn a_wrong_entry_of_accept_is_a_slip_in_the_spec_and_not_an_unsafe_plan() {
    for (name, risk, code) in [("accepts-nothing", "etcd-no-tolerance", Code::V504), ("unknown-risk", "etcd-tolerance", Code::V505)] {
        let mut spec = Spec::between(stacked("a b c"), stacked("b c d"));
        spec.accept = vec![json!({"risk": risk, "at": "30-grow-etcd/d", "reason": "agreed"})];
        let Refusal::Spec(findings) = refused(&spec) else { panic!("expected exit code 3") };
        assert!(findings.iter().any(|finding| finding.code == code));
        shown(name, &spec, &findings);
    }
}
