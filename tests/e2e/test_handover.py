"""Hand-over to a real bearerbox and smsbox, with everything in between going wrong."""

import threading
import time

import pytest

from rig import CLOSE, CUT, GARBLE, PASS, REFUSE, SWALLOW
from rig import CloseOnSecond, Desk, Handbox, Kannel, Smsc, SwallowProxy, wait_until

SENT = ("accepted", "queued", "buffered", "delivered")


@pytest.fixture(scope="module")
def handbox(module_folder):
    return Handbox(module_folder / "handbox")


@pytest.fixture(scope="module")
def kannel(module_folder, smsc, handbox):
    boxes = Kannel(module_folder / "kannel", smsc, inbound_url=handbox.inbound_url).start()
    yield boxes
    boxes.stop()


@pytest.fixture(scope="module")
def proxy(kannel):
    with SwallowProxy(kannel.sendsms_port) as between:
        yield between


def serving(daemon):
    daemon.start()
    people = Desk(daemon)
    people.lea = people.person("lea", "lead")
    yield people
    people.close()
    daemon.stop()


@pytest.fixture(scope="module")
def desk(handbox, kannel):
    """A daemon that knows its Kannel by kannel.conf."""
    handbox.write_conf(kannel_conf=kannel.conf)
    yield from serving(handbox)


@pytest.fixture(scope="module")
def far(module_folder, kannel, proxy):
    """A daemon with the proxy between it and smsbox."""
    yield from serving(Handbox(module_folder / "far", sendsms_url=proxy.url))


@pytest.fixture(autouse=True)
def at_rest(request):
    """Each test ends with an empty outbox and a gateway that is trusted."""
    yield
    used = [request.getfixturevalue(name) for name in ("desk", "far") if name in request.fixturenames]
    if "far" in request.fixturenames:
        between = request.getfixturevalue("proxy")
        between.rule = PASS
        between.plan.clear()
    for people in used:
        wait_until(lambda: is_idle(people), lambda: f"rest: {status(people)}", 60)
        if status(people)["circuit"] != "closed":
            people.message(approve(people, "probe"), *SENT, timeout_s=30)


def status(desk):
    return desk.shell.get("/kannel/status").expect(200).json


def is_idle(desk):
    now = status(desk)
    return not now["outbox"] and not now["handing_over"] and not now["in_flight"]


def approve(desk, text, contact=None):
    return desk.approve(desk.lea, desk.task(contact=contact), text)


# ---- answers that do not come


@pytest.mark.parametrize("act", [CLOSE, CUT, GARBLE])
def test_an_answer_that_is_lost(far, proxy, smsc, act):
    smsc.behave(dlr_delay_ms=500)
    proxy.next(act)
    text = f"lost by {act}"
    message = approve(far, text)
    far.message(message, "uncertain", "accepted", "delivered")
    smsc.wait_texts(1, text=text)
    seen = far.message(message, "delivered")  # the report that came late has ended it
    assert far.look({"id": seen["task"]})["state"] == "sent"
    assert len(smsc.texts(text=text)) == 1 and len([r for r in proxy.requests if r.query["text"] == text]) == 1


def test_an_answer_that_never_comes_is_uncertain_and_never_resent(far, proxy, smsc):
    smsc.behave(dlr="none", submit_resp_delay_ms=20_000)  # no report either, not even that the centre took it
    proxy.next(SWALLOW)
    message = approve(far, "swallowed")
    smsc.wait_texts(1, text="swallowed")
    smsc.behave(submit_resp_delay_ms=0)
    # SIGTERM gives up waiting after 10 s: the text has left, nobody knows
    far.hb.stop()
    far.hb.start()
    assert far.message(message)["state"] == "uncertain"
    far.message(approve(far, "the next one goes"), "accepted")
    assert len([r for r in proxy.requests if r.query["text"] == "swallowed"]) == 1
    done = far.lea.post(f"/messages/{message['id']}/resolve", {"outcome": "sent", "evidence": "the handset has it"})
    assert done.expect(200)["state"] == "accepted"


def test_found_not_sent_it_goes_again_by_hand(far, proxy, smsc):
    proxy.next(REFUSE)
    message = approve(far, "closed before it passed")
    # the request had left for all we know: whether it was read cannot be known
    far.message(message, "uncertain")
    assert smsc.texts(text="closed before it passed") == []
    back = far.lea.post(f"/messages/{message['id']}/resolve", {"outcome": "not_sent", "evidence": "proxy log"})
    assert back.expect(200)["state"] == "refused"
    far.message(far.approve(far.lea, {"id": message["task"]}, "second try"), "delivered")
    smsc.wait_texts(1, text="second try")


