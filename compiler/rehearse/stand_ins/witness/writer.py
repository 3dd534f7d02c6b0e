#!/usr/bin/python3 -B
"""Writes to etcd without a pause while a plan is played, and afterwards looks for every write that was acknowledged.

Arguments: `v2` or `v3`, the API that the cluster's clients speak; authority, certificate and key; client URLs. It talks to the members
that vote at the moment, by keys or by the JSON gateway, one after the other, as clients do that follow the membership. When `finish` is said to it, it stops, reads everything back through quorum, and prints as JSON what was acknowledged,
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
import urllib.parse

sys.path.insert(0, "/run/rehearsal/stand-ins/shared")
from connections import Connections

# How long a request may wait, and how long the read at the end may be tried.
ONE_TRY, READ_SECONDS = 10, 30
FAILED = (OSError, http.client.HTTPException, ValueError, KeyError)
PREFIX, THREADS, PAUSE = "replank-rehearsal/", 2, 0.2
lock, done = threading.Lock(), threading.Event()
api, endpoints, acknowledged, moments, failures = sys.argv[1], list(sys.argv[5:]), {}, [], []


# Certificates for members that speak HTTPS: authority, certificate, key.
tls = ssl.create_default_context(cafile=sys.argv[2])
tls.load_cert_chain(*sys.argv[3:5])
connections = Connections(tls)


def encoded(text):
    return base64.b64encode(text.encode()).decode()


def call(endpoint, path, body, timeout=ONE_TRY):
    status, content = connections.post(endpoint, path, json.dumps(body), timeout)
    if status != 200:
        raise OSError(f"{endpoint}: {status} {content.decode(errors='replace')[:200]}")
    return json.loads(content)


def ask(endpoint, method, path, form=None, timeout=ONE_TRY):
    """A question of the v2 API, which needs no certificate here."""
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(endpoint).netloc, timeout=timeout)
    try:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        connection.request(method, "/v2/" + path, urllib.parse.urlencode(form) if form else None, headers)
        answer = connection.getresponse()
        content = answer.read()
        if answer.status not in (200, 201):
            raise OSError(f"{endpoint}: {answer.status} {content.decode(errors='replace')[:200]}")
        return json.loads(content)
    finally:
        connection.close()


def voters_at(endpoint):
    """Client URLs of those that have started and vote. The v2 API knows no learners."""
    members = ask(endpoint, "GET", "members", timeout=2)["members"] if api == "v2" else call(endpoint, "/v3/cluster/member/list", {}, 2)["members"]
    return [each["clientURLs"][0] for each in members if each.get("clientURLs") and not each.get("isLearner")]


def put(endpoint, key, value):
    if api == "v2":
        return ask(endpoint, "PUT", f"keys/{key}", {"value": value})
    return call(endpoint, "/v3/kv/put", {"key": encoded(key), "value": encoded(value)})


def everything_at(endpoint, timeout):
    """Every key under the prefix, read through quorum, which is the default of v3 alone."""
    if api == "v2":
        threads = ask(endpoint, "GET", f"keys/{PREFIX}?recursive=true&quorum=true", timeout=timeout)["node"].get("nodes", [])
        return {each["key"].lstrip("/"): each["value"] for thread in threads for each in thread.get("nodes", [])}
    end = PREFIX[:-1] + chr(ord(PREFIX[-1]) + 1)
    found = call(endpoint, "/v3/kv/range", {"key": encoded(PREFIX), "range_end": encoded(end)}, timeout).get("kvs", [])
    return {base64.b64decode(each["key"]).decode(): base64.b64decode(each.get("value", "")).decode() for each in found}


def follow():
    """Keeps the list of endpoints at the started voters."""
    while not done.wait(1):
        for endpoint in list(endpoints):
            if done.is_set():
                return
            try:
                voters = voters_at(endpoint)
            except FAILED:
                continue
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
            put(endpoint, key, value)
            with lock:
                acknowledged[key] = value
                moments.append(time.time())
        except FAILED as error:
            with lock:
                failures.append(str(error))
        done.wait(PAUSE)


def read_back():
    """Every key under the prefix; None when no voter answers."""
    until = time.monotonic() + READ_SECONDS
    for endpoint in itertools.cycle(list(endpoints)):
        left = until - time.monotonic()
        if left < 0.1:
            return None
        try:
            return everything_at(endpoint, min(ONE_TRY, left))
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
