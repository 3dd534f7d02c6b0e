//! A volume that lies on one machine and is made anew on another: whom to ask, what to delete, what must be there meanwhile.
//!
//! Speaks to Kubernetes alone, so that it is the same for every distribution. Does not know why a machine leaves.

use serde_json::{Value, json};

use crate::ir::{Action, Row};
use crate::lower::moment::Moment;
use crate::lower::sheet::Sheet;
use crate::model::{Application, Data, HookCommand, Label, MachineName, ObjectName, Owner};

pub fn recover(moment: &Moment<'_>, application: &Label, claim: &ObjectName, [from, to]: [&MachineName; 2]) -> Sheet {
    let mut context = moment.context();
    let declared = moment.migration.storage.iter().find(|declared| declared.name == *application);
    let Some(declared) = declared else { return Sheet::default() };
    let others: Vec<&ObjectName> = whole(moment.row_before, application).filter(|other| *other != claim).collect();
    // What lay on a machine that failed is not there to be asked about.
    let was_whole = !moment.migration.is_failed(from) && others.len() + 1 == declared.volumes.len();
    // It speaks of every volume: while another is gone it could not succeed.
    let is_whole = whole(moment.row, application).count() == declared.volumes.len();
    let healed: Vec<Value> = declared.healed.iter().map(command).collect();
    context.insert("was_whole".into(), if was_whole { json!(healed) } else { Value::Null });
    context.insert("is_asked_later".into(), json!(!is_whole && !healed.is_empty()));
    context.insert("healed".into(), if is_whole { json!(healed) } else { json!([]) });
    context.insert("others".into(), json!(others));
    context.insert("volumes".into(), json!(declared.volumes.len()));
    context.insert("needs".into(), json!(declared.needs));
    context.insert("application".into(), json!(application));
    context.insert("namespace".into(), json!(declared.namespace));
    context.insert("claim".into(), json!(claim));
    context.insert("owner".into(), owner(declared));
    context.insert("is_set".into(), json!(matches!(declared.owner, Owner::StatefulSet(_))));
    context.insert("is_operated".into(), json!(matches!(declared.owner, Owner::Deployment { .. })));
    context.insert("from".into(), moment.machine(from));
    context.insert("to".into(), moment.machine(to));
    context.insert("has_failed".into(), json!(moment.migration.is_failed(from)));
    context.insert("data".into(), json!(data(declared.data)));
    let kept = format!("$HOME/replank-backups/{}/{}", moment.migration.name, moment.step.id.as_str().replace('/', "."));
    context.insert("kept".into(), json!(kept));
    Sheet::new("storage/recover-volume", context)
}

/// The claims of an application whose volumes are there and whole.
fn whole<'r>(row: &'r Row, application: &Label) -> impl Iterator<Item = &'r ObjectName> {
    let frame = row.after.storage.iter().find(|frame| frame.application == *application);
    frame.into_iter().flat_map(|frame| frame.there.iter()).map(|(claim, _)| claim)
}

/// Claims that lie on a machine and are made anew later: a machine that failed is taken out of the cluster before. As
/// `namespace/claim`.
pub fn recovered_later(moment: &Moment<'_>, machine: &MachineName) -> Vec<String> {
    let later = moment.later.iter().filter_map(|step| match &step.action {
        Action::RecoverVolume { application, claim, from, .. } if from == machine => Some((application, claim)),
        _ => None,
    });
    let named = later.filter_map(|(application, claim)| {
        let declared = moment.migration.storage.iter().find(|declared| declared.name == *application)?;
        Some(format!("{}/{claim}", declared.namespace))
    });
    named.collect()
}

fn owner(application: &Application) -> Value {
    match &application.owner {
        Owner::StatefulSet(name) => json!({ "kind": "statefulset", "name": name }),
        Owner::Deployment { name, operator } => {
            json!({ "kind": "deployment", "name": name, "operator": operator.deployment, "operator_namespace": operator.namespace })
        }
    }
}

fn data(data: Data) -> &'static str {
    match data {
        Data::Replicated => "replicated",
        Data::Disposable => "disposable",
        Data::Unique => "unique",
    }
}

fn command(command: &HookCommand) -> Value {
    json!({
        "shell": command.shell, "expect": command.expect, "timeout": command.timeout_seconds, "retry": command.retry_every_seconds,
    })
}
