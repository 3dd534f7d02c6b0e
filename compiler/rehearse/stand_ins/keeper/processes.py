"""Processes as the kernel shows them: who lives, in which session, and how they are told to end.

A session stands for a control group: a service begins one, and a daemon that forks begins another, in which its children stay.
"""

import os
import signal


def signal_named(name):
    return getattr(signal, "SIG" + name.removeprefix("SIG"))


def remove(path):
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass


def pid_in(path):
    """The number in a PID file; none while it is missing or empty."""
    try:
        return int(open(path, encoding="utf-8").read().strip() or 0)
    except (FileNotFoundError, ValueError):
        return 0


def session_of(pid):
    """The session of a process that runs."""
    try:
        state, _, _, session = open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace").read().rpartition(")")[2].split()[:4]
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if state in "ZX" else int(session)


def processes_of(session):
    return [int(each) for each in os.listdir("/proc") if each.isdigit() and session and session_of(each) == session]


def kill_all(pids, number):
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass
