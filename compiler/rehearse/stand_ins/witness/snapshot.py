#!/usr/bin/python3 -B
"""What hosts are like at a moment: every file that differs from a fresh host, every service, every address.

Arguments: paths that are not looked at (data that changes by itself), `--`, then the names of hosts with the process id of their init,
as `name:pid`. It prints JSON: host to {fact: value}, each fact one line of text.
"""

import hashlib
import json
import os
import stat
import subprocess
import sys

HOSTS = "/run/rehearsal/hosts"
at = sys.argv.index("--")
ignored, hosts = sys.argv[1:at], sys.argv[at + 1:]


def is_ignored(path):
    return any(path == each or path.startswith(each.rstrip("/") + "/") for each in ignored)


def described(path):
    status = os.lstat(path)
    owner = f"{status.st_uid}:{status.st_gid} {stat.S_IMODE(status.st_mode):o}"
    if stat.S_ISLNK(status.st_mode):
        return f"link to {os.readlink(path)}"
    if stat.S_ISDIR(status.st_mode):
        return f"directory {owner}"
    if stat.S_ISCHR(status.st_mode):
        return "deleted"
    if not stat.S_ISREG(status.st_mode):
        return "neither file nor directory"
    with open(path, "rb") as file:
        return f"file {owner} {hashlib.sha256(file.read()).hexdigest()[:16]}"


def files(upper, part="/"):
    """A directory that holds nothing of its own is only the way to something else, and a fact when it is new."""
    facts = {}
    for directory, names, plain in os.walk(upper):
        inside = os.path.normpath(os.path.join(part, directory.removeprefix(upper).lstrip("/")))
        names[:] = sorted(name for name in names if not is_ignored(os.path.join(inside, name)))
        links = [name for name in names if os.path.islink(os.path.join(directory, name))]
        if inside != "/" and (inside in absent or not os.path.isdir(inside)):
            facts[inside] = described(directory)
        for name in plain + links:
            path = os.path.join(inside, name)
            what = described(os.path.join(directory, name))
            # What this machine has and a fresh host has not was taken away before anything began.
            if not is_ignored(path) and not (what == "deleted" and path in absent):
                facts[path] = what
    return facts


def inside(pid, *command):
    entered = ["/run/rehearsal/stand-ins/keeper/enter", pid, "machine", *command]
    return subprocess.run(entered, capture_output=True, text=True, check=False).stdout


def services(pid):
    return dict(line.split("=", 1) for line in inside(pid, "systemctl", "services-of-the-rehearsal").splitlines())


with open("/run/rehearsal/absent", encoding="utf-8") as file:
    absent = set(file.read().split("\n"))
with open("/run/rehearsal/parts", encoding="utf-8") as file:
    parts = [line.split() for line in file]
found = {}
for host in hosts:
    name, pid = host.split(":")
    here = os.path.join(HOSTS, name)
    found[name] = {}
    for part, folder in parts:
        found[name] |= files(os.path.join(here, folder, "upper"), part)
    found[name] |= services(pid)
    if os.path.isdir(os.path.join(here, "plan-upper")):
        found[name] |= {f"plan{path}": what for path, what in files(os.path.join(here, "plan-upper")).items()}
print(json.dumps(found))
