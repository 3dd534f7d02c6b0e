"""One run of ansible-playbook: its command line, its variables, what its job remembers, and how kubespray's version changes it."""

import json
import os
import sys
import time

import yaml

from hosts import Failed, Inventory

JOB = os.environ.get("REHEARSAL_JOB", "")


def local(path):
    """Where a path of the job's container lies."""
    for inside in ("/conf/", "/auth/", "/kubespray/"):
        if path.startswith(inside):
            return JOB + path
    return f"{JOB}/conf/hosts.yml" if path == "/dev/fd/200" else path


def truth(value):
    """ansible's `| bool`."""
    return str(value).lower() in ("true", "yes", "on", "1")


class Run:
    def __init__(self, arguments):
        self.variables, self.limit, self.skipped, words = {}, None, [], []
        inventory = None
        with open("/run/management-cluster/settings.json", encoding="utf-8") as file:
            self.settings = json.load(file)
        rest = list(arguments)
        while rest:
            word = rest.pop(0)
            option, equals, value = word.partition("=") if word.startswith("--") else (word, "", "")
            take = lambda: value if equals else rest.pop(0)
            if option in ("-i", "--inventory"):
                inventory = take()
            elif option in ("-e", "--extra-vars"):
                self.extra(take())
            elif option in ("-l", "--limit"):
                self.limit = take()
            elif option == "--skip-tags":
                self.skipped += take().split(",")
            elif option in ("--become-user", "--private-key"):
                take()
            elif option == "-b":
                pass
            elif option.startswith("-"):
                sys.exit(f"ansible-playbook: error: unrecognized arguments: {word}")
            else:
                words.append(word)
        if len(words) != 1 or inventory is None:
            sys.exit(f"the stand-in for ansible-playbook wants one playbook and an inventory: {arguments}")
        self.playbook = os.path.basename(words[0])
        with open(local(inventory), encoding="utf-8") as file:
            self.inventory = Inventory(file.read())
        self.version = release(self.settings["kubespray"])

    def extra(self, text):
        if text.startswith("@"):
            with open(local(text[1:]), encoding="utf-8") as file:
                self.variables |= yaml.safe_load(file) or {}
        elif text.startswith("{"):
            self.variables |= yaml.safe_load(text)
        else:
            for pair in text.split():
                key, equals, value = pair.partition("=")
                if not equals:
                    sys.exit(f"the stand-in for ansible-playbook does not understand -e {text}")
                self.variables[key] = value

    def kept(self, hosts):
        """Those that `--limit` leaves."""
        if self.limit is None:
            return hosts
        within = self.inventory.matching(self.limit)
        return [host for host in hosts if host in within]

    def hosts(self, pattern):
        return self.kept(self.inventory.matching(pattern))

    def flag(self, name, default=False):
        return truth(self.variables.get(name, default))

    def is_set(self, name):
        """As a template without `| bool` has it: any text is true."""
        return bool(self.variables.get(name, False))

    def kube_version(self):
        version = self.variables.get("kube_version")
        if not version:
            raise Failed("Set facts", "localhost", "the stand-in for kubespray wants kube_version: the image's own is another one")
        return "v" + str(version).removeprefix("v")

    def etcd_is_kubeadm(self):
        return self.variables.get("etcd_deployment_type", "host") == "kubeadm"

    def balancer(self):
        return self.variables.get("loadbalancer_apiserver")

    def verify(self, playbook):
        """kubespray's own checks of an inventory, in the playbooks that make them."""
        members = self.inventory.group("etcd")
        counted = (playbook in ("cluster.yml", "upgrade-cluster.yml")
                   or playbook in ("scale.yml", "remove-node.yml", "reset.yml") and self.version >= (2, 28, 0)
                   or playbook in ("facts.yml", "gather-facts.yml") and self.version >= (2, 29, 0))
        if counted and not self.is_set("ignore_assert_errors") and members and len(members) % 2 == 0:
            raise Failed("Stop if even number of etcd hosts", members[0].name, "Assertion failed: groups.etcd | length is not divisibleby 2")
        for group in ("kube_control_plane", "kube_node"):
            if counted and not self.is_set("ignore_assert_errors") and not self.inventory.group(group):
                raise Failed("Stop if either kube_control_plane or kube_node group is empty", "localhost", f"Assertion failed: {group}")

    def gather(self, hosts):
        """Facts of the machines, remembered for the other runs of this job."""
        for host in hosts:
            host.must("Gather minimal facts", "test -x /usr/bin/python3 && cat /etc/os-release")
        self.remember("facts", hosts)

    def gather_services(self, hosts):
        """Which services machines have, remembered likewise."""
        for host in hosts:
            host.must("Gather the facts of services", "ls /etc/systemd/system >/dev/null")
        self.remember("services", hosts)

    def remember(self, what, hosts):
        known = self.known(what)
        with open(f"{JOB}/{what}.json", "w", encoding="utf-8") as file:
            json.dump(sorted(known | {host.name for host in hosts}), file)

    def known(self, what="facts"):
        try:
            with open(f"{JOB}/{what}.json", encoding="utf-8") as file:
                return set(json.load(file))
        except FileNotFoundError:
            return set()

    def begin(self):
        """What every playbook that configures machines does first."""
        self.verify(self.playbook)
        hosts = self.hosts("k8s_cluster:etcd")
        self.gather(hosts)
        missing = set(self.inventory.hosts) - self.known()
        if self.version >= (2, 27, 0) and missing and not self.is_set("ignore_assert_errors"):
            raise Failed("Check that all facts are known", sorted(missing)[0], "a limited run needs the facts of every host: run facts.yml first")
        for host in hosts:
            code, _, _ = host.run("Stop if ip var does not match local ips", f"ip -o addr show to '{host.ip}' | grep -q .")
            if code:
                raise Failed("Stop if ip var does not match local ips", host.name, f"{host.ip} is no address of it")


def release(text):
    return tuple(int(part) for part in text.removeprefix("v").split("."))


def until(task, host, seconds, attempt):
    """Tries again until it is true; answers what was true."""
    deadline = time.monotonic() + seconds
    while True:
        result = attempt()
        if result:
            return result
        if time.monotonic() > deadline:
            raise Failed(task, host.name, f"no success within {seconds} s")
        time.sleep(0.3)
