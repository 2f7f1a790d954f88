"""Processes, ports and waiting."""

import atexit
import os
import random
import select
import signal
import socket
import subprocess
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# The kernel ends the child when we go, even by kill -9; setpriv becomes the program, so the pid is its own.
_LEASH = ["setpriv", "--pdeathsig", "KILL", "--"]
_RANDOM = random.Random(os.getpid() ^ time.time_ns())
_RUNNING = []
_GIVEN = set()


# Each worker of pytest-xdist has ports of its own: between looking at one and listening on it, none takes another's.
_WORKERS_MOST = 8
_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % _WORKERS_MOST


def free_port():
    """A port nobody listens on, below the range the kernel takes for outgoing connections, so that none grabs it meanwhile."""
    for _ in range(1000):
        port = _RANDOM.randrange(15000 + _WORKER, 32000, _WORKERS_MOST)
        if port in _GIVEN:
            continue
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        _GIVEN.add(port)
        return port
    raise RuntimeError("no free port between 15000 and 32000")


def answers(port, timeout_s=0.5):
    """True when something accepts connections on the port."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=timeout_s).close()
        return True
    except OSError:
        return False


def wait_until(condition, what, timeout_s=20.0, step_s=0.02):
    """Return condition()'s first true value; AssertionError naming `what` when none comes in time.

    `what` may be a string or a function that makes one, for a description of the state at the end.
    """
    end = time.monotonic() + timeout_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() >= end:
            text = what() if callable(what) else what
            raise AssertionError(f"waited {timeout_s:g} s for {text}")
        time.sleep(step_s)


class Proc:
    """One process of ours, its output in a file.

    The kernel ends it when the *thread* that started it ends: start from a thread that lives as long as the test.
    """

    def __init__(self, name, argv, log, env=None, stdout=None, cwd=None):
        self.name = name
        self.argv = [str(arg) for arg in argv]
        self.log = Path(log)
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with open(self.log, "ab") as out:
            self.popen = subprocess.Popen(
                _LEASH + self.argv, stdin=subprocess.DEVNULL, stdout=stdout or out, stderr=out, cwd=cwd,
                env={**os.environ, **(env or {})}, start_new_session=True)
        self.heir = None
        _RUNNING.append(self)

    @property
    def pid(self):
        return self.heir.pid if self.heir else self.popen.pid

    @property
    def returncode(self):
        return self.popen.poll()

    def alive(self):
        return self.popen.poll() is None or (self.heir is not None and self.heir.alive())

    def inherited(self):
        """True when the process has ended and left another of its session in its place (smsbox does): that one is meant from now."""
        if self.popen.poll() is not None and not (self.heir and self.heir.alive()):
            self.heir = Heir.of_session(self.popen.pid)
        return self.heir is not None and self.heir.alive()

    def signal(self, number):
        """Signal this very process, unless it has ended."""
        if self.popen.poll() is None:
            os.kill(self.popen.pid, number)
        elif self.heir:
            self.heir.signal(number)

    def freeze(self):
        """Every thread of it stands still on return."""
        self.signal(signal.SIGSTOP)
        wait_until(self._is_frozen, f"{self.name} to stand still")

    def _is_frozen(self):
        for stat in Path(f"/proc/{self.pid}/task").glob("*/stat"):
            if stat.read_text().rpartition(")")[2].split()[0] not in "TtZX":
                return False
        return True

    def thaw(self):
        self.signal(signal.SIGCONT)

    def kill(self):
        """kill -9 and reap."""
        self.signal(signal.SIGKILL)
        return self._reaped(10)

    def stop(self, timeout_s=20.0):
        """SIGTERM, wait, and SIGKILL when it does not go; the exit code."""
        self.inherited()
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGTERM)
        try:
            return self._reaped(timeout_s)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"{self.name} did not end {timeout_s:g} s after SIGTERM: {self.tail()}") from None

    def wait(self, timeout_s=20.0):
        """Wait for it to end by itself; the exit code."""
        try:
            return self._reaped(timeout_s)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self.name} still runs after {timeout_s:g} s: {self.tail()}") from None

    def _reaped(self, timeout_s):
        code = self.popen.wait(timeout_s)
        if self.heir:
            self.heir.wait(timeout_s)
        if self in _RUNNING:
            _RUNNING.remove(self)
        return code

    def tail(self, lines=20):
        """The end of its log, for a message."""
        try:
            text = self.log.read_text(errors="replace")
        except OSError:
            return "(no log)"
        return "\n".join(text.splitlines()[-lines:])


class Heir:
    """A process that is not our child, held by a descriptor, so that its pid cannot come to mean another."""

    def __init__(self, pid):
        self.pid = pid
        self.fd = os.pidfd_open(pid)

    @classmethod
    def of_session(cls, session):
        """The process of this session, which its first process has left; None when there is none."""
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rpartition(")")[2].split()
                if int(fields[3]) == session and fields[0] != "Z":
                    return cls(int(stat.parent.name))
            except (OSError, IndexError):
                continue
        return None

    def alive(self):
        return not select.select([self.fd], [], [], 0)[0]

    def signal(self, number):
        try:
            signal.pidfd_send_signal(self.fd, number)
        except ProcessLookupError:
            pass

    def wait(self, timeout_s):
        if not select.select([self.fd], [], [], timeout_s)[0]:
            raise subprocess.TimeoutExpired("heir", timeout_s)


def stop_all():
    """End what is left, last started first."""
    for proc in reversed(list(_RUNNING)):
        try:
            proc.stop(5)
        except AssertionError:
            pass


atexit.register(stop_all)
