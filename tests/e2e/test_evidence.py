"""What was written down: the ledger and the audit in pages, one number's whole history, and who may read them."""

import hashlib
import hmac
import itertools
import json
import urllib.parse

import pytest

from rig import Desk, FakeSendsms, Handbox
from rig.handbox import CALLBACK_SECRET

EVENTS = itertools.count(1)


@pytest.fixture(scope="module")
def desk(module_folder):
    with FakeSendsms() as sendsms:
        daemon = Handbox(module_folder / "handbox", sendsms_url=sendsms.url).start()
        people = Desk(daemon)
        people.ana = people.person("ana")
        people.ada = people.person("ada", "admin", "read,contacts,workflows,enroll,tasks,send,admin")
        people.auditor = people.person("otto", "auditor", "read")
        yield people
        people.close()
        daemon.stop()


def inbound(desk, phone, text):
    query = urllib.parse.urlencode({"text": text, "id": f"evidence-{next(EVENTS)}", "from": phone, "to": "12345"})
    assert desk.hb.plain(f"/kannel/inbound/{CALLBACK_SECRET}?{query}", kannel_side=True) == (200, "")


def history(client, phone, **query):
    return client.get("/evidence?" + urllib.parse.urlencode({"phone": phone, "limit": 500, **query})).expect(200).json


def digest(salt, text):
    return hmac.new(bytes.fromhex(salt), text.encode(), hashlib.sha256).hexdigest()


@pytest.fixture(scope="module")
def story(desk):
    """A number with a life: shown, edited, sent, answered, unclear, classified, stopped, let in again."""
    contact = desk.contact(timezone="America/New_York", owner="ana")
    task = desk.task(contact=contact["id"], assignee="ana")
    card = desk.open(desk.ana, task)
    desk.open(desk.ana, task)
    contact["message"] = desk.approve(desk.ana, task, card["text"] + ", Maria")
    desk.message(contact["message"], "accepted")
    inbound(desk, contact["phone_e164"], "please stop texting at night")
    text = desk.shell.items(f"/contacts/{contact['id']}/messages")[0]
    desk.ana.post(f"/contacts/{contact['id']}/consent", {"inbound": text["id"], "verdict": "not_stop"}).expect(200)
    inbound(desk, contact["phone_e164"], "STOP")
    desk.ana.post(f"/contacts/{contact['id']}/opt-in", {"evidence": "letter of 3 May"}).expect(200)
    return contact


def test_one_numbers_history(desk, story):
    seen = history(desk.auditor, story["phone_e164"])
    assert [item["kind"] for item in seen["items"]] == [
        "shown", "shown", "shown", "sent", "received", "received", "opt_out", "opt_in"]
    assert (seen["number"], seen["opted_out"], seen["holds"], seen["next"]) == (story["phone_e164"], False, [], None)
    shown, sent = seen["items"][0], seen["items"][3]
    assert shown["to"]["login"] == "ana" and shown["offered"] == "Hi" and shown["message"] is None
    assert sent["timezone"] == "America/New_York" and sent["local_at"][-6:] in ("-05:00", "-04:00")
    assert (sent["offered"], sent["message"]["text"], sent["edited"]) == ("Hi", "Hi, Maria", True)
    (entry,) = sent["ledger"]
    payload = entry["entry"]["payload"]
    assert entry["entry"]["act"] == "send" and entry["entry"]["actor"] == "ana"
    assert payload["guards"]["opted_out"] == "ok" and len(payload["guards"]) >= 13
    assert payload["to"]["digest"] == digest(entry["salt"], story["phone_e164"])
    assert payload["text"]["digest"] == digest(entry["salt"], "Hi, Maria")
    unclear, stop, opted_in = seen["items"][4], seen["items"][5], seen["items"][7]
    assert [line["entry"]["act"] for line in unclear["ledger"]] == ["consent_unclear", "classify"]
    assert unclear["message"]["verdict"] == "not_stop" and stop["message"]["consent"] == "stop"
    assert (opted_in["actor"], opted_in["evidence"]) == ("ana", "letter of 3 May")
    assert seen["items"][6]["message"] == stop["message"]["id"]


def test_pages_and_times(desk, story):
    whole = history(desk.ada, story["phone_e164"])["items"]
    paged, cursor = [], None
    while True:
        page = history(desk.ada, story["phone_e164"], limit=3, **({"cursor": cursor} if cursor else {}))
        paged += page["items"]
        cursor = page["next"]
        if not cursor:
            break
    assert paged == whole
    middle = whole[4]["at"]
    assert history(desk.ada, story["phone_e164"], **{"from": middle})["items"] == whole[4:]
    assert history(desk.ada, story["phone_e164"], until=middle)["items"] == whole[:4]
    assert history(desk.ada, "+351960000000")["items"] == []
    desk.ada.get("/evidence?phone=nobody").problem(422, "invalid")
    desk.ada.get("/evidence?phone=%2B351912345678&cursor=x").problem(400, "bad_cursor")


def test_the_ledger_in_pages(desk, story):
    newest = desk.auditor.get("/ledger?limit=1").expect(200)["items"][0]
    found = desk.auditor.items("/ledger", limit=7)
    assert [line["seq"] for line in found] == list(range(newest["seq"], 0, -1))
    assert all(later["prev"] == earlier["hash"] for later, earlier in zip(found, found[1:]))
    subject = f"message:{story['message']['id']}"
    assert [line["act"] for line in desk.auditor.items("/ledger", subject=subject)] == ["send"]
    acts = desk.auditor.items("/audit", actor="ana", act="classify")
    assert [line["detail"]["verdict"] for line in acts] == ["not_stop"] and "hash" not in acts[0]
    assert desk.auditor.items("/audit", until=found[-1]["at"]) == []
    assert len(desk.auditor.items("/audit", **{"from": found[0]["at"]})) >= 1


def test_who_may_read(desk, story):
    phone = urllib.parse.quote(story["phone_e164"])
    lea = desk.person("lea", "lead")
    for path in ("/ledger", "/audit", f"/evidence?phone={phone}"):
        for client in (desk.ana, lea, desk.program()):
            client.get(path).problem(403, "forbidden")
        for client in (desk.ada, desk.auditor, desk.shell, desk.program("read,admin")):
            client.get(path).expect(200)


def test_from_the_shell(desk, story):
    lines = desk.hb.cli("evidence", story["phone_e164"]).stdout.splitlines()
    assert len(lines) == 9 and "opt_in" in lines[8] and "ana" in lines[8]
    whole = json.loads(desk.hb.cli("evidence", story["phone_e164"], "--json").stdout)
    assert whole["items"] == history(desk.ada, story["phone_e164"])["items"]
    at = whole["items"][4]["at"]
    assert len(desk.hb.cli("evidence", story["phone_e164"], "--from", at, "--until", whole["items"][7]["at"]).stdout.splitlines()) == 4
    desk.hb.cli("evidence", "nobody", expect=1)
