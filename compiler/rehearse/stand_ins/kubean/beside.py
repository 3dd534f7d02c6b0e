"""The management cluster at the beginning: kubean's objects for the cluster, as a console leaves them, and the files of air-gap imports."""

import json
import os
import re

import yaml

import store


def hosts(plan):
    source, kubean = plan["topology"]["source"], plan["cluster"]["distribution"]["kubean"]
    control_planes = source["controlPlane"]
    names = list(dict.fromkeys([*control_planes, *source["workers"], *source["etcd"]]))
    machine = lambda name: {"ansible_user": plan["machines"][name]["ssh"]["user"], "ansible_connection": "ssh"} | {
        key: plan["machines"][name]["address"] for key in ("ansible_host", "ip", "access_ip")} | (
        {"ansible_port": plan["machines"][name]["ssh"]["port"]} if plan["machines"][name]["ssh"]["port"] != 22 else {})
    nodes = [*(control_planes if kubean["controlPlaneTakesPods"] else []), *source["workers"]]
    group = lambda members: {"hosts": dict.fromkeys(members)}
    children = {"k8s_cluster": {"children": {"kube_control_plane": None, "kube_node": None}}, "kube_control_plane": group(control_planes),
                "kube_node": group(nodes), "etcd": group(source["etcd"]), "calico_rr": {"hosts": {}}}
    return yaml.safe_dump({"all": {"hosts": {name: machine(name) for name in names}, "children": children}}, sort_keys=False)


def variables(plan):
    """Without the version: nobody writes it down before it is needed."""
    kubean = plan["cluster"]["distribution"]["kubean"]
    found = {"etcd_deployment_type": kubean["etcdDeployment"], "kubelet_max_pods": kubean["kubeletMaxPods"]} | kubean["variables"]
    if kubean.get("loadBalancer"):
        address, _, port = kubean["loadBalancer"].rpartition(":")
        found["loadbalancer_apiserver"] = {"address": address.strip("[]"), "port": int(port)}
    return yaml.safe_dump(found)


def build(plan, place):
    kubean = plan["cluster"]["distribution"]["kubean"]
    namespace, resource = kubean["namespace"], kubean["resource"]
    files = {f"{place}/conf/hosts.yml": hosts(plan), f"{place}/conf/group_vars.yml": variables(plan),
             kubean["managementKubeconfig"]: json.dumps({"current-context": "management-cluster-of-the-rehearsal"})}
    files |= imports(plan)
    settings = {"operator": kubean["version"], "kubespray": kubean["kubespray"], "repository": kubean.get("repository"), "resource": resource, "namespace": namespace}
    files[f"{store.RUNTIME}/settings.json"] = json.dumps(settings)
    for path, text in files.items():
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
    config_map = lambda name, data: put("configmaps", "ConfigMap", namespace, name, data=data)
    config_map(kubean["hostsConf"], {"hosts.yml": hosts(plan)})
    config_map(kubean["varsConf"], {"group_vars.yml": variables(plan)})
    # As many as the plan counts on.
    config_map("kubean-config", {"CLUSTER_OPERATIONS_BACKEND_LIMIT": str(kubean["operationsLimit"])})
    put("secrets", "Secret", namespace, kubean["sshAuth"], type="kubernetes.io/ssh-auth", data={"ssh-privatekey": "YSBrZXk="})
    reference = lambda name: {"name": name, "namespace": namespace}
    put("clusters.kubean.io", "Cluster", None, resource, spec={
        "hostsConfRef": reference(kubean["hostsConf"]), "varsConfRef": reference(kubean["varsConf"]), "sshAuthRef": reference(kubean["sshAuth"])})
    put("namespaces", "Namespace", None, "kube-system", uid="the-management-cluster")
    container = {"name": "kubean-operator", "image": f"ghcr.io/kubean-io/kubean-operator:{kubean['version']}"}
    put("deployments", "Deployment", namespace, "kubean", spec={"template": {"spec": {"containers": [container]}}})
    done = {"status": "Succeeded", "endTime": 1}
    put("clusteroperations.kubean.io", "ClusterOperation", None, f"{resource}-deployment", status=done, time="2024-01-01T00:00:00Z",
        spec={"cluster": resource, "image": kubean["image"], "actionType": "playbook", "action": "cluster.yml"})


def put(kind, word, namespace, name, uid=None, time=None, **more):
    metadata = {"name": name} | ({"namespace": namespace} if namespace else {}) | ({"uid": uid} if uid else {}) | ({"creationTimestamp": time} if time else {})
    store.put(kind, namespace, name, {"apiVersion": "v1", "kind": word, "metadata": metadata} | more)


def imports(plan):
    """Archives that a step imports: each says which system it is of, which is all that the stand-in for the importer reads."""
    found = {}
    for step in plan["steps"]:
        system = re.fullmatch(r"packages\.import\((.*)\)", step["action"])
        for command in step["run"] if system else []:
            for path in re.findall(r"--(?:os-pkgs|iso)-path='?(/[^' ]+)", command["shell"]):
                found[path] = f"{system[1]}\n"
    return found
