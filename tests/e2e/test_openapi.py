"""The description of the API against the daemon: every operation, the members it takes, their limits, who may call.

That answers are as described is checked with every call of every test here (tests/rig/openapi.py); this file sees to it
that each operation is answered at least once, and that what goes in is described as exactly as what comes out.
"""

import datetime
import json
import os
import re
import urllib.parse
from pathlib import Path

import pytest

from rig import CLOSE, Client, Desk, FakeSendsms, Handbox, wait_until
from rig.desk import assign, manual_sms, workflow
from rig.handbox import CALLBACK_SECRET
from rig.openapi import load

FILE = os.environ["HANDBOX_OPENAPI"]
DESCRIPTION = load(FILE)
PASSWORD = "correct horse battery"
BUILT = [op for op in DESCRIPTION.operations if op.path.startswith("/api/v1/") and not op.spec.get("x-not-built")]
NOT_BUILT = [op for op in DESCRIPTION.operations if op.spec.get("x-not-built")]


def named(ops):
    return {"argvalues": ops, "ids": [op.name for op in ops]}


class Browser(Client):
    """Signed in, with cookie and CSRF token."""

    cookie = csrf = None

    def request(self, method, path, body=None, headers=None, **options):
        sent = {"Cookie": self.cookie, "X-CSRF-Token": self.csrf} if self.cookie else {}
        return super().request(method, path, body, {**sent, **(headers or {})}, **options)

    def sign_in(self, login):
        answer = self.post("/session", {"login": login, "password": PASSWORD}).expect(200)
        self.cookie, self.csrf = answer.headers["set-cookie"].partition(";")[0], answer["csrf_token"]
        return self


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
def browser(desk):
    """browser("ana", "lead") is a new user, signed in."""
    def make(login, role):
        desk.shell.post("/users", {"login": login, "role": role, "password": PASSWORD}).expect(201)
        client = Browser("127.0.0.1", desk.hb.port)
        desk.clients.append(client)
        return client.sign_in(login)
    return make


@pytest.fixture(scope="module")
def admin(browser):
    return browser("boss", "admin")


def call(client, op, body=None, query=None, **options):
    """One call with parameters in the path that name nothing."""
    fill = {"id": "nothing" if "/workflows/" in op.path else "1"}
    path = re.sub(r"\{(\w+)\}", lambda m: fill.get(m[1], "x"), op.path).removeprefix("/api/v1")
    return client.request(op.method, path, body, query=query, **options)


def test_it_is_served_to_everybody(desk):
    anybody = desk.client(None)
    served = anybody.get("/openapi.json").expect(200)
    assert served.json == json.loads(Path(FILE).read_text(encoding="utf-8"))
    assert anybody.request("HEAD", "/openapi.json").expect(200).text == ""
    assert anybody.post("/openapi.json").problem(405, "method_not_allowed")


# ---- what goes in


def known_in(answer, name):
    """The members or parameters that a refusal of an unknown one lists."""
    problem = answer.problem(400, "bad_request")
    assert problem["member"] == name, problem
    known = problem["detail"].partition("known are: ")[2]
    return set() if known in ("", "(none)") else set(known.rstrip(".").split(", "))


@pytest.mark.parametrize("op", **named(BUILT))
def test_query_parameters_are_the_known_ones(admin, op):
    said = {p["name"] for p in op.spec.get("parameters", []) if p["in"] == "query"}
    assert known_in(call(admin, op, query={"zzz": 1}), "zzz") == said


def json_body(op):
    return op.spec.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")


TAKES_JSON = [op for op in BUILT if json_body(op)]


@pytest.mark.parametrize("op", **named(TAKES_JSON))
def test_members_are_the_known_ones(admin, op):
    schema = json_body(op)
    assert known_in(call(admin, op, {"zzz": 1}), "zzz") == schema["properties"].keys()
    required = schema.get("required", [])
    if op.spec["requestBody"]["required"] and required:
        assert call(admin, op, {}).problem(400, "bad_request")["member"] in schema["properties"]
    for name, member in schema["properties"].items():
        nested = next((s for s in [member, *member.get("anyOf", [])] if "properties" in s and "team" not in s["properties"]), None)
        if nested:
            assert known_in(call(admin, op, {name: {"zzz": 1}}), f"{name}.zzz") == nested["properties"].keys()


