"""kubectl in front of the management cluster: the calls that plans make about kubean's objects, and no other.

Models kubectl and the API server in what a plan can notice: `create` of what is there fails, a dry run of the client changes nothing, kubean's
admission refuses a second operation. The objects are those of store.py.
"""

import json
import os
import subprocess
import sys
import time

import yaml

import jsonpath
import store

KINDS = {
    "configmap": "configmaps", "cm": "configmaps", "secret": "secrets", "deployment": "deployments", "deploy": "deployments", "namespace": "namespaces", "ns": "namespaces",
    "clusteroperation": "clusteroperations.kubean.io", "clusteroperations": "clusteroperations.kubean.io",
    "cluster": "clusters.kubean.io", "clusters": "clusters.kubean.io", "job": "jobs", "manifests.kubean.io": "manifests.kubean.io",
    "crd": "customresourcedefinitions",
}
PLURALS = set(KINDS.values())
CLUSTER_WIDE = ("clusteroperations.kubean.io", "clusters.kubean.io", "namespaces", "manifests.kubean.io", "customresourcedefinitions")
# Fields of an operation that a plan may write; the API prunes or, with strict validation, refuses others.
CALL = {"actionType", "action", "actionSource", "actionSourceRef", "extraArgs"}
OPERATION = CALL | {"cluster", "image", "preHook", "postHook", "resources", "activeDeadlineSeconds"}


class Refused(Exception):
    pass


def kind_of(word):
    kind = KINDS.get(word.lower(), word.lower())
    if kind not in PLURALS:
        raise Refused(f'error: the server doesn\'t have a resource type "{word}"')
    return kind


def namespace_of(kind, options):
    return None if kind in CLUSTER_WIDE else options.get("-n", "default")


def documents(options):
    path = options.get("-f")
    if not path:
        raise Refused("error: must specify one of -f and -k")
    text = sys.stdin.read() if path == "-" else open(path, encoding="utf-8").read()
    try:
        return [each for each in yaml.safe_load_all(text) if each]
    except yaml.YAMLError as error:
        raise Refused(f"error: error parsing {path}: {error}") from error


def show(item, options, name):
    form = options.get("-o", "")
    if form.startswith("jsonpath="):
        print(jsonpath.printed(item, form.removeprefix("jsonpath=")), end="")
    elif form == "yaml":
        print(yaml.safe_dump(item, sort_keys=False), end="")
    elif form == "json":
        print(json.dumps(item, indent=4))
    elif form == "name":
        print("\n".join(f"{each}" for each in name))
    elif form == "":
        print("\n".join(["NAME", *name]))
    else:
        raise Refused(f"the stand-in for kubectl does not print the form {form!r}")


def get(words, options):
    if words[0].count("/") == 1:
        words = words[0].split("/") + words[1:]
    kind = kind_of(words[0])
    namespace = namespace_of(kind, options)
    if len(words) == 1:
        items = store.listed(kind, namespace)
        return show({"apiVersion": "v1", "kind": "List", "items": items}, options, [each["metadata"]["name"] for each in items])
    if len(words) > 2:
        raise Refused("the stand-in for kubectl gets one object by name")
    item = store.get(kind, namespace, words[1])
    if item is None:
        if "--ignore-not-found" in options:
            return None
        raise Refused(f'Error from server (NotFound): {kind} "{words[1]}" not found')
    return show(item, options, [words[1]])


def create(words, options):
    if words[:1] == ["configmap"]:
        items = [config_map(words[1], options)]
    elif words:
        raise Refused(f"the stand-in for kubectl does not create {words[0]}")
    else:
        items = documents(options)
    for item in items:
        dry = options.get("--dry-run")
        if dry not in (None, "client"):
            raise Refused(f"the stand-in for kubectl does not know --dry-run={dry}")
        if not dry:
            put(item, options, "created", fresh=True)
        elif "-o" in options:
            show(item, options, [item["metadata"]["name"]])


def config_map(name, options):
    data = {}
    for each in options.get("--from-file", []):
        key, _, path = each.partition("=")
        with open(path, encoding="utf-8") as file:
            data[key] = file.read()
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": options.get("-n", "default")}, "data": data}


