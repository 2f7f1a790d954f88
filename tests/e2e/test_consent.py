"""Consent through the outside: what texts say, what a person says they mean, who may say so, and what follows at once."""

import concurrent.futures
import itertools
import signal
import urllib.parse

import pytest

from rig import Desk, FakeSendsms, Handbox, wait_until
from rig.desk import assign, manual_sms
from rig.handbox import CALLBACK_SECRET

EVENTS = itertools.count(1)


@pytest.fixture(scope="module")
def desk(module_folder):
    with FakeSendsms() as sendsms:
        daemon = Handbox(module_folder / "handbox", sendsms_url=sendsms.url).start()
        people = Desk(daemon)
        people.sendsms = sendsms
        people.ana = people.person("ana")
        yield people
        people.close()
        daemon.stop()


def inbound(desk, phone, text, event=None, expect=200):
    """A text from a telephone, as an sms-service brings it."""
    query = urllib.parse.urlencode({"text": text, "coding": 0, "charset": "UTF-8", "id": event or f"consent-{next(EVENTS)}",
                                    "from": phone, "to": "12345", "smsc": "SIM"})
    status, body = desk.hb.plain(f"/kannel/inbound/{CALLBACK_SECRET}?{query}", kannel_side=True)
    assert status == expect and (status != 200 or body == ""), body


def newest(desk, contact):
    """The contact's last text."""
    return desk.shell.items(f"/contacts/{contact['id']}/messages")[0]


def look(desk, contact):
    return desk.shell.get(f"/contacts/{contact['id']}").expect(200).json


def test_stop_by_text(desk):
    contact = desk.contact()
    task, other = desk.task(contact=contact["id"]), desk.task(contact=contact["id"])
    card = desk.open(desk.ana, task)
    inbound(desk, contact["phone_e164"], "STOP.")
    assert look(desk, contact)["opted_out"]
    assert newest(desk, contact)["consent"] == "stop"
    for each in (task, other):
        assert (desk.look(each)["state"], desk.look(each)["end_reason"]) == ("cancelled", "opted out")
    stale = desk.send(desk.ana, task, card["receipt"], "still there?").problem(409, "receipt_stale")
    assert "consent" in stale["changed"]
    desk.ana.post(f"/tasks/{task['id']}/open", {}).problem(409, "not_pending")
    inbound(desk, contact["phone_e164"], "start")
    assert not look(desk, contact)["opted_out"]


def test_only_unclear_texts_hold(desk):
    contact = desk.contact()
    task = desk.task(contact=contact["id"])
    inbound(desk, contact["phone_e164"], "I will stop by at five")
    assert (desk.look(task)["state"], desk.look(task)["attention"]) == ("pending", "replied")
    inbound(desk, contact["phone_e164"], "please stop texting at night")
    held = desk.look(task)
    assert (held["state"], held["holds"]) == ("held", ["unclear_opt_out"])
    assert newest(desk, contact)["consent"] == "unclear" and newest(desk, contact)["verdict"] is None
    later = desk.task(contact=contact["id"])
    assert desk.look(later)["state"] == "held"
    path, body = f"/contacts/{contact['id']}/consent", {"inbound": newest(desk, contact)["id"], "verdict": "not_stop"}
    desk.program().post(path, body).problem(403, "human_required")
    desk.shell.post(path, body).problem(403, "human_required")
    desk.ana.post(path, {**body, "verdict": "maybe"}).problem(400, "bad_request")
    desk.ana.post(path, {**body, "inbound": task["id"]}).problem(422, "invalid")
    assert desk.ana.post(path, body).expect(200)["opted_out"] is False
    assert newest(desk, contact)["verdict"] == "not_stop"
    assert [desk.look(each)["state"] for each in (task, later)] == ["pending", "pending"]
    desk.ana.post(path, body).expect(200)
    desk.ana.post(path, {**body, "verdict": "stop"}).problem(409, "bad_state")


