"""`k3s agent` of the rehearsal: see the program `k3s` for what it models.

Model: pkg/agent/loadbalancer. The configured address counts for the first contact; afterwards the agent knows every server
that is published, keeps them in k3s-agent-load-balancer.json, and tries the configured address last.
"""

import http.client
import json
import os
import signal
import ssl
import sys
import time
import urllib.parse

from k3s_nodes import node, notify_ready, write
from k3s_settings import fatal, settings, token

KNOWN = "/var/lib/rancher/k3s/agent/etc/k3s-agent-load-balancer.json"


def call(server, method, path, password, ca, body=None):
    url = urllib.parse.urlsplit(server)
    tls = ssl.create_default_context(cadata=ca) if ca else ssl._create_unverified_context()
    connection = http.client.HTTPSConnection(url.netloc, timeout=3, context=tls)
    try:
        connection.request(method, path, json.dumps(body) if body else None, {"Authorization": f"Bearer {password}"})
        answer = connection.getresponse()
        content = answer.read().decode()
        if answer.status != 200:
            raise OSError(f"{server}: {answer.status} {content}")
        return content
    finally:
        connection.close()


def servers(values):
    learned = json.load(open(KNOWN)) if os.path.exists(KNOWN) else []
    return [*learned, values["server"]]


def once(values, password, about):
    """One heartbeat through the first server that takes it, and a look at who else serves."""
    reasons = []
    for server in servers(values):
        try:
            ca = call(server, "GET", "/cacerts", password, None)
            call(server, "PUT", f"/v1-k3s/register/{values['node-name']}", password, ca, about)
            state = json.loads(call(server, "GET", "/state", password, ca))
            port = urllib.parse.urlsplit(values["server"]).port
            leases = {key.rpartition("/")[2]: each for key, each in state["objects"].items() if key.startswith("/registry/masterleases/")}
            alive = sorted(address for address, lease in leases.items() if lease["until"] > state["now"])
            write(KNOWN, json.dumps([f"https://[{address}]:{port}" if ":" in address else f"https://{address}:{port}" for address in alive]))
            return None
        except (OSError, http.client.HTTPException) as error:
            reasons.append(f"{server}: {error}")
    return "; ".join(reasons)


def run(version, arguments):
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    values = settings("agent", arguments)
    password = token(values)
    if not values.get("server", "").startswith("https://") or not password:
        fatal("--server and --token are required")
    about, ready = node(values, version, []), False
    while True:
        complaint = once(values, password, about)
        if complaint:
            print(complaint, file=sys.stderr, flush=True)
        elif not ready:
            ready = True
            notify_ready()
        time.sleep(2)
