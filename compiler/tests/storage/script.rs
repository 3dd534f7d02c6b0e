//! The commands of the step, run against a cluster that is a file, in a directory of its own and with nothing else in their path: which
//! nodes are closed while the claim goes, and that they are open again however it ends.

use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};

use super::DEAD_SERVER;
use super::commands::{MINIO, commands, document, step};

const KUBECTL: &str = include_str!("kubectl.py");
const TOOLS: &[&str] = &["awk", "cat", "grep", "mkdir", "mv", "rm", "seq"];
const CLOSED: &str = "replank-backups/replace-dead-server/61-recover-volumes.minio.export-minio-1.cordoned";

struct Cluster(tempfile::TempDir);

impl Cluster {
    /// One node was closed by somebody else; the volume of a machine that failed is still bound.
    fn new(further: Value) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let bin = directory.path().join("bin");
        std::fs::create_dir(&bin).unwrap();
        for (name, text) in [("kubectl", KUBECTL), ("sleep", "#!/bin/sh\n")] {
            std::fs::write(bin.join(name), text).unwrap();
            std::fs::set_permissions(bin.join(name), std::fs::Permissions::from_mode(0o755)).unwrap();
        }
        for tool in TOOLS {
            let place = ["/usr/bin", "/bin"].map(|folder| Path::new(folder).join(tool)).into_iter().find(|place| place.exists());
            symlink(place.unwrap(), bin.join(tool)).unwrap();
        }
        let mut cluster = json!({
            "nodes": {"lzx-ha-env-2": false, "lzx-ha-env-3": false, "worker-9": true, "lzx-test-add-node": false},
            "claim": {"volume": "pv-old", "going": false}, "pod": "", "calls": [],
            "volumes": {"pv-old": {"on": "lzx-ha-env", "phase": "Bound"}},
        });
        for (name, value) in further.as_object().unwrap() {
            cluster[name] = value.clone();
        }
        let this = Self(directory);
        this.write(&cluster);
        this
    }

    fn write(&self, cluster: &Value) {
        std::fs::write(self.0.path().join("cluster.json"), cluster.to_string()).unwrap();
    }

    fn read(&self) -> Value {
        serde_json::from_str(&std::fs::read_to_string(self.0.path().join("cluster.json")).unwrap()).unwrap()
    }

    fn run(&self, shell: &str) -> Output {
        let mut command = Command::new("/bin/bash");
        command.args(["-c", shell]).env_clear().env("PATH", self.0.path().join("bin")).env("HOME", self.0.path());
        command.env("CLUSTER", self.0.path().join("cluster.json")).current_dir(self.0.path()).output().unwrap()
    }

    /// The names of nodes that take no pods.
    fn closed(&self) -> Vec<String> {
        let cluster = self.read();
        let nodes = cluster["nodes"].as_object().unwrap().iter();
        nodes.filter(|(_, closed)| closed.as_bool().unwrap()).map(|(name, _)| name.clone()).collect()
    }

    fn has_note(&self) -> bool {
        self.0.path().join(CLOSED).exists()
    }
}

fn run() -> [String; 3] {
    let document = document(DEAD_SERVER);
    commands(step(&document, MINIO), "run").try_into().unwrap()
}

fn said(output: &Output) -> String {
    [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned()).concat()
}

#[test]
fn the_volume_comes_to_lie_on_the_one_open_node_and_the_others_open_again() {
    let cluster = Cluster::new(json!({}));
    for shell in run() {
        let output = cluster.run(&shell);
        assert!(output.status.success(), "{}", said(&output));
    }
    let end = cluster.read();
    assert_eq!(
        (&end["pod"], &end["volumes"]),
        (&json!("lzx-test-add-node"), &json!({"pv-new": {"on": "lzx-test-add-node", "phase": "Bound"}}))
    );
    assert_eq!(cluster.closed(), ["worker-9"], "what others closed stays closed");
    assert!(!cluster.has_note());
}

#[test]
fn nodes_are_open_again_when_the_claim_cannot_be_deleted() {
    let cluster = Cluster::new(json!({"refuses": true}));
    let [note, delete, _] = run();
    assert!(cluster.run(&note).status.success());
    let output = cluster.run(&delete);
    assert!(!output.status.success(), "{}", said(&output));
    assert_eq!(cluster.closed(), ["worker-9"]);
    assert!(!cluster.has_note());
}

#[test]
fn a_volume_that_comes_to_lie_elsewhere_stops_the_step() {
    let cluster = Cluster::new(json!({"forced": "lzx-ha-env-3"}));
    let [note, delete, _] = run();
    assert!(cluster.run(&note).status.success());
    let output = cluster.run(&delete);
    assert!(!output.status.success() && said(&output).contains("lies on lzx-ha-env-3"), "{}", said(&output));
    assert_eq!(cluster.closed(), ["worker-9"]);
}

/// The workstation went away in the middle: nodes are closed, and the note says which.
#[test]
fn a_second_run_and_the_way_back_open_what_the_first_one_noted() {
    for is_way_back in [false, true] {
        let nodes = json!({"lzx-ha-env-2": true, "lzx-ha-env-3": true, "worker-9": true, "lzx-test-add-node": false});
        let cluster = Cluster::new(json!({"nodes": nodes}));
        let [note, delete, _] = run();
        assert!(cluster.run(&note).status.success());
        std::fs::write(cluster.0.path().join(CLOSED), "lzx-ha-env-2\nlzx-ha-env-3\n").unwrap();
        let document = document(DEAD_SERVER);
        let shell = if is_way_back { commands(step(&document, MINIO), "rollback").swap_remove(0) } else { delete };
        let output = cluster.run(&shell);
        assert!(output.status.success(), "{}", said(&output));
        assert_eq!(cluster.closed(), ["worker-9"]);
        assert!(!cluster.has_note());
    }
}

/// One pod cannot run on two machines; a zone is none, and a volume that lies on no machine keeps nobody off one.
#[test]
fn a_pod_with_another_claim_on_another_machine_stops_the_step_before_anything_is_deleted() {
    let document = document(DEAD_SERVER);
    let asked = commands(step(&document, MINIO), "preconditions").into_iter().find(|shell| shell.contains("keeps the pod off")).unwrap();
    for (lies_on, is_well) in [("lzx-ha-env", false), ("lzx-ha-env-3", false), ("lzx-test-add-node", true), ("zone-a", true), ("", true)] {
        let cluster = Cluster::new(json!({
            "other": "pv-other",
            "volumes": {"pv-old": {"on": "lzx-ha-env"}, "pv-other": {"on": lies_on}, "pv-strange": {"on": "lzx-ha-env"}},
        }));
        let output = cluster.run(&asked);
        assert_eq!(output.status.success(), is_well, "{lies_on}: {}", said(&output));
        assert!(cluster.read()["calls"].as_array().unwrap().iter().all(|call| call.as_str().unwrap().starts_with("get ")));
    }
}
