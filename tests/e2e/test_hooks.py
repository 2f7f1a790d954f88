"""Hooks: another system is told, signed, in order, again until it takes it, and only where that is allowed."""

import socket
import time

import pytest

from rig import CLOSE, Desk, Handbox, Receiver, wait_until
from rig.desk import assign, manual_sms, workflow
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


def test_tried_again_after_a_failure_with_the_same_id_and_in_the_order_of_the_task(office, receiver, hook):
    receiver.answers((500, "out of order"), CLOSE)
    mine = hook("task.created", "task.cancelled", "task.skipped")
    task, other = office.task(), office.task()
    office.shell.post(f"/tasks/{task['id']}/skip", {"reason": "no need"}).expect(200)
    receiver.wait_requests(5)
    heard = receiver.heard()
    about = [(one["data"]["task"]["id"], one["type"], webhook_id) for webhook_id, one in heard]
    first = [(kind, webhook_id) for about_task, kind, webhook_id in about if about_task == task["id"]]
    assert [kind for kind, _ in first][-1] == "task.skipped"
    assert {kind for kind, _ in first[:-1]} == {"task.created"}, "the later one waits for the earlier one"
    assert len({webhook_id for _, webhook_id in first[:-1]}) == 1, "the same id at each attempt"
    assert any(about_task == other["id"] for about_task, _, _ in about), "another task does not wait for it"
    wait_until(lambda: all(one["state"] == "delivered" for one in deliveries(office, mine)), "all to be delivered")
    assert sum(one["attempts"] for one in deliveries(office, mine)) >= 4, "libcurl may itself repeat on a closed connection"
    for request in receiver.requests:
        verify(request, mine["secret"])


def test_silence_is_given_15_seconds(office, receiver, hook):
    receiver.answers(None)
    mine = hook("task.created")
    began = time.monotonic()
    office.task()
    receiver.wait_requests(1)
    assert office.shell.get("/tasks/counts").expect(200), "nobody waits for it"
    delivery_in(office, mine, "delivered", attempts=2, timeout_s=40)
    assert 14 < time.monotonic() - began < 35
    assert len({webhook_id for webhook_id, _ in receiver.heard()}) == 1


def test_410_disables_and_enabling_sends_what_waits(office, receiver, hook):
    receiver.answers((410, ""))
    mine = hook("task.created")
    office.task()
    gone = delivery_in(office, mine, "failed")
    assert gone["last_answer"].startswith("410")
    shown = office.shell.get(f"/hooks/{mine['id']}").expect(200)
    assert not shown["enabled"] and "410" in shown["disabled_reason"]
    office.task()
    path = f"/hooks/{mine['id']}/deliveries/{gone['id']}/replay"
    office.shell.post(path).problem(409, "bad_state")
    office.shell.patch(f"/hooks/{mine['id']}", {"enabled": True}).expect(200)
    office.task()
    receiver.wait_requests(2)
    assert len(receiver.requests) == 2, "what happened while it was disabled is not told"


def test_a_redirect_is_no_answer(office, receiver, hook):
    with Receiver() as elsewhere:
        receiver.answers(f"HTTP/1.1 302 Found\r\nLocation: {url_of(elsewhere)}\r\nContent-Length: 0\r\n\r\n".encode())
        mine = hook("task.created")
        office.task()
        done = delivery_in(office, mine, "delivered", attempts=2)
        assert done["attempts"] == 2 and elsewhere.requests == [] and len(receiver.requests) == 2


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "127.0.0.1.nip.invalid", "0.0.0.0", "[::ffff:127.0.0.1]"])
def test_private_addresses_are_refused_when_connecting(office, receiver, hook, host):
    mine = hook("task.created", url=f"http://{host}:{receiver.port}/hook")
    office.task()
    tried = delivery_in(office, mine, "waiting")
    if "invalid" not in host:
        assert "hook-allow" in tried["last_answer"], tried
    assert receiver.requests == [] and tried["next_at"]


def test_a_reload_allows_another_host(office, daemon, receiver, hook):
    mine = hook("task.created", url=f"http://127.0.0.1:{receiver.port}/hook")
    office.task()
    assert "hook-allow" in delivery_in(office, mine, "waiting")["last_answer"]
    daemon.write_conf(hook_allow=f"localhost, 127.0.0.1:{receiver.port}")
    daemon.proc.signal(1)
    delivery_in(office, mine, "delivered")
    daemon.write_conf(hook_allow="localhost")
    daemon.proc.signal(1)


def test_replayed_as_it_was(office, receiver, hook):
    mine = hook("task.created")
    office.task()
    done = delivery_in(office, mine, "delivered")
    again = office.shell.post(f"/hooks/{mine['id']}/deliveries/{done['id']}/replay").expect(200)
    assert again["state"] == "waiting"
    first, second = receiver.wait_requests(2)
    assert first.body == second.body and first.headers["webhook-id"] == second.headers["webhook-id"]
    verify(second, mine["secret"])
    office.shell.post(f"/hooks/{mine['id']}/deliveries/4711/replay").problem(404, "not_found")


def test_two_secrets_while_one_is_exchanged(office, receiver, hook):
    mine = hook("task.created")
    path = f"/hooks/{mine['id']}"
    changed = office.shell.patch(path, {"secret": None}).expect(200)
    assert changed["secret"] not in (None, mine["secret"]) and changed["former_secret_until"]
    office.task()
    (request,) = receiver.wait_requests(1)
    verify(request, mine["secret"])
    verify(request, changed["secret"])
    assert office.shell.patch(path, {"end_rotation": True}).expect(200)["former_secret_until"] is None
    office.task()
    request = receiver.wait_requests(2)[1]
    verify(request, changed["secret"])
    assert sign(mine["secret"], request.headers["webhook-id"], request.headers["webhook-timestamp"],
                request.body) not in request.headers["webhook-signature"]


def test_a_step_calls_a_hook_by_name_and_a_url_with_the_instances_key(office, receiver, hook):
    mine = hook(name="by-name")
    url = url_of(receiver) + "/direct"
    office.publish("calls", assign("eva") + '<call-hook id="a" hook="by-name" event="lead.one"/>'
                   f'<call-hook id="b" url="{url}" event="lead.two"/>' + manual_sms("Hi"))
    contact = office.contact()
    office.enroll("calls", contact["id"])
    requests = receiver.wait_requests(2)
    by_type = {r.path: r for r in requests}
    one = verify(by_type["/hook"], mine["secret"])
    assert one["type"] == "lead.one" and one["data"]["contact"]["phone_e164"] == contact["phone_e164"]
    assert one["data"]["enrollment"]["step"] == "a" and one["data"]["enrollment"]["visit"] == 1
    key = office.shell.get("/hooks/key").expect(200)["secret"]
    assert verify(by_type["/hook/direct"], key)["type"] == "lead.two"
    (written,) = [one for one in office.shell.items("/hooks") if one["kind"] == "written_out"]
    assert written["url"] == url
    office.shell.patch(f"/hooks/{written['id']}", {"url": url_of(receiver)}).problem(409, "bad_state")
    fresh = office.shell.post("/hooks/key/rotate").expect(200)
    assert fresh["secret"] != key and fresh["former_secret_until"]
    (enrollment,) = office.shell.items("/enrollments", contact=contact["id"])
    kinds = [line["kind"] for line in office.shell.items(f"/enrollments/{enrollment['id']}/journal")]
    assert kinds.count("hook_called") == 2
    office.shell.delete(f"/hooks/{mine['id']}").expect(204)
    office.shell.patch(f"/hooks/{written['id']}", {"enabled": False}).expect(200)
    other = office.contact()
    office.enroll("calls", other["id"])
    (enrollment,) = office.shell.items("/enrollments", contact=other["id"])
    reasons = [line["detail"]["reason"] for line in office.shell.items(f"/enrollments/{enrollment['id']}/journal")
               if line["kind"] == "hook_not_called"]
    assert reasons == ["no_such_hook", "hook_disabled"]


def test_publishing_names_a_hook_that_is_not_there(office, receiver, hook):
    def save(step):
        return office.shell.put("/workflows/misnamed", workflow("misnamed", assign("eva") + step + manual_sms("Hi")))
    wrong = save('<call-hook id="a" hook="crmm" event="x"/>').problem(422, "invalid_workflow")
    assert [(e["code"], e["step"]) for e in wrong["errors"]] == [("unknown_hook", "a")]
    wrong = save('<call-hook id="a" url="https://user:pw@crm.example.com/" event="x"/>').problem(422, "invalid_workflow")
    assert [e["code"] for e in wrong["errors"]] == ["bad_url"]
    mine = hook(name="crmm", enabled=False)
    warned = save(f'<call-hook id="a" hook="{mine["name"]}" event="x"/>').expect(201)
    assert "disabled_hook" in [w["code"] for w in warned["warnings"]]


def test_other_events(office, eva, receiver, hook, daemon):
    mine = hook("contact.opted_out", "task.cancelled", "inbound.received", "enrollment.completed", "task.skipped")
    contact = office.contact()
    office.publish("brief", assign("eva") + manual_sms("Hi"))
    task = office.enroll("brief", contact["id"])
    daemon.plain("/kannel/inbound/rig-callback-secret?text=Hello&coding=0&charset=UTF-8&id=ev1"
                 f"&from=%2B{contact['phone_e164'][1:]}&to=12345&smsc=x&at=1", kannel_side=True)
    receiver.wait_requests(1)
    inbound = verify(receiver.requests[0], mine["secret"])
    assert inbound["type"] == "inbound.received" and inbound["data"]["message"]["text"] == "Hello"
    office.shell.post(f"/tasks/{task['id']}/skip", {"reason": "called"}).expect(200)
    receiver.wait_requests(3)
    assert set(receiver.types()[1:]) == {"task.skipped", "enrollment.completed"}
    task = office.task(contact["id"])
    office.shell.post(f"/contacts/{contact['id']}/opt-out", {"reason": "said so"}).expect(200)
    receiver.wait_requests(5)
    assert set(receiver.types()[3:]) == {"contact.opted_out", "task.cancelled"}
    told = next(one for _, one in receiver.heard() if one["type"] == "contact.opted_out")
    assert told["data"]["number"] == contact["phone_e164"] and told["data"]["reason"] == "said so"


@pytest.mark.fault_points
@pytest.mark.parametrize("point", ["hook_answered", "hook_settle"])
def test_killed_between_answer_and_settlement(module_folder, sendsms, receiver, point):
    hb = Handbox(module_folder / point, sendsms_url=sendsms.url, conf={"hook_allow": "localhost"})
    hb.env["HANDBOX_FAULT"] = f"{point}:kill:1"
    hb.start()
    office = Desk(hb)
    mine = office.shell.post("/hooks", {"name": "crm", "url": url_of(receiver), "events": ["task.created"]}).expect(201)
    office.task()
    wait_until(lambda: not hb.proc.alive(), "the daemon to die")
    office.close()
    hb.env.clear()
    hb.start()
    first, second = receiver.wait_requests(2)[:2]
    assert first.headers["webhook-id"] == second.headers["webhook-id"] and first.body == second.body
    office = Desk(hb)
    assert delivery_in(office, mine, "delivered")["attempts"] == 1
    assert len(receiver.requests) == 2
    office.close()
    hb.stop()


def test_a_dead_receiver_keeps_no_text_waiting(office, eva, receiver, hook):
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        hook("task.created", "task.sent", url=f"http://localhost:{deaf.getsockname()[1]}/")
        mine = hook("task.sent")
        began = time.monotonic()
        tasks = [office.task() for _ in range(20)]
        for task in tasks:
            office.message(office.approve(eva, task, "Hello"), "accepted")
        receiver.wait_requests(20)
        assert time.monotonic() - began < 12, "neither texts nor the other hook wait for it"
        wait_until(lambda: len(deliveries(office, mine, state="delivered")) == 20, "all told to the other")
