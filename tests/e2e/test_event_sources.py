"""Events told by signature: who may, what is refused and why, one effect per webhook-id, and a change of secrets."""

import concurrent.futures
import json
import time

import pytest

from rig import Desk, Handbox, wait_until
from rig.desk import assign, manual_sms
from rig.hooks import sign

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER = "whsec_" + "A" * 32


@pytest.fixture(scope="module")
def daemon(module_folder, sendsms):
    hb = Handbox(module_folder / "told", sendsms_url=sendsms.url).start()
    yield hb
    hb.stop()


@pytest.fixture(scope="module")
def desk(daemon):
    people = Desk(daemon)
    people.ana = people.person("ana")
    people.publish("form", assign("ana") + manual_sms("Hi, you asked for {{ event.topic }}."),
                   '<settings reentry="concurrent"/><triggers><event name="form.sent"/></triggers>')
    people.form = people.client(None)
    yield people
    people.close()


@pytest.fixture
def source(desk):
    """source(**fields) registers one with SECRET; all are deleted afterwards."""
    made = []

    def register(**fields):
        body = {"name": f"Form {time.monotonic_ns()}", "events": ["form.sent"], "secret": SECRET, **fields}
        made.append(desk.shell.post("/event-sources", body).expect(201).json)
        return made[-1]
    yield register
    for one in made:
        desk.shell.delete(f"/event-sources/{one['id']}")


def letter(contact, topic="prices"):
    return json.dumps({"contact": {"id": contact["id"]}, "data": {"topic": topic}}).encode()


def signed(body, secret=SECRET, at=None, webhook_id=None):
    """The headers of a sender; each call is another message unless an id is given."""
    at = str(int(time.time()) if at is None else at)
    webhook_id = webhook_id or f"msg_{time.monotonic_ns()}"
    return {"Content-Type": "application/json", "webhook-id": webhook_id, "webhook-timestamp": at,
            "webhook-signature": sign(secret, webhook_id, at, body)}


def tell(client, source, body, headers, event="form.sent"):
    return client.request("POST", f"/events/{event}", body, headers, {"source": source["id"]})


def shown(desk, source):
    return desk.shell.get(f"/event-sources/{source['id']}").expect(200).json


def runs(desk, contact):
    return desk.shell.items("/enrollments", workflow="form", contact=contact["id"])


def test_registered_shown_changed_deleted(desk):
    made = desk.shell.post("/event-sources", {"name": "Website form", "events": ["form.sent", "form.left"]}).expect(201)
    path = f"/event-sources/{made['id']}"
    assert made["secret"].startswith("whsec_") and made.headers["location"] == "/api/v1" + path
    assert made["last_used_at"] is None and made["last_refused"] is None
    for answer in (desk.shell.get(path), desk.shell.get("/event-sources"), desk.shell.get("/audit")):
        assert made["secret"] not in answer.expect(200).text
    desk.shell.post("/event-sources", {"name": "Website form", "events": ["*"]}).problem(409, "duplicate")
    assert desk.shell.patch(path, {"name": "Form", "events": ["*"]}).expect(200)["events"] == ["*"]
    assert shown(desk, made)["name"] == "Form"
    desk.shell.delete(path).expect(204)
    desk.shell.get(path).problem(404, "not_found")
    acts = {entry["act"] for entry in desk.shell.items("/audit", subject=f"event_source:{made['id']}")}
    assert acts == {"event_source_added", "event_source_changed", "event_source_removed"}


@pytest.mark.parametrize("field, value, member", [
    ("events", ["form sent"], "events[0]"), ("events", ["a", "*"], "events[1]"), ("secret", "whsec_c2hvcnQ=", "secret"),
    ("secret", "topsecret", "secret")])
def test_what_is_no_source(desk, field, value, member):
    body = {"name": "odd", "events": ["form.sent"], field: value}
    assert desk.shell.post("/event-sources", body).problem(422, "invalid")["member"] == member


def test_only_admins(desk):
    for who in (desk.ana, desk.program()):
        who.get("/event-sources").problem(403, "forbidden")
        who.post("/event-sources", {"name": "x", "events": ["*"]}).problem(403, "forbidden")
    desk.program("read,admin").get("/event-sources").expect(200)
    desk.person("audrey", "auditor", "read,admin").get("/event-sources").expect(200)


