//! Objects that plans hand to an API server are what it reads.

use super::{at_release, edited, example};
use crate::kubeadm::compiled::Compiled;
use crate::kubeadm::replication_controller::chooses_its_own;
use crate::kubeadm::schemas::complaints;

const FILES: [&str; 2] = ["steps/69-roll-dns/dns/kube2sky.yaml", "steps/69-roll-dns/dns/skydns.yaml"];

fn objects(plan: &Compiled) -> Vec<&String> {
    plan.files.iter().filter(|(path, _)| path.starts_with("steps/") && path.ends_with(".yaml")).map(|(_, text)| text).collect()
}

#[test]
fn an_api_server_of_each_release_reads_what_the_plan_hands_to_it() {
    for plan in [example(), at_release("v1.9.11"), at_release("v1.19.16")] {
        assert_eq!(objects(&plan).len(), FILES.len());
        for path in FILES {
            let text = plan.file(path);
            assert_eq!(complaints("v1.2.4", text), Vec::<String>::new(), "{path}\n{text}");
            assert!(chooses_its_own(&plan.documents(path)[0]), "{path}");
        }
    }
}

#[test]
fn a_dns_without_name_servers_and_with_many_pods_is_read_as_well() {
    let skydns = "skydns: {image: \"pub.domeos.org/domeos/skydns:1.5\", nameservers: [10.2.166.105, 10.1.34.101]}";
    let plan = edited(&[(skydns, "skydns: {image: \"pub.domeos.org/domeos/skydns:1.5\", replicas: 3}")]);
    let object = &plan.documents(FILES[1])[0];
    assert_eq!(complaints("v1.2.4", plan.file(FILES[1])), Vec::<String>::new());
    assert_eq!(object["spec"]["replicas"], 3);
    assert!(!plan.file(FILES[1]).contains("--nameservers"));
    assert_eq!(plan.documents(FILES[0])[0]["spec"]["replicas"], 1, "two that write would undo each other's records");
}

#[test]
fn what_the_api_server_does_not_know_is_refused() {
    let plan = example();
    let text = plan.file(FILES[1]);
    for (from, to) in [
        ("replicas: 1", "replicas: '1'"),
        ("kind: ReplicationController", "kind: ReplicationControler"),
        ("containerPort: 53", "containerport: 53"),
        ("protocol: UDP", "protocol: udp"),
        ("name: dns-udp", "name: a-name-that-is-too-long"),
        ("  selector:", "  selectors:"),
        ("image: pub", "image: http://pub"),
    ] {
        assert!(!complaints("v1.2.4", &text.replacen(from, to, 1)).is_empty(), "{from} -> {to}");
    }
    let other: serde_json::Value =
        serde_yaml::from_str(&text.replacen("    app: skydns\n    version: v10\n  template", "    app: x\n  template", 1)).unwrap();
    assert!(!chooses_its_own(&other), "{text}");
}
