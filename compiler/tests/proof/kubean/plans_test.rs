//! Every object of every kubean plan is what kubean, its operator and ansible expect: of the examples and of seventy further clusters.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::OnceLock;

use replank::pipeline::Compiled;
use replank::render::document::{PlanDocument, StepDocument};
use serde_json::Value;

use super::super::requirements::{ANSIBLE, met};
use super::{ansible, crds, entrypoint, generate};

/// A plan as its files, wherever they come from.
struct Files {
    name: String,
    plan: PlanDocument,
    files: BTreeMap<String, String>,
}

impl Files {
    fn of_example(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name).join("plan");
        let read = |path: &str| std::fs::read_to_string(folder.join(path)).expect("the example has the file");
        let plan: PlanDocument = serde_json::from_str(&read("plan.json")).expect("plan.json is one");
        let mut files: BTreeMap<_, _> =
            plan.steps.iter().flat_map(|step| &step.artifacts).map(|artifact| (artifact.path.clone(), read(&artifact.path))).collect();
        files.insert("REVIEW.md".into(), read("REVIEW.md"));
        Self { name: name.into(), plan, files }
    }

    fn of_compiled(name: String, compiled: Compiled) -> Self {
        Self { name, plan: compiled.tree.document().unwrap(), files: compiled.tree.files }
    }

    /// The objects of a step, by kind.
    fn objects<'f>(&'f self, step: &'f StepDocument, kind: &'f str) -> impl Iterator<Item = (&'f str, &'f str)> {
        let artifacts = step.artifacts.iter().filter(move |artifact| artifact.kind == kind);
        artifacts.map(|artifact| (artifact.path.as_str(), self.files[&artifact.path].as_str()))
    }

    fn operator(&self) -> (u32, u32) {
        let document = serde_json::to_value(&self.plan.cluster.distribution).unwrap();
        let version = document["kubean"]["version"].as_str().unwrap().trim_start_matches('v').to_owned();
        let mut numbers = version.split('.').map(|number| number.parse().unwrap());
        (numbers.next().unwrap(), numbers.next().unwrap())
    }
}

/// Compiled once for all tests of this file.
fn everything() -> &'static [Files] {
    static FILES: OnceLock<Vec<Files>> = OnceLock::new();
    FILES.get_or_init(|| {
        let examples = ["kubean-os-in-place", "kubean-replace-nodes"].map(Files::of_example);
        examples.into_iter().chain(generate::plans().into_iter().map(|(name, compiled)| Files::of_compiled(name, compiled))).collect()
    })
}

/// The text of an entry of a ConfigMap.
fn entries(manifest: &str) -> Vec<(String, String)> {
    let object: Value = serde_yaml::from_str(manifest).expect("YAML");
    object["data"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(key, text)| (key.clone(), text.as_str().unwrap_or_default().to_owned()))
        .collect()
}

#[test]
fn every_object_is_one_that_a_strict_api_server_takes() {
    let mut complaints = Vec::new();
    let mut operations = 0;
    for files in everything() {
        let mut names = BTreeSet::new();
        for step in &files.plan.steps {
            for (path, text) in files.objects(step, "cluster-operation").chain(files.objects(step, "config-map")) {
                complaints.extend(crds::complaints(text).into_iter().map(|complaint| format!("{} {path}: {complaint}", files.name)));
            }
            for (path, text) in files.objects(step, "cluster-operation") {
                operations += 1;
                let object: Value = serde_yaml::from_str(text).unwrap();
                let name = object["metadata"]["name"].as_str().unwrap().to_owned();
                // The operator's job is called `kubean-<name>-job`, and a retry gets two digits more.
                assert!(name.len() + "-99".len() <= 52, "{path}: {name}");
                assert!(names.insert(name.clone()), "{} {path}: {name} again", files.name);
            }
        }
    }
    assert_eq!(complaints, Vec::<String>::new());
    assert!(operations > 500, "{operations}");
}

