//! What a document for replacing a dead server had wrong, or left to whoever reads it at night: what the plan does instead, mistake by
//! mistake.

use serde_json::Value;

use super::{DEAD, GROW, SWAP, edited};
use crate::kubeadm::compiled::{Compiled, in_order, of};

const DIED: &str = "lzx-ha-env";
const FENCE: &str = "25-recover-failed/lzx-ha-env.fence";
const FORGET: &str = "25-recover-failed/lzx-ha-env";
const NEWCOMER: &str = "40-add-control-plane/lzx-test-add-node";
const PARTS: [&str; 4] = ["preconditions", "run", "verify", "rollback"];

fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_default().to_owned()
}

/// Each command with the machine on which it runs.
fn commands(plan: &Compiled) -> Vec<(String, String, String)> {
    let of_step = |step: &Value| {
        let all = PARTS.iter().flat_map(|part| step[*part].as_array().into_iter().flatten());
        all.map(|command| (text(step, "id"), text(command, "on"), text(command, "shell"))).collect::<Vec<_>>()
    };
    plan.steps().flat_map(of_step).collect()
}

/// The document drains the dead node, which waits for a kubelet that never answers, and ends that with Ctrl-C.
#[test]
fn a_dead_node_is_not_drained_but_deleted() {
    let plan = of(DEAD);
    let about_it = commands(&plan).into_iter().filter(|(id, _, _)| id.starts_with("25-recover-failed/") || id.ends_with(DIED));
    for (id, _, shell) in about_it {
        assert!(!shell.contains(" drain "), "{id}: {shell}");
    }
    in_order(&plan.part(FORGET, "run"), &["delete node 'lzx-ha-env' --ignore-not-found"]);
}

/// Whatever waits ends by itself: no step is one that a person has to interrupt.
#[test]
fn nothing_is_ended_by_a_person_at_the_keyboard() {
    for base in [DEAD, GROW, SWAP] {
        let plan = of(base);
        for step in plan.steps() {
            for command in PARTS.iter().flat_map(|part| step[*part].as_array().into_iter().flatten()) {
                if command["shell"].is_string() {
                    assert!(command["timeoutSeconds"].as_u64().is_some_and(|limit| limit > 0), "{}: {command}", step["id"]);
                }
            }
        }
        let everything = plan.everything().to_lowercase();
        assert!(!everything.contains("ctrl-c") && !everything.contains("ctrl+c"), "{everything}");
    }
}

/// `--delete-local-data` is `--delete-emptydir-data` since 1.20, and an unknown flag since 1.31.
#[test]
fn a_live_server_is_drained_in_the_words_of_its_release() {
    let id = "75-swap-control-plane/server-2";
    for (version, option) in [
        ("v1.22.17+k3s1", "--delete-emptydir-data"),
        ("v1.28.12+k3s1", "--delete-emptydir-data"),
        ("v1.31.4+k3s1", "--delete-emptydir-data"),
    ] {
        let plan = edited(SWAP, &[("v1.31.4+k3s1", version)]);
        let run = plan.part(id, "run");
        in_order(&run, &["drain 'server-2' --ignore-daemonsets", option, "--timeout="]);
        let other = if option == "--delete-local-data" { "--delete-emptydir-data" } else { "--delete-local-data" };
        assert!(!run.contains(other), "{version}: {run}");
    }
}

/// The document looks at the members by hand, and does not say what to do with what it sees.
#[test]
fn the_dead_member_is_removed_by_hand_only_if_it_stays() {
    let plan = of(DEAD);
    let run = plan.part(FORGET, "run");
    in_order(&run, &["delete node 'lzx-ha-env'", "for _ in $(seq 24)", "member list", "https://192.168.0.254:2380", "sleep 5"]);
    in_order(&run, &["if [ -z \"$id\" ]; then echo 'lzx-ha-env is no member'; exit 0; fi", "member remove \"$id\""]);
    // Asked of those that answer, and proved afterwards.
    assert!(run.contains("--endpoints='https://192.168.0.244:2379,https://192.168.0.243:2379'"), "{run}");
    in_order(
        &plan.part(FORGET, "verify"),
        &["member list", "'lzx-ha-env is still a member'", "exit 1", "endpoint health", "put 'replank/"],
    );
}

/// Four voters of which one is dead need three: the document adds first.
#[test]
fn the_dead_member_is_gone_before_the_newcomer_joins() {
    let plan = of(DEAD);
    assert!(plan.place(FENCE) < plan.place(FORGET));
    assert!(plan.place(FORGET) < plan.place(NEWCOMER));
    let before = plan.part(NEWCOMER, "preconditions");
    assert!(before.contains("member list") && before.contains("endpoint health"), "{before}");
}

