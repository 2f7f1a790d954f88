"""Texts through the daemon: every outcome of a hand-over, every report in every order, resolving, the switch.

The gateway is scripted and reports are brought by hand, so that each order of events can be had.
"""

import datetime
import itertools
import threading
import urllib.parse

import pytest

from rig import Desk, FakeSendsms, Handbox, wait_until
from rig.desk import assign, manual_sms
from rig.handbox import CALLBACK_SECRET
from rig.servers import CLOSE

NOT_ROUTABLE = (403, "Not routable. Do not try again.")
BUSY = (503, "Temporal failure, try again later.")
EVENTS = itertools.count(1)


@pytest.fixture(scope="module")
def sendsms():
    with FakeSendsms() as server:
        yield server


@pytest.fixture(scope="module")
def desk(module_folder, sendsms):
    daemon = Handbox(module_folder / "handbox", sendsms_url=sendsms.url).start()
    people = Desk(daemon)
    yield people
    people.close()
    daemon.stop()


@pytest.fixture(scope="module")
def ana(desk):
    return desk.person("ana")


@pytest.fixture(scope="module")
def lea(desk):
    return desk.person("lea", "lead", "read,contacts,workflows,enroll,tasks,send,admin")


@pytest.fixture(autouse=True)
def closed_circuit(desk, sendsms):
    """Each test begins with a gateway that is trusted and idle."""
    yield
    sendsms.script.clear()
    sendsms.default = FakeSendsms.ACCEPTED
    sendsms.delay_s = 0
    wait_until(lambda: not (status := desk.shell.get("/kannel/status").expect(200))["outbox"] and not status["in_flight"],
               "an empty outbox", 30)
    while desk.shell.get("/kannel/status")["circuit"] != "closed":
        desk.message(desk.approve(desk.anybody, desk.task(assignee="lea"), "probe"), "accepted", timeout_s=30)


@pytest.fixture(autouse=True)
def anybody(desk, lea):
    desk.anybody = lea


def report(desk, message, status, event=None, detail="", expect=200):
    """Bring a delivery report as smsbox does."""
    event = event or f"event-{next(EVENTS)}"
    query = urllib.parse.urlencode({"id": message["id"], "status": status, "event": event, "detail": detail})
    code, body = desk.hb.plain(f"/kannel/report/{CALLBACK_SECRET}?{query}", kannel_side=True)
    assert (code, body if code == 200 else "") == (expect, ""), body
    return event


def approve(desk, who, text="Hi", **contact):
    """A task of its own and its message: (task, message)."""
    task = desk.task(contact=desk.contact(**contact)["id"], assignee="ana")
    return task, desk.approve(who, task, text)


# ---- what sendsms answers


@pytest.mark.parametrize("answer, state", [
    ((202, "0: Accepted for delivery"), "accepted"),
    ((202, "Sent."), "accepted"),
    ((202, "3: Queued for later delivery"), "queued"),
    ((400, "Charset or body misformed, rejected"), "refused"),
    (NOT_ROUTABLE, "refused"),
    (CLOSE, "uncertain"),
    (b"HTTP/1.1 202 Accepted\r\nContent-Length: 50\r\n\r\n0: Acc", "uncertain"),
    (b"\x00\xff no http\r\n\r\n", "uncertain"),
    ((202, "something else"), "uncertain"),
    ((500, "oops"), "uncertain"),
])
def test_the_outcome_table(desk, ana, sendsms, answer, state):
    desk.script(sendsms, answer)
    before = len(sendsms.requests)
    task, message = approve(desk, ana, "one way only")
    if isinstance(answer, bytes):
        wait_until(lambda: len(sendsms.requests) > before, "the request")
        for connection in list(sendsms.connections):
            sendsms.drop(connection)
    seen = desk.message(message, state)
    assert [r.query["to"] for r in sendsms.requests[before:]] == [seen["to"]]
    after = desk.look(task)
    if state == "refused":
        assert (after["state"], after["attention"]) == ("pending", "refused")
    else:
        assert after["state"] == "sent" and after["attention"] == ("uncertain" if state == "uncertain" else None)
    if state == "uncertain":
        ana.post(f"/messages/{message['id']}/resolve", {"outcome": "sent", "evidence": "seen in the log"}).expect(200)


