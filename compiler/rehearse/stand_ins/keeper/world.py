"""Builds the hosts of a rehearsal inside namespaces of its own, and keeps them until its standard input closes.

It is process 1 of a private process namespace, so that its end is the end of everything in the world, however the rehearsal
ends. A host is a network namespace on one bridge, an overlay over this machine's files, a host name and a process table.
"""

import ipaddress
import json
import os
import signal
import subprocess
import sys
import time

PLACE = "/run/rehearsal"
WORKSTATION = "workstation"
# What this machine may have installed, and a fresh host must not have: the rehearsal's own tools, and clusters of this machine.
NOT_ON_HOSTS = """
/usr/bin/etcd /usr/bin/etcdctl /usr/bin/etcdutl /usr/local/bin/etcd /usr/local/bin/etcdctl /usr/local/bin/k3s /usr/bin/k3s /usr/local/bin/kubectl
/usr/bin/kubectl /usr/bin/docker /var/lib/etcd /etc/default/etcd /etc/keepalived /etc/rancher /var/lib/rancher /etc/kubernetes /var/lib/kubelet
/swapfile /swap.img /etc/nginx/sites-enabled/default /lib/systemd/system/etcd.service /lib/systemd/system/etcd2.service /etc/systemd/system/etcd.service
/etc/systemd/system/etcd2.service /etc/systemd/system/k3s.service /etc/systemd/system/k3s-agent.service
/etc/systemd/system/multi-user.target.wants/etcd.service /etc/systemd/system/multi-user.target.wants/keepalived.service
/etc/systemd/system/multi-user.target.wants/nginx.service
""".split()


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


# A host sees devices that do nothing, no hardware, and of the kernel's settings those of its own network alone.
BOOT = r"""
set -euo pipefail
here=$1 name=$2 plan=$3 init=$4
root=$here/root
mkdir -p "$root" "$here/proc"
while read -r part folder; do
    mkdir -p "$here/$folder"/{upper,work}
    mount -t overlay overlay -o "lowerdir=$part,upperdir=$here/$folder/upper,workdir=$here/$folder/work" "$root$part"
done < /run/rehearsal/parts
mkdir -p "$root/stand-ins"
mount --bind /run/rehearsal/stand-ins "$root/stand-ins"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t proc proc "$root/proc"
mount -t proc proc "$here/proc"
for closed in sys sysrq-trigger irq bus fs; do
    if [ ! -e "$root/proc/$closed" ]; then continue; fi
    mount --bind "$root/proc/$closed" "$root/proc/$closed"
    mount -o remount,bind,ro "$root/proc/$closed"
done
mount --bind "$here/proc/sys/net" "$root/proc/sys/net"
mount -t tmpfs -o mode=0755 tmpfs "$root/dev"
mkdir "$root"/dev/{pts,shm}
for device in null zero full random urandom tty; do
    touch "$root/dev/$device"
    mount --bind "/dev/$device" "$root/dev/$device"
done
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
ln -s fd/0 "$root/dev/stdin"
ln -s fd/1 "$root/dev/stdout"
ln -s fd/2 "$root/dev/stderr"
mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
mount -t tmpfs -o mode=0755 tmpfs "$root/run"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mkdir -p "$root/run/lock"
hostname "$name"
printf '127.0.0.1 localhost\n::1 localhost\n127.0.1.1 %s\n' "$name" > "$root/etc/hosts"
xargs -r -d '\n' chroot "$root" rm -rf --one-file-system -- < /run/rehearsal/absent
chroot "$root" sh -c 'if getent passwd etcd >/dev/null; then userdel etcd; fi' 2>/dev/null
if [ -n "$plan" ]; then
    mkdir -p "$here"/{plan-upper,plan-work} "$root/plan"
    mount -t overlay overlay -o "lowerdir=$plan,upperdir=$here/plan-upper,workdir=$here/plan-work" "$root/plan"
fi
withheld=-sys_boot,-sys_module,-sys_rawio,-sys_time,-mknod
exec chroot "$root" setpriv --bounding-set="$withheld" --inh-caps="$withheld" $init
"""


def child_of(pid):
    """The first child: the process that is 1 in its own process namespace."""
    with open(f"/proc/{pid}/task/{pid}/children", encoding="utf-8") as file:
        return int((file.read().split() or ["0"])[0])


def parts():
    """The file systems of this machine that a host has an overlay of: the root, and what is mounted where programs and settings lie."""
    with open("/proc/self/mountinfo", encoding="utf-8") as file:
        mounts = [line.split() for line in file]
    kinds = {fields[4]: fields[fields.index("-") + 1] for fields in mounts}
    own = ("ext2", "ext3", "ext4", "xfs", "btrfs", "zfs", "f2fs", "bcachefs")
    return ["/", *sorted(place for place, kind in kinds.items() if kind in own and place.startswith(("/usr", "/var", "/opt", "/etc", "/srv"))
                         and os.path.isdir(place) and "\\" not in place)]


def empty_home(here):
    """The home of root starts empty: what lies in this machine's own is nobody's business."""
    home = os.path.join(here, "0/upper/root")
    os.makedirs(home, mode=0o700)
    os.setxattr(home, "trusted.overlay.opaque", b"y")


def boot(name, plan=""):
    """Starts a host and answers the process id of its init, as the world counts. The workstation sees all processes."""
    here = os.path.join(PLACE, "hosts", name)
    empty_home(here)
    init, private = ("/usr/bin/python3 -B /stand-ins/keeper/manager.py", ["--pid", "--fork"]) if not plan else ("/usr/bin/sleep infinity", [])
    command = ["ip", "netns", "exec", name, "unshare", "--mount", "--uts", "--ipc", *private, "bash", "-c", BOOT, "boot", here, name, plan, init]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    return process, (lambda: child_of(process.pid)) if not plan else (lambda: process.pid)


def wait_for(name, process, pid, sign):
    for _ in range(2000):
        if process.poll() is not None:
            sys.exit(f"{name} did not come up: exit {process.returncode}")
        found = pid()
        if found and os.path.exists(f"/proc/{found}/root/{sign}") and open(f"/proc/{found}/comm").read().strip() in ("systemd", "sleep"):
            return found
        time.sleep(0.01)
    sys.exit(f"{name} did not come up within 20 s")


def keep(order):
    # Ctrl-C reaches every process of the terminal; this one ends by the end of its input, and takes the world with it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with open(f"{PLACE}/absent", "w", encoding="utf-8") as file:
        file.write("\n".join(NOT_ON_HOSTS + order["absent"]) + "\n")
    with open(f"{PLACE}/parts", "w", encoding="utf-8") as file:
        file.writelines(f"{place} {index}\n" for index, place in enumerate(parts()))
    # Files of the rehearsal itself, such as its certificates.
    os.mkdir(f"{PLACE}/desk")
    hosts = order["hosts"]
    build_network(hosts)
    started = [boot(host["name"]) for host in hosts]
    for host, (process, pid) in zip(hosts, started):
        host["pid"] = wait_for(host["name"], process, pid, "run/stand-in/control")
    process, pid = boot(WORKSTATION, f"{PLACE}/plan")
    workstation = wait_for(WORKSTATION, process, pid, "plan")
    with open(f"/proc/{workstation}/root/run/world.json", "w", encoding="utf-8") as file:
        json.dump({"hosts": hosts}, file)
    print(json.dumps({host["name"]: host["pid"] for host in hosts} | {WORKSTATION: workstation}), flush=True)
    if sys.stdin.read() == "":
        print("interrupted: every host of the rehearsal is gone", file=sys.stderr, flush=True)
