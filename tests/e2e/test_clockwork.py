"""Enrollments on the real clock: waits, time-outs, replies; stops and kills lose nothing and do nothing twice."""

import http.client
import itertools
import shutil
import signal
import urllib.parse
from datetime import datetime, timezone

import pytest

from rig import Desk, FakeSendsms, Handbox, wait_until
from rig.desk import assign, manual_sms
from rig.handbox import CALLBACK_SECRET

EVENTS = itertools.count(1)


def tag(name):
    return f'<add-tag tag="{name}"/>'


TOLD_BY_TAG = '<triggers><tag-added tag="told"/></triggers>'


def reply(handbox, phone, text):
    """A text of that phone comes in."""
    query = urllib.parse.urlencode({"text": text, "coding": 0, "charset": "utf-8", "id": f"clockwork-{next(EVENTS)}",
                                    "from": phone, "to": "12345", "smsc": "sim", "at": "2026-11-24 10:00:00"})
    status, body = handbox.plain(f"/kannel/inbound/{CALLBACK_SECRET}?{query}", kannel_side=True)
    assert (status, body) == (200, ""), body


def enroll(desk, name, contact):
    (done,) = desk.shell.post(f"/workflows/{name}/enrollments", {"contacts": [contact]}).expect(200)["results"]
    assert done["outcome"] == "enrolled", done
    return done["enrollment"]


def look(desk, enrollment):
    return desk.shell.get(f"/enrollments/{enrollment}").expect(200).json


def stands(desk, enrollment, step, reason):
    found = look(desk, enrollment)
    assert found["position"] and found["position"]["step"] == step, found
    assert found["position"]["reason"].startswith(reason), found


def ended(desk, enrollment, state="completed", timeout_s=15.0):
    def over():
        found = look(desk, enrollment)
        return found if found["position"] is None else None
    found = wait_until(over, lambda: f"an end: {look(desk, enrollment)}", timeout_s)
    assert found["state"] == state, found
    return found


def kinds(desk, enrollment):
    return [line["kind"] for line in desk.shell.items(f"/enrollments/{enrollment}/journal")]


def tags(desk, contact):
    return desk.shell.get(f"/contacts/{contact}").expect(200)["tags"]


def test_a_wait_ends_by_itself(desk):
    desk.publish("short", '<wait id="pause" for="2s"/>' + tag("waited"))
    contact = desk.contact()["id"]
    run = enroll(desk, "short", contact)
    stands(desk, run, "pause", "Waits until 20")
    ended(desk, run)
    assert tags(desk, contact) == ["waited"]
    assert kinds(desk, run) == ["enrolled", "waiting", "wait_over", "tag_added", "completed"]


def test_a_reply_or_the_time(desk, ana):
    desk.publish("ask", assign("ana") + manual_sms("Hi") + '<wait-for-reply id="reply" to="hello" timeout="2s"><on-reply>'
                 + tag("engaged") + "</on-reply><on-timeout>" + tag("silent") + "</on-timeout></wait-for-reply>")
    talks, silent = desk.contact(), desk.contact()
    runs = {}
    for contact in (talks, silent):
        task = desk.enroll("ask", contact["id"])
        (runs[contact["id"]],) = [run["id"] for run in desk.shell.items("/enrollments", contact=contact["id"])]
        desk.message(desk.approve(ana, task, "Hi"), "accepted")
    reply(desk.hb, talks["phone"], "Gladly")
    ended(desk, runs[talks["id"]])
    assert tags(desk, talks["id"]) == ["engaged"]
    ended(desk, runs[silent["id"]])
    assert tags(desk, silent["id"]) == ["silent"]


def test_a_reply_stops(desk):
    desk.publish("stops", assign("ana") + manual_sms("Hi"), '<settings stop-on-reply="yes"/>')
    contact = desk.contact()
    task = desk.enroll("stops", contact["id"])
    (run,) = desk.shell.items("/enrollments", contact=contact["id"])
    reply(desk.hb, contact["phone"], "no, thanks")
    assert ended(desk, run["id"], "removed")["end_reason"] == "the contact replied"
    assert desk.look(task)["state"] == "cancelled"


