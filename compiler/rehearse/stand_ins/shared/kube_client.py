"""kubectl in small, for the workstation (`kubectl`) and for `k3s kubectl`: exactly the calls that plans make, and no other.

Models kubectl's words, exit codes and order of work; `--request-timeout` and `--server` count, the kubeconfig is JSON. TLS is
verified against the cluster's authority for the address that was asked for. Anything that it does not know ends with 1.
"""

import http.client
import json
import os
import ssl
import sys
import time
import urllib.parse

import jsonpath
import kube_config_maps
import kube_objects


class Refused(Exception):
    pass


def parse(arguments):
    """(plain words, {option: value}, what stands behind `--`)."""
    with_value = {"-o", "-n", "-f", "-l", "--output", "--namespace"}
    words, options, rest = [], {}, list(arguments)
    while rest:
        word = rest.pop(0)
        if word == "--":
            return words, options, rest
        if not word.startswith("-"):
            words.append(word)
            continue
        key, equals, value = word.partition("=")
        if not equals and (key in with_value or key in ("--kubeconfig", "--server", "--request-timeout", "--timeout")):
            value = rest.pop(0)
        options[{"--output": "-o", "--namespace": "-n"}.get(key, key)] = value if equals or value else True
    return words, options, []


class Client:
    def __init__(self, options, kubeconfig):
        self.path = options.pop("--kubeconfig", None) or os.environ.get("KUBECONFIG") or os.path.expanduser(kubeconfig)
        self.server = options.pop("--server", None)
        limit = options.pop("--request-timeout", "0")
        self.limit = int(limit.removesuffix("s")) or None

    def config(self):
        with open(self.path, encoding="utf-8") as file:
            return json.load(file)

    def current(self):
        config = self.config()
        return config["clusters"][config["contexts"][config["current-context"]]]

    def call(self, method, path, body=None):
        cluster = self.current()
        url = urllib.parse.urlsplit(self.server or cluster["server"])
        tls = ssl.create_default_context(cadata=cluster["ca"])
        connection = http.client.HTTPSConnection(url.hostname, url.port, timeout=self.limit or 30, context=tls)
        try:
            connection.request(method, path, json.dumps(body) if body is not None else None, {"Authorization": f"Bearer {cluster['token']}"})
            answer = connection.getresponse()
            content = answer.read().decode()
        except (OSError, http.client.HTTPException) as error:
            raise Refused(f"Unable to connect to the server: {error}") from error
        finally:
            connection.close()
        if answer.status != 200:
            raise Refused(f"Error from server: {answer.status} {content}")
        return content

    def state(self):
        return kube_objects.State(json.loads(self.call("GET", "/state")))


def get(client, words, options):
    if "--raw" in options:
        print(client.call("GET", options["--raw"]), end="")
        return
    kind = {"node": "nodes", "ep": "endpoints", "cm": "configmaps", "configmap": "configmaps", "namespace": "namespaces"}.get(words[0], words[0])
    if kind in ("configmaps", "namespaces"):
        print(kube_config_maps.got(client, kind, words, options), end="")
        return
    everywhere = options.pop("-A", False)
    if kind == "endpoints" and options.get("-n") == "default":
        options.pop("-n")
    plain = options.pop("--no-headers", False)
    missing_is_fine = options.pop("--ignore-not-found", False)
    items = client.state().items(kind)
    if kind == "pods" and not everywhere:
        items = [item for item in items if item["metadata"]["namespace"] == options.get("-n", "default")]
        options.pop("-n", None)
    if kind == "endpoints" and words[1:] != ["kubernetes"]:
        raise Refused("the stand-in knows `get endpoints kubernetes` alone")
    if kind == "nodes" and words[1:]:
        items = [item for item in items if item["metadata"]["name"] == words[1]]
        if not items and not missing_is_fine:
            raise Refused(f'Error from server (NotFound): nodes "{words[1]}" not found')
    if kind in ("pods", "nodes"):
        items = kube_objects.labelled(items, options.pop("-n", None) if kind == "pods" else None, options.pop("-l", ""))
    for selector in filter(None, options.pop("--field-selector", "").split(",")):
        items = kube_objects.selected(items, selector)
    form = options.pop("-o", "")
    if kind == "nodes" and form == "" and options.pop("--show-labels", False):
        form = "labels"
    if options:
        raise Refused(f"unknown flag: {options}")
    if kind == "nodes" and words[1:] and form.startswith("jsonpath="):
        print("".join(jsonpath.printed(item, form.removeprefix("jsonpath=")) for item in items), end="")
        return
    print(kube_objects.formatted(kind, items, form, plain), end="")


