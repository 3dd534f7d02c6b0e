//! One wrong spec for every code of the front end.
//!
//! Read the result as a gallery in `snapshots/diagnostics/`.

use super::base::{edited, edited_kubean};

/// A code, and the text that provokes it.
pub struct Case {
    pub code: &'static str,
    pub text: String,
}

fn raw(code: &'static str, text: impl Into<String>) -> Case {
    Case { code, text: text.into() }
}

pub(super) fn edit(code: &'static str, edits: &[(&str, &str)]) -> Case {
    Case { code, text: edited(edits) }
}

pub(super) fn kubean(code: &'static str, edits: &[(&str, &str)]) -> Case {
    Case { code, text: edited_kubean(edits) }
}

/// Every code once, in the order of the table.
pub fn all() -> Vec<Case> {
    let mut cases = texts();
    cases.extend(forms());
    cases.extend(machines());
    cases.extend(super::storage_cases::all());
    cases.extend(distribution());
    cases.extend(etcd_and_virtual_ip());
    cases.extend(hooks());
    let further = super::kubean_cases::all().into_iter().chain(super::kubeadm_cases::all()).chain(super::systemd_cases::all());
    let further = further.chain(super::ocboot_cases::all());
    let at = cases.iter().position(|case| case.code == "P101").unwrap();
    cases.splice(at..at, further);
    cases
}

fn texts() -> Vec<Case> {
    vec![
        edit("S101", &[("workers: [work-1]\n    etcd: [old-1, old-2]", "workers: [work-1\n    etcd: [old-1, old-2]")]),
        edit("S102", &[("    name: harbour", "\tname: harbour")]),
        edit("S103", &[("name: harbour", "name: har\u{7}bour")]),
        raw("S104", "# nothing yet\n"),
        edit("S105", &[("spec:\n", "---\nspec:\n")]),
        raw("S106", "#".repeat(8 * 1024 * 1024 + 1)),
        raw("S107", format!("spec: {}", "[".repeat(100))),
        raw("S108", bomb()),
        raw("S109", "spec: &all\n  source: *all\n"),
        edit("S110", &[("name: harbour", "name: !!str harbour")]),
        edit("S111", &[("  target:\n", "  target:\n    <<: {workers: []}\n")]),
        edit("S112", &[("old-1: {address", "1: {address")]),
        edit("S113", &[("      interface: eth0", "      routerId: 50\n      interface: eth0")]),
    ]
}

fn bomb() -> String {
    let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for level in 1..9 {
        let above = format!("*a{}", level - 1);
        text.push_str(&format!("a{level}: &a{level} [{}]\n", vec![above; 9].join(", ")));
    }
    text
}

fn forms() -> Vec<Case> {
    vec![
        edit("S201", &[("peerPort: 2380", "peerPrt: 2380")]),
        edit("S202", &[("      interface: eth0\n", "")]),
        edit(
            "S203",
            &[
                ("clientPort: 2379", "clientPort: \"2379\""),
                ("    workers: [work-1]\n    etcd: [new-1", "    workers: work-1\n    etcd: [new-1"),
            ],
        ),
        edit("S204", &[("order: addThenRemove", "order: addThenRemve")]),
        edit("S205", &[("/etc/rancher/k3s/join-token", "join-token"), ("name: harbour", "name: Harbour")]),
        edit("S206", &[("routerId: 51", "routerId: 0")]),
        edit("S207", &[("at: {before: grow-etcd}", "at: {before: grow-etcd, after: back-up}")]),
        edit("S208", &[("password: {env: VRRP_PASSWORD}", "password: hunter2"), ("{file: /etc/rancher/k3s/join-token}", "12345678")]),
        edit("S209", &[("controlPlane: [new-1, new-2]", "controlPlane: []")]),
        edit("S210", &[("replank/v1alpha1", "replank/v1")]),
    ]
}

