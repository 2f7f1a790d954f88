"""People: signing in, tokens, roles, teams, leaving; through the daemon's two doors (the port and the shell's socket)."""

import socket
import sqlite3
from concurrent.futures import ThreadPoolExecutor

import pytest

from rig import Client, Handbox, wait_until

PASSWORD = "correct horse battery"


class Shell(Client):
    """A client at the unix socket beside the database: the machine's own shell."""

    def __init__(self, path, token=None):
        super().__init__("localhost", 0, token)
        self.path = path

    def _connect(self):
        super()._connect()
        if not self.conn.sock:
            self.conn.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self.conn.sock.settimeout(self.timeout_s)
            self.conn.sock.connect(str(self.path))


class Browser(Client):
    """Keeps the session's cookie and sends its CSRF token."""

    cookie = csrf = None

    def request(self, method, path, body=None, headers=None, **options):
        sent = {"Sec-Fetch-Site": "same-origin", **({"Cookie": self.cookie} if self.cookie else {}),
                **({"X-CSRF-Token": self.csrf} if self.csrf else {}), **(headers or {})}
        return super().request(method, path, body, sent, **options)

    def sign_in(self, login, password=PASSWORD):
        answer = self.post("/session", {"login": login, "password": password})
        if answer.status == 200:
            self.cookie = answer.headers["set-cookie"].partition(";")[0]
            self.csrf = answer["csrf_token"]
        return answer


@pytest.fixture(scope="module")
def handbox(module_folder):
    daemon = Handbox(module_folder / "handbox")
    daemon.database.parent.mkdir(mode=0o700, exist_ok=True)
    daemon.start()
    yield daemon
    daemon.stop()


@pytest.fixture
def shell(handbox):
    client = Shell(f"{handbox.database}.sock")
    yield client
    client.close()


@pytest.fixture
def person(handbox, shell):
    """person("ana", "lead") is a browser signed in as a new user of that role."""
    opened = []

    def make(login, role="agent"):
        shell.post("/users", {"login": login, "role": role, "password": PASSWORD}).expect(201)
        opened.append(Browser("127.0.0.1", handbox.port))
        opened[-1].sign_in(login).expect(200)
        return opened[-1]
    yield make
    for browser in opened:
        browser.close()


def token_client(handbox, answer):
    return handbox.client(answer.expect(201)["secret"])


def test_the_first_admin_comes_from_the_shell_by_a_link(handbox, shell):
    made = shell.post("/users", {"login": "first", "role": "admin", "first_name": "Ana", "last_name": "Silva"}).expect(201)
    assert made["name"] == "Ana Silva" and made["active"] and made["created_at"].endswith("Z")
    page, _, secret = made["login_link"].partition("#")
    assert page == f"http://127.0.0.1:{handbox.port}/login"
    browser = Browser("127.0.0.1", handbox.port)
    browser.sign_in("first").problem(401, "bad_credentials")
    browser.post("/session", {"link": secret, "password": "short"}).problem(422, "invalid")
    browser.post("/session", {"link": secret, "password": PASSWORD}).expect(200)
    browser.post("/session", {"link": secret, "password": PASSWORD}).problem(401, "bad_credentials")
    answer = browser.sign_in("first").expect(200)
    assert answer["user"]["login"] == "first" and "password" not in answer.text
    for word in ("HttpOnly", "SameSite=Strict", "Path=/"):
        assert word in answer.headers["set-cookie"]
    assert browser.get("/session").expect(200)["csrf_token"] == browser.csrf
    browser.delete("/session").expect(204)
    browser.get("/me").problem(401, "unauthenticated")
    browser.close()


def test_unknown_logins_get_the_same_answer_and_many_failures_wait(handbox, person):
    person("slow")
    browser = Browser("127.0.0.1", handbox.port)
    said = [browser.sign_in(login, "not it").problem(401, "bad_credentials") for login in ("slow", "nobody", "No One")]
    assert len({(p["title"], p["detail"]) for p in said}) == 1
    for _ in range(9):
        browser.sign_in("slow", "not it").problem(401, "bad_credentials")
    late = browser.sign_in("slow")
    late.problem(429, "throttled")
    assert 0 < int(late.headers["retry-after"]) <= 300
    browser.sign_in("nobody", "not it").problem(401, "bad_credentials")
    browser.close()


def test_a_session_changes_things_only_from_our_own_pages(person):
    browser = person("paged")
    browser.patch("/me", {"on_shift": False}).expect(200)
    for headers in ({"X-CSRF-Token": "no"}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"},
                    {"Sec-Fetch-Site": "none", "Origin": "https://evil.example"}):
        browser.patch("/me", {"on_shift": True}, headers=headers).problem(403, "forbidden")
    assert browser.get("/me").expect(200)["on_shift"] is False


