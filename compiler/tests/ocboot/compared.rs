//! What ocboot is told, or tells itself, is held against what runs before it is started: the token, the networks, the labels, the interface,
//! the OnecloudCluster. The plan's own commands are run, with somebody who answers for the cluster.

use replank::pipeline::Compiled;

use super::played::Machine;
use super::spec::{SEED, compiled};
use crate::compiled::document;

const SURVIVOR: &str = "lzx-ha-env-2";

/// The precondition of the step with ocboot that says this in the end.
fn precondition(plan: &Compiled, says: &str) -> String {
    let step = document(plan).steps.iter().find(|step| step.run.iter().any(|command| command.shell.contains("run.py"))).unwrap();
    let said = format!("echo '{says}'");
    let command =
        step.preconditions.iter().find(|command| command.shell.contains(&said) && (command.on == SURVIVOR || command.on == "workstation"));
    command.unwrap_or_else(|| panic!("no precondition says: {says}")).shell.clone()
}

/// Answers for the machine, for the nodes and for the OnecloudCluster, each field of which is a file.
fn survivor() -> Machine {
    let machine = Machine::new();
    machine.program(
        "ip",
        r#"case "$*" in
  '-o link show dev eth0') ;;
  '-o link show dev '*) echo 'Device does not exist.' >&2; exit 1 ;;
  *) echo "7: $(cat "$STATE/holds")    inet 192.168.0.244/24" ;;
esac"#,
    );
    let asked = r#"while [ $# -gt 1 ]; do shift; done
case $1 in
  custom-columns=*) cat "$STATE/labels" ;;
  *node-args*) cat "$STATE/args" ;;
  jsonpath=*) field=$(tr -d '{}\\' <<< "${1#jsonpath=}" | tr / _); cat "$STATE/cloud/$field" 2> /dev/null || true ;;
esac"#;
    machine.program("kubectl", asked);
    machine.program("usr/local/bin/k3s", asked);
    // The database is reached.
    machine.program("timeout", "exit 0");
    machine.write("holds", "br0");
    machine
}

#[test]
fn the_token_is_the_one_that_ocboot_writes() {
    let (machine, plan) = (survivor(), compiled(SEED));
    let command = precondition(&plan, "the token is the one that ocboot writes");
    for same in ["K10c0ffee::server:mytoken@yunionio", "mytoken@yunionio"] {
        machine.write("var/lib/rancher/k3s/server/token", &format!("{same}\n"));
        machine.succeeds(&command);
    }
    for other in ["K10c0ffee::server:s3cr3t", "s3cr3t", "K10c0ffee::node:mytoken@yunionio", "mytoken@yunionio2"] {
        machine.write("var/lib/rancher/k3s/server/token", &format!("{other}\n"));
        let said = machine.fails(&command);
        assert!(said.contains("no key for it") && !said.contains("s3cr3t") && !said.contains("mytoken"), "{said}");
    }
}

