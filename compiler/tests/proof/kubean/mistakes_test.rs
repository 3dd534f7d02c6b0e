//! The mistakes of the document from which this backend was learned (seed 000, S1 to S17 of its list): each is refused, or cannot be made.
//!
//! What concerns the form of objects and playbooks (S1 to S3) is asked of every plan in `plans_test`, and of the document's own text beside
//! the readers.

use std::collections::BTreeSet;

use crate::compiled::document;
use replank::diag::Code;
use replank::pipeline::{Compiled, Refusal, compile};
use replank::render::Language;
use replank::render::document::StepDocument;
use replank::source::SourceFile;
use serde_json::Value;

const SPEC: &str = include_str!("../../../../examples/kubean-os-in-place/migration.yaml");

fn compiled(text: &str) -> Compiled {
    compile(&SourceFile::new("migration.yaml", text), &[Language::English]).unwrap_or_else(|refusal| panic!("{refusal:?}"))
}

/// What is said against a spec in which one thing was changed.
fn refused(from: &str, to: &str) -> Vec<Code> {
    assert!(SPEC.contains(from), "{from}");
    match compile(&SourceFile::new("migration.yaml", SPEC.replacen(from, to, 1)), &[Language::English]) {
        Ok(_) => Vec::new(),
        Err(Refusal::Spec(findings) | Refusal::Unsafe { findings, .. }) => findings.iter().map(|finding| finding.code).collect(),
        Err(Refusal::Bug(error)) => panic!("{error}"),
    }
}

/// A file of a step as data.
fn object(plan: &Compiled, step: &str, file: &str) -> Value {
    let text = plan.tree.files.get(&format!("steps/{step}/{file}")).unwrap_or_else(|| panic!("no {file} in {step}"));
    serde_yaml::from_str(text).unwrap()
}

fn inventory(plan: &Compiled, step: &str) -> Value {
    serde_yaml::from_str(object(plan, step, "hosts-conf.yaml")["data"]["hosts.yml"].as_str().unwrap()).unwrap()
}

fn group(inventory: &Value, name: &str) -> Vec<String> {
    inventory["all"]["children"][name]["hosts"].as_object().unwrap().keys().cloned().collect()
}

fn operations(plan: &Compiled) -> impl Iterator<Item = (&StepDocument, Value)> {
    let with_one = document(plan).steps.iter().filter(|step| step.operation.is_some());
    with_one.map(|step| (step, object(plan, &step.id, "operation.yaml")))
}

/// The lines of a step's operation that run a playbook.
fn lines<'p>(plan: &'p Compiled, step: &str, playbook: &str) -> Vec<&'p str> {
    let step = document(plan).steps.iter().find(|other| other.id == step).unwrap_or_else(|| panic!("no {step}"));
    let lines = &step.operation.as_ref().unwrap().lines;
    lines.iter().map(|line| line.command.as_str()).filter(|line| line.contains(&format!("/kubespray/{playbook}"))).collect()
}

fn commands(step: &StepDocument) -> impl Iterator<Item = &str> {
    step.preconditions.iter().chain(&step.run).chain(&step.verify).chain(&step.rollback).map(|command| command.shell.as_str())
}

#[test]
fn s4_s16_an_inventory_has_the_groups_of_kubespray_all_of_them_and_no_other() {
    let plan = compiled(SPEC);
    for step in ["10-prepare/inventory", "68-rebuild-control-plane/centos-master1.aside/inventory", "85-settle-control-plane/order"] {
        let inventory = inventory(&plan, step);
        let groups: BTreeSet<_> = inventory["all"]["children"].as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(groups, BTreeSet::from(["kube_control_plane", "kube_node", "etcd", "k8s_cluster", "calico_rr"]), "{step}");
        assert_eq!(inventory["all"]["hosts"].as_object().unwrap().len(), 5);
    }
}

