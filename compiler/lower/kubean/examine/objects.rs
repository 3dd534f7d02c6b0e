//! Names of objects, and the ConfigMaps in which an operation finds its own playbooks.

use std::collections::BTreeSet;

use super::{Report, Subject, counted};
use crate::diag::{Code, Diagnostic};
use crate::ir::Step;
use crate::lower::kubean::name::{LONGEST, LONGEST_OF_OPERATOR, attempted};
use crate::lower::kubean::operation::{Operation, Origin};
use crate::lower::kubean::playbook;
use crate::model::Label;

/// Volumes that the operator's job has already; a ConfigMap becomes one under its own name.
const TAKEN: &[&str] = &["entrypoint", "hosts-conf", "vars-conf", "ssh-auth"];

pub fn look_at(subject: &Subject<'_>, report: &mut Report) {
    for problem in problems(subject) {
        let why = "the operator derives jobs, volumes and mounts from these names; at one that cannot be, an operation waits for ever.";
        report.push(subject.finding(Code::L107, &Origin::Plan, problem).why(why));
    }
}

fn problems(subject: &Subject<'_>) -> Vec<String> {
    let operation = subject.operation;
    let mut problems = Vec::new();
    let name = &operation.name;
    if name.len() > LONGEST || Label::parse(name).is_err() {
        let longest = format!("{LONGEST} characters, and {LONGEST_OF_OPERATOR} with the number of an attempt");
        problems.push(format!("expected an operation's name of at most {longest}, found `{name}`"));
    }
    for own in &operation.own {
        if Label::parse(&own.config_map).is_err() || TAKEN.contains(&own.config_map.as_str()) {
            problems.push(format!("expected a ConfigMap whose name can be a volume's, found `{}`", own.config_map));
        }
        if playbook::is_of_an_operator(own.playbook) {
            problems.push(format!("expected a playbook with a name of its own, found `{}`, which is the operator's", own.playbook));
        }
    }
    let calls = || operation.parts.iter().map(|part| &part.call).filter(|call| call.action_source.is_some());
    for (action, times) in counted(calls().map(|call| call.action.as_str())) {
        if times > 1 {
            problems.push(format!("expected `{action}` to be mounted once, found {times} hooks that bring it"));
        }
    }
    for call in calls() {
        let holds = |map: &str| operation.own.iter().any(|own| own.config_map == map && own.playbook == call.action);
        let reference = call.action_source_ref.as_ref().filter(|reference| reference.namespace == subject.kubean.namespace.as_str());
        if !reference.is_some_and(|reference| holds(&reference.name)) {
            problems.push(format!("expected a ConfigMap of this operation that holds `{}`, found none", call.action));
        }
    }
    problems
}

/// Who asks for an operation that has ended under the same name is told that it is done.
pub fn names_are_apart(composed: &[(&Step, Operation)], report: &mut Report) {
    let names = counted(composed.iter().map(|(_, operation)| operation.name.as_str()));
    let mut seen = BTreeSet::new();
    for (step, operation) in composed {
        let name = operation.name.as_str();
        let is_attempt = attempted(name).is_some_and(|other| names.contains_key(other));
        if !seen.insert(name) || is_attempt {
            let text = format!("expected a name that no other operation and no second attempt of one has, found `{name}`");
            let why = "a finished operation is never run again: this one would count as done at once.";
            report.push(Diagnostic::at(Code::L107, &step.because, text).why(why).at_step(step.id.as_str()));
        }
    }
}
