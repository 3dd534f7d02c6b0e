//! A machine is cleaned up when it has no role left: not before, and not never.
//!
//! Old etcd data with an enabled unit comes up again at the next boot, as an empty cluster with the identity of the real one.

use crate::diag::{Code, Diagnostic};
use crate::ir::Action;
use crate::verify::scene::{Report, Scene, Whole, listed};

pub fn check(scene: &Scene<'_>, report: &mut Report) {
    let Action::CleanUp { machine } = &scene.step.action else { return };
    if let Some(role) = scene.state.role_of(machine) {
        let text = format!("expected {machine} to play no role any more; it is {role}");
        report.at(scene, machine.as_str(), scene.finding(Code::V403, text).why("Cleaning up has no way back."));
    }
}

pub fn check_the_end(whole: &Whole<'_>, report: &mut Report) {
    let source = &whole.migration.source;
    let left = |name| whole.end.role_of(name).is_none() && !whole.end.records.cleaned.contains(name);
    let mut forgotten: Vec<_> =
        source.nodes().chain(&source.etcd).chain(whole.migration.temporary.roles()).filter(|role| left(&role.value)).collect();
    forgotten.sort_by(|one, other| one.value.cmp(&other.value));
    forgotten.dedup_by(|one, other| one.value == other.value);
    if let Some(first) = forgotten.first() {
        let names = listed(forgotten.iter().map(|role| &role.value));
        let text = format!("expected each machine without a role to be cleaned up; left as they were: {names}");
        let why = "What stays enabled comes up at the next boot: old etcd members form an empty cluster with the identity of the real one.";
        report.whole("forgotten", Diagnostic::new(Code::V403, first.place.span, text).why(why));
    }
}