def parts_of(schema):
    """The schema, or its alternatives, each with one type."""
    if "anyOf" in schema:
        for part in schema["anyOf"]:
            yield from parts_of(part)
        return
    kinds = schema.get("type", [])
    for kind in kinds if isinstance(kinds, list) else [kinds]:
        yield kind, schema


def wrong_values(schema):
    """Values just beyond what the schema takes."""
    kinds = dict(parts_of(schema))
    if not kinds:
        return
    if "null" not in kinds:
        yield None
    if "boolean" not in kinds:
        yield True
    text, number, items = kinds.get("string"), kinds.get("integer"), kinds.get("array")
    if not text:
        yield "zzz"
    else:
        if "maxLength" in text:
            yield "é" * (text["maxLength"] + 1)
        if text.get("minLength") and kinds.keys() == {"string"}:
            yield ""
        if "enum" in text or "format" in text or "pattern" in text and "maxLength" not in text:
            yield "no such word"
    if number:
        yield from (number["minimum"] - 1, number["maximum"] + 1)
    if items:
        right = "1" if "pattern" in items["items"] else items["items"].get("enum", ["x"])[0]
        yield [right] * (items["maxItems"] + 1)
        yield [{}]
        if items.get("minItems"):
            yield []


def right_values(schema):
    """Values at the edge of what the schema takes."""
    kinds = dict(parts_of(schema))
    text, number = kinds.get("string"), kinds.get("integer")
    if "null" in kinds:
        yield None
    if text and "enum" in text:
        yield from (word for word in text["enum"] if word)
    elif text and "maxLength" in text and "pattern" not in text and len(kinds) == 1 and not schema.get("anyOf"):
        yield "é" * text["maxLength"]
    if number:
        yield from (number["minimum"], number["maximum"])
    if "boolean" in kinds:
        yield True


def members(schema, prefix=""):
    for name, member in schema["properties"].items():
        yield name, member
        for part in member.get("anyOf", []):
            if "properties" in part and "team" not in part["properties"]:
                yield from (((name, inner), value) for inner, value in part["properties"].items())


# What is taken as JSON but refused for another reason, before or after this member.
NOT_BY_VALUE = {("enroll", member) for member in ("contacts", "test", "compress", "filter", "dry_run", "expect")}


@pytest.mark.parametrize("op", **named(TAKES_JSON))
def test_members_take_what_is_described(desk, admin, op):
    def answer(name, value):
        body = {name[0]: {name[1]: value}} if isinstance(name, tuple) else {name: value}
        return call(admin, op, body)
    for name, member in members(json_body(op)):
        at = ".".join(name) if isinstance(name, tuple) else name
        for value in wrong_values(member):
            found = answer(name, value)
            assert found.status == 400 and found["member"].partition("[")[0] == at, f"{at}: {value!r:.80} is taken: {found!r}"
        if op.name in ("session_start", "me_password_put", "channel_set", "me_patch") or (op.name, name) in NOT_BY_VALUE:
            continue
        for value in right_values(member):
            found = answer(name, value)
            refused = found.status == 400 and found.json.get("member", "").partition("[")[0] == at
            assert not refused, f"{at}: {value!r:.80} is refused: {found!r}"


@pytest.mark.parametrize("op", **named([op for op in BUILT if any(p["in"] == "query" for p in op.spec.get("parameters", []))]))
def test_parameters_take_what_is_described(admin, op):
    for parameter in op.spec["parameters"]:
        if parameter["in"] != "query":
            continue
        schema, name = parameter["schema"], parameter["name"]
        if schema["type"] == "array":
            schema = schema["items"]
        wrong = [schema["minimum"] - 1, schema["maximum"] + 1, "x"] if schema["type"] == "integer" else []
        wrong += ["x" * (schema["maxLength"] + 1)] if "maxLength" in schema else []
        wrong += ["no such word"] if "enum" in schema or "format" in schema or "pattern" in schema else []
        for value in wrong:
            found = call(admin, op, query={name: value})
            assert found.status == 400 and found["member"] == name, f"{name}={value!r:.80} is taken: {found!r}"
        for value in schema.get("enum", []):
            found = call(admin, op, query={name: value})
            assert found.status != 400 or found["member"] != name, f"{name}={value}: {found!r}"


