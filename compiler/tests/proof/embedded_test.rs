//! Servers of k3s that are members of etcd: joined by real members and held to the ledger, and refused as k3s refuses them.

use std::path::Path;
use std::time::Duration;

use replank::rehearse::{Host, Network, World};

use super::rehearsing::{Plan, QUICK, able};
use super::requirements::{HOSTS, met};

const SPEC: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/compiler/tests/proof/embedded.yaml");

#[test]
fn one_server_with_etcd_inside_becomes_three_and_no_write_is_lost() {
    let plan = Plan::of(Path::new(SPEC));
    if !able(&plan.document) {
        return;
    }
    let report = plan.rehearse(&QUICK);
    assert!(report.passed, "{:#?}", report.findings);
    assert_eq!(report.ledger.rows, report.ledger.rows_agree, "{:?}", report.ledger);
    assert!(report.writes.acknowledged > 100 && report.writes.lost == 0, "{:?}", report.writes);
}

const PROGRAMS: &str = "programs=/run/rehearsal/stand-ins/programs
for program in etcd etcdctl; do install -D -m 0755 \"$(command -v \"$program\")\" \"$programs/$program\"; done
ln -sf etcd \"$programs/k3s-etcd\"";

fn two_hosts() -> (tempfile::TempDir, World) {
    let plan = tempfile::tempdir().unwrap();
    let host = |name: &str, address: &str| Host { name: name.into(), address: address.parse().unwrap(), ssh_port: 22 };
    let hosts = [host("one", "10.9.0.1"), host("two", "10.9.0.2")];
    let network = Network { interface: "eth0".into(), prefix: Some(24) };
    let world = World::open(plan.path(), &hosts, &network, &[]).unwrap_or_else(|stop| panic!("{stop:?}"));
    assert!(world.observe("sh", &["-euc", PROGRAMS]).unwrap().succeeded());
    (plan, world)
}

fn said(world: &World, host: &str, shell: &str) -> String {
    let outcome = world.run(host, &format!("set -eu\n{shell}"), Duration::from_secs(60)).unwrap();
    assert!(outcome.succeeded(), "{shell}: {outcome:?}");
    outcome.stdout
}

/// Installs k3s on a host and starts it, as its documentation says; answers when it is ready.
fn start(world: &World, host: &str, address: &str, how: &str) {
    let script = format!(
        "sed s/@VERSION@/v1.31.4+k3s1/ /stand-ins/media/k3s >/usr/local/bin/k3s; chmod 0755 /usr/local/bin/k3s\n\
         export INSTALL_K3S_SKIP_DOWNLOAD=true K3S_TOKEN=secret INSTALL_K3S_EXEC='server {how} --node-name {host} --node-ip {address}'\n\
         sh /stand-ins/media/install-k3s.sh >/dev/null"
    );
    said(world, host, &script);
}

/// A member, its node's password and its data each outlive the others, and each keeps a machine from joining in its own way.
#[test]
fn a_server_comes_back_under_its_name_only_when_the_cluster_has_forgotten_it() {
    if !met("the stand-ins", HOSTS) {
        return;
    }
    let (_plan, world) = two_hosts();
    start(&world, "one", "10.9.0.1", "--cluster-init");
    start(&world, "two", "10.9.0.2", "--server https://10.9.0.1:6443");
    // Tries to start it, and waits until its log says this: how long a server takes depends on what else the machine does.
    let tried = |shell: &str, says: &str| {
        let waits = format!("for _ in $(seq 90); do journalctl -u k3s -n 200 | grep -qF '{says}' && exit; sleep 1; done");
        let shell = format!("{shell}\nsystemctl start --no-block k3s\n({waits}; journalctl -u k3s -n 20; exit 1)");
        let outcome = world.run("two", &format!("set -eu\n{shell}"), Duration::from_secs(120)).unwrap();
        assert!(outcome.succeeded(), "`{says}` was not said: {outcome:?}");
    };
    tried("systemctl stop k3s; mv /var/lib/rancher /var/lib/kept", "ETCD join failed: duplicate node name found");
    let another_machine = "rm -rf /var/lib/rancher; mv /var/lib/kept /var/lib/rancher; echo another >/etc/rancher/node/password";
    tried(&format!("systemctl stop k3s; {another_machine}"), "Node password rejected");
    said(&world, "one", "k3s kubectl delete node two");
    // Nobody wipes its data and nobody adds it: it does both itself, which is what a plan that only removes a member has to fear.
    tried("sleep 5", "please restart k3s to rejoin");
    tried("true", "tombstone file has been detected");
    said(&world, "two", "for _ in $(seq 55); do systemctl is-active -q k3s && exit; sleep 1; done; exit 1");
    let nodes = said(
        &world,
        "one",
        "k3s kubectl get nodes -l node-role.kubernetes.io/etcd=true --no-headers; k3s etcd-snapshot save --name kept; k3s etcd-snapshot ls",
    );
    assert_eq!(nodes.matches(" Ready ").count(), 2, "{nodes}");
    assert!(nodes.contains("kept-one-"), "{nodes}");
}
