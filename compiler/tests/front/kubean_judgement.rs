//! Where the line runs between what is refused of a kubean cluster and what is not. Each finding stands alone.

use super::base::{codes, edited_kubean, human};
use super::kubean_cases;

const VARIABLES: &str = "variables: {kube_network_plugin: calico, container_manager: containerd}";

#[track_caller]
fn finds(edits: &[(&str, &str)], expected: &str) {
    let text = edited_kubean(edits);
    assert_eq!(codes(&text).join(" "), expected, "{edits:?}\n{}", human(&text));
}

#[test]
fn one_broken_thing_is_one_kind_of_finding() {
    for case in kubean_cases::all() {
        let found = codes(&case.text);
        assert!(!found.is_empty() && found.iter().all(|code| code == case.code), "{}: {found:?}\n{}", case.code, human(&case.text));
    }
}

#[test]
fn an_image_is_pinned_by_a_release_or_a_digest() {
    let digest = format!("spray-job@sha256:{}", "0".repeat(64));
    for (image, expected) in [
        ("spray-job:latest", "M601"),
        ("spray-job", "M601"),
        (digest.as_str(), "M602"),
        ("spray-job:v0.11.0", "M602"),
        ("spray-job:v0.38.0", "M602"),
        ("spray-job:v0.13.1", ""),
        ("spray-job:2.23-aca1113", ""),
    ] {
        finds(&[("spray-job:v0.12.2", image)], expected);
    }
    let said = format!("{digest}\n        kubespray: v2.23.0");
    finds(&[("spray-job:v0.12.2", &said)], "");
}

#[test]
fn kubernetes_is_near_to_what_the_image_deploys() {
    for (kubernetes, expected) in [("v1.24.9", "M604"), ("1.25.0", ""), ("1.28.4", ""), ("v1.29.0", "M604"), ("2.27.0", "M604")] {
        finds(&[("1.27.5", kubernetes)], expected);
    }
}

#[test]
fn enterprise_linux_7_needs_the_older_ansible_while_it_answers() {
    for (image, expected) in [
        ("spray-job:v0.26.0", ""),
        ("spray-job:v0.30.0", ""),
        ("spray-job:v0.30.0-ansible10next", "M607"),
        ("spray-job:2.29-aca1113", "M607"),
        ("spray-job:2.28-aca1113", ""),
    ] {
        finds(&[("spray-job:v0.12.2", image), ("1.27.5", "1.31.6")], expected);
    }
    let newer = [("spray-job:v0.12.2", "spray-job:v0.30.0-ansible10next"), ("1.27.5", "1.31.6")];
    let others = [
        ("    os: centos-7.9\n", "    os: rocky-8\n"),
        ("10.6.0.22}", "10.6.0.22, os: {source: centos-7.9, target: ubuntu-22.04}, state: failed}"),
    ];
    finds(&[newer.as_slice(), others.as_slice()].concat(), "");
}

#[test]
fn an_address_within_another_matters_only_for_a_member_that_leaves_an_old_kubespray() {
    finds(&[("10.6.0.21", "10.6.0.1")], "");
    finds(&[("10.6.0.11", "10.6.0.1"), ("spray-job:v0.12.2", "spray-job:v0.20.0"), ("1.27.5", "1.30.4")], "");
    finds(&[("10.6.0.11}", "10.6.0.1, os: centos-7.9}")], "");
    finds(&[("10.6.0.11}", "10.6.0.1}")], "M609");
}

#[test]
fn etcd_joins_as_it_must() {
    let policy = |join: &str| format!("etcd: {{join: {join}}}\n    minimumEtcdTolerance: 0");
    finds(&[("minimumEtcdTolerance: 0", &policy("voter"))], "");
    let kubeadm = [("etcdDeployment: host", "etcdDeployment: kubeadm"), ("spray-job:v0.12.2", "spray-job:v0.30.0"), ("1.27.5", "1.31.6")];
    finds(&[kubeadm.as_slice(), &[("minimumEtcdTolerance: 0", &policy("voter"))]].concat(), "M612");
    finds(&[kubeadm.as_slice(), &[("minimumEtcdTolerance: 0", &policy("learner"))]].concat(), "");
}