def test_no_machine_becomes_a_person(handbox, shell, person):
    admin = person("boss", "admin")
    machine = token_client(handbox, admin.post("/tokens", {
        "kind": "service", "name": "crm", "scopes": ["read", "contacts", "workflows", "enroll", "tasks", "admin"]}))
    for method, path, body in (
            ("POST", "/users", {"login": "x", "role": "admin"}), ("PATCH", "/users/boss", {"role": "agent"}),
            ("PATCH", "/users/boss", {"password": PASSWORD}), ("POST", "/users/boss/deactivate", {}),
            ("POST", "/tokens", {"kind": "service", "name": "y", "scopes": ["read"]}), ("GET", "/tokens", None),
            ("PUT", "/me/password", {"current_password": "x", "password": PASSWORD}), ("GET", "/me", None)):
        machine.request(method, path, body).problem(403, "human_required")
    machine.post("/teams", {"name": "made by a machine"}).expect(201)
    admin.post("/tokens", {"kind": "service", "name": "z", "scopes": ["send"]}).problem(422, "invalid")
    shell.put("/me/password", {"current_password": "x", "password": PASSWORD}).problem(403, "human_required")
    machine.close()


def test_who_makes_whose_tokens(handbox, shell, person):
    admin, agent = person("maker", "admin"), person("owner")
    mine = {"kind": "personal", "name": "desk", "scopes": ["read", "tasks", "send"]}
    own = token_client(handbox, agent.post("/tokens", mine))
    assert own.get("/me").expect(200)["login"] == "owner"
    admin.post("/tokens", {**mine, "user": "owner"}).problem(403, "forbidden")
    agent.post("/tokens", {**mine, "kind": "service", "scopes": ["read"]}).problem(403, "forbidden")
    own.post("/tokens", mine).problem(403, "forbidden")
    own.post("/tokens", {**mine, "scopes": ["read"]}).problem(403, "forbidden")
    deputy = token_client(handbox, shell.post("/tokens", {**mine, "scopes": ["read", "tasks", "send", "admin"], "user": "maker"}))
    for wanted in (mine, {**mine, "scopes": ["read", "enroll"]}, {**mine, "scopes": ["read"], "user": "owner"}):
        deputy.post("/tokens", wanted).problem(403, "forbidden")
    for wanted in ({**mine, "scopes": ["read", "tasks"]}, {"kind": "service", "name": "crm", "scopes": ["tasks"]}):
        made = token_client(handbox, deputy.post("/tokens", wanted))
        made.get("/tasks").expect(200 if "read" in wanted["scopes"] else 403)
        made.close()
    deputy.close()
    by_shell = token_client(handbox, shell.post("/tokens", {**mine, "scopes": ["read"], "user": "owner"}))
    assert "send" in by_shell.put("/me/password", {"current_password": "x", "password": PASSWORD}).problem(
        403, "forbidden")["detail"]
    listed = agent.get("/tokens").expect(200)
    assert [t["scopes"] for t in listed["items"]] == [["read", "tasks", "send"], ["read"]] and "hb_" not in listed.text
    assert listed["items"][0]["user"]["login"] == "owner"
    admin.delete(f"/tokens/{listed['items'][0]['id']}").expect(204)
    own.get("/me").problem(401, "unauthenticated")
    by_shell.get("/me").expect(200)
    own.close()
    by_shell.close()


def test_a_secret_that_was_shown_is_shown_again_to_the_same_key_only(handbox, person):
    admin = person("twice", "admin")
    for path, body, other in (
            ("/tokens", {"kind": "service", "name": "crm", "scopes": ["read"]}, {"name": "erp"}),
            ("/users", {"login": "once", "role": "agent"}, {"login": "else"}),
            ("/users", {"login": "again", "role": "agent", "password": PASSWORD}, {"password": PASSWORD + "!"})):
        first = admin.post(path, body, key="key-" + body.get("login", "token")).expect(201)
        again = admin.post(path, body, key="key-" + body.get("login", "token")).expect(201)
        assert first.json == again.json
        admin.post(path, {**body, **other}, key="key-" + body.get("login", "token")).problem(409, "idempotency_mismatch")
        secret = first.json.get("secret") or (first.json.get("login_link") or "#").partition("#")[2]
        with sqlite3.connect(f"file:{handbox.database}?mode=ro", uri=True) as db:
            kept = "\n".join(map(str, db.execute("SELECT * FROM idempotency")))
        assert not secret or secret not in kept
        assert body.get("login", "crm") not in kept


def test_roles(person):
    admin, lead, agent, auditor = (person(f"r-{role}", role) for role in ("admin", "lead", "agent", "auditor"))
    for browser, may in ((admin, True), (lead, False), (agent, False), (auditor, False)):
        answer = browser.patch("/users/r-agent", {"last_name": "X"})
        answer.expect(200) if may else answer.problem(403, "forbidden")
        browser.get("/users/r-agent").expect(200)
    auditor.put("/me/password", {"current_password": PASSWORD, "password": "another one"}).expect(204)
    admin.patch("/users/r-lead", {"role": "agent"}).expect(200)
    assert lead.get("/me").expect(200)["role"] == "agent"
    admin.patch("/users/r-lead", {"role": "king"}).problem(400, "bad_request")


