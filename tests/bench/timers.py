"""P9, and the part of P10 that is about waiting enrollments: what a million of them cost, and how punctual they are."""

import http.client
import json
import sqlite3
import threading
import time

from fill import TIMERS, fill_waiting, make_due
from rig import wait_until
from tools import Figure, Filled, say

PER_SECOND, BURST = 1000, 100_000
LEAD_MS = 4000  # from the start of the daemon to the first that is due


class Steady:
    """Somebody who uses the API all the time, one request every few ms: reads a contact, tags it."""

    def __init__(self, port, token, contacts, every_s=0.004):
        self.port, self.token, self.contacts, self.every_s = port, token, contacts, every_s
        self.taken_ms, self.is_over = [], False
        self.thread = threading.Thread(target=self._run)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.is_over = True
        self.thread.join()

    def _run(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Authorization": f"Bearer {self.token}"}
        place = 0
        while not self.is_over:
            contact = self.contacts[place // 2 % len(self.contacts)]
            method, path = (("PUT", f"/api/v1/contacts/{contact}/tags/t{place}") if place % 2
                            else ("GET", f"/api/v1/contacts/{contact}"))
            began = time.monotonic()
            connection.request(method, path, headers=headers)
            answer = connection.getresponse()
            answer.read()
            took = time.monotonic() - began
            assert answer.status in (200, 204), f"{method} {path}: {answer.status}"
            self.taken_ms.append(took * 1000)
            place += 1
            time.sleep(max(0.0, self.every_s - took))
        connection.close()


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


def late_ms(handbox, base, places):
    """How late each of these was moved on, as its journal has it."""
    db = sqlite3.connect(f"file:{handbox.database}?mode=ro", uri=True)
    db.execute("CREATE TEMP TABLE p (id INTEGER PRIMARY KEY)")
    db.executemany("INSERT INTO p VALUES (?)", ((base + 4 * place + 1,) for place in places))
    due = dict(handbox.due)
    late = [at - due[(ident - base) // 4] for ident, at in db.execute(
        "SELECT j.enrollment_id, j.at FROM p JOIN journal j ON j.enrollment_id = p.id WHERE j.kind = 'wait_over'")]
    db.close()
    return late


def is_worked_off(handbox, base, places):
    """The last to fall due stands at the end: looking costs the daemon nothing while that one waits."""
    db = sqlite3.connect(f"file:{handbox.database}?mode=ro", uri=True)
    waits = db.execute("SELECT 1 FROM enrollments WHERE id BETWEEN ? AND ? AND state = 1 ORDER BY id DESC LIMIT 1",
                       (base + 4 * places[0] + 1, base + 4 * places[-1] + 1)).fetchone()
    db.close()
    return not waits


def run_due(handbox, base, places, instants):
    """Stop, make them due, start; the present instant of the first that is due has then not come yet."""
    handbox.stop()
    first = int(time.time() * 1000) + LEAD_MS + len(places) // 50
    instants = [first + at for at in instants]
    make_due(handbox.database, base, places, instants)
    handbox.due = list(zip(places, instants))
    handbox.warm().start()
    early = first - int(time.time() * 1000)
    assert early > 0, "filling took too long"
    return early / 1000


def timers(bench):
    """P9: how punctual a million waiting enrollments are; and what memory they take (P10)."""
    count = 200_000 if bench.is_quick else 1_000_000
    handbox = Filled(bench, "timers")
    handbox.start()
    shell = handbox.shell()
    token = shell.post("/tokens", {"kind": "service", "name": "bench", "scopes": ["read", "contacts"]}).expect(201)["secret"]
    shell.post("/workflows", TIMERS).expect(201)
    shell.post("/workflows/timers/publish", {}).expect(200)
    shell.close()
    handbox.stop()
    handbox.start()
    empty = handbox.resident_mib()
    handbox.stop()
    began = time.monotonic()
    base = fill_waiting(handbox.database, count)
    say(f"{count} wait, filled in {time.monotonic() - began:.0f} s, {handbox.database.stat().st_size >> 20} MiB")
    handbox.warm().start()
    time.sleep(1.0)
    extra = handbox.resident_mib() - empty
    yield Figure("P10", f"extra resident, {count} waiting", f"{extra:.1f} MiB", f"{empty:.1f} MiB", aim="<= 16", is_met=extra <= 16)

    seconds = bench.seconds
    places = range(seconds * PER_SECOND)
    wait_s = run_due(handbox, base, places, [place * 1000 // PER_SECOND for place in places])
    time.sleep(wait_s + seconds)
    wait_until(lambda: is_worked_off(handbox, base, places), "all that is due to go on", 30, 0.1)
    late = late_ms(handbox, base, places)
    p99 = percentile(late, 0.99)
    yield Figure("P9", f"lag at {PER_SECOND} due/s, {count} waiting", f"{p99:.0f} ms", aim="p99 <= 100 ms", is_met=p99 <= 100,
                 note=f"p50 {percentile(late, 0.5):.0f} ms, most {max(late)} ms; to the write, its commit follows")

    burst = range(places[-1] + 1, places[-1] + 1 + BURST)
    contacts = [base + 4 * (burst[-1] + 1 + i) for i in range(500)]
    wait_s = run_due(handbox, base, burst, [i * 1000 // len(burst) for i in range(len(burst))])
    with Steady(handbox.port, token, contacts) as idle:
        time.sleep(wait_s - 0.2)
    began = handbox.due[0][1]
    with Steady(handbox.port, token, contacts) as busy:
        wait_until(lambda: is_worked_off(handbox, base, burst), "the burst to be worked off", 120, 0.1)
    late = late_ms(handbox, base, burst)
    took = (max(late_of + due for late_of, (_, due) in zip(sorted(late), sorted(handbox.due, key=lambda d: d[1]))) - began) / 1000
    yield Figure("P9", f"{len(burst)} due in one second", f"{took:.2f} s", aim="<= 3 s", is_met=took <= 3,
                 note=f"{len(burst) / took:.0f}/s")
    before, during = percentile(idle.taken_ms, 0.99), percentile(busy.taken_ms, 0.99)
    yield Figure("P9", "p99 of the API meanwhile", f"{during:.1f} ms", f"{before:.1f} ms", during / before, "<= 2 x idle",
                 during <= 2 * before, f"{len(busy.taken_ms)} requests; p50 {percentile(busy.taken_ms, 0.5):.1f} ms, idle "
                 f"{percentile(idle.taken_ms, 0.5):.1f} ms")
    handbox.stop()
