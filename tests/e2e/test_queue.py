"""The queue under many hands, through the daemon: two people at one task, acts on many tasks, people who leave."""

import os
import threading

import pytest

from rig import wait_until
from rig.desk import ahead, assign, manual_sms

# How many two-person races are run over all kinds: HANDBOX_RACES=10000 for the whole number.
RACES = int(os.environ.get("HANDBOX_RACES", "120"))


@pytest.fixture(scope="module")
def cai(desk):
    return desk.person("cai")


@pytest.fixture(scope="module")
def eve(desk):
    """A lead besides lea, so that two of them can be at one task."""
    return desk.person("eve", "lead", "read,contacts,workflows,enroll,tasks,send,admin")


def at_once(*acts):
    """What each of these answered, begun at the same moment."""
    start, answers = threading.Barrier(len(acts)), [None] * len(acts)

    def run(i, act):
        start.wait()
        answers[i] = act()
    threads = [threading.Thread(target=run, args=(i, act)) for i, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


# ---- races: one task, two people, at most one text, and exactly one where both mean to send


def open_and_send(desk, who, task, text, **options):
    card = who.post(f"/tasks/{task['id']}/open", options)
    if card.status != 200:  # 404: sent by now, and so not hers to see
        assert card.status == 404 or card.expect(409)["code"] in ("leased", "not_pending"), card.text
        return card
    return desk.send(who, task, card["receipt"], text)


def race_from_the_pool(desk, ana, ben, lea, eve):
    """Both open it and send."""
    task = desk.task()
    return task, at_once(lambda: open_and_send(desk, ana, task, "by ana"), lambda: open_and_send(desk, ben, task, "by ben"))


def race_of_leads(desk, ana, ben, lea, eve):
    """Both have leave to take it over, and do."""
    task = desk.task(assignee="ana")
    return task, at_once(lambda: open_and_send(desk, lea, task, "by lea", take_over=True),
                         lambda: open_and_send(desk, eve, task, "by eve", take_over=True))


def race_for_the_lease(desk, ana, ben, lea, eve):
    """The holder sends while a lead takes over and sends."""
    task = desk.task(assignee="ana")
    receipt = desk.open(ana, task)["receipt"]
    return task, at_once(lambda: desk.send(ana, task, receipt, "by ana"),
                         lambda: open_and_send(desk, lea, task, "by lea", take_over=True))


def twin_of(desk, who, twins={}):
    """Another connection of the same person, with the same token."""
    if who.token not in twins:
        twins[who.token] = desk.client(who.token)
    return twins[who.token]


def race_of_one_receipt(desk, ana, ben, lea, eve):
    """A double click with another text in each."""
    task = desk.task(assignee="ana")
    receipt = desk.open(ana, task)["receipt"]
    return task, at_once(lambda: desk.send(ana, task, receipt, "first"),
                         lambda: desk.send(twin_of(desk, ana), task, receipt, "second"))


KINDS = (race_from_the_pool, race_of_leads, race_for_the_lease, race_of_one_receipt)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_one_task_two_people_one_text(desk, ana, ben, lea, eve, kind):
    for _ in range(max(RACES // len(KINDS), 1)):
        task, answers = kind(desk, ana, ben, lea, eve)
        sent = [answer for answer in answers if answer.status == 202]
        texts = desk.shell.items("/messages", contact=task["contact"]["id"])
        assert len(sent) == 1 and len(texts) == 1, (sorted(a.status for a in answers), [a.text for a in answers], texts)
        assert texts[0]["id"] == sent[0]["message"]["id"] and desk.look(task)["state"] == "sent"
        (loser,) = [answer for answer in answers if answer.status != 202]
        assert loser["code"] in ("leased", "receipt_stale", "receipt_used", "not_pending", "not_found"), loser.text


def race_with_a_skip(desk, ana, lea, task, receipt):
    return at_once(lambda: desk.send(ana, task, receipt, "x"), lambda: lea.post(f"/tasks/{task['id']}/skip", {"reason": "no"}))


def race_with_a_reassignment(desk, ana, lea, task, receipt):
    return at_once(lambda: desk.send(ana, task, receipt, "x"),
                   lambda: lea.post(f"/tasks/{task['id']}/reassign", {"assignee": "ben"}))


@pytest.mark.parametrize("kind", (race_with_a_skip, race_with_a_reassignment), ids=lambda kind: kind.__name__)
def test_who_sends_and_who_takes_it_away(desk, ana, ben, lea, kind):
    for _ in range(max(RACES // 8, 1)):
        task = desk.task(assignee="ana")
        receipt = desk.open(ana, task)["receipt"]
        send, other = kind(desk, ana, lea, task, receipt)
        texts = desk.shell.items("/messages", contact=task["contact"]["id"])
        assert len(texts) == (send.status == 202) and (send.status == 202) != (other.status == 200), (send.text, other.text)


# ---- one card, two people


def test_who_loses_the_card_keeps_what_they_wrote(desk, ana, ben, lea):
    task = desk.task()
    first = desk.open(ana, task)
    assert ben.post(f"/tasks/{task['id']}/open", {}).problem(409, "leased")["holder"]["login"] == "ana"
    ana.put(f"/tasks/{task['id']}/draft", {"text": "Hello Rui,"}).expect(200)
    card = desk.open(lea, task, take_over=True)
    assert card["text"] == "Hello Rui," and card["versions"]["draft_by"]["login"] == "ana" and card["late_texts"] == []
    late = desk.send(ana, task, first["receipt"], "Hello Rui, may I call?").problem(409, "leased")
    assert late["holder"]["login"] == "lea"
    card = desk.open(lea, task)
    assert [(text["by"]["login"], text["text"]) for text in card["late_texts"]] == [("ana", "Hello Rui, may I call?")]
    assert card["text"] == "Hello Rui,", "nobody's words are changed"
    desk.send(lea, task, card["receipt"], "Hello Rui, this is Lea.").expect(202)
    assert desk.look(task)["assignee"]["login"] == "ana" and len(desk.shell.items("/messages", contact=task["contact"]["id"])) == 1


def test_two_tabs_do_not_overwrite_each_other(desk, ana):
    task = desk.task()
    card = desk.open(ana, task)
    path = f"/tasks/{task['id']}/draft"
    assert card["draft_version"] == 0 and "draft_version" not in ana.post(f"/tasks/{task['id']}/check", {"text": "x"}).expect(200).json
    first = ana.put(path, {"text": "Hello Rui,", "version": 0}).expect(200)["draft_version"]
    late = ana.put(path, {"text": "Good day,", "version": 0}).problem(412, "precondition_failed")
    assert late["member"] == "version" and str(first) in late["detail"]
    assert desk.open(ana, task)["text"] == "Hello Rui,"
    second = ana.put(path, {"text": "Hello Rui, it is", "version": first}).expect(200)["draft_version"]
    card = desk.open(ana, task)
    assert second > first and (card["text"], card["draft_version"]) == ("Hello Rui, it is", second)
    assert ana.put(path, {"text": "Whatever"}).expect(200)["draft_version"] > second, "who names none takes what comes"
    ana.put(path, {"text": "x", "version": -1}).problem(400, "bad_request")
    reply = f"/contacts/{task['contact']['id']}/compose"
    ana.post(reply, {}).expect(200)
    ana.put(reply + "/draft", {"text": "One", "version": 0}).expect(200)
    ana.put(reply + "/draft", {"text": "Two", "version": 0}).problem(412, "precondition_failed")


def test_what_changed_since_the_task_was_made(desk, ana, ben):
    desk.publish("drifts", assign("ana") + manual_sms("Hi {{ contact.first_name }}, your {{ contact.custom.plan }} plan"))
    contact = desk.contact(custom={"plan": "gold"}, tags=["lead"])
    task = desk.enroll("drifts", contact["id"])
    assert desk.open(ana, task)["drift"] == []
    ana.put(f"/tasks/{task['id']}/draft", {"text": "Dear Rui, your gold plan"}).expect(200)
    before = desk.open(ana, task)
    desk.shell.patch(f"/contacts/{contact['id']}", {"custom": {"plan": "silver"}, "owner": "ben"}).expect(200)
    desk.shell.delete(f"/contacts/{contact['id']}/tags/lead").expect(204)
    assert set(changed(desk, ana, task, before)) == {"owner", "text"}
    card = desk.open(ana, task)
    assert {(change["kind"], change["field"]) for change in card["drift"]} == {
        ("field_changed", "contact.custom.plan"), ("owner_changed", None), ("tag_removed", "lead")}
    assert card["text"] == "Dear Rui, your gold plan"
    versions = card["versions"]
    assert (versions["made"], versions["now"], versions["draft"], versions["must_choose"]) == (
        "Hi Rui, your gold plan", "Hi Rui, your silver plan", "Dear Rui, your gold plan", True)
    ana.put(f"/tasks/{task['id']}/draft", {"text": "Dear Rui, your silver plan"}).expect(200)
    card = desk.open(ana, task)
    assert not card["versions"]["must_choose"]
    desk.send(ana, task, card["receipt"], card["text"]).expect(202)


def changed(desk, who, task, card):
    return desk.send(who, task, card["receipt"], "x").problem(409, "receipt_stale")["changed"]


def test_one_person_two_tasks_one_text(desk, ana, ben, lea):
    for name in ("one", "two"):
        desk.publish(name, assign("ana") + manual_sms("Hi") + f'<add-tag id="t" tag="after-{name}"/>')
    contact = desk.contact()
    same = desk.shell.post("/contacts?shared=1", {"first_name": "Same", "phone": contact["phone_e164"]}).expect(201)
    first, second = desk.enroll("one", contact["id"]), desk.enroll("two", same["id"])
    card = desk.open(ana, first)
    assert [task["id"] for task in card["also"]] == [second["id"]]
    desk.open(lea, second, take_over=True)
    refused = desk.send(ana, first, card["receipt"], "Hi", supersede=[second["id"]]).problem(409, "leased")
    assert refused["member"] == "supersede" and desk.look(first)["state"] == "pending"
    lea.post(f"/tasks/{second['id']}/release", {}).expect(200)
    desk.send(ana, first, card["receipt"], "Hi", supersede=[second["id"]]).expect(202)
    ended = desk.look(second)
    assert (ended["state"], ended["end_reason"]) == ("skipped", f"superseded by task {first['id']}")
    assert desk.shell.get(f"/contacts/{same['id']}")["tags"] == ["after-two"]


# ---- acts on many


def ended(desk, job):
    return wait_until(lambda: (now := desk.shell.get(f"/jobs/{job['id']}").expect(200))["state"] != "running" and now,
                      "the job to end", 20)


def test_many_at_once(desk, ana, ben, lea):
    desk.publish("many", assign("ana") + manual_sms("Hi"))
    contacts = [desk.contact(tags=["many"])["id"] for _ in range(130)]
    desk.shell.post("/workflows/many/enrollments", {"contacts": contacts}).expect(200)
    filter_ = {"workflow": "many"}
    dry = lea.post("/tasks/bulk", {"action": "skip", "filter": filter_, "dry_run": True}).expect(200)
    assert dry["count"] == 130 and len(dry["sample"]) == 10 and dry["sample"][0]["workflow"] == "many"
    assert lea.get("/tasks/counts", workflow="many")["pending"]["count"] == 130
    assert ben.post("/tasks/bulk", {"action": "skip", "filter": filter_, "dry_run": True}).expect(200)["count"] == 0
    problem = lea.post("/tasks/bulk", {"action": "skip", "filter": filter_, "expect": 129}).problem(409, "count_differs")
    assert problem["count"] == 130
    lea.post("/tasks/bulk", {"action": "send", "filter": filter_}).problem(422, "human_required")
    lea.post("/tasks/bulk", {"action": "skip", "filter": filter_, "ids": ["1"]}).problem(400, "bad_request")
    lea.post("/tasks/bulk", {"action": "cancel", "filter": {}}).problem(422, "invalid")
    lea.post("/tasks/bulk", {"action": "reassign", "filter": filter_}).problem(422, "invalid")
    lea.post("/tasks/bulk", {"action": "reassign", "filter": filter_, "assignee": "nobody-such"}).problem(422, "unknown_user")
    lea.post("/tasks/bulk", {"action": "skip", "filter": {"state": "sent"}}).problem(422, "invalid")

    job = lea.post("/tasks/bulk", {"action": "reassign", "filter": filter_, "assignee": "ben", "reason": "ana is ill"},
                   key="many").expect(202)
    over = ended(desk, job)
    assert (over["state"], over["total"], over["results"]) == ("done", 130, {"reassigned": 130})
    assert lea.get("/tasks/counts", workflow="many", assignee="ben")["pending"]["count"] == 130
    task = lea.items("/tasks", workflow="many")[0]
    assert task["id"] == dry["sample"][0]["id"] and desk.look(task)["why"] == "Reassigned by lea: ana is ill."

    # one that somebody else has open, one that is not there, and the rest: each by itself
    ids = [item["id"] for item in lea.items("/tasks", workflow="many", order="created")][:40]
    desk.open(lea, task)
    done = ben.post("/tasks/bulk", {"action": "snooze", "ids": ids + ["1"], "until": ahead(3600)}).expect(200)
    assert (done["state"], done["results"]) == ("done", {"left_out": 1, "snoozed": 39, "leased": 1})
    assert lea.get("/tasks/counts", workflow="many")["snoozed"]["count"] == 39
    done = lea.post("/tasks/bulk", {"action": "cancel", "filter": {**filter_, "state": "snoozed"}, "reason": "over"}).expect(200)
    assert done["results"] == {"cancelled": 39} and desk.look({"id": ids[-1]})["end_reason"] == "over"
    desk.program().post("/tasks/bulk", {"action": "skip", "filter": filter_, "expect": 91}).expect(202)
    desk.program("read").post("/tasks/bulk", {"action": "skip", "ids": ids}).problem(403, "forbidden")


# ---- people who leave


def test_who_leaves_takes_nothing_along(desk, ana, lea):
    leaver = desk.person("leaver")
    team = desk.shell.post("/teams", {"name": "movers", "members": ["ana"]}).expect(201)
    tasks = [desk.task(assignee="leaver") for _ in range(3)]
    drawn = desk.task()
    cards = [desk.open(leaver, task) for task in (tasks[0], drawn)]
    leaver.put(f"/tasks/{tasks[0]['id']}/draft", {"text": "half a thou"}).expect(200)
    gone = desk.shell.post("/users/leaver/deactivate", {"reassign_to": {"team": team["id"]}}).expect(200)
    assert not gone["active"]
    for task, card in zip((tasks[0], drawn), cards):
        desk.send(leaver, task, card["receipt"], "too late").problem(401, "unauthenticated")
    for task in tasks:
        now = desk.look(task)
        assert now["assignee"] is None and now["team"]["name"] == "movers" and "lease" not in now
        assert "leaver was deactivated by" in now["why"]
    assert desk.look(drawn)["assignee"] is None and desk.look(drawn)["team"] is None
    card = desk.open(ana, tasks[0])
    assert card["text"] == "half a thou" and card["draft"] and card["task"]["assignee"]["login"] == "ana"
    desk.send(ana, tasks[0], card["receipt"], "A whole thought").expect(202)


def test_capacity_and_shift(desk, ana, ben, lea):
    desk.person("cap-a")
    desk.person("cap-b")
    desk.publish("capped", assign("cap-a", "cap-b") + manual_sms("Hi"))
    assert desk.shell.patch("/users/cap-a", {"capacity": 1}).expect(200)["capacity"] == 1
    ana.patch("/users/cap-a", {"capacity": 9}).problem(403, "forbidden")
    desk.shell.patch("/users/cap-a", {"capacity": 0}).problem(400, "bad_request")
    first, second, third = (desk.enroll("capped", desk.contact()["id"]) for _ in range(3))
    assert [desk.look(task)["assignee"]["login"] for task in (first, second, third)] == ["cap-a", "cap-b", "cap-b"]
    assert "cap-a (full" in desk.look(third)["why"]
    desk.shell.patch("/users/cap-b", {"on_shift": False}).expect(200)
    lonely = desk.look(desk.enroll("capped", desk.contact()["id"]))
    assert lonely["assignee"] is None and lonely["warnings"] == ["unassigned"]
    assert lonely["id"] in [task["id"] for task in lea.items("/tasks", assignee="none", state="pending", workflow="capped")]
    assert desk.shell.patch("/users/cap-a", {"capacity": None}).expect(200)["capacity"] is None
    assert desk.look(desk.enroll("capped", desk.contact()["id"]))["assignee"]["login"] == "cap-a"