#[test]
fn ansible_reads_every_inventory_in_its_order_and_every_playbook() {
    if !met("reading inventories", ANSIBLE) {
        return;
    }
    let mut inventories: BTreeMap<String, String> = BTreeMap::new();
    let mut playbooks: BTreeMap<String, String> = BTreeMap::new();
    for files in everything() {
        for step in &files.plan.steps {
            for (path, text) in files.objects(step, "config-map") {
                for (key, text) in entries(text) {
                    let content: String = text.lines().filter(|line| !line.starts_with('#')).map(|line| format!("{line}\n")).collect();
                    match key.as_str() {
                        "hosts.yml" => drop(inventories.insert(content, format!("{} {path}", files.name))),
                        "group_vars.yml" => {}
                        _ => drop(playbooks.insert(content, key)),
                    }
                }
            }
        }
    }
    let any = inventories.keys().next().cloned().unwrap();
    let mut complaints = Vec::new();
    // One call takes half a second: of those of the generated plans every twentieth is read.
    for (index, (hosts, path)) in inventories.iter().enumerate() {
        if path.starts_with("kubean-") || index % 20 == 0 {
            complaints.extend(ansible::complaints_about_inventory(hosts).into_iter().map(|complaint| format!("{path}: {complaint}")));
        }
    }
    for (playbook, key) in &playbooks {
        complaints
            .extend(ansible::complaints_about_playbook(key, playbook, &any).into_iter().map(|complaint| format!("{key}: {complaint}")));
    }
    assert_eq!(complaints, Vec::<String>::new());
    assert!(inventories.len() > 50 && playbooks.len() == 3, "{} {}", inventories.len(), playbooks.len());
}

#[test]
fn the_entrypoint_gives_ansible_what_the_review_shows() {
    let mut lines = 0;
    let mut lists = BTreeSet::new();
    // Each script is run twice, by a shell of its own: of the generated plans every third is.
    let (examples, generated) = everything().split_at(2);
    for files in examples.iter().chain(generated.iter().step_by(3)) {
        for step in &files.plan.steps {
            for (path, text) in files.objects(step, "cluster-operation") {
                let object: Value = serde_yaml::from_str(text).unwrap();
                let run = entrypoint::run(&entrypoint::script(&object, files.operator())).unwrap_or_else(|error| panic!("{path}: {error}"));
                let shown = step.operation.as_ref().unwrap_or_else(|| panic!("{path} is not in plan.json"));
                let script: String = shown.lines.iter().map(|line| format!("{}\n", line.command)).collect();
                assert_eq!(entrypoint::run(&script).unwrap(), run, "{} {path}", files.name);
                for line in &shown.lines {
                    assert!(files.files["REVIEW.md"].contains(&line.command), "{} {path}: {}", files.name, line.command);
                }
                lines += run.len();
                run.iter().for_each(|arguments| lists.extend(repositories(arguments)));
            }
        }
    }
    assert!(lines > 600, "{lines}");
    // What the shell would have expanded arrives as it was meant.
    assert!(lists.contains("deb [trusted=yes] http://10.6.0.5:9000/kubean/ubuntu jammy main"), "{lists:#?}");
    assert!(lists.contains("deb [trusted=yes] http://10.6.0.5:9000/kubean/ubuntu-iso jammy main restricted"), "{lists:#?}");
    assert!(lists.contains("http://10.9.0.5:9000/kubean/rocky/$releasever/os/$basearch"), "{lists:#?}");
}

/// The lines of `repo_list`, as ansible reads them from the argument; they are for one machine.
fn repositories(arguments: &[String]) -> Vec<String> {
    let Some(list) = arguments.iter().find(|argument| argument.starts_with("{repo_list:")) else { return Vec::new() };
    assert!(arguments.iter().any(|argument| argument.starts_with("--limit=")), "{arguments:?}");
    let value: Value = serde_yaml::from_str(list).unwrap_or_else(|error| panic!("{list}: {error}"));
    value["repo_list"].as_array().unwrap().iter().map(|line| line.as_str().unwrap().to_owned()).collect()
}

#[test]
fn every_machine_that_a_line_names_is_in_its_inventory_and_no_hook_is_without_a_scope() {
    for files in everything() {
        for step in &files.plan.steps {
            let Some(operation) = &step.operation else { continue };
            for line in &operation.lines {
                for machine in line.changes.iter().chain(&line.asks) {
                    assert!(files.plan.machines.contains_key(machine), "{machine}");
                }
                let changes_one = step.action.starts_with("cluster.leave") || line.command.contains("enable-repo.yml");
                if changes_one && line.command.contains("remove-node.yml") || line.command.contains("clean-kube-apiserver.yml") {
                    assert_eq!(line.changes.len(), 1, "{}: {}", step.id, line.command);
                }
            }
        }
    }
}
