#!/usr/bin/python3
"""A cluster of four nodes, a claim and its pod, in a file: what the step that makes a volume anew asks and does, and nothing else."""
import json
import os
import sys

PLACE = os.environ["CLUSTER"]
cluster = json.load(open(PLACE))
words = [word for word in sys.argv[1:] if not word.startswith(("--server", "--request-timeout"))]
if words[0] == "-n":
    words = words[2:]
verb, rest = words[0], words[1:]
output = rest[rest.index("-o") + 1] if "-o" in rest else ""


def end(text="", status=0):
    json.dump(cluster, open(PLACE, "w"))
    print(text)
    sys.exit(status)


def begin_anew():
    """The StatefulSet makes claim and pod again where the old claim has gone, on the only node that takes pods."""
    if cluster["claim"] and cluster["claim"]["going"]:
        cluster["volumes"][cluster["claim"]["volume"]]["phase"] = "Released"
        open_nodes = [name for name, closed in cluster["nodes"].items() if not closed and name != "lzx-ha-env"]
        node = cluster.get("forced") or open_nodes[0]
        assert cluster.get("forced") or len(open_nodes) == 1, open_nodes
        cluster["volumes"]["pv-new"] = {"on": node, "phase": "Bound"}
        cluster["claim"] = {"volume": "pv-new", "going": False}
        cluster["pod"] = node


cluster["calls"].append(" ".join(words[:3]))
if verb in ("cordon", "uncordon"):
    cluster["nodes"][rest[0]] = verb == "cordon"
    end(f"node/{rest[0]} {verb}ed")
if verb == "delete" and rest[0] == "pvc":
    assert "--wait=false" in rest, "the claim goes only when its pod does"
    if cluster.get("refuses"):
        end("the API refuses", 1)
    cluster["claim"]["going"] = True
    end()
if verb == "delete" and rest[0] == "pod":
    begin_anew()
    end()
if verb == "delete" and rest[0] == "pv":
    del cluster["volumes"][rest[1]]
    end()
if verb == "get" and rest[0] == "nodes":
    end("\n".join(f"{name} {'true' if closed else '<none>'}" for name, closed in cluster["nodes"].items()))
if verb == "get" and rest[0] == "node":
    end(f"node/{rest[1]}" if rest[1] in cluster["nodes"] else "")
if verb == "get" and rest[0] == "pods" and "metadata.name" not in output:
    end("strange-minio-1\nother export-minio-1")
if verb == "get" and rest[0] == "pods":
    end(f"minio-1|{cluster['pod']}|True|other export-minio-1")
if verb == "get" and rest[0] == "pvc" and rest[1] != "export-minio-1":
    end(cluster.get("other", "") if rest[1] == "other" else "pv-strange")
if verb == "get" and rest[0] == "pvc":
    volume = cluster["claim"]["volume"]
    end({"jsonpath={.spec.volumeName}": volume, 'jsonpath={.metadata.name}{" "}{.spec.volumeName}': f"export-minio-1 {volume}"}[output])
if verb == "get" and rest[0] == "pv":
    volume = cluster["volumes"].get(rest[1])
    end("" if volume is None else volume["phase"] if "phase" in output else volume["on"])
sys.exit(f"this cluster does not know: {words}")
