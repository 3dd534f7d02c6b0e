"""cluster.yml, scale.yml and upgrade-cluster.yml: who joins, in kubespray's order of roles.

Models kubespray playbooks/cluster.yml, scale.yml, upgrade_cluster.yml. What they do to etcd is etcd.py, what a join asks is join.py.
"""

import hashlib

import etcd
import join
from asks import kubectl, packages
from parts import BIN, KUBE, api_manifest, proxy_manifest, proxy_settings
from run import until


def deploy(run):
    run.begin()
    hosts = run.hosts("k8s_cluster:etcd")
    for host in hosts:
        packages(run, host)
    if not run.etcd_is_kubeadm():
        etcd.configure(run)
    nodes(run, run.hosts("k8s_cluster"))
    for host in run.hosts("kube_control_plane"):
        join.control_plane(run, host)
    for host in run.hosts("kube_node"):
        join.worker(run, host)


def scale(run):
    run.begin()
    hosts = run.hosts("kube_node")
    for host in hosts:
        packages(run, host)
    nodes(run, hosts)
    for host in hosts:
        join.worker(run, host)


def upgrade(run):
    """Control planes one by one: drained, their API server configured anew, taken back; workers get the version alone."""
    run.begin()
    if not run.etcd_is_kubeadm():
        etcd.configure(run)
    nodes(run, run.hosts("k8s_cluster"))
    for host in run.hosts("kube_control_plane"):
        join.control_plane(run, host)
        upgrade_one(run, host)
    for host in run.hosts("kube_node"):
        join.worker(run, host)


def upgrade_one(run, host):
    first = run.inventory.first("kube_control_plane")
    kubectl(host, "Drain node", f"drain --force --ignore-daemonsets --delete-emptydir-data --timeout=360s {host.name}", 30)
    changed = host.write("Kubeadm | Upgrade", f"{KUBE}/manifests/kube-apiserver.yaml", api_manifest(host, run.kube_version(), *etcd.endpoints(run, host)), "0600")
    if changed:
        host.must("Wait for the pod to end", "sleep 1.5")
    until("Kubeadm | Upgrade", host, 60, lambda: join.serves(host))
    join.write_about(run, host)
    kubectl(first if first is not host else host, "Uncordon node", f"uncordon {host.name}")


def nodes(run, hosts):
    """What every node gets; workers a proxy to all control planes, when no load balancer stands before them."""
    control_planes = run.inventory.group("kube_control_plane")
    for host in hosts:
        host.must("Install the binaries of a node", f"install -D -m 0755 /stand-ins/image/kubelet {BIN}/kubelet.new\nmv {BIN}/kubelet.new {BIN}/kubelet\nmkdir -p {KUBE}/manifests /var/lib/kubelet")
        if host not in control_planes and not run.balancer():
            proxy(host, control_planes)


def proxy(host, control_planes):
    text = proxy_settings(control_planes)
    host.write("Nginx-proxy | Write nginx-proxy configuration", "/etc/nginx/nginx.conf", text)
    digest = hashlib.sha256(text.encode()).hexdigest()
    host.must("Nginx-proxy | Prepare the image", "mkdir -p /var/log/nginx /var/lib/nginx\n"
              "[ -e /usr/share/nginx/modules ] || [ -e /usr/lib/nginx/modules ] || { echo 'no modules of nginx' >&2; exit 1; }")
    host.write("Nginx-proxy | Write static pod", f"{KUBE}/manifests/nginx-proxy.yaml", proxy_manifest(digest), "0640")
