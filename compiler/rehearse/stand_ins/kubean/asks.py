"""Playbooks of kubean that ask machines, or set up where their packages come from."""

import re
import urllib.parse

import store
from hosts import Failed
from parts import BIN, KUBE
from run import until


def ping(run):
    for host in run.hosts("k8s_cluster:etcd"):
        host.must("Ping", "true")


def facts(run):
    run.verify("facts.yml")
    run.gather(run.hosts("k8s_cluster:etcd"))


def disable_firewall(run):
    for host in run.hosts("all"):
        host.must("Disable firewalld and ufw", "true")


def kubectl(host, task, arguments, seconds=20):
    """kubectl on a control plane, with its own kubeconfig."""
    return host.must(task, f"{BIN}/kubectl --kubeconfig={KUBE}/admin.conf --request-timeout={seconds}s {arguments}")


def cluster_info(run):
    for host in run.hosts("kube_control_plane[0]"):
        answers = lambda: host.run("Fetch cluster info", f"{BIN}/kubectl --kubeconfig={KUBE}/admin.conf get --raw=/readyz && "
                                                         f"{BIN}/kubectl --kubeconfig={KUBE}/admin.conf get nodes")[0] == 0
        until("Fetch cluster info", host, 15, answers)


def kubeconfig(run):
    """The first control plane's kubeconfig, with its own address in it, beside the operator."""
    for host in run.hosts("kube_control_plane[0]"):
        content = host.must("Fetch the kubeconfig", f"cat {KUBE}/admin.conf").replace("127.0.0.1", host.address)
        settings, namespace = run.settings, run.settings["namespace"]
        name = f"{settings['resource']}-kubeconf"
        with store.locked():
            metadata = {"name": name, "namespace": namespace}
            store.put("configmaps", namespace, name, {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"config": content}})
            cluster = store.get("clusters.kubean.io", None, settings["resource"])
            cluster["spec"]["kubeconfRef"] = {"name": name, "namespace": namespace}
            store.put("clusters.kubean.io", None, settings["resource"], cluster)


def enable_repository(run):
    lines = run.variables.get("repo_list")
    hosts = run.hosts("k8s_cluster:etcd")
    if not isinstance(lines, list) or not lines:
        raise Failed("Enable repositories", "localhost", "repo_list is no list")
    for host in hosts:
        if is_debian(host):
            script = ("mkdir -p /etc/apt/sources.list.d\n[ -e /etc/apt/sources.list.d/extension.list ] || "
                      "install -m 0644 /dev/stdin /etc/apt/sources.list.d/extension.list")
            host.must("Add the repositories of apt", script, "".join(f"{line}\n" for line in lines))
        else:
            text = "".join(f"[extension-{number}]\nbaseurl={line}\nenabled=1\ngpgcheck=0\n" for number, line in enumerate(lines))
            host.write("Add the repositories of yum", "/etc/yum.repos.d/extension.repo", text)


def is_debian(host):
    system = host.must("Gather minimal facts", "cat /etc/os-release")
    return bool(re.search(r'^ID="?(ubuntu|debian)"?$', system, re.M))


def packages(run, host):
    """A machine without internet gets packages from its repositories, each of which has to answer there in its own system's form."""
    store_at = run.settings.get("repository")
    if not store_at:
        return
    debian = is_debian(host)
    path = "/etc/apt/sources.list.d/extension.list" if debian else "/etc/yum.repos.d/extension.repo"
    text = host.read(path) or ""
    if debian:
        found = re.findall(r"^deb (?:\[[^\]]*\] )?(\S+) (\S+) ", text, re.M)
        urls = [f"{base}/dists/{name}/Release" for base, name in found]
    else:
        major = re.search(r'^VERSION_ID="?v?(\d+)', host.must("Gather minimal facts", "cat /etc/os-release"), re.M)
        urls = [f"{line.replace('$releasever', major[1] if major else '').replace('$basearch', 'x86_64')}/repodata/repomd.xml"
                for line in re.findall(r"^baseurl=(http\S+)$", text, re.M)]
    if not urls:
        raise Failed("Install packages", host.name, f"No package matching is available: {path} names no repository for this system")
    for url in urls:
        if urllib.parse.urlsplit(url).netloc != urllib.parse.urlsplit(store_at).netloc:
            raise Failed("Install packages", host.name, f"{url} is not in {store_at}, and the machine has no internet")
        host.must("Install packages", f"curl -sS --fail --max-time 5 -o /dev/null '{url}'")
