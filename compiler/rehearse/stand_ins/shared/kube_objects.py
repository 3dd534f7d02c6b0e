"""Objects of the cluster as kubectl prints them: made from the state in etcd, in the shape of the real API.

Endpoints come in no order that a caller may rely on; here they are turned round, so that a plan that relies on one fails.
"""

import re
import sys

import jsonpath

CORDONS = "/registry/cordons/"
# Labels and taints that somebody gave a node.
MARKS = "/registry/marks/"


class State:
    def __init__(self, content):
        self.now, self.alive, self.objects = content["now"], content["alive"], content["objects"]

    def under(self, prefix):
        return sorted((key, value) for key, value in self.objects.items() if key.startswith(prefix))

    def pods_on(self, name):
        return [(key, pod) for key, pod in self.under("/registry/pods/") if pod["node"] == name]

    def marks(self, name):
        return {"labels": {}, "taints": []} | self.objects.get(MARKS + name, {})

    def place_for_one(self, leaving):
        places = [item["metadata"]["name"] for item in self.items("nodes") if not item["spec"].get("unschedulable") and ready(item) == "True"]
        places = [name for name in places if name != leaving]
        if not places:
            sys.exit("error when evicting pods: no node takes them")
        return min(places, key=lambda name: len(self.pods_on(name)))

    def items(self, kind):
        if kind == "nodes":
            return [self.node(key.rpartition("/")[2], value) for key, value in self.under("/registry/minions/")]
        if kind == "pods":
            return [pod(key, value) for key, value in self.under("/registry/pods/")]
        if kind == "pv":
            return [volume(key, value) for key, value in self.under("/registry/persistentvolumes/")]
        if kind == "endpoints":
            leases = self.under("/registry/masterleases/")
            alive = [{"ip": key.rpartition("/")[2]} for key, value in leases if value["until"] > self.now]
            return [{"metadata": {"name": "kubernetes"}, "subsets": [{"addresses": alive[::-1]}]}]
        sys.exit(f'error: the server doesn\'t have a resource type "{kind}"')

    def node(self, name, value):
        status = "True" if value["seen"] > self.now - self.alive else "Unknown"
        spec = {"unschedulable": True} if CORDONS + name in self.objects else {}
        marks = self.marks(name)
        taints = [*value.get("taints", []), *marks["taints"]]
        if taints:
            spec["taints"] = taints
        labels = {"kubernetes.io/hostname": name, "kubernetes.io/os": "linux"} | {f"node-role.kubernetes.io/{role}": "" for role in value["roles"]} | value.get("labels", {}) | marks["labels"]
        given = {key.rpartition("/")[2] for key in marks["labels"] if key.startswith("node-role.kubernetes.io/")}
        return {"metadata": {"name": name, "labels": labels, "annotations": value.get("annotations", {})}, "spec": spec, "roles": [*value["roles"], *sorted(given - set(value["roles"]))],
                "status": {"addresses": [{"type": "InternalIP", "address": value["ip"]}, {"type": "Hostname", "address": name}], "nodeInfo": {"kubeletVersion": value["version"], "osImage": value.get("os", "")}, "allocatable": {"pods": value.get("pods", "110")},
                           "conditions": [{"type": "Ready", "status": status}]}}


def pod(key, value):
    metadata = {"name": key.rpartition("/")[2], "namespace": key.split("/")[3]}
    if value.get("owner"):
        metadata["ownerReferences"] = [{"kind": value["owner"]}]
    metadata["labels"] = value.get("labels", {})
    containers = [{"command": value["command"]}] if value.get("command") else []
    return {"metadata": metadata, "spec": {"nodeName": value["node"], "containers": containers}, "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}}


def labelled(items, namespace, selector):
    """Objects of one namespace, where one is asked for, with labels that are equal."""
    wanted = [each.partition("=")[::2] for each in selector.split(",") if each]
    matches = lambda item: all(item["metadata"]["labels"].get(key) == value.lstrip("=") for key, value in wanted)
    return [item for item in items if namespace in (None, item["metadata"].get("namespace")) and matches(item)]


def volume(key, value):
    terms = [{"matchExpressions": [{"key": "kubernetes.io/hostname", "values": [value["node"]]}]}]
    return {"metadata": {"name": key.rpartition("/")[2]}, "spec": {"nodeAffinity": {"required": {"nodeSelectorTerms": terms}}}}


def ready(node):
    return node["status"]["conditions"][0]["status"]


def at(item, path):
    """What lies at a path of custom-columns, `<none>` for nothing; the values under `[*]` stand behind one another with commas."""
    before, every, behind = path.partition("[*]")
    if every:
        found = [at(item, f"{before}[{index}]{behind}") for index in range(99)]
        return ",".join(value for value in found if value != "<none>") or "<none>"
    for name, index in re.findall(r"\.?([A-Za-z]+)|\[(\d+)\]", path):
        try:
            item = item[name] if name else item[int(index)]
        except (KeyError, IndexError):
            return "<none>"
    return str(item).lower() if isinstance(item, bool) else str(item)


def selected(items, selector):
    path, differs, wanted = re.fullmatch(r"([A-Za-z.]+)(!?)==?(.+)", selector).groups()
    if path not in ("spec.nodeName", "status.phase", "spec.unschedulable"):
        sys.exit(f"Error from server (BadRequest): {path} is not a known field selector")
    absent = "false" if path == "spec.unschedulable" else ""
    return [item for item in items if ((at(item, path).replace("<none>", absent)) == wanted) != bool(differs)]


VOLUMES = ('jsonpath={range .items[*]}{.metadata.name}{" "}{.spec.nodeAffinity.required.nodeSelectorTerms[*].matchExpressions[*].values[*]}'
           '{"\\n"}{end}')


def formatted(kind, items, form, plain):
    if form == "name":
        return "".join(f"{kind.removesuffix('s')}/{item['metadata']['name']}\n" for item in items)
    if form.startswith("custom-columns="):
        columns = [column.split(":", 1) for column in form.removeprefix("custom-columns=").split(",")]
        head = [] if plain else [[title for title, _ in columns]]
        return "".join("   ".join(row) + "\n" for row in head + [[at(item, path) for _, path in columns] for item in items])
    if kind == "endpoints" and form == "jsonpath={.subsets[*].addresses[*].ip}":
        return " ".join(address["ip"] for address in items[0]["subsets"][0]["addresses"])
    if kind == "pv" and form == VOLUMES:
        values = [(each["metadata"]["name"], each["spec"]["nodeAffinity"]["required"]["nodeSelectorTerms"][0]["matchExpressions"][0]["values"]) for each in items]
        return "".join(f"{name} {' '.join(nodes)}\n" for name, nodes in values)
    if form.startswith("jsonpath="):
        return jsonpath.printed({"items": items}, form.removeprefix("jsonpath="))
    if form == "labels":
        shown = [",".join(f"{key}={value}" for key, value in item["metadata"]["labels"].items()) for item in items]
        return "".join(f"{row(item)[:-1]}   {labels}\n" for item, labels in zip(items, shown))
    if kind == "nodes" and form == "":
        return ("" if plain else "NAME STATUS ROLES AGE VERSION\n") + "".join(row(item) for item in items)
    sys.exit(f"the stand-in for kubectl does not print {kind} as {form!r}")


def row(item):
    status = "Ready" if ready(item) == "True" else "NotReady"
    if item["spec"].get("unschedulable"):
        status += ",SchedulingDisabled"
    return f"{item['metadata']['name']:<10} {status}   {','.join(item['roles']) or '<none>'}   1d   {item['status']['nodeInfo']['kubeletVersion']}\n"
