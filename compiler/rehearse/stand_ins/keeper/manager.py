"""The service manager of one host of the rehearsal: process 1 there, and the other end of the stand-in for `systemctl`.

It runs services as systemd does where a migration can notice the difference: a unit that was loaded keeps its text until
`daemon-reload`, Type=notify waits for READY=1, Type=forking for the process that its PID file names, a failed service comes back after
RestartSec, an orphan is reaped. The processes of a session stand for those of a control group.
"""

import contextlib
import json
import os
import pwd
import resource
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time

sys.path.insert(0, "/stand-ins/shared")
import unitfile
from processes import kill_all, pid_in, processes_of, remove, session_of, signal_named
from unitfile import Unit, UnitError, full_name, seconds

STATE = "/run/stand-in"
WHY = {"exit-code": "the control process exited with error code", "signal": "a fatal signal was delivered to the control process",
       "timeout": "a timeout was exceeded", "protocol": "the service did not take the steps required by its unit configuration",
       "start-limit-hit": "start of the service was attempted too often", "resources": "of unavailable resources or another system error"}
UNKNOWN = ("ExecCondition", "ExecStartPost", "ExecStopPost", "GuessMainPID", "FinalKillSignal", "SendSIGKILL", "SendSIGHUP")
changed = threading.Condition(threading.RLock())
spawned = threading.Event()
exits = {}
services = {}


