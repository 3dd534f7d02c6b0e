"""The static pods of a control plane as kubeadm writes them. Does not know where they are put.

Models cmd/kubeadm/app/phases/controlplane: flags sorted by name, those of the configuration before those of kubeadm.
"""

import yaml

from settings import extra

KUBE = "/etc/kubernetes"


def pod(name, version, repository, command):
    return yaml.safe_dump({"apiVersion": "v1", "kind": "Pod",
                           "metadata": {"name": name, "namespace": "kube-system", "labels": {"component": name, "tier": "control-plane"}},
                           "spec": {"hostNetwork": True, "priorityClassName": "system-node-critical",
                                    "containers": [{"name": name, "image": f"{repository}/{name}:{version}", "command": command}]}}, sort_keys=False, width=1000000)


def command(name, own, given):
    return [name, *(f"--{key}={value}" for key, value in sorted((own | given).items()))]


def api_server(settings):
    pki = settings.directory()
    external = settings.external()
    flags = {
        "advertise-address": settings.address(), "allow-privileged": "true", "authorization-mode": "Node,RBAC", "client-ca-file": f"{pki}/ca.crt",
        "enable-admission-plugins": "NodeRestriction", "enable-bootstrap-token-auth": "true", "etcd-servers": ",".join(external.get("endpoints", [])),
        "kubelet-client-certificate": f"{pki}/apiserver-kubelet-client.crt", "kubelet-client-key": f"{pki}/apiserver-kubelet-client.key",
        "kubelet-preferred-address-types": "InternalIP,ExternalIP,Hostname", "proxy-client-cert-file": f"{pki}/front-proxy-client.crt",
        "proxy-client-key-file": f"{pki}/front-proxy-client.key", "requestheader-allowed-names": "front-proxy-client",
        "requestheader-client-ca-file": f"{pki}/front-proxy-ca.crt", "requestheader-extra-headers-prefix": "X-Remote-Extra-",
        "requestheader-group-headers": "X-Remote-Group", "requestheader-username-headers": "X-Remote-User", "secure-port": str(settings.port()),
        "service-account-issuer": "https://kubernetes.default.svc.cluster.local", "service-account-key-file": f"{pki}/sa.pub",
        "service-account-signing-key-file": f"{pki}/sa.key", "service-cluster-ip-range": settings.services(),
        "tls-cert-file": f"{pki}/apiserver.crt", "tls-private-key-file": f"{pki}/apiserver.key"}
    files = {"etcd-cafile": "caFile", "etcd-certfile": "certFile", "etcd-keyfile": "keyFile"}
    flags |= {flag: external[key] for flag, key in files.items() if external.get(key)}
    return command("kube-apiserver", flags, extra(settings.cluster.get("apiServer")))


def controller_manager(settings):
    pki, own = settings.directory(), f"{KUBE}/controller-manager.conf"
    flags = {"authentication-kubeconfig": own, "authorization-kubeconfig": own, "bind-address": "127.0.0.1", "client-ca-file": f"{pki}/ca.crt",
             "cluster-name": settings.cluster.get("clusterName", "kubernetes"), "cluster-signing-cert-file": f"{pki}/ca.crt",
             "cluster-signing-key-file": f"{pki}/ca.key", "controllers": "*,bootstrapsigner,tokencleaner", "kubeconfig": own, "leader-elect": "true",
             "requestheader-client-ca-file": f"{pki}/front-proxy-ca.crt", "root-ca-file": f"{pki}/ca.crt",
             "service-account-private-key-file": f"{pki}/sa.key", "use-service-account-credentials": "true"}
    return command("kube-controller-manager", flags, extra(settings.cluster.get("controllerManager")))


def scheduler(settings):
    own = f"{KUBE}/scheduler.conf"
    flags = {"authentication-kubeconfig": own, "authorization-kubeconfig": own, "bind-address": "127.0.0.1", "kubeconfig": own, "leader-elect": "true"}
    return command("kube-scheduler", flags, extra(settings.cluster.get("scheduler")))


PARTS = {"apiserver": ("kube-apiserver", api_server), "controller-manager": ("kube-controller-manager", controller_manager),
         "scheduler": ("kube-scheduler", scheduler)}


def manifest(part, settings):
    """(name, text) of one part."""
    name, flags = PARTS[part]
    version = settings.cluster.get("kubernetesVersion", settings.version)
    return name, pod(name, version, settings.cluster.get("imageRepository", "registry.k8s.io"), flags(settings))
