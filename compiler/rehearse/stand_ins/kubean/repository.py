"""The object store that serves packages: answers for what was imported, and for nothing else. `repository.py ADDRESS PORT SYSTEM...`

Packages are never read; whoever looks for an index finds one that is empty. `PUT /import` names a further prefix, as the stand-in for the
importer does.
"""

import http.server
import ipaddress
import socket
import sys

from systems import prefixes

served = [prefix for system in sys.argv[3:] for prefix in prefixes(system)]


class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self, status):
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_GET(self):
        self.answer(200 if self.path == "/minio/health/live" or self.path.startswith(tuple(served)) else 404)

    do_HEAD = do_GET

    def do_PUT(self):
        served.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.answer(200)

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    address_family = socket.AF_INET6 if ipaddress.ip_address(sys.argv[1]).version == 6 else socket.AF_INET


Server((sys.argv[1], int(sys.argv[2])), Handler).serve_forever()