@pytest.mark.parametrize("answer", [BUSY, (403, "Authorization failed for sendsms"), (401, "who?"),
                                    (404, "Unknown request."), (302, "elsewhere")])
def test_what_was_not_taken_goes_again(desk, ana, sendsms, answer):
    desk.script(sendsms, answer)
    before = len(sendsms.requests)
    _, message = approve(desk, ana)
    desk.message(message, "accepted", timeout_s=30)
    assert len(sendsms.requests) == before + 2
    first, second = sendsms.requests[before:]
    assert first.query["account"] == second.query["account"] == message["id"]


def test_what_the_request_says(desk, ana, sendsms):
    before = len(sendsms.requests)
    _, plain = approve(desk, ana, "ola às 18h: €5")
    _, wide = approve(desk, ana, "Привет 😀")
    requests = {r.query["account"]: r.query for r in sendsms.wait_requests(before + 2)[before:]}
    query = requests[plain["id"]]
    assert query["text"] == "ola às 18h: €5" and query["from"] == "12345" and query["coding"] == "0"
    assert query["dlr-mask"] == "31" and plain["id"] in query["dlr-url"] and CALLBACK_SECRET in query["dlr-url"]
    assert 1430 <= int(query["validity"]) <= 1440 and query["charset"].upper() == "UTF-8"
    assert requests[wide["id"]]["coding"] == "2" and requests[wide["id"]]["text"] == "Привет 😀"


def test_one_open_text_per_number_in_order_of_approval(desk, ana, sendsms):
    sendsms.delay_s = 0.05
    contact = desk.contact()["id"]
    tasks = [desk.task(contact=contact, assignee="ana") for _ in range(4)]
    before = len(sendsms.requests)
    messages = [desk.approve(ana, task, f"part {n}") for n, task in enumerate(tasks)]
    for message in messages:
        desk.message(message, "accepted")
    requests = sendsms.requests[before:]
    assert [r.query["text"] for r in requests] == [f"part {n}" for n in range(4)]
    assert all(later.at - earlier.at >= 0.05 for earlier, later in zip(requests, requests[1:]))


def test_after_something_uncertain_one_at_a_time(desk, ana, sendsms):
    sendsms.default = CLOSE
    before = len(sendsms.requests)
    messages = [approve(desk, ana, "maybe")[1] for _ in range(20)]
    desk.message(messages[0], "uncertain")
    sendsms.wait_requests(before + 2)
    states = [desk.message(m)["state"] for m in messages]
    assert states.count("uncertain") <= 13, "the queue does not turn uncertain with it"
    sendsms.default = FakeSendsms.ACCEPTED
    for message in messages:
        desk.message(message, "accepted", "uncertain", timeout_s=30)
    asked = [r.query["account"] for r in sendsms.requests[before:]]
    assert sorted(asked) == sorted(m["id"] for m in messages), "each once"


# ---- reports


@pytest.mark.parametrize("kinds, states", [
    ([8, 1], ["accepted", "delivered"]),
    ([8, 4, 1], ["accepted", "buffered", "delivered"]),
    ([8, 2], ["accepted", "failed"]),
    ([1, 8, 4], ["delivered", "delivered", "delivered"]),
    ([2, 1], ["failed", "delivered"]),
    ([1, 2], ["delivered", "delivered"]),
    ([16], ["failed"]),
    ([34], ["failed"]),
    ([66, 1], ["failed", "delivered"]),
])
def test_reports_in_any_order(desk, ana, kinds, states):
    task, message = approve(desk, ana)
    desk.message(message, "accepted")
    for kind, state in zip(kinds, states):
        event = report(desk, message, kind, detail=f"kind {kind}")
        assert desk.message(message)["state"] == state
        report(desk, message, kind, event)
    whole = desk.message(message)
    assert [r["kind"] if "kind" in r else r for r in whole["reports"]] and len(whole["reports"]) == len(kinds)
    assert desk.look(task)["state"] == "sent"