def test_a_signed_event_makes_a_task(desk, source):
    mine, contact = source(), desk.contact()
    body = letter(contact)
    taken = tell(desk.form, mine, body, signed(body)).expect(202)
    assert taken["workflows"] == ["form"] and taken["data"] == {"topic": "prices"}
    (task,) = desk.shell.items("/tasks", contact=contact["id"])
    assert task["text"] == "Hi, you asked for prices." and task["assignee"]["login"] == "ana"
    state = shown(desk, mine)
    assert state["last_used_at"] and state["last_refused"] is None
    (run,) = runs(desk, contact)
    assert mine["name"] in json.dumps(desk.shell.items(f"/enrollments/{run['id']}/journal"))


def unsigned(body):
    return {k: v for k, v in signed(body).items() if k != "webhook-id"}


def in_the_header(body, **changed):
    return {**signed(body), **changed}


@pytest.mark.parametrize("make, code", [
    (lambda body: signed(body, OTHER), "bad_signature"),
    (lambda body: signed(body + b" "), "bad_signature"),
    (lambda body: in_the_header(body, **{"webhook-id": "msg_other"}), "bad_signature"),
    (lambda body: in_the_header(body, **{"webhook-timestamp": str(int(time.time()) - 1)}), "bad_signature"),
    (lambda body: in_the_header(body, **{"webhook-timestamp": "now"}), "bad_signature"),
    (lambda body: in_the_header(body, **{"webhook-signature": ""}), "bad_signature"),
    (unsigned, "bad_signature"),
    (lambda body: signed(body, at=int(time.time()) - 310), "stale_timestamp"),
    (lambda body: signed(body, at=int(time.time()) + 310), "stale_timestamp")])
def test_what_is_refused(desk, source, make, code):
    mine, contact = source(), desk.contact()
    body = letter(contact)
    said = tell(desk.form, mine, body, make(body)).problem(401, code)
    refused = shown(desk, mine)["last_refused"]
    assert (refused["code"], refused["detail"]) == (code, said["detail"])
    assert runs(desk, contact) == [] and shown(desk, mine)["last_used_at"] is None


def test_the_window_is_five_minutes_either_way(desk, source):
    mine, contact = source(), desk.contact()
    body = letter(contact)
    for off_s in (-290, 290):
        tell(desk.form, mine, body, signed(body, at=int(time.time()) + off_s)).expect(202)


def test_which_source(desk, source):
    mine, contact = source(), desk.contact()
    body = letter(contact)
    desk.form.request("POST", "/events/form.sent", body, signed(body)).problem(401, "bad_signature")
    desk.form.request("POST", "/events/form.sent", body, signed(body), {"source": "4711"}).problem(401, "bad_signature")
    desk.form.request("POST", "/events/form.sent", body, signed(body), {"source": mine["id"], "x": 1}).problem(400, "bad_request")
    # a signature opens nothing else, and a token needs no source
    desk.form.request("GET", "/contacts", None, signed(b"")).problem(401, "unauthenticated")
    desk.program("enroll").request("POST", "/events/form.sent", body, {"Content-Type": "application/json"}).expect(202)
    desk.program("enroll").request("POST", "/events/form.sent", body, {"Content-Type": "application/json"},
                                   {"source": mine["id"]}).problem(400, "bad_request")


def test_only_its_own_events(desk, source):
    mine, contact = source(events=["form.left"]), desk.contact()
    body = letter(contact)
    assert "form.left" in tell(desk.form, mine, body, signed(body)).problem(403, "forbidden")["detail"]
    assert shown(desk, mine)["last_refused"]["code"] == "forbidden" and runs(desk, contact) == []
    desk.shell.patch(f"/event-sources/{mine['id']}", {"events": ["*"]}).expect(200)
    tell(desk.form, mine, body, signed(body)).expect(202)


def test_why_nothing_comes(desk, source):
    """What is signed well and still refused stands at the source too."""
    mine = source()
    nobody = letter({"id": "4711"})
    tell(desk.form, mine, nobody, signed(nobody)).problem(404, "not_found")
    assert shown(desk, mine)["last_refused"]["code"] == "not_found"
    broken = b'{"contact": 1}'
    tell(desk.form, mine, broken, signed(broken)).problem(400, "bad_request")
    wait_until(lambda: shown(desk, mine)["last_refused"]["code"] == "bad_request", lambda: shown(desk, mine))
    listed = desk.hb.cli("event-source", "list").stdout
    assert "bad_request" in listed and mine["name"] in listed


