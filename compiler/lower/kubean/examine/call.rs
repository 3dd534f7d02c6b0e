//! One call of a playbook: known to the operator, kept to the machines that it is meant for, and read by the shell as it was written.

use super::{Report, Subject};
use crate::diag::{Code, Diagnostic};
use crate::lower::kubean::api::Call;
use crate::lower::kubean::arguments::{Arguments, matching};
use crate::lower::kubean::operation::{Operation, Origin, Part};
use crate::lower::kubean::playbook::{self, Playbook, RESET, Scope};
use crate::model::HookScope;

pub fn look_at(subject: &Subject<'_>, part: &Part, report: &mut Report) {
    if part.call.action == RESET {
        let text = format!("expected a playbook that leaves the cluster running, found `{RESET}`");
        let why = "the operator confirms its question by itself: every machine would be wiped.";
        report.push(subject.finding(Code::L108, &part.origin, text).why(why));
        return;
    }
    let Some(known) = known(subject, part, report) else { return };
    scope(subject, part, &known, report);
    inventory(subject, part, report);
    text_is_safe(subject, part, report);
}

fn known(subject: &Subject<'_>, part: &Part, report: &mut Report) -> Option<Playbook> {
    let (name, operator) = (part.call.action.as_str(), subject.kubean.operator.value);
    let known = match part.call.action_source {
        Some(_) => playbook::own(name),
        None => playbook::known(name, operator),
    };
    if known.is_none() {
        let text = format!("expected a playbook that kubean {operator} knows, found `{name}`");
        let why = "the operator ends an operation as failed at a playbook that it does not know.";
        report.push(subject.finding(Code::L106, &part.origin, text).why(why));
    }
    known
}

/// Hooks are runs of their own: what the operation's own playbook is told holds for none of them.
fn scope(subject: &Subject<'_>, part: &Part, known: &Playbook, report: &mut Report) {
    let arguments = Arguments::read(part.call.arguments());
    let expected = match known.scope {
        Scope::Free => None,
        Scope::Limited => arguments.limit.is_none().then_some("--limit=<machine>"),
        Scope::Node => arguments.variable("node").is_none().then_some("-e node=<machine>"),
    };
    let name = &part.call.action;
    let why = "each hook is a run of its own: it takes no limit and no variable over from the operation, and goes to every machine.";
    let finding = match (&part.origin, expected) {
        (Origin::Team { place, scope: None }, _) => {
            let text = format!("expected the machines for which `{name}` is meant, found none");
            let finding = Diagnostic::at(Code::L101, place, text).why(why);
            finding.help_copy("say whether it is meant for the machine of the operation, or for all", "scope: machine")
        }
        (Origin::Team { scope: Some(HookScope::All), .. }, _) | (_, None) => return,
        (origin, Some(option)) => {
            let found = if part.call.arguments().is_empty() { "no arguments".to_owned() } else { format!("`{}`", part.call.arguments()) };
            subject.finding(Code::L101, origin, format!("expected `{option}` for `{name}`, found {found}")).why(why)
        }
    };
    report.push(finding);
}

/// ansible passes over a name that it does not know: the operation would succeed and have done nothing.
fn inventory(subject: &Subject<'_>, part: &Part, report: &mut Report) {
    let arguments = Arguments::read(part.call.arguments());
    let patterns = arguments.limit.clone().unwrap_or_default().into_iter().chain(arguments.node().unwrap_or_default());
    for pattern in patterns {
        let name = pattern.trim_start_matches('!');
        if matching(name, subject.kubean, &subject.operation.inventory).is_none() {
            let text = format!("expected a machine or a group of the inventory, found `{name}` in the arguments of `{}`", part.call.action);
            let why = "a run for a machine that is not listed does nothing, and ends well.";
            report.push(subject.finding(Code::L109, &part.origin, text).why(why));
        }
    }
}

/// The machines that a removal means, one by one.
pub fn meant(subject: &Subject<'_>, call: &Call) -> Vec<String> {
    let named = Arguments::read(call.arguments()).node().unwrap_or_default();
    let of = |name: &String| match matching(name, subject.kubean, &subject.operation.inventory) {
        Some(machines) => machines.into_iter().map(ToString::to_string).collect(),
        None => vec![name.clone()],
    };
    named.iter().flat_map(of).collect()
}

/// The operator writes the arguments into a shell script as they are, and the script stops at a variable that is not set.
fn text_is_safe(subject: &Subject<'_>, part: &Part, report: &mut Report) {
    let Some(found) = broken(part.call.arguments()) else { return };
    let text = format!("expected arguments of one line that the shell passes on, found {found} in those of `{}`", part.call.action);
    let why = "the operator copies the arguments into a shell script: a new line is a new command there, and `$name` is expanded.";
    report.push(subject.finding(Code::L105, &part.origin, text).why(why));
}

fn broken(arguments: &str) -> Option<&'static str> {
    let mut quote = None;
    let mut characters = arguments.chars();
    while let Some(character) = characters.next() {
        match (character, quote) {
            ('\n' | '\r', _) => return Some("a line break"),
            ('\\', None | Some('"')) => {
                characters.next();
            }
            ('$' | '`', None | Some('"')) => return Some("a `$` or a backtick that is not escaped"),
            (';' | '&' | '|' | '<' | '>' | '(' | ')' | '#', None) => return Some("a character that means something to the shell"),
            (character, Some(open)) if character == open => quote = None,
            ('"' | '\'', None) => quote = Some(character),
            _ => {}
        }
    }
    quote.map(|_| "a quote that is not closed")
}

/// Whether some call of an operation goes on where kubespray's own checks would stop it.
pub fn ignores_checks(operation: &Operation) -> bool {
    operation.parts.iter().any(|part| Arguments::read(part.call.arguments()).variable("ignore_assert_errors").is_some())
}

#[cfg(test)]
mod tests {
    use super::broken;

    #[test]
    fn arguments_that_the_shell_changes_are_seen() {
        for good in ["", "--limit=etcd,kube_control_plane -e a=b", r#"-e "{a: ['\$b']}""#, "-e '{a: $b; c}'", "--limit='all:!m-1'"] {
            assert_eq!(broken(good), None, "{good}");
        }
        for bad in ["a\nb", "-e \"$b\"", "-e $b", "-e \"`b`\"", "a; b", "a #b", "-e \"a", "-e 'a"] {
            assert!(broken(bad).is_some(), "{bad}");
        }
    }
}