def test_ids_that_are_none(admin):
    for path in ("/contacts/x", "/tasks/0", "/messages/-1", "/enrollments/99999999999999999999", "/users/NO", "/teams/x"):
        admin.get(path).problem(404, "not_found")


# ---- who may


def test_nobody_may(desk):
    anybody = desk.client(None)
    for op in BUILT + NOT_BUILT:
        if op.spec["security"]:
            call(anybody, op).problem(401, "unauthenticated")


def test_machines_may_not_act_as_persons(desk):
    machine = desk.program("read,contacts,workflows,enroll,tasks,admin")
    for op in BUILT:
        if op.spec["security"] and op.name not in ("me_get", "me_patch"):
            answer = call(machine, op, query={"zzz": 1})
            code = "human_required" if op.spec.get("x-human") else "bad_request"
            assert answer["code"] == code, f"{op.name}: {answer!r}"


def test_roles_may(browser):
    """x-role is what a person needs; an auditor reads everything."""
    people = {role: browser(f"a-{role}", role) for role in ("agent", "lead", "admin", "auditor")}
    enough = {None: {"agent", "lead", "admin"}, "lead": {"lead", "admin"}, "admin": {"admin"}}
    for op in BUILT:
        for role, client in people.items():
            reads = op.method == "GET" and role == "auditor"
            may = role in enough[op.spec.get("x-role")] or reads or op.spec.get("x-self") or not op.spec["security"]
            answer = call(client, op, query={"zzz": 1})
            assert answer.status == (400 if may else 403), f"{op.name} as {role}: {answer!r}"


def test_tokens_need_each_scope(desk):
    """Every scope that is named is needed, and no more."""
    desk.person("scoped", "admin")
    for op in BUILT:
        scopes = next((s["bearer"] for s in op.spec["security"] if "bearer" in s), None)
        if scopes is None or not op.spec["security"]:
            continue
        client = desk.client(desk.hb.token("scoped", ",".join(scopes or ["read"])))
        assert call(client, op, query={"zzz": 1}).status == 400, op.name
        for missing in scopes:
            less = [s for s in scopes if s != missing] or ["enroll" if missing != "enroll" else "read"]
            client = desk.client(desk.hb.token("scoped", ",".join(less)))
            call(client, op, query={"zzz": 1}).problem(403, "forbidden")


@pytest.mark.parametrize("op", **named(NOT_BUILT))
def test_not_built_says_so(admin, op):
    call(admin, op).problem(501, "not_built")


# ---- what comes out


def walk_people(admin):
    admin.patch("/me", {"first_name": "Bo"}).expect(200)
    admin.get("/me").expect(200)
    admin.get("/session").expect(200)
    admin.put("/me/password", {"current_password": PASSWORD, "password": PASSWORD + "!"}).expect(204)
    token = admin.post("/tokens", {"kind": "personal", "name": "t", "scopes": ["read"]}).expect(201)
    admin.items("/tokens", limit=1)
    admin.delete(f"/tokens/{token['id']}").expect(204)
    user = admin.post("/users", {"login": "walker", "role": "agent", "first_name": "Wa", "email": "w@example.com"}).expect(201)
    assert user["login_link"]
    admin.get("/users/walker").expect(200)
    assert "login_link" in admin.patch("/users/walker", {"password": None}).expect(200).json
    admin.patch("/users/walker", {"role": "lead"}).expect(200)
    team = admin.post("/teams", {"name": "walkers", "members": ["walker"]}).expect(201)
    admin.put(f"/teams/{team['id']}", {"name": "walkers", "members": []}).expect(200)
    admin.get(f"/teams/{team['id']}").expect(200)
    admin.items("/teams", limit=1)
    admin.delete(f"/teams/{team['id']}").expect(204)
    admin.post("/users/walker/deactivate", {}).expect(200)
    admin.items("/users", limit=2)


