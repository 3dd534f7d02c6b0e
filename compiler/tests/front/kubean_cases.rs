//! One wrong spec for every code that only kubean has.
//!
//! Read the result as a gallery in `snapshots/diagnostics/`.

use super::cases::{Case, kubean};

const IMAGE: &str = "spray-job:v0.12.2";
const VARIABLES: &str = "variables: {kube_network_plugin: calico, container_manager: containerd}";
const HOOK: &str = "playbook: disable-firewalld.yml";
const POLICY: &str = "  policy:\n";

fn variables(code: &'static str, written: &str) -> Case {
    kubean(code, &[(VARIABLES, &format!("variables: {{{written}}}"))])
}

pub fn all() -> Vec<Case> {
    let mut cases = versions();
    cases.extend(etcd_and_groups());
    cases.extend(variables_packages_and_hooks());
    cases
}

fn versions() -> Vec<Case> {
    vec![
        kubean("M601", &[(IMAGE, "spray-job:latest")]),
        kubean("M602", &[(IMAGE, "spray-job:tested")]),
        kubean("M603", &[(IMAGE, "spray-job:v0.12.2\n        kubespray: v2.28.0"), ("1.27.5", "1.27.5")]),
        kubean("M604", &[("1.27.5", "v1.30.4")]),
        kubean("M605", &[("    name: centos\n", "    name: centos\n    etcd: {tls: none}\n")]),
        kubean("M606", &[(POLICY, "    virtualIp: [master-1]\n  policy:\n")]),
        kubean("M607", &[(IMAGE, "spray-job:v0.34.0-ansible10next"), ("1.27.5", "1.33.8")]),
        kubean(
            "M608",
            &[
                (IMAGE, "spray-job:v0.34.0"),
                ("1.27.5", "1.33.8"),
                ("10.6.0.22}", "10.6.0.22, os: {source: centos-7.6, target: centos-7.9}}"),
            ],
        ),
        kubean("M609", &[("10.6.0.11", "10.6.0.1")]),
    ]
}

fn etcd_and_groups() -> Vec<Case> {
    let pool = "    worker-2: {";
    let target = "    workers: [worker-1, worker-2]\n    etcd: [master-1, master-2, master-3]\n  policy:\n";
    vec![
        kubean(
            "M610",
            &[("etcdDeployment: host", "etcdDeployment: kubeadm"), (target, &target.replace("etcd: [master-1, ", "etcd: [worker-1, "))],
        ),
        kubean("M611", &[(target, &target.replace(", master-3]", "]"))]),
        kubean("M612", &[("minimumEtcdTolerance: 0", "etcd: {join: learner}\n    minimumEtcdTolerance: 0")]),
        kubean(
            "M613",
            &[("        controlPlaneTakesPods: true\n", ""), (target, &target.replace("workers: [worker-1, worker-2]", "workers: []"))],
        ),
        kubean("M614", &[("pods: {movable: 30}", "pods: {movable: 30, capacity: 200}")]),
        kubean(
            "M615",
            &[
                (pool, "    worker-3: {address: 10.6.0.23, os: ubuntu-22.04}\n    worker-2: {"),
                (
                    "    workers: [worker-1, worker-2]\n    etcd: [master-1, master-2, master-3]\n  target",
                    "    workers: [worker-1, worker-2, worker-3]\n    etcd: [master-1, master-2, master-3]\n  target",
                ),
                (target, "    workers: [worker-1, worker-2, worker-3]\n    etcd: [master-1, master-2, worker-3]\n  policy:\n"),
            ],
        ),
        kubean("M616", &[("        skipTags", "        loadBalancer: {address: 10.6.0.11}\n        skipTags")]),
    ]
}

fn variables_packages_and_hooks() -> Vec<Case> {
    let no_os = ("    os: ubuntu-22.04\n", "");
    vec![
        variables("M617", "kube_version: v1.27.5, kube_apiserver_port: 8443"),
        variables("M618", "ansible_user: admin"),
        variables("M619", "ignore_assert_errors: true"),
        variables("M620", "containerd_registry_auth: [{registry: 10.6.0.5, username: admin, password: hunter2}]"),
        kubean("M621", &[("10.6.0.22}", "10.6.0.22, os: {source: centos-7.9, target: debian-12}}")]),
        kubean(
            "M622",
            &[
                no_os,
                ("    os: centos-7.9\n", ""),
                ("            ubuntu-22.04:", "            centos-7.9:"),
                ("10.6.0.22}", "10.6.0.22, os: {source: centos-7.6, target: centos-7.9}}"),
                ("    worker-1: {", "    worker-3: {address: 10.6.0.23}\n    worker-1: {"),
                (
                    "    workers: [worker-1, worker-2]\n    etcd: [master-1, master-2, master-3]\n  policy",
                    "    workers: [worker-1, worker-2, worker-3]\n    etcd: [master-1, master-2, master-3]\n  policy",
                ),
            ],
        ),
        kubean("M623", &[("            ubuntu-22.04:", "            ubuntu-20.04:")]),
        kubean("M624", &[(HOOK, "playbook: reset.yml")]),
        kubean("M625", &[(HOOK, "playbook: disable-firewall.yml")]),
        kubean("M626", &[("version: v0.12.2", "version: v0.15.0"), (HOOK, "playbook: enable-nf-conntrack.yml")]),
        kubean(
            "M627",
            &[
                (IMAGE, "spray-job:v0.30.0"),
                ("1.27.5", "1.31.6"),
                ("    worker-1: {", "    etcd-1: {address: 10.6.0.31}\n    worker-1: {"),
                ("etcd: [master-1, master-2, master-3]\n  target", "etcd: [etcd-1]\n  target"),
                ("etcd: [master-1, master-2, master-3]\n  policy", "etcd: [etcd-1]\n  policy"),
            ],
        ),
        kubean(
            "M628",
            &[
                ("    worker-2: {", "    bastion: {"),
                (
                    "worker-2]\n    etcd: [master-1, master-2, master-3]\n  target",
                    "bastion]\n    etcd: [master-1, master-2, master-3]\n  target",
                ),
                (
                    "worker-2]\n    etcd: [master-1, master-2, master-3]\n  policy",
                    "bastion]\n    etcd: [master-1, master-2, master-3]\n  policy",
                ),
            ],
        ),
        kubean("M629", &[("        skipTags", "        hostsConf: centos-conf\n        varsConf: centos-conf\n        skipTags")]),
    ]
}
