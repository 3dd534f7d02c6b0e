//! The manifest of a member that its machine's kubelet runs as a pod.
//!
//! Does not know when it is laid where the kubelet looks, nor what a member is told; `etcd_flags` does.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::etcd_flags::Flag;
use crate::lower::artifact::{Artifact, ArtifactKind, Body, Destination};
use crate::model::{EtcdSettings, MachineName, Port, StaticPod};

/// The name of the file in the plan.
pub const FILE: &str = "etcd.yaml";

/// The file, on its way to the machine: the kubelet's directory is given nothing that is not meant to run.
pub fn artifact(etcd: &EtcdSettings, pod: &StaticPod, machine: &MachineName, flags: &[Flag]) -> Artifact {
    Artifact {
        name: FILE,
        kind: ArtifactKind::StaticPod,
        destination: Destination::OnMachine { host: machine.clone(), path: pod.staged(), owner: "root:root", mode: "0600" },
        body: Body::Yaml(manifest(etcd, pod, machine, flags)),
    }
}

/// The data's volume is not called `etcd-data`: by that name `kubeadm reset` takes a manifest for that of its own etcd and deletes the
/// data (kubeadm v1.15 to v1.31, phase `remove-etcd-member`). Nor has the pod both labels by which kubeadm finds its own members.
///
/// It is always started again: etcd, being process 1 of the container, exits 0 also where its runtime or its kubelet ends it.
fn manifest(etcd: &EtcdSettings, pod: &StaticPod, machine: &MachineName, flags: &[Flag]) -> Value {
    let command: Vec<String> = std::iter::once("etcd".to_owned()).chain(flags.iter().map(Flag::word)).collect();
    let mut mounts = vec![json!({ "name": "data", "mountPath": etcd.data_dir })];
    let mut volumes = vec![json!({ "name": "data", "hostPath": { "path": etcd.data_dir, "type": "Directory" } })];
    for (index, directory) in certificate_directories(etcd, machine).iter().enumerate() {
        let name = format!("certificates-{index}");
        mounts.push(json!({ "name": name, "mountPath": directory, "readOnly": true }));
        volumes.push(json!({ "name": name, "hostPath": { "path": directory, "type": "Directory" } }));
    }
    json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": { "name": "etcd", "namespace": "kube-system", "labels": { "component": "etcd" } },
        "spec": {
            "hostNetwork": true,
            "priorityClassName": "system-node-critical",
            "containers": [{
                "name": "etcd",
                "image": pod.image.as_str(),
                "imagePullPolicy": "IfNotPresent",
                "command": command,
                "livenessProbe": liveness(),
                "resources": { "requests": { "cpu": "100m", "memory": "100Mi" } },
                "volumeMounts": mounts,
            }],
            "volumes": volumes,
        },
    })
}

/// What only the member itself knows is asked for: one that has lost sight of the others is alive, and a restart would not help it.
/// etcd before v3.5 answers for its quorum all the same, so that the kubelet waits for four minutes before it does anything.
fn liveness() -> Value {
    json!({
        "httpGet": {
            "host": "127.0.0.1", "port": Port::ETCD_METRICS, "scheme": "HTTP", "path": "/health?exclude=NOSPACE&serializable=true",
        },
        "initialDelaySeconds": 10, "periodSeconds": 10, "timeoutSeconds": 15, "failureThreshold": 24,
    })
}

/// Directories and not files: a file that is renewed by a rename would go on being the old one inside the pod. By name, each once, and
/// none that lies below another.
fn certificate_directories(etcd: &EtcdSettings, machine: &MachineName) -> Vec<String> {
    let Some(files) = etcd.tls.files_of(machine.as_str()) else { return Vec::new() };
    let paths = [&files.ca, &files.certificate, &files.key];
    let parents: BTreeSet<String> =
        paths.iter().filter_map(|path| path.as_str().rsplit_once('/')).map(|(directory, _)| format!("{directory}/")).collect();
    let is_inside = |path: &String| parents.iter().any(|other| other != path && path.starts_with(other.as_str()));
    parents.iter().filter(|path| !is_inside(path)).map(|path| path.trim_end_matches('/').to_owned()).collect()
}