def test_unpublish_keeps_the_place(desk):
    desk.publish("paused", '<wait id="pause" for="2s"/>' + tag("waited"))
    contact = desk.contact()["id"]
    run = enroll(desk, "paused", contact)
    desk.shell.post("/workflows/paused/unpublish", {}).expect(200)
    wait_until(lambda: look(desk, run)["state"] == "held", lambda: f"held: {look(desk, run)}", 15)
    assert tags(desk, contact) == []
    desk.shell.post("/workflows/paused/publish", {}).expect(200)
    ended(desk, run)
    assert tags(desk, contact) == ["waited"]


# ---- stops and kills

STORY = ('<wait id="one" for="1s"/>' + tag("a") + manual_sms("Hi", attributes='expires="1s"')
         + '<wait-for-reply id="reply" to="hello" timeout="1s"><on-timeout>' + tag("b") + "</on-timeout></wait-for-reply>"
         + '<go-to id="again" step="one" max="1"/>')
TOLD = (["enrolled"]
        + ["waiting", "wait_over", "tag_added", "task_created", "task_expired", "exit_taken", "waiting", "exit_taken", "tag_added"]
        + ["went_to"]
        + ["waiting", "wait_over", "tag_added", "task_created", "task_expired", "exit_taken", "waiting", "exit_taken", "tag_added"]
        + ["done", "completed"])


@pytest.fixture
def own(module_folder, stopping):
    """A daemon of the test's own, which it may kill."""
    with FakeSendsms() as sendsms:
        yield stopping(Handbox(module_folder / f"own{next(EVENTS)}", sendsms_url=sendsms.url).start())


def told(own, runs):
    """Are all of them over? False as soon as the daemon is no more."""
    try:
        wait_until(lambda: own.ready() or not own.proc.alive(), "a life to begin", 20)
        if own.proc.alive():
            desk = Desk(own)
            wait_until(lambda: all(look(desk, run)["position"] is None for run in runs), "the end of the story", 30)
            return True
    except (OSError, http.client.HTTPException):
        wait_until(lambda: not own.proc.alive(), "its end", 20)
    return False


@pytest.mark.fault_points
@pytest.mark.parametrize("fault", ["wake_due", "woken", "store_before_commit", "store_after_commit"])
def test_kills_lose_nothing_and_do_nothing_twice(own, fault):
    """Every life ends by itself after some passages of that point, until the story is told."""
    desk = Desk(own)
    desk.publish("story", STORY)
    runs = [enroll(desk, "story", desk.contact()["id"]) for _ in range(3)]
    desk.close()
    own.kill()
    lives = 0
    while not told(own, runs):
        own.env = {"HANDBOX_FAULT": f"{fault}:kill:{3 + lives % 3}"}
        own.launch()
        lives += 1
    assert lives > 3
    own.kill()
    own.env = {}
    own.start()
    desk = Desk(own)
    for run in runs:
        found = ended(desk, run)
        assert kinds(desk, run) == TOLD
        tasks = desk.shell.items("/tasks", workflow="story", contact=found["contact"]["id"])
        assert [task["state"] for task in tasks] == ["expired", "expired"]
    desk.close()


def test_overdue_work_goes_in_order_after_a_stop(own):
    desk = Desk(own)
    desk.publish("short", '<wait id="pause" for="1s"/>' + tag("waited"))
    runs = [enroll(desk, "short", desk.contact()["id"]) for _ in range(30)]
    until = look(desk, runs[-1])["position"]["reason"].split()[-1]
    desk.close()
    own.stop()
    wait_until(lambda: instant_now() > until, "all to be overdue", 10)
    own.start()
    desk = Desk(own)
    for run in runs:
        ended(desk, run)
    ends = [look(desk, run)["ended_at"] for run in runs]
    assert ends == sorted(ends)
    desk.close()