class Service:
    """One loaded service. Every change happens under `changed`."""

    def __init__(self, name):
        self.name, self.unit = full_name(name), None
        self.state, self.sub, self.result = "inactive", "dead", "success"
        # The main process; the process that starts or stops it, as ExecStop= does; the session of the main process.
        self.pid, self.control, self.session = 0, 0, 0
        self.status, self.restarts, self.starts = 0, 0, []
        self.began = 0
        self.generation = 0
        self.load()

    def load(self):
        path, text = unitfile.text_of(self.name)
        self.unit = Unit(self.name, path, text) if path else None

    def become(self, state, sub, result=None):
        self.state, self.sub, self.result = state, sub, result or self.result
        changed.notify_all()

    def log(self, line):
        with open(f"{STATE}/{self.name}.log", "a", encoding="utf-8") as log:
            log.write(f"systemd: {self.name}: {line}\n")

    def has_read(self, asked):
        """Leaves a mark of the moment since which its configuration has been read: a file that is younger was not."""
        mark = f"{STATE}/{self.name}.read"
        with open(mark, "w", encoding="utf-8"):
            pass
        os.utime(mark, ns=(asked, asked))

    def start(self):
        """Begins to start; `wait_started` tells how it went."""
        if self.state in ("active", "activating") and self.sub != "auto-restart":
            return
        if self.unit is None:
            raise UnitError(f"Failed to start {self.name}: Unit {self.name} not found.")
        for path in " ".join(self.unit.all("Unit", "ConditionFileNotEmpty")).split():
            if not os.path.isfile(path) or not os.path.getsize(path):
                return self.log(f"skipped: {path} is empty or missing")
        self.kill_mode()
        self.generation += 1
        self.become("activating", "start", "success")
        threading.Thread(target=self.run, args=(self.generation, self.unit), daemon=True).start()

    def run(self, generation, unit):
        try:
            for path in " ".join(unit.all("Unit", "AssertPathIsMountPoint")).split():
                if not os.path.ismount(path):
                    raise UnitError(f"Assertion failed: {path} is not a mount point")
            self.prepare_directories(unit)
            for key in UNKNOWN:
                if unit.all("Service", key):
                    raise UnitError(f"the stand-in for systemd does not know {key}=")
            failure = self.run_control(unit, "ExecStartPre", {}, start_limit(unit))
            if failure:
                return self.ended(generation, unit, failure)
            if self.generation == generation:
                self.run_main(generation, unit)
        except (UnitError, OSError, KeyError, subprocess.SubprocessError) as error:
            self.log(f"Failed to start: {error}")
            self.ended(generation, unit, "resources")

    def run_control(self, unit, key, variables, limit):
        """Runs the commands of a key in turn, and answers the result of the first that failed. A `-` forgives an exit code, not a delay."""
        for may_fail, command in unit.commands(key, variables):
            if not command:
                continue
            try:
                pid = self.spawn(unit, command, {})
            except FileNotFoundError:
                pid, code = 0, 203
            if pid:
                with changed:
                    self.control = pid
                code = wait(pid, limit)
                if code is None:
                    kill_all(processes_of(pid), signal.SIGKILL)
                    wait(pid)
                with changed:
                    self.control = 0
                    changed.notify_all()
            if code is None:
                self.log(f"{key} operation timed out. Terminating.")
                return "timeout"
            if code and not may_fail:
                self.status = code
                self.log(f"Control process exited, code={'exited' if code > 0 else 'killed'}, status={abs(code)}")
                return "exit-code" if code > 0 else "signal"
        return None

    def run_main(self, generation, unit):
        kind = unit.last("Service", "Type", "simple")
        if kind not in ("simple", "exec", "notify", "oneshot", "forking"):
            raise UnitError(f"the stand-in for systemd does not know Type={kind}")
        commands = list(unit.commands("ExecStart"))
        if len(commands) != 1:
            raise UnitError(f"the stand-in for systemd wants exactly one ExecStart, found {len(commands)}")
        if kind == "forking" and not unit.last("Service", "PIDFile"):
            raise UnitError("the stand-in for systemd wants PIDFile= with Type=forking")
        limit = start_limit(unit)
        deadline = time.monotonic() + limit if limit else None
        extra, ready, asked = {}, threading.Event(), time.time_ns()
        if kind == "forking":
            failure = self.run_control(unit, "ExecStart", {}, limit)
            pid, failure = (0, failure) if failure else self.forked(generation, unit, deadline)
            if failure:
                return self.ended(generation, unit, failure)
            ready.set()
        else:
            if kind == "notify":
                listener, extra["NOTIFY_SOCKET"] = notify_socket(self.name)
                threading.Thread(target=hear, args=(listener, ready), daemon=True).start()
            pid = self.spawn(unit, commands[0][1], extra)
        with changed:
            self.pid, self.session, self.began = pid, session_of(pid) or pid, time.monotonic_ns() // 1000
            changed.notify_all()
        timed_out = False
        with changed:
            while pid not in exits:
                waiting = self.generation == generation and self.state == "activating"
                if waiting and (ready.is_set() or kind in ("simple", "exec")):
                    self.has_read(asked)
                    self.become("active", "running")
                if waiting and self.state == "activating" and deadline and time.monotonic() > deadline and not timed_out:
                    timed_out = True
                    self.log("start operation timed out. Terminating.")
                    self.kill(signal.SIGKILL)
                changed.wait(0.02 if self.state == "activating" else 1)
            code = exits.pop(pid)
        wanted_signals = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGPIPE)
        succeeded = code == 0 or -code in wanted_signals
        if kind == "notify" and self.state == "activating" and succeeded:
            succeeded, code = False, code or 0
            self.log("exited before it was ready (protocol)")
        self.status = code
        self.ended(generation, unit, "timeout" if timed_out else "success" if succeeded else "exit-code" if code > 0 else "signal")

    def forked(self, generation, unit, deadline):
        """The main process of a service that has forked, or why there is none. A daemon may write its PID file a moment later."""
        path = unit.specifiers(os.path.join("/run", unit.last("Service", "PIDFile")))
        # The daemon itself is unknown until its file is there, so that nobody can say that it never will be; 5 s are plenty.
        until = min(deadline or time.monotonic() + 5, time.monotonic() + 5)
        with changed:
            while self.generation == generation:
                pid = pid_in(path)
                if pid and session_of(pid) is not None and pid not in exits:
                    return pid, None
                if time.monotonic() > until:
                    self.log("Daemon never wrote its PID file. Failing.")
                    return 0, "protocol"
                changed.wait(0.02)
        return 0, "success"

    def prepare_directories(self, unit):
        for name in " ".join(unit.all("Service", "StateDirectory")).split():
            path = os.path.join("/var/lib", name)
            os.makedirs(path, exist_ok=True)
            os.chmod(path, int(unit.last("Service", "StateDirectoryMode", "0755"), 8))
            user = unit.last("Service", "User", "root")
            shutil.chown(path, user, unit.last("Service", "Group") or pwd.getpwnam(user).pw_gid)

    def spawn(self, unit, command, extra):
        user, group = unit.last("Service", "User", "root"), unit.last("Service", "Group")
        limit = unit.last("Service", "LimitNOFILE")
        account = pwd.getpwnam(user)
        # Many hosts share few cores: etcd that spreads over all of them spends its time on waking threads of its own.
        variables = {"GOMAXPROCS": "1"} | unit.environment() | extra | {"USER": user, "HOME": account.pw_dir, "LOGNAME": user}
        self.log(f"starting {' '.join(command)}")

        def limits():
            # A sandboxed root may not raise the hard limit; the rehearsal needs few files.
            hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
            if limit and limit != "infinity":
                resource.setrlimit(resource.RLIMIT_NOFILE, (min(int(limit), hard), min(int(limit), hard)))

        with open(f"{STATE}/{self.name}.log", "ab") as log:
            child = subprocess.Popen(
                command, env=variables, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, preexec_fn=limits,
                cwd=unit.last("Service", "WorkingDirectory", "/").lstrip("-"), user=user, group=group or account.pw_gid, extra_groups=[])
        child.returncode = 0  # The reaper collects it, not the Popen object.
        spawned.set()
        return child.pid

    def ended(self, generation, unit, result):
        """The service's process is gone: either that was wanted, or its Restart= decides."""
        with changed:
            if self.generation != generation:
                return
            was, self.pid = self.state, 0
            if was == "active":
                self.become("deactivating", "stop", result)
                self.run_control(unit, "ExecStop", {"MAINPID": ""}, stop_limit(unit))
            while self.control:
                changed.wait(0.05)
            self.end_the_rest(unit)
            if unit.last("Service", "PIDFile"):
                remove(unit.specifiers(os.path.join("/run", unit.last("Service", "PIDFile"))))
            self.log(f"ended: {result}, status {self.status}")
            if self.generation != generation:
                return
            if was == "deactivating":
                return self.become("inactive", "dead", "success")
            restart = unit.last("Service", "Restart", "no")
            kinds = {"no": False, "always": True, "on-failure": result != "success", "on-success": result == "success",
                      "on-abnormal": result in ("signal", "timeout"), "on-abort": result == "signal"}
            if restart not in kinds:
                self.log(f"the stand-in for systemd does not know Restart={restart}")
                return self.become("failed", "failed", "resources")
            wanted = kinds[restart]
            if not wanted or result == "resources":
                return self.become("inactive" if result == "success" else "failed", "dead" if result == "success" else "failed", result)
            pause = seconds(unit.last("Service", "RestartSec", "0.1")) or 0
            self.become("activating", "auto-restart", result)
            until = time.monotonic() + pause
            while time.monotonic() < until and self.generation == generation:
                changed.wait(max(0.01, until - time.monotonic()))
            if self.generation != generation:
                return
            now = time.monotonic()
            self.starts = [each for each in self.starts if each > now - 10] + [now]
            if len(self.starts) > 5:
                self.log("Start request repeated too quickly.")
                return self.become("failed", "failed", "start-limit-hit")
            self.restarts += 1
            self.start()

    def stop(self):
        """ExecStop= first; what still runs afterwards gets KillSignal=, and SIGKILL when it takes too long."""
        with changed:
            while self.state == "deactivating":
                changed.wait(0.05)
            if self.sub == "auto-restart" or not self.pid:
                self.generation += 1
                kill_all(processes_of(self.control), signal.SIGKILL)
                if self.state != "failed":
                    self.become("inactive", "dead", "success")
                return
            self.kill_mode()
            was, limit, failure = self.state, stop_limit(self.unit), None
            self.become("deactivating", "stop")
            if self.unit and was == "active":
                failure = self.run_control(self.unit, "ExecStop", {"MAINPID": str(self.pid)}, limit)
            if self.pid and self.state == "deactivating":
                self.become("deactivating", "stop-sigterm")
                self.kill(signal_named(self.unit.last("Service", "KillSignal", "SIGTERM") if self.unit else "SIGTERM"))
            deadline = time.monotonic() + (limit or 3600)
            while self.state == "deactivating":
                if time.monotonic() > deadline:
                    self.kill(signal.SIGKILL)
                changed.wait(0.05)
            if failure and self.state == "inactive":
                self.become("failed", "failed", failure)

    def kill_mode(self):
        mode = self.unit.last("Service", "KillMode", "control-group") if self.unit else "control-group"
        if mode not in ("control-group", "mixed", "process"):
            raise UnitError(f"the stand-in for systemd does not know KillMode={mode}")
        return mode

    def kill(self, number):
        """KillMode=process leaves the children alone, mixed spares them all but SIGKILL; keepalived's own are ended by keepalived."""
        mode = self.kill_mode()
        main_alone = mode == "process" or mode == "mixed" and number != signal.SIGKILL
        kill_all([self.pid] if main_alone and self.pid else [] if main_alone else processes_of(self.session), number)

    def end_the_rest(self, unit):
        """What the main process left behind, as KillMode= has it."""
        if not self.session or self.kill_mode() == "process":
            return
        kill_all(processes_of(self.session), signal.SIGKILL if self.kill_mode() == "mixed" else signal.SIGTERM)
        deadline = time.monotonic() + (stop_limit(unit) or 3600)
        while processes_of(self.session):
            if time.monotonic() > deadline:
                kill_all(processes_of(self.session), signal.SIGKILL)
            changed.wait(0.02)
        self.session = 0

    def reload(self):
        """Runs ExecReload. Only a service that runs and has such a command can be reloaded."""
        with changed:
            commands = list(self.unit.commands("ExecReload", {"MAINPID": str(self.pid)})) if self.unit else []
            if self.state != "active":
                raise UnitError(f"{self.name} is not active, cannot reload.")
            if not commands:
                raise UnitError(f"Failed to reload {self.name}: Job type reload is not applicable for unit {self.name}.")
        asked = time.time_ns()
        for may_fail, command in commands:
            if wait(self.spawn(self.unit, command, {})) and not may_fail:
                raise UnitError(f"Job for {self.name} failed.\n{self.see()}")
        self.has_read(asked)

    def see(self):
        return f"See \"systemctl status {self.name}\" and \"journalctl -xeu {self.name}\" for details."

    def wait_started(self):
        with changed:
            while self.state == "activating" and self.sub != "auto-restart":
                changed.wait(0.1)
            if self.state != "active" and not (self.state == "inactive" and self.result == "success"):
                why = f" because {WHY[self.result]}" if self.result in WHY else ""
                raise UnitError(f"Job for {self.name} failed{why}.\n{self.see()}")