#[test]
fn variables_are_judged_by_who_may_set_them() {
    for (variable, expected) in [
        ("kube_proxy_mode: ipvs", ""),
        ("kube_version: v1.27.5", "M617"),
        ("etcd_deployment_type: host", "M617"),
        ("kubelet_max_pods: 110", "M617"),
        ("loadbalancer_apiserver: {address: 10.6.0.100}", "M617"),
        ("node: worker-1", "M617"),
        ("loadbalancer_apiserver_localhost: false", "M617"),
        ("loadbalancer_apiserver_type: nginx", ""),
        ("loadbalancer_apiserver_type: haproxy", "M617"),
        ("upgrade_cluster_setup: true", "M617"),
        ("kube_vip_enabled: true", "M617"),
        ("kube_apiserver_port: 6443", ""),
        ("kube_apiserver_port: 8443", "M617"),
        ("etcd_data_dir: /var/lib/etcd", ""),
        ("etcd_data_dir: /data/etcd", "M617"),
        ("etcd_events_cluster_enabled: true", "M617"),
        ("ip: 10.0.0.1", "M618"),
        ("etcd_member_name: etcd1", "M618"),
        ("ansible_password: hunter2", "M618"),
        ("node_labels: {a: b}", "M618"),
        ("reset_confirmation: \"yes\"", "M619"),
        ("skip_confirmation: true", "M619"),
        ("allow_ungraceful_removal: true", "M619"),
        ("kube_encrypt_secret_data: true", ""),
        ("registry_password: 12345678", "M620"),
        ("registry_password: \"{{ lookup('file', '/a') }}\"", ""),
        ("download_token: hunter2", "M620"),
        ("a: {b: [{secret: hunter2}]}", "M620"),
        ("registry_secrets: {one: hunter2}", "M620"),
        ("http_proxy: \"http://joe:hunter2@10.6.0.9:3128\"", "M620"),
        ("http_proxy: \"http://10.6.0.9:3128\"", ""),
        ("http_proxy: \"http://joe:{{ lookup('file', '/a') }}@10.6.0.9:3128\"", ""),
        ("a: {b: [{c: \"https://joe:hunter2@host/a\"}]}", "M620"),
        ("github: ghp_hunter2hunter2hunter2", "M620"),
        ("a: [glpat-hunter2hunter2]", "M620"),
        ("files_repo: \"10.6.0.5:9000/AKIA\"", ""),
        ("ssh: \"-----BEGIN OPENSSH PRIVATE KEY-----\\nhunter2\"", "M620"),
        ("motd: \"a\\nb\\tc\"", ""),
        ("motd: \"a\\eb\"", "M503"),
        ("a: {b: [\"a\\u202eb\"]}", "M503"),
        ("Upper: a", "S205"),
    ] {
        finds(&[(VARIABLES, &format!("variables: {{{variable}}}"))], expected);
        assert!(!human(&edited_kubean(&[(VARIABLES, &format!("variables: {{{variable}}}"))])).contains("hunter2"), "{variable}");
    }
}

#[test]
fn a_secret_among_variables_is_shown_beside_no_other_finding() {
    for form in [
        "http_proxy: \"http://joe:hunter2@host:3128\"",
        "a: [ghp_hunter2hunter2]",
        "registry_password: hunter2",
        "auth: [{password: hunter2}]",
        "registry_secrets: {one: hunter2}",
        "download_token: [hunter2]",
    ] {
        let shown = human(&edited_kubean(&[(VARIABLES, &format!("variables: {{{form}, kube_version: v1.27.5}}"))]));
        assert!(shown.contains("[M617]") && !shown.contains("hunter2"), "{shown}");
        let shown = human(&edited_kubean(&[(VARIABLES, &format!("variables: {{{form}, Upper: 1}}"))]));
        assert!(shown.contains("[S205]") && !shown.contains("hunter2"), "{shown}");
    }
}