def test_users_and_teams_in_pages(person, shell):
    admin = person("lister", "admin")
    for n in range(5):
        shell.post("/users", {"login": f"p{n}", "role": "agent", "password": PASSWORD}).expect(201)
    logins = [u["login"] for u in admin.items("/users", limit=2)]
    assert logins == sorted(logins) and {"p0", "p4", "lister"} <= set(logins)
    admin.get("/users", cursor="NOT ONE").expect(400)
    team = admin.post("/teams", {"name": "north", "members": ["p0", "p1"]}, key="k1").expect(201)
    again = admin.post("/teams", {"name": "north", "members": ["p0", "p1"]}, key="k1").expect(201)
    assert again.json == team.json and [m["login"] for m in team["members"]] == ["p0", "p1"]
    admin.post("/teams", {"name": "north"}).problem(409, "duplicate")
    refused = admin.put(f"/teams/{team['id']}", {"name": "north", "members": ["p0", "who"]})
    assert refused.problem(422, "unknown_user")["member"] == "members[1]"
    assert len(admin.get(f"/teams/{team['id']}").expect(200)["members"]) == 2
    admin.delete(f"/teams/{team['id']}").expect(204)
    admin.get(f"/teams/{team['id']}").problem(404, "not_found")


def test_who_leaves_is_out_at_once_and_the_work_goes_on(handbox, shell, person):
    leaver, heir = person("leaver"), person("heir")
    token = token_client(handbox, leaver.post("/tokens", {"kind": "personal", "name": "t", "scopes": ["read", "tasks"]}))
    contact = shell.post("/contacts", {"first_name": "Rui", "phone": "+351910000001"}).expect(201)["id"]
    tasks = [shell.post("/tasks", {"contact": contact, "text": "hi", "name": "call", "assignee": "leaver"}).expect(201)["id"]
             for _ in range(3)]
    shell.post("/users/leaver/deactivate", {"reassign_to": "leaver"}).problem(422, "invalid")
    shell.post("/users/leaver/deactivate", {"reassign_to": "heir"}).expect(200)
    for client in (leaver, token):
        client.get("/me").problem(401, "unauthenticated")
    leaver.sign_in("leaver").problem(401, "bad_credentials")
    for task in tasks:
        assert heir.get(f"/tasks/{task}").expect(200)["assignee"]["login"] == "heir"
    shell.post("/tasks", {"contact": contact, "text": "hi", "name": "c", "assignee": "leaver"}).problem(422, "unknown_user")
    shell.patch("/users/leaver", {"active": True}).expect(200)
    leaver.get("/me").problem(401, "unauthenticated")
    leaver.sign_in("leaver").expect(200)
    token.get("/me").problem(401, "unauthenticated")
    token.close()


def test_more_tasks_than_one_transaction_all_find_a_new_owner(handbox, shell, person):
    person("many")
    contact = shell.post("/contacts", {"first_name": "Rui", "phone": "+351910000002"}).expect(201)["id"]

    def make(count):
        client = Shell(shell.path)
        for _ in range(count):
            client.post("/tasks", {"contact": contact, "text": "hi", "name": "bulk", "assignee": "many"}).expect(201)
        client.close()
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(make, [100] * 6))
    answer = shell.post("/users/many/deactivate", {"reassign_to": None}).expect(202)
    assert answer["job"]["done"] == 500 and answer["active"] is False
    handbox.kill()
    handbox.start()
    wait_until(lambda: shell.get("/tasks/counts", assignee="many").expect(200)["pending"]["count"] == 0,
               "the rest to be reassigned", 20, 0.05)


def test_the_ledger_names_who_let_whom_in_and_no_secret_is_kept(handbox, person):
    browser = person("noted", "lead")
    secret = browser.post("/tokens", {"kind": "personal", "name": "t", "scopes": ["read"]}).expect(201)["secret"]
    with sqlite3.connect(f"file:{handbox.database}?mode=ro", uri=True) as db:
        acts = db.execute("SELECT actor, way, act, subject, payload FROM ledger").fetchall()
        dump = "\n".join(db.iterdump())
    assert any(a[0].startswith("shell:") and a[1:4] == ("shell", "user_added", "user:noted") for a in acts)
    assert any(a[0] == "noted" and a[1:3] == ("page", "token_added") for a in acts)
    for word in (secret, PASSWORD, browser.cookie.partition("=")[2]):
        assert word not in dump
        assert word not in handbox.log.read_text()


def test_sessions_outlive_a_kill(handbox, person):
    browser = person("steady")
    handbox.kill()
    handbox.start()
    assert browser.get("/me").expect(200)["login"] == "steady"
