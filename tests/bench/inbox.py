"""P8, and the pages of inbox and queue with a million contacts, a million open tasks and five million texts."""

import random
import urllib.parse

from fill import sentences, spread, word_of, words
from rig.handbox import CALLBACK_SECRET
from tools import Figure, Filled, Probe, Requests, against, rate_figure

EACH = 5  # texts of a contact
MOST = 300_000  # texts in or out that P8 has at hand
BEHIND = 1000  # so many texts are taken by the message centre before the first of them is delivered


class Inbox:
    """The filled daemon and its probe, shared by the measures here, made when first asked for."""

    def __init__(self, bench):
        self.bench = bench
        self.handbox = self.probe = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.handbox:
            self.handbox.kill()  # a page that is too slow may have left reads behind
        if self.probe:
            self.probe.stop()

    def daemon(self):
        if not self.handbox:
            self.handbox = Filled(self.bench, "inbox").fill(self.bench.contacts, each=EACH)
            self.handbox.warm().start()
            self.probe = Probe(self.bench)
        return self.handbox, self.probe

    def requests(self, name, lines, once=False):
        return Requests(self.bench.folder / name, lines, once)


def callback(kind, **fields):
    return "GET", f"/kannel/{kind}/{CALLBACK_SECRET}?" + urllib.parse.urlencode(fields), None, None


def report(ident, status):
    return callback("report", id=ident, status=status, event=f"{status:08x}-0000-4000-8000-{ident:012x}",
                    detail="ACK/" if status == 8 else "id:1 sub:001 dlvrd:001 submit date:2611251754 done date:2611251754 "
                    "stat:DELIVRD err:000 text:", smsc="rig")


def reports(ids):
    """Taken by the message centre, and some texts later delivered."""
    for place, ident in enumerate(ids):
        yield report(ident, 8)
        if place >= BEHIND:
            yield report(ids[place - BEHIND], 1)


def heard(numbers):
    texts = [text for _, text in sentences()]
    for place, number in enumerate(numbers):
        yield callback("inbound", text=texts[place % len(texts)], coding=0, charset="UTF-8", id=f"f0000000-0000-4000-8000-{place:012x}",
                       **{"from": number}, to="12345", smsc="rig", at="2026-11-25 17:54:51")


def callbacks(inbox):
    """P8: reports and texts that come in, 200 only after the commit."""
    handbox, probe = inbox.daemon()
    seconds, filling = inbox.bench.seconds, handbox.filling
    taken = [filling.text_id(EACH - 1, place) for place in range(min(filling.tasks, MOST))]
    known = [filling.number(place) for place in spread(filling.tasks)[:MOST]]
    for what, lines, note in (("reports, two of a text", reports(taken), "in the order of sending, as an SMSC gives them"),
                              ("texts of known numbers", heard(known), "each with an open task and a workflow that stands at it")):
        load = inbox.requests(f"callbacks-{what[:4]}", lines, once=True)

        def warm_run(load=load):
            handbox.warm()  # a kernel may take back what minutes of pages left unread (DAMON), and texts come from everywhere
            return load.run(handbox.kannel_port, seconds)
        ratio = against(lambda: probe.rate("write"), warm_run)
        yield rate_figure("P8", what, ratio, 0.6, note)
        yield Figure("P5", f"p99 {what}, 64 connections", f"{ratio.value.p99_ms:.1f} ms", aim="(80 ms)",
                     note=f"p50 {ratio.value.p50_ms:.1f} ms; reported only")


