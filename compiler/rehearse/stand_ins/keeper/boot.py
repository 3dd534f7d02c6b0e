"""The first thing that runs in the world of a rehearsal: lays out the stand-ins, then becomes their keeper.

Everything lies in a tmpfs over /run that only this mount namespace sees. Nothing is ever written outside of it.
"""

import compileall
import json
import os
import py_compile
import subprocess
import sys

order = json.loads(sys.stdin.readline())
# A plan may ask for free room, which costs nothing until somebody writes.
# The plan may lie below /run itself, and its path may hold what mount(8) takes for syntax: it is opened now, and has a plain name then.
plan = os.open(order["plan"], os.O_PATH | os.O_DIRECTORY)
subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=0755,size=64g", "rehearsal", "/run"], check=True)
os.makedirs("/run/rehearsal/plan")
subprocess.run(["mount", "--no-canonicalize", "--bind", f"/proc/self/fd/{plan}", "/run/rehearsal/plan"], check=True, pass_fds=[plan])
os.close(plan)
for name, text in order.pop("standIns").items():
    path = os.path.join("/run/rehearsal/stand-ins", name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(path, 0o755)
# They are started some thousand times: what they share is compiled once, and never compared with its text again.
compileall.compile_dir("/run/rehearsal/stand-ins", quiet=2, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
sys.path.insert(0, "/run/rehearsal/stand-ins/keeper")
import world  # noqa: E402

world.keep(order)