def test_one_message_a_hundred_times_at_once_has_one_effect(desk, source):
    mine, contact = source(), desk.contact()
    body = letter(contact)
    headers = signed(body)

    def one(_):
        client = desk.hb.client(None)
        try:
            return tell(client, mine, body, headers)
        finally:
            client.close()
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(one, range(100)))
    assert {(a.status, a.text) for a in answers} == {(202, answers[0].text)}
    assert len(runs(desk, contact)) == 1
    # signed anew when it is sent again later, it is still the same message
    again = signed(body, at=int(time.time()) + 1, webhook_id=headers["webhook-id"])
    assert tell(desk.form, mine, body, again).expect(202).text == answers[0].text
    other = letter(contact, "boats")
    tell(desk.form, mine, other, signed(other, webhook_id=headers["webhook-id"])).problem(409, "idempotency_mismatch")
    assert len(runs(desk, contact)) == 1
    # another source has its own ids
    tell(desk.form, source(), body, headers).expect(202)
    assert len(runs(desk, contact)) == 2


def test_two_secrets_for_a_time(desk, source):
    mine, contact = source(), desk.contact()
    body = letter(contact)
    path = f"/event-sources/{mine['id']}"
    desk.shell.post(path + "/rotate", {"until": "2020-01-01T00:00:00Z"}).problem(422, "invalid")
    fresh = desk.shell.post(path + "/rotate").expect(200)
    assert fresh["secret"] != SECRET and fresh["former_secret_until"]
    for secret in (SECRET, fresh["secret"]):
        tell(desk.form, mine, body, signed(body, secret)).expect(202)
    both = signed(body, SECRET)
    both["webhook-signature"] = "v1,AAAA " + sign(OTHER, both["webhook-id"], both["webhook-timestamp"], body) + " " + \
        both["webhook-signature"]
    tell(desk.form, mine, body, both).expect(202)
    assert desk.shell.patch(path, {"end_rotation": True}).expect(200)["former_secret_until"] is None
    tell(desk.form, mine, body, signed(body, SECRET)).problem(401, "bad_signature")
    tell(desk.form, mine, body, signed(body, fresh["secret"])).expect(202)
    until = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 2))
    newest = desk.shell.post(path + "/rotate", {"until": until}).expect(200)["secret"]
    deadline = time.monotonic() + 20
    while tell(desk.form, mine, body, signed(body, fresh["secret"])).status == 202:
        assert time.monotonic() < deadline, "the former secret is still taken"
    tell(desk.form, mine, body, signed(body, newest)).expect(202)


def test_from_a_shell(desk):
    contact = desk.contact()
    body = letter(contact)
    added = desk.hb.cli("event-source", "add", "Shop", "--events", "form.sent,form.left").stdout
    secret = added.split()[-1]
    (mine,) = [one for one in desk.shell.items("/event-sources") if one["name"] == "Shop"]
    assert mine["events"] == ["form.sent", "form.left"] and mine["id"] in added
    tell(desk.form, mine, body, signed(body, secret)).expect(202)
    fresh = desk.hb.cli("event-source", "rotate", mine["id"], "--until", "2099-01-01T00:00:00Z", expect=1)
    assert "30 days" in fresh.stderr
    tell(desk.form, mine, body, signed(body, desk.hb.cli("event-source", "rotate", mine["id"]).stdout.split()[-1])).expect(202)
    assert "deleted" in desk.hb.cli("event-source", "delete", mine["id"]).stdout
    tell(desk.form, mine, body, signed(body, secret)).problem(401, "bad_signature")


def test_guessing_is_slowed_down(desk, source):
    mine, contact = source(), desk.contact()
    body = letter(contact)
    for _ in range(100):
        tell(desk.form, mine, body, signed(body, OTHER)).problem(401, "bad_signature")
    slow = tell(desk.form, mine, body, signed(body, OTHER))
    slow.problem(429, "throttled")
    assert int(slow.headers["retry-after"]) > 0
    # the others are not touched
    tell(desk.form, source(), body, signed(body)).expect(202)
