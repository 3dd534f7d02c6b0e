"""etcd's API of version 2 as programs of 2016 use it: one member after the other until one answers. Does not know what is kept there.

Models coreos/etcd client (v2): a member that refuses or fails is passed over; a key that is not there is no failure; `prevIndex` and
`prevExist` are conditions.
"""

import http.client
import json
import threading
import urllib.parse

ONE_TRY = 3
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Unreached(OSError):
    pass


class Conflict(Exception):
    """A condition of a write does not hold."""


class Store:
    def __init__(self, endpoints):
        self.endpoints, self.lock = [each.rstrip("/") for each in endpoints], threading.Lock()

    def call(self, method, key, query=None, form=None):
        reasons = []
        with self.lock:
            endpoints = list(self.endpoints)
        for endpoint in endpoints:
            try:
                status, content = self.ask(endpoint, method, key, query or {}, form)
            except (OSError, ValueError, http.client.HTTPException) as error:
                reasons.append(f"{endpoint}: {type(error).__name__}: {error}")
                continue
            if status < 500:
                with self.lock:
                    # Whoever answered is asked first from now on.
                    self.endpoints.remove(endpoint)
                    self.endpoints.insert(0, endpoint)
                return status, content
            reasons.append(f"{endpoint}: {status} {content}")
        raise Unreached("no member of etcd answers: " + "; ".join(reasons))

    def ask(self, endpoint, method, key, query, form):
        place = urllib.parse.urlsplit(endpoint)
        connection = http.client.HTTPConnection(place.hostname, place.port, timeout=ONE_TRY)
        try:
            path = "/v2/keys" + urllib.parse.quote(key) + ("?" + urllib.parse.urlencode(query) if query else "")
            connection.request(method, path, urllib.parse.urlencode(form) if form is not None else None, FORM)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read() or b"{}")
        finally:
            connection.close()

    def get(self, key):
        """(value, index), or None for a key that is not there."""
        status, content = self.call("GET", key)
        if status == 404:
            return None
        return content["node"].get("value"), content["node"]["modifiedIndex"]

    def under(self, key):
        """{key: (value, index)} of everything below."""
        status, content = self.call("GET", key, {"recursive": "true"})
        found = {}
        if status == 200:
            flatten(content["node"], found)
        return found

    def put(self, key, value, **conditions):
        status, content = self.call("PUT", key, form={"value": value} | conditions)
        if status == 412 or status == 404 and conditions:
            raise Conflict(content.get("message", ""))
        if status not in (200, 201):
            raise Unreached(f"{status} {content}")
        return content["node"]["modifiedIndex"]

    def delete(self, key):
        return self.call("DELETE", key)[0] == 200


def flatten(node, found):
    if not node.get("dir"):
        found[node["key"]] = (node["value"], node["modifiedIndex"])
    for each in node.get("nodes", []):
        flatten(each, found)
