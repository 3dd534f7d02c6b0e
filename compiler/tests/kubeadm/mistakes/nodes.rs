//! Mistakes about nodes: drains, labels, taints, and nodes that nobody opens again.

use crate::kubeadm::compiled::{NEW, OLD, at_release, example, in_order};

/// The document drains without an option for pods with an emptyDir, and would stop at the first such pod.
#[test]
fn a_drain_gives_up_empty_directories_by_the_word_of_its_release_and_ends() {
    for (version, schema, flag) in [("v1.18.20", "v1beta2", "--delete-local-data"), ("v1.22.17", "v1beta3", "--delete-emptydir-data")] {
        let run = at_release(version, schema).part("40-add-control-plane/master-1", "run");
        assert!(run.contains(&format!("drain 'master-1' --ignore-daemonsets {flag} --timeout=900s")), "{version}");
    }
}

/// The document drains three machines and announces that it opens them again, without doing so.
#[test]
fn each_node_that_is_closed_is_opened_again() {
    let plan = example();
    for name in NEW {
        let run = plan.part(&format!("40-add-control-plane/{name}"), "run");
        in_order(&run, &[&format!("drain '{name}'"), "kubeadm init phase control-plane all", &format!("uncordon '{name}'")]);
        assert!(plan.part(&format!("40-add-control-plane/{name}"), "rollback").contains("uncordon"));
    }
}

/// The document gives label and taint the value `true`, for which no tool looks.
#[test]
fn labels_and_taints_are_those_that_kubeadm_gives_in_each_release() {
    let (master, control_plane) = ("node-role.kubernetes.io/master", "node-role.kubernetes.io/control-plane");
    let no_external = "node.kubernetes.io/exclude-from-external-load-balancers";
    for (version, schema, labels, taints) in [
        ("v1.18.20", "v1beta2", vec![master], vec![master]),
        ("v1.22.17", "v1beta3", vec![master, control_plane, no_external], vec![master]),
        ("v1.24.17", "v1beta3", vec![control_plane, no_external], vec![master, control_plane]),
        ("v1.27.16", "v1beta3", vec![control_plane, no_external], vec![control_plane]),
    ] {
        let plan = at_release(version, schema);
        let run = plan.part("40-add-control-plane/master-2", "run");
        let lines = |verb: &str| -> Vec<String> {
            let rest = |line: &str| line.split_once(&format!(" {verb} --overwrite node 'master-2' ")).map(|(_, rest)| rest.to_owned());
            run.lines().filter_map(rest).collect()
        };
        assert_eq!(lines("label"), labels.iter().map(|label| format!("'{label}='")).collect::<Vec<_>>(), "{version}");
        assert_eq!(lines("taint"), taints.iter().map(|taint| format!("'{taint}=:NoSchedule'")).collect::<Vec<_>>(), "{version}");
    }
}

/// The document takes the label of the old masters away and leaves their taint, so that no pod ever runs there.
#[test]
fn an_old_control_plane_loses_both_labels_and_both_taints_and_takes_pods() {
    let plan = example();
    for name in OLD {
        let run = plan.part(&format!("72-demote-control-planes/{name}"), "run");
        let both = "node-role.kubernetes.io/master node-role.kubernetes.io/control-plane";
        in_order(
            &run,
            &[
                &format!("for label in {both}"),
                "\"$label-\"",
                &format!("for taint in {both}"),
                "\"$taint-\"",
                &format!("uncordon '{name}'"),
            ],
        );
        // What is not there is not taken away: a missing taint is no error.
        assert!(run.contains("case \" $taints \" in *\" $taint \"*)"));
    }
}

/// The document drains three nodes in a row, whatever they carry.
#[test]
fn room_is_counted_before_a_node_is_drained_and_the_next_ones_take_nothing() {
    let plan = example();
    for (index, name) in NEW.iter().enumerate() {
        let id = format!("40-add-control-plane/{name}");
        let preconditions = plan.part(&id, "preconditions");
        assert!(preconditions.contains("pods would move, and there is room for"));
        assert!(preconditions.contains("these volumes lie on"));
        for other in &NEW[index..] {
            assert!(plan.part(&id, "run").contains(&format!("-e '{other}'")), "{other} takes pods while {name} is drained");
        }
    }
}

/// The document calls the nodes by names that `kubectl` does not know.
#[test]
fn nodes_go_by_the_names_of_the_spec_and_the_first_step_proves_them() {
    let plan = example();
    let first = plan.file("steps/10-prepare/workstation/nodes");
    for name in NEW.iter().chain(&OLD) {
        assert!(first.contains(&format!("\n{name} Ready\n")), "{name}");
    }
    let registration = &plan.documents("steps/40-add-control-plane/master-3/kubeadm.yaml")[1]["nodeRegistration"];
    assert_eq!(registration["name"], "master-3");
}
