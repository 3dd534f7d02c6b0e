"""Connections that are kept and used again: to greet a member of etcd costs it more than to answer it."""

import http.client
import threading
import urllib.parse


class Connections:
    """Connections to any number of servers; `tls` is for those whose URL begins with https. May be used by many threads."""

    def __init__(self, tls=None):
        self.tls, self.idle, self.lock = tls, {}, threading.Lock()

    def post(self, url, path, body, timeout):
        """(status, content). A server may have closed a connection that was idle: then the question is asked once more, on a new one."""
        with self.lock:
            kept = self.idle.get(url, [])
            connection = kept.pop() if kept else None
        if connection:
            connection.sock.settimeout(timeout)
            try:
                return self.ask(url, connection, path, body)
            except (ConnectionError, http.client.HTTPException):
                pass
        parts = urllib.parse.urlsplit(url)
        if parts.scheme == "https":
            connection = http.client.HTTPSConnection(parts.netloc, timeout=timeout, context=self.tls)
        else:
            connection = http.client.HTTPConnection(parts.netloc, timeout=timeout)
        return self.ask(url, connection, path, body)

    def ask(self, url, connection, path, body):
        try:
            connection.request("POST", path, body)
            answer = connection.getresponse()
            content = answer.read()
        except BaseException:
            connection.close()
            raise
        if connection.sock:
            with self.lock:
                self.idle.setdefault(url, []).append(connection)
        return answer.status, content
