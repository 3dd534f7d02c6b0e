//! Volumes that lie on single machines, from the spec to the commands, for each distribution that moves nodes.

mod commands;
mod judged;
mod planned;
mod refused;
mod script;

use replank::ir::{Action, Ledger, Plan};
use replank::model::Migration;
use replank::source::SourceFile;

/// k3s with etcd inside its servers: the first of three died with its disk.
const DEAD_SERVER: &str = include_str!("dead_server.yaml");
const K3S: &str = include_str!("../../../examples/k3s-external-etcd/migration.yaml");
const REPLACED: &str = include_str!("../../../examples/kubean-replace-nodes/migration.yaml");
const IN_PLACE: &str = include_str!("../../../examples/kubean-os-in-place/migration.yaml");
const RELOCATED: &str = include_str!("../../../examples/kubeadm-relocate-masters/migration.yaml");

/// A replicated store, one volume on each of these machines.
fn store(needs: usize, machines: &[&str]) -> String {
    let healed = "healed: {shell: store-is-whole, expect: whole, timeoutSeconds: 3600, retryEverySeconds: 30}";
    application("store", &format!("needs: {needs}\n      data: replicated\n      {healed}"), machines)
}

/// A store whose only copy lies on these machines.
fn unique(machines: &[&str]) -> String {
    application("store", "data: unique", machines)
}

fn application(name: &str, data: &str, machines: &[&str]) -> String {
    let volume = |(number, machine)| format!("        - {{claim: disk-{name}-{number}, on: {machine}}}\n");
    let volumes: String = machines.iter().enumerate().map(volume).collect();
    let owner = format!("namespace: data\n      owner: {{statefulSet: {name}}}");
    format!("    - name: {name}\n      {owner}\n      volumes:\n{volumes}      {data}\n")
}

/// A spec with applications.
fn with(spec: &str, applications: &[String]) -> String {
    assert_eq!(spec.matches("\n  source:\n").count(), 1);
    spec.replacen("\n  source:\n", &format!("\n  storage:\n{}  source:\n", applications.concat()), 1)
}

/// A spec with replacements, each of which must match once.
fn edited(spec: &str, edits: &[(&str, &str)]) -> String {
    edits.iter().fold(spec.to_owned(), |text, (from, to)| {
        assert_eq!(text.matches(from).count(), 1, "`{from}` must be in the spec once");
        text.replacen(from, to, 1)
    })
}

fn accepting(spec: &str, entries: &[(&str, &str)]) -> String {
    let listed: String = entries.iter().map(|(risk, at)| format!("    - {{risk: {risk}, at: {at}, reason: agreed}}\n")).collect();
    match spec.split_once("\n  accept:\n") {
        Some((before, after)) => format!("{before}\n  accept:\n{listed}{after}"),
        None => format!("{spec}\n  accept:\n{listed}"),
    }
}

fn migration(text: &str) -> Migration {
    let document = replank::spec::read(&SourceFile::new("migration.yaml", text)).unwrap_or_else(|found| panic!("{found:?}"));
    replank::model::resolve(&document).unwrap_or_else(|found| panic!("{found:?}")).0
}

fn planned(text: &str) -> (Migration, Plan) {
    let migration = migration(text);
    let plan = replank::plan::plan(&migration).unwrap();
    (migration, plan)
}

/// Specs whose plans hold every form of the step.
pub fn specs() -> Vec<String> {
    let failed = edited(IN_PLACE, &[("10.6.1.21, pods", "10.6.1.21, state: failed, pods")]);
    vec![
        DEAD_SERVER.to_owned(),
        with(K3S, &[store(2, &["vm-1", "vm-2", "vm-3"])]),
        accepting(&with(K3S, &[unique(&["vm-1"])]), &[("data-loss", "70-remove-nodes")]),
        with(REPLACED, &[store(2, &["worker-1", "worker-2", "worker-3"])]),
        with(REPLACED, &[store(2, &["worker-2", "worker-2", "worker-1", "worker-3"])]),
        with(RELOCATED, &[store(2, &["master-1", "node-1", "node-2"])]),
        with(&failed, &[store(1, &["centos-worker1", "centos-worker2"])]),
    ]
}

/// The ledger, and what was found as `CODE at step`.
fn judged(text: &str) -> (Ledger, Vec<String>) {
    let (migration, plan) = planned(text);
    let (ledger, findings) = replank::verify::judge(&migration, &plan);
    let shown = findings.iter().map(|finding| format!("{} at {}", finding.code.name(), finding.step.as_deref().unwrap_or("the end")));
    (ledger, shown.collect())
}

/// Every step that makes a volume anew, as `step: from > to`, and the steps that take a machine out of the cluster.
fn moves(plan: &Plan) -> Vec<String> {
    let shown = plan.steps.iter().filter_map(|step| match &step.action {
        Action::RecoverVolume { from, to, .. } => Some(format!("{}: {from} > {to}", step.id)),
        Action::LeaveCluster { .. } | Action::RemoveNode { .. } => Some(step.id.to_string()),
        _ => None,
    });
    shown.collect()
}
