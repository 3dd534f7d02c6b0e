"""How a control plane and a worker join: whom kubeadm asks, what it takes along, and what runs afterwards.

Models kubespray roles/kubernetes/control-plane, roles/kubernetes/kubeadm and kubeadm's join: the key of the first of the list, the server
that cluster-info names, the endpoint that kubeadm-config names, etcd's member for a stacked control plane.
"""

import json
import shlex

import yaml

import etcd
from asks import kubectl
from hosts import Failed
from parts import BIN, KUBE, KUBECTL, KUBELET_UNIT, PROGRAMS, SSL, api_manifest, client_url, etcd_manifest, kubeconfig, peer_url, sign
from run import until

# Whoever has not joined by then has not joined: kubeadm gives it 4 to 5 minutes.
JOIN_SECONDS = 40


def has_run(host):
    return host.run("Kubeadm | Check if kubeadm has already run", "test -e /var/lib/kubelet/config.yaml")[0] == 0


def serves(host):
    return host.run("Wait for k8s apiserver", f"curl -sk --max-time 2 https://127.0.0.1:6443/readyz | grep -qx ok")[0] == 0


def first_control_plane(run):
    """Whom kubespray takes for the first: up to v2.29 the first by name that the cluster lists, afterwards the first of the list."""
    group = run.inventory.group("kube_control_plane")
    if run.version >= (2, 30, 0):
        return group[0]
    asked = run.hosts("kube_control_plane")[0]
    code, said, _ = asked.run("Check which kube-control nodes are already members of the cluster",
                              f"{BIN}/kubectl --kubeconfig={KUBE}/admin.conf --request-timeout=20s get nodes --no-headers -o custom-columns=NAME:.metadata.name,ROLES:.roles")
    joined = sorted(line.split()[0] for line in said.splitlines() if "control-plane" in line) if code == 0 else []
    by_name = {host.name: host for host in group}
    return next((by_name.get(name) for name in joined if name in by_name), group[0])


def endpoint(run):
    """Where kubeadm asks: the load balancer, or the first control plane itself."""
    balancer = run.balancer()
    if balancer:
        return f"https://{balancer['address']}:{balancer.get('port', 6443)}"
    return None


def ask(host, task, server, access, key):
    """An object of the cluster, asked for by a machine that has nothing of it yet."""
    question = f"PYTHONPATH=/stand-ins/shared /usr/bin/python3 -B /stand-ins/kubean/question.py {shlex.quote(server)} {shlex.quote(key)}"
    code, said, complaint = host.run(task, question, json.dumps(access))
    if code:
        raise Failed(task, host.name, f"error execution phase preflight: couldn't validate the identity of the API Server: {complaint.strip()}")
    return json.loads(said)


def discover(run, host, at):
    """kubeadm's discovery: cluster-info at the address that kubespray gives, then kubeadm-config at the one that stands in it."""
    access = json.loads(at.must("Create kubeadm token for joining nodes", f"cat {KUBE}/admin.conf"))
    cluster = access["clusters"]["cluster.local"]
    server = endpoint(run) or f"https://{at.ip}:6443"
    info = ask(host, "Joining to the cluster", server, cluster, "/registry/configmaps/kube-public/cluster-info")
    named = yaml.safe_load(info["data"]["kubeconfig"])["clusters"][0]["cluster"]["server"]
    config = ask(host, "Joining to the cluster", named, cluster, "/registry/configmaps/kube-system/kubeadm-config")
    control_plane = yaml.safe_load(config["data"]["ClusterConfiguration"])["controlPlaneEndpoint"]
    ask(host, "Joining to the cluster", f"https://{control_plane}", cluster, "/registry/configmaps/kube-system/kubeadm-config")
    return cluster


def control_plane(run, host):
    if has_run(host):
        return
    first, group = first_control_plane(run), run.inventory.group("kube_control_plane")
    if first is host:
        raise Failed("Kubeadm | Initialize first control plane node", host.name, "kubeadm init would make a second cluster here")
    if (2, 19, 0) <= run.version < (2, 28, 0) and first is not group[0]:
        raise Failed("Create kubeadm ControlPlane config", host.name,
                     f"'kubeadm_certificate_key' is undefined: {first.name} is the first by name, {group[0].name} the first of the list")
    until("Wait for k8s apiserver", first, 20, lambda: serves(first))
    cluster = discover(run, host, first)
    take_along(run, host, first, cluster)
    host.write("Write the unit of the kubelet", "/etc/systemd/system/kubelet.service", KUBELET_UNIT)
    # kubeadm writes it before anything has come of the join: whoever fails from here on looks as if it had joined.
    write_about(run, host)
    # A kubeadm that may not have its port free goes on all the same: kubespray ignores what it finds before a join.
    if run.etcd_is_kubeadm():
        stacked_member(run, host, first)
    host.write("Write the manifest", f"{KUBE}/manifests/kube-apiserver.yaml", api_manifest(host, run.kube_version(), *etcd.endpoints(run, host)), "0600")
    start_kubelet(host)
    until("Joining control plane node to the cluster", host, JOIN_SECONDS, lambda: serves(host))
    until("Joining control plane node to the cluster", host, JOIN_SECONDS, lambda: is_ready(host, host.name))