def walk_contacts(admin):
    contact = admin.post("/contacts", {"external_id": "w-1", "first_name": "Maria", "phone": "+351912000100", "owner": "boss",
                                       "custom": {"plan": "pro"}, "tags": ["a"], "email": "m@example.com"}).expect(201)
    path = f"/contacts/{contact['id']}"
    admin.post("/contacts?upsert=external_id", {"external_id": "w-1", "last_name": "Costa"}).expect(200)
    admin.post("/contacts", {"phone": "+351 912 000 100"}).problem(409, "duplicate")
    admin.post("/contacts", {"owner": "nobody-here"}).problem(422, "unknown_user")
    admin.patch(path, {"country": "PT"}, headers={"If-Match": contact.headers["etag"]}).problem(412, "precondition_failed")
    admin.patch(path, {"country": "PT", "timezone": "Europe/Lisbon", "custom": None}).expect(200)
    admin.put(path + "/tags/vip", None).expect(204)
    admin.delete(path + "/tags/vip").expect(204)
    admin.get(path).expect(200)
    for phone in ("", "ask her", "+351210000000", "+3519"):
        admin.post("/contacts", {"phone": phone}).expect(201)
    admin.items("/contacts", limit=3)
    admin.post(path + "/opt-out", {"reason": "asked"}).expect(200)
    admin.post(path + "/opt-in", {"evidence": "asked again, in writing"}).expect(200)
    admin.post(path + "/opt-in", {"evidence": "twice"}).problem(409, "bad_state")
    admin.get(path + "/messages").expect(200)
    admin.delete(path).expect(204)


def walk_migration(admin):
    """Of the walked workflow's only version so far, with an enrollment on it, to one without its step, and back."""
    admin.put("/workflows/walk", workflow("walk", assign("boss") + manual_sms("Hello", step="greet"))).expect(200)
    admin.post("/workflows/walk/publish").expect(200)
    there = {"from": 1, "to": 2, "map": {"hello": "greet"}, "reason": "walked"}
    admin.post("/workflows/walk/migrate", {**there, "map": {}, "dry_run": True}).expect(200)
    admin.post("/workflows/walk/migrate", {**there, "map": {}}).problem(422, "invalid")
    admin.post("/workflows/walk/migrate", {**there, "expect": 7}).problem(409, "count_differs")
    admin.post("/workflows/walk/migrate", {**there, "refresh": True}).expect(200)
    admin.post("/workflows/walk/migrate", {"from": 2, "to": 1, "map": {"greet": "hello"}}).expect(200)
    admin.items("/workflows/walk/versions")


