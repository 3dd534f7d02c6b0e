//! What the other rooms have to say, fetched: diagnostics, the ledger, the verdict, schemas.
//!
//! The adapter between this room and the voices of the others, so that each command stays a page long.

use crate::diag::Findings;
use crate::diag::render::{self, Format};
use crate::ir::{Ledger, Plan};
use crate::pipeline::Refusal;
use crate::render::{Language, document};
use crate::source::SourceFile;
use crate::{spec, verify};

use super::arguments::{Lang, Subject};
use super::{Exit, Output, crash};

/// Prints findings about the spec on standard error.
pub fn findings(findings: &Findings, file: &SourceFile, output: &Output) {
    output.findings(vec![(file.clone(), findings.clone())]);
}

/// Prints why there is no plan. The ledger goes with it where a person reads: it shows at which step it breaks.
pub fn refusal(refusal: &Refusal, file: &SourceFile, output: &Output) -> Exit {
    match refusal {
        Refusal::Spec(found) => {
            findings(found, file, output);
            Exit::Spec
        }
        Refusal::Unsafe { findings: found, ledger } => {
            findings(found, file, output);
            if output.format() == Format::Human {
                output.notice(&format!("\n{}", verify::ledger_text(ledger)));
            }
            Exit::Unsafe
        }
        Refusal::Bug(what) => {
            output.notice(&crash::text(what, &output.command));
            Exit::Bug
        }
    }
}

/// The JSON Schema of what the subject names, as one document that ends with a line end.
pub fn schema(subject: Subject) -> String {
    let schema = match subject {
        Subject::Migration => spec::schema(),
        Subject::Plan => document::schema(),
        Subject::Diagnostic => render::json::schema(),
        Subject::Diff => crate::diff::schema(),
        #[cfg(feature = "rehearse")]
        Subject::Rehearsal => crate::rehearse::schema(),
    };
    format!("{schema:#}")
}

/// The languages in a fixed order, each once: the order in which they were typed changes no byte.
pub fn languages(typed: &[Lang]) -> Vec<Language> {
    [(Lang::En, Language::English), (Lang::Zh, Language::Chinese)]
        .into_iter()
        .filter(|(lang, _)| typed.contains(lang))
        .map(|(_, language)| language)
        .collect()
}

/// The verdict, in a line or two.
pub fn verdict(plan: &Plan, ledger: &Ledger) -> String {
    if plan.steps.is_empty() {
        return "nothing to do: source and target are the same".to_owned();
    }
    let survives = match ledger.survives_any_one_host {
        true => "before and after every step any one machine may fail",
        false => "at some steps there is a machine that must not fail",
    };
    let at = match ledger.lowest_at.split_first() {
        None => "before the first step".to_owned(),
        Some((first, [])) => format!("at {first}"),
        Some((first, rest)) => format!("at {first} and {}", counted(rest.len(), "more step")),
    };
    let accepted = counted(ledger.accepted.len(), "accepted risk");
    let steps = counted(plan.steps.len(), "step");
    format!("{steps}: {survives}\nlowest etcd tolerance: {} {at}; {accepted}", ledger.lowest_etcd_tolerance)
}

pub fn counted(count: usize, noun: &str) -> String {
    match count {
        1 => format!("1 {noun}"),
        _ => format!("{count} {noun}s"),
    }
}