def take_along(run, host, first, cluster):
    """The authorities of the first, and certificates of its own for every address at which it is asked."""
    for path in [f"{SSL}/ca.crt", f"{SSL}/ca.key", f"{KUBE}/tokens.csv"]:
        content = first.read(path)
        if content is None:
            raise Failed("Upload certificates so they are fresh and not expired", first.name, f"no {path}")
        host.write("Joining control plane node to the cluster", path, content, "0600")
    addresses = [each.ip for each in run.inventory.group("kube_control_plane")] + ([str(run.balancer()["address"])] if run.balancer() else [])
    sign(host, "Joining control plane node to the cluster", "kube-apiserver", f"{SSL}/apiserver.crt", f"{SSL}/apiserver.key",
         f"{SSL}/ca.crt", f"{SSL}/ca.key", [host.ip, *addresses])
    host.must("Install kubectl", f"install -D -m 0755 /dev/stdin {BIN}/kubectl", KUBECTL)
    own = kubeconfig("https://127.0.0.1:6443", cluster["ca"], cluster["token"])
    for name in ("admin.conf", "kubelet.conf"):
        host.write("Write the kubeconfigs", f"{KUBE}/{name}", own, "0600")


def stacked_member(run, host, first):
    """kubeadm: certificates of etcd's authority, the member registered, and its pod; a learner is promoted when it has caught up."""
    own = f"{SSL}/etcd"
    for name in ("ca.crt", "ca.key"):
        host.write("Joining control plane node to the cluster", f"{own}/{name}", first.read(f"{own}/{name}") or "", "0600")
    etcd_certificates(host)
    learns = run.kube_version() >= "v1.29"
    known = next((name for name, url in members(host, first) if url == peer_url(host)), None)
    task = "Joining control plane node to the cluster"
    if known is None:
        add = f"{ctl(client_url(first))}member add {host.name} --peer-urls={peer_url(host)}{' --learner' if learns else ''}"
        until(task, host, JOIN_SECONDS, lambda: host.run(task, add)[0] == 0)
    listed = [(name or host.name, url) for name, url in members(host, first)]
    host.write("Write the manifest", f"{KUBE}/manifests/etcd.yaml", etcd_manifest(host, listed, "existing"), "0600")
    start_kubelet(host)
    if learns:
        promote = f"id=$({ctl(client_url(first))}member list | awk -F', ' '$4 == \"{peer_url(host)}\" && $6 == \"true\" {{ print $1 }}')\n[ -z \"$id\" ] || {ctl(client_url(first))}member promote \"$id\""
        until(task, host, JOIN_SECONDS, lambda: host.run(task, promote)[0] == 0)
    until(task, host, JOIN_SECONDS, lambda: host.run(task, f"{ctl(client_url(host))}endpoint health")[0] == 0)


def etcd_certificates(host):
    own, task = f"{SSL}/etcd", "Joining control plane node to the cluster"
    for name, path in (("server", own), ("peer", own), ("healthcheck-client", own), ("apiserver-etcd-client", SSL)):
        sign(host, task, host.name, f"{path}/{name}.crt", f"{path}/{name}.key", f"{own}/ca.crt", f"{own}/ca.key", [host.ip])
    host.must("Install etcdctl", f"install -D -m 0755 {PROGRAMS}/etcdctl {BIN}/etcdctl")


def ctl(endpoints):
    own = f"{SSL}/etcd"
    return (f"ETCDCTL_API=3 {BIN}/etcdctl --command-timeout=5s --dial-timeout=2s --endpoints={endpoints} --cacert={own}/ca.crt --cert={own}/server.crt "
            f"--key={own}/server.key ")


def members(host, first):
    said = host.must("Joining control plane node to the cluster", f"{ctl(client_url(first))}member list")
    return [(columns[2], columns[3]) for columns in (line.split(", ") for line in said.splitlines())]


def worker(run, host):
    """A machine that is a control plane has joined already."""
    if host in run.inventory.group("kube_control_plane") or host.run("Check if kubelet.conf exists", f"test -e {KUBE}/kubelet.conf")[0] == 0:
        return
    first = run.inventory.first("kube_control_plane")
    cluster = discover(run, host, first)
    host.write("Write the unit of the kubelet", "/etc/systemd/system/kubelet.service", KUBELET_UNIT)
    host.write("Joining to the cluster", f"{SSL}/ca.crt", cluster["ca"])
    host.write("Update server field in kubelet kubeconfig", f"{KUBE}/kubelet.conf",
               kubeconfig(endpoint(run) or "https://127.0.0.1:6443", cluster["ca"], cluster["token"]), "0600")
    write_about(run, host)
    start_kubelet(host)
    until("Joining to the cluster", host, JOIN_SECONDS, lambda: is_ready(first, host.name))


def write_about(run, host):
    """What the kubelet says of its node."""
    is_control_plane = host in run.inventory.group("kube_control_plane")
    roles = ["control-plane"] if is_control_plane else []
    taints = [{"key": "node-role.kubernetes.io/control-plane", "effect": "NoSchedule"}] if host not in run.inventory.group("kube_node") else []
    about = {"name": host.name, "ip": host.ip, "version": run.kube_version(), "roles": roles, "password": "", "taints": taints,
             "pods": str(run.variables.get("kubelet_max_pods", 110))}
    host.write("Write kubelet config file", "/var/lib/kubelet/config.yaml", json.dumps(about), "0600")


def start_kubelet(host):
    host.must("Enable kubelet", "systemctl daemon-reload\nsystemctl enable kubelet 2>/dev/null\nsystemctl start --no-block kubelet")


def is_ready(host, name):
    try:
        return "True" in kubectl(host, "Wait for the node", f"get nodes {name} --ignore-not-found --no-headers -o 'custom-columns=READY:.status.conditions[0].status'")
    except Failed:
        return False
