"""What Kannel calls: who is let in, what is read, and that nothing is answered before it is kept."""

import concurrent.futures
import sqlite3
import urllib.parse

import pytest

from rig import Desk, FakeSendsms, Handbox
from rig.handbox import CALLBACK_SECRET


@pytest.fixture(scope="module")
def desk(module_folder):
    with FakeSendsms() as sendsms:
        daemon = Handbox(module_folder / "handbox", sendsms_url=sendsms.url).start()
        people = Desk(daemon)
        people.lea = people.person("lea", "lead")
        yield people
        people.close()
        daemon.stop()


@pytest.fixture(scope="module")
def door(desk):
    """A client of the port that smsbox calls."""
    client = desk.hb.client(base="/kannel")
    client.port = desk.hb.kannel_port
    yield client
    client.close()


COUNT = iter(range(1, 10000))


def inbound(door, text, sender="+351913000001", expect=200, headers=None, **fields):
    """An inbound text as an sms-service brings it: text may be bytes."""
    query = {"coding": 0, "charset": "UTF-8", "id": f"event-{next(COUNT)}", "from": sender, "to": "12345", "smsc": "SIM",
             "at": 1750000000, **fields}
    raw = urllib.parse.quote(text, safe="")
    path = f"/inbound/{CALLBACK_SECRET}?text={raw}&{urllib.parse.urlencode({k: v for k, v in query.items() if v is not None})}"
    answer = door.request("GET", path, headers=headers).expect(expect)
    assert expect != 200 or answer.text == ""
    return query["id"]


def thread(desk, sender="+351913000001"):
    return [m for m in desk.shell.items("/messages", limit=500) if m["from"] == sender]


def test_texts_of_every_kind(desk, door):
    sender = "+351913000002"
    for text, fields, seen in (
            ("Sim, às 18h €5", {}, "Sim, às 18h €5"),
            ("Привет 😀".encode("utf-16-be"), {"coding": 2, "charset": "UTF-16BE"}, "Привет 😀"),
            ("ab".encode("utf-16-be"), {"coding": 2, "charset": ""}, "ab"),
            (b"\xe9t\xe9", {"charset": "ISO-8859-1"}, "été"),
            ("", {}, ""),
            ("a+b & c=d %41 ;", {}, "a+b & c=d %41 ;"),
            (b"\x01\x02\xff\x00", {"coding": 1, "charset": ""}, "[binary message, 4 bytes]"),
            (b"half \xff\xfe text", {}, "half \ufffd\ufffd text")):
        inbound(door, text, sender, **fields)
        assert thread(desk, sender)[0]["text"] == seen


def test_the_same_event_twice(desk, door):
    event = inbound(door, "once", "+351913000003")
    inbound(door, "once", "+351913000003", id=event)
    inbound(door, "another wording", "+351913000003", id=event)
    assert [m["text"] for m in thread(desk, "+351913000003")] == ["once"]
    inbound(door, "once", "+351913000003")
    assert len(thread(desk, "+351913000003")) == 2


def test_the_same_event_at_the_same_time(desk, door):
    def bring(_):
        client = desk.hb.client(base="/kannel")
        client.port = desk.hb.kannel_port
        inbound(client, "together", "+351913000013", id="together")
        client.close()
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(bring, range(16)))
    assert len(thread(desk, "+351913000013")) == 1
    assert len(desk.shell.items("/contacts", phone="+351913000013")) == 1


def test_a_text_without_an_event_id_is_refused(desk, door):
    inbound(door, "first", "+351913000004", id=None, expect=400)
    assert thread(desk, "+351913000004") == []


def test_who_it_came_from(desk, door):
    known = desk.contact(phone="+351913000005")
    for sender in ("+351913000005", "351913000005"):
        inbound(door, "hello", sender)
    assert len(desk.shell.items(f"/contacts/{known['id']}/messages")) == 2
    inbound(door, "who am I", "+351913000006")
    (made,) = desk.shell.items("/contacts", phone="+351913000006")
    assert [m["text"] for m in desk.shell.items(f"/contacts/{made['id']}/messages")] == ["who am I"]
    inbound(door, "an alphanumeric one", "INFO")
    assert thread(desk, "INFO")[0]["text"] == "an alphanumeric one"


def test_a_shared_number_goes_to_who_was_texted_last(desk, door):
    phone = "+351913000007"
    first = desk.contact(phone=phone)
    second = desk.shell.post("/contacts?shared=1", {"first_name": "Same", "phone": phone}).expect(201).json
    for contact, text in ((first, "to the first"), (second, "to the second"), (first, "again")):
        desk.approve(desk.lea, desk.task(contact=contact["id"]), text)
        inbound(door, f"re {text}", phone)
        assert desk.shell.items(f"/contacts/{contact['id']}/messages")[0]["text"] == f"re {text}"


