"""The cluster before the plan, as kubeadm and its team leave it: from plan.json alone, on standard input. etcd runs already.

It is run once on the workstation. Certificates, kubeconfigs and static pods are made by the stand-in for kubeadm itself, so that the
source is made of what the plan meets later; what people write by hand is in `parts.py`.
"""

import base64
import json
import os
import shlex
import subprocess
import sys
import time

sys.path[:0] = ["/stand-ins/kubeadm", "/stand-ins/shared"]
import kubeconfig
import parts
import pki
from api import Api, Unreached

plan = json.load(sys.stdin)["plan"]
cluster, source, target = plan["cluster"], plan["topology"]["source"], plan["topology"]["target"]
kubeadm = cluster["distribution"]["kubeadm"]
PKI = kubeadm["configuration"].get("certificatesDir", "/etc/kubernetes/pki")
KEYS = [f"{name}.{part}" for name in ("ca", "front-proxy-ca") for part in ("crt", "key")] + ["sa.key", "sa.pub"]
WORK = "/run/authority"
with open("/run/world.json", encoding="utf-8") as world:
    HOSTS = {host["name"]: host for host in json.load(world)["hosts"]}


def run(machine, script, text=""):
    command = ["/stand-ins/keeper/enter", str(HOSTS[machine]["pid"]), "machine", "bash", "-euc", script]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{machine}: {script}\n{done.stdout}{done.stderr}")
    return done.stdout


def place(machine, files):
    """Path to (mode, text), in one go."""
    script = "".join(f"install -D -m {mode} /dev/stdin {shlex.quote(path)} <<'END-OF-FILE'\n{text.rstrip()}\nEND-OF-FILE\n" for path, (mode, text) in files.items())
    run(machine, script)


def own_text(name):
    with open(f"{WORK}/{name}", encoding="utf-8") as file:
        return file.read()


def server_of(machine):
    return parts.url(HOSTS[machine]["address"], kubeadm["apiServerPort"])


def join_server():
    """Where kubelets and the operator reach the API of the source."""
    if source["api"] == "virtualIp":
        return parts.url(cluster["virtualIp"]["address"].split("/")[0], (cluster.get("loadBalancer") or {}).get("port", kubeadm["apiServerPort"]))
    return server_of(source["api"])


def prepare(machine):
    files = parts.programs(kubeadm["version"]) | parts.kubelet_units() | {"/var/lib/kubelet/config.yaml": ("0600", parts.kubelet_settings(HOSTS[machine]["address"]))}
    if cluster.get("loadBalancer") and machine not in source["controlPlane"]:
        files["/etc/nginx/nginx.conf"] = ("0644", parts.DISTRIBUTIONS_NGINX)
    place(machine, files)


def start_control_plane(machine):
    place(machine, {f"{PKI}/{name}": ("0600" if name.endswith("key") else "0644", own_text(name)) for name in KEYS}
          | {"/root/kubeadm.yaml": ("0600", parts.kubeadm_settings(kubeadm, machine, HOSTS[machine]["address"]))} | balancer())
    # kubeadm lets the kubelet of a control plane go by the cluster's endpoint. People point it elsewhere: the worst is played.
    astray = '' if source["api"] in ("virtualIp", machine) else f"sed -i 's#server: .*#server: {join_server()}#' /etc/kubernetes/kubelet.conf\n"
    run(machine, "for phase in 'certs all' 'kubeconfig all' 'control-plane all'; do kubeadm init phase $phase --config /root/kubeadm.yaml >/dev/null; done\n"
        "rm /root/kubeadm.yaml\n" + astray + "systemctl daemon-reload\nsystemctl enable kubelet 2>/dev/null\nsystemctl start --no-block kubelet"
        + ("\nnginx -t -q\nsystemctl enable --now nginx 2>/dev/null" if cluster.get("loadBalancer") else ""))


def balancer():
    """As people wrote it: nobody is passed over."""
    given = cluster.get("loadBalancer")
    if not given:
        return {}
    servers = [parts.place_of(HOSTS[machine]["address"], kubeadm["apiServerPort"]) for machine in source["controlPlane"]]
    return {path: ("0644", text) for path, text in parts.nginx(given, servers).items()}


def start_worker(machine):
    certificate, key = pki.signed(WORK, "ca", f"/O=system:nodes/CN=system:node:{machine}", "clientAuth")
    place(machine, {"/var/lib/kubelet/pki/kubelet-client-current.pem": ("0600", certificate + key), f"{PKI}/ca.crt": ("0644", own_text("ca.crt")),
                    "/etc/kubernetes/kubelet.conf": ("0600", parts.joined_kubeconfig(join_server(), own_text("ca.crt")))})
    run(machine, "mkdir -p /etc/kubernetes/manifests\nsystemctl daemon-reload\nsystemctl enable kubelet 2>/dev/null\nsystemctl start --no-block kubelet")


def operator():
    """The kubeconfig of the operator, who reaches the API as the source's clients do."""
    certificate, key = pki.signed(WORK, "ca", "/O=system:masters/CN=kubernetes-admin", "clientAuth")
    encoded = {"client-certificate-data": certificate, "client-key-data": key}
    credentials = {name: base64.b64encode(text.encode()).decode() for name, text in encoded.items()}
    config = kubeconfig.new(server_of(source["controlPlane"][0]), own_text("ca.crt"), "kubernetes", "kubernetes-admin", credentials)
    kubeconfig.write("/root/.kube/config", config)
    api = Api("/root/.kube/config")
    config["clusters"][0]["cluster"]["server"] = join_server()
    kubeconfig.write("/root/.kube/config", config)
    with open("/run/cluster-of-kubeadm", "w", encoding="utf-8"):
        pass
    return api


def wait_for(api):
    until = time.monotonic() + 60
    while True:
        try:
            return api.under("/registry/namespaces/")
        except Unreached as error:
            if time.monotonic() > until:
                sys.exit(f"the API of the source does not serve: {error}")
            time.sleep(0.5)


def main():
    os.makedirs(WORK)
    for name in pki.AUTHORITIES:
        pki.make_authority(WORK, name)
    pki.make_account_key(WORK)
    nodes = [*source["controlPlane"], *source["workers"]]
    for machine in dict.fromkeys([*nodes, *target["controlPlane"], *target["workers"]]):
        prepare(machine)
    for machine in source["controlPlane"]:
        start_control_plane(machine)
    api = operator()
    wait_for(api)
    endpoints = [parts.place_of(HOSTS[machine]["address"], cluster["etcd"]["clientPort"]) for machine in source["etcd"]]
    scheme = "https" if cluster["etcd"].get("tls") else "http"
    addresses = [HOSTS[machine]["address"] for machine in source["controlPlane"]]
    for key, item in parts.objects(kubeadm, join_server(), own_text("ca.crt"), [f"{scheme}://{each}" for each in endpoints], addresses):
        api.put(key, item)
    for machine in source["controlPlane"]:
        api.put(f"/registry/marks/{machine}", parts.marks(kubeadm))
    # No volume lies on a node that is drained.
    for key, item in parts.workload(nodes, [machine for machine in nodes if machine in target["workers"]]):
        api.put(key, item)
    for machine in source["workers"]:
        start_worker(machine)


main()