def node_of(client, name):
    found = [item for item in client.state().items("nodes") if item["metadata"]["name"] == name]
    if not found:
        raise Refused(f'Error from server (NotFound): nodes "{name}" not found')
    return found[0]


def cordon(client, name, unschedulable):
    """A record of its own: the node's heartbeat, which writes the node anew every two seconds, cannot take it back."""
    path = kube_objects.CORDONS + name
    if unschedulable:
        client.call("PUT", path, {})
    else:
        client.call("DELETE", path)


def mark(client, verb, words, options):
    """`label` and `taint`: a record of its own as well. What is there already is refused, but to --overwrite."""
    kind, name, *given = words
    if kind != "node" or not given or set(options) - {"--overwrite"}:
        raise Refused(f"the stand-in for kubectl does not know: {verb} {words} {options}")
    node = node_of(client, name)
    marks = client.state().marks(name)
    for each in given:
        if each.endswith("-") and "=" not in each:
            unmark(verb, name, node, marks, each[:-1])
            continue
        key, equals, value = each.partition("=")
        if not equals or not key or (verb == "taint") != (":" in value):
            raise Refused(f"error: {each} is no {verb}")
        if verb == "label":
            if node["metadata"]["labels"].get(key, value) != value and "--overwrite" not in options:
                raise Refused(f"error: '{key}' already has a value, and --overwrite is false")
            marks["labels"][key] = value
        else:
            value, _, effect = value.rpartition(":")
            if any((taint["key"], taint["effect"]) == (key, effect) for taint in node["spec"].get("taints", [])) and "--overwrite" not in options:
                raise Refused(f"error: node {name} already has {key} taint(s) with same effect(s) and --overwrite is false")
            others = [taint for taint in marks["taints"] if (taint["key"], taint["effect"]) != (key, effect)]
            marks["taints"] = [*others, {"key": key, "effect": effect} | ({"value": value} if value else {})]
    client.call("PUT", kube_objects.MARKS + name, marks)
    print(f"node/{name} {verb}ed")


def unmark(verb, name, node, marks, key):
    """A label that is not there is no error, a taint is one."""
    if verb == "label":
        if marks["labels"].pop(key, None) is None:
            print(f'label "{key}" not found.')
        return
    kept = [taint for taint in marks["taints"] if taint["key"] != key]
    if len(kept) == len(marks["taints"]):
        raise Refused(f'error: taint "{key}" not found')
    marks["taints"] = kept


def drain(client, words, options):
    [name] = words
    node_of(client, name)
    cordon(client, name, True)
    print(f"node/{name} cordoned")
    pods = client.state().pods_on(name)
    for key, pod in pods:
        kind = pod.get("owner")
        if kind == "DaemonSet" and "--ignore-daemonsets" not in options:
            raise Refused(f"error: unable to drain node: cannot delete DaemonSet-managed Pods: {key}")
        if kind is None and "--force" not in options:
            raise Refused(f"error: unable to drain node: cannot delete Pods that declare no controller: {key}")
        if pod.get("emptyDir") and "--delete-emptydir-data" not in options:
            raise Refused(f"error: unable to drain node: cannot delete Pods with local storage: {key}")
    # A static pod belongs to its node, and goes nowhere.
    for key, pod in [(key, pod) for key, pod in pods if pod.get("owner") not in ("DaemonSet", "Node")]:
        print(f"evicting pod {key}")
        client.call("PUT", key, pod | {"node": client.state().place_for_one(name)})
    print(f"node/{name} drained")