def test_a_server_that_closes_on_the_second_request(module_folder):
    """libcurl repeats a request on a dead kept-alive connection by itself: here it must not."""
    with CloseOnSecond() as server:
        daemon = Handbox(module_folder / "second", sendsms_url=server.url, conf={"sendsms_connections": 1}).start()
        desk = Desk(daemon)
        lea = desk.person("lea", "lead")
        messages = [desk.approve(lea, desk.task(), f"text {n}") for n in range(6)]
        states = [desk.message(m, "accepted", "uncertain", timeout_s=60)["state"] for m in messages]
        asked = [r.query["account"] for r in server.requests]
        assert sorted(asked) == sorted(m["id"] for m in messages), "each was asked once"
        assert states.count("accepted") == len(server.answered) and "uncertain" in states
        desk.close()
        daemon.stop()


# ---- Kannel is not well


def test_a_suspended_bearerbox(desk, kannel, smsc):
    kannel.bearerbox.freeze()
    try:
        messages = [approve(desk, f"frozen {n}") for n in range(30)]
        wait_until(lambda: status(desk)["in_flight"] >= 8, "all connections to be busy")
        states = [desk.message(m)["state"] for m in messages]
        # up to a third of the twelve wait for a connection; none beyond is marked, so that it can be withdrawn
        assert states.count("handing_over") <= 12 and set(states) == {"handing_over", "approved"}, states
    finally:
        kannel.bearerbox.thaw()
    for n, message in enumerate(messages):
        desk.message(message, "delivered", timeout_s=30)
        assert len(smsc.texts(text=f"frozen {n}")) == 1


def test_what_a_full_kannel_turns_away_goes_later(module_folder, stopping):
    """503: certainly not taken, so it waits here, visibly, and goes in the order of approval once there is room.

    The few that Kannel took are Kannel's: its router takes the head of its queue, finds no way out and puts it at the
    end (gw/bb_smscconn.c, sms_router), so they may leave it turned around.
    """
    smsc = stopping(Smsc(module_folder / "full-smsc").start())
    kannel = stopping(Kannel(module_folder / "full", smsc, queue_limit=3).start())
    daemon = stopping(Handbox(module_folder / "turned-away", conf={"kannel_conf": kannel.conf}))
    smsc.behave(refuse_bind=True)
    smsc.disconnect()
    wait_until(lambda: not kannel.online(), "the link to be down")
    for people in serving(daemon):
        contact = people.contact()["id"]
        messages = [approve(people, f"crowd {n}", contact) for n in range(12)]
        wait_until(lambda: "queue is full" in status(people)["reason"], "Kannel to be full")
        states = [people.message(m)["state"] for m in messages]
        taken = states.count("queued")
        assert states[:taken] == ["queued"] * taken and 0 < taken < 12, states
        assert set(states[taken:]) <= {"handing_over", "approved"}, states
        assert status(people)["outbox"] and not status(people)["uncertain"]
        smsc.behave(refuse_bind=False)
        for message in messages:
            people.message(message, "delivered", timeout_s=60)
        sent = [t["text"] for t in smsc.texts() if t["text"].startswith("crowd ")]
        assert sorted(sent[:taken]) == [f"crowd {n}" for n in range(taken)], sent
        assert sent[taken:] == [f"crowd {n}" for n in range(taken, 12)]


def test_down_and_back_in_order(desk, kannel, smsc):
    contacts = [desk.contact()["id"] for _ in range(3)]
    kannel.stop()
    messages = [approve(desk, f"down {contact} {n}", contact) for n in range(4) for contact in contacts]
    wait_until(lambda: status(desk)["circuit"] == "probing", "the circuit to open")
    now = status(desk)
    assert now["outbox"] + now["handing_over"] == 12 and not now["reachable"] and "smsbox" in now["reason"]
    assert {desk.message(m)["state"] for m in messages} <= {"approved", "handing_over"}
    kannel.restart()
    for message in messages:
        desk.message(message, "delivered", timeout_s=60)
    for contact in contacts:
        texts = [t["text"] for t in smsc.texts() if t["text"].startswith(f"down {contact} ")]
        assert texts == [f"down {contact} {n}" for n in range(4)]


def test_down_while_the_daemon_starts_again(desk, kannel, smsc):
    kannel.stop()
    message = approve(desk, "outlives both")
    desk.hb.kill()
    desk.hb.start()
    assert desk.message(message)["state"] in ("approved", "handing_over", "uncertain")
    kannel.restart()
    state = desk.message(message, "delivered", "uncertain", timeout_s=60)["state"]
    assert len(smsc.texts(text="outlives both")) == (1 if state == "delivered" else 0)
    if state == "uncertain":
        desk.lea.post(f"/messages/{message['id']}/resolve", {"outcome": "sent", "evidence": "x"}).expect(200)


def test_no_smsc_online_is_queued(desk, kannel, smsc):
    smsc.behave(refuse_bind=True)
    smsc.disconnect()
    wait_until(lambda: not kannel.online(), "the link to be down")
    message = approve(desk, "queued in Kannel")
    assert desk.message(message, "queued")["state"] == "queued"
    smsc.behave(refuse_bind=False)
    kannel.wait_online()
    desk.message(message, "delivered", timeout_s=60)
    assert len(smsc.texts(text="queued in Kannel")) == 1


