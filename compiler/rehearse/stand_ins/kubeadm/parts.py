"""What stands on machines and in the cluster before the plan, as text: units, settings, nginx as somebody wrote it, objects. Who gets
it is decided elsewhere.

Models kubeadm, its packages and Calico's manifest for an etcd of its own in the names of files and objects that a migration can notice.
"""

import base64
import os
import re

import yaml

DISTRIBUTIONS_NGINX = "user www-data;\nworker_processes auto;\npid /run/nginx.pid;\ninclude /etc/nginx/modules-enabled/*.conf;\nevents {\n\tworker_connections 768;\n}\n"
UNIT = """[Unit]
Description=kubelet: The Kubernetes Node Agent
Documentation=https://kubernetes.io/docs/home/
Wants=network-online.target
After=network-online.target

[Service]
ExecStart=/usr/bin/kubelet
Restart=always
StartLimitInterval=0
RestartSec=10

[Install]
WantedBy=multi-user.target
"""
# The stand-in for systemd has no cgroups: what is left behind would end with the service, unlike containers.
DROPIN = """[Service]
Environment="KUBELET_KUBECONFIG_ARGS=--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf --kubeconfig=/etc/kubernetes/kubelet.conf"
KillMode=process
"""


def dump(item):
    return yaml.safe_dump(item, width=1000000)


def place_of(address, port):
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def url(address, port):
    return f"https://{place_of(address, port)}"


def programs(version):
    """The release's programs, each the way to a stand-in."""
    script = "#!/bin/sh\n# See docs/rehearsal/kubeadm.md.\nexport KUBERNETES_VERSION={version}\nexec /usr/bin/python3 -B /stand-ins/kubeadm/{file} \"$@\"\n"
    files = {"kubeadm": "kubeadm", "kubelet": "kubelet", "kubectl": "kubectl.py", "crictl": "crictl"}
    return {f"/usr/bin/{name}": ("0755", script.format(version=version, file=file)) for name, file in files.items()}


def kubelet_units():
    return {"/lib/systemd/system/kubelet.service": ("0644", UNIT), "/etc/systemd/system/kubelet.service.d/10-kubeadm.conf": ("0644", DROPIN)}


def kubelet_settings(address):
    return dump({"apiVersion": "kubelet.config.k8s.io/v1beta1", "kind": "KubeletConfiguration", "staticPodPath": "/etc/kubernetes/manifests",
                 "address-of-the-rehearsal": address})


def kubeadm_settings(kubeadm, machine, address):
    own = {"apiVersion": kubeadm["configuration"]["apiVersion"], "kind": "InitConfiguration", "nodeRegistration": {"name": machine},
           "localAPIEndpoint": {"advertiseAddress": address, "bindPort": kubeadm["apiServerPort"]}}
    return f"{dump(kubeadm['configuration'])}---\n{dump(own)}"


def nginx(given, servers):
    """A plain file of somebody's own: `max_fails=0`, the timeouts of nginx."""
    lines = "".join(f"        server {server} max_fails=0;\n" for server in servers)
    block = f"    upstream apiserver {{\n{lines}    }}\n    server {{\n        listen {given['port']};\n        proxy_pass apiserver;\n    }}\n"
    head = "include /etc/nginx/modules-enabled/*.conf;\nworker_processes 1;\npid /run/nginx.pid;\nevents {\n    worker_connections 1024;\n}\n"
    if given["isWhole"]:
        return {given["file"]: f"{head}stream {{\n{block}}}\n"}
    folder = os.path.dirname(given["file"])
    return {"/etc/nginx/nginx.conf": f"{head}stream {{\n    include {folder}/*.conf;\n}}\n", given["file"]: block}


def joined_kubeconfig(server, authority):
    """As `kubeadm join` leaves it: names of its own, and a certificate that the kubelet renews in a file."""
    own = "/var/lib/kubelet/pki/kubelet-client-current.pem"
    data = base64.b64encode(authority.encode()).decode()
    return dump({"apiVersion": "v1", "kind": "Config", "current-context": "default-context", "preferences": {},
                 "clusters": [{"name": "default-cluster", "cluster": {"certificate-authority-data": data, "server": server}}],
                 "contexts": [{"name": "default-context", "context": {"cluster": "default-cluster", "namespace": "default", "user": "default-auth"}}],
                 "users": [{"name": "default-auth", "user": {"client-certificate": own, "client-key": own}}]})


