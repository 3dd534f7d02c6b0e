"""`k3s etcd-snapshot` of the rehearsal: `save` and `ls` on a server with an embedded etcd, a real snapshot of the server's own member.

Models pkg/cli/etcdsnapshot and pkg/etcd/snapshot.go of k3s-io/k3s: the name, the node and the second make the file's name; snapshots
that somebody asks for are never pruned. Without an embedded etcd there is nothing to save.
"""

import os
import subprocess
import sys
import time

import k3s_etcd
from k3s_etcd_files import DATA, client_files
from k3s_settings import fatal

PLACE = f"{DATA}/db/snapshots"


def flags(arguments):
    found, rest = {}, list(arguments)
    while rest:
        key, equals, value = rest.pop(0).partition("=")
        if key not in ("--name",):
            fatal(f"flag provided but not defined: {key}")
        found[key] = value if equals else rest.pop(0)
    return found


def save(arguments):
    node = k3s_etcd.name_of("").rpartition("-")[0]
    name = f"{flags(arguments).get('--name', 'on-demand')}-{node}-{int(time.time())}"
    os.makedirs(PLACE, mode=0o700, exist_ok=True)
    authority, certificate, key = client_files()
    command = ["/stand-ins/programs/etcdctl", "--endpoints=https://127.0.0.1:2379", f"--cacert={authority}", f"--cert={certificate}", f"--key={key}",
               "snapshot", "save", f"{PLACE}/{name}"]
    done = subprocess.run(command, env=os.environ | {"ETCDCTL_API": "3"}, capture_output=True, text=True)
    if done.returncode:
        fatal(f"failed to save etcd snapshot: {done.stderr.strip()}")
    print(f'level=info msg="Snapshot {name} saved."', file=sys.stderr)


def shown(arguments):
    flags(arguments)
    print("Name Location Size Created")
    for name in sorted(os.listdir(PLACE)) if os.path.isdir(PLACE) else []:
        status = os.stat(f"{PLACE}/{name}")
        created = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(status.st_mtime))
        print(f"{name} file://{PLACE}/{name} {status.st_size} {created}")


def main(arguments):
    if not k3s_etcd.is_initialized():
        fatal("unable to perform etcd snapshot on non-etcd system")
    verbs = {"save": save, "ls": shown, "list": shown}
    if not arguments or arguments[0] not in verbs:
        fatal(f"No help topic for '{' '.join(arguments)}'")
    verbs[arguments[0]](arguments[1:])
