#!/usr/bin/python3
"""kill_loop - kill -9, again and again, while people approve texts; then three witnesses are joined.

    HANDBOX_BUILD=dir tests/fault/kill_loop.py [--kills N] [--seed N] [--people N]

People (threads, each with a token of its own) make tasks, by hand or by enrolling somebody in a workflow, open them and send
them, through whatever happens: an answer that did not come is asked for again with the same key, or receipt and text. The daemon is killed at random moments and at the named fault points
of a build with --enable-faults, and started again on the same database, beside a real Kannel and a message centre that
reports back. At the end the clients' acknowledgements, the message centre's log and the API must tell one story:

 1. an acknowledged approval is at the message centre once, or visibly withdrawn, refused, failed or uncertain
 2. nothing is there twice, and an uncertain one at most once
 3. what is there was approved: it has a message, a used receipt and one `send` in the ledger
 4. each enrollment and each key made one task, a text that went moved its workflow on, and `handbox verify` finds no break

Then the checker itself is checked: lies are planted into what was found, and each must be noticed.
Prints "N passed, N failed": the four promises, the lies, and the restarts.
"""

import argparse
import collections
import copy
import http.client
import os
import random
import shutil
import sqlite3
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import rig  # noqa: E402  (the path must be set first)
from rig.desk import manual_sms, workflow  # noqa: E402

# where a life may end by itself, and how far into it
FAULT_POINTS = ["handover_begin", "handover_done", "dispatch_marked", "dispatch_submitted", "gateway_outcome", "task_send",
                "report_apply", "store_before_commit", "store_after_commit"]
SETTLED = {"delivered", "failed", "refused", "withdrawn", "uncertain"}
WENT = {"accepted", "queued", "buffered", "delivered", "failed"}
WORKFLOW = workflow("loop", manual_sms("Hi {{ contact.first_name }}") + '<add-tag tag="texted"/>',
                    '<settings reentry="concurrent"/>')


class Person(threading.Thread):
    """Opens and sends one task after the other until told to stop; remembers what was acknowledged."""

    def __init__(self, hb, name, token, contacts, stop):
        super().__init__(name=name, daemon=True)
        self.hb, self.token, self.contacts, self.stop = hb, token, contacts, stop
        self.acked = {}  # text -> message id
        self.enrolled = set()  # enrollments that were acknowledged
        self.asked = set()  # texts for which a send was begun
        self.faults = []
        self.client = hb.client(token, timeout_s=10)
        self.count = 0

    def run(self):
        while not self.stop.is_set():
            try:
                self.one_task()
            except AssertionError as error:
                self.faults.append(str(error))
                return

    def persist(self, method, path, body, key=None):
        """The answer, however often it must be asked for; None when told to stop before it came."""
        while not self.stop.is_set():
            try:
                answer = self.client.request(method, path, body, key=key)
            except (OSError, http.client.HTTPException):
                time.sleep(0.02)  # nobody is there yet
                continue
            if answer.status not in (503, 507):
                return answer
            time.sleep(0.02)
        return None

    def make(self, name):
        """A task, by hand or, each second time, from the workflow; None when told to stop before it was there."""
        contact = self.contacts[self.count % len(self.contacts)]
        if self.count % 2:
            made = self.persist("POST", "/tasks", {"contact": contact, "name": name, "text": f"text {name}"}, key=name)
            return made and made.expect(201)["id"]
        done = self.persist("POST", "/workflows/loop/enrollments", {"contacts": [contact]}, key=name)
        if done is None:
            return None
        (result,) = done.expect(200)["results"]
        assert result["outcome"] == "enrolled", result
        self.enrolled.add(result["enrollment"])
        listed = self.persist("GET", f"/tasks?contact={contact}&state=pending&limit=500", None)
        if listed is None:
            return None
        mine = [t["id"] for t in listed.expect(200)["items"] if t["enrollment"] == result["enrollment"]]
        assert len(mine) == 1, f"enrolled as {result['enrollment']}, and there are the tasks {mine}"
        return mine[0]

    def one_task(self):
        self.count += 1
        name = f"{self.name}-{self.count}"
        task = self.make(name)
        if task is None:
            return
        card = self.persist("POST", f"/tasks/{task}/open", {})
        if card is None:
            return
        text = f"text {name} sent"
        self.asked.add(text)
        sent = self.persist("POST", f"/tasks/{task}/send", {"receipt": card.expect(200)["receipt"], "text": text})
        if sent is not None:
            self.acked[text] = sent.expect(202)["message"]["id"]


