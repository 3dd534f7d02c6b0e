"""The person at DomeOS' console when its server has been started: has the watcher made anew where it was told another API server.

Run by the stand-in for docker on the machine of the server, whose kubelet's file says where the API is: the person follows the same plan.
"""

import re
import sys

sys.path.insert(0, "/stand-ins/binaries")
import parts
from api import Answered, Api, Unreached

FILE, NAME = "/etc/sysconfig/kubelet", "watcher"


def watcher(server):
    container = {"name": NAME, "image": "pub.domeos.org/domeos/watcher:1.0", "env": [{"name": "KUBERNETES_MASTER", "value": server}]}
    return parts.controller(NAME, "default", {"app": NAME}, 1, container)


def main():
    with open(FILE, encoding="utf-8") as file:
        server = re.search(r"http://[0-9.:]+", file.read()).group(0)
    api = Api(server)
    wanted, found = watcher(server), api.get("replicationcontrollers", "default", NAME)
    if found and found["spec"]["template"]["spec"] == wanted["spec"]["template"]["spec"]:
        return
    if found:
        api.delete("replicationcontrollers", "default", NAME)
        for pod in api.items("pods", "default", f"app={NAME}"):
            api.delete("pods", "default", pod["metadata"]["name"])
    api.create("replicationcontrollers", "default", wanted)


if __name__ == "__main__":
    try:
        main()
    except (Unreached, Answered, OSError) as error:
        sys.exit(f"the person at the console sees: {error}")
