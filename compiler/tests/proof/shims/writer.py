#!/usr/bin/python3 -B
"""Writes to etcd without a pause while a plan is played, and afterwards looks for every write that was acknowledged.

It talks to the JSON gateway of the members that vote at the moment, one after the other, as clients do that follow the
membership. When `finish` is said to it, it stops, reads everything back through quorum, and prints the counts as JSON.
"""

import base64
import http.client
import json
import ssl
import sys
import threading
import time
import urllib.parse

PREFIX, THREADS, PAUSE = "replank-rehearsal/", 4, 0.1
lock, done = threading.Lock(), threading.Event()
endpoints, acknowledged, moments, failures = list(sys.argv[4:]), {}, [], []


# Certificates for members that speak HTTPS: authority, certificate, key.
tls = ssl.create_default_context(cafile=sys.argv[1])
tls.load_cert_chain(*sys.argv[2:4])


def encoded(text):
    return base64.b64encode(text.encode()).decode()


def call(endpoint, path, body, timeout=10):
    url = urllib.parse.urlsplit(endpoint)
    if url.scheme == "https":
        connection = http.client.HTTPSConnection(url.netloc, timeout=timeout, context=tls)
    else:
        connection = http.client.HTTPConnection(url.netloc, timeout=timeout)
    try:
        connection.request("POST", path, json.dumps(body))
        answer = connection.getresponse()
        content = answer.read()
        if answer.status != 200:
            raise OSError(f"{endpoint}: {answer.status} {content.decode(errors='replace')[:200]}")
        return json.loads(content)
    finally:
        connection.close()


def follow():
    """Keeps the list of endpoints at the started voters."""
    while not done.wait(0.3):
        for endpoint in list(endpoints):
            try:
                members = call(endpoint, "/v3/cluster/member/list", {}, 2)["members"]
            except (OSError, http.client.HTTPException):
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
                moments.append(time.monotonic())
        except (OSError, http.client.HTTPException) as error:
            with lock:
                failures.append(str(error))
        done.wait(PAUSE)


def read_back():
    """Every key under the prefix, read through quorum. The range is not serializable, which is the default."""
    end = PREFIX[:-1] + chr(ord(PREFIX[-1]) + 1)
    for endpoint in list(endpoints) * 5:
        try:
            found = call(endpoint, "/v3/kv/range", {"key": encoded(PREFIX), "range_end": encoded(end)}, 30).get("kvs", [])
            return {base64.b64decode(each["key"]).decode(): base64.b64decode(each.get("value", "")).decode() for each in found}
        except (OSError, http.client.HTTPException):
            time.sleep(1)
    sys.exit("no voter answered the read through quorum")


def main():
    threads = [threading.Thread(target=write, args=(number,)) for number in range(THREADS)] + [threading.Thread(target=follow)]
    for thread in threads:
        thread.start()
    abandoned = sys.stdin.read() == ""
    done.set()
    for thread in threads:
        thread.join()
    if abandoned:
        return
    found = read_back()
    lost = [key for key, value in acknowledged.items() if found.get(key) != value]
    moments.sort()
    gaps = [after - before for before, after in zip(moments, moments[1:])]
    print(json.dumps({"acknowledged": len(acknowledged), "failed": len(failures), "lost": lost, "longestGapSeconds": round(max(gaps, default=0), 3),
                      "failures": sorted(set(failures))[:5]}))


main()
