"""The phases of `kubeadm init` that plans call, one after the other and never all of them: certificates, kubeconfigs, static pods, what
the cluster says of itself.

Models cmd/kubeadm/app/cmd/phases/init. A phase that is not known ends with 1, as there.
"""

import base64
import os
import sys

import yaml

import kubeconfig
import manifests
import pki
from api import Api

KUBE = "/etc/kubernetes"
# Name: (user, groups).
CONFIGS = {"admin": ("kubernetes-admin", "/O=system:masters/CN=kubernetes-admin"), "kubelet": ("system:node:", "/O=system:nodes/CN=system:node:"),
           "controller-manager": ("system:kube-controller-manager", "/CN=system:kube-controller-manager"),
           "scheduler": ("system:kube-scheduler", "/CN=system:kube-scheduler")}


def unknown(words):
    sys.exit(f'unknown command "{" ".join(words)}" for "kubeadm init phase"\nTo see the stack trace of this error execute with --v=5 or higher')


def run(words, settings):
    group, rest = words[0] if words else "", words[1:]
    phases = {"certs": certs, "kubeconfig": kubeconfigs, "control-plane": control_plane, "upload-config": upload_config}
    if group not in phases or len(rest) != 1:
        unknown(words)
    phases[group](rest[0], settings, words)


def certs(name, settings, words):
    directory = settings.directory()
    authorities = pki.AUTHORITIES if name == "all" else [name] if name in pki.AUTHORITIES else []
    signed = pki.SIGNED if name == "all" else [name] if name in pki.SIGNED else []
    if not authorities and not signed and name != "sa":
        unknown(words)
    for each in authorities:
        pki.make_authority(directory, each)
    for each in signed:
        pki.make(directory, each, settings.names())
    if name in ("all", "sa"):
        pki.make_account_key(directory)


def kubeconfigs(name, settings, words):
    if name != "all" and name not in CONFIGS:
        unknown(words)
    for each in CONFIGS if name == "all" else [name]:
        make_kubeconfig(each, settings)


def make_kubeconfig(name, settings):
    """The two that run beside the API server ask that one; everybody else goes by the cluster's endpoint."""
    path, directory = f"{KUBE}/{name}.conf", settings.directory()
    server = settings.local_server() if name in ("controller-manager", "scheduler") else settings.endpoint()
    with open(f"{directory}/ca.crt", encoding="utf-8") as file:
        authority = file.read()
    if os.path.exists(path):
        cluster, _ = kubeconfig.current(kubeconfig.read(path))
        if kubeconfig.text(cluster, "certificate-authority").strip() != authority.strip():
            sys.exit(f'error execution phase kubeconfig/{name}: a kubeconfig file "{path}" exists already but has got the wrong CA cert')
        if cluster["server"] != server:
            print(f'a kubeconfig file "{path}" exists already but has an unexpected API Server URL: expected: {server}, got: {cluster["server"]}', file=sys.stderr)
        return print(f'[kubeconfig] Using existing kubeconfig file: "{path}"')
    user, subject = CONFIGS[name]
    own = settings.name() if name == "kubelet" else ""
    certificate, key = pki.signed(directory, "ca", subject + own, "clientAuth")
    credentials = {"client-certificate-data": base64.b64encode(certificate.encode()).decode(), "client-key-data": base64.b64encode(key.encode()).decode()}
    kubeconfig.write(path, kubeconfig.new(server, authority, settings.cluster.get("clusterName", "kubernetes"), user + own, credentials))
    return print(f'[kubeconfig] Writing "{name}.conf" kubeconfig file')


def control_plane(name, settings, words):
    if name != "all" and name not in manifests.PARTS:
        unknown(words)
    for part in manifests.PARTS if name == "all" else [name]:
        file, text = manifests.manifest(part, settings)
        path = f"{KUBE}/manifests/{file}.yaml"
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        # The kubelet must never read half of it, and what begins with a dot it does not read.
        with open(os.open(f"{KUBE}/manifests/.{file}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
            out.write(text)
        os.rename(f"{KUBE}/manifests/.{file}", path)
        print(f'[control-plane] Creating static Pod manifest for "{file}"')


def upload_config(name, settings, words):
    """The ConfigMap says what joins are told: the cluster's configuration as it was given."""
    if name != "kubeadm":
        unknown(words)
    text = yaml.safe_dump({key: value for key, value in settings.cluster.items()}, width=1000000)
    api, key = Api(f"{KUBE}/admin.conf"), "/registry/configmaps/kube-system/kubeadm-config"
    item = api.under(key).get(key) or {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "kubeadm-config", "namespace": "kube-system"}}
    item["data"] = {"ClusterConfiguration": text}
    api.put(key, item)
    print('[upload-config] Storing the configuration used in ConfigMap "kubeadm-config" in the "kube-system" Namespace')
