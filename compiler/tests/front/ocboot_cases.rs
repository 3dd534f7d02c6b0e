//! One wrong spec for every code that only clusters have whose servers ocboot installs.
//!
//! Read the result as a gallery in `snapshots/diagnostics/`.

use super::base::edited_ocboot;
use super::cases::Case;

const TOKEN: &str = "        token: {file: /etc/rancher/k3s/join-token}\n";

fn ocboot(code: &'static str, edits: &[(&str, &str)]) -> Case {
    Case { code, text: edited_ocboot(edits) }
}

pub fn all() -> Vec<Case> {
    let source = "    controlPlane: [server-1, server-2, server-3]\n    virtualIp: [server-1, server-2, server-3]\n";
    let target = "    controlPlane: [server-2, server-3, server-4]\n    virtualIp: [server-2, server-3, server-4]\n";
    let external = [
        ("datastore: embedded", "datastore: external"),
        ("    virtualIp:\n      address", "    etcd: {tls: none}\n    virtualIp:\n      address"),
        (source, &*format!("{source}    etcd: [server-1, server-2, server-3]\n")),
        (target, &*format!("{target}    etcd: [server-2, server-3, server-4]\n")),
        (", state: failed", ""),
    ];
    vec![
        ocboot("M901", &external),
        ocboot(
            "M902",
            &[
                (source, "    controlPlane: [server-1, server-2]\n    virtualIp: [server-1, server-2]\n"),
                (target, "    controlPlane: [server-2, server-3, server-4]\n    virtualIp: [server-2, server-3, server-4]\n"),
            ],
        ),
        ocboot("M903", &[("virtualIp: [server-2, server-3, server-4]", "virtualIp: [server-4, server-2, server-3]")]),
        ocboot("M904", &[("v1.28.5+k3s1", "v1.31.4+k3s1")]),
        ocboot("M905", &[("onecloudVersion: v4.0.3", "onecloudVersion: v4.0.2")]),
        ocboot("M906", &[("virtualIp: [server-2, server-3, server-4]", "virtualIp: [server-2, server-3]")]),
        ocboot("M907", &[("routerId: 66", "routerId: 67")]),
        ocboot("M908", &[("stack: virt\n", "stack: virt\n          network: {pods: 192.168.0.0/16}\n")]),
        ocboot("M909", &[(", server-4: eth1", "")]),
        ocboot("M910", &[(TOKEN, &format!("{TOKEN}        serverConfig: {{tls-san: [cloud.example.org]}}\n"))]),
        ocboot("M911", &[("runsOn: server-2", "runsOn: server-4")]),
        ocboot("M912", &[("192.168.0.252", "192.168.0.254")]),
    ]
}
