"""Objects that kubectl shows as they are: ConfigMaps, Endpoints, DaemonSets, Deployments; and the rollouts of the latter two.

Models kubectl and the API server: a merge patch (RFC 7386), the version of an object that a patch may name, an annotation that
starts pods anew, and a rollout that has ended when every pod is of the new template and runs.
"""

import datetime
import json
import sys
import time

import yaml

import jsonpath
from kube_client import Refused

KINDS = {"configmap": "configmaps", "configmaps": "configmaps", "cm": "configmaps", "endpoints": "endpoints", "ep": "endpoints",
         "daemonset": "daemonsets", "daemonsets": "daemonsets", "ds": "daemonsets", "lease": "leases", "deployment": "deployments", "deployments": "deployments"}
ROLLED = ("daemonsets", "deployments")


def references(words):
    """`KIND NAME` or `KIND/NAME ...` as (kind, name)."""
    pairs = [word.split("/", 1) for word in words] if "/" in words[0] else [(words[0], name) for name in words[1:]]
    return [(KINDS.get(kind, kind), name) for kind, name in pairs]


def is_known(words, options):
    """The endpoints of the API itself are made of leases."""
    kind = KINDS.get(words[0].split("/")[0])
    return kind is not None and not (kind == "endpoints" and words[1:] == ["kubernetes"])


def path(kind, namespace, name):
    return f"/registry/{kind}/{namespace}/{name}"


def find(client, kind, namespace, name):
    key = path(kind, namespace, name)
    item = json.loads(client.call("GET", key))["objects"].get(key)
    if item is None:
        group = ".apps" if kind in ROLLED else ""
        raise Refused(f'Error from server (NotFound): {kind}{group} "{name}" not found')
    metadata = {"name": name, "namespace": namespace, "resourceVersion": "1", "uid": f"{kind}-{namespace}-{name}"} | item["metadata"]
    return item | {"metadata": dict(sorted(metadata.items()))}


def store(client, kind, item, before):
    """Another version than the one that is there is a conflict; without a version whatever is there is replaced."""
    metadata = item["metadata"]
    if metadata.get("resourceVersion") not in (None, before["metadata"]["resourceVersion"]):
        raise Refused(f'Error from server (Conflict): Operation cannot be fulfilled on {kind} "{metadata["name"]}": the object has been modified; '
                      "please apply your changes to the latest version and try again")
    version = str(time.time_ns()) if {**item, "metadata": None} != {**before, "metadata": None} or annotations(item) != annotations(before) else None
    item = item | {"metadata": metadata | {"resourceVersion": version or before["metadata"]["resourceVersion"]}}
    client.call("PUT", path(kind, metadata["namespace"], metadata["name"]), item)


def annotations(item):
    return item["metadata"].get("annotations")


def got(client, words, options):
    namespace, form = options.pop("-n", "default"), options.pop("-o", "")
    missing_is_fine = options.pop("--ignore-not-found", False)
    if options:
        raise Refused(f"unknown flag: {options}")
    try:
        items = [find(client, kind, namespace, name) for kind, name in references(words)]
    except Refused as error:
        if missing_is_fine and "(NotFound)" in str(error):
            return ""
        raise
    item = items[0] if len(items) == 1 else {"apiVersion": "v1", "kind": "List", "items": items}
    if form == "json":
        return json.dumps(item, indent=4) + "\n"
    if form.startswith("jsonpath="):
        return jsonpath.printed(item, form.removeprefix("jsonpath="))
    raise Refused(f"the stand-in for kubectl does not print {words} as {form!r}")


def merged(item, change):
    """RFC 7386: null takes away, maps are merged, all else is replaced."""
    if not isinstance(change, dict):
        return change
    result = dict(item) if isinstance(item, dict) else {}
    for key, value in change.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key), value)
    return result


def read(file):
    if file in ("-", "/dev/stdin"):
        return sys.stdin.read()
    with open(file, encoding="utf-8") as content:
        return content.read()