class Desk:
    """The daemon, Kannel and the message centre in one folder."""

    def __init__(self, folder, people):
        self.folder = folder
        self.smsc = rig.Smsc(folder / "smsc", {"dlr_delay_ms": 20}).start()
        self.kannel = rig.Kannel(folder / "kannel", self.smsc)
        self.hb = rig.Handbox(folder / "hb", sendsms_url=self.kannel.sendsms_url, conf={"log_level": "info"})
        self.kannel.start()
        self.hb.start()
        self.smsbox_panics = 0
        self.stop = threading.Event()
        shell = self.hb.shell()
        shell.put("/workflows/loop", WORKFLOW).expect(201)
        shell.post("/workflows/loop/publish", {}).expect(200)
        shell.close()
        self.people = [self.person(f"p{i}") for i in range(people)]

    def person(self, name):
        token = self.hb.user(name)
        client = self.hb.client(token)
        number = int(name[1:])
        contacts = [client.post("/contacts", {"first_name": f"{name}c{i}", "phone": f"+3519100{number:02d}{i:03d}"})
                    .expect(201)["id"] for i in range(50)]
        return Person(self.hb, name, token, contacts, self.stop)

    def one_life(self, random_):
        """One more life of the daemon, ended by kill -9; the time it took to be ready."""
        by_itself = random_.random() < 0.6
        if by_itself:
            self.hb.env = {"HANDBOX_FAULT": f"{random_.choice(FAULT_POINTS)}:kill:{random_.randrange(1, 40)}"}
        else:
            self.hb.env = {}
        began = time.monotonic()
        self.hb.launch()
        try:
            self.hb.wait_ready()
        except AssertionError:
            if not by_itself:  # a fault point may lie on the way
                raise
        ready_after = time.monotonic() - began
        end = time.monotonic() + random_.uniform(0.02, 0.6)
        while self.hb.proc.alive() and time.monotonic() < end:
            time.sleep(0.005)
        self.hb.kill()
        self.supervise()
        return ready_after

    def supervise(self):
        """smsbox 1.4.5 now and then panics when its client dies under a request (gwlib/conn.c:conn_unregister): whoever runs
        it starts it again."""
        if not self.kannel.smsbox.alive():
            self.smsbox_panics += 1
            self.kannel.start_smsbox()

    def settle(self):
        """A last life without faults: everything that can end has ended."""
        self.stop.set()
        for person in self.people:
            person.join(30)
        self.hb.env = {}
        self.supervise()
        self.hb.start()
        shell = self.hb.shell()
        rig.wait_until(lambda: self.unsettled(shell) == 0, lambda: f"{self.unsettled(shell)} texts to settle", 90, 0.2)
        self.smsc.wait_quiet()

    def unsettled(self, shell):
        states = ("approved", "handing_over", "accepted", "queued", "buffered")
        page = shell.get("/messages", state=",".join(states), limit=500).expect(200).json
        # reports that came while nobody was there are smsbox's to bring again; one that it gave up on leaves "accepted"
        waiting = [m for m in page["items"] if m["state"] in ("approved", "handing_over")]
        return len(waiting) if self.reports_are_through() else len(page["items"])

    def reports_are_through(self):
        self.quiet_since = getattr(self, "quiet_since", None) or time.monotonic()
        return time.monotonic() - self.quiet_since > 30


class Story:
    """What the three witnesses say."""

    def __init__(self, desk):
        self.acked = {text: id_ for person in desk.people for text, id_ in person.acked.items()}
        self.asked = set().union(*(person.asked for person in desk.people))
        self.faults = [fault for person in desk.people for fault in person.faults]
        self.messages = {m["id"]: m for m in desk.hb.shell().items("/messages", limit=500) if m["direction"] == "out"}
        self.arrived = collections.Counter(event["text"] for event in desk.smsc.texts())
        database = sqlite3.connect(f"file:{desk.hb.database}?mode=ro", uri=True)
        self.receipts = dict(database.execute("SELECT message_id, count(*) FROM receipts WHERE used_at IS NOT NULL "
                                              "GROUP BY message_id"))
        self.ledger = collections.Counter(subject for (subject,) in database.execute(
            "SELECT subject FROM ledger WHERE act = 'send'"))
        self.visits = database.execute(
            "SELECT enrollment_id, step_id, visit, count(*), max(message_id) FROM tasks WHERE enrollment_id IS NOT NULL "
            "GROUP BY enrollment_id, step_id, visit").fetchall()
        self.names = dict(database.execute("SELECT name, count(*) FROM tasks WHERE enrollment_id IS NULL GROUP BY name"))
        database.close()
        self.enrolled = set().union(*(person.enrolled for person in desk.people))
        self.enrollments = {e["id"]: e["state"] for e in desk.hb.shell().items("/enrollments", workflow="loop", limit=500)}
        self.verified = desk.hb.cli("verify", expect=None)

    def lost(self):
        """Acknowledged, and neither arrived nor visibly ended otherwise."""
        for text, id_ in self.acked.items():
            message = self.messages.get(id_)
            if message is None:
                yield f"acknowledged as {id_} but not there: {text}"
            elif message["text"] != text:
                yield f"{id_} has another text: {message['text']} for {text}"
            elif self.arrived[text] == 0 and message["state"] not in SETTLED - {"delivered"}:
                yield f"{id_} is {message['state']} but never arrived: {text}"

    def twice(self):
        for text, count in self.arrived.items():
            if count > 1:
                yield f"arrived {count} times: {text}"
        for text, count in collections.Counter(m["text"] for m in self.messages.values()).items():
            if count > 1:
                yield f"approved {count} times: {text}"

    def unapproved(self):
        texts = {m["text"]: m for m in self.messages.values()}
        for text in self.arrived:
            message = texts.get(text)
            if message is None or text not in self.asked:
                yield f"arrived without an approval: {text}"
            elif message["state"] in ("withdrawn", "refused"):
                yield f"arrived though {message['state']}: {text}"
        for id_ in self.messages:
            if self.receipts.get(int(id_)) != 1 or self.ledger[f"message:{id_}"] != 1:
                yield f"{id_} has {self.receipts.get(int(id_))} receipts and {self.ledger[f'message:{id_}']} ledger entries"

    def astray(self):
        yield from self.faults
        texts = {}  # enrollment -> the text of its task
        for enrollment, step, visit, count, message in self.visits:
            texts[str(enrollment)] = self.messages.get(str(message))
            if count != 1:
                yield f"{count} tasks for enrollment {enrollment} at {step}, visit {visit}"
        for name, count in self.names.items():
            if count != 1:
                yield f"{count} tasks were made with one key: {name}"
        for enrollment in self.enrolled | set(self.enrollments):
            state, text = self.enrollments.get(enrollment), texts.get(enrollment)
            due = "completed" if text and text["state"] in WENT else "waiting"
            if enrollment not in texts or state != due:
                yield f"enrollment {enrollment} is {state}, not {due}; its text: {text}"
        if self.verified.returncode != 0:
            yield f"handbox verify: {self.verified.stdout}{self.verified.stderr}"


