"""The static pods of /etc/kubernetes/manifests, for the stand-ins for kubelet: a pod is one process.

Models kubernetes/kubernetes in what a migration can notice: pods run on when the kubelet stops; a pod whose manifest changes is started
anew; one that ends comes back.
"""

import json
import os
import signal
import subprocess
import sys
import time

import yaml

MANIFESTS, STATE = "/etc/kubernetes/manifests", "/run/stand-in/pods"
# A pod that ended comes back after so many seconds (a real one after 10 and more).
BACKOFF_SECONDS = 1


def read(path):
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except (FileNotFoundError, NotADirectoryError):
        return ""


def lives(pid, command):
    """Whether the process is there, no zombie, and not somebody else's by now."""
    state = read(f"/proc/{pid}/stat").rpartition(")")[2].split()
    return bool(state) and state[0] not in "ZX" and os.path.basename(command) in read(f"/proc/{pid}/cmdline").replace("\0", " ")


def called(program, command):
    """What to execute, and the command line under which it is seen: a script's begins with the name of what it stands for."""
    with open(program, "rb") as file:
        first = file.readline(100)
    if not first.startswith(b"#!"):
        return program, [program, *command[1:]]
    interpreter, *options = first.decode().removeprefix("#!").split()
    return interpreter, [command[0], *options, program, *command[1:]]


class Pods:
    """`programs`: the program that stands for each command."""

    def __init__(self, programs):
        self.programs, self.ended = programs, {}
        os.makedirs(STATE, exist_ok=True)

    def running(self):
        """{name: (pid, manifest)} of what was started here, by this kubelet or the one before."""
        found = {}
        for name in os.listdir(STATE):
            if name.endswith(".json"):
                pod = json.loads(read(f"{STATE}/{name}") or "{}")
                if pod and lives(pod["pid"], pod["command"]):
                    found[name.removesuffix(".json")] = (pod["pid"], pod["manifest"])
        return found

    def start(self, name, manifest):
        container = yaml.safe_load(manifest)["spec"]["containers"][0]
        command, tag = container["command"], container["image"].rpartition(":")[2]
        if command[0] not in self.programs:
            return print(f"the stand-in for kubelet has no image with {command[0]}", file=sys.stderr, flush=True)
        executable, arguments = called(self.programs[command[0]], command)
        with open(f"{STATE}/{name}.log", "ab") as log:
            child = subprocess.Popen(arguments, executable=executable, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                     start_new_session=True, cwd="/", env=os.environ | {"IMAGE_TAG": tag, "PROGRAM_NAME": command[0]})
        with open(f"{STATE}/{name}.json.new", "w", encoding="utf-8") as file:
            json.dump({"pid": child.pid, "command": self.programs[command[0]], "manifest": manifest}, file)
        os.rename(f"{STATE}/{name}.json.new", f"{STATE}/{name}.json")
        return None

    def stop(self, pid):
        for number, seconds in ((signal.SIGTERM, 5), (signal.SIGKILL, 5)):
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                return
            until = time.monotonic() + seconds
            while time.monotonic() < until and read(f"/proc/{pid}/stat").rpartition(")")[2].split()[:1] not in ([], ["Z"], ["X"]):
                reap()
                time.sleep(0.05)

    def look(self):
        """Starts and stops what there is to start and stop; answers {name: manifest} of what runs on."""
        reap()
        names = [name for name in os.listdir(MANIFESTS) if name.endswith(".yaml") and not name.startswith(".")] if os.path.isdir(MANIFESTS) else []
        wanted = {name.removesuffix(".yaml"): read(f"{MANIFESTS}/{name}") for name in names}
        running = self.running()
        for name, (pid, manifest) in list(running.items()):
            if wanted.get(name) != manifest:
                self.stop(pid)
                running.pop(name)
                self.ended.pop(name, None)
        for name, manifest in wanted.items():
            if name in running:
                self.ended[name] = time.monotonic()
            elif manifest and time.monotonic() > self.ended.get(name, 0) + BACKOFF_SECONDS:
                self.ended[name] = time.monotonic()
                self.start(name, manifest)
        return {name: manifest for name, (_, manifest) in running.items()}


def reap():
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass
