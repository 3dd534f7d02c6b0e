//! Moves of one thing alone: the master, or etcd. What stays is told of nothing that has not changed.

use crate::kubeadm::compiled::{Compiled, in_order, of};

const SPEC: &str = include_str!("../front/base-systemd.yaml");
const RISKS: [&str; 2] = [
    "{risk: api-outage, at: 52-hand-over-control-plane/new, reason: nothing is evicted meanwhile}",
    "{risk: etcd-no-tolerance, at: 30-grow-etcd/new-1, reason: the v2 API knows no learners}",
];

/// The base with another target; what nobody needs any more is declared no more.
fn compiled(control_plane: &str, etcd: [&str; 3], accepted: &[&str], unused: &[&str]) -> Compiled {
    let mut text = SPEC.replacen("controlPlane: [new]", &format!("controlPlane: [{control_plane}]"), 1).replacen(
        "etcd: [new-1, new-2, new-3]",
        &format!("etcd: [{}]", etcd.join(", ")),
        1,
    );
    for name in unused {
        let line = text.lines().find(|line| line.starts_with(&format!("    {name}: {{"))).unwrap().to_owned();
        text = text.replacen(&format!("{line}\n"), "", 1);
    }
    of(&format!("{text}  accept: [{}]\n", accepted.join(", ")))
}

fn ids(plan: &Compiled) -> Vec<&str> {
    plan.steps().map(|step| step["id"].as_str().unwrap()).collect()
}

fn only_the_master() -> Compiled {
    compiled("new", ["old-1", "old-2", "old-3"], &RISKS[..1], &["new-1", "new-2", "new-3"])
}

fn only_etcd() -> Compiled {
    compiled(
        "old",
        ["new-1", "new-2", "new-3"],
        &[RISKS[1], "{risk: api-outage, at: 45-repoint-control-plane/old, reason: a restart}"],
        &["new"],
    )
}

#[test]
fn the_master_moves_alone() {
    let plan = only_the_master();
    assert_eq!(
        ids(&plan),
        [
            "10-prepare/workstation",
            "10-prepare/new",
            "20-back-up/etcd",
            "20-back-up/control-plane",
            "40-add-control-plane/new",
            "52-hand-over-control-plane/new",
            "65-repoint-clients/workstation",
            "65-repoint-clients/node-1",
            "66-start-controllers/new",
            "69-roll-dns/dns",
            "90-clean-up/old",
        ]
    );
    let script = plan.file("steps/65-repoint-clients/node-1/repoint-node.sh");
    assert!(script.contains("files=(/etc/sysconfig/kubelet /etc/sysconfig/kube-proxy)"), "flannel goes by the same members:\n{script}");
    assert!(!plan.step("65-repoint-clients/node-1")["words"]["why"].to_string().contains("flannel goes by"));
}

#[test]
fn etcd_moves_alone() {
    let plan = only_etcd();
    let phases: Vec<&str> = plan.steps().map(|step| step["phase"].as_str().unwrap()).collect();
    for absent in ["40-add-control-plane", "52-hand-over-control-plane", "66-start-controllers"] {
        assert!(!phases.contains(&absent), "{absent}");
    }
    let script = plan.file("steps/65-repoint-clients/node-1/repoint-node.sh");
    assert!(script.contains("files=(/etc/sysconfig/flanneld)") && !script.contains("API_SERVERS"), "the API stays where it is:\n{script}");
    // Controllers run on, so nobody may be sent away from the API.
    let why = plan.step("65-repoint-clients/node-1")["words"]["why"].to_string();
    assert!(!why.contains("No controller runs"), "{why}");
    let run = plan.part("45-repoint-control-plane/old", "run");
    in_order(&run, &["tar -C / -czf", "systemctl restart --no-block kube-apiserver", "--job-mode=ignore-dependencies flanneld"]);
    assert!(!run.contains("restart --no-block kube-controller"));
    assert!(plan.place("45-repoint-control-plane/old") < plan.place("80-swap-etcd/old-1"));
    assert!(plan.place("69-roll-dns/dns") < plan.place("80-swap-etcd/old-1"));
}

/// Without flannel and DNS over etcd nobody but the API server names a member.
#[test]
fn where_only_the_api_server_uses_etcd_no_node_hears_of_its_move() {
    let start = SPEC.find("        flannel:").unwrap();
    let end = SPEC.find("    etcd: {api").unwrap();
    let text = format!("{}{}", &SPEC[..start], &SPEC[end..]).replacen("controlPlane: [new]", "controlPlane: [old]", 1).replacen(
        "    new: {address: 10.17.33.20}\n",
        "",
        1,
    );
    let risk = |risk: &str, phase: &str| format!("{{risk: {risk}, at: {phase}, reason: agreed}}");
    let accepted = [
        risk("etcd-no-tolerance", "30-grow-etcd"),
        risk("api-outage", "45-repoint-control-plane"),
        risk("api-outage", "85-settle-control-plane"),
    ]
    .join(", ");
    let plan = of(&format!("{text}  accept: [{accepted}]\n"));
    assert!(ids(&plan).iter().all(|id| !id.starts_with("65-") && !id.starts_with("69-")), "{:?}", ids(&plan));
}

/// More members than etcd bears at once come in two parts; whoever names them ends with all of them all the same.
#[test]
fn five_members_are_replaced_by_five_others() {
    let names = |kind: &str| (1..=5).map(|index| format!("{kind}-{index}")).collect::<Vec<_>>().join(", ");
    let further = [("old", 4, 34), ("old", 5, 35), ("new", 4, 24), ("new", 5, 25)];
    let further = further.map(|(kind, index, last)| format!("    {kind}-{index}: {{address: 10.17.33.{last}}}\n")).concat();
    let text = SPEC
        .replacen("  source:\n", &format!("{further}  source:\n"), 1)
        .replacen("etcd: [old-1, old-2, old-3]", &format!("etcd: [{}]", names("old")), 1)
        .replacen("etcd: [new-1, new-2, new-3]", &format!("etcd: [{}]", names("new")), 1);
    let plan = of(&format!("{text}  accept: [{}, {{risk: api-outage, at: 85-settle-control-plane/new, reason: a restart}}]\n", RISKS[0]));
    assert_eq!(plan.steps().last().unwrap()["after"]["etcd"]["voters"].as_array().unwrap().len(), 5);
    let (first, last) = ("65-repoint-clients/node-1", "85-settle-control-plane/node-1");
    assert!(plan.place(first) < plan.place("80-swap-etcd/old-1") && plan.place("80-swap-etcd/old-5") < plan.place(last));
    let all = (21..=25).map(|last| format!("http://10.17.33.{last}:2379")).collect::<Vec<_>>().join(",");
    let script = plan.file(&format!("steps/{last}/repoint-node.sh"));
    assert!(script.contains(&format!("FLANNEL_ETCD '{all}'")), "{script}");
    // Controllers run by then: nobody is sent anywhere but to further members.
    assert!(script.contains("files=(/etc/sysconfig/flanneld)"), "{script}");
    assert!(!plan.step(last)["words"]["why"].to_string().contains("No controller runs"));
}