def test_a_reload_reads_the_time_zones_anew(own, tmp_path):
    """tzdata comes with the packages of the system: SIGHUP, and new waits end by the new rules. Old ones keep their instant."""
    zones = tmp_path / "zones"
    (zones / "Europe").mkdir(parents=True)
    shutil.copy("/usr/share/zoneinfo/Europe/Lisbon", zones / "Europe/Lisbon")
    own.stop()
    own.env = {"TZDIR": str(zones)}
    own.start()
    desk = Desk(own)
    desk.publish("tea", '<wait id="pause" until="2036-01-10T17:00"/>')

    def waits_until():
        run = enroll(desk, "tea", desk.contact(timezone="Europe/Lisbon")["id"])
        return look(desk, run)["position"]["reason"].split()[-1]

    assert waits_until() == "2036-01-10T17:00:00.000Z"
    shutil.copy("/usr/share/zoneinfo/Asia/Tokyo", zones / "Europe/Lisbon")
    own.proc.signal(signal.SIGHUP)
    wait_until(lambda: waits_until() == "2036-01-10T08:00:00.000Z", "the new rules")
    desk.close()


def instant_now():
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@pytest.mark.fault_points
def test_one_that_cannot_go_on_stops_nobody(own):
    desk = Desk(own)
    desk.publish("short", '<wait id="pause" for="2s"/>' + tag("waited"))
    runs = [enroll(desk, "short", desk.contact()["id"]) for _ in range(5)]
    desk.close()
    own.stop()
    own.env = {"HANDBOX_FAULT": "wake_one:error:1"}
    own.start()
    desk = Desk(own)
    states = sorted((wait_until(lambda run=run: (found := look(desk, run))["position"] is None and found, "an end", 15)["state"],
                     look(desk, run)["end_reason"]) for run in runs)
    assert states == [("completed", "end_of_workflow")] * 4 + [("failed", "internal")]
    desk.close()


@pytest.mark.fault_points
def test_what_cannot_be_worked_off_is_dropped_and_stops_nobody(own):
    """What happens in a step is told to the workflows that listen on a later turn; one of these fails, by a fault of ours."""
    desk = Desk(own)
    desk.publish("tells", '<wait id="pause" for="2s"/>' + tag("told"))
    desk.publish("hears", tag("heard"), TOLD_BY_TAG)
    contacts = [desk.contact()["id"] for _ in range(4)]
    runs = [enroll(desk, "tells", contact) for contact in contacts]
    desk.close()
    own.stop()
    own.env = {"HANDBOX_FAULT": "trigger_one:error:1"}
    own.start()
    desk = Desk(own)
    for run in runs:
        ended(desk, run)
    wait_until(lambda: len(desk.shell.items("/enrollments", workflow="hears", state="completed")) == 3,
               lambda: f"three to be in it: {desk.shell.items('/enrollments', workflow='hears')}", 15)
    assert "an occurrence could not be worked off and is dropped" in own.log.read_text()
    assert sorted(len(tags(desk, contact)) for contact in contacts) == [1, 2, 2, 2]
    desk.close()


@pytest.mark.fault_points
def test_a_trigger_that_fails_at_once_takes_its_cause_back(own):
    """Whoever told of it is told, nothing half done stays, and the same call works when the fault has gone."""
    desk = Desk(own)
    desk.publish("hears", tag("heard"), TOLD_BY_TAG)
    contact = desk.contact()["id"]
    desk.close()
    own.stop()
    own.env = {"HANDBOX_FAULT": "trigger_one:error:1"}
    own.start()
    desk = Desk(own)
    desk.shell.put(f"/contacts/{contact}/tags/told", None).problem(500, "internal")
    assert tags(desk, contact) == [] and desk.shell.items("/enrollments", workflow="hears") == []
    desk.shell.put(f"/contacts/{contact}/tags/told", None).expect(204)
    (run,) = desk.shell.items("/enrollments", workflow="hears")
    ended(desk, run["id"])
    assert tags(desk, contact) == ["heard", "told"]
    desk.close()
