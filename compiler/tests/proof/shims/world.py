#!/usr/bin/python3 -B
"""Builds the hosts of a rehearsal inside namespaces of its own, and keeps them until its standard input closes.

It is process 1 of a private process namespace, so that its end is the end of everything in the world, however the test
ends. A host is a network namespace on one bridge, an overlay over this machine's files, a host name and a process table.
"""

import ipaddress
import json
import os
import subprocess
import sys
import time

SHIMS = os.path.dirname(os.path.realpath(__file__))
WORKSTATION = "workstation"
# What this machine has installed for the sake of the rehearsal, and a fresh host must not have.
NOT_ON_HOSTS = ["/usr/bin/etcd", "/usr/bin/etcdctl", "/usr/bin/etcdutl", "/lib/systemd/system/etcd.service", "/lib/systemd/system/etcd2.service",
                "/etc/default/etcd", "/var/lib/etcd", "/etc/systemd/system/etcd2.service", "/etc/systemd/system/multi-user.target.wants/etcd.service"]


def run(*command, **more):
    done = subprocess.run(command, text=True, capture_output=True, **more)
    if done.returncode:
        sys.exit(f"{' '.join(command)}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def connect(name, index, address, interface="eth0", prefix=None):
    """A network namespace with the address. Every other address is a neighbour on the link, whatever its subnet."""
    width, family = ("128", "-6") if ipaddress.ip_address(address).version == 6 else ("32", "-4")
    width = str(prefix or width)
    run("ip", "netns", "add", name)
    run("ip", "link", "add", f"h{index}", "type", "veth", "peer", "name", interface, "netns", name)
    run("ip", "link", "set", f"h{index}", "master", "br0", "up")
    run("ip", "-n", name, "link", "set", "lo", "up")
    run("ip", "-n", name, "link", "set", interface, "up")
    run("ip", "-n", name, "address", "add", f"{address}/{width}", "dev", interface, *(["nodad"] if family == "-6" else []))
    run("ip", "-n", name, family, "route", "add", "default", "dev", interface)


def both_families(command, index):
    """The bridge and the workstation speak IPv4 and IPv6, from addresses that are reserved for documentation."""
    for family, address in (("-4", f"192.0.2.{index}/32"), ("-6", f"2001:db8:ffff::{index}/128")):
        yield command + ["address", "add", address, "dev"], ["nodad"] if family == "-6" else [], command + [family, "route", "add", "default", "dev"]


def build_network(hosts):
    run("mount", "-t", "tmpfs", "netns", "/run/netns") if os.path.isdir("/run/netns") else os.makedirs("/run/netns")
    run("ip", "link", "set", "lo", "up")
    run("ip", "link", "add", "br0", "type", "bridge", "forward_delay", "0", "mcast_snooping", "0")
    run("ip", "link", "set", "br0", "up")
    for add, flags, route in both_families(["ip"], 254):
        run(*add, "br0", *flags)
        run(*route, "br0")
    connect(WORKSTATION, 0, "192.0.2.253")
    run("ip", "-n", WORKSTATION, "address", "add", "2001:db8:ffff::253/128", "dev", "eth0", "nodad")
    run("ip", "-n", WORKSTATION, "-6", "route", "add", "default", "dev", "eth0")
    for index, host in enumerate(hosts, 1):
        connect(host["name"], index, host["address"], host["interface"], host["prefix"])


BOOT = r"""
set -euo pipefail
here=$1 name=$2 shims=$3 plan=$4 init=$5
root=$here/root
mkdir -p "$here"/{upper,work,root}
mount -t overlay overlay -o "lowerdir=/,upperdir=$here/upper,workdir=$here/work" "$root"
mkdir -p "$root/shims"
mount --bind "$shims" "$root/shims"
mount -t proc proc "$root/proc"
mount --rbind /sys "$root/sys"
mount --rbind /dev "$root/dev"
mount -t tmpfs tmpfs "$root/run"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mkdir -p "$root/run/lock"
hostname "$name"
printf '127.0.0.1 localhost\n::1 localhost\n127.0.1.1 %s\n' "$name" > "$root/etc/hosts"
chroot "$root" rm -rf --one-file-system $NOT_ON_HOSTS
chroot "$root" sh -c 'if getent passwd etcd >/dev/null; then userdel etcd; fi' 2>/dev/null
if [ -n "$plan" ]; then
    mkdir -p "$here"/{plan-upper,plan-work} "$root/plan"
    mount -t overlay overlay -o "lowerdir=$plan,upperdir=$here/plan-upper,workdir=$here/plan-work" "$root/plan"
fi
exec chroot "$root" $init
"""


def child_of(pid):
    """The first child: the process that is 1 in its own process namespace."""
    with open(f"/proc/{pid}/task/{pid}/children", encoding="utf-8") as file:
        return int((file.read().split() or ["0"])[0])


def boot(place, name, plan=""):
    """Starts a host and answers the process id of its init, as the world counts. The workstation sees all processes."""
    here = os.path.join(place, name)
    os.makedirs(here)
    init, private = ("/usr/bin/python3 -B /shims/manager.py", ["--pid", "--fork"]) if not plan else ("/usr/bin/sleep infinity", [])
    command = ["ip", "netns", "exec", name, "unshare", "--mount", "--uts", *private, "bash", "-c", BOOT, "boot", here, name, SHIMS, plan, init]
    process = subprocess.Popen(command, env=dict(os.environ, NOT_ON_HOSTS=" ".join(NOT_ON_HOSTS)), stdin=subprocess.DEVNULL)
    return process, (lambda: child_of(process.pid)) if not plan else (lambda: process.pid)


def wait_for(name, process, pid, sign):
    for _ in range(1000):
        if process.poll() is not None:
            sys.exit(f"{name} did not come up: exit {process.returncode}")
        found = pid()
        if found and os.path.exists(f"/proc/{found}/root/{sign}") and open(f"/proc/{found}/comm").read().strip() in ("systemd", "sleep"):
            return found
        time.sleep(0.01)
    sys.exit(f"{name} did not come up within 10 s")


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        world = json.load(file)
    place = world["place"]
    run("mount", "-t", "tmpfs", "world", place)
    build_network(world["hosts"])
    started = [boot(place, host["name"]) for host in world["hosts"]]
    for host, (process, pid) in zip(world["hosts"], started):
        host["pid"] = wait_for(host["name"], process, pid, "run/shim/control")
    process, pid = boot(place, WORKSTATION, world["plan"])
    workstation = wait_for(WORKSTATION, process, pid, "plan")
    content = json.dumps({"hosts": world["hosts"]})
    with open(f"/proc/{workstation}/root/run/world.json", "w", encoding="utf-8") as file:
        file.write(content)
    print(json.dumps({host["name"]: host["pid"] for host in world["hosts"]} | {WORKSTATION: workstation}), flush=True)
    sys.stdin.read()


main()
