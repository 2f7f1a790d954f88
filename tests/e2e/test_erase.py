"""Erasing a person: nothing of them is left in any table, what happened stays, the ledger verifies, the opt-out holds."""

import sqlite3
import urllib.parse

import pytest

from rig import Desk, FakeSendsms, Handbox, wait_until
from rig.desk import assign, manual_sms
from rig.handbox import CALLBACK_SECRET

# Copies that go by themselves: answers kept for a day, what other systems are told.
SHORT_LIVED = {"idempotency", "hook_deliveries"}


@pytest.fixture
def desk(tmp_path, stopping):
    sendsms = FakeSendsms()
    with sendsms:
        daemon = stopping(Handbox(tmp_path / "handbox", sendsms_url=sendsms.url).start())
        people = Desk(daemon)
        people.ana = people.person("ana")
        people.ada = people.person("ada", "admin", "read,contacts,workflows,enroll,tasks,send,admin")
        yield people
        people.close()


def inbound(desk, phone, text, event):
    query = urllib.parse.urlencode({"text": text, "id": event, "from": phone, "to": "12345"})
    assert desk.hb.plain(f"/kannel/inbound/{CALLBACK_SECRET}?{query}", kannel_side=True) == (200, "")


def found_in(database, *words):
    """Tables and columns in which one of the words still stands."""
    found = set()
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as db:
        tables = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            if table in SHORT_LIVED or table.startswith("messages_words"):
                continue
            for row in db.execute(f"SELECT * FROM {table}"):
                if any(word in str(value) for word in words for value in row):
                    found.add(table)
    return found


def test_nothing_of_the_person_is_left(desk):
    contact = desk.contact(first_name="Wilhelmina", last_name="Quux", email="wq@example.org", external_id="wq-1",
                           custom={"dog": "Zebedee"}, tags=["secret-tag"])
    phone, path = contact["phone_e164"], f"/contacts/{contact['id']}"
    desk.publish("erasing", assign("ana") + manual_sms("Dear {{ contact.first_name }}"))
    task = desk.enroll("erasing", contact["id"])
    message = desk.approve(desk.ana, task, "Dear Wilhelmina, about Zebedee")
    desk.message(message, "accepted")
    other = desk.task(contact=contact["id"], name="Call Wilhelmina", text="Zebedee", assignee="ana")
    card = desk.open(desk.ana, other)
    desk.ana.put(f"/tasks/{other['id']}/draft", {"text": "a draft for Wilhelmina"}).expect(200)
    desk.ana.post(f"{path}/notes", {"text": "Wilhelmina likes tea"}).expect(201)
    inbound(desk, phone, "Zebedee barks, please stop texting at night", "erase-1")
    text = desk.shell.items(f"{path}/messages")[0]
    desk.ana.post(f"{path}/consent", {"inbound": text["id"], "verdict": "stop"}).expect(200)
    words = ("Wilhelmina", "Quux", "wq@example", "wq-1", "Zebedee", "secret-tag", phone, phone[1:])
    assert found_in(desk.hb.database, *words) >= {"contacts", "messages", "notes", "consents", "numbers", "receipts"}

    desk.ana.post(f"{path}/erase", {"reason": "asked"}).problem(403, "forbidden")
    desk.program().post(f"{path}/erase", {"reason": "asked"}).problem(403, "forbidden")
    desk.ada.post(f"{path}/erase", {}).problem(400, "bad_request")
    job = desk.ada.post(f"{path}/erase", {"reason": "asked by letter"}).expect(200)
    assert (job["state"], job["kind"]) == ("done", "erase_contact")
    assert found_in(desk.hb.database, *words) == set()

    desk.shell.get(path).problem(404, "not_found")
    desk.ana.post(f"/tasks/{other['id']}/send", {"receipt": card["receipt"], "text": "x"}).expect(404, 409, 422)
    assert desk.shell.get(f"/messages/{message['id']}").expect(200)["text"] == ""
    assert desk.ada.get("/evidence?phone=" + urllib.parse.quote(phone)).expect(200)["items"] == []
    assert desk.ada.items("/audit", subject=f"contact:{contact['id']}")[0]["act"] == "erase"
    desk.hb.cli("verify")
    again = desk.contact(phone=phone)
    assert again["opted_out"], "the opt-out outlives the person"
    desk.hb.restart()
    desk.hb.cli("verify")


def is_in_files(database, word):
    """Whether the bytes stand anywhere in the database, its log, or what FTS5 keeps of words: in small letters."""
    word = word.lower().encode()
    return any(word in path.read_bytes().lower() for path in (database, database.with_name(database.name + "-wal")) if path.exists())


def test_no_byte_of_a_text_is_left(desk):
    gone, other = desk.contact(), desk.contact()
    for n in range(30):
        inbound(desk, gone["phone_e164"], f"Bettelheim{n} said Quixotry", f"gone-{n}")
        inbound(desk, other["phone_e164"], f"Peppercorn{n} stays", f"stays-{n}")
    assert is_in_files(desk.hb.database, "ettelheim") and is_in_files(desk.hb.database, "uixotry")
    desk.ada.post(f"/contacts/{gone['id']}/erase", {"reason": "asked"}).expect(200, 202)
    wait_until(lambda: not is_in_files(desk.hb.database, "ettelheim") and not is_in_files(desk.hb.database, "uixotry"),
               "the last byte to go")
    assert desk.shell.items("/conversations", q="Quixotry") == []
    assert [item["contact"]["id"] for item in desk.shell.items("/conversations", q="peppercorn7")] == [other["id"]]
    # once more, over a restart
    desk.hb.restart()
    desk.ada.post(f"/contacts/{other['id']}/erase", {"reason": "asked"}).expect(200, 202)
    desk.hb.restart()
    wait_until(lambda: not is_in_files(desk.hb.database, "eppercorn"), "the last byte to go")


def test_a_long_thread_goes_in_steps(desk):
    contact = desk.contact()
    for n in range(120):
        inbound(desk, contact["phone_e164"], f"long story {n}", f"long-{n}")
    job = desk.ada.post(f"/contacts/{contact['id']}/erase", {"reason": "asked"}).expect(202)
    wait_until(lambda: desk.ada.get(f"/jobs/{job['id']}").expect(200)["state"] == "done", "the end of the job")
    assert found_in(desk.hb.database, "long story", contact["phone_e164"]) == set()
    assert not desk.contact(phone=contact["phone_e164"])["opted_out"]
