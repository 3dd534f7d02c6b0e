//! Where the line runs between what is refused and what is not.

use super::base::{BASE, codes, edited, human};

#[test]
fn the_agents_deadlock_ends_with_the_release_that_mends_it() {
    for (version, expected) in [
        ("v1.18.20+k3s1", vec!["M203"]),
        ("v1.19.0+k3s1", vec!["M204"]),
        ("v1.26.15+k3s1", vec!["M204"]),
        ("v1.27.15+k3s2", vec!["M204"]),
        ("v1.27.16+k3s1", vec![]),
        ("v1.28.11+k3s1", vec!["M204"]),
        ("v1.28.12+k3s1", vec![]),
        ("v1.29.6+k3s1", vec!["M204"]),
        ("v1.29.7+k3s1", vec![]),
        ("v1.30.2+k3s1", vec!["M204"]),
        ("v1.30.3+k3s1", vec![]),
        ("v1.31.0+k3s1", vec![]),
    ] {
        assert_eq!(codes(&edited(&[("v1.31.4+k3s1", version)])), expected, "{version}");
    }
}

#[test]
fn a_virtual_ip_may_be_introduced_but_not_left_undescribed() {
    let without_source = [("    virtualIp: [old-1, old-2]\n", ""), ("      sourcePriorities: {old-1: 120, old-2: 110}\n", "")];
    assert_eq!(human(&edited(&without_source)), "");
}

#[test]
fn configuration_keys_are_judged_by_who_may_set_them() {
    for (key, server, agent) in [
        ("tls-san: [a]", "", "M206"),
        ("node-label: [a=b]", "", ""),
        ("kubelet-arg: [max-pods=200]", "", ""),
        ("disable: [traefik]", "", "M206"),
        ("node-name: a", "M207", "M207"),
        ("token-file: /a", "M207", "M207"),
        ("server: https://a:6443", "M207", "M207"),
        ("datastore-cafile: /a", "M207", "M207"),
        ("docker: true", "M207", "M207"),
        ("vpn-auth: hunter2", "M207", "M207"),
        ("cluster-init: true", "M208", "M208"),
        ("etcd-s3: true", "M208", "M208"),
        ("etcd-no-such: true", "M205", "M205"),
        ("write-kubeconfig-mode: \"0644\"", "", "M206"),
        ("service-node-port-range: 30000-32767", "", "M206"),
        ("service-node-port-range: 6000-7000", "M209", "M206"),
        ("kube-apiserver-arg: [service-node-port-range=1-65535]", "M209", "M206"),
        ("\"tls\\nsan\": x", "M205", "M205"),
        ("pause-image: \"a\\nb\"", "M503", "M503"),
        ("pause-image: {a: b}", "S203", "S203"),
        ("pause-image: [{a: b}]", "S203", "S203"),
    ] {
        let on_server = codes(&edited(&[("serverConfig: {tls-san: [api.example.org]}", &format!("serverConfig: {{{key}}}"))]));
        assert_eq!(on_server.join(" "), server, "{key} for servers");
        let on_agent = codes(&edited(&[("agentConfig: {node-label: [tier=one]}", &format!("agentConfig: {{{key}}}"))]));
        assert_eq!(on_agent.join(" "), agent, "{key} for agents");
    }
}

#[test]
fn flags_of_etcd_are_free_unless_the_plan_sets_them() {
    for (flag, expected) in [
        ("quota-backend-bytes: 8589934592", ""),
        ("max-wals: -1", ""),
        ("auto-compaction-retention: 1h", ""),
        ("initial-election-tick-advance: false", ""),
        ("peer-skip-client-san-verification: true", ""),
        ("name: a", "M304"),
        ("data-dir: /mnt", "M304"),
        ("wal-dir: /mnt", "M304"),
        ("listen-metrics-urls: http://127.0.0.1:2381", "M304"),
        ("initial-cluster-state: new", "M304"),
        ("advertise-client-urls: http://127.0.0.1:2379", "M304"),
        ("peer-key-file: /a", "M304"),
        ("force-new-cluster: true", "M304"),
        ("discovery-srv: example.org", "M304"),
        ("config-file: /a", "M304"),
        ("--snapshot-count: 1", "S205"),
        ("snapshot-count: \"1 --force-new-cluster\"", "S205"),
        ("snapshot-count: \"\"", "S205"),
        ("log-outputs: \"%n\"", "S205"),
        ("snapshot-count: [1]", "S203"),
        ("snapshot-count: 1.5", "S203"),
        ("quota-backend-bytes: 8e9", "S203"),
    ] {
        let text = edited(&[("tls: none", &format!("tls: none\n      flags: {{{flag}}}"))]);
        assert_eq!(codes(&text).join(" "), expected, "{flag}");
    }
}

const CERTIFICATES: &str = "tls: {ca: /p/ca.crt, certificate: /p/a.crt, key: /p/a.key, clientCertificate: /p/c.crt, clientKey: /p/c.key}";

#[test]
fn etcd_is_not_sent_to_what_its_unit_hides() {
    for (path, expected) in [
        ("/home", "M305"),
        ("/root/etcd", "M305"),
        ("/run/user/0/etcd", "M305"),
        ("/tmp/etcd", "M305"),
        ("/var/tmp/etcd", "M305"),
        ("/homes/etcd", ""),
        ("/var/lib/rancher/k3s", "M306"),
        ("/var/lib/rancher/k3s-etcd", ""),
    ] {
        assert_eq!(codes(&edited(&[("tls: none", &format!("tls: none\n      dataDir: {path}"))])).join(" "), expected, "{path}");
    }
    let hidden = |file: &str| codes(&edited(&[("tls: none", &CERTIFICATES.replace(file, "/root/file"))]));
    assert_eq!(hidden("/p/a.key"), ["M305"]);
    // etcd does not read it; whoever does is not held back.
    assert!(hidden("/p/c.key").is_empty());
    assert_eq!(codes(&edited(&[("tls: none", "tls: none\n      binaryDirectory: /home/etcd/bin")])), ["M305"]);
}

