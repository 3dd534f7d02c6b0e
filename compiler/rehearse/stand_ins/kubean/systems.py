"""Operating systems of machines: what /etc/os-release says, and where a machine without internet finds its packages.

Every host of a rehearsal has this machine's own files; the system is a file that says so.
"""

import re

NAMES = {"centos": "CentOS Linux", "rhel": "Red Hat Enterprise Linux", "rocky": "Rocky Linux", "oracle": "Oracle Linux Server", "ubuntu": "Ubuntu", "debian": "Debian GNU/Linux",
         "kylin": "Kylin Linux Advanced Server", "openeuler": "openEuler"}
IDS = {"oracle": "ol", "openeuler": "openEuler"}
FOLDERS = {"rhel": "redhat"}
CODENAMES = {"18.04": "bionic", "20.04": "focal", "22.04": "jammy", "24.04": "noble"}


def release_file(system):
    """As the system itself has it: CentOS 7.9 calls itself 7."""
    family, _, version = system.partition("-")
    said = "7" if family == "centos" and version.startswith("7") else version
    return f'NAME="{NAMES[family]}"\nID="{IDS.get(family, family)}"\nVERSION_ID="{said}"\nPRETTY_NAME="{NAMES[family]} {version}"\n'


def prefixes(system):
    """Where the object store has the system's packages."""
    family, _, version = system.partition("-")
    folder = FOLDERS.get(family, family)
    if family == "ubuntu":
        return [f"/kubean/{kind}/dists/{CODENAMES.get(version[:5], version)}/" for kind in ("ubuntu", "ubuntu-iso")]
    return [f"/kubean/{folder}/", f"/kubean/{folder}-iso/"]


def give(host, system, repository):
    """What a machine that was deployed long ago has: its system, and the repositories that the deployment set up."""
    host.must("Install the system", "rm -f /etc/os-release\nrm -rf /etc/nginx")
    host.write("Install the system", "/etc/os-release", release_file(system or "rocky-9"))
    if not repository or not system:
        return
    family, _, version = system.partition("-")
    if family == "ubuntu":
        name = CODENAMES.get(version[:5], version)
        lines = f"deb [trusted=yes] {repository}/kubean/ubuntu {name} main\n"
        host.write("Install the system", "/etc/apt/sources.list.d/extension.list", lines)
    else:
        folder = FOLDERS.get(family, family)
        text = f"[extension-0]\nbaseurl={repository}/kubean/{folder}/$releasever/os/$basearch\nenabled=1\ngpgcheck=0\n"
        host.write("Install the system", "/etc/yum.repos.d/extension.repo", text)


def of_archives(paths):
    """The systems of archives that are imported."""
    found = []
    for path in paths:
        with open(path, encoding="utf-8") as file:
            found.append(file.read().strip())
    return [system for system in found if re.fullmatch(r"[a-z]+-[\w.-]+", system)]
