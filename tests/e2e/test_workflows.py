"""Workflows and enrollments through the daemon: from XML to a task for a person, and the answers when there is none."""

import signal

import pytest

from rig import Handbox, wait_until

XML = "application/xml"


def workflow(wid, steps, settings="", publish=""):
    return (f'<workflow xmlns="urn:handbox:workflow:1" id="{wid}" name="The {wid}"{publish}>\n'
            f"  {settings}\n  <steps>\n    {steps}\n  </steps>\n</workflow>\n")


def assign(*logins, attributes=""):
    users = "".join(f'<user login="{login}"/>' for login in logins)
    return f'<assign-user id="who" {attributes}>{users}</assign-user>'


def sms(step="hello", text="Hi {{ contact.first_name }}, this is {{ user.first_name }}."):
    return f'<manual-sms id="{step}" name="First text" due="4h" expires="3d"><message>{text}</message></manual-sms>'


@pytest.fixture(scope="module")
def folder(module_folder):
    path = module_folder / "workflows"
    path.mkdir()
    return path


@pytest.fixture(scope="module")
def handbox(module_folder, folder):
    daemon = Handbox(module_folder / "handbox", conf={"workflows": folder}).start()
    yield daemon
    daemon.stop()


@pytest.fixture(scope="module")
def tokens(handbox):
    """Everybody's token, by login."""
    roles = {"ana": "agent", "ben": "agent", "lea": "lead", "otto": "auditor"}
    return {login: handbox.user(login, role) for login, role in roles.items()}


@pytest.fixture(scope="module")
def lea(handbox, tokens):
    client = handbox.client(tokens["lea"])
    yield client
    client.close()


@pytest.fixture(scope="module")
def ana(handbox, tokens):
    client = handbox.client(tokens["ana"])
    yield client
    client.close()


@pytest.fixture(scope="module")
def machine(handbox):
    client = handbox.client(handbox.service())
    yield client
    client.close()


@pytest.fixture
def contact(machine):
    """contact() makes a new one; its id."""
    made = []

    def make(**members):
        made.append(machine.post("/contacts", {"first_name": "Rui", **members}).expect(201)["id"])
        return made[-1]
    return make


def publish(lea, wid, xml):
    lea.put(f"/workflows/{wid}", xml).expect(200, 201)
    return lea.post(f"/workflows/{wid}/publish").expect(200).json


def enroll(client, wid, *ids, **options):
    return client.post(f"/workflows/{wid}/enrollments", {"contacts": list(ids)}, **options).expect(200)["results"]


def tasks_of(client, contact_id):
    return client.items("/tasks", contact=contact_id)


def test_from_xml_to_a_task(lea, machine, contact):
    made = lea.post("/workflows", workflow("path", assign("ana", "ben") + sms())).expect(201)
    assert made.headers["location"].endswith("/api/v1/workflows/path")
    assert (made["state"], made["source"], made["draft_version"], made["published_version"]) == ("draft", "api", 1, None)
    assert lea.post("/workflows/path/publish").expect(200)["published_version"] == 1
    first, second = contact(), contact()
    results = enroll(machine, "path", first, second)
    assert [r["outcome"] for r in results] == ["enrolled", "enrolled"]
    for person, who in ((first, "ana"), (second, "ben")):
        (task,) = tasks_of(lea, person)
        assert (task["state"], task["assignee"]["login"], task["step"]) == ("pending", who, "hello")
        assert task["workflow"] == "path" and task["due_at"] and task["expires_at"]
        assert task["text"] == f"Hi Rui, this is {who.capitalize()}."
    enrollment = lea.get(f"/enrollments/{results[0]['enrollment']}").expect(200).json
    assert enrollment["state"] == "waiting" and enrollment["position"]["step"] == "hello"
    kinds = [line["kind"] for line in lea.items(f"/enrollments/{enrollment['id']}/journal")]
    assert kinds == ["enrolled", "assigned", "task_created"]
    why = lea.get(f"/tasks/{task['id']}/why").expect(200)
    assert "the turn of ben" in why.text


def test_errors_have_line_step_and_code(lea):
    bad = workflow("bad", assign("nobody-here") + sms(text="Hi {{ contact.frist_name }}"))
    problem = lea.post("/workflows", bad).problem(422, "invalid_workflow")
    assert {(e["line"], e["step"], e["code"]) for e in problem["errors"]} == {(4, "hello", "unknown_field")}
    problem = lea.post("/workflows", workflow("bad", assign("nobody-here") + sms())).problem(422, "invalid_workflow")
    assert [(e["line"], e["step"], e["code"]) for e in problem["errors"]] == [(4, "who", "unknown_user")]
    assert all(e["message"] for e in problem["errors"])
    lea.get("/workflows/bad").problem(404, "not_found")
    lea.post("/workflows", "<!DOCTYPE x><workflow/>").problem(422, "invalid_workflow")
    lea.request("PUT", "/workflows/bad", b"{}", {"Content-Type": "application/json"}).problem(415, "unsupported_media_type")


