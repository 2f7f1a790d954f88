"""The measures of quality: each takes a Bench and yields figures."""

import json
import random
import shutil
import subprocess
import time
import urllib.parse
from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from fill import receipts, spare_contacts, task_ids
from inbox import callbacks, opening, pages
from rig import Kannel, Smsc, wait_until
from rig.kannel import PASSWORD, USER
from timers import timers
from tools import Answering, FastKannel, Figure, Filled, Load, Probe, Ratio, Requests, against, ask, rate_figure, say

OPENED, SPARE = 240_000, 150_000
AT_RANDOM = 5  # one in so many is approved in no order
CAP, CAP_CONNECTIONS = 500, 24
BACKLOG = 50_000


class Million:
    """The filled daemon, its probe and its gateway, shared by the measures that need them, made when first asked for.

    The gateway takes all; sendsms-rate is the default, 20 a second, so that the hand-over is part of P3 but does not dominate it.
    """

    def __init__(self, bench):
        self.bench = bench
        self.handbox = self.probe = self.gateway = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for part in (self.handbox, self.probe, self.gateway):
            if part:
                part.stop()

    def daemon(self):
        if not self.handbox:
            self.gateway = Answering(self.bench, 202, "0: Accepted for delivery")
            self.handbox = Filled(self.bench, "million", self.gateway.url("/cgi-bin/sendsms"), {"sendsms_rate": 20})
            share = 4 if self.bench.is_quick else 1
            self.handbox.fill(self.bench.tasks, spare=SPARE // share, opened=min(OPENED // share, self.bench.tasks))
            self.handbox.warm()
        if not (self.handbox.proc and self.handbox.proc.alive()):
            self.handbox.start()
        if not self.probe:
            self.probe = Probe(self.bench)
        return self.handbox, self.probe

    def requests(self, name, lines, once=False):
        return Requests(self.bench.folder / name, lines, once)


def shuffled(values):
    values = list(values)
    random.Random(11).shuffle(values)
    return values


def latency(name, what, load, aim_ms):
    return Figure(name, what, f"{load.p99_ms:.1f} ms", aim=f"({aim_ms} ms)", note=f"p50 {load.p50_ms:.1f} ms; reported only")


def enroll(million):
    """P2: enroll one contact a request."""
    handbox, probe = million.daemon()
    seconds = million.bench.seconds
    load = million.requests("enroll", (
        ("POST", "/api/v1/workflows/bench/enrollments", handbox.tokens[0], {"contacts": [str(contact)]})
        for contact in shuffled(spare_contacts(handbox.filling))), once=True)
    ratio = against(lambda: probe.rate("write"), lambda: load.run(handbox.port, seconds))
    yield rate_figure("P2", f"enroll one by one, {million.bench.tasks} tasks there", ratio, 0.6)
    yield latency("P5", "p99 enroll, 64 connections", ratio.value, 80)


def approve(million):
    """P3: a person sends what was opened."""
    handbox, probe = million.daemon()
    seconds = million.bench.seconds
    opened = list(receipts(handbox.filling))
    mixed = shuffled(opened[::AT_RANDOM])
    del opened[::AT_RANDOM]
    for how, chosen in (("queue", opened), ("mixed", mixed)):
        load = million.requests(f"approve-{how}", (
            ("POST", f"/api/v1/tasks/{task}/send", handbox.tokens[person],
             {"receipt": receipt, "text": "Hi Maria, may I call you today at six?"})
            for person, task, receipt in chosen), once=True)
        ratio = against(lambda: probe.rate("write"), lambda: load.run(handbox.port, seconds))
        figure = rate_figure("P3", f"approve, {million.bench.tasks} open tasks", ratio, 0.6)
        if how == "queue":
            figure.note = "in the order of the queue, as `next` gives them; gateway takes all, sendsms-rate 20"
            yield figure
            yield latency("P5", "p99 approve, 64 connections", ratio.value, 80)
        else:
            figure.what, figure.is_met = "the same, in no order", None
            figure.note = "nobody works so: each touches some 20 cold pages; reported only"
            yield figure


def read(million):
    """P4: one task; a page of 50."""
    handbox, probe = million.daemon()
    seconds = million.bench.seconds // 2
    dice = random.Random(13)
    whose = list(enumerate(task_ids(handbox.filling)))
    one = million.requests("get", (
        ("GET", f"/api/v1/tasks/{task}", handbox.tokens[i % 2], None) for i, task in dice.choices(whose, k=100000)))
    page = million.requests("list", (
        ("GET", "/api/v1/tasks?state=pending&assignee=me&limit=50", token, None) for token in handbox.tokens))
    for name, load, kind, aim_ms in (("GET one task", one, "task", 10), ("list of 50 tasks", page, "list", 30)):
        load.run(handbox.port, 1)
        ratio = against(lambda: probe.rate(kind), lambda: load.run(handbox.port, seconds))
        yield rate_figure("P4", f"{name}, {million.bench.tasks} open", ratio, 0.5)
        yield latency("P5", f"p99 {name}, 64 connections", ratio.value, aim_ms)


# ---- hand-over

def drained(handbox, timeout_s):
    wait_until(lambda: (s := handbox.status())["outbox"] == 0 and s["handing_over"] == 0,
               lambda: f"the outbox to empty: {handbox.status()}", timeout_s, 0.1)
    status = handbox.status()
    assert status["uncertain"] == 0, status
    return status


def most_in_a_second(kannel):
    """The most that smsbox took within one second of its access log."""
    log = (kannel.folder / "log" / "smsbox-access.log").read_text(errors="replace")
    return max(Counter(line[:19] for line in log.splitlines() if "send-SMS request added" in line).values())


def capped(bench):
    """P6: approved → accepted with a cap of 500 a second, through a real Kannel, timed at the message centre."""
    count = CAP * (4 if bench.is_quick else 12)
    smsc = Smsc(bench.folder / "p6-smsc", {"dlr_delay_ms": 0}).start()
    kannel = Kannel(bench.folder / "p6-kannel", smsc, core={"log_level": 3}, smsbox={"log_level": 3}).start()
    handbox = Filled(bench, "p6", kannel.sendsms_url, {"sendsms_rate": CAP, "sendsms_connections": CAP_CONNECTIONS})
    handbox.fill(count, opened=count, is_approved=True)
    handbox.start()
    drained(handbox, 120)
    texts = smsc.wait_texts(count, 30)
    handbox.stop()
    kannel.stop()
    smsc.stop()
    times = sorted(datetime.fromisoformat(text["at"].replace("Z", "+00:00")).timestamp() for text in texts)
    rate, most = (len(times) - 1) / (times[-1] - times[0]), most_in_a_second(kannel)
    share = rate / CAP
    yield Figure("P6", "approved to accepted, sendsms-rate 500", f"{rate:.0f}/s", f"{CAP}/s cap", share, ">= 0.95",
                 share >= 0.95 and len(times) == count, f"{len(times)} of {count} arrived once")
    yield Figure("P6", "most in one second of smsbox's access log", str(most), f"{CAP} cap", most / CAP, "<= 1.00", most <= CAP)


def sendsms_lines(count, sink):
    fields = {"username": USER, "password": PASSWORD, "from": "12345", "dlr-mask": 31,
              "text": "Hi Maria, this is Ana. May I call you today?"}
    for i in range(count):
        url = sink.url(f"/kannel/report/secret?id={i}&status=%d&event=%I&detail=%A")
        yield "GET", "/cgi-bin/sendsms?" + urllib.parse.urlencode({**fields, "to": f"+35192{i:07d}", "dlr-url": url}), None, None


REPORTS = 2  # of each text: taken by the message centre (8), delivered (1)


@dataclass
class Gone:
    """A backlog that went: when the last text was taken and when the last report was back, as texts a second."""
    taken: float
    reported: float

    @classmethod
    def of(cls, count, began, taken_at):
        return cls(count / (taken_at - began), count / (time.monotonic() - began))


def straight_through(bench, count):
    """wrk hands the same number of texts to a Kannel of their own, whose reports go to a sink."""
    sink = Answering(bench, 200)
    kannel = FastKannel(bench.folder / "p7-straight").start()
    load = Requests(bench.folder / "sendsms", sendsms_lines(count, sink))
    began = time.monotonic()
    taken_at = load.run_whole(kannel.sendsms_port, 16)
    wait_until(lambda: int(ask(sink.url("/count"))) >= REPORTS * count, "all reports to be back", 120, 0.1)
    gone = Gone.of(count, began, taken_at)
    kannel.stop()
    sink.stop()
    shutil.rmtree(kannel.folder)
    return gone


def handed_over(bench, count, connections):
    """A daemon starts with as many approved texts and does nothing else."""
    kannel = FastKannel(bench.folder / "p7-kannel").start()
    handbox = Filled(bench, f"p7-{connections}", kannel.sendsms_url, {"sendsms_rate": "none", "sendsms_connections": connections})
    handbox.fill(count, opened=count, is_approved=True)
    began = time.monotonic()
    handbox.start()
    outcomes = drained(handbox, 300)["outcomes"]
    taken_at = time.monotonic()
    wait_until(lambda: handbox.counter("reports_total") >= REPORTS * count, "all reports to be back", 120, 0.1)
    gone = Gone.of(count, began, taken_at)
    say(f"P7 outcomes {json.dumps(outcomes)}; of one core handbox took {handbox.cpu_seconds() * gone.reported / count:.2f}")
    handbox.stop()
    kannel.stop()
    shutil.rmtree(kannel.folder)
    return gone


def backlog(bench):
    """P7: what waited goes to a Kannel without a cap; against wrk straight at the same sendsms."""
    count = BACKLOG // 10 if bench.is_quick else BACKLOG
    # Kannel slows down with what it has had before: each gets a fresh one and as many texts.
    before = straight_through(bench, count)
    for connections, aim in ((64, 0.6), (12, None)):
        value, after = handed_over(bench, count, connections), straight_through(bench, count)
        for name, kind, aimed in (("to the last report", "reported", aim), ("to the last text taken", "taken", None)):
            ratio = Ratio(Load(getattr(value, kind), 0, 0, 0), getattr(before, kind), getattr(after, kind))
            yield rate_figure("P7", f"backlog of {count} to Kannel over {connections} connections, {name}", ratio, aimed,
                              "fakesmsc; every text reported delivered")
        before = after


# ---- memory and restart

def memory(bench):
    """P10: resident, empty, after a start and a moment."""
    handbox = Filled(bench, "p10")
    handbox.start()
    handbox.client(handbox.user("ana")).get("/tasks").expect(200)
    resident = handbox.resident_mib()
    handbox.stop()
    yield Figure("P10", "resident memory, empty", f"{resident:.1f} MiB", aim="<= 20", is_met=resident <= 20)


def restart(million):
    """P11: kill -9 with a write-ahead log left behind → ready; and what memory a million waiting tasks cost then."""
    handbox, _ = million.daemon()
    bench = million.bench
    handbox.kill()
    left = bench.folder / "left"
    left.mkdir(exist_ok=True)

    def base():
        for suffix in ("", "-wal"):
            if (source := handbox.database.with_name(handbox.database.name + suffix)).exists():
                shutil.copy(source, left / source.name)
        said = subprocess.run([bench.tool("recover"), left / handbox.database.name], capture_output=True, text=True, check=True,
                              timeout=120)
        return json.loads(said.stdout)["all_ms"]

    before = base()
    began = time.monotonic()
    handbox.launch()
    wait_until(lambda: handbox.ready() or not handbox.proc.alive(), "/readyz", 60, 0.002)
    took_ms = (time.monotonic() - began) * 1000
    resident = handbox.resident_mib()
    yield Figure("P11", f"kill -9 to /readyz, {bench.tasks} waiting", f"{took_ms:.0f} ms", f"{before:.0f} ms",
                 took_ms / before, "<= 1000 ms", took_ms <= 1000)
    yield Figure("P10", f"resident then, {bench.tasks} waiting", f"{resident:.1f} MiB", aim="(<= 36)", note="reported only")


def conditions(bench):
    """COND: conditions of ten clauses that one core answers in a second."""
    said = subprocess.run([bench.tool("conditions"), str(bench.seconds / 4)], capture_output=True, text=True, check=True, timeout=120)
    rate = int(said.stdout.split(" a second")[0].split()[-1])
    yield Figure("COND", "conditions with ten clauses, one core", f"{rate}/s", aim=">= 500000/s", is_met=rate >= 500_000)


# name: (what, where: the million tasks, the inbox, or a place of its own)
MEASURES = {
    "P10": (memory, ""),
    "P9": (timers, ""),
    "P4": (read, "million"),
    "P3": (approve, "million"),
    "P2": (enroll, "million"),
    "P11": (restart, "million"),
    "PAGES": (pages, "inbox"),
    "OPEN": (opening, "inbox"),
    "P8": (callbacks, "inbox"),
    "COND": (conditions, ""),
    "P6": (capped, ""),
    "P7": (backlog, ""),
}
