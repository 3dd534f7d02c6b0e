//! Mistakes about the control plane: what stops and how, what starts and when, what a new one overwrites.

use crate::kubeadm::compiled::in_order;
use crate::systemd::{SERVER, edited, example};

const HAND_OVER: &str = "52-hand-over-control-plane/master-new";
const CONTROLLERS: &str = "66-start-controllers/master-new";

/// The document stops units that have no [Install]; they stay where anybody starts them again.
#[test]
fn the_units_of_the_old_master_are_put_aside_in_the_order_in_which_they_stop() {
    let run = example().part(HAND_OVER, "run");
    let (old, new) = run.split_once("writes no more").unwrap();
    let units = ["kube-controller", "kube-scheduler", "kube-proxy", "flanneld", "kube-apiserver"];
    let stops = units.map(|unit| format!("timeout 90 systemctl stop --job-mode=ignore-dependencies {unit}\n"));
    in_order(old, &stops.each_ref().map(String::as_str));
    assert_eq!(old.matches("mv -f \"$file\" \"$file.stopped-by-replank\"").count(), units.len());
    in_order(new, &["systemctl start --no-block flanneld", "systemctl start --no-block kube-apiserver", "/healthz"]);
}

/// What was put aside comes back by the way back alone, and goes for good with the machine's last role.
#[test]
fn what_was_put_aside_comes_back_or_goes() {
    let plan = example();
    let rollback = plan.part(HAND_OVER, "rollback");
    let start = |unit: &str| format!("systemctl start --job-mode=ignore-dependencies {unit}");
    in_order(
        &rollback,
        &[
            "systemctl stop --job-mode=ignore-dependencies \"$unit\"",
            "mv -f \"$file.stopped-by-replank\" \"$file\"",
            &start("kube-apiserver"),
        ],
    );
    in_order(&rollback, &[&start("kube-apiserver"), &start("kube-controller"), &start("kube-scheduler")]);
    for unit in ["kube-apiserver", "kube-controller", "kube-scheduler", "kube-proxy", "flanneld"] {
        let gone = format!("rm -f \"$folder/systemd/system/{unit}.service.stopped-by-replank\"");
        assert!(plan.part("90-clean-up/master-old", "run").contains(&gone), "{unit}");
    }
}

/// A way back that leaves units disabled ends at the next boot.
#[test]
fn what_was_enabled_is_enabled_again_by_the_way_back() {
    let plan = example();
    for unit in ["kube-apiserver", "kube-controller", "kube-scheduler", "kube-proxy", "flanneld"] {
        let mark = format!("/var/backups/replank/relocate-master/52-hand-over-control-plane.master-new.{unit}.enabled");
        in_order(&plan.part(HAND_OVER, "run"), &[&format!("touch '{mark}'"), &format!("systemctl disable {unit}")]);
        in_order(&plan.part(HAND_OVER, "rollback"), &[&format!("-e '{mark}'"), &format!("systemctl enable {unit}")]);
    }
}

/// Half of a control plane stops, and then the rest cannot: nothing stops before all are known to.
#[test]
fn a_unit_that_cannot_be_put_aside_is_refused_before_anything_stops() {
    let run = example().part(HAND_OVER, "run");
    in_order(&run, &["from where the plan cannot put it aside", "systemctl stop"]);
    let (before, _) = run.split_once("systemctl stop").unwrap();
    for unit in ["kube-apiserver", "kube-controller", "kube-scheduler", "kube-proxy", "flanneld"] {
        assert!(before.contains(&format!("\nstands_where_known {unit}\n")), "{unit}: {before}");
    }
}

/// A machine that does not answer is no proof that nothing runs on it.
#[test]
fn silence_is_no_proof_that_nothing_decides() {
    let verify = example().part(HAND_OVER, "verify");
    in_order(&verify, &["systemctl is-active $unit || true", "inactive | failed | unknown", "no answer about"]);
}

/// Two API servers that write at once undo each other's work.
#[test]
fn one_api_server_serves_at_every_step_and_none_while_it_moves() {
    let plan = example();
    for step in plan.steps() {
        assert_eq!(step["after"]["apiServers"].as_array().unwrap().len(), 1, "{}", step["id"]);
    }
    assert_eq!(plan.step(HAND_OVER)["during"]["apiServers"], 0);
    let verify = plan.part(HAND_OVER, "verify");
    in_order(&verify, &["the old API server still answers", "one API server, 3 nodes", "nobody decides"]);
    assert!(plan.part("40-add-control-plane/master-new", "verify").contains("ready, and nothing runs"));
}

/// Nodes show Ready for as long as no controller looks: the document waits for what is already there.
#[test]
fn controllers_start_after_every_node_has_reported_anew() {
    let plan = example();
    let before: Vec<_> = plan.steps().take(plan.place(CONTROLLERS)).collect();
    for step in before.iter().filter(|step| step["id"] != HAND_OVER) {
        let run = plan.part(step["id"].as_str().unwrap(), "run");
        assert!(!run.contains("start kube-controller") && !run.contains("for unit in kube-controller"), "{}", step["id"]);
    }
    let preconditions = plan.part(CONTROLLERS, "preconditions");
    in_order(&preconditions, &["lastHeartbeatTime", "'l-33-39' 'l-33-40' 'l-33-41'", "before=$(reports)", "heard of all 3 nodes"]);
    for batch in ["65-repoint-clients/l-33-39", "65-repoint-clients/l-33-41"] {
        assert!(plan.place(batch) < plan.place(CONTROLLERS));
        assert!(plan.part(batch, "verify").contains("before=$(reports)"), "{batch}");
    }
}

