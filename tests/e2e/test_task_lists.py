"""Tasks in numbers: the next one, lists, counts, and who may see and do what."""

import pytest

from rig.desk import ahead, assign, manual_sms


# ---- next, lists, counts


def test_next_walks_the_queue(desk):
    eve = desk.person("eve")
    for login in ("eve",):
        late, soon, none = (desk.task(assignee=login, name="queue", due=due) for due in (ahead(7200), ahead(3600), None))
    off = desk.task(assignee="eve", name="queue", due=ahead(10))
    desk.shell.patch(f"/contacts/{off['contact']['id']}", {"sms_enabled": False}).expect(200)
    bad = desk.task(contact=desk.contact(phone="77")["id"], assignee="eve", name="queue", due=ahead(8000))
    filter_ = {"assignee": "me"}

    def following(**options):
        answer = eve.post("/tasks/next", {"filter": filter_, **options})
        return answer["task"]["id"] if answer.expect(200, 204).status == 200 else None
    peeked = eve.get("/tasks/next", assignee="me").expect(200)
    assert peeked["task"]["id"] == soon["id"] and "receipt" not in peeked.json
    assert following() == soon["id"]
    assert following() == late["id"], "not one that I have open already"
    assert following(resume=True) == soon["id"]
    assert following(after=soon["id"], resume=True) == late["id"]
    assert following() == bad["id"], "a bad number is shown, since a person can mend it"
    assert following() == none["id"]
    assert following() is None
    eve.post("/tasks/next", {"filter": {"assignee": "me", "order": "closing"}}).expect(204)
    eve.post("/tasks/next", {"after": "1"}).problem(404, "not_found")


def test_next_leaves_others_tasks_alone(desk, ana):
    zoe = desk.person("zoe")
    desk.task(assignee="ana")
    while (answer := zoe.post("/tasks/next", {}).expect(200, 204)).status == 200:
        assert answer["task"]["assignee"]["login"] == "zoe"
    zoe.get("/tasks/next").expect(204)


def test_lists_filter_and_page_while_rows_change(desk, lea, ben):
    contact = desk.contact(first_name="Paged", last_name="Person")
    made = [desk.task(contact=contact["id"], assignee="ben", name=f"page {n}", due=ahead(1000 - n))["id"] for n in range(9)]
    query = {"contact": contact["id"]}
    assert [t["id"] for t in lea.items("/tasks", limit=4, **query)] == made[::-1], "by due date"
    assert [t["id"] for t in lea.items("/tasks", limit=4, order="created", **query)] == made
    first = lea.get("/tasks", limit=3, **query).expect(200)
    lea.post(f"/tasks/{made[8]}/skip", {"reason": "gone from page one"}).expect(200)
    desk.task(contact=contact["id"], due=ahead(1))
    rest = lea.get("/tasks", limit=50, cursor=first["next"], **query).expect(200)
    assert [t["id"] for t in rest["items"]] == made[:6][::-1] and rest["next"] is None
    assert [t["id"] for t in lea.items("/tasks", state="skipped", **query)] == [made[8]]
    assert len(lea.items("/tasks", state="pending,skipped", **query)) == 10
    assert len(lea.items("/tasks", assignee="none", **query)) == 1
    assert len(lea.items("/tasks", assignee="ben", **query)) == 9
    assert [t["id"] for t in lea.items("/tasks", q="page 4", **query)] == [made[4]]
    assert len(lea.items("/tasks", q="paged per")) == 10
    assert len(lea.items("/tasks", q="100%", **query)) == 0
    assert len(lea.items("/tasks", due_before=ahead(900), **query)) == 1
    counts = lea.get("/tasks/counts", **query).expect(200)
    assert counts["pending"] == {"count": 9, "capped": False} and counts["skipped"]["count"] == 1
    assert (counts["eligible"], counts["leased"], counts["blocked"], counts["opens_later"]) == (9, 0, 0, 0)
    desk.open(lea, {"id": made[0]})
    desk.shell.patch(f"/contacts/{contact['id']}", {"sms_enabled": False}).expect(200)
    counts = lea.get("/tasks/counts", **query).expect(200)
    assert (counts["eligible"], counts["leased"], counts["blocked"]) == (0, 1, 8)
    for bad in ({"state": "asleep"}, {"colour": "red"}, {"limit": 0}, {"limit": 501}, {"contact": "x"}, {"order": "best"},
                {"due_before": "soon"}):
        lea.get("/tasks", **bad).problem(400, "bad_request")
    lea.get("/tasks", cursor="c.0.1").problem(400, "bad_cursor")


# ---- who may


