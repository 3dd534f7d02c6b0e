//! Risks that a spec may take on purpose, and what became of each acceptance.
//!
//! Responsible for: the names of the risks, moving accepted findings into the ledger, and folding what is found at many steps
//! into one finding at the first. Does not know why anything was found.

use std::collections::BTreeSet;

use indexmap::IndexMap;

use crate::diag::suggest::nearest;
use crate::diag::{Code, Diagnostic, Findings};
use crate::ir::{AcceptedRisk, Plan, StepId};
use crate::model::{Acceptance, AcceptanceScope, Migration};
use crate::verify::scene::{Raw, Report};

/// Every risk that can be accepted, with the code that it stands for.
pub const RISKS: &[(&str, Code)] = &[
    ("api-outage", Code::V102),
    ("api-no-redundancy", Code::V103),
    ("etcd-no-tolerance", Code::V202),
    ("etcd-restart", Code::V211),
    ("virtual-ip-no-candidate", Code::V302),
    ("no-room-for-pods", Code::V402),
    ("application-outage", Code::V407),
    ("data-loss", Code::V408),
    ("application-no-redundancy", Code::V410),
];

/// The name under which a finding can be accepted; `None` where it never can.
pub fn risk_name(code: Code) -> Option<&'static str> {
    RISKS.iter().find(|(_, risk)| *risk == code).map(|(name, _)| *name)
}

/// The entry of `accept` that would accept a finding at a step, or at each step of a phase.
fn entry(risk: &str, scope: &str) -> String {
    format!("- {{risk: {risk}, at: {scope}, reason: \"...\"}}")
}

/// Sorts what was found into what the spec accepts and what stands.
pub fn settle(migration: &Migration, plan: &Plan, report: Report) -> (Vec<AcceptedRisk>, Findings) {
    let mut accepted: Vec<AcceptedRisk> = Vec::new();
    let mut used = BTreeSet::new();
    let mut standing = Vec::new();
    for raw in report.into_raw() {
        let step = raw.at.and_then(|index| plan.steps.get(index)).map(|step| &step.id);
        match step.and_then(|step| accept(migration, &raw, step, &mut used)) {
            Some(entry) => merge(&mut accepted, entry),
            None => standing.push(raw),
        }
    }
    let mut findings = fold(standing, plan);
    findings.extend(idle(migration, &used));
    (accepted, findings)
}

/// The first acceptance that covers the finding is quoted; each that covers it has been of use.
fn accept(migration: &Migration, raw: &Raw, step: &StepId, used: &mut BTreeSet<usize>) -> Option<AcceptedRisk> {
    let risk = risk_name(raw.diagnostic.code)?;
    let covers = |(_, acceptance): &(usize, &Acceptance)| acceptance.risk.value == risk && acceptance.at.covers(step.as_str());
    let covering: Vec<_> = migration.acceptances.iter().enumerate().filter(covers).collect();
    used.extend(covering.iter().map(|(index, _)| *index));
    let (index, first) = covering.first()?;
    Some(AcceptedRisk {
        step: step.clone(),
        risk: risk.to_owned(),
        finding: raw.diagnostic.label.text.clone(),
        reason: first.reason.clone(),
        acceptance: *index,
    })
}

/// One entry a step and risk, whatever number of addresses it concerns.
fn merge(accepted: &mut Vec<AcceptedRisk>, entry: AcceptedRisk) {
    let same = |other: &&mut AcceptedRisk| other.risk == entry.risk;
    match accepted.iter_mut().rev().take_while(|other| other.step == entry.step).find(same) {
        Some(other) => other.finding = format!("{}; {}", other.finding, entry.finding),
        None => accepted.push(entry),
    }
}

/// The first finding, the lowest rank of all, and every step.
type Folded<'a> = ((Diagnostic, i64), Vec<&'a StepId>);

