"""etcd as the stand-in of k3s uses it: the JSON gateway of real members, one after the other until one answers.

Model: kine's client in front of an external etcd tries every endpoint of `datastore-endpoint`, which must be client URLs.
"""

import base64
import http.client
import json
import ssl

from connections import Connections


class NoDatastore(OSError):
    pass


def encoded(text):
    return base64.b64encode(text.encode()).decode()


def decoded(text):
    return base64.b64decode(text).decode()


class Datastore:
    def __init__(self, endpoints, ca=None, certificate=None, key=None):
        self.endpoints = endpoints
        tls = None
        if ca:
            tls = ssl.create_default_context(cafile=ca)
            tls.load_cert_chain(certificate, key)
        self.connections = Connections(tls)

    def call(self, path, body):
        reasons = []
        for endpoint in list(self.endpoints):
            try:
                status, content = self.connections.post(endpoint, path, json.dumps(body), timeout=2)
                if status == 200:
                    self.endpoints.remove(endpoint)
                    self.endpoints.insert(0, endpoint)
                    return json.loads(content)
                reasons.append(f"{endpoint}: {status} {content[:200]}")
            except (OSError, ValueError, http.client.HTTPException) as error:
                reasons.append(f"{endpoint}: {error}")
        raise NoDatastore("no endpoint of the datastore answers: " + "; ".join(reasons))

    def under(self, prefix):
        """{key: value} of everything under the prefix, read through quorum."""
        end = prefix[:-1] + chr(ord(prefix[-1]) + 1)
        found = self.call("/v3/kv/range", {"key": encoded(prefix), "range_end": encoded(end)}).get("kvs", [])
        return {decoded(each["key"]): json.loads(decoded(each["value"])) for each in found}

    def put(self, key, value):
        self.call("/v3/kv/put", {"key": encoded(key), "value": encoded(json.dumps(value))})

    def delete(self, key):
        self.call("/v3/kv/deleterange", {"key": encoded(key)})
