//! No data is lost with a volume: one that is made anew begins empty, and is healed only where enough others are there.

use crate::diag::{Code, Diagnostic};
use crate::ir::Action;
use crate::model::{Application, Data, ObjectName};
use crate::verify::scene::{Report, Scene};

pub fn check(scene: &Scene<'_>, report: &mut Report) {
    let Action::RecoverVolume { application, claim, .. } = &scene.step.action else { return };
    let declared = scene.migration.storage.iter().find(|declared| declared.name == *application);
    let Some(declared) = declared else { return };
    match declared.data {
        Data::Disposable => {}
        Data::Unique => report.at(scene, application.as_str(), lost(scene, declared, claim)),
        Data::Replicated => few(scene, declared, claim, report),
    }
}

fn lost(scene: &Scene<'_>, application: &Application, claim: &ObjectName) -> Diagnostic {
    let text = format!("expected data that may begin empty; what lies on {claim} of {} is nowhere else", application.name);
    scene
        .finding(Code::V408, text)
        .related(application.place.span, "its data is `unique`")
        .why("The volume is bound to its machine: it is deleted, and a new one begins empty on another.")
        .help("Save it by the application's own means, as a hook before this step, and bring it back by another after it.")
}

/// The others must be able to make up for it.
fn few(scene: &Scene<'_>, application: &Application, claim: &ObjectName, report: &mut Report) {
    let Some(stored) = scene.state.storage.get(&application.name) else { return };
    let others = stored.there().iter().filter(|(other, _)| other != claim).count();
    if others >= application.needs {
        return;
    }
    let text = format!(
        "expected {} other volumes of {} from which {claim} is healed, found {others} of {}",
        application.needs,
        application.name,
        application.volumes.len() - 1
    );
    let finding = scene.finding(Code::V408, text).why("Nothing says that so few of them hold all of the data.");
    report.at(scene, application.name.as_str(), finding.help("Bring back a machine that holds another of them first."));
}
