"""How k3s takes its settings: flags of the unit, then config.yaml, then K3S_* of the environment.

Models pkg/configfilearg and pkg/cli/cmds of k3s-io/k3s: an unknown key or flag ends the program, so does a key of servers
on an agent; flags count before the files, later files (config.yaml.d) before earlier ones, files before the environment. Only keys that a plan or an old unit uses are
known here, which is stricter than k3s.
"""

import glob
import os
import sys

import yaml

CONFIG = "/etc/rancher/k3s/config.yaml"
BOTH = {"token", "token-file", "node-name", "node-ip", "docker", "server", "data-dir", "node-label", "kubelet-arg", "private-registry"}
SERVER = {"datastore-endpoint", "datastore-cafile", "datastore-certfile", "datastore-keyfile", "https-listen-port", "tls-san", "disable",
          "cluster-cidr", "service-cidr", "flannel-backend", "write-kubeconfig-mode", "service-node-port-range", "kube-apiserver-arg",
          "cluster-init", "etcd-arg", "etcd-expose-metrics", "etcd-disable-snapshots", "etcd-snapshot-schedule-cron", "etcd-snapshot-retention"}
LISTS = {"tls-san", "disable", "node-label", "kubelet-arg", "kube-apiserver-arg", "etcd-arg"}
BOOLEANS = {"docker", "cluster-init", "etcd-expose-metrics", "etcd-disable-snapshots"}
VARIABLES = {"K3S_TOKEN": "token", "K3S_TOKEN_FILE": "token-file", "K3S_URL": "server", "K3S_NODE_NAME": "node-name",
             "K3S_DATASTORE_ENDPOINT": "datastore-endpoint", "K3S_DATASTORE_CAFILE": "datastore-cafile",
             "K3S_DATASTORE_CERTFILE": "datastore-certfile", "K3S_DATASTORE_KEYFILE": "datastore-keyfile",
             "K3S_KUBECONFIG_MODE": "write-kubeconfig-mode", "K3S_CLUSTER_INIT": "cluster-init"}


def fatal(message):
    print(f'level=fatal msg="{message}"', file=sys.stderr, flush=True)
    sys.exit(1)


def flags(arguments, known):
    found, rest = {}, list(arguments)
    while rest:
        word = rest.pop(0)
        key, equals, value = word.removeprefix("--").partition("=")
        if not word.startswith("--") or key not in known:
            fatal(f"flag provided but not defined: {word}")
        if not equals:
            value = True if key in BOOLEANS else rest.pop(0)
        if key in LISTS:
            found.setdefault(key, []).extend(value.split(","))
        else:
            found[key] = value
    return found


def settings(role, arguments):
    known = BOTH | (SERVER if role == "server" else set())
    content = {}
    for path in [CONFIG, *sorted(glob.glob(f"{CONFIG}.d/*.yaml"))]:
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                content |= yaml.safe_load(file) or {}
    for key in content:
        if key not in known:
            fatal(f"flag provided but not defined: -{key}")
        if (key in LISTS) != isinstance(content[key], list):
            fatal(f"{CONFIG}: {key} has the wrong shape")
    variables = {key: os.environ[name] for name, key in VARIABLES.items() if key in known and os.environ.get(name)}
    merged = variables | content | flags(arguments, known)
    # One source of the token silences the others, in the same order.
    for place in (flags(arguments, known), content):
        if "token-file" in place and "token" not in place:
            merged.pop("token", None)
            break
    return merged


def full_token(values):
    """The token as it was given: in its full form, which pins the authority, or in its short one."""
    text = values.get("token")
    if not text and values.get("token-file"):
        with open(values["token-file"], encoding="utf-8") as file:
            text = file.read().strip()
    return text or ""


def token(values):
    """The password alone."""
    return full_token(values).rpartition(":")[2]