def config_map(namespace, name, data):
    return f"/registry/configmaps/{namespace}/{name}", {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": namespace, "resourceVersion": "1"}, "data": data}


def daemon_set(namespace, name, pod):
    item = {"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": {"name": name, "namespace": namespace, "resourceVersion": "1"},
            "spec": {"updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 1}}, "template": {"metadata": {"labels": {"k8s-app": name}}, "spec": pod}}}
    return f"/registry/daemonsets/{namespace}/{name}", item


def deployment(namespace, name, pod):
    item = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "namespace": namespace, "resourceVersion": "1"},
            "spec": {"replicas": 1, "template": {"metadata": {"labels": {"k8s-app": name}}, "spec": pod}}}
    return f"/registry/deployments/{namespace}/{name}", item


def objects(kubeadm, server, authority, members, addresses):
    """Key and object of everything that kubeadm, Calico and the monitoring keep in the cluster."""
    data = base64.b64encode(authority.encode()).decode()
    # The cluster in `cluster-info` has no name.
    info = {"apiVersion": "v1", "kind": "Config", "clusters": [{"name": "", "cluster": {"certificate-authority-data": data, "server": server}}], "contexts": None,
            "current-context": "", "preferences": {}, "users": None}
    account = "/var/run/secrets/kubernetes.io/serviceaccount"
    proxy = {"apiVersion": "v1", "kind": "Config", "clusters": [{"name": "default", "cluster": {"certificate-authority": f"{account}/ca.crt", "server": server}}],
             "contexts": [{"name": "default", "context": {"cluster": "default", "namespace": "default", "user": "default"}}], "current-context": "default",
             "users": [{"name": "default", "user": {"tokenFile": f"{account}/token"}}]}
    found = [config_map("kube-system", "kubeadm-config", {"ClusterConfiguration": dump(kubeadm["configuration"])}),
             config_map("kube-public", "cluster-info", {"kubeconfig": dump(info)}),
             config_map("kube-system", "kube-proxy", {"config.conf": "apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\n", "kubeconfig.conf": dump(proxy)}),
             daemon_set("kube-system", "kube-proxy", {"containers": [{"name": "kube-proxy"}], "volumes": [{"name": "kube-proxy", "configMap": {"name": "kube-proxy"}}]}),
             ("/registry/namespaces/kube-system", {"metadata": {"name": "kube-system", "uid": "the-cluster-that-is-migrated"}})]
    calico = kubeadm.get("calico")
    if calico:
        found += calico_objects(calico, members)
    for place in kubeadm["monitoring"]:
        namespace, _, name = place.partition("/")
        subsets = [{"addresses": [{"ip": address} for address in addresses], "ports": [{"name": "https", "port": kubeadm["apiServerPort"], "protocol": "TCP"}]}]
        found.append((f"/registry/endpoints/{namespace}/{name}", {"apiVersion": "v1", "kind": "Endpoints", "metadata": {"name": name, "namespace": namespace, "resourceVersion": "1"}, "subsets": subsets}))
    return found


def calico_objects(calico, members):
    """All of it reads the members from one ConfigMap when it starts."""
    reference = {"name": "ETCD_ENDPOINTS", "valueFrom": {"configMapKeyRef": {"name": calico["configMap"], "key": "etcd_endpoints"}}}
    pod = {"containers": [{"name": "calico", "image": f"docker.io/calico/node:{calico['version']}", "env": [reference]}]}
    return [config_map(calico["namespace"], calico["configMap"], {"calico_backend": "bird", "etcd_ca": "", "etcd_endpoints": ",".join(members), "veth_mtu": "0"}),
            daemon_set(calico["namespace"], calico["nodeDaemonSet"], pod), deployment(calico["namespace"], calico["controllersDeployment"], pod)]


def marks(kubeadm):
    """kubeadm's label of a control plane by release, and its taint where control planes take no pods."""
    minor = int(re.match(r"v1\.(\d+)", kubeadm["version"]).group(1))
    names = [name for name, is_given in (("master", minor < 24), ("control-plane", minor >= 20)) if is_given]
    labels = {f"node-role.kubernetes.io/{name}": "" for name in names} | ({"node.kubernetes.io/exclude-from-external-load-balancers": ""} if minor >= 21 else {})
    tainted = [name for name, is_given in (("master", minor < 25), ("control-plane", minor >= 24)) if is_given]
    taints = [{"key": f"node-role.kubernetes.io/{name}", "effect": "NoSchedule"} for name in tainted] if kubeadm["controlPlaneTakesPods"] == "never" else []
    return {"labels": labels, "taints": taints}


def workload(nodes, with_volumes):
    """The team's own pods: two on every node, and a volume on nodes that keep taking pods."""
    for node in nodes:
        yield f"/registry/pods/uap/web-{node}", {"node": node, "owner": "ReplicaSet", "emptyDir": True, "phase": "Running"}
        yield f"/registry/pods/uap/store-{node}", {"node": node, "owner": "StatefulSet", "phase": "Running"}
    for node in with_volumes:
        yield f"/registry/persistentvolumes/pvc-{node}", {"node": node}
