"""`kubectl rolling-update OLD -f NEW` of 1.2: one controller grows while the other shrinks, and the old one is deleted at the end.

Models pkg/kubectl/rolling_updater.go of Kubernetes 1.2: another name and at least one other value of a label are asked for; whoever was
interrupted may go on where the new controller says that it came of the old one; nobody waits for longer than five minutes.
"""

import re
import time

from api import Answered, is_ready, selects

SOURCE = "kubectl.kubernetes.io/update-source-id"
ORIGINAL = "kubectl.kubernetes.io/original-replicas"
DESIRED = "kubectl.kubernetes.io/desired-replicas"
# `--timeout`, for each change of a controller.
LIMIT_SECONDS = 300


class Refused(Exception):
    pass


def seconds(text):
    found = re.fullmatch(r"(\d+)(s|m)", text)
    if not found:
        raise Refused(f'invalid argument "{text}" for --update-period')
    return int(found.group(1)) * {"s": 1, "m": 60}[found.group(2)]


def controller(api, namespace, name):
    item = api.get("replicationcontrollers", namespace, name)
    if item is None:
        raise Refused(f'error: replicationcontrollers "{name}" not found')
    return item


def changed(api, namespace, name, change):
    """Writes what `change` makes of the controller; whoever wrote in between is asked for again."""
    while True:
        item = controller(api, namespace, name)
        change(item)
        try:
            return api.replace("replicationcontrollers", namespace, item)
        except Answered as answer:
            if answer.status != 409:
                raise


def scaled(api, namespace, name, count):
    item = changed(api, namespace, name, lambda item: item["spec"].update(replicas=count))
    until = time.monotonic() + LIMIT_SECONDS
    while controller(api, namespace, name).get("status", {}).get("replicas") != count:
        if time.monotonic() > until:
            raise Refused("error: timed out waiting for the condition")
        time.sleep(0.5)
    return item


def ready(api, namespace, item):
    pods = [pod for pod in api.items("pods", namespace) if selects(item["spec"]["selector"], pod["metadata"].get("labels", {}))]
    return sum(pod.get("status", {}).get("phase") == "Running" and is_ready(pod) for pod in pods)


def begun(api, namespace, old, item):
    """The new controller: made now, or by somebody who was interrupted."""
    name, source = item["metadata"]["name"], f"{old['metadata']['name']}:{old['metadata']['uid']}"
    found = api.get("replicationcontrollers", namespace, name)
    if found is None:
        print(f"Created {name}", flush=True)
        desired = item["spec"]["replicas"]
        annotations = item["metadata"].get("annotations", {}) | {SOURCE: source, DESIRED: str(desired)}
        fresh = item | {"metadata": item["metadata"] | {"annotations": annotations}, "spec": item["spec"] | {"replicas": 0}}
        return api.create("replicationcontrollers", namespace, fresh)
    if found["metadata"].get("annotations", {}).get(SOURCE) != source:
        raise Refused(f"error: Missing/unexpected annotations for controller {name}, expected {SOURCE} : {source}")
    print(f"Found existing update in progress ({name}), resuming.", flush=True)
    return found


def update(api, namespace, name, item, period):
    old, new_name = controller(api, namespace, name), item["metadata"]["name"]
    if item.get("kind") != "ReplicationController":
        raise Refused("error: the file does not specify a valid ReplicationController")
    if item["metadata"].get("namespace", namespace) != namespace:
        raise Refused("error: the namespace of the file is not the one of the request")
    if new_name == name:
        raise Refused(f"error: {name} cannot have the same name as the existing ReplicationController {name}")
    if all(item["spec"]["selector"].get(key, value) == value for key, value in old["spec"]["selector"].items()):
        raise Refused(f"error: the file must specify a matching key with non-equal value in Selector for {name}")
    new = begun(api, namespace, old, item)
    changed(api, namespace, name, lambda each: each["metadata"].setdefault("annotations", {}).setdefault(ORIGINAL, str(old["spec"]["replicas"])))
    desired = int(new["metadata"]["annotations"][DESIRED])
    while new["spec"]["replicas"] < desired or old["spec"]["replicas"] > 0:
        if new["spec"]["replicas"] < desired:
            print(f"Scaling {new_name} up to {new['spec']['replicas'] + 1}", flush=True)
            new = scaled(api, namespace, new_name, new["spec"]["replicas"] + 1)
        until = time.monotonic() + LIMIT_SECONDS
        while ready(api, namespace, new) < new["spec"]["replicas"]:
            if time.monotonic() > until:
                raise Refused("error: timed out waiting for any update progress to be made")
            time.sleep(0.5)
        time.sleep(period)
        if old["spec"]["replicas"] > 0:
            print(f"Scaling {name} down to {old['spec']['replicas'] - 1}", flush=True)
            old = scaled(api, namespace, name, old["spec"]["replicas"] - 1)
    print(f"Update succeeded. Deleting {name}", flush=True)
    changed(api, namespace, new_name, lambda each: [each["metadata"]["annotations"].pop(key, None) for key in (SOURCE, DESIRED)])
    api.delete("replicationcontrollers", namespace, name)
    print(f'replicationcontroller "{name}" rolling updated to "{new_name}"')
