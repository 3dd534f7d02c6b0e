#!/usr/bin/python3 -B
"""A client of the virtual IP: asks for /readyz every 50 ms with a fresh connection, and verifies the certificate.

When `finish` is said to it, it prints how often it asked, and the pauses between two good answers that were longest, with
the moments at which they began.
"""

import http.client
import json
import ssl
import sys
import threading
import time

EVERY, LIMIT = 0.05, 0.9
address, port, authority = sys.argv[1], int(sys.argv[2]), sys.argv[3]
done, lock, good, failures = threading.Event(), threading.Lock(), [], []
tls = ssl.create_default_context(cafile=authority)


def ask():
    connection = http.client.HTTPSConnection(address, port, timeout=LIMIT, context=tls)
    try:
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        content = answer.read()
        if (answer.status, content) != (200, b"ok"):
            raise OSError(f"{answer.status} {content[:120]}")
        with lock:
            good.append(time.time())
    except (OSError, http.client.HTTPException) as error:
        with lock:
            failures.append((time.time(), f"{type(error).__name__}: {error}"))
    finally:
        connection.close()


def main():
    reader = threading.Thread(target=lambda: (sys.stdin.read(), done.set()), daemon=True)
    reader.start()
    while not done.wait(EVERY):
        threading.Thread(target=ask, daemon=True).start()
    time.sleep(LIMIT)
    good.sort()
    pauses = sorted(((after - before, before) for before, after in zip(good, good[1:])), reverse=True)
    print(json.dumps({"answers": len(good), "failures": len(failures), "longestGapSeconds": round(pauses[0][0], 3) if pauses else None,
                      "gaps": [{"seconds": round(length, 3), "began": began} for length, began in pauses[:8]],
                      "reasons": sorted({reason for _, reason in failures})[:8]}))


main()