def notify_socket(name):
    address = f"{STATE}/notify.{name}"
    if os.path.exists(address):
        os.unlink(address)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    listener.bind(address)
    os.chmod(address, 0o777)
    return listener, address


def hear(listener, ready):
    """Listens for READY=1. The socket closes with the last reference, after a day at the latest."""
    listener.settimeout(86400)
    try:
        while not ready.is_set():
            if b"READY=1" in listener.recv(4096).split(b"\n"):
                ready.set()
    except OSError:
        pass


def start_limit(unit):
    return seconds(unit.last("Service", "TimeoutStartSec", "90"))


def stop_limit(unit):
    return seconds(unit.last("Service", "TimeoutStopSec", "90") if unit else "90")


def wait(pid, limit=None):
    """The exit code of a process; None when it has not ended within the limit."""
    deadline = time.monotonic() + limit if limit else None
    with changed:
        while pid not in exits:
            if deadline and time.monotonic() > deadline:
                return None
            changed.wait(0.1)
        return exits.pop(pid)


def service(name):
    with changed:
        name = full_name(name)
        found = services.get(name)
        if found is None or (found.unit is None and not found.pid):
            found = services[name] = Service(name)
        return found


def reload():
    """Reads every unit anew. A service that runs keeps running, also when its file is gone."""
    with changed:
        for each in services.values():
            each.load()


