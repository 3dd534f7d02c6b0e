//! Reads inventories and playbooks with a stock ansible.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// The groups whose order has a meaning.
const GROUPS: &[&str] = &["kube_control_plane", "kube_node", "etcd"];

/// Reads an inventory as kubespray's playbooks would see it, and compares the order of each group with that of the text.
pub fn complaints_about_inventory(hosts: &str) -> Vec<String> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("hosts.yml");
    std::fs::write(&path, hosts).expect("a file");
    let seen: Value = match ansible("ansible-inventory", &["-i".as_ref(), path.as_ref(), "--list".as_ref()]) {
        Ok(text) => serde_json::from_str(&text).expect("JSON"),
        Err(error) => return vec![error],
    };
    let written: Value = serde_yaml::from_str(hosts).expect("YAML, as ansible has read it");
    let mut complaints = Vec::new();
    for group in GROUPS {
        let seen: Vec<&str> = seen[group]["hosts"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let written = written["all"]["children"][group]["hosts"].as_object();
        let written: Vec<&str> = written.into_iter().flat_map(|hosts| hosts.keys().map(String::as_str)).collect();
        if seen != written {
            complaints.push(format!("{group}: written {written:?}, ansible sees {seen:?}"));
        }
    }
    let hosts = seen["_meta"]["hostvars"].as_object().cloned().unwrap_or_default();
    for (host, variables) in &hosts {
        for variable in ["ip", "access_ip", "ansible_host", "ansible_user"] {
            if variables[variable].as_str().is_none_or(str::is_empty) {
                complaints.push(format!("{host} has no {variable}"));
            }
        }
    }
    if seen["k8s_cluster"]["children"].as_array().is_none_or(|children| children.len() != 2) {
        complaints.push("k8s_cluster does not hold the control planes and the nodes".into());
    }
    complaints
}

/// Checks the syntax of a playbook against an inventory. What it imports from kubespray is an empty playbook here.
pub fn complaints_about_playbook(name: &str, playbook: &str, hosts: &str) -> Vec<String> {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("a file");
    std::fs::create_dir(folder.path().join("playbooks")).expect("a folder");
    write("playbooks/facts.yml", "- hosts: all\n  gather_facts: false\n  tasks: []\n");
    write("hosts.yml", hosts);
    write(name, playbook);
    let (inventory, path) = (folder.path().join("hosts.yml"), folder.path().join(name));
    let arguments = ["--syntax-check".as_ref(), "-i".as_ref(), inventory.as_ref(), "-e".as_ref(), "node=none".as_ref(), path.as_ref()];
    ansible("ansible-playbook", &arguments).err().into_iter().collect()
}

fn ansible(program: &str, arguments: &[&Path]) -> Result<String, String> {
    let outcome = Command::new(program).args(arguments).env("ANSIBLE_LOCALHOST_WARNING", "false").output();
    let outcome = outcome.map_err(|error| format!("{program}: {error}"))?;
    let error = String::from_utf8_lossy(&outcome.stderr).into_owned();
    if outcome.status.success() && !error.contains("ERROR") && !error.contains("WARNING") {
        Ok(String::from_utf8_lossy(&outcome.stdout).into_owned())
    } else {
        Err(format!("{program}: {error}"))
    }
}

/// As it stands in the document from which this backend was learned: `shell` in the column of the dash.
const SEED: &str = "- name: Clean kube-apiserver\n  hosts: \"{{ node | default('kube_node') }}\"\n  gather_facts: no\n  tasks:\n    - name: Kill kube-apiserver process\n    shell: ps\n";

#[test]
fn ansible_refuses_the_seed_s_playbook() {
    if !super::super::requirements::met("ansible", super::super::requirements::ANSIBLE) {
        return;
    }
    let hosts = "all:\n  hosts:\n    a: {ip: 10.0.0.1}\n";
    assert_eq!(complaints_about_playbook("clean.yml", SEED, hosts).len(), 1);
    let mended = SEED.replace("    shell: ps", "      shell: ps");
    assert_eq!(complaints_about_playbook("clean.yml", &mended, hosts), Vec::<String>::new());
}