PROMISES = ("lost", "twice", "unapproved", "astray")


def judge(story):
    """The faults of each promise, printed; how many promises hold."""
    held = 0
    for name in PROMISES:
        faults = list(getattr(story, name)())
        held += not faults
        print(f"{'ok  ' if not faults else 'FAIL'} nothing {name}")
        for fault in faults[:20]:
            print(f"       {fault}")
    return held


# ---- a checker that cannot fail proves nothing


def arrive_again(story, text):
    story.arrived[text] += 1


def vanish_on_the_way(story, text):
    del story.arrived[text]
    story.messages[story.acked[text]]["state"] = "accepted"


def vanish_here(story, text):
    del story.messages[story.acked[text]]


def arrive_from_nowhere(story, _):
    story.arrived["nobody wrote this"] = 1


def arrive_though_withdrawn(story, text):
    story.messages[story.acked[text]]["state"] = "withdrawn"


def lose_the_receipt(story, text):
    del story.receipts[int(story.acked[text])]


def approve_twice_in_the_ledger(story, text):
    story.ledger[f"message:{story.acked[text]}"] += 1


def make_a_task_twice(story, _):
    story.visits[0] = (*story.visits[0][:3], 2, story.visits[0][4])


def stand_still(story, _):
    story.enrollments[next(e for e, state in story.enrollments.items() if state == "completed")] = "waiting"


def forget_an_enrollment(story, _):
    del story.enrollments[next(iter(story.enrolled))]


LIES = {arrive_again: "twice", vanish_on_the_way: "lost", vanish_here: "lost", arrive_from_nowhere: "unapproved",
        arrive_though_withdrawn: "unapproved", lose_the_receipt: "unapproved", approve_twice_in_the_ledger: "unapproved",
        make_a_task_twice: "astray", stand_still: "astray", forget_an_enrollment: "astray"}


def tempt(story):
    """Plant each lie; how many were noticed."""
    noticed = 0
    text = next(text for text, id_ in story.acked.items() if story.messages[id_]["state"] == "delivered")
    for lie, promise in LIES.items():
        false = copy.copy(story)
        false.__dict__ = copy.deepcopy(story.__dict__)
        lie(false, text)
        found = any(True for _ in getattr(false, promise)())
        noticed += found
        if not found:
            print(f"FAIL the checker does not notice: {lie.__name__}")
    return noticed


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--kills", type=int, default=2000 if os.environ.get("HANDBOX_LONG") == "1" else 200)
    options.add_argument("--seed", type=int, default=int(os.environ.get("HANDBOX_SEED") or 1))
    options.add_argument("--people", type=int, default=4)
    options = options.parse_args()
    random_ = random.Random(options.seed)
    folder = Path(tempfile.mkdtemp(prefix="handbox-kill-"))
    failed = 0
    broken = True
    slowest = 0.0
    try:
        desk = Desk(folder, options.people)
        desk.hb.kill()
        for person in desk.people:
            person.start()
        for _ in range(options.kills):
            slowest = max(slowest, desk.one_life(random_))
        desk.settle()
        story = Story(desk)
        states = collections.Counter(m["state"] for m in story.messages.values())
        print(f"{options.kills} kills, {len(story.acked)} acknowledged, {sum(story.arrived.values())} arrived, "
              f"slowest start {slowest:.2f} s, {desk.smsbox_panics} smsbox panics, {dict(states)}")
        failed = len(PROMISES) - judge(story)
        if not failed:
            failed = len(LIES) - tempt(story)
        desk.hb.stop()
        desk.kannel.stop()
        desk.smsc.stop()
        broken = False
    finally:
        rig.stop_all()
        if failed or broken:
            print(f"left for a look: {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    print(f"{len(PROMISES) + len(LIES) + options.kills - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