def walk_workflows(desk, admin):
    xml = workflow("walk", assign("boss") + manual_sms("Hi {{ contact.first_name }}, {{ user.first_name }}"))
    made = admin.post("/workflows", xml).expect(201)
    admin.post("/workflows", xml).problem(409, "exists")
    admin.put("/workflows/walk", workflow("walk", "<nonsense/>")).problem(422, "invalid_workflow")
    admin.put("/workflows/walk", xml, headers={"If-Match": '"99"'}).problem(412, "precondition_failed")
    admin.put("/workflows/walk", xml, headers={"If-Match": made.headers["etag"]}).expect(200)
    admin.post("/workflows", {"name": "An empty one"}).expect(201)
    admin.post("/workflows/walk/publish", {"note": "first"}).expect(200)
    for accept in ("application/json", "application/xml"):
        admin.request("GET", "/workflows/walk", headers={"Accept": accept}).expect(200)
    admin.items("/workflows", limit=1)
    admin.items("/workflows/walk/versions", limit=1)
    admin.post("/workflows/walk/adopt").expect(200)
    contact = desk.contact()["id"]
    results = admin.post("/workflows/walk/enrollments", {"contacts": [contact, "1"]}).expect(200)["results"]
    admin.get("/workflows/walk/diff").expect(200)
    walk_migration(admin)
    guinea = admin.post("/contacts", {"first_name": "Test", "test": True, "tags": ["guinea"]}).expect(201)["id"]
    admin.post("/workflows/walk/enrollments", {"filter": {"tag": "guinea"}, "dry_run": True}).expect(200)
    job = admin.post("/workflows/walk/enrollments", {"filter": {"tag": "guinea"}, "test": True}).expect(202)["id"]
    wait_until(lambda: admin.get(f"/jobs/{job}").expect(200)["state"] == "done", "the job to end")
    gone = {"filter": {"tag": "guinea", "test": True}, "reason": "walked"}
    admin.post("/workflows/walk/enrollments/remove", {**gone, "dry_run": True}).expect(200)
    admin.post("/workflows/walk/enrollments/remove", gone).expect(202)
    admin.post(f"/contacts/{guinea}/reset").expect(200)
    assert [r["outcome"] for r in results] == ["enrolled", "unknown_contact"]
    enrollment = f"/enrollments/{results[0]['enrollment']}"
    admin.get(enrollment).expect(200)
    admin.items(enrollment + "/journal", limit=1)
    admin.get("/why", workflow="walk").expect(200)
    assert admin.get("/why", workflow="walk", contact=contact).expect(200)["first_failure"] is None
    admin.delete(enrollment, query={"reason": "enough"}).expect(200)
    admin.delete(enrollment).problem(409, "bad_state")
    admin.get("/why", workflow="walk", contact=contact).expect(200)
    admin.items("/enrollments", limit=1)
    admin.post("/workflows/walk/unpublish", {"pending_tasks": "cancel"}).expect(200)
    admin.delete("/workflows/walk").expect(204)


def walk_tasks(desk, admin):
    ahead = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=1)).isoformat(timespec="seconds")
    task = admin.post("/tasks", {"contact": desk.contact()["id"], "name": "call", "text": "Hi [name]", "assignee": "boss",
                                 "due": "2030-01-01T10:00:00+01:00"}).expect(201)
    path = f"/tasks/{task['id']}"
    for end in ("", "/card", "/why"):
        admin.get(path + end).expect(200)
    admin.post(path + "/check", {"text": "x"}).problem(409, "leased")
    card = admin.post(path + "/open").expect(200)
    other = desk.person("other", "lead")
    assert other.post(path + "/open").problem(409, "leased")["holder"]["login"] == "boss"
    admin.post(path + "/check", {"text": "Olá 😀"}).expect(200)
    admin.put(path + "/draft", {"text": "draft"}).expect(200)
    admin.post(path + "/renew").expect(200)
    admin.post(path + "/send", {"receipt": card["receipt"], "text": " "}).problem(422, "guard_refused")
    admin.post(path + "/send", {"receipt": "1-00", "text": "x"}).problem(409, "receipt_stale")
    admin.post(path + "/release").expect(200)
    admin.post(path + "/snooze", {"until": ahead}).expect(200)
    admin.post(path + "/resume").expect(200)
    admin.post(path + "/reassign", {"assignee": None}).expect(200)
    admin.get("/tasks/next", q="Rui").expect(200)
    admin.post("/tasks/next", {"resume": True}).expect(200)
    admin.get("/tasks/next", workflow="none-such").expect(204)
    admin.post("/tasks/next", {"filter": {"workflow": "none-such"}}).expect(204)
    admin.post(path + "/skip", {"reason": "no answer"}).expect(200)
    admin.post(path + "/skip", {"reason": "again"}).problem(409, "not_pending")
    admin.post(path + "/reopen").expect(200)
    for body in (None, {}, {"reason": None}, {"reason": " "}):
        for act in ("/skip", "/cancel"):
            assert admin.post(path + act, body).problem(400, "bad_request")["member"] in ("reason", None)
    admin.post(path + "/cancel", {"reason": "made by mistake"}).expect(200)
    admin.post("/tasks/bulk", {"action": "send", "ids": ["1"]}).problem(422, "human_required")
    admin.post("/tasks/bulk", {"action": "skip"}).problem(400, "bad_request")
    admin.post("/tasks/bulk", {"action": "skip", "filter": {"workflow": "none-such"}, "dry_run": True}).expect(200)
    admin.post("/tasks/bulk", {"action": "skip", "filter": {"workflow": "none-such"}, "expect": 1}).problem(409, "count_differs")
    admin.post("/tasks/bulk", {"action": "skip", "filter": {"workflow": "none-such"}}).expect(200)
    admin.items("/tasks", order="closing", limit=1)
    admin.patch(path, {"due": ahead}).problem(409, "not_pending")
    later = admin.post("/tasks", {"contact": task["contact"]["id"], "name": "x", "text": "y"}).expect(201)
    changed = admin.patch(f"/tasks/{later['id']}", {"due": ahead, "priority": 3}).expect(200)
    assert changed["priority"] == 3 and changed["due_at"] and changed["expires_at"] is None
    admin.patch(f"/tasks/{later['id']}", {"expires": "2001-01-01T00:00:00Z"}).problem(422, "invalid")
    admin.post("/tasks/bulk", {"action": "snooze", "ids": [later["id"]], "until": "hours"}).expect(200)
    admin.post(path + "/snooze", {"until": "tomorrow"}).problem(400, "bad_request")
    assert admin.post(path + "/snooze", {"until": "hours"}).problem(422, "invalid")["member"] == "until", "they are open"
    admin.items("/tasks", limit=1)
    admin.get("/tasks/counts").expect(200)
    admin.get("/tasks/counts", state="pending,held").expect(200)


