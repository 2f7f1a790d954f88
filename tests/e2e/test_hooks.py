"""Hooks: another system is told, signed, in order, again until it takes it, and only where that is allowed."""

import socket
import time

import pytest

from rig import CLOSE, Desk, FakeSendsms, Handbox, Receiver, wait_until
from rig.desk import assign, manual_sms
from rig.hooks import sign, verify

SECRET = "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.fixture(scope="module")
def daemon(module_folder, sendsms):
    hb = Handbox(module_folder / "hooked", sendsms_url=sendsms.url, conf={"hook_allow": "localhost"}).start()
    yield hb
    hb.stop()


@pytest.fixture(scope="module")
def office(daemon):
    people = Desk(daemon)
    yield people
    people.close()


@pytest.fixture(scope="module")
def eva(office):
    return office.person("eva")


@pytest.fixture
def receiver():
    with Receiver() as server:
        yield server


@pytest.fixture
def hook(office, receiver):
    """hook(events…) registers the receiver; its hook. All are deleted afterwards."""
    made = []

    def register(*events, **more):
        body = {"name": f"h{time.monotonic_ns()}", "url": url_of(receiver), "events": list(events), **more}
        made.append(office.shell.post("/hooks", body).expect(201).json)
        return made[-1]
    yield register
    for one in made:
        office.shell.delete(f"/hooks/{one['id']}")


def url_of(receiver):
    return f"http://localhost:{receiver.port}/hook"


def deliveries(office, hook, **query):
    return office.shell.items(f"/hooks/{hook['id']}/deliveries", **query)


def delivery_in(office, hook, state, attempts=1, timeout_s=20.0):
    """The only delivery of a hook once it is in that state after so many attempts."""
    def there():
        found = deliveries(office, hook)
        return found and found[0]["state"] == state and found[0]["attempts"] >= attempts and found[0]
    return wait_until(there, lambda: f"{state}: {deliveries(office, hook)}", timeout_s)


def test_registered_shown_changed_deleted(office, receiver):
    made = office.shell.post("/hooks", {"name": "crm", "url": url_of(receiver), "events": ["task.sent"]}).expect(201)
    assert made["secret"].startswith("whsec_") and made["kind"] == "registered" and made["enabled"]
    path = f"/hooks/{made['id']}"
    assert made.headers["location"] == "/api/v1" + path
    shown = office.shell.get(path).expect(200)
    assert "secret" not in shown.json and shown["events"] == ["task.sent"] and shown["waiting"] == 0
    assert made["secret"] not in office.shell.get("/hooks").expect(200).text
    office.shell.post("/hooks", {"name": "crm", "url": url_of(receiver)}).problem(409, "duplicate")
    office.shell.patch(path, {"events": ["task.sent", "task.skipped"], "enabled": False}).expect(200)
    shown = office.shell.get(path).expect(200)
    assert shown["events"] == ["task.sent", "task.skipped"] and shown["disabled_reason"] == "by hand"
    office.shell.delete(path).expect(204)
    office.shell.get(path).problem(404, "not_found")
    assert all(hook["name"] != "crm" for hook in office.shell.items("/hooks"))


@pytest.mark.parametrize("member, value", [
    ("url", "ftp://crm.example.com/"), ("url", "https://user:pw@crm.example.com/"), ("url", "crm"),
    ("url", "https://crm.example.com/#top"), ("url", "https://crm.example.com/a b"), ("name", "my crm"),
    ("events[0]", "task.eaten"), ("secret", "whsec_c2hvcnQ="), ("secret", "topsecret")])
def test_what_is_no_hook(office, member, value):
    body = {"name": "odd", "url": "https://crm.example.com/", "events": []}
    body[member.partition("[")[0]] = [value] if "[" in member else value
    assert office.shell.post("/hooks", body).problem(422, "invalid")["member"] == member


def test_only_admins(office, eva):
    for who in (eva, office.program()):
        who.get("/hooks").problem(403, "forbidden")
        who.get("/hooks/key").problem(403, "forbidden")
    assert office.program("read,admin").get("/hooks").expect(200)
    auditor = office.person("audrey", "auditor", "read,admin")
    auditor.get("/hooks").expect(200)
    auditor.get("/hooks/key").problem(403, "forbidden")


def test_a_task_from_its_making_to_its_delivery_in_order_and_signed(office, eva, receiver, hook):
    mine = hook("task.created", "task.opened", "task.sent", "message.accepted", secret=SECRET)
    assert mine["secret"] == SECRET
    task = office.task()
    message = office.approve(eva, task, "Hello")
    receiver.wait_requests(4)
    assert receiver.types() == ["task.created", "task.opened", "task.sent", "message.accepted"]
    told = [verify(request, SECRET) for request in receiver.requests]
    assert [one["data"]["task"]["state"] for one in told[:3]] == ["pending", "pending", "sent"]
    assert told[2]["data"]["message"] == {"id": message["id"], "state": "approved"}
    assert told[2]["data"]["by"] == "eva-rig" or told[2]["data"]["by"] == "eva"
    assert told[3]["data"]["message"]["id"] == message["id"]
    ids = [request.headers["webhook-id"] for request in receiver.requests]
    assert len(set(ids)) == 4
    with pytest.raises(AssertionError):
        verify(receiver.requests[0], "whsec_" + "A" * 32)
    kept = wait_until(lambda: len(deliveries(office, mine, state="delivered")) == 4 and deliveries(office, mine),
                      "four settled deliveries")
    assert [one["webhook_id"] for one in reversed(kept)] == ids
    assert {one["subject"] for one in kept} == {f"task:{task['id']}"}
    assert kept[0]["body"] == told[3] and kept[0]["last_answer"] == "200"
