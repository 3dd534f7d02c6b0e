"""Playbooks that a plan brings in a ConfigMap, read as they stand: `shell` tasks on hosts, facts of services, and imports of the image's own playbooks."""

import os

import yaml

import asks
from hosts import Failed
from run import local

IMPORTED = {"facts.yml": asks.facts, "playbooks/facts.yml": asks.facts, "ping.yml": asks.ping}
PLAIN = {"name", "shell", "ansible.builtin.shell", "changed_when"}


def text(playbook):
    """A playbook that is mounted over the image's, or nothing."""
    try:
        with open(local(f"/kubespray/{os.path.basename(playbook)}"), encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        return None


def play(run, content):
    plays = yaml.safe_load(content)
    if not isinstance(plays, list):
        raise Failed("Load the playbook", "localhost", "A playbook must be a list of plays")
    for each in plays:
        if "import_playbook" in each:
            if each["import_playbook"] not in IMPORTED:
                raise Failed("Import", "localhost", f"the stand-in for ansible does not import {each['import_playbook']}")
            IMPORTED[each["import_playbook"]](run)
            continue
        if set(each) - {"name", "hosts", "gather_facts", "tasks"}:
            raise Failed("Load the playbook", "localhost", f"the stand-in for ansible does not know a play with {sorted(each)}")
        hosts = run.hosts(templated(each["hosts"], run.variables))
        for task in each["tasks"]:
            perform(run, task, hosts)


def perform(run, task, hosts):
    if "ansible.builtin.service_facts" in task and set(task) == {"name", "ansible.builtin.service_facts"}:
        run.gather_services(hosts)
        return
    shell = task.get("shell") or task.get("ansible.builtin.shell")
    if not shell or set(task) - PLAIN:
        raise Failed(task.get("name", "?"), "localhost", f"the stand-in for ansible does not know a task with {sorted(task)}")
    for host in hosts:
        code, said, complaint = host.run(task.get("name", "shell"), f"sh -c {quoted(shell)}")
        if code:
            raise Failed(task.get("name", "shell"), host.name, f"non-zero return code {code}: {complaint or said}")


def quoted(text):
    return "'" + text.replace("'", "'\\''") + "'"


def templated(pattern, variables):
    """`{{ name }}` and `{{ name | default('other') }}`, as the whole of a play's hosts."""
    if not pattern.startswith("{{"):
        return pattern
    name, _, otherwise = pattern.strip("{} ").partition("|")
    if name.strip() in variables:
        return str(variables[name.strip()])
    otherwise = otherwise.strip()
    if otherwise.startswith("default(") and otherwise.endswith(")"):
        return otherwise.removeprefix("default(").removesuffix(")").strip("'\"")
    raise Failed("Read the play's hosts", "localhost", f"'{name.strip()}' is undefined")
