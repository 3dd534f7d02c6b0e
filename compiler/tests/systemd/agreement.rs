//! The comparison of running flags with the spec is run: a process of its own stands for the API server.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Output};

use super::example;

/// What the first step asks of the API server, on a machine where it runs with these flags.
fn compared(flags: &[&str]) -> Output {
    let plan = example();
    let preconditions = &plan.step("10-prepare/master-new")["preconditions"];
    let text = preconditions.as_array().unwrap().iter().map(|part| part["shell"].as_str().unwrap_or_default());
    let shell = text.into_iter().find(|shell| shell.contains("the spec and kube-apiserver agree")).unwrap().to_owned();
    let folder = tempfile::tempdir().unwrap();
    let line = ["kube-apiserver"].iter().chain(flags).map(|word| format!("{word}\0")).collect::<String>();
    fs::write(folder.path().join("cmdline"), line).unwrap();
    let systemctl = "#!/bin/sh\ncase $* in *MainPID*) echo MainPID=7 ;; *Fragment*) echo FragmentPath=/etc/systemd/system/kube-apiserver.service ;; esac\n";
    for (name, text) in [("systemctl", systemctl), ("ip", "#!/bin/sh\necho here\n")] {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let shell = shell.replace("/proc/$pid/cmdline", folder.path().join("cmdline").to_str().unwrap());
    let path = format!("{}:{}", folder.path().display(), std::env::var("PATH").unwrap());
    Command::new("bash").arg("-c").arg(shell).env("PATH", path).output().unwrap()
}

#[track_caller]
fn says(flags: &[&str], expected: &str, is_well: bool) {
    let output = compared(flags);
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(said.contains(expected) && output.status.success() == is_well, "{flags:?}: {said}");
}

const AGREED: [&str; 4] = [
    "--insecure-port=8080",
    "--insecure-bind-address=0.0.0.0",
    "--service-cluster-ip-range=172.16.0.0/13",
    "--etcd-servers=http://10.17.33.31:4012",
];

fn with(further: &[&'static str]) -> Vec<&'static str> {
    AGREED.iter().chain(further).copied().collect()
}

#[test]
fn one_flag_may_be_written_in_several_ways() {
    says(&AGREED, "agree", true);
    says(&AGREED[1..], "agree", true);
    let words =
        ["--insecure_bind_address", "0.0.0.0", "-service-cluster-ip-range=172.16.0.0/13", "--etcd_servers", "http://10.17.33.31:4012"];
    says(&words, "agree", true);
}

#[test]
fn a_flag_that_the_spec_does_not_know_or_sets_otherwise_is_named() {
    says(&with(&["--allow-privileged"]), "does not know:\nallow-privileged", false);
    says(&AGREED[..2], "not set here: service-cluster-ip-range=172.16.0.0/13", false);
    says(&["--insecure-port=8081", AGREED[1], AGREED[2]], "not set here: insecure-port=8080", false);
}

/// The old machine's own address would be wrong on the new one.
#[test]
fn what_names_the_old_machine_stays_behind_and_is_named() {
    says(&with(&["--advertise-address=10.17.33.30"]), "names this machine here, and will not on the new one:\nadvertise-address", true);
    says(&[AGREED[0], "--insecure-bind-address=10.17.33.30", AGREED[2]], "agree", true);
    says(&with(&["--advertise-address=10.17.33.99"]), "does not know:\nadvertise-address", false);
}