/// Kubelets report their state every ten seconds, or every five minutes where they renew leases meanwhile.
#[test]
fn a_node_is_heard_of_by_what_its_release_writes_often() {
    for (version, written) in
        [("v1.13.12", "{.status.conditions[?(@.type==\"Ready\")].lastHeartbeatTime}"), ("v1.14.0", "{.spec.renewTime}")]
    {
        let preconditions = crate::systemd::at_release(version).part(CONTROLLERS, "preconditions");
        assert!(preconditions.contains(written), "{version}");
    }
}

/// How long somebody has once controllers run follows from flags, and is said with their values.
#[test]
fn the_deadline_of_an_eviction_is_that_of_the_flags() {
    let why = |plan: &crate::kubeadm::compiled::Compiled| plan.step(CONTROLLERS)["words"]["why"].to_string();
    let usual = why(&example());
    assert!(usual.contains("silent for 40s") && usual.contains("5m0s later its pods are evicted"), "{usual}");
    let unit = "          unit: kube-controller\n";
    let flags = format!("{unit}          flags: {{node-monitor-grace-period: 2m0s, pod-eviction-timeout: 30m0s}}\n");
    let other = edited(&[(unit, &flags)]);
    assert!(why(&other).contains("silent for 2m0s") && why(&other).contains("30m0s later"));
    let trouble = other.step(CONTROLLERS)["words"]["trouble"].to_string();
    assert!(trouble.contains("You have 30m0s until") && trouble.contains("有 30m0s"), "{trouble}");
    let file = other.file("steps/40-add-control-plane/master-new/kube-controller-manager.service");
    in_order(file, &["--node-monitor-grace-period=2m0s", "--pod-eviction-timeout=30m0s"]);
}

/// The script for a new master writes flannel's network into etcd, and changes the name server, docker and the firewall of its machine.
#[test]
fn a_new_master_writes_nothing_into_etcd_and_nothing_outside_its_units() {
    let plan = example();
    for step in plan.steps() {
        for part in ["preconditions", "run", "verify", "rollback"] {
            let text = plan.part(step["id"].as_str().unwrap(), part);
            for word in ["network/config", "-X PUT", "resolv.conf", "firewalld", "docker.service", "restart docker", "chattr"] {
                assert!(!text.contains(word), "{}: {word}", step["id"]);
            }
        }
    }
    let flannel = plan.file("steps/40-add-control-plane/master-new/flanneld.service");
    in_order(flannel, &["flanneld \\", "--etcd-prefix=/flannel/network \\", "$FLANNEL_ETCD"]);
}

/// Flags that the spec gives wrongly, or not at all, would be lost with the old master.
#[test]
fn programs_flags_and_keys_are_those_of_the_master_that_runs() {
    let plan = example();
    let preconditions = plan.part("10-prepare/master-new", "preconditions");
    for unit in ["kube-apiserver", "kube-controller", "kube-scheduler", "kube-proxy", "flanneld"] {
        assert!(preconditions.contains(&format!("{unit} runs with flags that the spec does not know")), "{unit}");
    }
    assert!(preconditions.contains("grep -qxF -e 'service-cluster-ip-range=172.16.0.0/13'"));
    let run = plan.part("10-prepare/master-new", "run");
    in_order(&run, &["sha256sum $file", "arrived broken", "0755 /usr/sbin/domeos/k8s/current/kube-apiserver"]);
    assert!(run.contains("0755 /usr/sbin/domeos/flannel/current/flanneld"));
    let keyed = edited(&[(
        "service-cluster-ip-range: 172.16.0.0/13}",
        "service-cluster-ip-range: 172.16.0.0/13, service-account-key-file: /etc/k8s/sa.key}",
    )]);
    assert!(keyed.part("10-prepare/master-new", "run").contains("0600 /etc/k8s/sa.key"));
    assert!(keyed.part("20-back-up/control-plane", "run").contains("echo 'etc/k8s/sa.key'"));
    assert!(keyed.part("40-add-control-plane/master-new", "preconditions").contains("test -r /etc/k8s/sa.key"));
}

/// Each component says where the API server or etcd is in one file, and nowhere else.
#[test]
fn addresses_stand_in_the_files_that_units_read() {
    let plan = example();
    let folder = "steps/40-add-control-plane/master-new";
    for (name, line) in [
        ("kube-controller-manager", format!("KUBE_MASTER=--master={SERVER}")),
        ("kube-scheduler", format!("KUBE_MASTER=--master={SERVER}")),
        ("kube-proxy", format!("KUBE_MASTER=--master={SERVER}")),
        ("kube-apiserver", format!("ETCD_SERVERS=--etcd-servers={}", crate::systemd::MEMBERS)),
    ] {
        let environment = plan.file(&format!("{folder}/{name}.env"));
        assert_eq!(environment.lines().filter(|line| !line.starts_with('#')).collect::<Vec<_>>(), [line.as_str()]);
        assert!(!plan.file(&format!("{folder}/{name}.service")).contains("10.17.33."), "{name}");
    }
}
