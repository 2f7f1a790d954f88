"""The ground under the daemon gives way: a full disk, a locked database, no folder, a second daemon. Nothing false is said."""

import concurrent.futures
import contextlib
import http.client
import json
import resource
import sqlite3
from pathlib import Path

import pytest

from rig import Desk, FakeSendsms, Handbox, wait_until

MEBIBYTE = 1 << 20


@pytest.fixture(scope="module")
def sendsms():
    with FakeSendsms() as server:
        yield server


@pytest.fixture(scope="module")
def desk(module_folder, sendsms):
    daemon = Handbox(module_folder / "handbox", sendsms_url=sendsms.url).start()
    people = Desk(daemon)
    people.lea = people.person("lea", "lead")
    yield people
    people.close()
    daemon.stop()


@contextlib.contextmanager
def full_disk(desk):
    """No file of the daemon may grow beyond what the largest one has now."""
    folder = desk.hb.database.parent
    size = max(file.stat().st_size for file in folder.iterdir())
    before = resource.prlimit(desk.hb.proc.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
    try:
        yield
    finally:
        resource.prlimit(desk.hb.proc.pid, resource.RLIMIT_FSIZE, before)


@contextlib.contextmanager
def locked(desk):
    """A foreign process writes to the database and does not come to an end."""
    other = sqlite3.connect(desk.hb.database, isolation_level=None, timeout=10)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


def fill(desk, contact):
    """Until not even a tag fits: whatever writes more than that finds no room either."""
    while desk.shell.post("/tasks", {"contact": contact, "name": "fill", "text": "x" * 3000}).status == 201:
        pass
    for n in range(2000):
        if desk.shell.put(f"/contacts/{contact}/tags/fill{n}", None).status != 204:
            return
    raise AssertionError("the disk never was full")


def refused_for_now(answer):
    """A refusal that says so: 503 or 507 with a time to come again."""
    assert answer.status in (503, 507), answer
    answer.problem(answer.status, answer["code"])
    assert int(answer.headers["retry-after"]) >= 1
    return answer


# ---- while it runs


def test_a_full_disk(desk, sendsms):
    kept = [desk.task() for _ in range(3)]
    receipt = desk.open(desk.lea, kept[0])["receipt"]
    before = len(sendsms.requests)
    said = {}
    with full_disk(desk):
        for n in range(2000):
            answer = desk.shell.post("/tasks", {"contact": kept[0]["contact"]["id"], "name": f"full {n}", "text": "x" * 3000})
            said[n] = answer.status
            if answer.status != 201:
                refused_for_now(answer)
                assert answer["code"] == "disk_full"
                break
        assert answer.status != 201, "the disk never was full"
        refused_for_now(desk.send(desk.lea, kept[0], receipt, "into the void"))
        assert desk.hb.plain("/healthz")[0] == 200
        assert desk.look(kept[1])["state"] == "pending", "reading goes on"
    names = [t["name"] for t in desk.shell.items("/tasks", limit=500, contact=kept[0]["contact"]["id"])]
    assert {f"full {n}" for n, status in said.items() if status == 201} == {n for n in names if n.startswith("full")}
    assert len(sendsms.requests) == before
    message = desk.send(desk.lea, kept[0], receipt, "now there is room").expect(202)["message"]
    desk.message(message, "accepted")
    assert [r.query["text"] for r in sendsms.requests[before:]] == ["now there is room"]
    desk.hb.restart()
    assert {t["name"] for t in desk.shell.items("/tasks", limit=500, contact=kept[0]["contact"]["id"])} == set(names)


def test_a_full_disk_while_a_text_is_out(desk, sendsms):
    """The outcome cannot be written: it is kept in mind, nothing else leaves, and it is written when there is room."""
    desk.script(sendsms, None)
    sendsms.released.clear()
    before = len(sendsms.requests)
    message = desk.approve(desk.lea, desk.task(), "out")
    sendsms.wait_requests(before + 1)
    later = desk.task()
    with full_disk(desk):
        fill(desk, later["contact"]["id"])
        sendsms.release()
        wait_until(lambda: "outcomes cannot be written" in desk.hb.log.read_text(), "the daemon to say so")
        assert desk.message(message)["state"] == "handing_over"
    desk.message(message, "accepted")
    desk.message(desk.approve(desk.lea, later, "goes on"), "accepted")
    assert [r.query["text"] for r in sendsms.requests[before:]] == ["out", "goes on"]
    sendsms.released.clear()


def test_a_locked_database(desk, sendsms):
    task = desk.task()
    receipt = desk.open(desk.lea, task)["receipt"]
    before = len(sendsms.requests)
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        with locked(desk):
            asked = pool.submit(desk.send, desk.lea, task, receipt, "locked out")
            done, _ = concurrent.futures.wait([asked], 3)
            if done:
                refused_for_now(asked.result())
            assert desk.look(task)["state"] == "pending", "reading goes on"
            assert desk.hb.plain("/healthz")[0] == 200
            assert len(sendsms.requests) == before
        answer = asked.result()
    if answer.status != 202:
        refused_for_now(answer)
        answer = desk.send(desk.lea, task, receipt, "locked out").expect(202)
    desk.message(answer["message"], "accepted")
    assert len(sendsms.requests) == before + 1


def test_locked_for_long(desk):
    """Longer than anybody waits: every write is refused in time, and all is well by itself afterwards."""
    contact = desk.contact()["id"]
    with locked(desk):
        clients = [desk.hb.client(desk.lea.token) for _ in range(6)]
        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            body = {"contact": contact, "name": "patience", "text": "x"}
            for answer in pool.map(lambda client: client.post("/tasks", body), clients):
                refused_for_now(answer)
    for client in clients:
        client.post("/tasks", body).expect(201)
        client.close()
    assert len(desk.shell.items("/tasks", contact=contact)) == 6


def test_the_folder_is_taken_away(module_folder, sendsms):
    """Whatever is said meanwhile is true: what got 201 is there when the folder is back."""
    daemon = Handbox(module_folder / "away", sendsms_url=sendsms.url).start()
    people = Desk(daemon)
    contact = people.contact()["id"]
    folder = daemon.database.parent
    folder.rename(folder.with_name("elsewhere"))
    made = []
    for n in range(5):
        answer = people.shell.post("/tasks", {"contact": contact, "name": f"away {n}", "text": "x"}).expect(201, 503, 507)
        made += [answer["id"]] if answer.status == 201 else []
    folder.with_name("elsewhere").rename(folder)
    daemon.restart()
    assert {t["id"] for t in people.shell.items("/tasks", contact=contact)} == set(made)
    people.close()
    daemon.stop()


# ---- at the start


def ends_with_a_sentence(daemon, *words, timeout_s=20):
    """It leaves by itself, not with 0, and says why in a line that has these words."""
    daemon.launch()
    code = daemon.proc.wait(timeout_s)
    said = daemon.log.read_text()
    assert code not in (0, None) and code > 0, (code, said)
    for word in words:
        assert word in said, said
    daemon.check_sane()


def test_no_folder(module_folder):
    daemon = Handbox(module_folder / "nowhere")
    daemon.write_conf(database=module_folder / "not" / "there" / "h.db")
    ends_with_a_sentence(daemon, "not/there")


def test_a_folder_that_cannot_be_written(module_folder):
    daemon = Handbox(module_folder / "read-only", conf={"database": Path("/sys/kernel/handbox.db")})
    ends_with_a_sentence(daemon, "/sys/kernel")


def test_what_is_no_database(module_folder):
    daemon = Handbox(module_folder / "rubbish")
    daemon.database.write_bytes(b"this is not a database, it is a letter to my aunt\n" * 200)
    ends_with_a_sentence(daemon, "handbox.db")
    assert daemon.database.read_bytes().startswith(b"this is not a database")


def test_a_second_daemon(desk, module_folder):
    second = Handbox(module_folder / "second", conf={"database": desk.hb.database})
    ends_with_a_sentence(second, "handbox.db")
    assert desk.shell.get("/tasks").expect(200), "the first is not disturbed"
    desk.task()


@pytest.mark.parametrize("key", ["listen", "kannel_listen"])
def test_a_busy_port(desk, module_folder, key):
    taken = {"listen": desk.hb.port, "kannel_listen": desk.hb.kannel_port}[key]
    daemon = Handbox(module_folder / f"busy-{key}", conf={key: f"127.0.0.1:{taken}"})
    ends_with_a_sentence(daemon, str(taken))


def test_unknown_keys_and_bad_values(module_folder):
    for n, (key, value, word) in enumerate([("colour", "red", "colour"), ("lease", "soon", "lease"),
                                            ("sms_validity", "-1h", "sms-validity"), ("listen", "nowhere", "listen"),
                                            ("kannel_conf", "/not/there.conf", "/not/there.conf"),
                                            ("kannel_allow_ip", "10.0.0.0/99", "kannel-allow-ip"),
                                            ("trusted_proxy", "proxy.example", "trusted-proxy")]):
        daemon = Handbox(module_folder / f"bad-{n}", conf={key: value})
        ends_with_a_sentence(daemon, word, "handbox.conf:")


# ---- requests that are none


def raw(desk, method, path, body=None, headers=None):
    conn = http.client.HTTPConnection("127.0.0.1", desk.hb.port, timeout=10)
    conn.request(method, path, body, {"Authorization": f"Bearer {desk.lea.token}", **(headers or {})})
    answer = conn.getresponse()
    text = answer.read()
    conn.close()
    return answer.status, answer.headers, json.loads(text) if text else None


@pytest.mark.parametrize("body, member", [
    ('{"contact": "1", "name": "x", "colour": "red"}', "colour"), ('{"contact": 1, "name": "x"}', "contact"),
    ('{"contact": "1", "name": "x", "name": "y"}', "name"), ('{"contact": "1"}', "name"),
    ('{"contact": "one", "name": "x"}', "contact"), ('{"contact": "1", "name": ["x"]}', "name"),
    ('{"contact": "1", "name": "x", "due": "soon"}', "due"), ('{"contact": "1", "name": "a\\nb"}', "name"),
])
def test_bad_members_are_named(desk, body, member):
    status, headers, problem = raw(desk, "POST", "/api/v1/tasks", body, {"Content-Type": "application/json"})
    assert (status, problem["code"], problem["member"]) == (400, "bad_request", member)
    assert headers["X-Request-Id"] and headers["Content-Type"].startswith("application/problem+json")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'{"a": NaN}', b'{"contact": "\xff"}', b'{"contact": "\\ud800"}',
                                  b"{}{}", b"[" * 100000])