def test_text_and_versions_come_back(lea):
    one, two = (workflow("text", assign("ana") + sms(step)) for step in ("one", "two"))
    publish(lea, "text", one)
    lea.put("/workflows/text", one).expect(200)
    assert lea.put("/workflows/text", two).expect(200)["draft_version"] == 2
    xml = lea.request("GET", "/workflows/text", headers={"Accept": XML}).expect(200)
    assert xml.headers["content-type"].startswith(XML) and 'id="two"' in xml.text
    assert lea.put("/workflows/text", xml.text).expect(200)["draft_version"] == 2  # the canonical text is the same plan
    old = lea.request("GET", "/workflows/text", headers={"Accept": XML}, query={"version": 1}).expect(200)
    assert 'id="one"' in old.text
    again = lea.post("/workflows/text/publish", {"version": 1, "note": "two was wrong"}).expect(200)
    assert (again["draft_version"], again["published_version"]) == (3, 3)
    versions = lea.items("/workflows/text/versions", limit=2)
    assert [(v["version"], v["note"]) for v in versions] == [(3, "two was wrong"), (2, None), (1, None)]
    assert versions[0]["created_by"]["login"] == "lea"


def test_a_stale_put_is_refused(lea):
    made = lea.put("/workflows/stale", workflow("stale", sms("a"))).expect(201)
    etag = lea.get("/workflows/stale").expect(200).headers["etag"]
    assert made.headers["etag"] == etag
    lea.put("/workflows/stale", workflow("stale", sms("b")), headers={"If-Match": etag}).expect(200)
    lea.put("/workflows/stale", workflow("stale", sms("c")), headers={"If-Match": etag}).problem(412, "precondition_failed")
    lea.post("/workflows", workflow("stale", sms("d"))).problem(409, "exists")
    for act in ("publish", "unpublish", "adopt"):
        assert lea.post(f"/workflows/stale/{act}").expect(200).headers["etag"] == lea.get("/workflows/stale").headers["etag"]


def test_who_may(handbox, tokens, lea, ana, machine, contact):
    publish(lea, "roles", workflow("roles", sms()))
    otto = handbox.client(tokens["otto"])
    for client in (ana, otto):
        client.get("/workflows/roles").expect(200)
        client.put("/workflows/roles", workflow("roles", sms("x"))).problem(403, "forbidden")
        client.post("/workflows/roles/unpublish").problem(403, "forbidden")
    otto.post("/workflows/roles/enrollments", {"contacts": [contact()]}).problem(403, "forbidden")
    assert enroll(ana, "roles", contact())[0]["outcome"] == "enrolled"
    machine.put("/workflows/roles", workflow("roles", sms("y"))).expect(200)  # scope `workflows`
    reader = handbox.client(handbox.service("read", "reader"))
    reader.get("/enrollments").expect(200)
    reader.post("/workflows/roles/enrollments", {"contacts": ["1"]}).problem(403, "forbidden")
    handbox.client().get("/workflows").problem(401, "unauthenticated")


def test_outcomes_and_why(lea, machine, contact):
    lea.put("/workflows/why", workflow("why", assign("ana") + sms(), '<settings reentry="once"/>')).expect(201)
    person = contact(phone="961 100 001")

    def first_failure():
        return lea.get("/why", workflow="why", contact=person).expect(200)["first_failure"]
    assert enroll(machine, "why", person)[0]["outcome"] == "not_published"
    assert first_failure()["check"] == "published" and "publish" in first_failure()["fix"]
    lea.post("/workflows/why/publish").expect(200)
    entered = enroll(machine, "why", person, "1")
    assert [r["outcome"] for r in entered] == ["enrolled", "unknown_contact"]
    assert first_failure() is None
    assert enroll(machine, "why", person)[0] == {**entered[0], "outcome": "already_enrolled"}
    gone = machine.delete(f"/enrollments/{entered[0]['enrollment']}?reason=asked+to+stop").expect(200)
    assert (gone["state"], gone["position"], gone["end_reason"]) == ("removed", None, "asked to stop")
    assert [t["state"] for t in tasks_of(lea, person)] == ["cancelled"]
    assert first_failure()["check"] == "position"
    assert enroll(machine, "why", person)[0]["outcome"] == "once_done"
    assert first_failure()["check"] == "reentry"
    other = contact(phone="961 100 002")
    machine.post(f"/contacts/{other}/opt-out", {"reason": "asked on the phone"}).expect(200)
    assert enroll(machine, "why", other)[0]["outcome"] == "opted_out"
    counts = lea.get("/why", workflow="why").expect(200).json
    assert counts["entered"] == 1
    assert [(s["step"], s["reached"], s["stopped"]) for s in counts["steps"]] == [("who", 1, 0), ("hello", 1, 1)]


