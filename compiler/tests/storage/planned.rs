//! Where volumes go, and when.

use super::{DEAD_SERVER, IN_PLACE, K3S, RELOCATED, REPLACED, application, edited, moves, planned, store, with};

fn moved(text: &str) -> Vec<String> {
    moves(&planned(text).1)
}

#[test]
fn volumes_of_a_server_that_died_follow_when_its_replacement_has_joined() {
    assert_eq!(
        moved(DEAD_SERVER),
        [
            "25-recover-failed/lzx-ha-env",
            "61-recover-volumes/minio/export-minio-1: lzx-ha-env > lzx-test-add-node",
            "61-recover-volumes/monitor-minio/export-monitor-minio-1: lzx-ha-env > lzx-test-add-node",
            "61-recover-volumes/victoria-metrics/default-victoria-metrics: lzx-ha-env > lzx-test-add-node",
        ]
    );
}

#[test]
fn an_application_that_has_fewer_than_it_needs_is_recovered_first() {
    let needs_all = edited(DEAD_SERVER, &[("    - name: minio\n", "    - name: later\n"), ("      needs: 3\n", "      needs: 2\n")]);
    let below = "timeoutSeconds: 3600\n        retryEverySeconds: 30\n    - name: monitor-minio\n";
    let (before, after) = needs_all.split_once(below).unwrap();
    let after = after.replacen("      data: disposable\n", "      needs: 4\n      data: disposable\n", 1);
    let steps = moved(&format!("{before}{below}{after}"));
    assert_eq!(
        steps[1..3].iter().map(|step| step.split(':').next().unwrap()).collect::<Vec<_>>(),
        ["61-recover-volumes/monitor-minio/export-monitor-minio-1", "61-recover-volumes/later/export-minio-1"]
    );
}

#[test]
fn a_node_that_answers_gives_its_volumes_away_right_before_it_leaves() {
    assert_eq!(
        moved(&with(K3S, &[store(2, &["vm-1", "vm-2", "vm-3"])])),
        [
            "70-remove-nodes/vm-1.volumes/store/disk-store-0: vm-1 > phy-1",
            "70-remove-nodes/vm-1",
            "70-remove-nodes/vm-2.volumes/store/disk-store-1: vm-2 > phy-2",
            "70-remove-nodes/vm-2",
            "70-remove-nodes/vm-3.volumes/store/disk-store-2: vm-3 > phy-3",
            "70-remove-nodes/vm-3",
        ]
    );
}

#[test]
fn with_an_installer_the_failed_worker_comes_first_and_the_others_follow() {
    assert_eq!(
        moved(&with(REPLACED, &[store(2, &["worker-1", "worker-2", "worker-3"])]))
            .iter()
            .filter(|step| step.contains("worker"))
            .collect::<Vec<_>>(),
        [
            "25-recover-failed/worker-2",
            "61-recover-volumes/store/disk-store-1: worker-2 > worker-4",
            "70-remove-nodes/worker-1.volumes/store/disk-store-0: worker-1 > worker-5",
            "70-remove-nodes/worker-1",
        ]
    );
}

/// Control planes take no pods there, unless the spec says so.
#[test]
fn no_volume_goes_to_a_node_that_takes_no_pods() {
    let steps = moved(&with(REPLACED, &[store(1, &["worker-1", "worker-2"])]));
    assert!(steps.iter().all(|step| !step.contains("> master")), "{steps:#?}");
}

/// Its volumes are as far apart as before; a machine that is rebuilt later gives its own away again.
#[test]
fn a_machine_that_is_rebuilt_in_place_gives_its_volumes_away_before() {
    let steps = moved(&with(IN_PLACE, &[store(1, &["centos-worker1", "centos-worker2"])]));
    assert_eq!(
        steps.iter().filter(|step| step.contains("volumes") || step.contains("rebuild-workers")).collect::<Vec<_>>(),
        [
            "62-rebuild-workers/centos-worker1/volumes/store/disk-store-0: centos-worker1 > centos-master1",
            "62-rebuild-workers/centos-worker1/remove",
            "62-rebuild-workers/centos-worker2/volumes/store/disk-store-1: centos-worker2 > centos-worker1",
            "62-rebuild-workers/centos-worker2/remove",
            "68-rebuild-control-plane/centos-master1/volumes/store/disk-store-0: centos-master1 > centos-master2",
        ]
    );
}