/// The source of the base, where `worker-2` is taken out so that it joins.
const JOINS: &str = "    os: centos-7.9\n    controlPlane: [master-1, master-2, master-3]\n    workers: [worker-1, worker-2]\n";

fn machines() -> Vec<Case> {
    vec![
        edit("M101", &[("controlPlane: [new-1, new-2]", "controlPlane: [new-1, new-2, nwe-1]")]),
        edit("M102", &[("etcd: [new-1, new-2]", "etcd: [new-1, new-2, new-1]")]),
        edit("M103", &[("workers: [work-1]\n    etcd: [new-1", "workers: [work-1, new-1]\n    etcd: [new-1")]),
        edit("M104", &[("controlPlane: [new-1, new-2]\n    workers: [work-1]", "controlPlane: [new-1, new-2, work-1]")]),
        edit("M105", &[("    new-2: {", "    spare-1: {address: 10.20.0.99}\n    new-2: {")]),
        edit("M106", &[("10.20.0.22", "10.20.0.21")]),
        edit("M107", &[("10.20.0.22", "10.20.0.256")]),
        edit("M108", &[("10.20.0.22", "127.0.0.1")]),
        edit("M109", &[("address: 10.20.0.31", "address: \"2001:db8::31\"")]),
        kubean("M110", &[("  policy:\n", "  temporary: {workers: [worker-2]}\n  policy:\n")]),
        kubean("M111", &[("10.6.0.22}", "10.6.0.22, state: failed}"), (JOINS, &JOINS.replace(", worker-2", ""))]),
        kubean("M112", &[("    os: centos-7.9\n", ""), ("10.6.0.22}", "10.6.0.22, os: {source: centos-7.9, target: ubuntu-22.04}}")]),
        raw("M113", edited_kubean(&[]).replace("worker-2", "inventory")),
        edit("M114", &[("    etcd: [new-1, new-2]\n", "")]),
    ]
}

const ETCD: &str = "    etcd:
      clientPort: 2379
      peerPort: 2380
      tls: none
      memberNames: {old-1: etcd-1, old-2: etcd-2}
";

fn distribution() -> Vec<Case> {
    let config = "serverConfig: {tls-san: [api.example.org]}";
    vec![
        edit("M203", &[("v1.31.4+k3s1", "v1.18.20+k3s1")]),
        edit("M204", &[("v1.31.4+k3s1", "v1.24.17+k3s1")]),
        edit("M205", &[(config, "serverConfig: {tls-sans: [api.example.org]}")]),
        edit("M206", &[("agentConfig: {node-label: [tier=one]}", "agentConfig: {tls-san: [api.example.org]}")]),
        edit("M207", &[(config, "serverConfig: {token: hunter2, https-listen-port: 10443}")]),
        edit("M208", &[(config, "serverConfig: {cluster-init: true}")]),
        edit("M209", &[(config, "serverConfig: {service-node-port-range: 1-65535}")]),
        edit("M210", &[("peerPort: 2380", "peerPort: 2379"), ("httpsListenPort: 6443", "httpsListenPort: 10250")]),
        edit(
            "M211",
            &[
                (config, &format!("media: {{binary: /etc/rancher/k3s/k3s}}\n        {config}")),
                ("10.20.0.22}", "10.20.0.22, leftovers: remove}"),
            ],
        ),
        edit(
            "M212",
            &[(config, &format!("runtime: docker\n        media: {{images: [/opt/k3s/vendor/images.tar.zst]}}\n        {config}"))],
        ),
        edit("M213", &[("10.20.0.31, ", "10.20.0.31, os: {source: centos-7.9, target: ubuntu-22.04}, ")]),
        edit("M214", &[("datastore: external", "datastore: embedded"), (ETCD, "    etcd: {dataDir: /mnt/etcd}\n")]),
    ]
}

const VIRTUAL_IP: &str = "    virtualIp:
      address: 10.20.0.100/24
      interface: eth0
      routerId: 51
      password: {env: VRRP_PASSWORD}
      sourcePriorities: {old-1: 120, old-2: 110}
