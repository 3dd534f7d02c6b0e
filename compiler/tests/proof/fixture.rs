//! A plan written by hand: three members become four and then three others, in the shape that the compiler emits.
//!
//! It lets the readers be proved without the compiler. What it says about etcd is no example: look into `examples/` for that.

use std::path::Path;

use serde_json::{Value, json};

const OLD: [(&str, &str); 3] = [("vm-1", "10.20.0.11"), ("vm-2", "10.20.0.12"), ("vm-3", "10.20.0.13")];
const NEW: (&str, &str) = ("phy-1", "10.20.0.21");
pub const ADD: &str = "30-grow-etcd/phy-1";
const REMOVE: &str = "80-swap-etcd/vm-1";

fn endpoints(machines: &[(&str, &str)]) -> String {
    machines.iter().map(|(_, address)| format!("http://{address}:2379")).collect::<Vec<_>>().join(",")
}

/// The list that this joiner needs: the members of the moment, and itself.
pub fn initial_cluster() -> String {
    let old = OLD.iter().enumerate().map(|(index, (_, address))| format!("etcd-node-{}=http://{address}:2380", index + 1));
    old.chain([format!("phy-1=http://{}:2380", NEW.1)]).collect::<Vec<_>>().join(",")
}

fn unit(initial_cluster: &str) -> String {
    let address = NEW.1;
    format!(
        "# A plan written by hand, step {ADD}.\n[Unit]\nDescription=etcd member phy-1\nWants=network-online.target\n\
         After=network-online.target local-fs.target\nRequiresMountsFor=/mnt/disks/etcd\n\n[Service]\nType=notify\nUser=etcd\nGroup=etcd\n\
         ExecStart=/usr/local/bin/etcd \\\n    --name phy-1 \\\n    --data-dir /mnt/disks/etcd \\\n    \
         --initial-advertise-peer-urls http://{address}:2380 \\\n    --listen-peer-urls http://{address}:2380 \\\n    \
         --listen-client-urls http://{address}:2379,http://127.0.0.1:2379 \\\n    --advertise-client-urls http://{address}:2379 \\\n    \
         --initial-cluster-token etcd-cluster-token-e3b0c44298fc \\\n    --initial-cluster {initial_cluster} \\\n    \
         --initial-cluster-state existing\nTimeoutStartSec=0\nRestart=on-failure\nRestartSec=5\nLimitNOFILE=65536\n\
         NoNewPrivileges=true\nProtectSystem=strict\nReadWritePaths=/mnt/disks/etcd\n\n[Install]\nWantedBy=multi-user.target\n"
    )
}

fn command(on: &str, shell: &str) -> Value {
    json!({"on": on, "shell": format!("set -euo pipefail\nexport ETCDCTL_API=3\n{shell}"), "timeoutSeconds": 60})
}

fn retried(on: &str, shell: &str) -> Value {
    let mut command = command(on, shell);
    command["timeoutSeconds"] = json!(30);
    command["retryEverySeconds"] = json!(1);
    command
}

fn add() -> Value {
    let (old, all) = (endpoints(&OLD), endpoints(&[OLD[0], OLD[1], OLD[2], NEW]));
    let peer = format!("http://{}:2380", NEW.1);
    let id = format!("etcdctl --endpoints={old} member list | awk -F', ' -v url={peer} '$4 == url {{ print $1 }}'");
    json!({
        "id": ADD, "phase": "30-grow-etcd", "action": "etcd.add(phy-1)", "title": {"en": "Add phy-1", "zh": "加入 phy-1"},
        "because": {"pointer": "/spec/target/etcd/0", "line": 1, "column": 1}, "needs": [],
        "artifacts": [{"path": format!("steps/{ADD}/etcd.service"), "kind": "systemd-unit", "host": "phy-1",
                       "destination": "/etc/systemd/system/etcd.service", "owner": "root:root", "mode": "0644"}],
        "preconditions": [
            retried("vm-1", &format!("etcdctl --endpoints={old} endpoint health 2>&1")),
            command("phy-1", "if [ -e /mnt/disks/etcd/member ]; then echo 'the data directory is not empty' >&2; exit 1; fi"),
        ],
        "run": [
            command("workstation", &format!("for program in etcd etcdctl; do\n    ssh -n vm-1 \"cat /usr/local/bin/$program\" | ssh -p 2222 root@{} \
                     \"cat >/usr/local/bin/$program.new && chmod 0755 /usr/local/bin/$program.new && mv /usr/local/bin/$program.new /usr/local/bin/$program\"\ndone", NEW.1)),
            command("phy-1", "getent passwd etcd >/dev/null || useradd --system --shell /usr/sbin/nologin etcd\n\
                     install -d -o etcd -g etcd -m 0700 /mnt/disks/etcd"),
            command("workstation", &format!("scp -q -P 2222 steps/{ADD}/etcd.service root@{}:/etc/systemd/system/etcd.service", NEW.1)),
            retried("vm-1", &format!("id=$({id})\nif [ -z \"$id\" ]; then etcdctl --endpoints={old} member add phy-1 --learner --peer-urls={peer}; fi")),
            command("phy-1", "systemctl daemon-reload\nsystemctl enable --now etcd"),
            retried("vm-1", &format!("if etcdctl --endpoints={old} member list | awk -F', ' -v url={peer} '$4 == url && $6 == \"true\" {{ found = 1 }} END {{ exit !found }}'; \
                    then etcdctl --endpoints={old} member promote \"$({id})\"; fi")),
        ],
        "verify": [
            {"on": "vm-1", "shell": format!("ETCDCTL_API=3 etcdctl --endpoints={old} member list"), "expect": format!("started, phy-1, {peer}, .*, false$"),
             "timeoutSeconds": 30, "retryEverySeconds": 1},
            command("vm-1", &format!("etcdctl --endpoints={all} endpoint health 2>&1\netcdctl --endpoints={all} put replank/step 1")),
        ],
        "rollback": [
            retried("vm-1", &format!("id=$({id})\nif [ -n \"$id\" ]; then etcdctl --endpoints={old} member remove \"$id\"; fi")),
            command("phy-1", "systemctl disable --now etcd || true\nrm -f /etc/systemd/system/etcd.service\nsystemctl daemon-reload\n\
                     rm -rf /mnt/disks/etcd/member"),
        ],
        "after": {"etcd": {"voters": ["vm-1", "vm-2", "vm-3", "phy-1"], "learners": []}}
    })
}

