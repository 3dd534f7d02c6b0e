"""The API over plain HTTP as programs of 2016 reach it: the address that was given at the start counts until the program ends.

An API server that is gone is no reason to end: the question is asked again by whoever needs the answer. Does not know who asks.
"""

import http.client
import json
import urllib.parse

ONE_TRY = 5


class Unreached(OSError):
    pass


class Answered(Exception):
    """An answer that is no success: its status, and what the API server says."""

    def __init__(self, status, message):
        super().__init__(message)
        self.status = status


class Api:
    def __init__(self, server, limit=ONE_TRY):
        self.place, self.server, self.limit = urllib.parse.urlsplit(server), server, limit

    def call(self, method, path, body=None):
        connection = http.client.HTTPConnection(self.place.hostname, self.place.port or 80, timeout=self.limit)
        try:
            connection.request(method, path, None if body is None else json.dumps(body))
            answer = connection.getresponse()
            status, content = answer.status, answer.read().decode()
        except (OSError, http.client.HTTPException) as error:
            raise Unreached(f"{self.server}: {error}") from error
        finally:
            connection.close()
        if status not in (200, 201):
            raise Answered(status, json.loads(content or "{}").get("message", content))
        return json.loads(content or "{}")

    def items(self, kind, namespace=None, selector=None):
        query = "?labelSelector=" + urllib.parse.quote(selector) if selector else ""
        return self.call("GET", self.path(kind, namespace) + query)["items"]

    @staticmethod
    def path(kind, namespace=None, name=None):
        return "/api/v1" + (f"/namespaces/{namespace}" if namespace else "") + f"/{kind}" + (f"/{name}" if name else "")

    def get(self, kind, namespace, name):
        """The object, or None."""
        try:
            return self.call("GET", self.path(kind, namespace, name))
        except Answered as answer:
            if answer.status == 404:
                return None
            raise

    def create(self, kind, namespace, item):
        return self.call("POST", self.path(kind, namespace), item)

    def replace(self, kind, namespace, item):
        return self.call("PUT", self.path(kind, namespace, item["metadata"]["name"]), item)

    def delete(self, kind, namespace, name):
        return self.call("DELETE", self.path(kind, namespace, name))


def selects(selector, labels):
    return bool(selector) and all(labels.get(key) == value for key, value in selector.items())


def is_ready(node):
    return any(each["type"] == "Ready" and each["status"] == "True" for each in node.get("status", {}).get("conditions", []))
