#!/usr/bin/python3 -B
"""Watches who holds the virtual IP: follows the addresses of every host as the kernel reports them.

Arguments: the address, then the names of hosts. When its input closes, it prints as JSON each change: when (seconds since
1970), at which host, and whether that host holds the address from then on. What the kernel reports again is no change.
"""

import ipaddress
import json
import os
import selectors
import subprocess
import sys
import time

address, names = str(ipaddress.ip_address(sys.argv[1])), sys.argv[2:]
changes, holders = [], set()


def is_held(name):
    shown = subprocess.run(["ip", "-n", name, "-o", "address", "show", "to", address], capture_output=True, text=True, check=True)
    return shown.stdout.strip() != ""


def note(name, holds):
    if holds != (name in holders):
        (holders.add if holds else holders.discard)(name)
        changes.append({"at": time.time(), "host": name, "holds": holds})


class Monitor:
    """One host's reports. They are read without a buffer of Python's, which the selector would not see."""

    def __init__(self, name):
        self.name, self.rest = name, b""
        self.process = subprocess.Popen(["ip", "-n", name, "-o", "monitor", "address"], stdout=subprocess.PIPE)

    def read(self):
        """Notes what has come; false when nothing ever will."""
        text = os.read(self.process.stdout.fileno(), 65536)
        *lines, self.rest = (self.rest + text).split(b"\n")
        for line in lines:
            if f" {address}/".encode() in line:
                note(self.name, not line.startswith(b"Deleted"))
        return text != b""


def main():
    selector = selectors.DefaultSelector()
    selector.register(sys.stdin, selectors.EVENT_READ, None)
    for name in names:
        monitor = Monitor(name)
        selector.register(monitor.process.stdout, selectors.EVENT_READ, monitor)
    for name in names:
        note(name, is_held(name))
    finished = False
    while not finished:
        for key, _ in selector.select():
            if key.data is None:
                finished = True
            elif not key.data.read():
                selector.unregister(key.fileobj)
    print(json.dumps(changes))


main()