/// Nobody minds how far apart they are.
#[test]
fn what_may_stop_moves_as_rarely_as_it_can() {
    let disposable = application("store", "data: disposable", &["centos-worker2", "centos-worker1"]);
    let steps = moved(&with(IN_PLACE, &[disposable]));
    let last = "62-rebuild-workers/centos-worker2/volumes/store/disk-store-0: centos-worker2 > centos-worker1";
    assert!(steps.contains(&last.to_owned()), "{steps:#?}");
}

/// A machine that failed comes back under its old name: a pod that finds its name again would begin with an empty directory.
#[test]
fn a_volume_of_a_machine_that_comes_back_under_its_name_is_made_anew_as_well() {
    let failed = edited(IN_PLACE, &[("10.6.1.21, pods", "10.6.1.21, state: failed, pods")]);
    let steps = moved(&with(&failed, &[store(1, &["centos-worker1", "centos-worker2"])]));
    assert!(steps.contains(&"61-recover-volumes/store/disk-store-0: centos-worker1 > centos-worker1".to_owned()), "{steps:#?}");
}

#[test]
fn a_node_that_becomes_a_control_plane_gives_its_volumes_away_before() {
    let steps = moved(&with(RELOCATED, &[store(2, &["master-1", "master-2", "node-1"])]));
    assert_eq!(steps[0], "40-add-control-plane/master-1.volumes/store/disk-store-0: master-1 > node-2", "{steps:#?}");
}

#[test]
fn volumes_on_machines_that_stay_stay() {
    let steps = moved(&with(REPLACED, &[store(1, &["worker-3"])]));
    assert!(steps.iter().all(|step| !step.contains(" > ")), "{steps:#?}");
}

/// Data that is nowhere else is saved by the team's own step, right before its volume goes.
#[test]
fn a_hook_may_stand_before_the_step_of_one_volume() {
    let step = "70-remove-nodes/vm-1.volumes/store/disk-store-0";
    let hook =
        format!("    - {{id: save, at: {{before: {step}}}, on: workstation, title: {{en: Save, zh: 保存}}, run: [{{shell: save}}]}}\n");
    let spec = with(K3S, &[store(2, &["vm-1", "vm-2", "vm-3"])]);
    let spec = if spec.contains("\n  hooks:\n") {
        spec.replacen("\n  hooks:\n", &format!("\n  hooks:\n{hook}"), 1)
    } else {
        format!("{}\n  hooks:\n{hook}", spec.trim_end())
    };
    let plan = planned(&spec).1;
    let at = plan.steps.iter().position(|planned| planned.id.as_str() == step).unwrap();
    assert!(plan.steps[at - 1].id.as_str().ends_with("/hook.save"), "{}", plan.steps[at - 1].id);
}

/// A StatefulSet may make a pod only when those of all lower numbers are ready: it would wait for one whose volume is still gone.
#[test]
fn of_several_lost_volumes_the_lowest_number_comes_first() {
    let reversed = edited(
        &with(REPLACED, &[store(1, &["worker-2", "worker-2", "worker-1"])]),
        &[("disk-store-0", "disk-store-10"), ("disk-store-1, on", "disk-store-9, on")],
    );
    let steps = moved(&reversed);
    let recovered: Vec<_> = steps.iter().filter(|step| step.starts_with("61-")).map(|step| step.split(':').next().unwrap()).collect();
    assert_eq!(recovered, ["61-recover-volumes/store/disk-store-9", "61-recover-volumes/store/disk-store-10"]);
}

/// Claims are longer than what a step, a file or an anchor may be called: those are named by the number of their pod.
#[test]
fn a_claim_that_is_no_label_is_known_by_its_pod() {
    let set = "prometheus-kube-prometheus-stack-prometheus";
    let longest = format!("{}-{set}-12", "d".repeat(253 - set.len() - 4));
    let text = edited(
        &with(K3S, &[application("store", "data: disposable", &["vm-1", "vm-2", "vm-3"])]),
        &[
            ("statefulSet: store", &format!("statefulSet: {set}")),
            ("disk-store-0", &format!("{set}-db-{set}-0")),
            ("disk-store-1", &longest),
            ("disk-store-2", &format!("a.b-{set}-3")),
        ],
    );
    let steps = moved(&text);
    for (machine, pod) in [("vm-1", "pod-0"), ("vm-2", "pod-12"), ("vm-3", "pod-3")] {
        let step = format!("70-remove-nodes/{machine}.volumes/store/{pod}: ");
        assert!(steps.iter().any(|shown| shown.starts_with(&step)), "{steps:#?}");
    }
}