def put(item, options, done, fresh):
    kind = kind_of({"ConfigMap": "configmap", "ClusterOperation": "clusteroperation", "Cluster": "cluster", "Secret": "secret"}.get(item.get("kind"), item.get("kind", "")))
    name = item["metadata"]["name"]
    namespace = None if kind in CLUSTER_WIDE else item["metadata"].get("namespace") or options.get("-n", "default")
    with store.locked():
        before = store.get(kind, namespace, name)
        if before is not None and fresh:
            raise Refused(f'Error from server (AlreadyExists): error when creating "{options.get("-f")}": {kind} "{name}" already exists')
        if kind == "clusteroperations.kubean.io":
            item = admitted(item, before)
        elif kind == "configmaps":
            wrong = [key for key, value in (item.get("data") or {}).items() if not isinstance(value, str)]
            if wrong:
                raise Refused(f'Error from server (BadRequest): ConfigMap in version "v1" cannot be handled as a ConfigMap: data.{wrong[0]} is no string')
            item = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": namespace}, "data": item.get("data") or {}}
        # The operator is there before the object is, so that an interrupted command leaves nothing that nobody takes up.
        if kind == "clusteroperations.kubean.io" and before is None:
            start_operator(name)
        store.put(kind, namespace, name, item)
    print(f"{kind.partition('.')[0].removesuffix('s')}/{name} {done}")


def admitted(item, before):
    """What the schema and kubean's webhook say."""
    spec, name = item["spec"], item["metadata"]["name"]
    unknown = set(spec) - OPERATION
    for hook in [*spec.get("preHook", []), *spec.get("postHook", [])]:
        unknown |= set(hook) - CALL
    if unknown:
        raise Refused(f'Error from server (BadRequest): strict decoding error: unknown field "spec.{sorted(unknown)[0]}"')
    if before is None:
        others = [each for each in store.listed("clusteroperations.kubean.io", None) if each["spec"]["cluster"] == spec["cluster"]]
        busy = [each["metadata"]["name"] for each in others if each.get("status", {}).get("status", "") in ("", "Running")]
        if busy:
            raise Refused(f'Error from server: admission webhook "vclusteroperation.kubean.io" denied the request: {busy[0]} is running')
        item["metadata"]["creationTimestamp"] = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        item["metadata"]["uid"] = f"uid-of-{name}-{time.time_ns()}"
        return item
    return item | {"status": before.get("status", {}), "metadata": before["metadata"] | item["metadata"]}


def start_operator(name):
    """It watches for as long as the world stands; here it wakes up when there is something to do."""
    with open("/run/management-cluster/operator.log", "ab") as log:
        subprocess.Popen(["/usr/bin/python3", "-B", "/stand-ins/kubean/controller.py", name], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                         start_new_session=True, cwd="/")


def logs(words, options):
    kind, _, name = words[0].partition("/")
    path = f"/run/management-cluster/jobs/{name}/log"
    if kind != "job" or not os.path.exists(path):
        raise Refused(f'Error from server (NotFound): {words[0]} not found')
    with open(path, encoding="utf-8", errors="replace") as file:
        lines = file.read().splitlines()
    print("\n".join(lines[-int(options.get("--tail", "1000000")):]))


def delete(words, options):
    if words[0].count("/") == 1:
        words = words[0].split("/")
    kind = kind_of(words[0])
    for name in words[1:]:
        if store.get(kind, namespace_of(kind, options), name) is None:
            if "--ignore-not-found" in options:
                continue
            raise Refused(f'Error from server (NotFound): {kind} "{name}" not found')
        store.delete(kind, namespace_of(kind, options), name)
        print(f'{kind} "{name}" deleted')


WITH_VALUE = {"-o", "-n", "-f", "--tail", "--from-file"}
LONG = {"--output": "-o", "--namespace": "-n", "--filename": "-f"}
PLAIN = {"--ignore-not-found", "--server-side", "--force-conflicts", "--dry-run", "--no-headers", "--validate", "--field-manager", "--raw", "-i", "--kubeconfig", "--request-timeout", "--timestamps"}


def parse(arguments):
    words, options, rest = [], {}, list(arguments)
    while rest:
        word = rest.pop(0)
        if not word.startswith("-") or word == "-":
            words.append(word)
            continue
        key, equals, value = word.partition("=")
        key = LONG.get(key, key)
        if key not in WITH_VALUE | PLAIN:
            raise Refused(f"unknown flag: {word}")
        if not equals and key in WITH_VALUE:
            value = rest.pop(0)
        if key == "--from-file":
            options.setdefault(key, []).append(value)
        else:
            options[key] = value if equals or value else True
    return words, options


def main(arguments):
    try:
        words, options = parse(arguments)
        verb = words.pop(0)
        if verb == "get" and "--raw" in options:
            print("ok", end="")
        elif verb == "get":
            get(words, options)
        elif verb == "create":
            create(words, options)
        elif verb == "apply":
            for item in documents(options):
                put(item, options, "serverside-applied" if "--server-side" in options else "applied", fresh=False)
        elif verb == "logs":
            logs(words, options)
        elif verb == "delete":
            delete(words, options)
        else:
            raise Refused(f"the stand-in for kubectl does not know: {' '.join(arguments)}")
    except (Refused, jsonpath.BadPath) as error:
        sys.exit(str(error))
    except (IndexError, KeyError, FileNotFoundError) as error:
        sys.exit(f"{type(error).__name__}: {error}")