def test_reports_before_the_answer(desk, ana, sendsms):
    for kind, state in ((8, "accepted"), (1, "delivered"), (4, "buffered")):
        desk.script(sendsms, None)
        sendsms.released.clear()
        before = len(sendsms.requests)
        task, message = approve(desk, ana)
        sendsms.wait_requests(before + 1)
        assert desk.message(message)["state"] == "handing_over"
        report(desk, message, kind)
        assert desk.message(message)["state"] == state
        sendsms.release()
        wait_until(lambda: desk.shell.get("/kannel/status").expect(200)["handing_over"] == 0, "the answer")
        assert desk.message(message)["state"] == state and desk.look(task)["state"] == "sent"
        sendsms.released.clear()


def test_rejected_before_acceptance(desk, ana, sendsms):
    desk.script(sendsms, None)
    sendsms.released.clear()
    before = len(sendsms.requests)
    task, message = approve(desk, ana)
    sendsms.wait_requests(before + 1)
    report(desk, message, 16, detail="NACK/no SMSC")
    assert desk.message(message)["state"] == "refused"
    assert desk.look(task)["state"] == "pending"
    sendsms.release()
    wait_until(lambda: desk.shell.get("/kannel/status").expect(200)["handing_over"] == 0, "the answer")
    assert desk.message(message)["state"] == "refused"
    sendsms.released.clear()


def test_reports_for_nobody(desk, ana):
    before = desk.hb.plain("/metrics", kannel_side=True)[1]
    report(desk, {"id": "4611686018427387904"}, 1)
    after = desk.hb.plain("/metrics", kannel_side=True)[1]
    assert before != after
    for bad in ({"id": "x", "status": "1"}, {"id": "1"}, {"id": "1", "status": "many"}, {"id": "1", "status": "0"}):
        code, _ = desk.hb.plain(f"/kannel/report/{CALLBACK_SECRET}?{urllib.parse.urlencode(bad)}", kannel_side=True)
        assert code == 400


def test_a_late_report_ends_uncertainty(desk, ana, sendsms):
    for kind, state in ((8, "accepted"), (1, "delivered"), (2, "failed"), (16, "refused")):
        desk.script(sendsms, CLOSE)
        task, message = approve(desk, ana)
        desk.message(message, "uncertain")
        ana.post(f"/tasks/{task['id']}/reopen", {"reason": "x"}).problem(409, "bad_state")
        report(desk, message, kind)
        assert desk.message(message)["state"] == state
        went = state in ("accepted", "delivered")
        after = desk.look(task)
        assert after["state"] == ("sent" if went else "pending"), (state, after)
        assert after["attention"] == (None if went else state)
        desk.message(approve(desk, ana, "probe")[1], "accepted")  # or the pause before the next probe doubles


def test_refused_and_yet_it_went(desk, ana, sendsms):
    desk.script(sendsms, NOT_ROUTABLE)
    task, message = approve(desk, ana)
    desk.message(message, "refused")
    assert desk.look(task)["state"] == "pending"
    card = desk.open(ana, task)
    report(desk, message, 8)
    assert desk.message(message)["state"] == "accepted"
    held = desk.look(task)
    assert (held["state"], held["holds"]) == ("held", ["first_text_arrived"])
    guards = desk.send(ana, task, card["receipt"], "again").problem(422, "guard_refused")["guards"]
    assert "hold" in [guard["name"] for guard in guards if not guard["ok"]]
    ana.post(f"/tasks/{task['id']}/resume", {"reason": "they asked for it twice"}).expect(200)
    second = desk.approve(ana, task, "again, knowingly")
    assert second["id"] != message["id"]