#[test]
fn s5_the_playbook_that_ends_an_api_server_has_no_default_and_is_given_one_machine() {
    let plan = compiled(SPEC);
    for master in ["centos-master1", "centos-master2", "centos-master3"] {
        let step = format!("68-rebuild-control-plane/{master}/remove");
        let [line] = lines(&plan, &step, "clean-kube-apiserver.yml")[..] else { panic!("one line") };
        assert!(line.ends_with(&format!(" -e node={master}")), "{line}");
        let [services] = lines(&plan, &step, "gather-services.yml")[..] else { panic!("one line") };
        assert!(services.ends_with(&format!(" -e node={master}")), "{services}");
        let playbook = object(&plan, &step, "clean-kube-apiserver.yaml");
        assert!(playbook["data"]["clean-kube-apiserver.yml"].as_str().unwrap().contains("hosts: '{{ node }}'"), "{playbook}");
    }
    let hook = "        hooks: [{around: remove, moment: after, playbook: disable-firewalld.yml}]\n        skipTags";
    assert_eq!(refused("        skipTags", hook), [Code::L101]);
}

#[test]
fn s6_a_worker_is_added_alone() {
    let plan = compiled(SPEC);
    for playbook in ["scale.yml", "ping.yml", "enable-repo.yml", "disable-firewalld.yml"] {
        let [line] = lines(&plan, "62-rebuild-workers/centos-worker1/add", playbook)[..] else { panic!("one {playbook}") };
        assert!(line.contains(" --limit=centos-worker1"), "{line}");
    }
}

#[test]
fn s7_the_image_is_the_one_of_the_deployment_and_the_names_are_real() {
    let plan = compiled(SPEC);
    for (step, operation) in operations(&plan) {
        assert_eq!(operation["spec"]["image"], "ghcr.io/kubean-io/spray-job:v0.12.2", "{}", step.id);
        assert_eq!(operation["spec"]["cluster"], "centos", "{}", step.id);
    }
    for image in ["ghcr.io/kubean-io/spray-job:latest", "ghcr.io/kubean-io/spray-job"] {
        assert_eq!(refused("ghcr.io/kubean-io/spray-job:v0.12.2", image), [Code::M601], "{image}");
    }
}

#[test]
fn s8_every_machine_is_reinstalled_between_its_removal_and_its_return() {
    let plan = compiled(SPEC);
    let ids: Vec<_> = document(&plan).steps.iter().map(|step| step.id.as_str()).collect();
    for (phase, machine) in [("62-rebuild-workers", "centos-worker1"), ("68-rebuild-control-plane", "centos-master3")] {
        let at = |verb: &str| ids.iter().position(|id| *id == format!("{phase}/{machine}/{verb}")).unwrap();
        assert!(at("remove") < at("reinstall") && at("reinstall") < at("add"), "{ids:?}");
    }
}

#[test]
fn s9_a_master_without_internet_is_given_its_repositories_too() {
    let plan = compiled(SPEC);
    let [line] = lines(&plan, "68-rebuild-control-plane/centos-master2/add", "enable-repo.yml")[..] else { panic!("one line") };
    assert!(
        line.contains("--limit=centos-master2 -e \"{repo_list: ['deb [trusted=yes] http://10.6.0.5:9000/kubean/ubuntu jammy main'"),
        "{line}"
    );
    assert_eq!(lines(&plan, "68-rebuild-control-plane/centos-master2/add", "ping.yml").len(), 1);
}

#[test]
fn s10_another_order_is_applied_before_anybody_relies_on_it() {
    let plan = compiled(SPEC);
    let ids: Vec<_> = document(&plan).steps.iter().map(|step| step.id.as_str()).collect();
    let reorder = ids.iter().position(|id| *id == "68-rebuild-control-plane/centos-master1.aside/inventory").unwrap();
    assert_eq!(ids[reorder + 1], "68-rebuild-control-plane/centos-master1.aside/apply");
    let [line] = lines(&plan, ids[reorder + 1], "cluster.yml")[..] else { panic!("one line") };
    assert!(!line.contains("--limit"), "{line}");
    let inventory = inventory(&plan, ids[reorder]);
    for name in ["kube_control_plane", "etcd"] {
        assert_eq!(group(&inventory, name), ["centos-master2", "centos-master3", "centos-master1"], "{name}");
    }
    assert_eq!(group(&inventory, "kube_node")[..3], ["centos-master2", "centos-master3", "centos-master1"]);
}

