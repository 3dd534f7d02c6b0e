"""A node of k3s in the rehearsal: what it says of itself, its password, and what its deletion takes along.

Models pkg/nodepassword (the hash of a node's password lies in the secret `<node>.node-password.k3s` of kube-system, and goes with the
node a moment later) and pkg/etcd/member_controller.go (the member of a deleted node is removed; etcd may refuse, then it is tried again).
"""

import hashlib
import os
import socket
import sys
import time

from datastore import NoDatastore

SECRETS = "/registry/secrets/kube-system/"
REMOVALS = "/k3s/removals/"
# A real controller may lag behind for longer; nothing may live on being served at once.
A_MOMENT, TICK_SECONDS = 1.5, 2


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


def node_password():
    path = "/etc/rancher/node/password"
    if not os.path.exists(path):
        write(path, os.urandom(16).hex())
    return open(path).read().strip()


def node(values, version, roles, member=None):
    labels = {f"node-role.kubernetes.io/{role}": "true" for role in roles}
    annotations = {"etcd.k3s.cattle.io/node-name": member, "etcd.k3s.cattle.io/node-address": values["node-ip"]} if member else {}
    return {"ip": values["node-ip"], "version": version, "roles": roles, "labels": labels, "annotations": annotations, "password": node_password()}


def register(store, name, content):
    """Writes the node's heartbeat; a node that was deleted is there again. Answers a complaint or None."""
    secret = f"{SECRETS}{name}.node-password.k3s"
    digest = hashlib.sha256(content["password"].encode()).hexdigest()
    known = store.under(secret).get(secret)
    if known and known["hash"] != digest:
        return (f"Node password rejected, duplicate hostname or contents of '/etc/rancher/node/password' may not match server node-passwd entry, "
                f"try enabling a unique node name with the --with-node-id flag (unable to verify password for node {name}: hash does not match)")
    if not known:
        store.put(secret, {"hash": digest})
    store.put(f"/registry/minions/{name}", {key: value for key, value in content.items() if key != "password"} | {"seen": time.time()})
    return None


def heartbeat(store, name, content):
    """As a kubelet does, but for ever; the server is ready when its own node was taken."""
    ready = False
    while True:
        try:
            complaint = register(store, name, content)
        except NoDatastore as error:
            complaint = str(error)
        if complaint:
            print(complaint, file=sys.stderr, flush=True)
        elif not ready:
            ready = True
            notify_ready()
        time.sleep(2)


def delete(store, name):
    """Deletes a node, and leaves a note for the controllers of what goes with it."""
    key = f"/registry/minions/{name}"
    known = store.under(key).get(key, {})
    store.put(REMOVALS + name, {"at": time.time(), "member": known.get("annotations", {}).get("etcd.k3s.cattle.io/node-name", "")})
    store.delete(key)


def members(store):
    return store.call("/v3/cluster/member/list", {})["members"]


def control(store, is_embedded):
    """Every server does what a controller of k3s does on one of them; twice done is as good as once."""
    while True:
        time.sleep(TICK_SECONDS)
        try:
            if is_embedded:
                promote(store)
            for key, note in store.under(REMOVALS).items():
                if time.time() > note["at"] + A_MOMENT:
                    forget(store, key.removeprefix(REMOVALS), note["member"])
        except NoDatastore as error:
            print(error, file=sys.stderr, flush=True)


def promote(store):
    for member in members(store):
        # One that has not started, or has not caught up, is refused by etcd, and asked for again.
        if member.get("isLearner") and member.get("name"):
            try:
                store.call("/v3/cluster/member/promote", {"ID": member["ID"]})
            except NoDatastore as error:
                print(f"Failed to promote {member['name']}: {error}", file=sys.stderr, flush=True)


def forget(store, name, member_name):
    for member in members(store) if member_name else []:
        if member.get("name") == member_name:
            print(f"Removing etcd member {member_name} from cluster due to node delete", file=sys.stderr, flush=True)
            store.call("/v3/cluster/member/remove", {"ID": member["ID"]})
    store.delete(f"{SECRETS}{name}.node-password.k3s")
    store.delete(REMOVALS + name)
