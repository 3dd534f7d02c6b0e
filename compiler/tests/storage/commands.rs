//! What a step that makes a volume anew tells people to do, compiled.

use replank::pipeline::compile;
use replank::render::Language;
use replank::source::SourceFile;
use serde_json::Value;

use super::{DEAD_SERVER, K3S, REPLACED, application, edited, store, with};

pub const MINIO: &str = "61-recover-volumes/minio/export-minio-1";
const METRICS: &str = "61-recover-volumes/victoria-metrics/default-victoria-metrics";

fn files(text: &str) -> std::collections::BTreeMap<String, String> {
    let compiled = compile(&SourceFile::new("migration.yaml", text), &[Language::English, Language::Chinese]);
    compiled.unwrap_or_else(|refusal| panic!("{refusal:?}")).tree.files
}

pub fn document(text: &str) -> Value {
    serde_json::from_str(&files(text)["plan.json"]).unwrap()
}

pub fn step<'d>(document: &'d Value, id: &str) -> &'d Value {
    document["steps"].as_array().unwrap().iter().find(|step| step["id"] == id).unwrap_or_else(|| panic!("no step {id}"))
}

/// The commands of a part of a step, in order.
pub fn commands(step: &Value, part: &str) -> Vec<String> {
    step[part].as_array().unwrap().iter().map(|command| command["shell"].as_str().unwrap().to_owned()).collect()
}

/// Where the first of these texts stands before the second.
fn before(text: &str, one: &str, other: &str) -> bool {
    let at = |part: &str| text.find(part).unwrap_or_else(|| panic!("`{part}` is not in\n{text}"));
    at(one) < at(other)
}

#[test]
fn the_claim_goes_without_waiting_and_its_pod_after_it() {
    let document = document(DEAD_SERVER);
    let run = &commands(step(&document, MINIO), "run")[1];
    assert!(run.contains("delete pvc 'export-minio-1' --wait=false\n      begin_anew\n"), "{run}");
    assert!(run.contains("delete pod \"$pod\" --wait=false"), "{run}");
    assert!(!run.contains("delete deployment"), "{run}");
}

#[test]
fn an_operators_deployment_goes_after_the_claim_while_the_operator_runs() {
    let document = document(DEAD_SERVER);
    let step = step(&document, METRICS);
    assert!(commands(step, "preconditions").iter().any(|shell| shell.contains("-n 'onecloud' get deployment 'onecloud-operator'")));
    let run = &commands(step, "run")[1];
    assert!(run.contains("delete pvc 'default-victoria-metrics' --wait=false\n      begin_anew\n"), "{run}");
    assert!(run.contains("delete deployment 'default-victoria-metrics' --wait=false"), "{run}");
}

/// Exactly the nodes that took pods are closed, noted before, and opened however the command ends.
#[test]
fn nodes_that_were_noted_are_opened_however_it_ends() {
    let document = document(DEAD_SERVER);
    let step = step(&document, MINIO);
    let run = &commands(step, "run")[1];
    assert!(before(run, "mv -f \"$closed.part\" \"$closed\"", "trap open_again EXIT"));
    assert!(before(run, "trap open_again EXIT", " cordon \"$name\""));
    assert!(before(run, " cordon \"$name\"", "delete pvc"));
    assert!(run.contains("$1 != \"lzx-test-add-node\""), "the node that gets the volume stays open: {run}");
    let note = "61-recover-volumes.minio.export-minio-1.cordoned";
    assert!(commands(step, "rollback")[0].contains(note) && run.contains(note));
    assert!(commands(step, "verify").last().unwrap().contains(note));
}

#[test]
fn the_others_are_in_use_before_and_the_application_is_whole_after() {
    let document = document(DEAD_SERVER);
    let step = step(&document, MINIO);
    assert!(commands(step, "preconditions").iter().any(|shell| shell.contains("\nexport-minio-0\nexport-minio-2\nexport-minio-3\nCLAIMS")));
    let healed = step["verify"].as_array().unwrap().iter().find(|command| command["expect"] == "Healing disk .* complete").unwrap();
    assert_eq!((healed["timeoutSeconds"].as_u64(), healed["retryEverySeconds"].as_u64()), (Some(3600), Some(30)));
}

