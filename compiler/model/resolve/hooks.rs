//! The team's own steps: each with its own id, at a place that can be a phase or a step.
//!
//! Does not know the phases and steps that there are; `plan` does. Commands are passed on as they stand.

use indexmap::IndexMap;

use super::context::{Context, Machines};
use crate::diag::{Code, Diagnostic};
use crate::model::{Expression, Hook, HookAnchor, HookCommand, HookId, HookMoment, HookPlace, MachineName, MachineState};
use crate::source::{Located, Place};
use crate::spec::v1alpha1 as spec;

pub(super) fn resolve(context: &mut Context<'_>, machines: &Machines) -> Vec<Hook> {
    let document = context.document;
    let mut hooks = Vec::new();
    let mut seen: IndexMap<&str, Place> = IndexMap::new();
    for (index, written) in document.migration.spec.hooks.iter().enumerate() {
        let pointer = format!("/spec/hooks/{index}");
        let id = context.place(&format!("{pointer}/id"));
        if let Some(first) = seen.get(written.id.0.as_str()) {
            let label = format!("expected an id of its own, found `{}` again", written.id.0);
            context.find(Diagnostic::at(Code::M501, &id, label).related(first.span, "the first one is here"));
        } else {
            seen.insert(&written.id.0, id);
        }
        hooks.extend(hook(context, &pointer, written, machines));
    }
    hooks
}

/// A machine that does not answer runs nothing.
fn refuse_failed(context: &mut Context<'_>, machine: &Located<MachineName>, machines: &Machines) {
    if machines.get(&machine.value).is_some_and(|declared| declared.state == MachineState::Failed) {
        let label = format!("expected a machine that answers, found `{}`, which has failed", machine.value);
        let state = context.place(&format!("/spec/machines/{}/state", machine.value));
        let diagnostic = Diagnostic::at(Code::M504, &machine.place, label).related(state.span, "it is declared here");
        context.find(diagnostic.help("let the workstation or another machine run the hook"));
    }
}

fn hook(context: &mut Context<'_>, pointer: &str, written: &spec::Hook, machines: &Machines) -> Option<Hook> {
    let id = context.parse(&format!("{pointer}/id"), &written.id.0, HookId::parse);
    let at = anchor(context, pointer, &written.at);
    let on = if written.on == "workstation" {
        Some(HookPlace::Workstation)
    } else {
        context.machine(&format!("{pointer}/on"), &written.on, machines).map(|machine| {
            refuse_failed(context, &machine, machines);
            HookPlace::Machine(machine.value)
        })
    };
    let title_en = context.line(&format!("{pointer}/title/en"), &written.title.en.0);
    let title_zh = context.line(&format!("{pointer}/title/zh"), &written.title.zh.0);
    let mut commands = |field: &str, commands: &[spec::Command]| -> Vec<HookCommand> {
        let at = |index: usize| format!("{pointer}/{field}/{index}");
        commands.iter().enumerate().map(|(index, written)| command(context, &at(index), written)).collect()
    };
    let preconditions = commands("preconditions", &written.preconditions);
    let run = commands("run", &written.run);
    let verify = commands("verify", &written.verify);
    let rollback = commands("rollback", &written.rollback);
    let (moment, anchor) = at?;
    Some(Hook { id: id?, moment, anchor, on: on?, title_en, title_zh, preconditions, run, verify, rollback, place: context.place(pointer) })
}

fn anchor(context: &mut Context<'_>, pointer: &str, written: &spec::HookAt) -> Option<(HookMoment, Located<HookAnchor>)> {
    let (moment, field, text) = match (&written.before, &written.after) {
        (Some(text), _) => (HookMoment::Before, "before", text),
        (None, Some(text)) => (HookMoment::After, "after", text),
        (None, None) => return None,
    };
    let place = context.place(&format!("{pointer}/at/{field}"));
    if !is_anchor(text) {
        let label = format!("expected a phase such as `grow-etcd` or a step such as `30-grow-etcd/phy-1`, found `{}`", text.escape_debug());
        context.find(Diagnostic::at(Code::M502, &place, label));
        return None;
    }
    Some((moment, Located::new(HookAnchor(text.clone()), place)))
}

/// Labels between single slashes and dots.
fn is_anchor(text: &str) -> bool {
    text.len() <= 256 && text.split(['/', '.']).all(|part| HookId::parse(part).is_ok())
}

/// What no grep could read would stop the plan when it is too late to mend it.
fn expression(context: &mut Context<'_>, pointer: &str, written: &str) -> Option<Expression> {
    let text = context.line(pointer, written);
    match Expression::parse(&text) {
        Ok(expression) => Some(expression),
        Err(fault) => {
            let label = format!("expected a regular expression as `grep -E` reads it, found {}", fault);
            let diagnostic = Diagnostic::at(Code::M505, &context.place(pointer), label)
                .why("the output is searched with it after the command has run: a step would stop there, with its work done.");
            context.find(diagnostic.help("write a backslash before a character that stands for itself, such as `\\(`"));
            None
        }
    }
}

/// Also for whoever else may give a command of the team's own.
pub(super) fn command(context: &mut Context<'_>, pointer: &str, written: &spec::Command) -> HookCommand {
    HookCommand {
        shell: context.script(&format!("{pointer}/shell"), &written.shell),
        expect: written.expect.as_ref().and_then(|expect| expression(context, &format!("{pointer}/expect"), expect)),
        timeout_seconds: written.timeout_seconds,
        retry_every_seconds: written.retry_every_seconds,
    }
}
