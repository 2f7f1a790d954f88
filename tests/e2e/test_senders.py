"""The numbers that texts go out from: the workflow's, the thread's, the instance's; and the rate of each."""

import time
import urllib.parse

import pytest

from rig import Desk, Handbox, wait_until
from rig.desk import assign, manual_sms
from rig.handbox import CALLBACK_SECRET
from rig.kannel import group

RATE = 5
GROUPS = (group("sender", number="54321", smsc="second") + "\n" + group("sender", number="777", rate=RATE) + "\n"
          + group("sender", number="SHOP", rate="none"))


@pytest.fixture(scope="module")
def desk(module_folder, sendsms):
    daemon = Handbox(module_folder / "handbox", sendsms_url=sendsms.url, conf={"smsc": "first"}, groups=GROUPS).start()
    people = Desk(daemon)
    yield people
    people.close()
    daemon.stop()


def publish(desk, name, settings):
    desk.publish(name, assign("ana") + manual_sms("Hi"), f"<settings {settings}/>")


def left(desk, sendsms, message):
    """(from, smsc) as sendsms was told."""
    desk.message(message, "accepted")
    (query,) = [r.query for r in sendsms.requests if r.query["account"] == message["id"]]
    return query.get("from"), query.get("smsc")


def inbound(desk, contact, to):
    query = urllib.parse.urlencode({"text": "Hello?", "coding": 0, "charset": "UTF-8", "id": f"in-{contact['id']}-{to}",
                                    "from": contact["phone_e164"], "to": to, "smsc": "SIM", "at": 1750000000})
    assert desk.hb.plain(f"/kannel/inbound/{CALLBACK_SECRET}?{query}", kannel_side=True) == (200, "")


def test_a_workflow_has_a_sender_and_a_route(desk, ana, sendsms):
    publish(desk, "both", 'sender="999" smsc="nine"')
    publish(desk, "grouped", 'sender="54321"')
    publish(desk, "routed", 'smsc="nine"')
    publish(desk, "plain", "")
    expected = {"both": ("999", "nine"), "grouped": ("54321", "second"), "routed": ("12345", "nine"),
                "plain": ("12345", "first")}
    for name, route in expected.items():
        task = desk.enroll(name, desk.contact()["id"])
        card = desk.open(ana, task)
        assert card["from"] == route[0]
        message = desk.send(ana, task, card["receipt"], "Hi").expect(202)["message"]
        assert message["from"] == route[0]
        assert left(desk, sendsms, message) == route


def test_a_thread_keeps_its_number(desk, ana, sendsms):
    contact = desk.contact()
    first = desk.task(contact["id"], assignee="ana")
    shown = desk.open(ana, first)
    assert shown["from"] == "12345"
    inbound(desk, contact, "+54321")
    desk.send(ana, first, shown["receipt"], "Hi").problem(409, "receipt_stale")
    assert desk.open(ana, first)["from"] == "54321"
    assert left(desk, sendsms, desk.approve(ana, first, "Hello")) == ("54321", "second")
    second = desk.task(contact["id"], assignee="ana")
    assert left(desk, sendsms, desk.approve(ana, second, "And again")) == ("54321", "second")

    publish(desk, "own", 'sender="12345"')
    third = desk.enroll("own", contact["id"])
    assert left(desk, sendsms, desk.approve(ana, third, "From the other one")) == ("12345", "first")
    inbound(desk, contact, "4242")  # none of ours
    fourth = desk.task(contact["id"], assignee="ana")
    assert desk.open(ana, fourth)["from"] == "12345"


def test_a_thread_keeps_no_number_when_told_so(desk, ana):
    contact = desk.contact()
    inbound(desk, contact, "54321")
    task = desk.task(contact["id"], assignee="ana")
    assert desk.open(ana, task)["from"] == "54321"
    desk.hb.write_conf(sticky_sender="no")
    desk.hb.restart()
    try:
        assert desk.open(ana, task)["from"] == "12345"
    finally:
        desk.hb.write_conf(sticky_sender="yes")
        desk.hb.restart()


def test_a_slow_sender_is_kept_to_its_rate_and_stops_no_other(desk, ana, sendsms):
    """Nine texts from 777 take at least 8/5 s; those from others pass them by."""
    publish(desk, "slow", 'sender="+777"')
    slow = [desk.enroll("slow", desk.contact()["id"]) for _ in range(9)]
    before = len(sendsms.requests)
    messages = [desk.approve(ana, task, "slowly") for task in slow]
    quick = desk.approve(ana, desk.task(assignee="ana"), "quickly")
    desk.message(quick, "accepted")
    status = desk.shell.get("/kannel/status").expect(200)
    assert [(s["number"], s["smsc"], s["rate"]) for s in status["senders"]] == [
        ("54321", "second", None), ("777", None, RATE), ("SHOP", None, None)]
    waiting = status["senders"][1]["waiting"]
    assert 0 < waiting <= 9 and waiting <= status["outbox"]
    assert f"777: {RATE} a second" in desk.hb.cli("status").stdout
    for message in messages:
        desk.message(message, "accepted")
    sent = [r for r in sendsms.requests[before:] if r.query["from"] == "+777"]
    assert [r.query["account"] for r in sent] == [m["id"] for m in messages]
    assert sent[-1].at - sent[0].at >= 8 / RATE - 0.1
    others = [r for r in sendsms.requests[before:] if r.query["account"] == quick["id"]]
    assert others[0].at < sent[-1].at
    assert desk.shell.get("/kannel/status")["senders"][1]["waiting"] == 0


def test_a_rate_that_is_taken_away_lets_go(desk, ana, sendsms):
    publish(desk, "slow", 'sender="777"')
    slow = [desk.enroll("slow", desk.contact()["id"]) for _ in range(25)]
    messages = [desk.approve(ana, task, "soon") for task in slow]
    desk.hb.groups = GROUPS.replace(f"rate = {RATE}\n", "")
    desk.hb.write_conf()
    desk.hb.proc.signal(1)
    began = time.monotonic()
    try:
        for message in messages:
            desk.message(message, "accepted")
        assert time.monotonic() - began < 20 / RATE
    finally:
        desk.hb.groups = GROUPS
        desk.hb.write_conf()
        desk.hb.restart()
    wait_until(lambda: desk.shell.get("/kannel/status")["senders"][1]["rate"] == RATE, "the rate to be back")


@pytest.mark.parametrize("lines, said", [
    ({"smsc": "x"}, "has no number"),
    ({"number": "1", "rate": "0"}, "rate = 0"),
    ({"number": "1", "rate": "fast"}, "rate = fast"),
    ({"number": "1" * 21}, "1 to 20 characters"),
    ({"number": "1", "speed": "5"}, "no key speed"),
    ({"number": "+54321"}, "a second group = sender"),
])
def test_faults_are_named_with_their_line(tmp_path, lines, said):
    daemon = Handbox(tmp_path / "handbox", groups=GROUPS + "\n" + group("sender", **lines))
    done = daemon.cli("check-conf", expect=1)
    assert said in done.stderr and f"{daemon.conf}:" in done.stderr, done.stderr
