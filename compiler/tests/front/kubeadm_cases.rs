//! One wrong spec for every code that only kubeadm and its load balancers have.
//!
//! Read the result as a gallery in `snapshots/diagnostics/`.

use super::base::edited_kubeadm;
use super::cases::{Case, edit};

const EXTERNAL: &str = "            external:
              caFile: \"\"
              certFile: \"\"
              keyFile: \"\"
              endpoints: [http://10.20.0.11:2379, http://10.20.0.12:2379, http://10.20.0.13:2379]
";

const NO_TLS: &str = "    etcd: {tls: none}\n";
const PODS: &str = "    etcd: {runs: {staticPod: {image: \"registry.k8s.io/etcd:3.5.9-0\"}}, tls: none}\n";

fn kubeadm(code: &'static str, edits: &[(&str, &str)]) -> Case {
    Case { code, text: edited_kubeadm(edits) }
}

pub fn all() -> Vec<Case> {
    vec![
        kubeadm(
            "M701",
            &[("        version: v1.27.16", "        version: v1.14.10"), ("kubernetesVersion: v1.27.16", "kubernetesVersion: v1.14.10")],
        ),
        kubeadm("M702", &[("http://10.20.0.13:2379]", "http://10.20.0.14:2379]"), ("10.20.0.100:443", "10.20.0.100:6443")]),
        kubeadm(
            "M703",
            &[("    loadBalancer: {port: 443}\n", ""), ("controlPlaneEndpoint: 10.20.0.100:443", "controlPlaneEndpoint: 10.20.0.100:6443")],
        ),
        kubeadm("M704", &[("version: v3.26.4", "version: v2.6.12")]),
        kubeadm("M705", &[(EXTERNAL, "            local: {dataDir: /var/lib/etcd}\n")]),
        edit("M706", &[("    etcd:\n      clientPort", "    loadBalancer: {port: 443}\n    etcd:\n      clientPort")]),
        edit(
            "M707",
            &[(
                "    etcd:\n      clientPort",
                "    etcd:\n      runs: {staticPod: {image: registry.k8s.io/etcd:3.5.9-0}}\n      clientPort",
            )],
        ),
        kubeadm("M708", &[(NO_TLS, PODS), ("    workers: [new-1, new-2, new-3]\n", "    workers: [new-1, new-2]\n")]),
        kubeadm("M709", &[(NO_TLS, &PODS.replace("tls:", "user: etcd, tls:"))]),
    ]
}