";

const SOURCE_CANDIDATES: &str = "    virtualIp: [old-1, old-2]\n";
const TARGET_CANDIDATES: &str = "    virtualIp: [new-1, new-2]\n";

fn etcd_and_virtual_ip() -> Vec<Case> {
    let eight = "    n1: {address: 10.20.0.41}\n    n2: {address: 10.20.0.42}\n    n3: {address: 10.20.0.43}\n    n4: {address: 10.20.0.44}\n    n5: {address: 10.20.0.45}\n    n6: {address: 10.20.0.46}\n    new-2: {";
    let all = "[new-1, new-2, n1, n2, n3, n4, n5, n6]";
    vec![
        edit("M301", &[("      tls: none\n", "")]),
        edit("M302", &[("old-2: etcd-2}", "old-2: etcd-1}")]),
        edit("M303", &[("old-2: etcd-2}", "old-2: etcd-2, work-1: etcd-3}")]),
        edit("M304", &[("tls: none", "tls: none\n      flags: {quota-backend-bytes: 8589934592, data-dir: /mnt/etcd}")]),
        edit("M305", &[("tls: none", "tls: none\n      dataDir: /home/etcd")]),
        edit("M306", &[("tls: none", "tls: none\n      dataDir: /var/lib/rancher/k3s/etcd")]),
        edit("M401", &[(VIRTUAL_IP, "")]),
        edit("M402", &[(SOURCE_CANDIDATES, ""), (TARGET_CANDIDATES, ""), ("      sourcePriorities: {old-1: 120, old-2: 110}\n", "")]),
        edit("M403", &[(TARGET_CANDIDATES, "")]),
        edit("M404", &[("10.20.0.100/24", "10.20.0.31/24")]),
        edit("M405", &[("10.20.0.22", "10.20.1.22")]),
        edit("M406", &[("virtualIp: [new-1, new-2]", "virtualIp: [new-1, work-1]")]),
        edit(
            "M407",
            &[
                ("    new-2: {", eight),
                ("controlPlane: [new-1, new-2]", &format!("controlPlane: {all}")),
                ("virtualIp: [new-1, new-2]", &format!("virtualIp: {all}")),
            ],
        ),
        edit("M408", &[("old-2: 110}", "new-2: 110}")]),
        edit("M409", &[("old-2: 110}", "old-2: 120}")]),
        edit("M410", &[(VIRTUAL_IP, ""), (SOURCE_CANDIDATES, ""), (TARGET_CANDIDATES, "    joinAddress: virtualIp\n")]),
        edit("M411", &[(TARGET_CANDIDATES, "    virtualIp: [new-1, new-2]\n    joinAddress: work-1\n")]),
        raw("M412", edited(&[("10.20.0.100/24", "fd00:20::100/64")]).replace("10.20.0.", "fd00:20::")),
    ]
}

fn hooks() -> Vec<Case> {
    let again = "run: [{shell: \"true\"}]\n    - id: back-up\n      at: {before: grow-etcd}\n      on: workstation\n      title: {en: Again, zh: 再次}\n      run: [{shell: \"true\", expect";
    vec![
        edit("M501", &[("run: [{shell: \"true\", expect", again)]),
        edit("M502", &[("before: grow-etcd", "before: Grow etcd")]),
        edit("M503", &[("title: Move one control plane", "title: \"Move \\e[31mone control plane\"")]),
        kubean(
            "M504",
            &[
                ("10.6.0.22}", "10.6.0.22, state: failed}"),
                (
                    "  policy:\n",
                    "  hooks: [{id: look, at: {before: rebuild-workers}, on: worker-2, title: {en: Look, zh: 查看}, run: [{shell: \"true\"}]}]\n  policy:\n",
                ),
            ],
        ),
        edit("M505", &[("expect: \"^$\"", "expect: \"(done\"")]),
        edit("P101", &[("before: grow-etcd", "before: grow-etc")]),
    ]
}
