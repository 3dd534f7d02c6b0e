"""The cluster before the plan, as kubespray leaves it, and the objects beside the operator: from plan.json alone, on standard input.

It is run once on the workstation, with `plan`, the join token, and etcd's authority. The parts are those of joins, so that the source is
made of what the plan meets later; what kubeadm's first init does is here.
"""

import base64
import json
import os
import sys

sys.path[:0] = ["/stand-ins/kubean", "/stand-ins/shared"]
order = json.load(sys.stdin)
PLACE = "/run/management-cluster/jobs/deployment"
os.environ["REHEARSAL_JOB"] = PLACE

import yaml

import beside
import cluster
import etcd
import join
import parts
from hosts import Host
from run import Run, until
from systems import give

plan, token, authority = order["plan"], order["token"], order["authority"]
source = plan["topology"]["source"]


def copy_authority(hosts, paths):
    for host in hosts:
        for path, content in zip(paths, authority):
            host.write("Deploy", path, content, "0600")


def start_etcd(run):
    members = run.inventory.group("etcd")
    if run.etcd_is_kubeadm():
        copy_authority(members, [f"{parts.SSL}/etcd/ca.crt", f"{parts.SSL}/etcd/ca.key"])
        listed = [(host.name, parts.peer_url(host)) for host in members]
        for host in members:
            join.etcd_certificates(host)
            host.write("Deploy", f"{parts.KUBE}/manifests/etcd.yaml", parts.etcd_manifest(host, listed, "new"), "0600")
        return
    copy_authority(members, [f"{parts.ETCD_SSL}/ca.pem", f"{parts.ETCD_SSL}/ca-key.pem"])
    etcd.certificates(run)
    listed = [(f"etcd{position}", parts.peer_url(host)) for position, host in enumerate(members, 1)]
    for (name, _), host in zip(listed, members):
        etcd.install(host)
        host.write("Deploy", "/etc/etcd.env", parts.etcd_environment(host, name, listed, "new"), "0640")
        host.write("Deploy", "/etc/systemd/system/etcd.service", parts.ETCD_UNIT)
        host.must("Deploy", "systemctl daemon-reload\nsystemctl enable etcd 2>/dev/null\nsystemctl start --no-block etcd")
    until("Deploy", members[0], 60, lambda: etcd.is_healthy(run, members[0]))
    for (name, _), host in zip(listed, members):
        # As kubespray leaves it: the next start joins, and makes nothing anew.
        host.write("Deploy", "/etc/etcd.env", parts.etcd_environment(host, name, listed, "existing"), "0640")


def start_control_planes(run):
    group = run.inventory.group("kube_control_plane")
    first = group[0]
    first.must("Deploy", f"set -- {parts.SSL}/ca.crt {parts.SSL}/ca.key\n{parts.AUTHORITY}")
    first.write("Deploy", f"{parts.KUBE}/tokens.csv", f"{token},kubernetes-admin,kubernetes-admin,system:masters\n", "0600")
    access = {"ca": first.read(f"{parts.SSL}/ca.crt"), "token": token}
    for host in group:
        join.take_along(run, host, first, access)
        host.write("Deploy", "/etc/systemd/system/kubelet.service", parts.KUBELET_UNIT)
        host.write("Deploy", f"{parts.KUBE}/manifests/kube-apiserver.yaml", parts.api_manifest(host, run.kube_version(), *etcd.endpoints(run, host)), "0600")
        join.write_about(run, host)
        join.start_kubelet(host)
    for host in group:
        until("Deploy", host, 90, lambda host=host: join.serves(host))
    tell(first, f"https://{parts.bracketed(first.ip)}:6443" if not run.balancer() else join.endpoint(run), access)


def tell(first, endpoint, access):
    """What kubeadm's init leaves in the cluster for those that join."""
    encoded = base64.b64encode(access["ca"].encode()).decode()
    info = yaml.safe_dump({"apiVersion": "v1", "clusters": [{"cluster": {"certificate-authority-data": encoded, "server": endpoint}, "name": ""}], "contexts": None,
                           "current-context": "", "kind": "Config", "preferences": {}, "users": None}, width=100000)
    config = yaml.safe_dump({"apiServer": {"extraArgs": {}}, "clusterName": "cluster.local", "controlPlaneEndpoint": endpoint.removeprefix("https://"), "kind": "ClusterConfiguration"})
    for namespace, name, data in (("kube-public", "cluster-info", {"kubeconfig": info}), ("kube-system", "kubeadm-config", {"ClusterConfiguration": config}),
                                  ("kube-system", "kube-root-ca.crt", {"ca.crt": access["ca"]})):
        item = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": namespace}, "data": data}
        put(first, f"/registry/configmaps/{namespace}/{name}", item)
    put(first, "/registry/namespaces/kube-system", {"metadata": {"name": "kube-system", "uid": "the-cluster-that-is-migrated"}})


def put(host, key, item):
    question = f"PYTHONPATH=/stand-ins/shared /usr/bin/python3 -B /stand-ins/kubean/question.py https://127.0.0.1:6443 {key}"
    access = json.loads(host.read(f"{parts.KUBE}/admin.conf"))["clusters"]["cluster.local"]
    host.must("Deploy", question, json.dumps(access | {"item": item}))


def main():
    beside.build(plan, PLACE)
    version = plan["cluster"]["distribution"]["kubean"]["kubeVersion"]
    run = Run(["-i", "/conf/hosts.yml", "-e", "@/conf/group_vars.yml", "-e", f"kube_version={version}", "/kubespray/cluster.yml"])
    for host in run.inventory.hosts.values():
        give(host, plan["machines"][host.name].get("sourceOs"), run.settings.get("repository"))
    for name, machine in plan["machines"].items():
        # One that is new brings its own system along, and no repositories.
        if name not in run.inventory.hosts:
            give(Host(name, {"ip": machine["address"], "ansible_port": machine["ssh"]["port"]}), machine.get("targetOs"), None)
    cluster.nodes(run, run.inventory.group("k8s_cluster"))
    start_etcd(run)
    start_control_planes(run)
    for host in run.inventory.group("kube_node"):
        join.worker(run, host)
    first = run.inventory.first("kube_control_plane")
    for host in run.inventory.group("k8s_cluster"):
        # What somebody gave a node, and no playbook gives back.
        marks = {"labels": {"site/rack": f"of-{host.name}"}, "taints": [{"key": "site/upkeep", "value": "slow", "effect": "PreferNoSchedule"}]}
        put(first, f"/registry/marks/{host.name}", marks)


main()
