//! What nodes are told: one script for all of a batch, which keeps what it finds and can take itself back.
//!
//! Does not know what else runs on a node.

use serde_json::{Value, json};

use crate::ir::Phase;
use crate::lower::artifact::{Artifact, ArtifactKind, Body, Destination};
use crate::lower::moment::Moment;
use crate::lower::shared::etcd::object;
use crate::lower::sheet::Sheet;
use crate::model::{JoinAddress, MachineName, Setting, SettingForm, Systemd};

pub fn repoint(moment: &Moment<'_>, systemd: &Systemd, nodes: &[MachineName], join: &JoinAddress, datastore: &[MachineName]) -> Sheet {
    let mut context = moment.context();
    let endpoints: Vec<String> = datastore.iter().map(|name| moment.client_url(name)).collect();
    let url = moment.join_url(join);
    // Nodes that are told of further members later know where the API is by then.
    let api_moves = moment.step.phase == Phase::RepointClients && moment.migration.source.join_address.value != *join;
    let api = [&systemd.kubelet, &systemd.node_proxy].into_iter().filter(|_| api_moves).map(|each| setting(each, &url));
    let network = systemd.flannel.as_ref().filter(|_| !endpoints.is_empty()).map(|flannel| setting(&flannel.setting, &endpoints.join(",")));
    let settings: Vec<Value> = api.chain(network).collect();
    let mut names: Vec<&str> = nodes.iter().map(MachineName::as_str).collect();
    names.sort_unstable();
    context.insert("batch".into(), moment.machines(nodes));
    context.insert("all_of_batch".into(), json!(super::all(names.len())));
    context.insert("batch_names".into(), json!(names));
    context.insert("first".into(), nodes.first().map_or(Value::Null, |name| moment.machine(name)));
    context.insert("more".into(), json!(nodes.len().saturating_sub(1)));
    context.insert("at_once".into(), json!(systemd.at_once));
    // Each node has the time to change, to fail and to take itself back, and they come in rounds.
    let rounds = nodes.len().div_ceil(usize::from(systemd.at_once).max(1));
    context.insert("patience".into(), json!((rounds * 450 + 60).to_string()));
    context.insert("join_url".into(), json!(url));
    context.insert("datastore".into(), json!(endpoints.join(",")));
    context.insert("api_moves".into(), json!(api_moves));
    let values = json!({
        "settings": settings, "api_ready": moment.ready(&url), "first_endpoint": endpoints.first(),
        "kept": format!("/var/backups/replank/{}/{}", moment.migration.name, moment.step.id.as_str().replace('/', ".")),
        "flannel": systemd.flannel.as_ref().map(|flannel| &flannel.setting.unit),
    });
    let script = Artifact {
        name: "repoint-node.sh",
        kind: ArtifactKind::ShellScript,
        destination: Destination::Piped { into: format!("nodes/{}", nodes.iter().map(MachineName::as_str).collect::<Vec<_>>().join(",")) },
        body: Body::Template { template: "repoint-node.sh", context: object(values) },
    };
    Sheet::new("systemd/repoint-nodes", context).with(script)
}

fn setting(setting: &Setting, address: &str) -> Value {
    let (variable, flag) = match &setting.form {
        SettingForm::Variable { name, flag } => (json!(name), json!(flag)),
        SettingForm::Kubeconfig => (Value::Null, Value::Null),
    };
    json!({ "unit": setting.unit, "file": setting.file, "variable": variable, "flag": flag, "address": address })
}