def test_an_inbound_text_voids_receipts(desk, door):
    contact = desk.contact(phone="+351913000008")
    task = desk.task(contact=contact["id"])
    card = desk.open(desk.lea, task)
    inbound(door, "wait", "+351913000008")
    stale = desk.send(desk.lea, task, card["receipt"], "x").problem(409, "receipt_stale")
    assert stale["changed"] == ["thread"]
    card = desk.open(desk.lea, task, seen_up_to=desk.shell.items(f"/contacts/{contact['id']}/messages")[0]["id"])
    assert card["messages"][-1]["text"] == "wait"
    desk.send(desk.lea, task, card["receipt"], "x").expect(202)


def test_posted_by_a_post_url_service(desk, door):
    headers = {"X-Kannel-From": "+351913000009", "X-Kannel-To": "12345", "X-Kannel-ID": "posted-1", "X-Kannel-SMSC": "SIM",
               "X-Kannel-Coding": "0", "Content-Type": 'text/plain; charset="UTF-8"'}
    door.request("POST", f"/inbound/{CALLBACK_SECRET}", "posted às 9".encode(), headers).expect(200)
    assert [m["text"] for m in thread(desk, "+351913000009")] == ["posted às 9"]
    door.request("POST", f"/inbound/{CALLBACK_SECRET}", "posted às 9".encode(), headers).expect(200)
    assert len(thread(desk, "+351913000009")) == 1


def test_who_is_let_in(desk, door):
    before = len(desk.shell.items("/messages", limit=500))
    for secret in ("", "x", CALLBACK_SECRET[:-1], CALLBACK_SECRET + "x", CALLBACK_SECRET.upper()):
        door.request("GET", f"/inbound/{secret}?text=x&id=wrong&from=1").expect(404)
        door.request("GET", f"/report/{secret}?id=1&status=1").expect(404)
    for header in ({"X-Forwarded-For": "127.0.0.1"}, {"Forwarded": "for=127.0.0.1"}, {"X-Real-IP": "127.0.0.1"}):
        inbound(door, "x", expect=404, headers=header)
    door.request("POST", f"/report/{CALLBACK_SECRET}?id=1&status=1").expect(404, 405)
    assert len(desk.shell.items("/messages", limit=500)) == before
    assert CALLBACK_SECRET not in desk.hb.log.read_text()
    # the door is on its own port: not beside the pages, and nothing of the API here
    status, _ = desk.hb.plain(f"/kannel/inbound/{CALLBACK_SECRET}?text=x&id=y&from=1")
    assert status == 404
    assert desk.hb.plain("/api/v1/tasks", kannel_side=True)[0] == 404


def test_who_is_let_in_by_address(desk, door):
    """127.0.0.1 is not in the list any more: nobody comes in; a proxy that is trusted says for whom it asks."""
    desk.hb.write_conf(kannel_allow_ip="10.1.2.0/24")
    desk.hb.restart()
    inbound(door, "x", expect=404)
    desk.hb.write_conf(trusted_proxy="127.0.0.1")
    desk.hb.restart()
    inbound(door, "x", expect=404, headers={"X-Forwarded-For": "10.1.3.9"})
    inbound(door, "x", expect=404, headers={"X-Forwarded-For": "10.1.2.9, 192.168.1.1"})
    inbound(door, "by proxy", "+351913000010", headers={"X-Forwarded-For": "1.1.1.1, 10.1.2.9"})
    assert len(thread(desk, "+351913000010")) == 1
    desk.hb.write_conf(kannel_allow_ip=None, trusted_proxy=None)
    desk.hb.restart()
    inbound(door, "x", "+351913000010")


def test_rubbish_is_refused_with_a_reason(desk, door):
    before = len(desk.shell.items("/messages", limit=500))
    for query in ("text=%zz&id=a&from=1", "text=a&text=b&id=a&from=1", "text=a&id=a&from=%01", "id=a&from=" + "1" * 3000,
                  "text=a&id=a&from=1&charset=NO-SUCH", "text=a&id=a&from=1&coding=many"):
        answer = door.request("GET", f"/inbound/{CALLBACK_SECRET}?{query}").expect(400)
        assert answer["detail"], query
    assert len(desk.shell.items("/messages", limit=500)) == before


def test_answered_only_after_the_commit(desk, door):
    """While somebody else has the database locked nothing can be kept, and nothing is answered with 200."""
    desk.hb.stop()
    other = sqlite3.connect(desk.hb.database, isolation_level=None)
    desk.hb.start()
    other.execute("BEGIN IMMEDIATE")
    door.timeout_s = 30
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        query = urllib.parse.urlencode({"text": "locked out", "id": "locked", "from": "+351913000011", "to": "12345"})
        asked = pool.submit(door.request, "GET", f"/inbound/{CALLBACK_SECRET}?{query}")
        done, _ = concurrent.futures.wait([asked], 1.0)
        if done:
            asked.result().expect(503, 507)
        other.execute("ROLLBACK")
        answer = asked.result().expect(200, 503)
    other.close()
    if answer.status == 503:
        door.request("GET", f"/inbound/{CALLBACK_SECRET}?{query}").expect(200)
    assert len(thread(desk, "+351913000011")) == 1


def test_what_was_answered_outlives_a_kill(desk, door):
    for n in range(5):
        inbound(door, f"kept {n}", "+351913000012")
        desk.hb.kill()
        desk.hb.start()
    assert len(thread(desk, "+351913000012")) == 5