#[test]
fn an_address_with_a_password_is_shown_without_it_and_the_password_is_the_problem() {
    let text = edited_kubean(&[("http://10.6.0.5:9000", "http://minio:hunter2@10.6.0.5:9000")]);
    let shown = human(&text);
    assert_eq!(codes(&text), ["S205"]);
    let broken = human(&text.replace("spec:\n", "spec: [\n"));
    assert!(broken.contains("[S1") && !broken.contains("hunter2"), "{broken}");
    assert!(shown.contains("found `http://***@10.6.0.5:9000`") && !shown.contains("hunter2"), "{shown}");
    assert!(shown.contains("no longer secret") && shown.contains("without user and password"), "{shown}");
}

#[test]
fn the_inventory_and_the_variables_have_a_config_map_each() {
    let with = |lines: &str| [("        skipTags".to_owned(), format!("{lines}        skipTags"))];
    for (lines, expected) in [
        ("        hostsConf: conf\n        varsConf: conf\n", "M629"),
        ("        varsConf: centos-hosts-conf\n", "M629"),
        ("        hostsConf: centos-vars-conf\n", "M629"),
        ("        resource: conf\n        hostsConf: conf\n        sshAuth: conf\n", ""),
    ] {
        let edits = with(lines);
        finds(&[(&edits[0].0, &edits[0].1)], expected);
    }
}

#[test]
fn a_machine_is_not_called_like_a_step() {
    for (name, expected) in [
        ("workstation", vec!["M113"]),
        ("inventory", vec!["M113"]),
        ("network", vec![]),
        ("order", vec!["M113"]),
        ("etcd-1", vec![]),
        ("orders", vec![]),
    ] {
        assert_eq!(codes(&edited_kubean(&[]).replace("worker-2", name)), expected, "{name}");
    }
}

#[test]
fn a_machine_in_two_lists_is_one_finding() {
    let twice = [(
        "    workers: [worker-1, worker-2]\n    etcd: [master-1, master-2, master-3]\n  target",
        "    workers: [worker-1, worker-2, master-1]\n    etcd: [master-1, master-2, master-3]\n  target",
    )];
    finds(&twice, "M103");
}

#[test]
fn a_hook_has_a_command_to_run() {
    for (shell, expected) in [("true", ""), ("   ", "S205"), ("\\n\\t", "S205")] {
        let hooks = format!(
            "  hooks: [{{id: look, at: {{before: rebuild-workers}}, on: worker-2, title: {{en: Look, zh: 查看}}, run: [{{shell: \"{shell}\"}}]}}]\n  policy:\n"
        );
        finds(&[("  policy:\n", &hooks)], expected);
    }
}

#[test]
fn packages_are_known_for_what_kubean_builds() {
    for (os, expected) in [
        ("ubuntu-20.04", ""),
        ("ubuntu-24.04", ""),
        ("ubuntu-18.04", "M621"),
        ("debian-12", "M621"),
        ("centos-8", "M621"),
        ("rocky-9", ""),
        ("kylin-v10-sp2", ""),
        ("kylin-v10", "M621"),
        ("openeuler-22.03", ""),
    ] {
        finds(&[("10.6.0.22}", &format!("10.6.0.22, os: {{source: centos-7.9, target: {os}}}}}"))], expected);
    }
    let online = "        offline:\n          repository: http://10.6.0.5:9000\n          imports:\n            ubuntu-22.04:\n              tool: dce5Installer\n              osPackages: /home/airgap/os-pkgs-ubuntu2204-v0.16.0.tar.gz\n              iso: /home/iso/ubuntu-22.04.4-live-server-amd64.iso\n";
    finds(&[(online, ""), ("    os: ubuntu-22.04\n", "    os: debian-12\n")], "");
    finds(&[("http://10.6.0.5:9000", "http://10.6.0.5:99999")], "M107");
}