def test_refused_warns_that_it_may_still_go(desk, ana, sendsms):
    desk.script(sendsms, NOT_ROUTABLE)
    task, message = approve(desk, ana)
    desk.message(message, "refused")
    card = desk.open(ana, task)
    (pending,) = [guard for guard in card["guards"] if guard["name"] == "pending"]
    assert pending["ok"] and pending["warns"] and "may still go out" in pending["detail"], pending


# ---- resolving


def uncertain(desk, ana, sendsms):
    desk.script(sendsms, CLOSE)
    task, message = approve(desk, ana)
    desk.message(message, "uncertain")
    return task, message


def test_resolve_as_sent(desk, ana, sendsms):
    task, message = uncertain(desk, ana, sendsms)
    path = f"/messages/{message['id']}/resolve"
    ana.post(path, {"outcome": "sent"}).problem(400, "bad_request")
    ana.post(path, {"outcome": "sent", "evidence": ""}).problem(400, "bad_request")
    ana.post(path, {"outcome": "perhaps", "evidence": "x"}).problem(400, "bad_request")
    desk.program().post(path, {"outcome": "sent", "evidence": "x"}).problem(403, "human_required")
    assert ana.post(path, {"outcome": "sent", "evidence": "she answered it"}).expect(200)["state"] == "accepted"
    ana.post(path, {"outcome": "sent", "evidence": "again"}).problem(409, "bad_state")
    assert desk.look(task)["state"] == "sent" and desk.look(task)["attention"] is None
    report(desk, message, 1)
    assert desk.message(message)["state"] == "delivered"


def test_resolve_as_not_sent_and_a_report_wins(desk, ana, sendsms):
    task, message = uncertain(desk, ana, sendsms)
    done = ana.post(f"/messages/{message['id']}/resolve", {"outcome": "not_sent", "evidence": "not in Kannel's log"})
    assert done.expect(200)["state"] == "refused"
    assert desk.look(task)["state"] == "pending"
    report(desk, message, 8)
    assert desk.message(message)["state"] == "accepted"
    assert (desk.look(task)["state"], desk.look(task)["holds"]) == ("held", ["first_text_arrived"])


def test_a_report_after_it_was_sent_again(desk, ana, sendsms):
    task, message = uncertain(desk, ana, sendsms)
    ana.post(f"/messages/{message['id']}/resolve", {"outcome": "not_sent", "evidence": "x"}).expect(200)
    second = desk.approve(ana, task, "second")
    desk.message(second, "accepted", timeout_s=30)
    report(desk, message, 1)
    assert desk.message(message)["state"] == "delivered"
    assert desk.look(task)["state"] == "sent" and desk.look(task)["message"]["id"] == second["id"]


def test_resolve_many(desk, ana, lea, sendsms):
    pairs = [uncertain(desk, ana, sendsms) for _ in range(2)]
    ids = [message["id"] for _, message in pairs]
    body = {"ids": ids, "outcome": "sent", "evidence": "Kannel's log of today"}
    ana.post("/messages/resolve", body).problem(403, "forbidden")
    lea.post("/messages/resolve", {**body, "outcome": "not_sent"}).problem(422, "human_required")
    lea.post("/messages/resolve", {**body, "ids": [*ids, "1"]}).problem(404, "not_found")
    assert desk.message(pairs[0][1])["state"] == "uncertain", "all or nothing"
    assert lea.post("/messages/resolve", body).expect(200)["resolved"] == 2
    assert {desk.message(message)["state"] for _, message in pairs} == {"accepted"}