#[test]
fn s11_the_version_is_pinned_in_the_form_that_the_image_expects() {
    let version = |plan: &Compiled| {
        let variables = object(plan, "10-prepare/inventory", "vars-conf.yaml")["data"]["group_vars.yml"].as_str().unwrap().to_owned();
        serde_yaml::from_str::<Value>(&variables).unwrap()["kube_version"].as_str().unwrap().to_owned()
    };
    assert_eq!(version(&compiled(SPEC)), "v1.27.5");
    let newer = SPEC.replace("v0.12.2", "v0.30.0").replace("v1.27.5", "v1.32.9");
    assert_eq!(version(&compiled(&newer)), "1.32.9");
    assert_eq!(refused("          container_manager: containerd", "          kube_version: v1.27.5"), [Code::M617]);
}

#[test]
fn s12_s14_each_operation_has_names_and_playbooks_of_its_own() {
    let plan = compiled(SPEC);
    let mut names = BTreeSet::new();
    for (step, operation) in operations(&plan) {
        let name = operation["metadata"]["name"].as_str().unwrap();
        assert!(names.insert(name.to_owned()), "{name} again");
        let hooks = ["preHook", "postHook"].into_iter().flat_map(|list| operation["spec"][list].as_array().cloned().unwrap_or_default());
        for reference in hooks.filter_map(|hook| hook["actionSourceRef"]["name"].as_str().map(str::to_owned)) {
            assert!(reference.starts_with(&format!("{name}-")), "{}: {reference}", step.id);
        }
        let create = commands(step).filter(|shell| shell.contains("operation.yaml")).collect::<Vec<_>>();
        assert!(create.iter().all(|shell| shell.contains(" create -f -")) && !create.is_empty(), "{}", step.id);
    }
}

#[test]
fn s13_the_address_for_joining_is_edited_by_commands_and_only_where_it_must_be() {
    let plan = compiled(SPEC);
    let edits = |plan: &Compiled| document(plan).steps.iter().filter(|step| step.action.starts_with("bootstrap.")).count();
    assert_eq!(edits(&plan), 1);
    assert!(document(&plan).steps.iter().flat_map(commands).all(|shell| !shell.contains("kubectl edit") && !shell.contains(" edit cm")));
    let balanced = SPEC.replacen("        skipTags", "        loadBalancer: {address: 10.6.1.100}\n        skipTags", 1);
    assert_eq!(edits(&compiled(&balanced)), 0);
}

#[test]
fn s15_every_operation_is_waited_for_and_nobody_is_taken_from_an_etcd_that_is_not_well() {
    let plan = compiled(SPEC);
    for (step, _) in operations(&plan) {
        let first = &step.preconditions[0];
        assert_eq!(first.expect.as_deref(), Some("no other operation is under way"), "{}", step.id);
        let wait = step.run.iter().find(|command| command.shell.contains(" create -f -")).unwrap();
        assert!(wait.shell.contains("*' Failed')") && wait.shell.contains("logs job/kubean-"), "{}", step.id);
        assert!(wait.expect.as_deref() == Some("has succeeded") && wait.timeout_seconds <= 14600, "{}", step.id);
    }
    for master in ["centos-master1", "centos-master2", "centos-master3"] {
        for verb in ["remove", "add"] {
            let id = format!("68-rebuild-control-plane/{master}/{verb}");
            let step = document(&plan).steps.iter().find(|step| step.id == id).unwrap();
            assert!(step.preconditions.iter().any(|command| command.shell.contains("endpoint health")), "{id}");
        }
    }
}

#[test]
fn s17_whoever_is_rebuilt_stays_listed_so_that_the_number_of_members_stays_odd() {
    let plan = compiled(SPEC);
    let step = "68-rebuild-control-plane/centos-master2";
    for file in ["remove", "reinstall", "add"] {
        assert!(!plan.tree.files.contains_key(&format!("steps/{step}/{file}/hosts-conf.yaml")), "{file}");
    }
    assert!(document(&plan).steps.iter().all(|step| {
        step.operation.iter().flat_map(|operation| &operation.lines).all(|line| !line.command.contains("ignore_assert_errors"))
    }));
    assert_eq!(group(&inventory(&plan, "10-prepare/inventory"), "etcd").len(), 3);
}
