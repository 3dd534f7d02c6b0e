"""etcd inside `k3s server` of the rehearsal: the real one, as a child that begins and ends with its server.

Models pkg/etcd and pkg/cluster of k3s-io/k3s: fixed directories, ports and certificates; a member is called like its node with eight
letters behind; one that joins is told the members by the server at `server`, adds itself as a learner, and is promoted by those that
serve; data on disk count before every flag; a member that was removed notes it, and at its next start wipes its data and joins anew.
"""

import hashlib
import http.client
import json
import os
import shutil
import ssl
import subprocess
import sys
import threading
import urllib.parse
import uuid

import yaml

from datastore import Datastore, NoDatastore
from k3s_etcd_files import AUTHORITIES, DATA, DB, client_files, configuration, make_authorities, make_certificates, url
from k3s_nodes import write
from k3s_settings import fatal

PROGRAM, LOG = "/stand-ins/programs/k3s-etcd", "/var/log/k3s-etcd-of-the-rehearsal.log"
# Servers must agree on these; there are more, which no plan uses.
CRITICAL = ("cluster-cidr", "service-cidr", "flannel-backend")
ENDING = threading.Event()
# Written when etcd says that its member is gone (pkg/etcd, pkg/executor/embed).
TOMBSTONE = f"{DB}/tombstone"


def is_initialized():
    return os.path.isdir(f"{DB}/member/wal")


def name_of(node):
    """As it was when the member began; a new one otherwise."""
    path = f"{DB}/name"
    if not os.path.exists(path):
        os.makedirs(DB, mode=0o700, exist_ok=True)
        write(path, f"{node}-{uuid.uuid4().hex[:8]}")
    with open(path, encoding="utf-8") as file:
        return file.read().strip()


def ask(server, path, password, authority):
    """(status, text) of another server, which must be who it says it is; nobody knows that before its authority is known."""
    tls = ssl.create_default_context(cadata=authority) if authority else ssl._create_unverified_context()
    connection = http.client.HTTPSConnection(urllib.parse.urlsplit(server).netloc, timeout=5, context=tls)
    try:
        connection.request("GET", path, headers={"Authorization": f"Bearer {password}"})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    except (OSError, http.client.HTTPException) as error:
        return fatal(f"starting kubernetes: preparing server: failed to get CA certs: {server}{path}: {error}")
    finally:
        connection.close()


def learn(values, text):
    """What the cluster gives to whoever has its token: its authorities, and the values on which servers must agree."""
    server, password = values["server"], text.rpartition(":")[2]
    _, authority = ask(server, "/cacerts", password, None)
    pinned, own = text.removeprefix("K10").partition("::")[0], hashlib.sha256(authority.encode()).hexdigest()
    if text.startswith("K10") and pinned != own:
        fatal(f"starting kubernetes: preparing server: token CA hash does not match the Cluster CA certificate hash: {pinned} != {own}")
    status, content = ask(server, "/v1-k3s/server-bootstrap", password, authority)
    if status != 200:
        fatal(f"starting kubernetes: preparing server: {server}/v1-k3s/server-bootstrap: {status} {http.client.responses[status]}")
    given = json.loads(content)
    for path, text in given["files"].items():
        write(f"{DATA}/tls/{path}", text, 0o600 if path.endswith(".key") else 0o644)
    if given["critical"] != critical(values):
        fatal("starting kubernetes: preparing server: failed to validate server configuration: critical configuration value mismatch between servers")
    status, content = ask(server, "/db/info", password, authority)
    if status != 200:
        fatal(f"ETCD join failed: {server}/db/info: {status} {content}")
    return json.loads(content)["members"]


def critical(values):
    return {key: values.get(key) for key in CRITICAL}


def given_to_servers(values):
    files = ["server-ca.crt", "server-ca.key", *(f"etcd/{name}" for name in AUTHORITIES)]
    found = {path: open(f"{DATA}/tls/{path}", encoding="utf-8").read() for path in files}
    return {"files": found, "critical": critical(values)}


def add(values, name, members):
    """Adds itself as a learner, unless it was added already; answers all members as etcd wants them at its first start."""
    own = url(values["node-ip"], 2380)
    for member in members:
        if member.get("name", "").rpartition("-")[0] == values["node-name"]:
            os.unlink(f"{DB}/name")
            fatal("ETCD join failed: duplicate node name found, please use a unique name for this node")
    others = [f"{member['name']}={member['peerURLs'][0]}" for member in members if member.get("name")]
    if not any(own in member["peerURLs"] and not member.get("name") for member in members):
        store = Datastore([each for member in members for each in member.get("clientURLs", [])], *client_files())
        try:
            store.call("/v3/cluster/member/add", {"peerURLs": [own], "isLearner": True})
        except NoDatastore as error:
            fatal(f"ETCD join failed: {error}")
    return ",".join([*others, f"{name}={own}"])


def begin(values, text):
    """Starts this server's member, and answers its name and the datastore that it serves."""
    if os.path.exists(TOMBSTONE):
        print("tombstone file has been detected, removing data dir to rejoin the cluster", file=sys.stderr, flush=True)
        shutil.rmtree(DB)
    address, known = values["node-ip"], is_initialized()
    name = name_of(values["node-name"])
    cluster, state = f"{name}={url(address, 2380)}", "new"
    if known:
        print("Managed etcd cluster bootstrap already complete and initialized", file=sys.stderr, flush=True)
        make_certificates(address)
    elif values.get("server"):
        members = learn(values, text)
        make_certificates(address)
        cluster, state = add(values, name, members), "existing"
    else:
        make_authorities()
        make_certificates(address)
    write(f"{DB}/config", yaml.safe_dump(configuration(values, name, cluster, state)))
    child = start()
    return name, child, Datastore([url("127.0.0.1", 2379)], *client_files())


def start():
    # It must not outlive its server, however that ends, and must not say for it that it is ready.
    command = ["setpriv", "--pdeathsig", "SIGKILL", PROGRAM, "--config-file", f"{DB}/config"]
    environment = {key: value for key, value in os.environ.items() if key != "NOTIFY_SOCKET"}
    child = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
    threading.Thread(target=follow, args=(child,), daemon=True).start()
    return child


def follow(child):
    """Keeps what it says; when it ends, so does its server."""
    was_removed, last = False, ""
    with open(LOG, "a", encoding="utf-8") as log:
        for line in child.stdout:
            log.write(line)
            log.flush()
            was_removed, last = was_removed or "permanently removed" in line, line.strip()
    child.wait()
    if ENDING.is_set():
        return
    why = f"etcd ended: {last}"
    if was_removed:
        why = "this node has been removed from the cluster please restart k3s to rejoin the cluster"
        write(TOMBSTONE, "")
    print(f'level=fatal msg="{why}"', file=sys.stderr, flush=True)
    os._exit(1)


def end(child):
    """As a server that is told to stop: the leader hands its lead on."""
    ENDING.set()
    child.terminate()
    try:
        child.wait(10)
    except subprocess.TimeoutExpired:
        child.kill()
    os._exit(0)