def pages_of(filling):
    """(what, targets): what people look at all day. A target is a path, which both take, or (whose, path)."""
    dice = random.Random(19)
    places = [dice.randrange(filling.tasks) for _ in range(5000)]

    def of_contacts(path):
        return [(place % 2, path.format(filling.contact_id(place))) for place in places]
    yield "inbox, newest", ["/conversations?limit=50"]
    yield "inbox, mine", ["/conversations?owner=me&limit=50"]
    yield "inbox, unread", ["/conversations?unread=true&limit=50"]
    yield "inbox, my unread", ["/conversations?owner=me&unread=true&limit=50"]
    yield "inbox, a rare word", [f"/conversations?q={word_of(place)}&limit=50" for place in range(500)]
    yield "inbox, a frequent word", [f"/conversations?q={word}&limit=50" for word in words()[:3]]
    yield "inbox, a name", [f"/conversations?q=Silva+{place}&limit=50" for place in places]
    yield "inbox, a number", [f"/conversations?q=%2B{filling.number(place)[1:]}&limit=50" for place in places]
    yield "thread", of_contacts("/contacts/{}/messages")
    yield "timeline", of_contacts("/contacts/{}/timeline")
    yield "queue, mine", ["/tasks?state=pending&assignee=me&limit=50"]
    yield "queue, all", ["/tasks?state=pending&limit=50"]
    yield "queue, nobody's", ["/tasks?state=pending&assignee=none&limit=50"]
    yield "queue, of a workflow", ["/tasks?state=pending&workflow=bench&limit=50"]
    yield "queue, of a workflow, mine", ["/tasks?state=pending&workflow=bench&assignee=me&limit=50"]
    yield "queue, of a contact", of_contacts("/tasks?contact={}&limit=50")
    yield "queue, marked", ["/tasks?attention=any&limit=50"]
    yield "queue, marked, mine", ["/tasks?attention=any&assignee=me&limit=50"]
    yield "queue, due before now", ["/tasks?state=pending&due_before=2026-01-01T00:00:00Z&limit=50"]
    yield "queue, mine, by age", ["/tasks?state=pending&assignee=me&order=created&limit=50"]
    yield "queue, mine, by closing", ["/tasks?state=pending&assignee=me&order=closing&limit=50"]
    yield "queue, all, by closing", ["/tasks?state=pending&order=closing&limit=50"]
    yield "queue, all states", ["/tasks?limit=50"]
    yield "queue, all states, by age", ["/tasks?order=created&limit=50"]
    yield "queue, a name", [f"/tasks?state=pending&q=Silva+{place}&limit=50" for place in places]
    yield "queue, all, a word of nobody", ["/tasks?state=pending&q=zzz&limit=50"]
    yield "queue, mine, a word of all", ["/tasks?state=pending&assignee=me&q=first&limit=50"]
    yield "next, looked at", ["/tasks/next?assignee=me"]
    yield "next, nothing is left", ["/tasks/next?assignee=none"]
    yield "counts, mine", ["/tasks/counts?assignee=me"]
    yield "counts, all", ["/tasks/counts"]


def lines_of(handbox, targets):
    for target in targets:
        for whose, path in [target] if isinstance(target, tuple) else enumerate([target] * len(handbox.tokens)):
            yield "GET", "/api/v1" + path, handbox.tokens[whose], None


def page(inbox, what, targets):
    handbox, probe = inbox.daemon()
    seconds = inbox.bench.seconds // 2
    load = inbox.requests("page", lines_of(handbox, targets))
    assert load.run(handbox.port, 1).rate, "no answer in a second"
    ratio = against(lambda: probe.rate("list"), lambda: load.run(handbox.port, seconds))
    figure = rate_figure("PAGES", what, ratio, 0.5)
    figure.note = "; ".join(filter(None, (f"p99 {ratio.value.p99_ms:.1f} ms of 30, p50 {ratio.value.p50_ms:.1f} ms", figure.note)))
    return figure


def pages(inbox):
    """PAGES: each page of inbox and queue against the probe's list of 50."""
    for what, targets in pages_of(inbox.daemon()[0].filling):
        try:
            yield page(inbox, what, targets)
        except AssertionError as failure:
            inbox.handbox.kill()
            inbox.handbox.start()
            yield Figure("PAGES", what, "-", aim=">= 0.50", is_met=False, note=f"could not be measured: {failure}")


def opening(inbox):
    """OPEN: a card is opened: the lease, the receipt, the whole card."""
    handbox, probe = inbox.daemon()
    filling = handbox.filling
    load = inbox.requests("open", (("POST", f"/api/v1/tasks/{filling.task_id(place)}/open", handbox.tokens[place % 2], {})
                                   for place in range(filling.tasks)), once=True)
    ratio = against(lambda: probe.rate("write"), lambda: load.run(handbox.port, inbox.bench.seconds // 2))
    figure = rate_figure("OPEN", "cards opened, in the order of the queue", ratio, 0.0, f"p99 {ratio.value.p99_ms:.1f} ms; reported only")
    figure.aim, figure.is_met = "-", None
    yield figure