def test_opt_in_needs_a_person_and_evidence(desk):
    contact = desk.contact()
    path = f"/contacts/{contact['id']}"
    desk.program().post(f"{path}/opt-out", {"reason": "asked on the phone"}).expect(200)
    inbound(desk, contact["phone_e164"], "START")
    assert look(desk, contact)["opted_out"], "START lifts only what STOP did"
    desk.program().post(f"{path}/opt-in", {"evidence": "x"}).problem(403, "human_required")
    desk.ana.post(f"{path}/opt-in", {}).problem(400, "bad_request")
    assert desk.ana.post(f"{path}/opt-in", {"evidence": "letter of 3 May"}).expect(200)["opted_out"] is False


def test_what_waits_is_withdrawn_and_nothing_more_leaves(desk):
    contact = desk.contact()
    desk.publish("withdrawn", assign("ana") + manual_sms("Hi"))
    task = desk.enroll("withdrawn", contact["id"])
    message = desk.approve(desk.ana, task, "on its way", undo_s=3)
    inbound(desk, contact["phone_e164"], "Não quero mais mensagens")
    assert desk.message(message, "withdrawn")["state"] == "withdrawn"
    assert desk.look(task)["end_reason"] == "opted out"
    assert desk.sendsms.to(contact["phone_e164"]) == []
    assert desk.shell.items("/enrollments", contact=contact["id"])[0]["state"] == "removed"


def test_hundreds_of_the_same_stop_at_once(desk):
    """One event a hundred times, and a hundred events of one telephone: one opt-out, one entry in the ledger."""
    contact = desk.contact()
    tasks = [desk.task(contact=contact["id"]) for _ in range(3)]
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda n: inbound(desk, contact["phone_e164"], "STOP", event=f"storm-{n % 2 and n}"), range(100)))
    assert look(desk, contact)["opted_out"]
    assert len(desk.shell.items(f"/contacts/{contact['id']}/messages", limit=500)) == 51
    assert {desk.look(task)["state"] for task in tasks} == {"cancelled"}


def test_two_first_texts_at_once_make_one_contact(desk):
    for n in range(20):
        phone = f"+3519350{n:05}"
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda sender: inbound(desk, sender, "hello"), (phone, phone[1:])))
        (made,) = desk.shell.items("/contacts", phone=phone)
        assert len(desk.shell.items(f"/contacts/{made['id']}/messages")) == 2


def test_stop_against_send(desk):
    """Both at the same moment: the text goes or it does not, but never after the opt-out was answered."""
    outcomes = set()
    for _ in range(30):
        contact = desk.contact()
        task = desk.task(contact=contact["id"], assignee="ana")
        card = desk.open(desk.ana, task)
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            stop = pool.submit(inbound, desk, contact["phone_e164"], "STOP")
            answer = desk.send(desk.ana, task, card["receipt"], "Hi").expect(202, 409)
            stop.result()
        outcomes.add(answer.status)
        if answer.status == 202:
            done = desk.message(answer["message"], "accepted", "withdrawn")
            assert done["state"] in ("accepted", "withdrawn")
        assert desk.look(task)["state"] in ("cancelled", "sent")
    assert outcomes, "each ends one way or the other"


def test_lists_of_ones_own(desk, module_folder):
    lists = module_folder / "lists"
    lists.mkdir()
    (lists / "xx.txt").write_text("[stop]\nhalt\n[start]\nlos\n", encoding="utf-8")
    desk.hb.write_conf(consent_words=str(lists))
    desk.hb.proc.signal(signal.SIGHUP)
    contact = desk.contact()
    wait_until(lambda: (inbound(desk, contact["phone_e164"], "Halt!"), look(desk, contact)["opted_out"])[1], "the new list")
    inbound(desk, contact["phone_e164"], "LOS")
    assert not look(desk, contact)["opted_out"]
    inbound(desk, contact["phone_e164"], "STOP")
    assert not look(desk, contact)["opted_out"], "what is not in the lists is no stop word"
    (lists / "xx.txt").write_text("[stop]\n[halt]\n", encoding="utf-8")
    desk.hb.proc.signal(signal.SIGHUP)
    wait_until(lambda: f"{lists}/xx.txt: line 2: the headings are" in desk.hb.log.read_text(), "the complaint")
    inbound(desk, contact["phone_e164"], "halt")
    assert look(desk, contact)["opted_out"], "a bad file keeps the old words"
    desk.hb.write_conf(consent_words=None)
    desk.hb.proc.signal(signal.SIGHUP)