def test_the_workflow_waits_for_the_gateway(desk, ana, sendsms):
    desk.publish("waits", assign("ana") + manual_sms("Hi") + '<add-tag tag="texted"/>')

    def tags(task):
        return desk.shell.get(f"/contacts/{task['contact']['id']}").expect(200)["tags"]
    desk.script(sendsms, CLOSE)
    task = desk.enroll("waits", desk.contact()["id"])
    message = desk.approve(ana, task, "Hi")
    desk.message(message, "uncertain")
    assert tags(task) == []
    report(desk, message, 8)
    assert tags(task) == ["texted"]
    desk.shell.delete(f"/contacts/{task['contact']['id']}/tags/texted").expect(204)
    report(desk, message, 1)
    assert tags(task) == [], "later reports do not move it"


# ---- while a text waits


@pytest.fixture
def blocked(desk, sendsms):
    """A gateway that takes nothing until the test ends or says so."""
    sendsms.default = BUSY
    yield
    sendsms.default = FakeSendsms.ACCEPTED


def waiting(desk, ana):
    task, message = approve(desk, ana, "waits")
    assert desk.message(message)["state"] in ("approved", "handing_over")
    return task, message


@pytest.mark.parametrize("change, reason, after", [
    (lambda desk, task: desk.shell.patch(f"/contacts/{task['contact']['id']}", {"phone": desk.phone()}).expect(200),
     "number", "pending"),
    (lambda desk, task: desk.shell.patch(f"/contacts/{task['contact']['id']}", {"sms_enabled": False}).expect(200),
     "SMS", "pending"),
    (lambda desk, task: desk.shell.post(f"/contacts/{task['contact']['id']}/opt-out", {"reason": "asked"}).expect(200),
     "opted out", "cancelled"),
    (lambda desk, task: desk.shell.delete(f"/contacts/{task['contact']['id']}").expect(200, 204), "deleted", "cancelled"),
])
def test_what_turns_bad_is_withdrawn(desk, ana, sendsms, blocked, change, reason, after):
    task, message = waiting(desk, ana)
    change(desk, task)
    gone = desk.message(message, "withdrawn", timeout_s=30)
    assert reason in gone["detail"], gone
    back = desk.look(task)
    assert back["state"] == after and back["attention"] == "withdrawn" or after == "cancelled"
    sendsms.default = FakeSendsms.ACCEPTED


def test_an_opt_out_ends_the_run_too(desk, ana, sendsms, blocked):
    desk.publish("ends", assign("ana") + manual_sms("Hi") + '<add-tag tag="texted"/>')
    contact = desk.contact()["id"]
    task = desk.enroll("ends", contact)
    message = desk.approve(ana, task, "Hi")
    desk.shell.post(f"/contacts/{contact}/opt-out", {"reason": "asked"}).expect(200)
    desk.message(message, "withdrawn", timeout_s=30)
    assert desk.look(task)["state"] == "cancelled"
    (enrollment,) = desk.shell.items("/enrollments", contact=contact)
    assert enrollment["state"] == "removed" and desk.shell.get(f"/contacts/{contact}").expect(200)["tags"] == []


def test_a_hold_while_it_waits(desk, ana, sendsms, blocked):
    desk.publish("held", assign("ana") + manual_sms("Hi"))
    task = desk.enroll("held", desk.contact()["id"])
    message = desk.approve(ana, task, "Hi")
    desk.shell.post("/workflows/held/unpublish", {"pending_tasks": "hold"}).expect(200)
    desk.message(message, "withdrawn", timeout_s=30)
    assert desk.look(task)["state"] == "held"


def test_an_approval_grows_old(desk, ana, sendsms, blocked):
    desk.hb.write_conf(approval_validity="2s")
    desk.hb.restart()
    try:
        task, message = waiting(desk, ana)
        gone = desk.message(message, "withdrawn", timeout_s=30)
        assert "old" in gone["detail"]
        assert (desk.look(task)["state"], desk.look(task)["attention"]) == ("pending", "withdrawn")
    finally:
        desk.hb.write_conf(approval_validity=None)
        desk.hb.restart()


