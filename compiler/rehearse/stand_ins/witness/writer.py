#!/usr/bin/python3 -B
"""Writes to etcd without a pause while a plan is played, and afterwards looks for every write that was acknowledged.

It talks to the JSON gateway of the members that vote at the moment, one after the other, as clients do that follow the
membership. When `finish` is said to it, it stops, reads everything back through quorum, and prints as JSON what was acknowledged,
when (seconds since 1970), what failed, and what is lost. When no voter answers that read it says `unread`, and nothing about losses.
That takes 40 s at most: 10 for the writes that are under way, 30 for the read.
"""

import base64
import http.client
import itertools
import json
import ssl
import sys
import threading
import time

sys.path.insert(0, "/run/rehearsal/stand-ins/shared")
from connections import Connections

# How long a request may wait, and how long the read at the end may be tried.
ONE_TRY, READ_SECONDS = 10, 30
FAILED = (OSError, http.client.HTTPException, ValueError, KeyError)
PREFIX, THREADS, PAUSE = "replank-rehearsal/", 2, 0.2
lock, done = threading.Lock(), threading.Event()
endpoints, acknowledged, moments, failures = list(sys.argv[4:]), {}, [], []


# Certificates for members that speak HTTPS: authority, certificate, key.
tls = ssl.create_default_context(cafile=sys.argv[1])
tls.load_cert_chain(*sys.argv[2:4])
connections = Connections(tls)


def encoded(text):
    return base64.b64encode(text.encode()).decode()


def call(endpoint, path, body, timeout=ONE_TRY):
    status, content = connections.post(endpoint, path, json.dumps(body), timeout)
    if status != 200:
        raise OSError(f"{endpoint}: {status} {content.decode(errors='replace')[:200]}")
    return json.loads(content)


def follow():
    """Keeps the list of endpoints at the started voters."""
    while not done.wait(1):
        for endpoint in list(endpoints):
            if done.is_set():
                return
            try:
                members = call(endpoint, "/v3/cluster/member/list", {}, 2)["members"]
            except FAILED:
                continue
            voters = [each["clientURLs"][0] for each in members if each.get("clientURLs") and not each.get("isLearner")]
            if voters:
                with lock:
                    endpoints[:] = voters
                break


def write(thread):
    count = 0
    while not done.is_set():
        count += 1
        key, value = f"{PREFIX}{thread}/{count}", f"{time.time()}"
        with lock:
            endpoint = endpoints[(count + thread) % len(endpoints)]
        try:
            call(endpoint, "/v3/kv/put", {"key": encoded(key), "value": encoded(value)})
            with lock:
                acknowledged[key] = value
                moments.append(time.time())
        except FAILED as error:
            with lock:
                failures.append(str(error))
        done.wait(PAUSE)


def read_back():
    """Every key under the prefix, read through quorum; None when no voter answers. The range is not serializable, which is the default."""
    end = PREFIX[:-1] + chr(ord(PREFIX[-1]) + 1)
    until = time.monotonic() + READ_SECONDS
    for endpoint in itertools.cycle(list(endpoints)):
        left = until - time.monotonic()
        if left < 0.1:
            return None
        try:
            found = call(endpoint, "/v3/kv/range", {"key": encoded(PREFIX), "range_end": encoded(end)}, min(ONE_TRY, left)).get("kvs", [])
            return {base64.b64decode(each["key"]).decode(): base64.b64decode(each.get("value", "")).decode() for each in found}
        except FAILED:
            time.sleep(0.5)
    return None


def main():
    threads = [threading.Thread(target=write, args=(number,), daemon=True) for number in range(THREADS)]
    threads.append(threading.Thread(target=follow, daemon=True))
    for thread in threads:
        thread.start()
    abandoned = sys.stdin.read() == ""
    done.set()
    until = time.monotonic() + ONE_TRY
    for thread in threads:
        thread.join(max(0, until - time.monotonic()))
    if abandoned:
        return
    with lock:
        written, when, failed = dict(acknowledged), sorted(moments), list(failures)
    found = read_back()
    lost = [key for key, value in written.items() if found.get(key) != value] if found is not None else []
    print(json.dumps({"moments": when, "failed": len(failed), "lost": lost, "unread": found is None, "reasons": sorted(set(failed))[:5]}))


main()
