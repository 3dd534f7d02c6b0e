"""The objects of the management cluster, as files on the workstation: what a person made lies below /var/lib, what the operator made
below /run, so that a rollback is held to the first and not to the second.
"""

import contextlib
import fcntl
import json
import os

MADE, RUNTIME = "/var/lib/management-cluster", "/run/management-cluster"
# Kinds that come and go with operations. An operation that ran stays on record.
OPERATORS = ("clusteroperations.kubean.io", "jobs")


def place(kind, namespace, name):
    return os.path.join(RUNTIME if kind in OPERATORS else MADE, namespace or "_", kind, f"{name}.json")


@contextlib.contextmanager
def locked():
    os.makedirs(RUNTIME, exist_ok=True)
    with open(f"{RUNTIME}/lock", "w", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def get(kind, namespace, name):
    try:
        with open(place(kind, namespace, name), encoding="utf-8") as file:
            return json.load(file)
    except FileNotFoundError:
        return None


def put(kind, namespace, name, item):
    path = place(kind, namespace, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path + ".new", "w", encoding="utf-8") as file:
        json.dump(item, file, indent=1)
    # Whoever writes it: an object knows no umask.
    os.chmod(path + ".new", 0o644)
    os.rename(path + ".new", path)


def delete(kind, namespace, name):
    with contextlib.suppress(FileNotFoundError):
        os.unlink(place(kind, namespace, name))


def listed(kind, namespace):
    folder = os.path.dirname(place(kind, namespace, "x"))
    names = sorted(name.removesuffix(".json") for name in os.listdir(folder) if name.endswith(".json")) if os.path.isdir(folder) else []
    return [get(kind, namespace, name) for name in names]