def environment_files(unit):
    """With what systemd says of each: whether it may be missing."""
    values = unit.all("Service", "EnvironmentFile")
    return [f"{value.lstrip('-')} (ignore_errors={'yes' if value.startswith('-') else 'no'})" for value in values]


def show(each):
    with changed:
        unit = each.unit
        disk = unitfile.text_of(each.name)[1]
        return {"Id": each.name, "FragmentPath": unit.path if unit else "", "DropInPaths": " ".join(unitfile.drop_ins(each.name)), "LoadState": "loaded" if unit else "not-found",
                "EnvironmentFiles": environment_files(unit) if unit else [],
                "ActiveState": each.state, "SubState": each.sub, "Result": each.result, "MainPID": str(each.pid),
                "NRestarts": str(each.restarts), "ExecMainStartTimestampMonotonic": str(each.began), "ExecMainStatus": str(abs(each.status)), "Type": unit.last("Service", "Type", "simple") if unit else "",
                "NeedDaemonReload": "yes" if unit and disk != unit.text else "no"}


def answer(request):
    verb, name = request["verb"], request.get("unit")
    if verb == "reload":
        reload()
        return {}
    if verb == "list":
        with changed:
            return {"services": {each.name: each.state for each in services.values() if each.state != "inactive"}}
    each = service(name)
    if verb == "show":
        return show(each)
    if verb in ("stop", "restart"):
        each.stop()
    if verb == "reload-unit":
        each.reload()
    if verb == "kill" and each.pid:
        kill_all(processes_of(each.session), signal_named(request["signal"]))
    if verb == "reset-failed" and each.state == "failed":
        with changed:
            each.starts.clear()
            each.become("inactive", "dead", "success")
    if verb in ("start", "restart"):
        with changed:
            if not each.pid:
                each.starts.clear()
            each.start()
        if request["block"]:
            each.wait_started()
    return {}


def converse(connection):
    with connection:
        try:
            reply = answer(json.loads(connection.makefile().readline()))
        except UnitError as error:
            reply = {"error": str(error)}
        # Who was interrupted does not wait for the answer.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(json.dumps(reply).encode() + b"\n")


def serve(listener):
    while True:
        threading.Thread(target=converse, args=(listener.accept()[0],), daemon=True).start()


def main():
    os.makedirs(STATE, exist_ok=True)
    # keepalived reports that it is ready to a parent of this name alone.
    with open("/proc/self/comm", "w", encoding="utf-8") as file:
        file.write("systemd")
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(f"{STATE}/control")
    listener.listen(64)
    threading.Thread(target=serve, args=(listener,), daemon=True).start()
    while True:
        try:
            pid, status = os.waitpid(-1, 0)
        except ChildProcessError:
            # Nothing runs here yet. An orphan that is handed over meanwhile is collected half a second later.
            spawned.wait(0.5)
            spawned.clear()
            continue
        with changed:
            exits[pid] = os.waitstatus_to_exitcode(status)
            changed.notify_all()


if __name__ == "__main__":
    main()