#[test]
fn playbooks_belong_to_a_release() {
    for (operator, image, playbook, expected) in [
        ("v0.12.2", "v0.12.2", "config-for-kube-vip.yml", ""),
        ("v0.12.2", "v0.12.2", "facts.yml", "M625"),
        ("v0.30.0", "v0.26.0", "facts.yml", "M626"),
        ("v0.30.0", "v0.30.0", "facts.yml", ""),
        ("v0.17.5", "v0.18.5", "config-docker-cgroup-driver-for-kylinSP2.yml", ""),
        ("v0.12.2", "v0.12.2", "recover-control-plane.yml", "M625"),
        ("v0.12.2", "v0.12.2", "remove-node.yml", "M624"),
        ("v0.12.2", "v0.12.2", "upgrade-cluster.yml", "M624"),
        ("v0.12.2", "v0.12.2", "renew-certs.yml", "M624"),
        ("v0.12.2", "v0.12.2", "../reset.yml", "S205"),
    ] {
        let kubernetes = if image == "v0.12.2" { "1.27.5" } else { "1.30.4" };
        let (operator, image) = (format!("version: {operator}"), format!("spray-job:{image}"));
        let edits = [
            ("version: v0.12.2", operator.as_str()),
            ("spray-job:v0.12.2", &image),
            ("1.27.5", kubernetes),
            ("disable-firewalld.yml", playbook),
        ];
        finds(&edits, expected);
    }
}

#[test]
fn ports_clash_only_with_what_a_machine_runs() {
    for (machine, port, expected) in [
        ("10.6.0.11}", 6443, "M210"),
        ("10.6.0.11}", 2379, "M210"),
        ("10.6.0.22}", 2379, ""),
        ("10.6.0.22}", 6443, "M210"),
        ("10.6.0.22}", 6444, ""),
        ("10.6.0.22}", 10250, "M210"),
    ] {
        let address = machine.trim_end_matches('}');
        finds(&[(machine, &format!("{address}, ssh: {{port: {port}}}}}"))], expected);
    }
    let balanced = ("        skipTags", "        loadBalancer: {address: 10.6.0.100}\n        skipTags");
    finds(&[balanced, ("10.6.0.22}", "10.6.0.22, ssh: {port: 6443}}")], "");
}

#[test]
fn temporary_machines_fit_both_ends() {
    let help = ("    worker-2: {", "    help-1: {address: 10.6.0.31}\n    worker-2: {");
    for (temporary, expected) in [
        ("{workers: [help-1]}", ""),
        ("{controlPlane: [help-1], etcd: [help-1]}", ""),
        ("{etcd: [help-1]}", ""),
        ("{controlPlane: [help-1], workers: [help-1]}", "M103"),
        ("{workers: [help-1, help-1]}", "M102"),
        ("{workers: [help-2]}", "M105 M101"),
        ("{workers: [help-1, worker-2]}", "M110"),
        ("{}", "M105"),
    ] {
        finds(&[help, ("  policy:\n", &format!("  temporary: {temporary}\n  policy:\n"))], expected);
    }
    let kubeadm = ("etcdDeployment: host", "etcdDeployment: kubeadm");
    finds(&[help, kubeadm, ("  policy:\n", "  temporary: {controlPlane: [help-1]}\n  policy:\n")], "M610");
}

#[test]
fn a_failed_machine_neither_joins_nor_stays() {
    finds(&[("10.6.0.22}", "10.6.0.22, state: failed}")], "");
    // With its disk gone it is installed anew under the system that it had.
    finds(&[("10.6.0.22}", "10.6.0.22, state: failed, os: centos-7.9}")], "");
    let joins = (
        "    os: centos-7.9\n    controlPlane: [master-1, master-2, master-3]\n    workers: [worker-1, worker-2]\n",
        "    os: centos-7.9\n    controlPlane: [master-1, master-2, master-3]\n    workers: [worker-1]\n",
    );
    finds(&[("10.6.0.22}", "10.6.0.22, state: failed, os: ubuntu-22.04}"), joins], "M111");
}

#[test]
fn an_operating_system_is_known_at_both_ends_of_a_machine_that_stays() {
    finds(&[("    os: centos-7.9\n", ""), ("10.6.0.22}", "10.6.0.22, os: {source: centos-7.9, target: ubuntu-22.04}}")], "M112");
    finds(&[("10.6.0.22}", "10.6.0.22, leftovers: remove}")], "M213");
}

#[test]
fn a_virtual_ip_is_refused_wherever_it_is_written() {
    finds(&[("    name: centos\n", "    name: centos\n    virtualIp: {address: 10.6.0.100/24, interface: eth0, routerId: 51}\n")], "M606");
    finds(&[("  target:\n", "    virtualIp: [master-1]\n  target:\n")], "M606");
}