def test_roles(desk, ana, ben, lea):
    auditor = desk.person("otto", "auditor", "read,tasks,send")
    task = desk.task(assignee="ana")
    assert auditor.get(f"/tasks/{task['id']}").expect(200)["id"] == task["id"]
    assert auditor.get(f"/tasks/{task['id']}/why").expect(200)
    for act, body in (("open", {}), ("skip", {"reason": "x"}), ("cancel", {"reason": "x"}), ("reassign", {"assignee": "otto"}),
                      ("snooze", {"until": ahead(60)}), ("release", {}), ("reopen", {"reason": "x"})):
        auditor.post(f"/tasks/{task['id']}/{act}", body).problem(403, "forbidden")
        answer = ben.post(f"/tasks/{task['id']}/{act}", body)
        answer.expect(403, 404, 409) if act != "release" else answer.expect(200, 403, 404)
    auditor.post("/tasks/next", {}).problem(403, "forbidden")
    assert desk.look(task)["state"] == "pending" and desk.look(task)["assignee"]["login"] == "ana"
    lea.post(f"/tasks/{task['id']}/skip", {"reason": "lead"}).expect(200)
    reader = desk.client(desk.hb.token("ana", "read"))
    reader.post(f"/tasks/{task['id']}/open", {}).problem(403, "forbidden")
    no_send = desk.client(desk.hb.token("ana", "read,tasks"))
    mine = desk.task(assignee="ana")
    no_send.post(f"/tasks/{mine['id']}/open", {}).problem(403, "forbidden")
    desk.send(no_send, mine, desk.open(ana, mine)["receipt"], "x").problem(403, "forbidden")


@pytest.mark.parametrize("see", ["own", "team", "all"])
def test_what_agents_see(desk, ana, ben, lea, see):
    desk.hb.write_conf(agents_see=see)
    desk.hb.restart()
    if not [t for t in desk.shell.items("/teams") if t["name"] == "mates"]:
        desk.person("mate")
        desk.shell.post("/teams", {"name": "mates", "members": ["ana", "mate"]}).expect(201)
    whose = {login: desk.task(assignee=login)["id"] for login in ("ana", "mate", "ben", None)}
    expected = {"own": {"ana", None}, "team": {"ana", "mate", None}, "all": {"ana", "mate", "ben", None}}[see]
    listed = {t["id"] for t in ana.items("/tasks", order="created", limit=500)}
    for login, task in whose.items():
        seen = login in expected
        assert (task in listed) == seen, (see, login)
        ana.get(f"/tasks/{task}").expect(200) if seen else ana.get(f"/tasks/{task}").problem(404, "not_found")
        ana.get(f"/tasks/{task}/card").expect(200 if seen else 404)
        if login in ("mate", "ben"):
            ana.post(f"/tasks/{task}/open", {}).expect(403 if seen else 404)
    assert {t["id"] for t in lea.items("/tasks", order="created", limit=500)} >= set(whose.values())


def test_programs_make_and_manage_but_are_nobody(desk, ana):
    program = desk.program()
    contact = desk.contact()["id"]
    body = {"contact": contact, "name": "from a program", "text": "Hi", "assignee": "ana"}
    made = program.post("/tasks", body, key="task-1").expect(201)
    assert made.headers["location"].endswith(made["id"]) and made["origin"] == "api" and made["workflow"] is None
    assert program.post("/tasks", body, key="task-1").expect(201)["id"] == made["id"]
    program.post("/tasks", {**body, "name": "other"}, key="task-1").problem(409, "idempotency_mismatch")
    assert len(desk.shell.items("/tasks", contact=contact)) == 1
    path = f"/tasks/{made['id']}"
    for act, text in (("open", {}), ("send", {"receipt": "1-x", "text": "x"}), ("check", {"text": "x"}), ("renew", {}),
                      ("release", {})):
        program.post(f"{path}/{act}", text).problem(403, "human_required")
    program.put(f"{path}/draft", {"text": "x"}).problem(403, "human_required")
    program.post("/tasks/next", {}).problem(403, "human_required")
    program.post("/messages/1/resolve", {"outcome": "sent", "evidence": "x"}).problem(403, "human_required")
    program.post("/messages/1/recall", {}).problem(403, "human_required")
    program.post(f"/contacts/{contact}/opt-in", {"reason": "x", "evidence": "y"}).problem(403, "human_required")
    program.post(f"{path}/reassign", {"assignee": "ben"}).expect(200)
    assert program.post(f"{path}/skip", {"reason": "done elsewhere"}).expect(200)["state"] == "skipped"
    for scope in ("read", "contacts", "enroll"):
        desk.program(scope).post("/tasks", body).problem(403, "forbidden")
    desk.program("tasks").get("/tasks").problem(403, "forbidden")


def test_no_bulk_send_and_what_is_not_built(desk, ana, lea):
    lea.post("/tasks/bulk", {"action": "send", "ids": ["1"]}).problem(422, "human_required")
    desk.program().post("/tasks/bulk", {"action": "send", "filter": {}}).problem(422, "human_required")
    for method, path, body in (
            ("GET", "/reports/tasks", None), ("GET", "/events", None), ("POST", "/contacts/import", {})):
        lea.request(method, path, body).problem(501, "not_built")


def test_why_of_a_task(desk, ana):
    desk.publish("asked", assign("ana") + manual_sms("Hi"))
    task = desk.enroll("asked", desk.contact()["id"])
    why = ana.get(f"/tasks/{task['id']}/why").expect(200)
    assert "asked" in why.text and "ana" in why.text
    lonely = desk.task(contact=desk.contact(phone="5")["id"])
    assert "phone_valid" in ana.get(f"/tasks/{lonely['id']}/why").expect(200).text
