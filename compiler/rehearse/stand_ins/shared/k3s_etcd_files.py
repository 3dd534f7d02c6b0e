"""The files of the etcd inside `k3s server`: its certificates, and its settings. Who it talks to is decided elsewhere.

Models pkg/daemons/control/deps and pkg/etcd of k3s-io/k3s in names and in what the certificates hold.
"""

import os
import subprocess
import time

import yaml

from k3s_nodes import write
from k3s_settings import fatal

DATA = "/var/lib/rancher/k3s/server"
TLS, DB = f"{DATA}/tls/etcd", f"{DATA}/db/etcd"
AUTHORITIES = [f"{name}.{kind}" for name in ("server-ca", "peer-ca") for kind in ("crt", "key")]


def client_files():
    return [f"{TLS}/{name}" for name in ("server-ca.crt", "client.crt", "client.key")]


def openssl(*arguments):
    done = subprocess.run(["openssl", *arguments], capture_output=True, text=True, cwd=TLS)
    if done.returncode:
        fatal(done.stderr)


EC = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


def make_authorities():
    """Those that somebody put there before the first start are used as they are."""
    os.makedirs(TLS, exist_ok=True)
    for name in ("server-ca", "peer-ca"):
        if not os.path.exists(f"{TLS}/{name}.crt"):
            openssl("req", "-x509", *EC, "-days", "3650", "-subj", f"/CN=etcd-{name}", "-keyout", f"{name}.key", "-out", f"{name}.crt")


def make_certificates(address):
    for name, authority in (("server-client", "server-ca"), ("client", "server-ca"), ("peer-server-client", "peer-ca")):
        openssl("req", "-new", *EC, "-subj", f"/CN=etcd-{name}", "-keyout", f"{name}.key", "-out", f"{name}.csr")
        write(f"{TLS}/{name}.ext", f"subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1,IP:{address}\nextendedKeyUsage=serverAuth,clientAuth\n")
        openssl("x509", "-req", "-in", f"{name}.csr", "-CA", f"{authority}.crt", "-CAkey", f"{authority}.key", "-set_serial", str(time.time_ns()), "-days", "365",
                "-extfile", f"{name}.ext", "-out", f"{name}.crt")


def url(address, port):
    return f"https://[{address}]:{port}" if ":" in address else f"https://{address}:{port}"


def configuration(values, name, cluster, state):
    address = values["node-ip"]
    listen = lambda port: ",".join([url("127.0.0.1", port), url(address, port)])
    files = lambda name, authority: {"cert-file": f"{TLS}/{name}.crt", "key-file": f"{TLS}/{name}.key", "client-cert-auth": True, "trusted-ca-file": f"{TLS}/{authority}.crt"}
    own = {"name": name, "data-dir": DB, "listen-client-urls": listen(2379), "advertise-client-urls": url(address, 2379), "listen-peer-urls": listen(2380),
           "initial-advertise-peer-urls": url(address, 2380), "initial-cluster": cluster, "initial-cluster-state": state, "initial-cluster-token": "etcd-cluster",
           "client-transport-security": files("server-client", "server-ca"), "peer-transport-security": files("peer-server-client", "peer-ca"),
           # Half of k3s's own, so that the world is not slower than it need be.
           "heartbeat-interval": 250, "election-timeout": 2500, "listen-metrics-urls": "http://127.0.0.1:2381",
           # With a file of settings it is off, unlike with flags (etcd 3.4).
           "enable-grpc-gateway": True}
    for argument in values.get("etcd-arg", []):
        key, _, value = argument.partition("=")
        own[key] = yaml.safe_load(value)
    return own
