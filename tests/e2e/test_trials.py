"""Test runs through the daemon: a draft on a test contact, with waits that pass faster, texts in the sink, begin anew."""

import json

import pytest

from rig import Handbox, wait_until

from test_workflows import assign, sms, workflow


@pytest.fixture(scope="module")
def handbox(module_folder):
    daemon = Handbox(module_folder / "handbox").start()
    yield daemon
    daemon.stop()


@pytest.fixture(scope="module")
def token(handbox):
    return handbox.user("lea", "lead")


@pytest.fixture(scope="module")
def lea(handbox, token):
    client = handbox.client(token)
    yield client
    client.close()


@pytest.fixture
def rui(lea):
    """A test contact's id."""
    found = lea.get("/contacts", phone="912345678").expect(200)["items"]
    if found:
        lea.post(f"/contacts/{found[0]['id']}/reset", {"owner": True, "tags": True}).expect(200)
        return found[0]["id"]
    return lea.post("/contacts", {"first_name": "Rui", "phone": "912345678", "test": True}).expect(201)["id"]


def try_out(lea, wid, contact, **more):
    """The outcome of a test run."""
    body = {"contacts": [contact], "test": True, **more}
    return lea.post(f"/workflows/{wid}/enrollments", body).expect(200)["results"][0]


def the_task(lea, contact):
    (task,) = lea.items("/tasks", contact=contact, test=1, state="pending")
    return task


def send(lea, task):
    card = lea.post(f"/tasks/{task['id']}/open").expect(200)
    body = {"receipt": card["receipt"], "text": card["text"]}
    return lea.post(f"/tasks/{task['id']}/send", body).expect(202)["message"]


def test_a_draft_from_end_to_end(lea, rui):
    steps = assign("lea") + sms("one") + '<wait id="pause" for="2h"/>' + sms("two")
    lea.post("/workflows", workflow("draft", steps)).expect(201)
    run = try_out(lea, "draft", rui, compress=36000)
    assert run["outcome"] == "enrolled"
    one = the_task(lea, rui)
    assert (one["test"], one["step"]) == (True, "one")
    assert lea.items("/tasks", contact=rui) == [] and lea.items("/enrollments", workflow="draft") == []
    assert lea.get("/tasks/counts", contact=rui).expect(200)["pending"]["count"] == 0
    text = send(lea, one)

    def delivered():
        return lea.get(f"/messages/{text['id']}").expect(200)["state"] == "delivered"
    wait_until(delivered, "the text to be in the sink")
    (listed,) = lea.items("/messages", test=1)
    assert listed["id"] == text["id"] and {r["kind"] for r in listed["reports"]} == {"smsc_accepted", "delivered"}
    assert all(r["detail"].startswith("A test") for r in listed["reports"])
    assert lea.items("/messages") == []
    wait_until(lambda: lea.items("/tasks", contact=rui, test=1, state="pending"), "two hours to pass in a fifth of a second")
    assert the_task(lea, rui)["step"] == "two"
    (enrollment,) = lea.items("/enrollments", workflow="draft", test=1)
    assert (enrollment["id"], enrollment["compress"], enrollment["workflow_version"]) == (run["enrollment"], 36000, 1)
    assert lea.get("/workflows/draft").expect(200)["state"] == "draft"


def test_only_test_contacts(lea):
    other = lea.post("/contacts", {"first_name": "Eva"}).expect(201)["id"]
    assert try_out(lea, "draft", other)["outcome"] == "not_test_contact"
    lea.post(f"/contacts/{other}/reset").problem(409, "bad_state")
    bad = lea.post("/workflows/draft/enrollments", {"contacts": [other], "test": True, "compress": 0})
    assert bad.problem(400, "bad_request")["member"] == "compress"


def test_begin_anew(handbox, lea, rui):
    lea.post("/workflows", workflow("anew", assign("lea") + sms(), '<settings reentry="once"/>')).expect(201)
    assert try_out(lea, "anew", rui)["outcome"] == "enrolled"
    send(lea, the_task(lea, rui))
    assert try_out(lea, "anew", rui)["outcome"] in ("already_enrolled", "once_done")
    lea.post(f"/contacts/{rui}/opt-out", {"reason": "replied STOP"}).expect(200)
    assert try_out(lea, "anew", rui)["outcome"] == "opted_out"
    assert lea.get(f"/contacts/{rui}/messages").expect(200)["items"]
    reset = lea.post(f"/contacts/{rui}/reset").expect(200)
    assert reset["opted_out"] is False and reset.headers["etag"] == lea.get(f"/contacts/{rui}").headers["etag"]
    assert lea.get(f"/contacts/{rui}/messages").expect(200)["items"] == []
    assert try_out(lea, "anew", rui)["outcome"] == "enrolled"
    machine = handbox.client(handbox.service())
    machine.post(f"/contacts/{rui}/reset").problem(403, "human_required")
    handbox.cli("verify")


def test_from_the_shell(handbox, token, lea, rui):
    path = handbox.folder / "shell.xml"
    path.write_text(workflow("shell", assign("lea") + sms()))
    handbox.cli("workflow", "put", path)
    handbox.cli("enroll", "shell", "912345678", "--test", "--compress", "60")
    handbox.cli("enroll", "shell", "912345678", "--compress", "x", expect=2)
    shown = json.loads(handbox.cli("tasks", "--test", "--json", token=token).stdout)
    assert [t["workflow"] for t in shown["items"]] == ["shell"]
    assert json.loads(handbox.cli("tasks", "--all", "--json").stdout)["items"] == []
    handbox.cli("contact", "reset", "912345678", "--owner", token=token)
    assert lea.items("/tasks", contact=rui, test=1, state="pending") == []
    lea.post("/workflows/shell/publish").expect(200)
    path.write_text(workflow("shell", assign("lea") + sms("other")))
    handbox.cli("workflow", "put", path)
    said = handbox.cli("workflow", "diff", "shell").stdout
    assert 'Step "hello" (manual-sms) is gone.' in said and "2 changes" in said
    assert "the same" in handbox.cli("workflow", "diff", "shell", "--from", "2", "--to", "2").stdout
    handbox.cli("workflow", "adopt", "shell")