#[test]
fn what_a_removed_k3s_takes_along_is_refused_where_it_is_needed() {
    let config = "serverConfig: {tls-san: [api.example.org]}";
    let media = format!("media: {{images: [/run/k3s/images.tar]}}\n        {config}");
    let tls = CERTIFICATES.replace("/p/c.crt", "/etc/rancher/k3s/c.crt");
    for (leftovers, expected) in [
        // It joins, and is a control plane and a member.
        (("10.20.0.22}", "10.20.0.22, leftovers: remove}"), vec!["M211", "M211"]),
        (("10.20.0.22}", "10.20.0.22, leftovers: refuse}"), vec![]),
        // It is a node already, so nothing is removed from it.
        (("10.20.0.12}", "10.20.0.12, leftovers: remove}"), vec![]),
    ] {
        assert_eq!(codes(&edited(&[(config, &media), ("tls: none", &tls), leftovers])), expected, "{leftovers:?}");
    }
    // A worker needs k3s and no certificate of etcd.
    let worker = [
        (config, media.as_str()),
        ("tls: none", tls.as_str()),
        ("    new-2: {", "    work-2: {address: 10.20.0.32, leftovers: remove}\n    new-2: {"),
        ("workers: [work-1]\n    etcd: [new-1", "workers: [work-1, work-2]\n    etcd: [new-1"),
    ];
    assert_eq!(codes(&edited(&worker)), ["M211"]);
}

#[test]
fn only_docker_is_doubted_to_load_what_zstd_compressed() {
    let config = "serverConfig: {tls-san: [api.example.org]}";
    for (runtime, image, expected) in
        [("docker", "a.tar.zst", "M212"), ("docker", "a.tar.gz", ""), ("docker", "a.tar", ""), ("containerd", "a.tar.zst", "")]
    {
        let media = format!("runtime: {runtime}\n        media: {{images: [/opt/{image}]}}\n        {config}");
        assert_eq!(codes(&edited(&[(config, &media)])).join(" "), expected, "{runtime} {image}");
    }
}

#[test]
fn addresses_that_nobody_can_reach_are_refused() {
    for address in ["0.0.0.0", "127.0.0.9", "169.254.1.1", "224.0.0.1", "255.255.255.255"] {
        assert!(codes(&edited(&[("10.20.0.31", address)])).contains(&"M108".to_owned()), "{address}");
    }
    for address in ["10.20.0.0/24", "10.20.0.255/24"] {
        assert_eq!(codes(&edited(&[("10.20.0.100/24", address)])), ["M108"], "{address}");
    }
}

#[test]
fn ports_clash_only_on_a_machine_that_runs_both() {
    let api = ("httpsListenPort: 6443", "httpsListenPort: 2379");
    assert_eq!(codes(&edited(&[api])), ["M210"]);
    let apart = [
        api,
        ("etcd: [old-1, old-2]", "etcd: [work-1]"),
        ("etcd: [new-1, new-2]", "etcd: [work-1]"),
        ("memberNames: {old-1: etcd-1, old-2: etcd-2}", "memberNames: {}"),
    ];
    assert_eq!(human(&edited(&apart)), "");
    assert_eq!(codes(&edited(&[("port: 2222", "port: 2379")])), ["M210"]);
}

#[test]
fn a_default_member_name_can_clash_with_a_written_one() {
    assert_eq!(codes(&edited(&[("old-2: etcd-2}", "old-2: new-1}")])), ["M302"]);
}

#[test]
fn a_script_may_have_lines_and_tabs_but_no_escape() {
    for (shell, expected) in [("\"a\\n\\tb\"", ""), ("\"a\\eb\"", "M503"), ("\"a\\rb\"", "M503"), ("\"\"", "S205")] {
        assert_eq!(codes(&edited(&[("shell: \"true\"", &format!("shell: {shell}"))])).join(" "), expected, "{shell}");
    }
    assert_eq!(codes(&edited(&[("expect: \"^$\"", "expect: \"*.yaml\"")])), ["M505"]);
    assert_eq!(codes(&edited(&[("reason: the window is agreed", "reason: \"  \"")])), ["S205"]);
    assert_eq!(codes(&edited(&[("zh: 备份", "zh: \"备\\u202e份\"")])), ["M503"]);
}

#[test]
fn what_takes_all_roles_of_a_machine_at_once_is_refused_where_roles_travel_apart() {
    let spare = ("    new-2: {", "    spare-1: {address: 10.20.0.99}\n    new-2: {");
    assert_eq!(codes(&edited(&[spare, ("  policy:\n", "  temporary: {workers: [spare-1]}\n  policy:\n")])), ["M213"]);
    assert_eq!(codes(&edited(&[("10.20.0.11}", "10.20.0.11, state: failed}")])), ["M213"]);
    assert_eq!(codes(&edited(&[("10.20.0.11}", "10.20.0.11, os: {source: centos-7.9, target: ubuntu-22.04}}")])), [""; 0]);
    assert_eq!(codes(&edited(&[("10.20.0.31, ", "10.20.0.31, os: ubuntu-22.04, ")])), [""; 0]);
}

#[test]
fn the_base_stays_clean() {
    assert!(codes(BASE).is_empty());
}
