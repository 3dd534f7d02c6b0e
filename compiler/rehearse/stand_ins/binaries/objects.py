"""Objects of the API where they lie in etcd, and what the API server refuses. Does not know HTTP.

Models pkg/registry of Kubernetes 1.2: keys below /registry, one key an object, the key's index as its version.
"""

import json
import time
import uuid

from store import Conflict

# Where a kind lies, and how it is called in a list. Kubernetes kept names of its first days in etcd.
PLACES = {"nodes": "minions", "namespaces": "namespaces", "pods": "pods", "replicationcontrollers": "controllers", "services": "services/specs",
          "endpoints": "services/endpoints"}
KINDS = {"nodes": "Node", "namespaces": "Namespace", "pods": "Pod", "replicationcontrollers": "ReplicationController", "services": "Service",
         "endpoints": "Endpoints"}
OF_THE_CLUSTER = ("nodes", "namespaces")


class Refused(Exception):
    def __init__(self, status, message):
        super().__init__(message)
        self.status = status


class Objects:
    def __init__(self, store, wrote):
        self.store, self.wrote = store, wrote

    def key(self, kind, namespace, name):
        return "/".join(filter(None, ["/registry", PLACES[kind], namespace, name]))

    def get(self, kind, namespace, name):
        found = self.store.get(self.key(kind, namespace, name))
        if found is None:
            raise Refused(404, f'{kind} "{name}" not found')
        return self.versioned(*found)

    @staticmethod
    def versioned(value, index):
        item = json.loads(value)
        item["metadata"]["resourceVersion"] = str(index)
        return item

    def items(self, kind, namespace):
        return [self.versioned(*each) for _, each in sorted(self.store.under(self.key(kind, namespace, None)).items())]

    def create(self, kind, namespace, item):
        metadata = item.setdefault("metadata", {})
        if metadata.get("resourceVersion"):
            raise Refused(400, "resourceVersion should not be set on objects to be created")
        if namespace and metadata.setdefault("namespace", namespace) != namespace:
            raise Refused(400, "the namespace of the provided object does not match the namespace sent on the request")
        if "generateName" in metadata and not metadata.get("name"):
            metadata["name"] = metadata["generateName"] + uuid.uuid4().hex[:5]
        refuse_what_is_wrong(kind, item)
        name = metadata["name"]
        item |= {"apiVersion": "v1", "kind": KINDS[kind]}
        metadata |= {"uid": str(uuid.uuid4()), "creationTimestamp": moment(), "selfLink": f"/api/v1/{kind}/{name}"}
        try:
            return self.put(kind, namespace, item, prevExist="false")
        except Conflict as conflict:
            raise Refused(409, f'{kind} "{name}" already exists') from conflict

    def replace(self, kind, namespace, item):
        """One that is written with an older version is refused, as is one that is not there."""
        refuse_what_is_wrong(kind, item)
        version = item["metadata"].pop("resourceVersion", None)
        try:
            return self.put(kind, namespace, item, **({"prevIndex": version} if version else {"prevExist": "true"}))
        except Conflict as conflict:
            name = item["metadata"]["name"]
            raise Refused(409, f'{kind} "{name}" cannot be updated: the object has been modified') from conflict

    def put(self, kind, namespace, item, **conditions):
        key, value = self.key(kind, namespace, item["metadata"]["name"]), json.dumps(item, sort_keys=True)
        began = time.time()
        index = self.store.put(key, value, **conditions)
        self.wrote(began)
        return self.versioned(value, index)

    def patch(self, kind, namespace, name, patch):
        while True:
            item = merged(self.get(kind, namespace, name), patch)
            try:
                return self.replace(kind, namespace, item)
            except Refused as refused:
                if refused.status != 409:
                    raise

    def delete(self, kind, namespace, name):
        began = time.time()
        if not self.store.delete(self.key(kind, namespace, name)):
            raise Refused(404, f'{kind} "{name}" not found')
        self.wrote(began)
        return {"kind": "Status", "status": "Success"}


def refuse_what_is_wrong(kind, item):
    if not item["metadata"].get("name"):
        raise Refused(422, f"{KINDS[kind]} is invalid: name or generateName is required")
    if kind != "replicationcontrollers":
        return
    spec = item["spec"]
    labels, selector = spec["template"]["metadata"].get("labels", {}), spec.get("selector") or {}
    if not selector or any(labels.get(key) != value for key, value in selector.items()):
        raise Refused(422, "ReplicationController is invalid: spec.template.labels: Invalid value: `selector` does not match template `labels`")


def merged(item, patch):
    """Maps are merged and null takes away: all that a strategic merge of maps does. Lists of a strategic merge are none of this."""
    for key, value in patch.items():
        if value is None:
            item.pop(key, None)
        elif isinstance(value, dict) and isinstance(item.get(key), dict):
            item[key] = merged(item[key], value)
        elif isinstance(value, list):
            raise Refused(400, "the stand-in for kube-apiserver does not merge lists")
        else:
            item[key] = value
    return item


def moment():
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
