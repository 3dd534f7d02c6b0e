"""Writes the bill of materials of a build, CycloneDX 1.5 as JSON: `cargo metadata … | bill.py Cargo.lock PROGRAM`.

Knows cargo's metadata and lock file. Lists what the program is made of and what built it (build scripts, macros), and leaves out what only
tests need. No clock and no random number: the same build has the same bill."""

import hashlib
import json
import sys
import tomllib

metadata = json.load(sys.stdin)
with open(sys.argv[1], "rb") as lock:
    checksums = {(package["name"], package["version"]): package.get("checksum") for package in tomllib.load(lock)["package"]}
with open(sys.argv[2], "rb") as program:
    digest = hashlib.file_digest(program, "sha256").hexdigest()

packages = {package["id"]: package for package in metadata["packages"]}
nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
root = metadata["resolve"]["root"]


def needs(identifier):
    """The packages that one is built of: not those that only its tests need."""
    of_a_build = lambda dependency: any(kind["kind"] != "dev" for kind in dependency["dep_kinds"])
    return sorted({dependency["pkg"] for dependency in nodes[identifier]["deps"] if of_a_build(dependency)})


def reference(identifier):
    package = packages[identifier]
    return f"pkg:cargo/{package['name']}@{package['version']}"


def component(identifier):
    package = packages[identifier]
    found = {
        "type": "application" if identifier == root else "library",
        "bom-ref": reference(identifier),
        "name": package["name"],
        "version": package["version"],
        "purl": reference(identifier),
        # Older packages write `/` where SPDX has `OR`.
        "licenses": [{"expression": package["license"].replace(" / ", " OR ").replace("/", " OR ")}],
    }
    checksum = digest if identifier == root else checksums[(package["name"], package["version"])]
    found["hashes"] = [{"alg": "SHA-256", "content": checksum}]
    if package.get("description"):
        found["description"] = " ".join(package["description"].split())
    if package.get("repository"):
        found["externalReferences"] = [{"type": "vcs", "url": package["repository"]}]
    return found


reached, waiting = {root}, [root]
while waiting:
    for package in needs(waiting.pop()):
        if package not in reached:
            reached.add(package)
            waiting.append(package)

ordered = sorted(reached, key=reference)
json.dump(
    {
        "$schema": "http://cyclonedx.org/schema/bom-1.5.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": component(root)},
        "components": [component(package) for package in ordered if package != root],
        "dependencies": [{"ref": reference(package), "dependsOn": [reference(need) for need in needs(package)]} for package in ordered],
    },
    sys.stdout,
    indent=2,
    ensure_ascii=False,
)
print()
