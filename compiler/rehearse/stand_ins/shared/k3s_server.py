"""`k3s server` of the rehearsal: see the program `k3s` for what it models."""

import hashlib
import http.server
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time

from datastore import Datastore, NoDatastore
from k3s_settings import fatal, settings, token

DATA = "/var/lib/rancher/k3s/server"
LEASE_SECONDS, ALIVE_SECONDS = 15, 40
# A real server needs 8 s and more from its start to its first answer; a plan must not live on being served sooner.
STARTUP_SECONDS = 6


def notify_ready():
    address = os.environ.get("NOTIFY_SOCKET")
    if address:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
            channel.sendto(b"READY=1", address)


def write(path, text, mode=0o600):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(path, mode)


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
    if found and own not in found:
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


def node_password():
    path = "/etc/rancher/node/password"
    if not os.path.exists(path):
        write(path, os.urandom(16).hex())
    return open(path).read().strip()


def node(values, version, roles):
    return {"ip": values["node-ip"], "version": version, "roles": roles, "password": node_password()}


def register(store, name, content):
    """Writes the node's heartbeat; a node that was deleted is there again. Answers a complaint or None."""
    key = f"/registry/minions/{name}"
    known = store.under(key).get(key, {})
    if known and known["password"] != content["password"]:
        return "Node password rejected, duplicate hostname or contents of '/etc/rancher/node/password' may not match server node-passwd entry"
    store.put(key, content | {"seen": time.time()})
    return None


def publish(store, address):
    while True:
        try:
            store.put(f"/registry/masterleases/{address}", {"until": time.time() + LEASE_SECONDS})
        except NoDatastore as error:
            print(error, file=sys.stderr, flush=True)
        time.sleep(5)


def heartbeat(store, name, content):
    while True:
        try:
            complaint = register(store, name, content)
        except NoDatastore as error:
            complaint = str(error)
        if complaint:
            print(complaint, file=sys.stderr, flush=True)
        time.sleep(2)


class Handler(http.server.BaseHTTPRequestHandler):
    store, password = None, ""
    timeout = 10

    def answer(self, status, content):
        content = content.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def authorized(self):
        if self.headers.get("Authorization") == f"Bearer {self.password}":
            return True
        self.answer(401, "Unauthorized\n")
        return False

    def respond(self, work):
        try:
            work()
        except NoDatastore as error:
            self.answer(500, f"[-]etcd failed: {error}\n")

    def do_GET(self):
        self.respond(self.read)

    def do_PUT(self):
        self.respond(self.change)

    def do_DELETE(self):
        self.respond(lambda: self.authorized() and (self.store.delete(self.path), self.answer(200, "{}")))

    def read(self):
        if self.path == "/ping":
            return self.answer(200, "pong")
        if self.path == "/cacerts":
            return self.answer(200, open(f"{DATA}/tls/server-ca.crt").read())
        if self.path == "/readyz":
            self.store.under("/registry/minions/")
            return self.answer(200, "ok")
        if self.authorized():
            self.answer(200, json.dumps({"now": time.time(), "alive": ALIVE_SECONDS, "objects": self.store.under("/registry/")}))
        return None

    def change(self):
        content = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if not self.authorized():
            return
        name = self.path.removeprefix("/v1-k3s/register/")
        complaint = None
        if name != self.path:
            complaint = register(self.store, name, content)
        else:
            self.store.put(self.path, content)
        self.answer(403 if complaint else 200, complaint or "{}")

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    # One socket for both families, as Go listens.
    address_family = socket.AF_INET6
    request_queue_size = 128
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass  # A client that went away is no event.


def connect(values):
    endpoints = values.get("datastore-endpoint", "").split(",")
    for endpoint in endpoints:
        if not endpoint.startswith(("http://", "https://")):
            fatal(f"the stand-in refuses the datastore {endpoint!r}: k3s would silently use sqlite")
    store = Datastore(endpoints, *(values.get(f"datastore-{file}") for file in ("cafile", "certfile", "keyfile")))
    deadline = time.monotonic() + 10
    while True:
        try:
            store.under("/bootstrap/")
            return store
        except NoDatastore as error:
            if time.monotonic() > deadline:
                fatal(f"starting kubernetes: preparing server: {error}")
            time.sleep(0.5)


def serve(version, arguments):
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    values = settings("server", arguments)
    if os.path.exists(f"{DATA}/db/etcd"):
        fatal("the stand-in refuses: with server/db/etcd on disk, k3s ignores its datastore endpoint")
    time.sleep(STARTUP_SECONDS)
    store, password = connect(values), token(values)
    if not password and store.under("/bootstrap/"):
        fatal("starting kubernetes: preparing server: bootstrap data already found and encrypted with different token")
    bootstrap(store, password)
    port = int(values.get("https-listen-port", 6443))
    serving_certificate(dict.fromkeys([values["node-ip"], "127.0.0.1", *values.get("tls-san", [])]))
    kubeconfig = {"server": f"https://127.0.0.1:{port}", "ca": open(f"{DATA}/tls/server-ca.crt").read(), "token": password}
    write("/etc/rancher/k3s/k3s.yaml", json.dumps({"current-context": "default", "contexts": {"default": "default"}, "clusters": {"default": kubeconfig}}))
    Handler.store, Handler.password = store, password
    server = Server(("::", port), Handler, bind_and_activate=False)
    server.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    server.server_bind()
    server.server_activate()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(f"{DATA}/tls/serving.crt", f"{DATA}/tls/serving.key")
    server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=publish, args=(store, values["node-ip"]), daemon=True).start()
    about = node(values, version, ["control-plane", "master"])
    threading.Thread(target=heartbeat, args=(store, values["node-name"], about), daemon=True).start()
    notify_ready()
    server.serve_forever()
