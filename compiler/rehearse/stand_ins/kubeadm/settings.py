"""What kubeadm is told by `--config`: the cluster's configuration and the machine's own. Does not know what is made of it.

Models cmd/kubeadm/app/apis/kubeadm: defaults, which schema a release reads, and what it refuses.
"""

import ipaddress
import re
import socket
import subprocess
import sys

import yaml

import kubeconfig

OF_COMPONENTS = ("KubeletConfiguration", "KubeProxyConfiguration")
KINDS = ("ClusterConfiguration", "InitConfiguration", "JoinConfiguration", *OF_COMPONENTS)


def minor(version):
    return int(re.match(r"v?1\.(\d+)", version).group(1))


def schemas(version):
    """v1beta2 ended with 1.26; v1beta4 began with 1.31."""
    number = minor(version)
    return {f"kubeadm.k8s.io/{name}" for name, is_read in (("v1beta2", number < 27), ("v1beta3", number >= 22), ("v1beta4", number >= 31)) if is_read}


class Settings:
    def __init__(self, text, version):
        self.version, found = version, {}
        for document in yaml.load_all(text, kubeconfig.LOADER):
            kind = (document or {}).get("kind")
            if kind not in KINDS:
                sys.exit(f"no kind {kind!r} is registered for version {(document or {}).get('apiVersion')!r}")
            if kind not in OF_COMPONENTS and document["apiVersion"] not in schemas(version):
                sys.exit(f'your configuration file uses an old API spec: "{document["apiVersion"]}" (kind: "{kind}")')
            found[kind] = document
        self.documents = found
        self.cluster, self.machine = found.get("ClusterConfiguration", {}), found.get("InitConfiguration", {})
        self.check()

    def check(self):
        wanted = self.cluster.get("kubernetesVersion", self.version)
        if minor(wanted) > minor(self.version):
            sys.exit(f"this version of kubeadm only supports deploying clusters with the control plane version <= {self.version}; {wanted} was asked for")
        external = self.external()
        files = [external.get(key) for key in ("caFile", "certFile", "keyFile")]
        for endpoint in external.get("endpoints", []):
            if not endpoint.startswith("https://" if any(files) else ("http://", "https://")):
                sys.exit(f"etcd.external.endpoints: Invalid value: {endpoint!r}: the URL must be using the HTTPS scheme")

    def external(self):
        return (self.cluster.get("etcd") or {}).get("external") or {}

    def directory(self):
        return self.cluster.get("certificatesDir", "/etc/kubernetes/pki")

    def name(self):
        return (self.machine.get("nodeRegistration") or {}).get("name") or socket.gethostname()

    def address(self):
        local = self.machine.get("localAPIEndpoint") or {}
        return local.get("advertiseAddress") or subprocess.run(["hostname", "-I"], capture_output=True, text=True, check=True).stdout.split()[0]

    def port(self):
        return (self.machine.get("localAPIEndpoint") or {}).get("bindPort", 6443)

    def local_server(self):
        return f"https://{bracketed(self.address())}:{self.port()}"

    def endpoint(self):
        """Where everybody reaches the API."""
        given = self.cluster.get("controlPlaneEndpoint")
        if not given:
            return self.local_server()
        return f"https://{given}" if re.search(r":\d+$", given) else f"https://{given}:{self.port()}"

    def services(self):
        return (self.cluster.get("networking") or {}).get("serviceSubnet", "10.96.0.0/12")

    def names(self):
        """What the API server is reached by, as kubeadm has it: 127.0.0.1 is not among them."""
        domain = (self.cluster.get("networking") or {}).get("dnsDomain", "cluster.local")
        first = str(next(ipaddress.ip_network(self.services().split(",")[0]).hosts()))
        plain = ["kubernetes", "kubernetes.default", "kubernetes.default.svc", f"kubernetes.default.svc.{domain}", self.name(), first, self.address()]
        if self.cluster.get("controlPlaneEndpoint"):
            plain.append(re.sub(r":\d+$", "", self.cluster["controlPlaneEndpoint"]).strip("[]"))
        return [*plain, *map(str, (self.cluster.get("apiServer") or {}).get("certSANs") or [])]


def extra(part):
    """`extraArgs`: a map up to v1beta3, a list since."""
    given = (part or {}).get("extraArgs") or {}
    return {each["name"]: each.get("value", "") for each in given} if isinstance(given, list) else dict(given)


def bracketed(address):
    return f"[{address}]" if ":" in address else address