/// The hash of a node's password outlives the node for a while, and shuts out another machine of its name.
#[test]
fn a_password_is_forgotten_with_its_node_and_for_no_other() {
    let plan = of(DEAD);
    let secret = |name: &str| format!("delete secret '{name}.node-password.k3s' --ignore-not-found");
    in_order(&plan.part(FORGET, "run"), &["delete node 'lzx-ha-env'", &secret(DIED)]);
    // Of the newcomer's name there is a password only where an older machine had it: not while its node is there.
    in_order(&plan.part(NEWCOMER, "run"), &["if [ \"$found\" = 0 ]; then", &secret("lzx-test-add-node")]);
    for name in ["lzx-ha-env-2", "lzx-ha-env-3"] {
        assert!(!plan.everything().contains(&secret(name)), "{name} stays");
    }
}

/// The document asks one survivor for the address, on an interface that may be another one there.
#[test]
fn every_survivor_is_asked_whether_it_holds_the_address() {
    let plan = of(DEAD);
    let looks = plan.part("10-prepare/virtual-ip", "run");
    for address in ["192.168.0.244", "192.168.0.243"] {
        assert!(looks.contains(address), "{address}: {looks}");
    }
    assert!(looks.contains("192.168.0.66") && !looks.contains("192.168.0.254"), "{looks}");
    assert!(!looks.contains("show dev"), "on whichever interface: {looks}");
}

/// A machine that does not answer is asked nothing: no command runs there, and nothing logs in there.
#[test]
fn no_step_asks_the_dead_machine() {
    let plan = of(DEAD);
    for (id, on, shell) in commands(&plan) {
        assert_ne!(on, DIED, "{id}: {shell}");
        let logs_in = shell.lines().any(|line| line.contains("ssh ") && line.contains("192.168.0.254"));
        assert!(!logs_in, "{id}: {shell}");
        assert!(!shell.contains("https://192.168.0.254:6443") && !shell.contains("https://192.168.0.254:2379"), "{id}: {shell}");
    }
    assert!(!plan.files.keys().any(|path| path.contains(&format!("/{DIED}/"))), "{:?}", plan.files.keys());
}

/// That a machine is off a person has to see. A machine that comes up again would register itself anew.
#[test]
fn a_person_confirms_that_the_dead_machine_is_off() {
    let plan = of(DEAD);
    in_order(&plan.part(FENCE, "run"), &["power off", "until [", "nobody has confirmed it within four hours"]);
    assert!(plan.part(FENCE, "verify").contains("/dev/tcp/192.168.0.254/"));
    in_order(&plan.part(FORGET, "preconditions"), &["lzx-ha-env.is-off", "/dev/tcp/192.168.0.254/"]);
    assert!(plan.part("90-clean-up/lzx-ha-env", "run").contains("/dev/tcp/192.168.0.254/"));
}

/// The document prints the configuration, in which passwords stand.
#[test]
fn no_secret_is_printed() {
    for base in [DEAD, GROW, SWAP] {
        let plan = of(base);
        for (id, _, shell) in commands(&plan) {
            for line in shell.lines().filter(|line| line.contains("server/token") || line.contains("join-token")) {
                let is_shown = line.contains("cat ") && !line.trim_end().ends_with('|') && !line.contains("> ") && !line.contains("| ");
                assert!(!is_shown, "{id}: {line}");
            }
            assert!(!shell.contains("set -x") && !shell.contains("--token ") && !shell.contains("K3S_TOKEN="), "{id}: {shell}");
        }
        for (path, file) in plan.files.iter().filter(|(path, _)| path.ends_with("config.yaml") || path.ends_with("install.env")) {
            assert!(!file.lines().any(|line| line.starts_with("token:") || line.contains("K3S_TOKEN")), "{path}: {file}");
        }
    }
}

/// The document saves nothing before it changes the members.
#[test]
fn a_snapshot_and_the_token_are_kept_first() {
    for base in [DEAD, GROW, SWAP] {
        let plan = of(base);
        let first = plan.steps().position(|step| !text(step, "id").starts_with("10-") && !text(step, "id").starts_with("20-")).unwrap();
        assert!(plan.place("20-back-up/etcd") < first && plan.place("20-back-up/control-plane") < first);
        in_order(&plan.part("20-back-up/etcd", "run"), &["k3s etcd-snapshot save", "snapshot status", "replank-backups"]);
        assert!(plan.part("20-back-up/control-plane", "run").contains("var/lib/rancher/k3s/server/token"));
    }
    // Taken on one that answers.
    let plan = of(DEAD);
    assert!(commands(&plan).iter().filter(|(id, _, _)| id == "20-back-up/etcd").all(|(_, on, _)| on != DIED));
}

