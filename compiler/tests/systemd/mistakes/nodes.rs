//! Mistakes about nodes: a script that is run by hand on each, restarts that take containers along, hundreds of nodes.

use crate::kubeadm::compiled::{Compiled, changed, in_order, of};
use crate::systemd::{EXAMPLE, edited, example};

const BATCH: &str = "65-repoint-clients/l-33-39";

/// The example with so many nodes, in batches of fifty.
fn with_nodes(count: usize) -> Compiled {
    let name = |index: usize| format!("node-{index:03}");
    let names: Vec<String> = (0..count).map(name).collect();
    let machines: String = (0..count).map(|at| format!("    {}: {{address: 10.18.{}.{}}}\n", name(at), at / 200, at % 200 + 1)).collect();
    let text = changed(
        EXAMPLE,
        &[
            ("    l-33-39: {address: 10.17.33.39}\n    l-33-40: {address: 10.17.33.40}\n    l-33-41: {address: 10.17.33.41}\n", &machines),
            ("inBatchesOf: 2", "inBatchesOf: 50"),
        ],
    );
    of(&text.replace("[l-33-39, l-33-40, l-33-41]", &format!("[{}]", names.join(", "))))
}

/// flannel is required by docker: a restart that systemd passes on would restart every container of the node.
#[test]
fn flannel_is_restarted_without_docker() {
    let script = example().file(&format!("steps/{BATCH}/repoint-node.sh")).to_owned();
    in_order(&script, &["units=(kubelet kube-proxy flanneld)", "systemctl restart --job-mode=ignore-dependencies \"$unit\""]);
    let restarts = script.lines().filter(|line| line.contains("systemctl restart")).count();
    assert_eq!(restarts, 1, "in one place, for all units");
    assert!(!script.contains("docker.service") && !script.contains("restart docker"));
}

/// The document's script is started by hand, node by node, under one of two names.
#[test]
fn one_step_tells_a_batch_and_names_those_that_were_not_told() {
    let plan = example();
    let run = plan.part(BATCH, "run");
    in_order(&run, &["script=steps/65-repoint-clients/l-33-39/repoint-node.sh", "timeout 450", "apply < \"$script\"", "xargs -P 10 -L 1"]);
    in_order(&run, &["\nl-33-39 ssh ", "\nl-33-40 ssh ", "\nNODES\n", "not all nodes were repointed"]);
    assert!(!run.contains("l-33-41"), "it is in the next batch");
    assert_eq!(plan.step(BATCH)["run"][0]["expect"], "^repointed: all 2 nodes$");
    assert!(plan.part(BATCH, "rollback").contains("undo < \"$script\""));
}

/// Both the API server and etcd are told in one go: no unit restarts twice.
#[test]
fn each_node_is_told_once() {
    let plan = example();
    let batches: Vec<_> = plan.steps().filter(|step| step["action"].as_str().unwrap().starts_with("nodes.repoint(")).collect();
    assert_eq!(batches.len(), 2);
    let actions: String = batches.iter().map(|step| step["action"].as_str().unwrap()).collect();
    for name in ["l-33-39", "l-33-40", "l-33-41"] {
        assert_eq!(actions.matches(name).count(), 1, "{name}");
    }
}

#[test]
fn three_hundred_nodes_are_six_steps_more_than_none() {
    let (few, many) = (with_nodes(50), with_nodes(300));
    assert_eq!(many.steps().count() - few.steps().count(), 5);
    let names: Vec<&str> = many.steps().filter_map(|step| step["id"].as_str()?.strip_prefix("65-repoint-clients/node-")).collect();
    assert_eq!(names, ["000", "050", "100", "150", "200", "250"], "a batch is called after its first node");
    // What lists nodes lists all, and is one file or command all the same.
    let preconditions = many.part("66-start-controllers/master-new", "preconditions");
    assert!(preconditions.contains("heard of all 300 nodes") && preconditions.contains("'node-299'"));
    assert!(many.part("65-repoint-clients/node-250", "run").contains("\nnode-299 ssh "));
}

#[test]
fn a_node_more_renames_no_step() {
    let ids = |plan: &Compiled| -> Vec<String> { plan.steps().map(|step| step["id"].as_str().unwrap().to_owned()).collect() };
    assert_eq!(ids(&with_nodes(120)), ids(&with_nodes(121)));
    let (before, after) = (ids(&with_nodes(150)), ids(&with_nodes(151)));
    let added: Vec<_> = after.iter().filter(|id| !before.contains(id)).collect();
    assert_eq!(added, ["65-repoint-clients/node-150"]);
    assert!(before.iter().all(|id| after.contains(id)));
}

/// A bound that does not know how many nodes wait their turn ends a large batch half done.
#[test]
fn the_time_of_a_batch_follows_from_its_rounds() {
    for (at_once, seconds) in [(50, 510), (10, 2310), (1, 22560)] {
        let plan = {
            let text = changed(EXAMPLE, &[("inBatchesOf: 2", &format!("inBatchesOf: 50\n          atOnce: {at_once}"))]);
            let nodes: Vec<String> = (0..50).map(|index| format!("n-{index:02}")).collect();
            let machines: String = (0..50).map(|at| format!("    n-{at:02}: {{address: 10.18.0.{}}}\n", at + 1)).collect();
            let text = changed(
                &text,
                &[(
                    "    l-33-39: {address: 10.17.33.39}\n    l-33-40: {address: 10.17.33.40}\n    l-33-41: {address: 10.17.33.41}\n",
                    &machines,
                )],
            );
            of(&text.replace("[l-33-39, l-33-40, l-33-41]", &format!("[{}]", nodes.join(", "))))
        };
        assert_eq!(plan.step("65-repoint-clients/n-00")["run"][0]["timeoutSeconds"], seconds, "{at_once}");
    }
}

/// Where other files or variables hold the addresses, the script looks there and nowhere else.
#[test]
fn the_script_goes_by_the_files_of_the_spec() {
    let nodes = "          inBatchesOf: 2\n";
    let other = format!(
        "{nodes}          kubelet: {{unit: kubelet, file: /etc/kubernetes/kubelet.conf}}\n\
         \x20         proxy: {{unit: k8s-proxy, file: /etc/default/k8s-proxy, variable: MASTER}}\n"
    );
    let plan = edited(&[(nodes, &other)]);
    let script = plan.file(&format!("steps/{BATCH}/repoint-node.sh"));
    in_order(
        script,
        &[
            "files=(/etc/kubernetes/kubelet.conf /etc/default/k8s-proxy /etc/sysconfig/flanneld)",
            "units=(kubelet k8s-proxy flanneld)",
            "set_server /etc/kubernetes/kubelet.conf 'http://10.17.33.20:8080'",
            "set_value /etc/default/k8s-proxy MASTER 'http://10.17.33.20:8080'",
        ],
    );
}