def walk_messages(desk, admin, sendsms):
    task = desk.task()
    receipt = desk.open(admin, task)["receipt"]
    message = desk.send(admin, task, receipt, "Hi", undo_s=10).expect(202)["message"]
    desk.send(admin, task, receipt, "Ho").problem(409, "receipt_used")
    admin.post(f"/messages/{message['id']}/recall").expect(200)
    admin.post(f"/messages/{message['id']}/recall").problem(409, "too_late")
    uncertain = []
    for _ in range(2):
        desk.script(sendsms, CLOSE)
        uncertain.append(desk.approve(admin, desk.task(), "may have gone"))
        desk.message(uncertain[-1], "uncertain", timeout_s=60)
    first, second = (m["id"] for m in uncertain)
    admin.post(f"/messages/{first}/resolve", {"outcome": "sent", "evidence": "answered"}).expect(200)
    admin.post("/messages/resolve", {"ids": [second], "outcome": "not_sent", "evidence": "x"}).problem(422, "human_required")
    admin.post("/messages/resolve", {"ids": [second], "outcome": "sent", "evidence": "log"}).expect(200)
    admin.get(f"/messages/{second}").expect(200)
    admin.items("/messages", limit=1)
    admin.get("/channel").expect(200)
    for enabled in (False, True):
        admin.put("/channel", {"sms_enabled": enabled, "reason": "a test"}).expect(200)
    admin.get("/kannel/status").expect(200)


def walk_hooks(desk, admin):
    made = admin.post("/hooks", {"name": "walk", "url": "https://127.0.0.1:9/", "events": ["task.created"]}).expect(201)
    path = f"/hooks/{made['id']}"
    assert made["secret"] != admin.patch(path, {"secret": None}).expect(200)["secret"]
    admin.get(path).expect(200)
    admin.items("/hooks", limit=1)
    desk.task()
    (delivery,) = admin.items(path + "/deliveries", limit=1)
    admin.post(f"{path}/deliveries/{delivery['id']}/replay").expect(200)
    assert admin.post("/hooks/key/rotate").expect(200)["secret"] == admin.get("/hooks/key").expect(200)["secret"]
    admin.delete(path).expect(204)


def walk_event_sources(desk, admin):
    made = admin.post("/event-sources", {"name": "walk", "events": ["walk.signed"]}).expect(201)
    path = f"/event-sources/{made['id']}"
    assert made["secret"] != admin.post(path + "/rotate", {}).expect(200)["secret"]
    admin.patch(path, {"end_rotation": True}).expect(200)
    admin.get(path).expect(200)
    admin.items("/event-sources", limit=1)
    admin.delete(path).expect(204)


