"""Sending hours, the frequency cap and forbidden words, through the outside and a real Kannel: what may not go does not."""

import datetime
import signal
import threading

import pytest

from rig import Desk, Handbox, Kannel, wait_until
from rig.desk import assign, manual_sms

OPEN, CLOSED = "UTC", "Etc/GMT+12"  # zones half a day apart: when the one is within the hours, the other is not
LEADS = "read,contacts,workflows,enroll,tasks,send,admin"


def hours(now=None):
    """Hours that are open in UTC for two more hours, and not in a zone half a day away."""
    now = now or datetime.datetime.now(datetime.timezone.utc)
    ends = [(now + datetime.timedelta(hours=shift)).strftime("%H:%M") for shift in (-2, 2)]
    return f"mon-sun {ends[0]}-{ends[1]}"


@pytest.fixture(scope="module")
def words(module_folder):
    path = module_folder / "words"
    path.write_text("# not promised\nguaranteed\nfree money\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def daemon(module_folder, words):
    daemon = Handbox(module_folder / "handbox", conf={"hours": hours(), "frequency_cap": "2/1h", "forbidden_words": words,
                                                      "lease": "2s"})
    yield daemon
    daemon.stop()


@pytest.fixture(scope="module")
def kannel(module_folder, smsc, daemon):
    boxes = Kannel(module_folder / "kannel", smsc, inbound_url=daemon.inbound_url).start()
    daemon.write_conf(kannel_conf=boxes.conf)
    daemon.start()
    yield boxes
    boxes.stop()


@pytest.fixture(scope="module")
def desk(daemon, kannel):
    people = Desk(daemon)
    yield people
    people.close()


@pytest.fixture(scope="module")
def ana(desk):
    return desk.person("ana")


@pytest.fixture(scope="module")
def ben(desk):
    return desk.person("ben")


@pytest.fixture(scope="module")
def lea(desk):
    return desk.person("lea", "lead", LEADS)


def guard(card, name):
    (found,) = [guard for guard in card["guards"] if guard["name"] == name]
    return found


def refused(desk, who, task, text="Hi"):
    """The guards that refuse it."""
    return desk.guards(desk.send(who, task, desk.open(who, task)["receipt"], text).problem(422, "guard_refused"))


def test_outside_the_hours_nothing_goes_and_the_card_says_when(desk, ana, smsc):
    contact = desk.contact(timezone=CLOSED)
    task = desk.task(contact["id"], assignee="ana", text="too early")
    card = desk.open(ana, task)
    said = guard(card, "hours")
    assert not said["ok"] and CLOSED in said["detail"] and "Snooze" in said["fix"]
    opens = datetime.datetime.fromisoformat(said["passes_at"])
    ahead = opens - datetime.datetime.now(datetime.timezone.utc)
    assert datetime.timedelta(hours=9) < ahead <= datetime.timedelta(hours=10), said
    checked = ana.post(f"/tasks/{task['id']}/check", {"text": "too early"}).expect(200)
    assert desk.guards(checked) == ["hours"]
    assert refused(desk, ana, task, "too early") == ["hours"]
    assert desk.look(task)["hours"] == {"open": False, "opens_at": said["passes_at"],
                                        "closes_at": desk.look(task)["hours"]["closes_at"]}
    ana.get("/tasks/next", contact=contact["id"]).expect(204)
    counts = ana.get("/tasks/counts", contact=contact["id"]).expect(200)
    assert (counts["eligible"], counts["opens_later"], counts["next_open_at"]) == (0, 0, None), "it is open: leased"
    ana.post(f"/tasks/{task['id']}/release", {}).expect(200)
    counts = ana.get("/tasks/counts", contact=contact["id"]).expect(200)
    assert (counts["eligible"], counts["opens_later"], counts["next_open_at"]) == (0, 1, said["passes_at"])
    # the person is somewhere else
    ana.patch(f"/contacts/{contact['id']}", {"timezone": OPEN}).expect(200)
    assert ana.get("/tasks/next", contact=contact["id"]).expect(200)["task"]["id"] == task["id"]
    message = desk.approve(ana, task, "in time")
    desk.message(message, "delivered")
    assert smsc.texts(text="too early") == [] and len(smsc.texts(text="in time")) == 1


def test_an_approval_that_the_hours_overtake_is_withdrawn(desk, ana, smsc):
    contact = desk.contact(timezone=OPEN)
    task = desk.task(contact["id"], assignee="ana")
    message = desk.approve(ana, task, "overtaken", undo_s=3)
    ana.patch(f"/contacts/{contact['id']}", {"timezone": CLOSED}).expect(200)
    gone = desk.message(message, "withdrawn")
    assert "sending hours" in gone["detail"]
    back = desk.task_in(task, "pending")
    assert back["attention"] == "withdrawn" and back["assignee"]["login"] == "ana"
    assert not back["hours"]["open"]
    assert smsc.texts(text="overtaken") == []


def test_a_reply_is_answered_at_any_hour(desk, ana, smsc):
    contact = desk.contact(timezone=CLOSED)
    task = desk.task(contact["id"], assignee="ana")
    assert refused(desk, ana, task, "unasked") == ["hours"]
    smsc.inbound(contact["phone_e164"], "12345", "Are you there?")
    wait_until(lambda: [m for m in ana.items(f"/contacts/{contact['id']}/messages") if m["direction"] == "in"], "the text")
    assert ana.get("/tasks/next", contact=contact["id"], assignee="me").expect(200, 204).status == 204, "it is open"
    card = desk.open(ana, task)
    assert guard(card, "hours")["ok"] and guard(card, "hours")["warns"]
    desk.message(desk.send(ana, task, card["receipt"], "asked").expect(202)["message"], "delivered")
    assert len(smsc.texts(text="asked")) == 1 and smsc.texts(text="unasked") == []


def test_two_people_cannot_both_have_the_last_place(desk, ana, ben, smsc):
    desk.publish("cap-a", assign("ana") + manual_sms("from a"))
    desk.publish("cap-b", assign("ben") + manual_sms("from b"))
    contact = desk.contact(timezone=OPEN)
    desk.message(desk.approve(ana, desk.task(contact["id"], assignee="ana"), "the first"), "delivered")
    a, b = desk.enroll("cap-a", contact["id"]), desk.enroll("cap-b", contact["id"])
    desk.shell.post(f"/tasks/{b['id']}/reassign", {"assignee": "ben"}).expect(200)
    first, second = desk.open(ana, a), desk.open(ben, b)
    assert guard(first, "frequency_cap")["ok"]
    said = guard(second, "frequency_cap")
    assert not said["ok"] and "open" in said["detail"] and "passes_at" not in said
    assert desk.guards(desk.send(ben, b, second["receipt"], "from b").problem(422, "guard_refused")) == ["frequency_cap"]
    desk.message(desk.send(ana, a, first["receipt"], "from a").expect(202)["message"], "delivered")
    assert refused(desk, ben, b, "from b") == ["frequency_cap"]
    assert "passes_at" in guard(desk.open(ben, b), "frequency_cap")
    ben.post(f"/tasks/{b['id']}/release", {}).expect(200)
    ben.get("/tasks/next", contact=contact["id"]).expect(204)
    assert ben.get("/tasks/counts", contact=contact["id"]).expect(200)["blocked"] == 1
    assert smsc.texts(text="from b") == []


def test_many_at_once_never_pass_the_cap(desk, ana, ben, lea):
    contact = desk.contact(timezone=OPEN)
    people = [ana, ben, lea] * 3
    logins = ["ana", "ben", "lea"] * 3
    tasks = [desk.task(contact["id"], assignee=login) for login in logins]
    statuses, barrier = [], threading.Barrier(3)

    def work(person):
        barrier.wait()
        for i in range(person, len(tasks), 3):
            card = desk.open(people[i], tasks[i])
            statuses.append(desk.send(people[i], tasks[i], card["receipt"], f"text {i}").expect(202, 422, 409).status)
    threads = [threading.Thread(target=work, args=(person,)) for person in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # a place is kept by whoever opened; a refused card keeps none. Two went, or fewer while places were taken
    assert len(statuses) == 9 and 1 <= statuses.count(202) <= 2, statuses
    out = [m for m in desk.shell.items(f"/contacts/{contact['id']}/messages") if m["direction"] == "out"]
    assert len(out) == statuses.count(202)


def test_forbidden_words_block_until_they_are_gone(desk, ana, words):
    task = desk.task(desk.contact(timezone=OPEN)["id"], assignee="ana")
    card = desk.open(ana, task)

    def check(text):
        return ana.post(f"/tasks/{task['id']}/check", {"text": text}).expect(200)
    assert desk.guards(check("It is GUARÁNTEED!")) == ["forbidden_words"]
    assert "guaranteed" in guard(check("It is GUARÁNTEED!"), "forbidden_words")["detail"]
    assert refused(desk, ana, task, "free   Money") == ["forbidden_words"]
    words.write_text("free money\n", encoding="utf-8")
    desk.hb.proc.signal(signal.SIGHUP)
    wait_until(lambda: desk.guards(check("It is guaranteed")) == [], "the file read again")
    assert desk.open(ana, task)["task"]["id"] == card["task"]["id"]


@pytest.mark.parametrize("stops, stopped", [("nobody", []), ("agents", ["ana"]), ("everybody", ["ana", "lea"])])
def test_whom_a_forbidden_word_stops(desk, ana, lea, words, stops, stopped):
    words.write_text("guaranteed\n", encoding="utf-8")
    desk.hb.write_conf(forbidden_words_stop=stops)
    desk.hb.proc.signal(signal.SIGHUP)
    for login, who in (("ana", ana), ("lea", lea)):
        task = desk.task(desk.contact(timezone=OPEN)["id"])
        receipt = desk.open(who, task)["receipt"]

        def judged(who=who, task=task):
            return guard(who.post(f"/tasks/{task['id']}/check", {"text": "It is guaranteed"}).expect(200), "forbidden_words")
        wait_until(lambda judged=judged, login=login: "guaranteed" in judged()["detail"] and judged()["ok"] == (login not in stopped),
                   "the file read again")
        answer = desk.send(who, task, receipt, "It is guaranteed")
        if login in stopped:
            answer.problem(422, "guard_refused")
            continue
        answer.expect(202)
        (edited,) = lea.items("/messages", edited="true", contact=task["contact"]["id"])
        assert (edited["text"], edited["original"], edited["sent_by"]["login"]) == ("It is guaranteed", "Hi", login)


def test_a_reload_changes_the_hours_and_the_queue(desk, lea):
    contact = desk.contact(timezone=CLOSED)
    task = desk.task(contact["id"], assignee="lea")
    lea.get("/tasks/next", contact=contact["id"]).expect(204)
    before = desk.hb.keys["hours"]
    desk.hb.write_conf(hours=None)
    desk.hb.proc.signal(signal.SIGHUP)
    wait_until(lambda: desk.look(task)["hours"] == {"open": True, "opens_at": None, "closes_at": None}, "no hours")
    assert lea.get("/tasks/next", contact=contact["id"]).expect(200)["task"]["id"] == task["id"]
    desk.hb.write_conf(hours="mon-fri 25:00-26:00")
    desk.hb.proc.signal(signal.SIGHUP)
    wait_until(lambda: "00:00 to 24:00" in desk.hb.log.read_text(), "the complaint")
    assert desk.look(task)["hours"]["open"], "a bad file keeps all old values"
    # while it is stopped they change, too
    desk.hb.write_conf(hours=before)
    desk.hb.restart()
    wait_until(lambda: not desk.look(task)["hours"]["open"], "the hours again")
    lea.get("/tasks/next", contact=contact["id"]).expect(204)


def test_by_closing_time(desk, lea):
    """Whose day ends first, page by page; and a task for the shell to put off until the hours open."""
    desk.publish("closing", assign("lea") + manual_sms("Hi"))
    zones = [CLOSED, OPEN, "Etc/GMT-1"]  # ends: in 14 hours, in two, in one
    tasks = [desk.enroll("closing", desk.contact(timezone=zone)["id"]) for zone in zones]
    ids = [task["id"] for task in tasks]
    for query in ({}, {"assignee": "lea"}):
        found = [t["id"] for t in lea.items("/tasks", workflow="closing", order="closing", limit=1, **query)]
        assert found == [ids[2], ids[1], ids[0]], query
    body = {"filter": {"workflow": "closing", "order": "closing"}}
    assert lea.post("/tasks/next", body).expect(200)["task"]["id"] == ids[2]
    assert lea.post("/tasks/next", body).expect(200)["task"]["id"] == ids[1]
    lea.post("/tasks/next", body).expect(204)
    token = desk.hb.token("lea")
    done = desk.hb.cli("snooze", ids[0], "--until", "hours", token=token)
    assert "put off (snoozed)" in done.stdout
    assert desk.look(tasks[0])["snoozed_until"] == tasks[0]["hours"]["opens_at"]
    assert "open now" in desk.hb.cli("snooze", ids[1], "--until", "hours", token=token, expect=1).stderr
    assert "until" in desk.hb.cli("snooze", ids[1], token=token, expect=2).stderr
