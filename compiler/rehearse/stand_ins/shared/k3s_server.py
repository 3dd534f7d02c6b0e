"""`k3s server` of the rehearsal: see the program `k3s` for what it models."""

import hashlib
import json
import os
import signal
import ssl
import subprocess
import threading
import time

import k3s_etcd
import k3s_nodes
import kube_api
from datastore import Datastore, NoDatastore
from k3s_nodes import write
from k3s_settings import fatal, full_token, settings, token

DATA = "/var/lib/rancher/k3s/server"
# A real server needs 8 s and more from its start to its first answer; a plan must not live on being served sooner.
STARTUP_SECONDS = 6


def openssl(*arguments):
    done = subprocess.run(["openssl", *arguments], capture_output=True, text=True, cwd=f"{DATA}/tls")
    if done.returncode:
        fatal(done.stderr)


def new_authority():
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "3650", "-subj", "/CN=k3s-server-ca",
            "-keyout", "server-ca.key", "-out", "server-ca.crt")
    return {"certificate": open(f"{DATA}/tls/server-ca.crt").read(), "key": open(f"{DATA}/tls/server-ca.key").read()}


def bootstrap(store, password):
    """The cluster's authority out of the datastore; the first server puts it there."""
    own = "/bootstrap/" + hashlib.sha256(password.encode()).hexdigest()[:12]
    found = store.under("/bootstrap/")
    if found and (not password or own not in found):
        fatal("starting kubernetes: preparing server: bootstrap data already found and encrypted with different token")
    os.makedirs(f"{DATA}/tls", exist_ok=True)
    if not found:
        store.put(own, new_authority())
        found = store.under("/bootstrap/")
    write(f"{DATA}/tls/server-ca.crt", found[own]["certificate"], 0o644)
    write(f"{DATA}/tls/server-ca.key", found[own]["key"])
    write(f"{DATA}/cred/passwd", "rehearsal\n")
    digest = hashlib.sha256(found[own]["certificate"].encode()).hexdigest()
    write(f"{DATA}/token", f"K10{digest}::server:{password}\n")


def serving_certificate(addresses):
    names = ",".join(f"IP:{address}" for address in addresses)
    openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=k3s", "-keyout", "serving.key",
            "-out", "serving.csr")
    write(f"{DATA}/tls/serving.ext", f"subjectAltName={names}\nextendedKeyUsage=serverAuth\n")
    openssl("x509", "-req", "-in", "serving.csr", "-CA", "server-ca.crt", "-CAkey", "server-ca.key", "-set_serial", str(time.time_ns()), "-days", "365",
            "-extfile", "serving.ext", "-out", "serving.crt")


class Handler(kube_api.Handler):
    values = {}

    def registered(self, name, content):
        return k3s_nodes.register(self.store, name, content)

    def remove(self, key):
        name = key.removeprefix("/registry/minions/")
        if name != key:
            return k3s_nodes.delete(self.store, name)
        return super().remove(key)

    def read(self):
        if self.path == "/v1-k3s/server-bootstrap":
            return self.authorized() and self.answer(200, json.dumps(k3s_etcd.given_to_servers(self.values)))
        if self.path == "/db/info":
            return self.authorized() and self.answer(200, json.dumps({"members": k3s_nodes.members(self.store)}))
        return super().read()


def is_embedded(values):
    """Data on disk count before every flag (pkg/cluster/managed.go); then an endpoint; without one, `cluster-init` or `server`."""
    if k3s_etcd.is_initialized():
        return True
    if "datastore-endpoint" in values:
        if os.path.exists(f"{DATA}/db/etcd"):
            fatal("the stand-in refuses: with server/db/etcd on disk, k3s ignores its datastore endpoint")
        if values.get("cluster-init"):
            fatal("the stand-in refuses: k3s ignores cluster-init beside a datastore endpoint")
        return False
    return bool(values.get("cluster-init") or values.get("server"))


def connect(values):
    endpoints = values.get("datastore-endpoint", "").split(",")
    for endpoint in endpoints:
        if not endpoint.startswith(("http://", "https://")):
            fatal(f"the stand-in refuses the datastore {endpoint!r}: k3s would silently use sqlite")
    return Datastore(endpoints, *(values.get(f"datastore-{file}") for file in ("cafile", "certfile", "keyfile")))


def wait_for(store, limit):
    deadline = time.monotonic() + limit
    while True:
        try:
            store.under("/bootstrap/")
            return
        except NoDatastore as error:
            if time.monotonic() > deadline:
                fatal(f"starting kubernetes: preparing server: {error}")
            time.sleep(0.5)


def open_datastore(values):
    """The datastore, and the name of this server's own member of it. An etcd of its own is waited for as long as it runs."""
    if not is_embedded(values):
        store = connect(values)
        wait_for(store, 10)
        return store, None
    member, child, store = k3s_etcd.begin(values, full_token(values))
    signal.signal(signal.SIGTERM, lambda *_: k3s_etcd.end(child))
    wait_for(store, float("inf"))
    return store, member


def serve(version, arguments):
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    values = settings("server", arguments)
    is_embedded(values)
    time.sleep(STARTUP_SECONDS)
    (store, member), password = open_datastore(values), token(values)
    bootstrap(store, password)
    port = int(values.get("https-listen-port", 6443))
    serving_certificate(dict.fromkeys([values["node-ip"], "127.0.0.1", *values.get("tls-san", [])]))
    kubeconfig = {"server": f"https://127.0.0.1:{port}", "ca": open(f"{DATA}/tls/server-ca.crt").read(), "token": password}
    write("/etc/rancher/k3s/k3s.yaml", json.dumps({"current-context": "default", "contexts": {"default": "default"}, "clusters": {"default": kubeconfig}}))
    Handler.store, Handler.password, Handler.values = store, password, values
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(f"{DATA}/tls/serving.crt", f"{DATA}/tls/serving.key")
    server = kube_api.listen(port, Handler, tls)
    roles = ["control-plane", "etcd", "master"] if member else ["control-plane", "master"]
    about = k3s_nodes.node(values, version, roles, member)
    works = [(kube_api.publish, store, values["node-ip"]), (k3s_nodes.heartbeat, store, values["node-name"], about), (k3s_nodes.control, store, bool(member))]
    for work, *given in works:
        threading.Thread(target=work, args=given, daemon=True).start()
    server.serve_forever()