/// k3s notes what it was started with, and leaves out what is its default.
#[test]
fn the_networks_are_those_that_run() {
    let (machine, plan) = (survivor(), compiled(SEED));
    let command = precondition(&plan, "the networks stay as they are");
    let runs = r#"["server","--cluster-init","--token","********","--cluster-cidr","10.40.0.0/16","--service-cidr","10.96.0.0/12","--disable","servicelb"]"#;
    machine.write("args", runs);
    machine.succeeds(&command);
    for (from, to, complaint) in [
        ("10.40.0.0/16", "10.41.0.0/16", "--cluster-cidr 10.41.0.0/16"),
        (r#""--service-cidr","10.96.0.0/12","#, "", "--service-cidr 10.43.0.0/16"),
        (r#""servicelb""#, r#""servicelb","--cluster-domain","cloud.local""#, "--cluster-domain cloud.local"),
        (runs, "", "does not say"),
    ] {
        machine.write("args", &runs.replace(from, to));
        let said = machine.fails(&command);
        assert!(said.contains(complaint), "{said}");
    }
}

#[test]
fn the_labels_are_those_of_the_spec() {
    let machine = survivor();
    let both = precondition(&compiled(SEED), "the labels stay as they are");
    let no_hosts = SEED.replace("stack: virt\n", "stack: virt\n          asHost: false\n");
    let one = precondition(&compiled(&no_hosts), "the labels stay as they are");
    for (labels, fits, other) in [("enable   enable", &both, &one), ("enable   <none>", &one, &both), ("enable   disable", &one, &both)] {
        machine.write("labels", &format!("{labels}\n"));
        machine.succeeds(fits);
        let said = machine.fails(other);
        assert!(said.contains("by its labels"), "{said}");
    }
}

#[test]
fn the_interface_is_the_one_under_the_bridge() {
    let (machine, plan) = (survivor(), compiled(SEED));
    let command = precondition(&plan, "the interface is right");
    machine.succeeds(&command);
    machine.write("etc/yunion/host.conf", "local_image_path:\n- /opt/cloud\nnetworks:\n- eth0/br0/192.168.0.244\n- eth1/br1/bcast1\n");
    machine.succeeds(&command);
    machine.write("etc/yunion/host.conf", "networks:\n- bond0/br0/192.168.0.244\n");
    assert!(machine.fails(&command).contains("has no network eth0/br0/192.168.0.244"));
    machine.write("holds", "bond0");
    assert!(machine.fails(&command).contains("is on bond0, the spec says eth0"));
    let other = compiled(&SEED.replace("lzx-ha-env-2: eth0", "lzx-ha-env-2: ens3"));
    machine.fails(&precondition(&other, "the interface is right"));
}

#[test]
fn the_onecloud_cluster_is_what_ocboot_would_apply() {
    let (machine, plan) = (survivor(), compiled(SEED));
    let password = machine.path("password");
    machine.write("password", "s3cr3t\n");
    let command = precondition(&plan, "the OnecloudCluster stays as it is");
    let command = command.replace("/root/.database-password", password.to_str().unwrap());
    let (edition, applied) =
        (".metadata.annotations.onecloud.yunion.io_edition", ".metadata.annotations.kubectl.kubernetes.io_last-applied-configuration");
    let tell = |field: &str, value: &str| machine.write(&format!("cloud/{field}"), value);
    let runs = [
        (".spec.version", "v3.11.9"),
        (".spec.productVersion", "Edge"),
        (".spec.imageRepository", "registry.cn-beijing.aliyuncs.com/yunionio"),
        (".spec.mysql.host", "192.168.0.252"),
        (".spec.mysql.port", "3306"),
        (".spec.mysql.username", "root"),
        (".spec.mysql.password", "s3cr3t"),
        (".spec.region", "region0"),
        (".spec.zone", "zone0"),
        (".spec.loadBalancerEndpoint", "192.168.0.66"),
        (".spec.onecloudServiceOperator.disable", "true"),
        (".spec.minio.enable", "true"),
        (".spec.glance.switchToS3", "true"),
        (edition, "ce"),
        (applied, r#"{"spec":{"mysql":{"password":"s3cr3t"},"minio":{"enable":true}}}"#),
    ];
    runs.iter().for_each(|(field, value)| tell(field, value));
    machine.succeeds(&command);
    // An edition that nobody has noted is the community's.
    tell(edition, "");
    machine.succeeds(&command);
    for (field, value, complaint) in [
        (edition, "ee", "mark it as ce"),
        (".spec.loadBalancerEndpoint", "192.168.0.67", "the address of its API is 192.168.0.67"),
        (".spec.onecloudServiceOperator.disable", "", "would turn it off"),
        (".spec.glance.switchToS3", "", "would have them there"),
        (applied, r#"{"spec":{"clickhouse":{"host":"192.168.0.1"},"mysql":{"password":"s3cr3t"}}}"#, "take clickhouse away"),
        (applied, r#"{"spec":{"useHyperImage":true}}"#, "take useHyperImage away"),
        (".spec.mysql.password", "another", "the password of the database is another one"),
    ] {
        tell(field, value);
        let said = machine.fails(&command);
        assert!(said.contains(complaint) && !said.contains("s3cr3t"), "{said}");
        runs.iter().filter(|(name, _)| *name == field).for_each(|(name, value)| tell(name, value));
    }
}

#[test]
fn whether_resources_are_managed_follows_from_the_system_of_the_primary() {
    let (machine, plan) = (survivor(), compiled(SEED));
    let command = precondition(&plan, "it stays as it is");
    for (system, field, fits) in [
        ("openEuler", "", true),
        ("openEuler", "false", true),
        ("openEuler", "true", false),
        ("\"kylin\"", "true", true),
        ("\"kylin\"", "false", false),
    ] {
        machine.write("etc/os-release", &format!("NAME=x\nID={system}\n"));
        machine.write("cloud/.spec.disableResourceManagement", field);
        assert_eq!(machine.run(&command).status.success(), fits, "{system} {field}");
    }
}