/// The first server's unit says that it founds the cluster, or others ask there for it: neither outlives the first server.
#[test]
fn nobody_founds_a_cluster_and_nobody_asks_the_first_one() {
    let plan = of(DEAD);
    for (path, file) in plan.files.iter().filter(|(path, _)| path.ends_with("config.yaml")) {
        assert!(file.contains("server: https://192.168.0.66:6443\n"), "{path}: {file}");
        assert!(!file.contains("cluster-init") && !file.contains("192.168.0.254"), "{path}: {file}");
    }
    for id in ["45-repoint-control-plane/lzx-ha-env-2", "45-repoint-control-plane/lzx-ha-env-3"] {
        let run = plan.part(id, "run");
        in_order(&run, &["systemctl daemon-reload", "--(server|cluster-init|cluster-reset|token)"]);
        assert!(!run.contains("systemctl restart") && !run.contains("systemctl stop"), "{id}: {run}");
    }
    let unit = plan.part(NEWCOMER, "run");
    assert!(unit.contains("--(server|cluster-init|cluster-reset|token)"), "{unit}");
}

/// Where the first server grows into three, what it was begun with goes as well, and the others are asked at one that stays.
#[test]
fn the_first_of_three_is_begun_like_the_others() {
    let plan = of(GROW);
    for path in ["steps/40-add-control-plane/server-2/config.yaml", "steps/40-add-control-plane/server-3/config.yaml"] {
        assert!(plan.file(path).contains("server: https://10.30.0.11:6443\n"), "{}", plan.file(path));
    }
    let first = plan.file("steps/45-repoint-control-plane/server-1/config.yaml");
    assert!(
        first.contains("server: https://10.30.0.1") && !first.contains("10.30.0.11:6443") && !first.contains("cluster-init"),
        "{first}"
    );
}

/// k3s that is stopped first leaves its member behind, and the others without their quorum.
#[test]
fn a_live_server_leaves_etcd_before_it_stops() {
    let plan = of(SWAP);
    let run = plan.part("75-swap-control-plane/server-2", "run");
    in_order(&run, &["drain 'server-2'", "snapshot save", "member remove \"$id\"", "disable --now k3s", "delete node 'server-2'"]);
}

/// A machine that has data of a cluster goes on with them, whatever its configuration says.
#[test]
fn data_of_another_cluster_are_found_before_a_server_joins() {
    let before = of(DEAD).part(NEWCOMER, "preconditions");
    assert!(before.contains("test ! -e /var/lib/rancher/k3s/server/db/etcd"), "{before}");
}

/// The document reuses the dead machine's name for another one; replank lets a new one come under its own, and the same one come back.
#[test]
fn the_same_machine_comes_back_under_its_name() {
    let plan = edited(
        DEAD,
        &[
            ("192.168.0.254, state: failed}", "192.168.0.254, state: failed, os: ubuntu-22.04}"),
            ("    lzx-test-add-node: {address: 192.168.0.239}\n", ""),
            (
                "    controlPlane: [lzx-ha-env-2, lzx-ha-env-3, lzx-test-add-node]\n",
                "    controlPlane: [lzx-ha-env-2, lzx-ha-env-3, lzx-ha-env]\n",
            ),
            (
                "    virtualIp: [lzx-ha-env-2, lzx-ha-env-3, lzx-test-add-node]\n",
                "    virtualIp: [lzx-ha-env-2, lzx-ha-env-3, lzx-ha-env]\n",
            ),
        ],
    );
    let steps = ["25-recover-failed/lzx-ha-env.fence", "25-recover-failed/lzx-ha-env", "25-recover-failed/lzx-ha-env/reinstall"];
    let places = steps.map(|id| plan.place(id));
    assert!(places.is_sorted(), "{places:?}");
    assert!(plan.place("25-recover-failed/lzx-ha-env/add") < plan.place("50-move-virtual-ip/lzx-ha-env"));
    assert!(plan.files.contains_key("steps/50-move-virtual-ip/lzx-ha-env/keepalived.conf"));
}

/// What counts the members says how many: an answer without the number would pass for any cluster.
#[test]
fn a_backup_asks_how_many_members_vote() {
    for (base, voters) in [(DEAD, 2), (GROW, 1), (SWAP, 3)] {
        let plan = of(base);
        let asked = plan.steps().find(|step| step["id"] == "20-back-up/etcd").unwrap()["preconditions"][0]["expect"].clone();
        assert_eq!(asked, format!("^{voters} members, all voting and started"));
    }
}
