"""The API of Kubernetes in small, as k3s and kube-apiserver serve it: objects are JSON under /registry/ of a datastore.

Who may come in, what a node has to bring, and what else is served is said by whoever serves it.
"""

import http.server
import json
import socket
import sys
import time

from datastore import NoDatastore

LEASE_SECONDS, ALIVE_SECONDS = 15, 40
AUTHORITY = "/var/lib/rancher/k3s/server/tls/server-ca.crt"


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
        self.respond(lambda: self.authorized() and (self.remove(self.path), self.answer(200, "{}")))

    def remove(self, key):
        self.store.delete(key)

    def registered(self, name, content):
        return register(self.store, name, content)

    def read(self):
        if self.path == "/ping":
            return self.answer(200, "pong")
        if self.path == "/cacerts":
            return self.answer(200, open(AUTHORITY).read())
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
            complaint = self.registered(name, content)
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


def listen(port, handler, tls):
    server = Server(("::", port), handler, bind_and_activate=False)
    server.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    server.server_bind()
    server.server_activate()
    server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    return server
