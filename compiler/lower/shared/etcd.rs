//! etcd members outside the distribution: what describes each at its moment, a unit or a pod, and the words of each change.
//!
//! The list in `--initial-cluster` is that of the moment: etcd refuses a joiner whose list has one entry too few or too many
//! (etcd 3.4 to 3.7, "member count is unequal"). Does not decide who joins when.

use serde_json::{Map, Value, json};

use super::etcd_flags::{self, Flag};
use super::static_pod;
use crate::lower::artifact::{Artifact, ArtifactKind, Body, Destination};
use crate::lower::moment::Moment;
use crate::lower::sheet::Sheet;
use crate::model::{EtcdApi, EtcdJoin, EtcdProcess, EtcdSettings, FlagName, MachineName};

/// Where systemd looks first.
const UNIT: &str = "/etc/systemd/system/etcd.service";

pub fn back_up(moment: &Moment<'_>, member: &MachineName) -> Sheet {
    let mut context = moment.context();
    context.insert("member".into(), moment.member(member));
    let etcd = &moment.migration.cluster.etcd;
    context.insert("known_flags".into(), etcd_flags::known(etcd));
    context.insert("own_flags".into(), json!(etcd.flags.keys().map(FlagName::as_str).collect::<Vec<_>>()));
    Sheet::new(words(moment, ["etcd/back-up", "etcd-v2/back-up"]), context)
}

pub fn add(moment: &Moment<'_>, machine: &MachineName, join: EtcdJoin) -> Sheet {
    let mut members = moment.step.standing.etcd.clone();
    members.push(machine.clone());
    let mut context = moment.context();
    context.insert("joiner".into(), moment.member(machine));
    context.insert("joined".into(), moment.members(members.iter()));
    context.insert("learner".into(), json!(matches!(join, EtcdJoin::Learner)));
    Sheet::new(words(moment, ["etcd/add", "etcd-v2/add"]), context).with(process(moment, machine, &members))
}

pub fn remove(moment: &Moment<'_>, machine: &MachineName, leader_to: &MachineName) -> Sheet {
    let mut context = moment.context();
    context.insert("leaver".into(), moment.member(machine));
    context.insert("heir".into(), moment.member(leader_to));
    context.insert("witness_url".into(), json!(moment.client_url(moment.etcd_witness().unwrap_or(leader_to))));
    Sheet::new(words(moment, ["etcd/remove", "etcd-v2/remove"]), context)
}

pub fn rewrite_unit(moment: &Moment<'_>, machine: &MachineName) -> Sheet {
    let mut context = moment.context();
    let members = &moment.step.standing.etcd;
    context.insert("member".into(), moment.member(machine));
    context.insert("initial_cluster".into(), json!(etcd_flags::initial_cluster(moment, members)));
    Sheet::new(words(moment, ["etcd/rewrite-unit", "etcd-v2/rewrite-unit"]), context).with(process(moment, machine, members))
}

pub fn prove(moment: &Moment<'_>, _member: &MachineName) -> Sheet {
    Sheet::new(words(moment, ["etcd/prove", "etcd-v2/prove"]), moment.context())
}

/// The words for the API in which the cluster keeps its data: that of today, or v2.
fn words(moment: &Moment<'_>, [of_v3, of_v2]: [&'static str; 2]) -> &'static str {
    match moment.migration.cluster.etcd.api {
        EtcdApi::V3 => of_v3,
        EtcdApi::V2 => of_v2,
    }
}

/// What a machine needs before it can become a member.
pub fn prepare(moment: &Moment<'_>, machine: &MachineName) -> Sheet {
    let mut context = Map::new();
    context.insert("joiner".into(), moment.member(machine));
    Sheet::new("etcd/prepare", context)
}

/// What runs a member whose list names these members, itself among them: the only place that decides between a unit and a pod.
fn process(moment: &Moment<'_>, machine: &MachineName, members: &[MachineName]) -> Artifact {
    let etcd = &moment.migration.cluster.etcd;
    let flags = etcd_flags::of(moment, machine, members);
    match &etcd.process {
        EtcdProcess::Service => unit(moment, machine, &flags),
        EtcdProcess::StaticPod(pod) => static_pod::artifact(etcd, pod, machine, &flags),
    }
}

fn unit(moment: &Moment<'_>, machine: &MachineName, flags: &[Flag]) -> Artifact {
    let etcd = &moment.migration.cluster.etcd;
    let lines: Vec<String> = flags.iter().map(Flag::line).collect();
    // systemd creates and owns what lies below /var/lib by itself; elsewhere the directory is made by a command.
    let state_directory = etcd.data_dir.as_str().strip_prefix("/var/lib/");
    let context = json!({
        "name": etcd.member_name(machine), "flags": lines,
        "bin": etcd.binary_directory, "data_dir": etcd.data_dir, "user": etcd.user, "state_directory": state_directory,
    });
    Artifact {
        name: "etcd.service",
        kind: ArtifactKind::SystemdUnit,
        destination: Destination::OnMachine { host: machine.clone(), path: UNIT.into(), owner: "root:root", mode: "0644" },
        body: Body::Template { template: "etcd.service", context: object(context) },
    }
}

/// The file that describes a member on its machine, and the pod, where it is one.
pub fn described(etcd: &EtcdSettings) -> (String, Value) {
    match &etcd.process {
        EtcdProcess::Service => (UNIT.to_owned(), Value::Null),
        EtcdProcess::StaticPod(pod) => (
            pod.manifest.to_string(),
            json!({ "manifest": pod.manifest, "staged": pod.staged(), "directory": pod.directory(), "image": pod.image.as_str() }),
        ),
    }
}

/// The fields of a JSON object; anything else has none.
pub fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Map::new(),
    }
}
