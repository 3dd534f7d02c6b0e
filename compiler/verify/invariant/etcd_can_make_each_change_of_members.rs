//! etcd accepts each change of its members.
//!
//! Within a plan no member stays a learner or unstarted when its step is done, so that changes never overlap; what is left to
//! ask is whether the machine may be added or removed at all.

use crate::diag::{Code, Diagnostic};
use crate::ir::Action;
use crate::verify::scene::{Report, Scene, listed};

pub fn check(scene: &Scene<'_>, report: &mut Report) {
    let etcd = &scene.state.etcd;
    let refuse = |text: String| scene.finding(Code::V203, text);
    let (machine, finding): (_, Diagnostic) = match &scene.step.action {
        Action::AddEtcdMember { machine, .. } if etcd.member(machine).is_some() => {
            (machine, refuse(format!("expected a machine that is no member; {machine} is one already")))
        }
        Action::AddEtcdMember { machine, .. } if etcd.has_data(machine) => {
            let text = format!("expected an empty data directory on {machine}; it holds what a removed member left");
            let why = "A member that is added again gets a new identity, and the data of the old one can never be used again.";
            (machine, refuse(text).why(why).help("Clean the machine up before it joins again."))
        }
        Action::RemoveEtcdMember { machine, .. } if etcd.member(machine).is_none() => {
            (machine, refuse(format!("expected one of the members {}; found {machine}", listed(etcd.voters()))))
        }
        _ => return,
    };
    report.at(scene, machine.as_str(), finding);
}
