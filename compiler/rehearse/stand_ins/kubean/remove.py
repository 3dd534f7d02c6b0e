"""remove-node.yml: drained, taken out of etcd, reset, deleted. Who is asked is the first of a group, also when it is the one that goes.

Models kubespray playbooks/remove_node.yml and the roles remove-node and reset: etcdctl and kubectl run where kubespray runs them, in
its own words.
"""

from asks import kubectl
from hosts import Failed
from parts import BIN, ETCD_DATA, ETCD_SSL, KUBE, SSL

POD_STATE = "/run/stand-in/pods"

RESET = f"""
systemctl stop kubelet || true
rm -f /etc/systemd/system/kubelet.service
@PODS@
systemctl stop etcd 2>/dev/null || true
systemctl disable etcd 2>/dev/null || true
rm -f /etc/systemd/system/etcd.service
systemctl daemon-reload
rm -rf {KUBE} /var/lib/kubelet {ETCD_DATA} /etc/ssl/etcd /etc/nginx /etc/cni /opt/cni /etc/etcd.env /root/.kube
rm -f {BIN}/kubelet {BIN}/etcd {BIN}/etcdctl {BIN}/kubectl
"""

STOP_PODS = f"""
for pod in {POD_STATE}/*.json; do
    [ -e "$pod" ] || continue
    pid=$(/usr/bin/python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["pid"])' "$pod")
    kill "$pid" 2>/dev/null || true
    rm -f "$pod"
done
"""


def remove(run):
    run.verify("remove-node.yml")
    if "node" not in run.variables and run.version >= (2, 28, 0):
        raise Failed("Assert that nodes are specified for removal", "localhost", "No nodes specified for removal")
    resets = run.flag("reset_nodes", True)
    if resets:
        run.gather(run.hosts("k8s_cluster:etcd"))
    hosts = run.hosts(str(run.variables.get("node", "kube_node")))
    nodes = {host.name: host.name in names(run) for host in hosts}
    for host in hosts:
        if nodes[host.name]:
            drain(run, host)
    for host in hosts:
        if host in run.inventory.group("etcd"):
            remove_member(run, host)
    for host in hosts:
        if resets:
            host.must("Reset", RESET.replace("@PODS@", "" if leaves_pods(run, host) else STOP_PODS))
    for host in hosts:
        if nodes[host.name]:
            kubectl(run.inventory.first("kube_control_plane"), "Remove-node | Delete node", f"delete node {host.name}")


def names(run):
    return kubectl(run.inventory.first("kube_control_plane"), "Remove-node | List nodes",
                   "get nodes --no-headers -o custom-columns=NAME:.metadata.name").split()


def drain(run, host):
    options = "--force --ignore-daemonsets --delete-emptydir-data --grace-period=300 --timeout=360s"
    try:
        kubectl(run.inventory.first("kube_control_plane"), "Remove-node | Drain node except daemonsets resource", f"drain {options} {host.name}", 30)
    except Failed:
        if not run.is_set("allow_ungraceful_removal"):
            raise


def etcdctl(run, host):
    """etcdctl as kubespray runs it on the first of the group `etcd`."""
    own = f"{SSL}/etcd"
    files = (f"{own}/server.crt", f"{own}/server.key", f"{own}/ca.crt")
    if not run.etcd_is_kubeadm():
        files = (f"{ETCD_SSL}/admin-{host.name}.pem", f"{ETCD_SSL}/admin-{host.name}-key.pem", f"{ETCD_SSL}/ca.pem")
    return (f"export ETCDCTL_API=3 ETCDCTL_CERT={files[0]} ETCDCTL_KEY={files[1]} ETCDCTL_CACERT={files[2]} "
            f"ETCDCTL_ENDPOINTS=https://127.0.0.1:2379\n")


def remove_member(run, host):
    """Found by its address: up to v2.25 also by one that begins like another's."""
    first = run.inventory.first("etcd")
    word = "-w " if run.version >= (2, 26, 0) else ""
    lookup = f"{etcdctl(run, first)}set -o pipefail && {BIN}/etcdctl member list | grep {word}{host.ip} | cut -d, -f1"
    _, found, _ = first.run("Lookup etcd member id", lookup)
    if found.strip():
        first.must("Remove etcd member from cluster", f"{etcdctl(run, first)}{BIN}/etcdctl member remove {' '.join(found.split())}")


def leaves_pods(run, host):
    """kubespray #11627: without the facts of services nothing stops the pods, and it does not gather them."""
    if host.name in run.known("services"):
        return False
    return (2, 21, 0) <= run.version < (2, 27, 0) and run.version not in ((2, 25, 1), (2, 26, 1))