def wait(client, words, options):
    if options.get("--for") != "condition=Ready" or not words[0].startswith("node/"):
        raise Refused("the stand-in knows `wait --for=condition=Ready node/NAME` alone")
    name, until = words[0].removeprefix("node/"), time.monotonic() + int(options["--timeout"].removesuffix("s"))
    node_of(client, name)
    while True:
        if kube_objects.ready(node_of(client, name)) == "True":
            print(f"node/{name} condition met")
            return
        if time.monotonic() > until:
            raise Refused(f"error: timed out waiting for the condition on nodes/{name}")
        time.sleep(0.5)


def delete_secret(client, name, options):
    """Of all secrets only the passwords of k3s's nodes are known here."""
    key = f"/registry/secrets/{options.get('-n', 'default')}/{name}"
    if key in client.state().objects:
        client.call("DELETE", key)
        print(f'secret "{name}" deleted')
    elif "--ignore-not-found" not in options:
        raise Refused(f'Error from server (NotFound): secrets "{name}" not found')


def delete(client, words, options):
    kind, name = words
    if kind == "secret":
        delete_secret(client, name, options)
        return
    if kind != "node":
        raise Refused(f"the stand-in does not delete {kind}")
    try:
        node_of(client, name)
    except Refused:
        if "--ignore-not-found" in options:
            return
        raise
    client.call("DELETE", f"/registry/minions/{name}")
    client.call("DELETE", kube_objects.CORDONS + name)
    client.call("DELETE", kube_objects.MARKS + name)
    for key, _ in client.state().pods_on(name):
        client.call("DELETE", key)
    print(f'node "{name}" deleted')


def config(client, words, options):
    content = client.config()
    if words[0] == "current-context":
        print(content["current-context"])
    elif words[0] == "set-cluster":
        content["clusters"].setdefault(words[1], {})["server"] = client.server
        with open(client.path, "w", encoding="utf-8") as file:
            json.dump(content, file, separators=(",", ":"))
        print(f'Cluster "{words[1]}" set.')
    elif words[0] == "view" and "--raw" in options:
        print(json.dumps(content))
    elif words[0] == "view" and "--minify" in options and options.get("-o", "").startswith("jsonpath={.clusters[0].cluster.server}"):
        minified = {"clusters": [{"cluster": {"server": client.current()["server"]}}]}
        print(jsonpath.printed(minified, options["-o"].removeprefix("jsonpath=")), end="")
    elif words[0] == "view" and options.get("-o") == 'jsonpath={.contexts[?(@.name=="%s")].context.cluster}' % content["current-context"]:
        print(content["contexts"][content["current-context"]], end="")
    else:
        raise Refused(f"the stand-in does not know: config {words} {options}")


def execute(client, words, options, command):
    """The hook of the flagship example: a tool in a pod, whose backups are listed once they were made."""
    state = client.state()
    if options.get("-n") != "uap" or words != ["deployment/backup-ctl"] or command[:1] != ["/tidb-ctl.sh"]:
        raise Refused(f'Error from server (NotFound): {words} not found')
    if command[1:] == ["backup-and-save"]:
        client.call("PUT", "/registry/tidb", {"backups": ["tidb-backup-1.tar"]})
        print("saved")
    else:
        print("\n".join(state.objects.get("/registry/tidb", {"backups": []})["backups"]))


def main(arguments, kubeconfig):
    words, options, command = parse(arguments)
    client = Client(options, kubeconfig)
    try:
        verb = words.pop(0)
        if verb == "get":
            get(client, words, options)
        elif verb == "exec":
            execute(client, words, options, command)
        elif verb in ("cordon", "uncordon"):
            node_of(client, words[0])
            cordon(client, words[0], verb == "cordon")
            print(f"node/{words[0]} {verb}ed")
        elif verb in ("label", "taint"):
            mark(client, verb, words, options)
        elif verb in ("create", "apply"):
            {"create": kube_config_maps.create, "apply": kube_config_maps.apply}[verb](client, words, options)
        elif verb in ("drain", "wait", "delete", "config"):
            {"drain": drain, "wait": wait, "delete": delete, "config": config}[verb](client, words, options)
        else:
            raise Refused(f"the stand-in for kubectl does not know: {' '.join(arguments)}")
    except (Refused, kube_config_maps.Refused, jsonpath.BadPath) as error:
        sys.exit(str(error))
    except (IndexError, KeyError, ValueError, FileNotFoundError) as error:
        sys.exit(f"{type(error).__name__}: {error}")
