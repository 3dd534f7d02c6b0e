"""The API as programs on machines reach it: one connection that is kept, as client-go keeps it. Does not know who asks."""

import http.client
import json
import urllib.parse

import kubeconfig


class Unreached(OSError):
    pass


class Api:
    """Whom the kubeconfig led to when the program started counts until it ends."""

    def __init__(self, path):
        cluster, user = kubeconfig.current(kubeconfig.read(path))
        self.server, self.token = cluster["server"], user.get("token")
        self.tls, self.connection = kubeconfig.tls(cluster, user), None

    def call(self, method, path, body=None):
        """The answer's status and content. A connection that was idle may be closed: then it is asked once more."""
        had_one = self.connection is not None
        try:
            return self.ask(method, path, body)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            if not had_one or isinstance(error, TimeoutError):
                raise Unreached(f"{self.server}: {type(error).__name__}: {error}") from error
        try:
            return self.ask(method, path, body)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise Unreached(f"{self.server}: {type(error).__name__}: {error}") from error

    def ask(self, method, path, body):
        if self.connection is None:
            url = urllib.parse.urlsplit(self.server)
            self.connection = http.client.HTTPSConnection(url.hostname, url.port or 443, timeout=3, context=self.tls)
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        self.connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = self.connection.getresponse()
        return answer.status, answer.read().decode()

    def close(self):
        if self.connection is not None:
            self.connection.close()
        self.connection = None

    def must(self, method, path, body=None):
        status, content = self.call(method, path, body)
        if status != 200:
            raise Unreached(f"{self.server}: {status} {content}")
        return json.loads(content or "{}")

    def under(self, prefix):
        """{key: object} of everything below."""
        return self.must("GET", prefix)["objects"]

    def put(self, key, item):
        self.must("PUT", key, item)

    def delete(self, key):
        self.must("DELETE", key)
