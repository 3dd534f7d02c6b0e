#!/usr/bin/python3 -B
"""A client with one long-lived stream through a published endpoint, as a controller's watch: it listens, and sends nothing.

Arguments: the authority's file, address, port. The server has something to say every 50 ms. When the stream ends, the client asks for
another one at once; when nothing comes for 45 s, it takes it for dead, as client-go does (a ping after 30 s, 15 s for its answer). When
`finish` is said to it, it prints as JSON when it heard something (seconds since 1970), how often the stream ended, and how often it hung.
"""

import http.client
import json
import os
import ssl
import sys
import threading
import time

CONNECT, DEAD, PAUSE = 0.9, 45, 0.05
authority, address, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
moments, reasons, hung = [], [], [0]
tls = ssl.create_default_context(cafile=authority)


def listen():
    connection = http.client.HTTPSConnection(address, port, timeout=CONNECT, context=tls)
    try:
        connection.request("GET", "/watch")
        # The answer takes the connection over.
        channel = connection.sock
        answer = connection.getresponse()
        if answer.status != 200:
            raise OSError(f"{answer.status}")
        channel.settimeout(DEAD)
        while answer.readline():
            moments.append(time.time())
        reasons.append("the stream ended")
    finally:
        connection.close()


def follow():
    while True:
        heard = len(moments)
        try:
            listen()
        except TimeoutError as error:
            hung[0] += len(moments) > heard
            reasons.append(str(error))
        except (OSError, http.client.HTTPException) as error:
            reasons.append(f"{type(error).__name__}: {error}")
        time.sleep(PAUSE)


def main():
    threading.Thread(target=follow, daemon=True).start()
    sys.stdin.read()
    print(json.dumps({"moments": list(moments), "failed": len(reasons), "hung": hung[0], "reasons": sorted(set(reasons))[:5]}), flush=True)
    os._exit(0)


main()
