//! Mistakes about who is told of the new control planes: kubelets, service proxies, the cluster's own objects, the pod network.

use crate::kubeadm::compiled::{NEW, OLD, at_release, edited, example, in_order};

const VIRTUAL_IP: &str = "https://10.200.20.241:443";

/// The document changes kubelet.conf before any certificate covers the address, with sed, and restarts nothing.
#[test]
fn a_kubelet_is_sent_to_an_address_that_its_authority_vouches_for_and_reads_it() {
    let plan = example();
    for node in ["node-1", "node-2"] {
        let id = format!("65-repoint-clients/{node}");
        assert!(plan.place("50-move-virtual-ip/hand-over") < plan.place(&id), "the certificates of the new ones cover the address");
        let trusted = format!("curl --silent --cacert /etc/kubernetes/pki/ca.crt --max-time 5 {VIRTUAL_IP}/readyz");
        assert!(plan.part(&id, "preconditions").contains(&trusted));
        let run = plan.part(&id, "run");
        in_order(&run, &["/etc/kubernetes/kubelet.conf /etc/kubernetes/bootstrap-kubelet.conf; do", "systemctl restart"]);
        // The cluster is called default-cluster in one and kubernetes in the other: its name is read.
        in_order(&run, &["jsonpath='{.clusters[0].name}'", &format!("set-cluster \"$cluster\" --server={VIRTUAL_IP}")]);
        assert!(!run.contains("sed -i"));
    }
}

/// The same for a node that becomes a control plane while the old ones still serve.
#[test]
fn a_promoted_node_asks_whether_the_old_certificates_cover_the_address_before_anything_changes() {
    let plan = example();
    for name in NEW {
        let id = format!("40-add-control-plane/{name}");
        let trusted = format!("--cacert /etc/kubernetes/pki/ca.crt --max-time 5 {VIRTUAL_IP}/readyz");
        assert!(plan.part(&id, "preconditions").contains(&trusted), "{id}");
    }
}

/// The document edits the ConfigMap of kube-proxy and leaves the pods as they are.
#[test]
fn service_proxies_are_started_anew_on_every_node() {
    let plan = example();
    let run = plan.part("65-repoint-clients/service-proxies", "run");
    in_order(
        &run,
        &["patch configmap kube-proxy", "rollout restart daemonset/kube-proxy", "rollout status daemonset/kube-proxy --timeout="],
    );
    assert!(run.contains(r"jsonpath='{.data.kubeconfig\.conf}'"));
    assert!(!plan.everything().contains("kubectl apply"), "an object without the last applied one would be merged with nothing");
}

/// The document leaves cluster-info and kubeadm-config as they were.
#[test]
fn the_cluster_says_where_it_is_to_whoever_joins_later() {
    let plan = example();
    let id = "85-settle-control-plane/cluster";
    let run = plan.part(id, "run");
    in_order(&run, &["kubeadm init phase upload-config kubeadm --config", "-n kube-public patch configmap cluster-info"]);
    assert!(run.contains(&format!("server: ).*#\\1{VIRTUAL_IP}#")));
    let uploaded = &plan.documents(&format!("steps/{id}/kubeadm.yaml"))[0];
    assert_eq!(uploaded["controlPlaneEndpoint"], "10.200.20.241:443");
    let members = ["http://10.200.20.101:2379", "http://10.200.20.102:2379", "http://10.200.20.103:2379"];
    assert_eq!(uploaded["etcd"]["external"]["endpoints"], serde_json::json!(members));
    assert!(OLD.iter().all(|old| plan.place(&format!("80-swap-etcd/{old}")) < plan.place(id)));
}

/// Up to v1.21 a second object in the same ConfigMap lists the control planes.
#[test]
fn releases_that_list_their_control_planes_are_told_of_the_new_ones() {
    let id = "85-settle-control-plane/cluster";
    let before = at_release("v1.21.14", "v1beta2");
    assert!(before.part(id, "run").contains("--from-file=ClusterStatus="));
    let status = &before.documents(&format!("steps/{id}/cluster-status.yaml"))[0];
    let expected = serde_json::json!({
        "apiVersion": "kubeadm.k8s.io/v1beta2",
        "kind": "ClusterStatus",
        "apiEndpoints": {
            "master-1": {"advertiseAddress": "10.200.20.101", "bindPort": 6443},
            "master-2": {"advertiseAddress": "10.200.20.102", "bindPort": 6443},
            "master-3": {"advertiseAddress": "10.200.20.103", "bindPort": 6443},
        },
    });
    assert_eq!(*status, expected);
    assert!(!at_release("v1.22.17", "v1beta3").everything().contains("ClusterStatus"));
}

/// The document says "edit calico-config and restart" without a command, with the name of a controller of years ago.
#[test]
fn the_pod_network_learns_of_the_new_members_once_and_before_an_old_one_leaves() {
    let plan = example();
    let id = "67-repoint-network/network";
    assert!(NEW.iter().all(|name| plan.place(&format!("30-grow-etcd/{name}")) < plan.place(id)));
    assert!(OLD.iter().all(|name| plan.place(id) < plan.place(&format!("80-swap-etcd/{name}"))));
    let members = "http://10.200.20.101:2379,http://10.200.20.102:2379,http://10.200.20.103:2379";
    let run = plan.part(id, "run");
    in_order(
        &run,
        &[
            "patch configmap calico-config --type merge",
            &format!("\"etcd_endpoints\":\"{members}\""),
            "rollout restart daemonset/calico-node deployment/calico-kube-controllers",
            "rollout status daemonset/calico-node --timeout=60m",
            "rollout status deployment/calico-kube-controllers --timeout=10m",
        ],
    );
    assert!(!plan.everything().contains("calico-policy-controller"));
    assert_eq!(plan.steps().filter(|step| step["action"].as_str().unwrap().starts_with("network.repoint")).count(), 1);
}

/// A DaemonSet that waits for its pods to be deleted restarts nothing: that is found before the first change.
#[test]
fn a_daemon_set_that_would_not_be_rolled_out_stops_the_plan_at_its_first_step() {
    let first = example().part("10-prepare/workstation", "preconditions");
    for name in ["calico-node", "kube-proxy"] {
        assert!(first.contains(&format!("get daemonset {name} -o jsonpath='{{.spec.updateStrategy.type}}'")), "{name}");
    }
}

#[test]
fn the_file_of_calicoctl_follows_where_there_is_one() {
    let plan = example();
    let id = "67-repoint-network/network";
    let on: Vec<_> = plan.step(id)["run"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|command| command["shell"].as_str().unwrap().contains("calicoctl.cfg"))
        .map(|command| command["on"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(on, NEW, "where the cluster is managed from now on");
}

/// A network that keeps its data elsewhere is none of the plan's business.
#[test]
fn no_pod_network_is_touched_that_keeps_nothing_in_etcd() {
    let plan = edited(&[("        calico:\n          version: v3.26.4\n", "")]);
    assert!(!plan.everything().contains("calico"));
}
