"""Kubeconfigs in their real shape: whom they lead to, and with which certificate. Does not know what is asked there.

Models k8s.io/client-go tools/clientcmd: clusters, contexts and users are lists of names; data counts before files.
"""

import base64
import os
import ssl
import tempfile

import yaml

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Broken(Exception):
    pass


def read(path):
    with open(path, encoding="utf-8") as file:
        return yaml.load(file, LOADER) or {}


def write(path, config):
    """Keeps the mode of a file that is there: a kubeconfig is a secret."""
    mode = os.stat(path).st_mode & 0o777 if os.path.exists(path) else 0o600
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w", encoding="utf-8") as file:
        file.write(yaml.safe_dump(config, width=1000000))


def new(server, authority, cluster, user, credentials):
    """`credentials` are what stands under the user's name."""
    context = f"{user}@{cluster}"
    data = base64.b64encode(authority.encode()).decode()
    return {"apiVersion": "v1", "kind": "Config", "preferences": {}, "current-context": context,
            "clusters": [{"name": cluster, "cluster": {"certificate-authority-data": data, "server": server}}],
            "contexts": [{"name": context, "context": {"cluster": cluster, "user": user}}],
            "users": [{"name": user, "user": credentials}]}


def named(config, kind, name):
    for each in config.get(kind) or []:
        if each["name"] == name:
            return each[kind.removesuffix("s")]
    raise Broken(f'error: {kind.removesuffix("s")} "{name}" does not exist')


def set_server(config, name, server):
    """`kubectl config set-cluster NAME --server=...`: a cluster that is not there is made."""
    clusters = config.setdefault("clusters", [])
    for each in clusters:
        if each["name"] == name:
            each["cluster"]["server"] = server
            break
    else:
        clusters.append({"name": name, "cluster": {"server": server}})


def current(config):
    """(cluster, user) of the current context."""
    if not config.get("current-context"):
        raise Broken("error: current-context must exist in order to minify")
    context = named(config, "contexts", config["current-context"])
    return named(config, "clusters", context["cluster"]), named(config, "users", context["user"])


def text(holder, key):
    """What lies in `KEY-data`, or in the file that `KEY` names."""
    if holder.get(f"{key}-data"):
        return base64.b64decode(holder[f"{key}-data"]).decode()
    if holder.get(key):
        with open(holder[key], encoding="utf-8") as file:
            return file.read()
    return None


def tls(cluster, user):
    """Trusts the cluster's authority alone, and shows the user's certificate."""
    context = ssl.create_default_context(cadata=text(cluster, "certificate-authority"))
    certificate, key = text(user, "client-certificate"), text(user, "client-key")
    if certificate:
        with tempfile.NamedTemporaryFile("w") as file:
            file.write(certificate + (key or ""))
            file.flush()
            context.load_cert_chain(file.name)
    return context
