"""kubean's operator and its job, for one operation: checks, a snapshot of the cluster's settings, the entrypoint, and bash that runs it.

Models kubean pkg/controllers/clusterops and pkg/util/entrypoint (v0.12 to v0.37): what is checked before an operation runs, in which state
one is left that lacks something, the script word for word, and how many finished operations are kept.
"""

import json
import os
import re
import subprocess
import sys
import time

import store

OPERATIONS = "clusteroperations.kubean.io"
# Since which release the operator knows a playbook by name.
BUILTIN = {
    "reset.yml": "0.4.0", "scale.yml": "0.4.0", "cluster.yml": "0.4.0", "remove-node.yml": "0.4.0", "upgrade-cluster.yml": "0.4.0", "ping.yml": "0.4.0",
    "enable-repo.yml": "0.4.0", "disable-firewalld.yml": "0.4.0", "kubeconfig.yml": "0.4.0", "cluster-info.yml": "0.4.0", "precheck.yml": "0.5.0", "facts.yml": "0.22.2",
}
# The operator polls every 5 s; nobody waits for that here.
POLL_SECONDS = 0.2


def settings():
    with open(f"{store.RUNTIME}/settings.json", encoding="utf-8") as file:
        return json.load(file)


def numbers(text):
    return tuple(int(part) for part in text.removeprefix("v").split("."))


def become(name, status, **more):
    with store.locked():
        operation = store.get(OPERATIONS, None, name)
        if operation is not None:
            operation["status"] = operation.get("status", {}) | {"status": status} | more
            store.put(OPERATIONS, None, name, operation)


def calls(spec):
    return [*spec.get("preHook", []), spec, *spec.get("postHook", [])]


def line(call, known):
    """One line of the entrypoint; none for a call that the operator does not know."""
    action, extra = call["action"], call.get("extraArgs", "")
    if call["actionType"] != "playbook":
        return None
    if call.get("actionSource", "builtin") == "builtin" and numbers(BUILTIN.get(action, "999.0.0")) > known:
        return None
    confirmed = {"reset.yml": ' -e "reset_confirmation=yes"', "remove-node.yml": ' -e "skip_confirmation=true"'}.get(action, "")
    inventory = "/conf/hosts.yml" if known < (0, 27, 0) else "/dev/fd/200"
    return (f'ansible-playbook -i {inventory} -b --become-user root -e "@/conf/group_vars.yml" --private-key /auth/ssh-privatekey'
            f"{confirmed} /kubespray/{action} {extra}")


def config_maps(spec):
    """{file: text} of the playbooks that calls bring, or what keeps the operation from starting."""
    found = {}
    for call in calls(spec):
        if call.get("actionSource", "builtin") == "builtin":
            continue
        reference = call.get("actionSourceRef")
        item = reference and store.get("configmaps", reference["namespace"], reference["name"])
        if not item or call["action"] not in item["data"]:
            return None, f"no ConfigMap {reference} with {call['action']}"
        if not re.fullmatch(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?", reference["name"]):
            return None, f"{reference['name']} is no name of a volume"
        if call["action"] in found:
            return None, f"mountPath /kubespray/{call['action']} must be unique"
        found[call["action"]] = item["data"][call["action"]]
    return found, None


def prepare(name, operation, known):
    """The job's folder, or why there is none: (folder, status)."""
    spec = operation["spec"]
    image = spec.get("image", "")
    if not image or " " in image or not image[0].isalnum() or not image[-1].isalnum():
        return None, "Failed"
    cluster = store.get("clusters.kubean.io", None, spec["cluster"])
    if cluster is None or len(f"kubean-{name}-job") > 63:
        return None, ""
    references = [cluster["spec"][key] for key in ("hostsConfRef", "varsConfRef", "sshAuthRef")]
    kinds = ("configmaps", "configmaps", "secrets")
    items = [store.get(kind, reference["namespace"], reference["name"]) for kind, reference in zip(kinds, references)]
    if None in items or len({reference["namespace"] for reference in references}) > 1:
        return None, "Failed"
    lines = [line(call, known) for call in calls(spec)]
    if None in lines:
        return None, "Failed"
    own, reason = config_maps(spec)
    if own is None:
        print(f"{name}: {reason}", flush=True)
        return None, ""
    folder = f"{store.RUNTIME}/jobs/kubean-{name}-job"
    if os.path.exists(folder):
        # A job of that name is adopted, whatever the operation says.
        return folder, "Running"
    files = {"conf/hosts.yml": items[0]["data"]["hosts.yml"], "conf/group_vars.yml": items[1]["data"]["group_vars.yml"],
             "auth/ssh-privatekey": "a key of the rehearsal\n"}
    files |= {f"kubespray/{key}": text for key, text in own.items()}
    files["entrypoint.sh"] = "#!/bin/bash\nset -o errexit\nset -o nounset\nset -o pipefail\n\n" + "".join(f"{each}\n" for each in lines)
    for path, text in files.items():
        os.makedirs(os.path.dirname(f"{folder}/{path}"), exist_ok=True)
        with open(f"{folder}/{path}", "w", encoding="utf-8") as file:
            file.write(text)
    return folder, "Running"


def perform(folder):
    """The container: nothing of the workstation but ansible-playbook and bash."""
    variables = {"PATH": "/stand-ins/kubean:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LANG": "C.UTF-8", "REHEARSAL_JOB": folder}
    with open(f"{folder}/log", "ab") as log:
        done = subprocess.run(["bash", f"{folder}/entrypoint.sh"], env=variables, stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=False)
    return done.returncode


def collect(limit):
    """The oldest finished operations beyond the limit go, with their jobs, logs and playbooks."""
    with store.locked():
        finished = [each for each in store.listed(OPERATIONS, None) if each.get("status", {}).get("status") in ("Succeeded", "Failed")]
        finished.sort(key=lambda each: each["status"].get("endTime", 0))
        for operation in finished[:max(0, len(store.listed(OPERATIONS, None)) - limit)]:
            name = operation["metadata"]["name"]
            store.delete(OPERATIONS, None, name)
            for call in calls(operation["spec"]):
                if call.get("actionSourceRef"):
                    store.delete("configmaps", call["actionSourceRef"]["namespace"], call["actionSourceRef"]["name"])
            subprocess.run(["rm", "-rf", f"{store.RUNTIME}/jobs/kubean-{name}-job"], check=False)


def limit(namespace):
    """The code's own default is 30, the chart's 5."""
    item = store.get("configmaps", namespace, "kubean-config") or {"data": {}}
    return int(item["data"].get("CLUSTER_OPERATIONS_BACKEND_LIMIT", 30))


def main():
    name, chosen = sys.argv[1], settings()
    time.sleep(POLL_SECONDS)
    with store.locked():
        operation = store.get(OPERATIONS, None, name)
    if operation is None:
        return
    folder, status = prepare(name, operation, numbers(chosen["operator"]))
    if folder is None:
        if status:
            become(name, status, endTime=time.time())
        return
    become(name, "Running", startTime=time.time(), jobRef={"name": f"kubean-{name}-job", "namespace": chosen["namespace"]})
    become(name, "Failed" if perform(folder) else "Succeeded", endTime=time.time())
    collect(limit(chosen["namespace"]))


main()