/// The same code for the same cause is one finding, at its first step.
fn fold(standing: Vec<Raw>, plan: &Plan) -> Findings {
    let mut folded: IndexMap<(&str, String), Folded<'_>> = IndexMap::new();
    for raw in standing {
        let step = raw.at.and_then(|index| plan.steps.get(index)).map(|step| &step.id);
        let key = (raw.diagnostic.code.name(), raw.cause);
        match folded.get_mut(&key) {
            Some((first, further)) => {
                // Advice must help at the worst of the steps, and where it came first.
                if raw.rank < first.1 {
                    first.0.help.clone_from(&raw.diagnostic.help);
                    first.1 = raw.rank;
                }
                further.extend(step);
            }
            None => {
                let at: Vec<_> = step.into_iter().collect();
                folded.insert(key, ((raw.diagnostic, raw.rank), at));
            }
        }
    }
    let mut findings = Findings::default();
    for (_, ((mut diagnostic, _), steps)) in folded {
        if let Some(risk) = risk_name(diagnostic.code) {
            let entries: Vec<_> = scopes(&steps, plan).into_iter().map(|scope| entry(risk, scope)).collect();
            diagnostic = diagnostic.help_copy("Or accept the risk where it is taken, under `accept`", entries.join("\n"));
        }
        if let Some(also) = steps.get(1..).and_then(also) {
            diagnostic.why = Some(diagnostic.why.map_or(also.clone(), |why| format!("{why} {also}")));
        }
        findings.push(diagnostic);
    }
    findings
}

/// The shortest list of scopes that covers these steps and no other: a phase, or a folder of steps inside it, where every step of it
/// is among them.
fn scopes<'a>(steps: &[&'a StepId], plan: &'a Plan) -> Vec<&'a str> {
    let mut scopes: Vec<&str> = Vec::new();
    for step in steps {
        if scopes.iter().any(|scope| AcceptanceScope((*scope).to_owned()).covers(step.as_str())) {
            continue;
        }
        let folders = step.as_str().match_indices('/').filter_map(|(end, _)| step.as_str().get(..end));
        scopes.push(folders.into_iter().find(|folder| is_covered(folder, steps, plan)).unwrap_or(step.as_str()));
    }
    scopes
}

/// Whether several steps lie in the folder, and each of them is among these.
fn is_covered(folder: &str, steps: &[&StepId], plan: &Plan) -> bool {
    let scope = AcceptanceScope(folder.to_owned());
    let among = steps.iter().filter(|step| scope.covers(step.as_str())).count();
    among > 1 && among == plan.steps.iter().filter(|step| scope.covers(step.id.as_str())).count()
}

fn also(further: &[&StepId]) -> Option<String> {
    const SHOWN: usize = 4;
    let shown: Vec<_> = further.iter().take(SHOWN).map(|step| step.as_str()).collect();
    let rest = further.len() - shown.len();
    let more = if rest > 0 { format!(" and {rest} more") } else { String::new() };
    (!shown.is_empty()).then(|| format!("It is also so at {}{more}.", shown.join(", ")))
}

/// Acceptances that accept nothing: a reviewer would read a risk that the plan does not take.
fn idle(migration: &Migration, used: &BTreeSet<usize>) -> Findings {
    let mut findings = Findings::default();
    for (index, acceptance) in migration.acceptances.iter().enumerate() {
        let risk = acceptance.risk.value.as_str();
        let known: Vec<_> = RISKS.iter().map(|(name, _)| *name).collect();
        if !known.contains(&risk) {
            let finding =
                Diagnostic::new(Code::V505, acceptance.risk.place.span, format!("expected one of {}; found `{risk}`", known.join(", ")));
            findings.push(match nearest(risk, known.iter().copied()) {
                Some(name) => finding.help_copy("Did you mean", name),
                None => finding,
            });
        } else if !used.contains(&index) {
            let text = format!("expected a step at or below `{}` that takes the risk `{risk}`; found none", acceptance.at.0);
            findings.push(
                Diagnostic::new(Code::V504, acceptance.place.span, text)
                    .help("Remove the entry, or correct `at` to the step that takes the risk."),
            );
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_errors_can_be_accepted_and_each_has_one_name() {
        let names: BTreeSet<_> = RISKS.iter().map(|(name, _)| name).collect();
        assert_eq!(names.len(), RISKS.len());
        assert!(RISKS.iter().all(|(_, code)| code.severity() == crate::diag::Severity::Error));
        assert_eq!(risk_name(Code::V201), None);
    }
}
