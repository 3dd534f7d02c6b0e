"""The cluster before the plan, as the scripts of 2016 leave it: from plan.json alone, on standard input. It is run once on the workstation.

etcd's programs lie on its machines already. Texts are in `parts.py`.
"""

import json
import os
import shlex
import subprocess
import sys
import time

sys.path[:0] = ["/stand-ins/binaries", "/stand-ins/kubeadm", "/stand-ins/shared"]
import domeos
import kubeconfig
import parts
from api import Answered, Api, Unreached
from store import Store
from store import Unreached as NoMember

plan = json.load(sys.stdin)["plan"]
cluster, source = plan["cluster"], plan["topology"]["source"]
settings, etcd = cluster["distribution"]["systemd"], cluster["etcd"]
with open("/run/world.json", encoding="utf-8") as world:
    HOSTS = {host["name"]: host for host in json.load(world)["hosts"]}
MEMBERS = [f"http://{HOSTS[machine]['address']}:{etcd['clientPort']}" for machine in source["etcd"]]
SERVER = f"http://{HOSTS[source['controlPlane'][0]]['address']}:{settings['apiServerPort']}"
NETWORK = {"Network": "172.24.0.0/13", "SubnetLen": 22, "Backend": {"Type": "vxlan", "VNI": 1}}


def run(machine, script):
    command = ["/stand-ins/keeper/enter", str(HOSTS[machine]["pid"]), "machine", "bash", "-euc", script]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{machine}: {script}\n{done.stdout}{done.stderr}")


def place(machine, files, mode="0644"):
    run(machine, "".join(f"install -D -m {mode} /dev/stdin {shlex.quote(path)} <<'END-OF-FILE'\n{text.rstrip()}\nEND-OF-FILE\n" for path, text in files.items()))


def programs(machine, names):
    """The stand-ins themselves lie where the real programs would: a plan that copies programs copies these."""
    for name in names:
        path = settings["flannel"]["binary"] if name == "flanneld" else f"/usr/bin/{name}" if name == "dockerd" else f"{settings['binaryDirectory']}/{name}"
        run(machine, f"install -D -m 0755 /stand-ins/binaries/{name} {shlex.quote(path)}")


def wait_for(what, done, *errors):
    until = time.monotonic() + 60
    while True:
        try:
            if done():
                return
            reason = "not yet"
        except errors as error:
            reason = error
        if time.monotonic() > until:
            sys.exit(f"waited a minute in vain for this: {what}: {reason}")
        time.sleep(0.3)


def start_etcd():
    names = {machine: etcd["memberNames"].get(machine, machine) for machine in source["etcd"]}
    members = ",".join(f"{names[machine]}=http://{HOSTS[machine]['address']}:{etcd['peerPort']}" for machine in source["etcd"])
    for machine in source["etcd"]:
        place(machine, parts.etcd(f"{etcd['binaryDirectory']}/etcd", names[machine], HOSTS[machine]["address"], etcd, members))
        run(machine, f"mkdir -p {shlex.quote(etcd['dataDir'])}\nsystemctl daemon-reload\nsystemctl start --no-block etcd")
    store = Store(list(MEMBERS))
    wait_for("etcd takes a write", lambda: store.put(f"{settings['flannel']['prefix']}/config", json.dumps(NETWORK)), NoMember)


def start_master(machine):
    programs(machine, ["kube-apiserver", "kube-controller-manager", "kube-scheduler", "kube-proxy", "flanneld"])
    place(machine, parts.master(settings, MEMBERS, SERVER) | parts.flannel(settings, MEMBERS))
    run(machine, f"systemctl daemon-reload\nsystemctl start --no-block {settings['flannel']['unit']}\nsystemctl start --no-block {settings['apiServer']['unit']}")
    # Who finds no API at its start ends, and systemd gives up after some starts.
    wait_for("the API serves", lambda: Api(SERVER).items("nodes") is not None, Unreached, Answered)
    for part in ("controllerManager", "scheduler", "proxy"):
        run(machine, f"systemctl start {settings[part]['unit']}")


def start_node(machine):
    programs(machine, ["kubelet", "kube-proxy", "flanneld", "dockerd"])
    place(machine, parts.node(settings, machine, SERVER) | parts.flannel(settings, MEMBERS))
    flannel = settings["flannel"]["unit"]
    run(machine, f"systemctl daemon-reload\nsystemctl enable {flannel} 2>/dev/null\nsystemctl start --no-block {flannel}\n"
        "for _ in $(seq 100); do if [ -s /run/flannel/subnet.env ]; then break; fi; sleep 0.1; done\nsystemctl start docker\n"
        f"systemctl start --no-block {settings['kubelet']['unit']}\nsystemctl start --no-block {settings['nodeProxy']['unit']}")


def operator():
    config = {"apiVersion": "v1", "kind": "Config", "preferences": {}, "current-context": "operator", "users": [],
              "clusters": [{"name": "the-cluster", "cluster": {"server": SERVER}}],
              "contexts": [{"name": "operator", "context": {"cluster": "the-cluster", "user": ""}}]}
    kubeconfig.write(os.path.expanduser("~/.kube/config"), config)
    with open("/run/cluster-of-binaries", "w", encoding="utf-8"):
        pass


def fill(api):
    """A pod on each node, by the name of its node: whoever takes its place has another name."""
    labels = {"app": "web"}
    container = {"name": "web", "image": "web:1"}
    for node in source["workers"]:
        api.create("pods", "default", {"metadata": {"name": f"web-{node}", "labels": labels}, "spec": {"nodeName": node, "containers": [container]}})
    api.create("replicationcontrollers", "default", parts.controller("web", "default", labels, len(source["workers"]), container))
    # DomeOS itself: its server beside a node's pods, and what it runs in the cluster.
    api.create("replicationcontrollers", "default", domeos.watcher(SERVER))
    containers = json.dumps({"containers": {"4f1c0de0a5e1": "domeos-server"}, "images": []})
    place(source["workers"][0], {"/var/lib/docker-of-the-rehearsal.json": containers})
    for kind, item in parts.dns(settings, MEMBERS, SERVER) if settings.get("dns") else []:
        api.create(kind, item["metadata"]["namespace"], item)


def main():
    start_etcd()
    for machine in source["controlPlane"]:
        start_master(machine)
    operator()
    api = Api(SERVER)
    for machine in source["workers"]:
        start_node(machine)
    wait_for("every node reports", lambda: len(api.items("nodes")) == len(source["workers"]), Unreached, Answered)
    fill(api)
    wait_for("every pod runs", lambda: all(pod.get("status", {}).get("phase") == "Running" for pod in api.items("pods")) and len(api.items("pods")) > len(source["workers"]),
             Unreached, Answered)


main()