def test_the_same_key_enrolls_once(lea, machine, contact):
    publish(lea, "keys", workflow("keys", assign("ana") + sms(), '<settings reentry="concurrent"/>'))
    people = [contact() for _ in range(3)] * 60  # more than one part
    first = enroll(machine, "keys", *people, key="once-1")
    assert len(first) == 180 and {r["outcome"] for r in first} == {"enrolled"}
    assert enroll(machine, "keys", *people, key="once-1") == first
    assert len(machine.items("/enrollments", workflow="keys", limit=100)) == 180
    answer = machine.post("/workflows/keys/enrollments", {"contacts": people[:2]}, key="once-1")
    answer.problem(409, "idempotency_mismatch")
    xml = workflow("keyed", sms())
    made = lea.post("/workflows", xml, key="made-1").expect(201)
    again = lea.post("/workflows", xml, key="made-1").expect(201)
    assert again.json == made.json
    assert [again.headers[h] for h in ("location", "etag")] == [made.headers[h] for h in ("location", "etag")]


def test_bad_requests_say_what(lea, machine):
    path = "/workflows/path/enrollments"
    assert machine.post(path, {}).problem(400, "bad_request")["member"] == "contacts"
    assert machine.post(path, {"contacts": []}).problem(400, "bad_request")["member"] == "contacts"
    machine.post(path, {"contacts": ["1"] * 501}).problem(400, "bad_request")
    assert machine.post(path, {"contacts": ["1"], "compress": 60}).problem(400, "bad_request")["member"] == "compress"
    assert machine.post(path, {"contacts": ["1"], "expect": 1}).problem(400, "bad_request")["member"] == "expect"
    machine.post(path, {"contacts": ["1"], "filter": {"tag": "x"}}).problem(400, "bad_request")
    assert machine.post(path, {"filter": {"owner": "Ana!"}}).problem(400, "bad_request")["member"] == "filter.owner"
    assert machine.post(path, {"filter": {}}).problem(422, "invalid")["member"] == "filter"
    machine.post("/workflows/nope/enrollments", {"contacts": ["1"]}).problem(404, "not_found")
    lea.post("/workflows/path/unpublish", {"pending_tasks": "burn"}).problem(400, "bad_request")
    lea.get("/workflows", cursor="!").problem(400, "bad_cursor")
    lea.get("/enrollments", cursor="x").problem(400, "bad_cursor")
    lea.get("/enrollments", state="asleep").problem(400, "bad_request")
    lea.get("/why").problem(400, "bad_request")


def test_an_empty_draft_by_name(lea):
    made = lea.post("/workflows", {"name": "New lead & more"}).expect(201)
    assert made["id"] == "new-lead-more" and made["name"] == "New lead & more"
    assert lea.post("/workflows", {"name": "New lead & more"}).expect(201)["id"] == "new-lead-more-2"
    lea.delete("/workflows/new-lead-more").expect(204)
    lea.get("/workflows/new-lead-more").problem(404, "not_found")


def test_unpublish_holds_keeps_or_cancels(lea, machine, contact):
    publish(lea, "stop", workflow("stop", assign("ana") + sms()))
    person = contact()
    enroll(machine, "stop", person)
    lea.delete("/workflows/stop").problem(409, "bad_state")
    assert lea.post("/workflows/stop/unpublish").expect(200)["state"] == "unpublished"

    def state():
        return [t["state"] for t in tasks_of(lea, person)]
    assert state() == ["held"]
    assert enroll(machine, "stop", contact())[0]["outcome"] == "not_published"
    lea.post("/workflows/stop/publish").expect(200)
    assert state() == ["pending"]
    lea.post("/workflows/stop/unpublish", {"pending_tasks": "cancel"}).expect(200)
    assert state() == ["cancelled"]
    assert [e["state"] for e in lea.items("/enrollments", contact=person)] == ["removed"]
    lea.delete("/workflows/stop").expect(204)


