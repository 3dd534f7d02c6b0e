//! One wrong spec for every code that only clusters of binaries under systemd have.
//!
//! Read the result as a gallery in `snapshots/diagnostics/`.

use super::base::edited_systemd;
use super::cases::Case;

const NO_TLS: &str = "    etcd: {api: v2, tls: none}\n";
const CERTIFICATES: &str = "    etcd:
      api: v2
      tls: {ca: /p/ca.crt, certificate: /p/a.crt, key: /p/a.key, clientCertificate: /p/c.crt, clientKey: /p/c.key}
";
const VIRTUAL_IP: &str = "    virtualIp: {address: 10.17.33.100/24, interface: eth0, routerId: 51}\n";

fn systemd(code: &'static str, edits: &[(&str, &str)]) -> Case {
    Case { code, text: edited_systemd(edits) }
}

pub fn all() -> Vec<Case> {
    vec![
        systemd("M801", &[("version: v1.2.4", "version: v1.20.4"), ("{api: v2, tls", "{tls")]),
        systemd("M802", &[("controlPlane: [new]", "controlPlane: [new, new-1]")]),
        systemd("M803", &[("workers: [node-1, node-2]\n    etcd: [new-1", "workers: [node-1]\n    etcd: [new-1")]),
        systemd(
            "M804",
            &[
                (NO_TLS, &format!("{NO_TLS}{VIRTUAL_IP}")),
                ("    etcd: [new-1, new-2, new-3]\n", "    etcd: [new-1, new-2, new-3]\n    virtualIp: [new]\n    joinAddress: new\n"),
            ],
        ),
        systemd("M805", &[("{unit: kube-controller}", "{unit: kube-controller, flags: {master: \"http://10.17.33.30:8080\"}}")]),
        systemd("M806", &[("version: v1.2.4", "version: v1.8.15"), ("{api: v2, tls", "{tls")]),
        systemd("M807", &[("{api: v2, tls", "{tls")]),
        systemd("M808", &[(NO_TLS, CERTIFICATES)]),
        systemd("M809", &[("nextVersion: v10", "nextVersion: v9")]),
        systemd("M810", &[("{unit: kube-controller}", "{unit: kube-scheduler}")]),
        systemd(
            "M811",
            &[("{prefix: /flannel/network}", "{prefix: /flannel/network, setting: {unit: flanneld, file: /etc/sysconfig/flanneld}}")],
        ),
        systemd("M812", &[(", flags: {insecure-bind-address: 0.0.0.0}", "")]),
    ]
}

/// A kubelet of later releases.
pub const KUBELET: (&str, &str) = (
    "        controllerManager: {unit: kube-controller}\n",
    "        nodes: {kubelet: {unit: kubelet, file: /etc/kubernetes/kubelet.conf}}\n",
);
