"""The machines as ansible reaches them: an inventory, patterns and limits, and commands that run on a host.

Models ansible-core in what a migration can notice: groups keep the order of the file, a pattern that matches nobody is no error, a
host that does not answer ends the play.
"""

import json
import shlex
import subprocess
import sys

import yaml

ENTER = "/stand-ins/keeper/enter"


class Failed(Exception):
    """A task that failed, or a host that does not answer, in ansible's words."""

    def __init__(self, task, host, message, code=2):
        super().__init__(message)
        self.task, self.host, self.code = task, host, code


class Host:
    """One machine of the inventory."""

    known = None

    def __init__(self, name, variables):
        self.name, self.variables = name, variables or {}
        self.address = str(self.variables.get("ansible_host") or self.variables.get("ip") or name)
        self.ip = str(self.variables.get("access_ip") or self.variables.get("ip") or self.address)

    def machine(self, task):
        if Host.known is None:
            with open("/run/world.json", encoding="utf-8") as file:
                Host.known = json.load(file)["hosts"]
        for each in Host.known:
            wanted = (str(each["address"]), str(each["port"]))
            if wanted == (self.address, str(self.variables.get("ansible_port", 22))) and self.answers():
                return str(each["pid"])
        raise Failed(task, self.name, f"Failed to connect to the host via ssh: connect to host {self.address}: No route to host", 4)

    def answers(self):
        question = ["ping", "-q", "-c", "1", "-W", "2", self.address]
        return subprocess.run(question, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode == 0

    def run(self, task, script, text="", limit=120):
        """The exit code, what was said, and what was complained of."""
        command = [ENTER, self.machine(task), "machine", "bash", "-c", script]
        try:
            done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=limit, check=False)
        except subprocess.TimeoutExpired:
            raise Failed(task, self.name, f"no end within {limit} s: {script}") from None
        return done.returncode, done.stdout, done.stderr

    def must(self, task, script, text="", limit=120):
        code, said, complaint = self.run(task, "set -euo pipefail\n" + script, text, limit)
        if code:
            raise Failed(task, self.name, f"non-zero return code {code}: {complaint.strip() or said.strip()}")
        return said

    def read(self, path):
        code, said, _ = self.run("Read a file", f"cat -- {shlex.quote(path)}")
        return said if code == 0 else None

    def write(self, task, path, content, mode="0644"):
        """Whether the file is another one now."""
        if self.read(path) == content:
            return False
        quoted = shlex.quote(path)
        self.must(task, f"install -D -m {mode} /dev/stdin {quoted}.new && mv {quoted}.new {quoted}", content)
        return True


class Inventory:
    def __init__(self, text):
        content = yaml.safe_load(text)["all"]
        self.hosts = {name: Host(name, variables) for name, variables in content["hosts"].items()}
        self.children = content.get("children") or {}

    def group(self, name):
        """The hosts of a group, in the order of the file; those of its children behind one another."""
        if name == "all":
            return list(self.hosts.values())
        group = self.children.get(name) or {}
        names = list(group.get("hosts") or {})
        for child in group.get("children") or {}:
            names += [host.name for host in self.group(child)]
        missing = [each for each in names if each not in self.hosts]
        if missing:
            raise Failed("Read the inventory", missing[0], f"{missing[0]} is in group {name} and not in all.hosts")
        return [self.hosts[each] for each in dict.fromkeys(names)]

    def matching(self, pattern):
        """`a:b`, `a,b`, `group[0]`, `!a`."""
        found, without = [], []
        for word in pattern.replace(",", ":").split(":"):
            if word.startswith("!"):
                without += self.matching(word[1:])
            elif word.endswith("]"):
                name, _, index = word[:-1].partition("[")
                found += self.group(name)[int(index):][:1]
            elif word in self.hosts:
                found.append(self.hosts[word])
            elif word == "all" or word in self.children:
                found += self.group(word)
        return [host for host in dict.fromkeys(found) if host not in without]

    def first(self, group):
        """Whom kubespray asks about the others."""
        hosts = self.group(group)
        if not hosts:
            sys.exit(f"the stand-in for kubespray finds nobody in {group}")
        return hosts[0]
