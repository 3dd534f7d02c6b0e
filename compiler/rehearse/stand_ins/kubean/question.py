"""Asks one API server for one object of the cluster: `question.py SERVER KEY`, with the authority and the token as JSON on standard input.

With an `item` beside them the object is written instead.
"""

import http.client
import json
import ssl
import sys
import urllib.parse

access = json.load(sys.stdin)
url = urllib.parse.urlsplit(sys.argv[1])
connection = http.client.HTTPSConnection(url.hostname, url.port or 6443, timeout=5, context=ssl.create_default_context(cadata=access["ca"]))
try:
    headers = {"Authorization": f"Bearer {access['token']}"}
    if "item" in access:
        connection.request("PUT", sys.argv[2], json.dumps(access["item"]), headers)
    else:
        connection.request("GET", "/state", headers=headers)
    answer = connection.getresponse()
    content = answer.read()
except (OSError, http.client.HTTPException) as error:
    sys.exit(f"{sys.argv[1]}: {error}")
if answer.status != 200:
    sys.exit(f"{sys.argv[1]}: {answer.status}")
if "item" in access:
    sys.exit(0)
objects = json.loads(content)["objects"]
if sys.argv[2] not in objects:
    sys.exit(f"{sys.argv[1]}: {sys.argv[2]} not found")
print(json.dumps(objects[sys.argv[2]]))
