//! The readers accept what is right and name what is wrong.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use super::fixture;
use super::readers::{read_install_environment, read_plans};
use super::requirements::{READERS, met};

/// The plan written by hand, with further artifacts beside its unit and further commands.
fn plan_with(artifacts: &[(&str, &str)], commands: &[&str]) -> tempfile::TempDir {
    let plan = tempfile::tempdir().unwrap();
    fixture::write(plan.path(), &fixture::initial_cluster());
    let path = plan.path().join("plan.json");
    let mut document: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    for (name, text) in artifacts {
        std::fs::write(plan.path().join("steps").join(fixture::ADD).join(name), text).unwrap();
        let kind = if name.ends_with(".sh") { "shell-script" } else { "other" };
        let artifact = json!({"path": format!("steps/{}/{name}", fixture::ADD), "kind": kind, "mode": "0600", "owner": "root:root"});
        document["steps"][0]["artifacts"].as_array_mut().unwrap().push(artifact);
    }
    for shell in commands {
        document["steps"][0]["verify"].as_array_mut().unwrap().push(json!({"on": "workstation", "shell": shell, "timeoutSeconds": 5}));
    }
    std::fs::write(&path, document.to_string()).unwrap();
    sum(plan.path());
    plan
}

fn sum(plan: &Path) {
    let status = Command::new("sh").args(["-c", "sha256sum plan.json steps/*/*/* >SHA256SUMS"]).current_dir(plan).status();
    assert!(status.unwrap().success());
}

fn complaints(plan: &tempfile::TempDir) -> Vec<String> {
    read_plans(&[PathBuf::from(plan.path())])
}

const KEEPALIVED: &str = "global_defs {\n    router_id phy-1\n    script_user root\n    enable_script_security\n}\n\
    vrrp_script check_apiserver {\n    script \"/etc/keepalived/check_apiserver.sh\"\n    interval 2\n    timeout 2\n    fall 2\n    rise 2\n    weight 0\n}\n\
    vrrp_instance apiserver {\n    state BACKUP\n    nopreempt\n    interface LAN1\n    virtual_router_id 224\n    priority 250\n    advert_int 1\n    \
    includea /etc/keepalived/auth.conf\n    virtual_ipaddress {\n        10.20.0.100/24 dev LAN1\n    }\n    track_script {\n        check_apiserver\n    }\n}\n";

#[test]
fn a_plan_that_every_reader_accepts_gives_no_complaint() {
    let artifacts = [
        ("keepalived.conf", KEEPALIVED),
        ("check_apiserver.sh", "#!/bin/sh\nexec curl --silent --fail --output /dev/null https://127.0.0.1:6443/readyz\n"),
        ("config.yaml", "node-name: phy-1\ntls-san: [10.20.0.100]\n"),
        ("hosts.json", "{\"a\": 1}\n"),
        ("install.env", "# for phy-1\nINSTALL_K3S_EXEC=server\nK3S_TOKEN_FILE=/etc/rancher/k3s/token\n"),
    ];
    let plan = plan_with(&artifacts, &["docker ps --format '{{.Names}}' <<<\"x\""]);
    assert_eq!(complaints(&plan), Vec::<String>::new());
}

#[test]
fn each_mistake_is_found_by_the_program_that_would_stumble_over_it() {
    if !met("reading the artifacts", READERS) {
        return;
    }
    let unit = "[Unit]\nDescription=x\n[Service]\nExecStart=/usr/local/bin/etcd \\\n    --name x \\\nRestart=on-failure\n";
    let artifacts = [
        ("swallowing.service", unit),
        ("unknown-key.service", "[Unit]\nDescription=x\n[Service]\nExecStart=/usr/local/bin/etcd\nRestartSecs=5\n"),
        ("keepalived.conf", &KEEPALIVED.replace("priority 250", "priority 256")),
        ("check.sh", "#!/bin/sh\nif [[ $1 == x ]]; then echo y; fi\n"),
        ("config.yaml", "node-name: phy-1\nnode-name: phy-2\n"),
        ("broken.json", "{\"a\": 1,}\n"),
        ("install.env", "K3S_TOKEN='two  words'\n"),
        ("strange.thing", "x\n"),
    ];
    let plan = plan_with(&artifacts, &["if true; then echo", "cd /tmp/x; rm -rf $1/*", "ssh root@<new-host> true", "echo {{ name }}"]);
    let found = complaints(&plan).join("\n");
    for expected in [
        "swallowing.service: line 5: the backslash swallows",
        "Unknown key 'RestartSecs'",
        "keepalived -t: exit 5",
        "SC3010",
        "config.yaml: 00000.yaml: the key node-name stands twice",
        "broken.json",
        "install.env: the install script under dash passes on",
        "strange.thing: the proof has no reader",
        "syntax error",
        "SC2164",
        "<new-host> is left to fill in",
        "{{ is left to fill in",
    ] {
        assert!(found.contains(expected), "nobody says {expected:?}:\n{found}");
    }
}

#[test]
fn files_that_are_missing_edited_or_not_listed_are_named() {
    if !met("reading the artifacts", READERS) {
        return;
    }
    let plan = plan_with(&[("config.yaml", "a: 1\n"), ("other.yaml", "a: 1\n")], &[]);
    let step = plan.path().join("steps").join(fixture::ADD);
    std::fs::write(step.join("config.yaml"), "a: 2\n").unwrap();
    std::fs::remove_file(step.join("other.yaml")).unwrap();
    std::fs::write(step.join("stray.yaml"), "a: 1\n").unwrap();
    let found = complaints(&plan).join("\n");
    for expected in [
        "config.yaml: FAILED",
        "other.yaml, which does not exist",
        "does not list steps/30-grow-etcd/phy-1/stray.yaml",
        "stray.yaml is not in SHA256SUMS",
    ] {
        assert!(found.contains(expected), "nobody says {expected:?}:\n{found}");
    }
}

#[test]
fn an_install_environment_arrives_value_by_value() {
    if !met("reading the artifacts", READERS) {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("install.env");
    std::fs::write(
        &file,
        "# phy-1\nINSTALL_K3S_EXEC=\"server --docker\"\nK3S_DATASTORE_ENDPOINT=http://10.0.0.1:2379,http://10.0.0.2:2379\n",
    )
    .unwrap();
    let found = read_install_environment(&file).unwrap();
    let expected = [("INSTALL_K3S_EXEC", "server --docker"), ("K3S_DATASTORE_ENDPOINT", "http://10.0.0.1:2379,http://10.0.0.2:2379")];
    assert_eq!(found, expected.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
}
