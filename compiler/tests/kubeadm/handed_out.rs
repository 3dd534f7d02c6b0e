//! What plans hand to kubeadm and to the API server is what a program of the spec's release reads.

use super::compiled::{Compiled, at_release, edited, example};
use super::schemas::complaints;

const RELEASES: [(&str, &str); 6] = [
    ("v1.16.15", "v1beta2"),
    ("v1.21.14", "v1beta2"),
    ("v1.22.17", "v1beta3"),
    ("v1.27.16", "v1beta3"),
    ("v1.31.4", "v1beta4"),
    ("v1.33.1", "v1beta4"),
];

/// Files for kubeadm, and objects of the cluster.
fn handed_out(plan: &Compiled) -> Vec<(&String, &String)> {
    plan.files.iter().filter(|(path, _)| path.starts_with("steps/") && path.ends_with(".yaml")).collect()
}

#[test]
fn a_program_of_each_release_reads_what_the_plan_hands_to_it() {
    for (release, schema) in RELEASES {
        let plan = at_release(release, schema);
        let files = handed_out(&plan);
        assert!(files.len() >= 6, "{release}: {files:?}");
        for (path, text) in files {
            assert_eq!(complaints(release, text), Vec::<String>::new(), "{release}: {path}\n{text}");
        }
    }
}

#[test]
fn machines_that_are_no_nodes_yet_join_with_what_their_release_reads() {
    let fresh = edited(&[("    workers: [master-1, master-2, master-3, node-1, node-2]", "    workers: [master-1, master-2, node-1]")]);
    for path in ["steps/40-add-control-plane/master-3/join.yaml", "steps/60-add-workers/node-2/join.yaml"] {
        let text = fresh.file(path);
        assert_eq!(complaints("v1.27.16", text), Vec::<String>::new(), "{text}");
        assert_eq!(fresh.documents(path)[0]["kind"], "JoinConfiguration");
    }
}

#[test]
fn a_schema_that_the_release_does_not_read_is_refused() {
    let text = example().file("steps/40-add-control-plane/master-1/kubeadm.yaml").to_owned();
    for (schema, release, is_read) in [
        ("v1beta3", "v1.27.16", true),
        ("v1beta3", "v1.21.14", false),
        ("v1beta2", "v1.26.15", true),
        ("v1beta2", "v1.27.16", false),
        ("v1beta4", "v1.27.16", false),
        ("v1alpha1", "v1.27.16", false),
    ] {
        let other = text.replace("kubeadm.k8s.io/v1beta3", &format!("kubeadm.k8s.io/{schema}"));
        assert_eq!(complaints(release, &other).is_empty(), is_read, "{schema} for {release}");
    }
    // Options are a list from v1beta4 on, and a timeout has moved.
    let other = text.replace("v1beta3", "v1beta4");
    assert_eq!(complaints("v1.31.4", &other).len(), 2);
}

#[test]
fn what_kubeadm_does_not_know_is_refused() {
    let plan = example();
    let text = plan.file("steps/40-add-control-plane/master-1/kubeadm.yaml");
    for (from, to) in [
        ("certSANs:", "certSans:"),
        ("advertiseAddress:", "advertiseAdress:"),
        ("effect: NoSchedule", "effect: NoSchedul"),
        ("bindPort: 6443", "bindPort: '6443'"),
        ("kind: InitConfiguration", "kind: InitConfig"),
        ("http://10.200.20.101:2379", "10.200.20.101:2379"),
        ("authorization-mode: Node,RBAC", "authorization-mode: [Node, RBAC]"),
    ] {
        assert_eq!(complaints("v1.27.16", &text.replacen(from, to, 1)).len(), 1, "{from} -> {to}");
    }
    let text = plan.file("steps/85-settle-control-plane/cluster/endpoints.yaml");
    for (from, to) in [("port: 6443", "port: https"), ("- ip: ", "- address: "), ("apiVersion: v1", "apiVersion: v2")] {
        assert!(!complaints("v1.27.16", &text.replacen(from, to, 1)).is_empty(), "{from} -> {to}");
    }
}