/// What lies on a machine that answers is asked about before it goes as well.
#[test]
fn an_application_is_whole_before_it_spares_a_volume() {
    let document = document(&with(K3S, &[store(2, &["vm-1", "vm-2", "vm-3"])]));
    let step = step(&document, "70-remove-nodes/vm-1.volumes/store/disk-store-0");
    assert!(commands(step, "preconditions").iter().any(|shell| shell.contains("store-is-whole")));
}

/// A helper pod would wait for a machine that is gone; where it answers, whoever provided the volume has a minute.
#[test]
fn the_old_volume_goes_at_once_only_where_its_machine_has_failed() {
    let dead = document(DEAD_SERVER);
    assert!(!commands(step(&dead, MINIO), "run")[2].contains("-gt 12"));
    let moved = document(&with(K3S, &[store(2, &["vm-1", "vm-2", "vm-3"])]));
    assert!(commands(step(&moved, "70-remove-nodes/vm-1.volumes/store/disk-store-0"), "run")[2].contains("-gt 12"));
}

/// Declared volumes of a machine that failed are made anew after it was taken out; nobody else's are overlooked.
#[test]
fn a_machine_that_failed_leaves_although_declared_volumes_lie_on_it() {
    let document = document(&with(REPLACED, &[store(2, &["worker-1", "worker-2", "worker-3"])]));
    let asks = |id: &str| commands(step(&document, id), "preconditions").into_iter().find(|shell| shell.contains("get pv ")).unwrap();
    assert!(asks("25-recover-failed/worker-2").contains("$2 != \"data/disk-store-1\""));
    assert!(!asks("70-remove-nodes/worker-1").contains("disk-store"));
}

#[test]
fn a_reviewer_sees_applications_volumes_and_who_must_not_fail() {
    let files = files(DEAD_SERVER);
    let review = &files["REVIEW.md"];
    assert!(review.contains("| onecloud-minio/minio | StatefulSet minio | replicated | 3 of 4 |"), "{review}");
    assert!(
        review.contains("| ⚠ minio 4 of 4, needs 3, not without lzx-ha-env-3; monitor-minio 4 of 4; victoria-metrics 1 of 1 |"),
        "{review}"
    );
    assert!(files["RUNBOOK.md"].contains("minio 3/4 volumes, needs 3"));
    assert!(files["RUNBOOK.zh.md"].contains("minio 3/4 个卷可用，至少需要 3"));
}

#[test]
fn a_spec_without_storage_has_no_word_of_it() {
    let files = files(K3S);
    assert!(!files["plan.json"].contains("\"storage\"") && !files["REVIEW.md"].contains("volumes |"));
}

#[test]
fn the_plan_with_volumes_satisfies_the_schema_of_plans() {
    let validator = jsonschema::validator_for(&replank::render::document::schema()).unwrap();
    let document = document(DEAD_SERVER);
    let errors: Vec<String> = validator.iter_errors(&document).map(|error| error.to_string()).collect();
    assert_eq!(errors, Vec::<String>::new());
}

/// A command that speaks of every volume cannot succeed while another is still gone.
#[test]
fn the_last_of_several_lost_volumes_is_asked_whether_all_are_whole() {
    let document = document(&with(REPLACED, &[store(2, &["worker-2", "worker-2", "worker-1", "worker-3"])]));
    let asks = ["disk-store-0", "disk-store-1"].map(|claim| {
        let step = step(&document, &format!("61-recover-volumes/store/{claim}"));
        let why = step["words"]["why"].to_string().contains("the last of them anew asks");
        (commands(step, "verify").iter().any(|shell| shell.contains("store-is-whole")), why)
    });
    assert_eq!(asks, [(false, true), (true, false)]);
}

/// The commands name the claim as it is; what is kept on the workstation is a file's name.
#[test]
fn a_long_claim_stands_in_the_commands_and_not_in_the_names_of_files() {
    let set = "prometheus-kube-prometheus-stack-prometheus";
    let claim = format!("{set}-db-{set}-0");
    let spec = with(K3S, &[application("store", "data: disposable", &["vm-1"])]);
    let document = document(&edited(&spec, &[("statefulSet: store", &format!("statefulSet: {set}")), ("disk-store-0", &claim)]));
    let run = &commands(step(&document, "70-remove-nodes/vm-1.volumes/store/pod-0"), "run")[1];
    assert!(run.contains(&format!("delete pvc '{claim}' --wait=false")), "{run}");
    assert!(run.contains("/70-remove-nodes.vm-1.volumes.store.pod-0.volume\""), "{run}");
}