def test_files(handbox, folder, lea, machine, contact):
    def reload():
        before = handbox.log.read_text().count("read again")
        handbox.proc.signal(signal.SIGHUP)
        wait_until(lambda: handbox.log.read_text().count("read again") > before, "the files to be read")
    (folder / "good.xml").write_text(workflow("filed", assign("ana") + sms(), publish=' publish="yes"'))
    (folder / "bad.xml").write_text(workflow("broken", "<manual-sms/>"))
    reload()
    filed = lea.get("/workflows/filed").expect(200).json
    assert (filed["source"], filed["state"], filed["published_version"]) == ("file", "published", 1)
    assert filed["file"].endswith("good.xml")
    assert "bad.xml:4:" in handbox.log.read_text()
    lea.put("/workflows/filed", workflow("filed", sms("x"))).problem(409, "file_managed")
    lea.delete("/workflows/filed").problem(409, "file_managed")
    assert enroll(machine, "filed", contact())[0]["outcome"] == "enrolled"
    lea.post("/workflows/filed/unpublish", {"pending_tasks": "keep"}).expect(200)
    handbox.restart()
    assert lea.get("/workflows/filed").expect(200)["state"] == "unpublished"
    (folder / "good.xml").write_text(workflow("filed", assign("ben") + sms(), publish=' publish="yes"'))
    reload()
    filed = lea.get("/workflows/filed").expect(200).json
    assert (filed["state"], filed["draft_version"], filed["published_version"]) == ("unpublished", 2, 1)
    assert lea.post("/workflows/filed/adopt").expect(200)["source"] == "api"
    lea.put("/workflows/filed", workflow("filed", sms("x"))).expect(200)


def test_what_was_answered_outlives_a_kill(handbox, lea, machine, contact):
    publish(lea, "kill", workflow("kill", assign("ana", "ben") + sms()))
    people = [contact() for _ in range(8)]
    for person in people[:5]:
        assert enroll(machine, "kill", person)[0]["outcome"] == "enrolled"
    handbox.kill()
    handbox.start()
    for person in people[:5]:
        assert enroll(machine, "kill", person)[0]["outcome"] == "already_enrolled"
    enroll(machine, "kill", *people[5:])
    turns = [tasks_of(lea, person)[0]["assignee"]["login"] for person in people]
    assert turns == ["ana", "ben"] * 4  # one task each, and the rotation went on where it stood


def test_a_diff_in_words(lea, machine, contact):
    one = (assign("ana", "ben") + sms("hello") + '<add-tag tag="a"/>' + sms("later") + '<wait id="pause" for="2h"/>')
    publish(lea, "differ", workflow("differ", one))
    enroll(machine, "differ", contact(), contact())
    same = lea.get("/workflows/differ/diff").expect(200)
    assert same["changes"] == [] and same["summary"] == "The two versions are the same."
    two = ('<wait id="pause" for="3h"/>' + assign("ana", "ben", attributes='only-unassigned="yes"')
           + '<add-tag tag="b"/><add-tag tag="a"/>' + sms("later", text="Hello again"))
    lea.put("/workflows/differ", workflow("differ", two, '<settings reentry="once"/>')).expect(200)
    diff = lea.get("/workflows/differ/diff").expect(200)
    assert (diff["from"], diff["to"]) == (1, 2)
    assert diff["running"] == {"enrollments": 2, "on_vanished_steps": 2} and "2 of them stand" in diff["summary"]
    found = {(c["change"], c["step"], c["what"]): c for c in diff["changes"]}
    assert found["removed", "hello", None]["enrollments"] == 2
    assert found["moved", "pause", None]["to"] == "the steps, as the first"
    assert (found["changed", "pause", "for"]["from"], found["changed", "pause", "for"]["to"]) == ("2h", "3h")
    assert found["changed", "who", "only-unassigned"]["to"] == "yes"
    assert 'to "Hello again"' in found["text_changed", "later", "message"]["text"]
    assert found["added", None, None]["text"] in ('Step add-tag "b" is new, in the steps.', "The settings are new.")
    assert len(diff["changes"]) == 7
    back = lea.get("/workflows/differ/diff", **{"from": 2, "to": 1}).expect(200)
    assert [c["step"] for c in back["changes"] if c["change"] == "added"] == ["hello"]
    assert lea.get("/workflows/differ/diff", to=9).problem(404, "not_found")["member"] == "to"
    lea.put("/workflows/fresh", workflow("fresh", sms())).expect(201)
    assert lea.get("/workflows/fresh/diff").problem(422, "invalid")["member"] == "from"
    lea.get("/workflows/differ/diff", to="x").problem(400, "bad_request")