def test_the_switch(desk, ana, lea, sendsms):
    desk.script(sendsms, None)
    sendsms.released.clear()
    before = len(sendsms.requests)
    _, leaving = approve(desk, ana, "leaves")
    sendsms.wait_requests(before + 1)
    contact = desk.contact()["id"]
    late = desk.task(contact=contact, assignee="ana")
    receipt = desk.open(ana, late)["receipt"]
    ana.put("/channel", {"sms_enabled": False, "reason": "x"}).problem(403, "forbidden")
    lea.put("/channel", {"sms_enabled": False}).problem(400, "bad_request")
    off = lea.put("/channel", {"sms_enabled": False, "reason": "wrong price list"}).expect(200)
    assert off["sms_enabled"] is False and off["reason"] == "wrong price list" and off["handing_over"] == 1
    desk.send(ana, late, receipt, "x").problem(422, "guard_refused")
    sendsms.release()
    desk.message(leaving, "accepted")
    assert desk.shell.get("/kannel/status").expect(200)["sms_enabled"] is False
    assert len(sendsms.requests) == before + 1
    lea.put("/channel", {"sms_enabled": True, "reason": "mended"}).expect(200)
    desk.send(ana, late, receipt, "goes").expect(202)
    sendsms.wait_requests(before + 2)
    sendsms.released.clear()


def test_the_switch_keeps_what_waits(desk, ana, lea, sendsms):
    task = desk.task(assignee="ana")
    before = len(sendsms.requests)
    message = desk.approve(ana, task, "waits", undo_s=1)
    lea.put("/channel", {"sms_enabled": False, "reason": "stop"}).expect(200)
    wait_until(lambda: desk.shell.get("/channel").expect(200)["waiting"] == 1, "one to wait")
    at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=1.5)
    wait_until(lambda: datetime.datetime.now(datetime.timezone.utc) > at, "the undo to pass")
    assert desk.message(message)["state"] == "approved" and len(sendsms.requests) == before
    lea.put("/channel", {"sms_enabled": True, "reason": "go"}).expect(200)
    desk.message(message, "accepted")


# ---- a number that is not reached


def unreached(desk, who, task, contact):
    """What the contact says of its number, and the card of its next text."""
    warnings = desk.shell.get(f"/contacts/{contact['id']}").expect(200)["warnings"]
    guards = {guard["name"]: guard for guard in who.get(f"/tasks/{task['id']}/card").expect(200)["guards"]}
    assert guards["phone_valid"]["ok"]
    told = [warning["detail"] for warning in warnings if warning["code"] == "phone_unreached"]
    assert bool(told) == ("did not arrive" in guards["phone_valid"]["detail"])
    return told


def test_a_number_that_was_not_reached_is_marked(desk, ana):
    contact = desk.contact(first_name="Gone")
    tasks = [desk.task(contact=contact["id"], assignee="ana") for _ in range(4)]
    sent = [desk.message(desk.approve(ana, task, f"text {place}"), "accepted") for place, task in enumerate(tasks[:3])]
    card = tasks[3]
    assert unreached(desk, ana, card, contact) == []
    report(desk, sent[0], 2, detail="id:1 stat:EXPIRED err:001")  # it only was off for too long
    assert unreached(desk, ana, card, contact) == []
    report(desk, sent[1], 2, detail="id:2 stat:UNDELIV err:001")
    assert unreached(desk, ana, card, contact) == ["id:2 stat:UNDELIV err:001"]
    other = desk.contact(first_name="Else")
    assert unreached(desk, ana, desk.task(contact=other["id"], assignee="ana"), other) == []
    report(desk, sent[2], 1, detail="id:3 stat:DELIVRD err:000")
    assert unreached(desk, ana, card, contact) == []


