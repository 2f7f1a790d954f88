"""What the measures are made of: a place to work, load, denominators, a filled daemon, a Kannel without a slow message centre."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.request import urlopen

from fill import WORKFLOW, Filling, fill
from rig import Handbox, Kannel, Proc, free_port, wait_until
from rig.kannel import SMSC_ID, group
from rig.proc import answers

HERE = Path(__file__).resolve().parent
CONNECTIONS = 64
DIFFER_MOST = 0.20
TRIES = 3
FAKESMSC = "/usr/lib/kannel/test/fakesmsc"
SCOPES = "read,contacts,workflows,enroll,tasks,send"


@dataclass
class Bench:
    """Where and how large: folder is ours and goes at the end."""
    build: Path
    folder: Path
    tasks: int
    contacts: int
    seconds: int
    is_quick: bool
    failures: list = field(default_factory=list)

    def tool(self, name):
        return self.build / "tests" / "bench" / name


@dataclass
class Figure:
    """A line of the table. base: the denominator, None where there is none; is_met: None where nothing is aimed at."""
    name: str
    what: str
    value: str
    base: str = "-"
    ratio: float = None
    aim: str = "-"
    is_met: bool = None
    note: str = ""


@dataclass
class Load:
    """What wrk saw."""
    rate: float
    p50_ms: float
    p99_ms: float
    used: int

    @classmethod
    def of(cls, said):
        return cls(said["requests"] / said["duration_us"] * 1e6, said["p50_us"] / 1e3, said["p99_us"] / 1e3, said["used"])


MEMORY = "/dev/shm"


def say(text):
    print(f"  {text}", file=sys.stderr, flush=True)


def ask(url):
    with urlopen(url, timeout=5) as answer:
        return answer.read().decode()


# ---- load

def write_lines(path, lines):
    """A file for load.lua: (method, path, token or None, body as an object or None) a line."""
    with open(path, "w", encoding="utf-8") as out:
        for method, target, token, body in lines:
            out.write(f"{method}\t{target}\t{token or '-'}\t{'' if body is None else json.dumps(body)}\n")
    return path


class Requests:
    """Requests of a file in their order; run() goes on where the last one ended. once: no request may be sent twice."""

    def __init__(self, path, lines, once=False):
        lines = list(lines)
        self.path, self.count, self.once = write_lines(path, lines), len(lines), once
        self.at = 1

    def run(self, port, seconds, connections=CONNECTIONS):
        done = subprocess.run(self._wrk(port, seconds, connections), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              timeout=seconds + 120, check=False)
        load = self._load(done.stdout)
        self.at = load.used + 1
        if self.once:
            assert self.at <= self.count, f"{self.path.name} has only {self.count} requests, {self.at} were wanted"
        return load

    def run_whole(self, port, connections=CONNECTIONS, most_s=300):
        """All of them: when the last was answered. A request or two a connection may come again behind it."""
        with subprocess.Popen(self._wrk(port, most_s, connections, "whole"), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True) as wrk:
            is_whole = any(line == "WHOLE\n" for line in iter(wrk.stdout.readline, ""))
            answered_at = time.monotonic()
            wrk.send_signal(signal.SIGINT)
            self._load(wrk.stdout.read())
        assert is_whole, f"{self.path.name}: not all {self.count} in {most_s} s"
        return answered_at

    def _load(self, said):
        result = [line for line in said.splitlines() if line.startswith("RESULT ")]
        if not result:
            raise AssertionError(f"wrk: {said}")
        result = json.loads(result[0][7:])
        assert not result["not_2xx"] and not result["broken"], f"{self.path.name}: {result}"
        return Load.of(result)

    def _wrk(self, port, seconds, connections, *how):
        return ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s", "-s", HERE / "load.lua",
                f"http://127.0.0.1:{port}", "--", self.path, str(self.at), *how]


# ---- denominators

@dataclass
class Ratio:
    """The last try: what was measured, its denominator before and after, and whether the machine was calm."""
    value: object
    before: float
    after: float

    @property
    def base(self):
        return (self.before + self.after) / 2

    @property
    def differ(self):
        return abs(self.before - self.after) / max(self.before, self.after)


def against(base, measure):
    """Measure between two measurements of the base; again while those two differ too much."""
    for attempt in range(TRIES):
        ratio = Ratio(None, base(), 0.0)
        ratio.value = measure()
        ratio.after = base()
        say(f"base {ratio.before:.0f} and {ratio.after:.0f}, measured {getattr(ratio.value, 'rate', ratio.value)}")
        if ratio.differ <= DIFFER_MOST:
            break
    return ratio


def rate_figure(name, what, ratio, aim, note=""):
    """A figure of requests a second. aim: None where the figure is only reported."""
    share = ratio.value.rate / ratio.base
    notes = [note] if note else []
    if ratio.differ > DIFFER_MOST:
        notes.append(f"busy machine: D {ratio.before:.0f} and {ratio.after:.0f}")
    aimed = ("-", None) if aim is None else (f">= {aim:.2f}", share >= aim)
    return Figure(name, what, f"{ratio.value.rate:.0f}/s", f"{ratio.base:.0f}/s", share, *aimed, "; ".join(notes))


class Probe:
    """probe.c, filled and serving."""

    def __init__(self, bench):
        self.bench, self.port = bench, free_port()
        database = bench.folder / "probe.db"
        if not database.exists():
            say(f"filling the probe with {bench.tasks} tasks")
            subprocess.run([bench.tool("probe"), "fill", database, str(bench.tasks)], check=True, timeout=600)
        self.proc = Proc("probe", [bench.tool("probe"), "serve", database, self.port], bench.folder / "probe.log")
        wait_until(lambda: answers(self.port), "the probe to listen")
        dice = random.Random(7)  # one task is hardly written twice, so that pages are as cold as they would be
        self.requests = {
            kind: Requests(bench.folder / f"probe.{kind}", (
                (method, f"/{kind}/{dice.randint(1, bench.tasks)}", None, {"receipt": "x" * 40} if kind == "write" else None)
                for _ in range(300000)))
            for kind, method in (("write", "POST"), ("task", "GET"), ("list", "GET"))}

    def rate(self, kind):
        return self.requests[kind].run(self.port, self.bench.seconds // 2).rate

    def stop(self):
        self.proc.stop()


# ---- the daemon

class Filled(Handbox):
    """A daemon with a year's rows, not started. people: of ana and ben, (user id, token id, first name); tokens: their secrets."""

    def __init__(self, bench, name, sendsms_url=None, conf=None):
        super().__init__(bench.folder / name, sendsms_url, {"log_level": "warn", **(conf or {})}, build=bench.build)
        self.filling = None
        self.people, self.tokens = [], []

    def fill(self, tasks, **sizes):
        self.start()
        shell = self.shell()
        for login in ("ana", "ben"):
            user = shell.post("/users", {"login": login, "first_name": login.capitalize(), "role": "agent"}).expect(201)
            token = shell.post("/tokens", {"kind": "personal", "name": login, "user": login,
                                           "scopes": SCOPES.split(",")}).expect(201)
            self.people.append((int(user["id"]), int(token["id"]), login.capitalize()))
            self.tokens.append(token["secret"])
        shell.post("/workflows", WORKFLOW).expect(201)
        shell.post("/workflows/bench/publish", {}).expect(200)
        shell.close()
        self.stop()
        self.filling = Filling(self.people, tasks, **sizes)
        began = time.monotonic()
        fill(self.database, self.filling)
        say(f"filled {self.database.name} with {tasks} tasks in {time.monotonic() - began:.0f} s, "
            f"{self.database.stat().st_size >> 20} MiB")
        return self

    def warm(self):
        """Read the file once, so that the page cache has it."""
        with open(self.database, "rb") as file:
            while file.read(1 << 22):
                pass
        return self

    def resident_mib(self):
        for line in Path(f"/proc/{self.proc.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
        raise AssertionError("no VmRSS")

    def cpu_seconds(self):
        user, system = Path(f"/proc/{self.proc.pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def counter(self, name):
        """Of the metrics, without its prefix."""
        line = next(line for line in self.plain("/metrics", kannel_side=True)[1].splitlines() if line.startswith(f"handbox_{name} "))
        return int(line.split()[1])

    def status(self):
        """Of the hand-over: outbox, handing_over, uncertain, outcomes."""
        shell = self.shell()
        try:
            return shell.get("/kannel/status").expect(200).json
        finally:
            shell.close()


class FastKannel(Kannel):
    """bearerbox and smsbox before fakesmsc: it takes all at once, and bearerbox makes up the reports (8, then 1).

    Its spool is a folder in memory: on ext4 without a journal a new file looks at each inode deleted in the last minutes
    (recently_deleted in fs/ext4/ialloc.c), so that a text costs bearerbox 0.2 ms or 1.4 ms by what ran before.
    """

    def __init__(self, folder):
        self.smsc_port = free_port()
        self.fakesmsc = None
        self.spool = TemporaryDirectory(prefix="hb-spool-", dir=MEMORY if os.path.isdir(MEMORY) else None)
        quiet = {"log_level": 3, "access_log": None}
        super().__init__(folder, smsc=self, core={**quiet, "store_location": self.spool.name},
                         smsbox={**quiet, "max_pending_requests": 64})

    @property
    def port(self):
        return self.smsc_port

    def _groups(self):
        for text in super()._groups():
            if text.startswith("group = smsc\n"):
                text = group("smsc", smsc="fake", smsc_id=SMSC_ID, port=self.smsc_port, our_host="127.0.0.1",
                             connect_allow_ip="127.0.0.1")
            yield text

    def start_smsbox(self):
        wait_until(lambda: answers(self.smsc_port), "bearerbox to wait for fakesmsc")
        self.fakesmsc = Proc("fakesmsc", [FAKESMSC, "-H", "127.0.0.1", "-r", self.smsc_port, "-v", "4", "-m", "0", "1 2 text nop"],
                             self.folder / "fakesmsc.log")
        super().start_smsbox()

    def stop(self):
        super().stop()
        if self.fakesmsc and self.fakesmsc.alive():
            self.fakesmsc.kill()
        self.spool.cleanup()


class Answering:
    """answer.c: the same words for everybody."""

    def __init__(self, bench, status, text=""):
        self.port = free_port()
        self.proc = Proc("answer", [bench.tool("answer"), self.port, status, text], bench.folder / "answer.log")
        wait_until(lambda: answers(self.port), "the server to listen")

    def url(self, path):
        return f"http://127.0.0.1:{self.port}{path}"

    def stop(self):
        self.proc.stop()