def test_broken_json(desk, body):
    status, _, problem = raw(desk, "POST", "/api/v1/tasks", body, {"Content-Type": "application/json"})
    assert (status, problem["code"]) == (400, "bad_request") and problem["detail"]


def test_other_faults(desk):
    json_type = {"Content-Type": "application/json"}
    assert raw(desk, "POST", "/api/v1/tasks", b" " * (MEBIBYTE + 1), json_type)[0] == 413
    assert raw(desk, "POST", "/api/v1/tasks", b"<x/>", {"Content-Type": "application/xml"})[0] in (400, 415)
    assert raw(desk, "GET", "/api/v1/nothing")[2]["code"] == "not_found"
    status, headers, problem = raw(desk, "DELETE", "/api/v1/tasks")
    assert status == 405 and "POST" in headers["Allow"] and problem["code"]
    assert raw(desk, "GET", "/api/v1/tasks?limit=5&limit=6")[0] == 400
    assert raw(desk, "GET", "/api/v1/tasks/0")[0] in (400, 404)
    assert raw(desk, "GET", "/api/v1/tasks/99999999999999999999")[0] in (400, 404)
    assert raw(desk, "GET", "/api/v1/tasks", None, {"Authorization": "Bearer nonsense"})[2]["code"] == "unauthenticated"