def test_who_writes_is_reached(desk, ana):
    contact = desk.contact(first_name="Back")
    task = desk.task(contact=contact["id"], assignee="ana")
    message = desk.message(desk.approve(ana, desk.task(contact=contact["id"], assignee="ana"), "Hi"), "accepted")
    report(desk, message, 2)
    assert unreached(desk, ana, task, contact) == ["The last text did not arrive."]
    desk.inbound(contact["phone_e164"], "I am here")
    assert unreached(desk, ana, task, contact) == []


# ---- reading, many at once


def test_lists(desk, ana, lea):
    contact = desk.contact(first_name="Listed")
    task = desk.task(contact=contact["id"], assignee="ana")
    message = desk.approve(ana, task, "find me")
    desk.message(message, "accepted")
    report(desk, message, 1, detail="stat:DELIVRD")
    (found,) = lea.items("/messages", contact=contact["id"])
    assert (found["direction"], found["text"], found["from"], found["to"]) == (
        "out", "find me", "12345", contact["phone_e164"])
    assert found["sent_by"]["login"] == "ana" and found["state"] == "delivered"
    assert found["contact"]["name"] == "Listed" and found["segments"] == 1
    assert [m["id"] for m in lea.items(f"/contacts/{contact['id']}/messages")] == [message["id"]]
    assert message["id"] in [m["id"] for m in lea.items("/messages", state="delivered,failed", user="ana", limit=500)]
    assert lea.items("/messages", state="withdrawn", contact=contact["id"]) == []
    assert found["edited"] and found["original"] == "Hi", "another text than the task offered"
    assert [m["id"] for m in lea.items("/messages", edited="true", contact=contact["id"])] == [message["id"]]
    same = desk.approve(ana, desk.task(contact=contact["id"], assignee="ana"), "Hi")
    assert [m["id"] for m in lea.items("/messages", edited="false", contact=contact["id"])] == [same["id"]]
    assert "original" not in lea.get(f"/messages/{same['id']}").expect(200).json
    paged = [m["id"] for m in lea.items("/messages", limit=7)]
    assert paged == sorted(set(paged), key=int, reverse=True) and len(paged) > 7
    lea.get("/messages", state="lost").problem(400, "bad_request")
    lea.get("/messages/1").problem(404, "not_found")
    lea.get("/contacts/1/messages").problem(404, "not_found")
    lea.get("/messages", cursor="x").problem(400, "bad_cursor")


def test_a_double_click_from_two_connections(desk, ana, sendsms):
    task = desk.task(assignee="ana")
    receipt = desk.open(ana, task)["receipt"]
    before, answers = len(sendsms.requests), []

    def click():
        client = desk.hb.client(ana.token)
        answers.append(desk.send(client, task, receipt, "double").expect(202)["message"]["id"])
        client.close()
    threads = [threading.Thread(target=click) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 8 and len(set(answers)) == 1
    desk.message({"id": answers[0]}, "accepted")
    assert len(sendsms.requests) == before + 1


def test_a_stop_in_the_middle_leaves_no_doubt_unsaid(desk, ana, sendsms):
    """SIGTERM waits for answers; kill -9 does not, and what was out is uncertain."""
    desk.script(sendsms, None)
    sendsms.released.clear()
    before = len(sendsms.requests)
    _, message = approve(desk, ana)
    sendsms.wait_requests(before + 1)
    threading.Timer(0.5, sendsms.release).start()
    desk.hb.restart()
    desk.message(message, "accepted")
    desk.script(sendsms, None)
    sendsms.released.clear()
    _, second = approve(desk, ana)
    sendsms.wait_requests(before + 2)
    desk.hb.kill()
    desk.hb.start()
    gone = desk.message(second, "uncertain")
    assert "may have left" in gone["detail"]
    sendsms.release()
    assert len(sendsms.requests) == before + 2
    report(desk, second, 8)
    assert desk.message(second)["state"] == "accepted"
    sendsms.released.clear()
