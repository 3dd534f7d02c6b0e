#!/usr/bin/python3 -B
"""Installs a host anew, as a person does with a medium: `reinstall.py NAME PID SYSTEM`, beside the hosts.

Every process but the service manager ends, and every file that differs from a fresh host goes; its name, its address and the way to it
stay. Afterwards /etc/os-release says SYSTEM.
"""

import os
import stat
import subprocess
import sys

sys.path.insert(0, "/run/rehearsal/stand-ins/kubean")
from systems import release_file

name, pid, system = sys.argv[1:]
HERE = os.path.join("/run/rehearsal/hosts", name)
# What the world itself made when the host came up.
KEPT = ("/stand-ins", "/etc/hosts", "/etc/hostname", "/proc", "/sys", "/dev", "/run", "/tmp")

END = r"""
systemctl services-of-the-rehearsal | sed -n 's/^service \(.*\)=.*/\1/p' | xargs -r systemctl stop 2>/dev/null
kill -9 -1
"""
FORGET = r"""
find /run/stand-in -mindepth 1 ! -name control -delete
find /tmp /run/lock -mindepth 1 -delete
rm -f /run/*.pid
systemctl daemon-reload
"""


def inside(script, text=""):
    entered = ["/run/rehearsal/stand-ins/keeper/enter", pid, "machine", "bash", "-c", script]
    return subprocess.run(entered, input=text, capture_output=True, text=True, check=False)


def must(script, text=""):
    done = inside(script, text)
    if done.returncode:
        sys.exit(f"{script}: exit {done.returncode}\n{done.stdout}{done.stderr}")


def changed(upper, part):
    """(paths that a fresh host does not have, paths that it has in another form)."""
    gone, restored = [], []
    for directory, names, plain in os.walk(upper):
        below = os.path.normpath(os.path.join(part, directory.removeprefix(upper).lstrip("/")))
        for each in list(names) + plain:
            path, own = os.path.join(below, each), os.path.join(directory, each)
            if path.startswith(KEPT):
                names[:] = [other for other in names if other != each]
            elif stat.S_ISCHR(os.lstat(own).st_mode):
                continue
            elif path in absent or path.startswith("/root/") or not os.path.lexists(path):
                gone.append(path)
                names[:] = [other for other in names if other != each]
            elif each in plain or os.path.islink(own):
                restored.append(path)
    return gone, restored


with open("/run/rehearsal/absent", encoding="utf-8") as file:
    absent = set(file.read().split("\n"))
with open("/run/rehearsal/parts", encoding="utf-8") as file:
    parts = [line.split() for line in file]
inside(END)
for part, folder in parts:
    gone, restored = changed(os.path.join(HERE, folder, "upper"), part)
    must("xargs -r -0 rm -rf --", "\0".join(gone))
    for path in restored:
        if os.path.isfile(path) and not os.path.islink(path):
            with open(path, encoding="utf-8", errors="surrogateescape") as file:
                must(f"cat >'{path}'", file.read())
must(FORGET)
must("rm -f /etc/os-release && cat >/etc/os-release", release_file(system))
