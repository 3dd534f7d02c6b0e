#!/usr/bin/python3 -B
"""Asks once, with patience: does etcd take a write, and does the API answer at each published endpoint?

Its input is JSON: `etcd` (client URLs of which any may take the write), `endpoints` (name: list of [address, port] of which any may
answer), `once` (the same, tried once, for what is not expected to answer), `tls` (authority, certificate, key for etcd), `authority` (file for the API; null: plain HTTP), `limitSeconds`. It prints JSON: name to
the seconds until success, null for never; the write stands under `etcd`.
"""

import http.client
import json
import ssl
import sys
import threading
import time
import urllib.parse

ONE_TRY, PAUSE = 2, 0.1
order = json.load(sys.stdin)
# An API server without TLS is one of an age without /readyz.
HEALTH = "/readyz" if order["authority"] else "/healthz"
began = time.monotonic()
answers = {}


def connection_to(address, port, tls):
    if tls is None:
        return http.client.HTTPConnection(address, port, timeout=ONE_TRY)
    return http.client.HTTPSConnection(address, port, timeout=ONE_TRY, context=tls)


def exchange(address, port, tls, method, path, body=None):
    connection = connection_to(address, port, tls)
    try:
        connection.request(method, path, body)
        answer = connection.getresponse()
        content = answer.read()
        return answer.status == 200 and (body is not None or content == b"ok")
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def until_success(name, attempt):
    while time.monotonic() < began + order["limitSeconds"]:
        if attempt():
            answers.setdefault(name, round(time.monotonic() - began, 2))
            return
        if name in answers:
            return
        time.sleep(PAUSE)


def once(name, address, port, tls):
    if exchange(address, port, tls, "GET", HEALTH):
        answers.setdefault(name, round(time.monotonic() - began, 2))


def main():
    api = ssl.create_default_context(cafile=order["authority"]) if order["authority"] else None
    etcd = ssl.create_default_context(cafile=order["tls"][0])
    etcd.load_cert_chain(*order["tls"][1:])
    put = json.dumps({"key": "cmVwbGFuay1yZWhlYXJzYWwtcHJvYmU=", "value": "cHJvYmU="})
    jobs = []
    for url in map(urllib.parse.urlsplit, order["etcd"]):
        tls = etcd if url.scheme == "https" else None
        jobs.append(("etcd", lambda url=url, tls=tls: exchange(url.hostname, url.port, tls, "POST", "/v3/kv/put", put)))
    for name, places in order["endpoints"].items():
        for address, port in places:
            jobs.append((name, lambda address=address, port=port: exchange(address, port, api, "GET", HEALTH)))
    threads = [threading.Thread(target=until_success, args=job, daemon=True) for job in jobs]
    tries = [threading.Thread(target=once, args=(name, *place, api), daemon=True) for name, places in order.get("once", {}).items() for place in places]
    for thread in threads + tries:
        thread.start()
    names = {name for name, _ in jobs}
    while set(answers) != names and time.monotonic() < began + order["limitSeconds"] + ONE_TRY:
        time.sleep(0.02)
    for thread in tries:
        thread.join()
    names |= set(order.get("once", {}))
    print(json.dumps({name: answers.get(name) for name in sorted(names)}))


main()
