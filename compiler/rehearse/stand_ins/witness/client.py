#!/usr/bin/python3 -B
"""A client of the API at one published endpoint: asks for /readyz again and again with a fresh connection, and verifies the certificate.

Arguments: the authority's file, or `-` for plain HTTP and /healthz, then one or more `address port`. With several it is content with any of them, as clients are
that have learned all servers. It asks every 200 ms, and every 50 ms between `look closely` and `look calmly`: each question is a
handshake, and costs the hosts time. When `finish` is said to it, it prints as JSON when it got good answers (seconds since 1970), and
how often it did not.
"""

import http.client
import json
import ssl
import sys
import threading
import time

LIMIT = 0.9
PACES = {"look closely": 0.05, "look calmly": 0.2}
authority, words = sys.argv[1], sys.argv[2:]
endpoints = list(zip(words[::2], map(int, words[1::2])))
done, lock, good, failures = threading.Event(), threading.Lock(), [], []
tls = None if authority == "-" else ssl.create_default_context(cafile=authority)


def ask():
    first = endpoints[0]
    try:
        ask_one(first)
        with lock:
            good.append(time.time())
    except (OSError, http.client.HTTPException) as error:
        with lock:
            failures.append(f"{type(error).__name__}: {error}")
            if len(endpoints) > 1 and endpoints[0] == first:
                endpoints.append(endpoints.pop(0))


def ask_one(endpoint):
    if tls is None:
        connection = http.client.HTTPConnection(*endpoint, timeout=LIMIT)
    else:
        connection = http.client.HTTPSConnection(*endpoint, timeout=LIMIT, context=tls)
    try:
        connection.request("GET", "/healthz" if tls is None else "/readyz")
        answer = connection.getresponse()
        content = answer.read()
        if (answer.status, content) != (200, b"ok"):
            raise OSError(f"{answer.status} {content[:120]}")
    finally:
        connection.close()


def listen(pace):
    for line in sys.stdin:
        if line.strip() == "finish":
            break
        pace[0] = PACES[line.strip()]
    done.set()


def main():
    pace = [PACES["look calmly"]]
    threading.Thread(target=listen, args=(pace,), daemon=True).start()
    while not done.wait(pace[0]):
        threading.Thread(target=ask, daemon=True).start()
    time.sleep(LIMIT)
    print(json.dumps({"moments": sorted(good), "failed": len(failures), "reasons": sorted(set(failures))[:5]}))


main()
