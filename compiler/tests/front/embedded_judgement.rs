//! Where the line runs between what is refused and what is not, for servers of k3s that are members of etcd themselves.

use super::base::{changed, codes, human};

const BASE: &str = include_str!("../k3s/grow.yaml");

const TOKEN: &str = "        token: {file: /etc/rancher/k3s/join-token}\n";
const SERVERS: &str = "    controlPlane: [server-1]\n";

fn edited(edits: &[(&str, &str)]) -> String {
    changed(BASE, edits)
}

fn with_settings(field: &str, key: &str) -> String {
    codes(&edited(&[(TOKEN, &format!("{TOKEN}        {field}: {{{key}}}\n"))])).join(" ")
}

#[test]
fn the_base_is_clean() {
    assert_eq!(human(BASE), "");
}

#[test]
fn keys_of_the_etcd_inside_are_free_unless_they_break_the_plan() {
    for (key, server, agent) in [
        ("etcd-snapshot-retention: 10", "", "M206"),
        ("etcd-snapshot-schedule-cron: \"0 */6 * * *\"", "", "M206"),
        ("etcd-snapshot-dir: /mnt/snapshots", "", "M206"),
        ("etcd-snapshot-compress: true", "", "M206"),
        ("etcd-expose-metrics: true", "", "M206"),
        ("etcd-arg: [quota-backend-bytes=8589934592]", "", "M206"),
        ("etcd-s3: true", "", "M206"),
        ("etcd-s3-config-secret: k3s-etcd-snapshots", "", "M206"),
        ("cluster-init: true", "M207", "M207"),
        ("cluster-reset: true", "M207", "M207"),
        ("cluster-reset-restore-path: /mnt/snapshot", "M207", "M207"),
        ("disable-etcd: true", "M207", "M207"),
        ("datastore-endpoint: https://10.0.0.1:2379", "M207", "M207"),
        ("server: https://10.30.0.11:6443", "M207", "M207"),
        ("etcd-s3-access-key: hunter", "M207", "M207"),
        ("etcd-s3-secret-key: hunter2", "M207", "M207"),
        ("etcd-s3-session-token: hunter3", "M207", "M207"),
        ("etcd-no-such: true", "M205", "M205"),
    ] {
        assert_eq!(with_settings("serverConfig", key), server, "{key} for servers");
        assert_eq!(with_settings("agentConfig", key), agent, "{key} for agents");
    }
}

#[test]
fn flags_that_k3s_gives_its_etcd_are_not_given_again() {
    for (flag, expected) in [
        ("quota-backend-bytes=8589934592", ""),
        ("--auto-compaction-retention=1h", ""),
        ("data-dir=/mnt/etcd", "M207"),
        ("--data-dir=/mnt/etcd", "M207"),
        ("initial-cluster-state=new", "M207"),
        ("force-new-cluster=true", "M207"),
        ("listen-client-urls=http://0.0.0.0:2379", "M207"),
        ("name=a", "M207"),
    ] {
        assert_eq!(with_settings("serverConfig", &format!("etcd-arg: [\"{flag}\"]")), expected, "{flag}");
        assert_eq!(with_settings("serverConfig", &format!("etcd-arg: \"{flag}\"")), expected, "{flag}, alone");
    }
}

#[test]
fn a_k3s_without_the_command_that_saves_a_snapshot_is_refused() {
    for (version, expected) in [
        ("v1.18.20+k3s1", "M203"),
        ("v1.19.16+k3s1", "M203"),
        ("v1.20.15+k3s1", "M203"),
        ("v1.21.14+k3s1", "M203"),
        ("v1.22.0+k3s1", "M204"),
        ("v1.28.5+k3s1", "M204"),
        ("v1.28.12+k3s1", ""),
    ] {
        assert_eq!(codes(&edited(&[("v1.31.4+k3s1", version)])).join(" "), expected, "{version}");
    }
}

#[test]
fn members_are_the_control_planes_and_nobody_else() {
    for (list, expected) in [
        ("    etcd: [server-1]\n", ""),
        ("    etcd: [agent-1]\n", "M214"),
        ("    etcd: [server-1, agent-1]\n", "M214"),
        ("    etcd: []\n", ""),
    ] {
        assert_eq!(codes(&edited(&[(SERVERS, &format!("{SERVERS}{list}"))])).join(" "), expected, "{list}");
    }
    let servers = "    controlPlane: [server-1, server-2, server-3]\n";
    for (list, expected) in [("    etcd: [server-3, server-1, server-2]\n", ""), ("    etcd: [server-1, server-2]\n", "M214")] {
        assert_eq!(codes(&edited(&[(servers, &format!("{servers}{list}"))])).join(" "), expected, "{list}");
    }
}

#[test]
fn only_where_etcdctl_lies_is_said_of_the_etcd_inside() {
    for (settings, expected) in [
        ("{binaryDirectory: /opt/etcd}", ""),
        ("{}", ""),
        ("{clientPort: 2379}", "M214"),
        ("{tls: none, dataDir: /mnt/etcd}", "M214 M214"),
        ("{memberNames: {server-1: etcd-1}}", "M214"),
        ("{flags: {quota-backend-bytes: 8589934592}}", "M214"),
    ] {
        let text = edited(&[("    virtualIp:\n", &format!("    etcd: {settings}\n    virtualIp:\n"))]);
        assert_eq!(codes(&text).join(" "), expected, "{settings}");
    }
}

#[test]
fn a_machine_that_failed_may_leave_and_nothing_else() {
    let failed = |name: &str| (format!("{name}}}"), format!("{name}, state: failed}}"));
    let leaves = failed("address: 10.30.0.21");
    let workers = ("    workers: [agent-1, agent-2]\n", "    workers: [agent-2]\n");
    assert_eq!(codes(&edited(&[(&leaves.0, &leaves.1), workers])), [""; 0]);
    assert_eq!(codes(&edited(&[(&leaves.0, &leaves.1)])), ["M111"]);
    let joins = failed("address: 10.30.0.12");
    assert_eq!(codes(&edited(&[(&joins.0, &joins.1)])), ["M111"]);
}

#[test]
fn ports_of_etcd_are_taken_on_every_server() {
    let port = format!("{TOKEN}        httpsListenPort: 2379\n");
    assert!(codes(&edited(&[(TOKEN, &port)])).contains(&"M210".to_owned()));
}