def patch(client, words, options):
    namespace = options.pop("-n", "default")
    text = options.pop("-p") if "-p" in options else read(options.pop("--patch-file"))
    if options != {"--type": "merge"}:
        raise Refused(f"the stand-in for kubectl knows merge patches alone: {options}")
    [(kind, name)] = references(words)
    before = find(client, kind, namespace, name)
    change = json.loads(text)
    if change.get("metadata", {}).get("name", name) != name:
        raise Refused("error: the name from the provided object does not match the name on the URL")
    after = merged(before, change)
    store(client, kind, after, before)
    print(f"{words[0].split('/')[0]}/{name} patched{'' if after != before else ' (no change)'}")


def replace(client, words, options):
    item = yaml.safe_load(read(options.pop("-f")))
    if options or words:
        raise Refused(f"the stand-in for kubectl does not know: replace {words} {options}")
    kind, metadata = KINDS.get(item["kind"].lower(), item["kind"]), item["metadata"]
    store(client, kind, item, find(client, kind, metadata["namespace"], metadata["name"]))
    print(f"{item['kind'].lower()}/{metadata['name']} replaced")


def create(client, words, options):
    """`create configmap NAME --from-file=KEY=PATH --dry-run=client -o json`: nothing is asked of the server."""
    namespace, given = options.pop("-n", "default"), options.pop("--from-file", "")
    key, equals, file = given.partition("=")
    if words[:1] != ["configmap"] or len(words) != 2 or not equals or options != {"--dry-run": "client", "-o": "json"}:
        raise Refused(f"the stand-in for kubectl does not create {words} {options}")
    metadata = {"name": words[1], "namespace": namespace, "creationTimestamp": None}
    print(json.dumps({"kind": "ConfigMap", "apiVersion": "v1", "metadata": metadata, "data": {key: read(file)}}, indent=4))


def restart(client, words, options):
    """Twice within one second is refused, since the annotation would be the same."""
    namespace = options.pop("-n", "default")
    if options:
        raise Refused(f"unknown flag: {options}")
    moment = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    for kind, name in references(words):
        before = find(client, kind, namespace, name)
        change = {"spec": {"template": {"metadata": {"annotations": {"kubectl.kubernetes.io/restartedAt": moment}}}}}
        after = merged(before, change)
        if after == before:
            raise Refused("error: if restart has already been triggered within the past second, please wait before attempting to trigger another")
        store(client, kind, after, before)
        print(f"{kind.removesuffix('s')}.apps/{name} restarted")


def status(client, words, options):
    namespace, limit = options.pop("-n", "default"), options.pop("--timeout", "0s")
    [(kind, name)] = references(words)
    if options or kind not in ROLLED:
        raise Refused(f"the stand-in for kubectl does not know: rollout status {words} {options}")
    seconds = int(limit[:-1]) * {"s": 1, "m": 60, "h": 3600}[limit[-1]]
    until = time.monotonic() + (seconds or 3600)
    while True:
        waiting = unfinished(client, kind, namespace, name)
        if not waiting:
            named = "daemon set" if kind == "daemonsets" else "deployment"
            return print(f'{named} "{name}" successfully rolled out')
        if time.monotonic() > until:
            raise Refused("error: timed out waiting for the condition")
        print(f"Waiting for {kind} {name!r} rollout to finish: {len(waiting)} pods are not up to date and running...", flush=True)
        time.sleep(1)


def unfinished(client, kind, namespace, name):
    """The pods that are of an older template, do not run, or are not there yet."""
    workload, state = find(client, kind, namespace, name), client.state()
    template = json.dumps(workload["spec"]["template"], sort_keys=True)
    pods = {key: pod for key, pod in state.under(f"/registry/pods/{namespace}/") if pod.get("workload") == name}
    wanted = len(state.under("/registry/minions/")) if kind == "daemonsets" else 1
    late = [key for key, pod in pods.items() if pod["template"] != template or pod["phase"] != "Running"]
    return late or ["a pod that is to come"] * max(0, wanted - len(pods))