fn remove() -> Value {
    let staying = endpoints(&[OLD[1], OLD[2], NEW]);
    let all = endpoints(&[OLD[0], OLD[1], OLD[2], NEW]);
    let id_of = |address: &str| {
        format!("etcdctl --endpoints={staying} member list | awk -F', ' -v url=http://{address}:2380 '$4 == url {{ print $1 }}'")
    };
    let leader = format!(
        "leader=$(etcdctl --endpoints={all} endpoint status -w fields | \
         awk -F' : ' '/^\"MemberID\"/ {{ m = $2 }} /^\"Leader\"/ {{ l = $2 }} /^\"Endpoint\"/ {{ gsub(/\"/, \"\", $2); if (m == l) print $2 }}')"
    );
    json!({
        "id": REMOVE, "phase": "80-swap-etcd", "action": "etcd.remove(vm-1)", "title": {"en": "Remove vm-1", "zh": "移除 vm-1"},
        "because": {"pointer": "/spec/source/etcd/0", "line": 1, "column": 1}, "needs": [ADD], "artifacts": [],
        "preconditions": [],
        "run": [
            command("phy-1", &format!("{leader}\nif [ \"$leader\" = http://{old}:2379 ]; then etcdctl --endpoints=\"$leader\" move-leader \"$({to})\"; fi",
                    old = OLD[0].1, to = id_of(NEW.1))),
            retried("phy-1", &format!("id=$({})\nif [ -n \"$id\" ]; then etcdctl --endpoints={staying} member remove \"$id\"; fi", id_of(OLD[0].1))),
            command("vm-1", "systemctl disable --now etcd\nrm -f /etc/systemd/system/etcd.service\nsystemctl daemon-reload\nrm -rf /mnt/disks/etcd/member"),
        ],
        "verify": [command("phy-1", &format!("etcdctl --endpoints={staying} endpoint health 2>&1\netcdctl --endpoints={staying} put replank/step 2"))],
        "rollback": [], "noWayBack": "its data is gone",
        "after": {"etcd": {"voters": ["vm-2", "vm-3", "phy-1"], "learners": []}}
    })
}

/// Writes the plan directory. `initial_cluster` is the joiner's list, right or wrong.
pub fn write(directory: &Path, initial_cluster: &str) {
    let mut machines: serde_json::Map<_, _> = OLD.iter().map(|(name, address)| ((*name).to_owned(), json!({"address": address}))).collect();
    machines.insert(NEW.0.into(), json!({"address": NEW.1, "ssh": {"user": "root", "port": 2222}}));
    let plan = json!({"formatVersion": "1.0", "migration": "by-hand", "machines": machines, "steps": [add(), remove()]});
    let step = directory.join("steps").join(ADD);
    std::fs::create_dir_all(&step).unwrap();
    std::fs::write(step.join("etcd.service"), unit(initial_cluster)).unwrap();
    std::fs::write(directory.join("plan.json"), serde_json::to_string_pretty(&plan).unwrap()).unwrap();
    let sums = std::process::Command::new("sh").args(["-c", "sha256sum plan.json steps/*/*/* >SHA256SUMS"]).current_dir(directory).status();
    assert!(sums.unwrap().success());
}