def walk_consent(desk, admin):
    """A text that may be an opt-out, and what a person says it means."""
    contact = desk.contact()
    query = urllib.parse.urlencode({"text": "please stop texting at night", "id": "walk", "from": contact["phone_e164"]})
    assert desk.hb.plain(f"/kannel/inbound/{CALLBACK_SECRET}?{query}", kannel_side=True) == (200, "")
    path = f"/contacts/{contact['id']}"
    text = admin.items(path + "/messages", limit=1)[0]
    admin.post(path + "/consent", {"inbound": text["id"], "verdict": "not_stop"}).expect(200)
    for page in ("/ledger", "/audit", "/evidence?phone=" + urllib.parse.quote(contact["phone_e164"])):
        admin.get(page).expect(200)
    twin = desk.contact()
    admin.post(f"/contacts/{twin['id']}/merge", {"into": path.rpartition("/")[2], "dry_run": True}).expect(200)
    admin.post(path + "/erase", {"reason": "asked for it"}).expect(200)


def walk_conversations(desk, admin):
    contact = desk.contact()
    path = f"/contacts/{contact['id']}"
    card = admin.post(path + "/compose").expect(200)
    admin.post(path + "/compose/check", {"text": "Hi"}).expect(200)
    admin.put(path + "/compose/draft", {"text": "Hi"}).expect(200)
    admin.post(path + "/compose/renew").expect(200)
    sent = admin.post(path + "/messages", {"receipt": card["receipt"], "text": "Hi"}).expect(202)["message"]
    admin.post(path + "/compose").expect(200)
    admin.post(path + "/compose/release").expect(204)
    admin.post(path + "/compose/release").problem(409, "leased")
    admin.put(path + "/read", {"up_to": sent["id"]}).expect(200)
    admin.put(path + "/handler", {"user": None}).expect(200)
    admin.post(path + "/notes", {"text": "Likes tea"}).expect(201)
    admin.post(path + "/opt-out", {"reason": "asked"}).expect(200)
    admin.put(path + "/tags/vip", None).expect(204)
    admin.items(path + "/timeline", limit=2)
    admin.items("/conversations", limit=1)
    admin.items("/conversations", q="Hi", unread="false", owner="none")
    admin.items("/conversations", unanswered="1", handler="none")
    admin.items("/conversations", mentions="me")
    snippet = admin.post("/snippets", {"name": "walk", "text": "Hi {{ contact.last_name }}"}).expect(201)
    admin.items("/snippets", limit=1)
    admin.get(f"/snippets/{snippet['id']}", contact=contact["id"]).expect(200)
    admin.patch(f"/snippets/{snippet['id']}", {"text": "Hi"}).expect(200)
    admin.delete(f"/snippets/{snippet['id']}").expect(204)


def walk_events(desk, admin):
    contact = desk.contact(external_id="walk-1")
    desk.publish("walk-late", '<add-tag tag="late"/>', '<triggers><event name="walk.late"/></triggers>')
    taken = admin.post("/events/walk.late", {"contact": {"external_id": "walk-1"}, "data": {"days": 3}}).expect(202)
    assert taken["workflows"] == ["walk-late"]
    (run,) = admin.items("/enrollments", contact=contact["id"])
    assert run["data"] == {"days": 3}


def test_every_operation_is_answered_as_described(desk, admin, sendsms):
    desk.client(None).get("/openapi.json").expect(200)
    walk_people(admin)
    walk_contacts(admin)
    walk_workflows(desk, admin)
    walk_tasks(desk, admin)
    walk_messages(desk, admin, sendsms)
    walk_hooks(desk, admin)
    walk_event_sources(desk, admin)
    walk_consent(desk, admin)
    walk_conversations(desk, admin)
    walk_events(desk, admin)
    admin.delete("/session").expect(204)
    fine = {name for name, status in DESCRIPTION.seen if status < 300}
    assert {op.name for op in BUILT} - fine == set()