def test_not_routable_and_yet_it_goes(desk, kannel, smsc):
    """With its only SMSC taken away bearerbox refuses, keeps the text all the same, and sends it after a restart."""
    kannel.admin("remove-smsc", smsc="SIM")
    wait_until(lambda: not kannel.online(), "the link to be down")
    contact = desk.contact()["id"]
    message = approve(desk, "refused and kept", contact)
    assert "may still go out" in desk.message(message, "refused")["detail"]
    (task,) = desk.shell.items("/tasks", contact=contact)
    assert (task["state"], task["attention"]) == ("pending", "refused")
    kannel.restart()
    desk.message(message, "delivered", timeout_s=30)
    assert desk.look(task)["state"] == "held" and desk.look(task)["holds"] == ["first_text_arrived"]
    assert len(smsc.texts(text="refused and kept")) == 1


@pytest.mark.parametrize("behaviour, state", [
    ({"dlr_stat": "UNDELIV"}, "failed"), ({"dlr_stat": "EXPIRED"}, "failed"), ({"dlr_stat": "REJECTD"}, "failed"),
    ({"reject_destination": "^35191"}, "failed"), ({"throttle_next": 2}, "delivered"), ({"duplicate_dlr": 3}, "delivered"),
    ({"dlr_stat": ["ACCEPTD", "DELIVRD"]}, "delivered"), ({"submit_resp_delay_ms": 300, "dlr_delay_ms": 600}, "delivered"),
])
def test_what_the_message_centre_does(desk, smsc, behaviour, state):
    smsc.behave(**behaviour)
    message = approve(desk, f"behaves {behaviour}"[:150])
    # a rejection may be told (16) before or after sendsms has answered
    allowed = (state, "refused") if "reject_destination" in behaviour else (state,)
    seen = desk.message(message, *allowed, timeout_s=40)
    assert len(smsc.texts(destination=seen["to"].lstrip("+"))) == (0 if "reject_destination" in behaviour else 1)


def test_long_and_wide_texts_arrive_whole(desk, smsc):
    for text in ("a" * 459, "Привет, как дела? " * 10 + "😀", "{}[]~\\|^€ äöü ñ " * 9):
        message = approve(desk, text)
        desk.message(message, "delivered", timeout_s=30)
        assert len(smsc.texts(text=text)) == 1


def test_a_reply_comes_into_the_thread(desk, kannel, smsc):
    contact = desk.contact()
    approve(desk, "ask", contact["id"])
    smsc.inbound(contact["phone_e164"], "12345", "Não, às 19h 😀 é melhor")
    smsc.inbound(contact["phone_e164"], "12345", "long " * 60)

    def thread():
        found = [m["text"] for m in desk.shell.items(f"/contacts/{contact['id']}/messages") if m["direction"] == "in"]
        return found if len(found) == 2 else None
    assert set(wait_until(thread, "both replies")) == {"Não, às 19h 😀 é melhor", "long " * 60}


def test_a_stop_loses_no_report(desk, kannel, smsc):
    """Reports that come while the daemon is away are brought again by smsbox."""
    smsc.behave(dlr_delay_ms=1500)
    messages = [approve(desk, f"away {n}") for n in range(5)]
    for message in messages:
        desk.message(message, "accepted")
    desk.hb.stop()
    wait_until(lambda: len(smsc.events("report_answer")) >= 5 and time.sleep(1.5) is None, "the reports to be gone by")
    desk.hb.start()
    for message in messages:
        desk.message(message, "delivered", timeout_s=30)


def test_a_smsbox_that_executes_itself_again(desk, kannel, smsc):
    """kill -9 of bearerbox under load: smsbox goes away for 11 s and comes back by itself."""
    stop, messages = threading.Event(), []

    def work():
        helper = Desk(desk.hb)
        client = desk.hb.client(desk.lea.token)
        helper.number = 500000
        while not stop.is_set() and len(messages) < 200:
            messages.append(helper.approve(client, helper.task(), f"crash {len(messages)}"))
        client.close()
        helper.close()
    worker = threading.Thread(target=work)
    worker.start()
    wait_until(lambda: len(messages) > 40, "some texts")
    kannel.bearerbox.kill()
    stop.set()
    worker.join()
    kannel.start_bearerbox()
    kannel.return_smsbox()
    states = [desk.message(m, *SENT, "uncertain", timeout_s=60)["state"] for m in messages]
    assert states.count("uncertain") <= 13, states
    smsc.wait_quiet()
    # bearerbox may itself send again what it had not ticked off when it was killed: what counts is how often it was asked
    asked = (kannel.folder / "log" / "smsbox-access.log").read_text()
    for n, state in enumerate(states):
        times = asked.count(f"request: 'crash {n}'")
        assert times == 1 or (times == 0 and state == "uncertain"), f"crash {n} is {state} and was asked for {times} times"
        assert smsc.texts(text=f"crash {n}") or state != "delivered"
    uncertain = [m["id"] for m, state in zip(messages, states) if state == "uncertain"]
    if uncertain:
        desk.lea.post("/messages/resolve", {"ids": uncertain, "outcome": "sent", "evidence": "the drill"}).expect(200, 409)
