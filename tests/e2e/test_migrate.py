"""Enrollments are moved to another version of their workflow: over HTTP and from the shell, and across a kill in
the middle."""

import http.client

import pytest

from rig import Desk, Handbox, wait_until
from rig.desk import assign, manual_sms, workflow

MANY = 300
PAUSE = '<wait id="pause" for="2d"/>'


def put(lea, wid, steps):
    lea.put(f"/workflows/{wid}", workflow(wid, steps)).expect(200, 201)
    lea.post(f"/workflows/{wid}/publish").expect(200)


def old_steps():
    return assign("lea") + manual_sms("Hi {{ contact.first_name }}") + PAUSE


def new_steps(tag="new"):
    return assign("lea") + manual_sms("Dear {{ contact.first_name }}", step="greet") + f'<add-tag tag="{tag}"/>' + PAUSE


def enroll(lea, desk, wid):
    contact = desk.contact()["id"]
    result = lea.post(f"/workflows/{wid}/enrollments", {"contacts": [contact]}).expect(200)["results"][0]
    return contact, result["enrollment"]


def open_task(lea, contact):
    return lea.get(f"/tasks?contact={contact}").expect(200)["items"][0]


def test_a_preview_a_refusal_and_the_move(desk, lea):
    put(lea, "mv", old_steps())
    contact, enrollment = enroll(lea, desk, "mv")
    task = open_task(lea, contact)
    card = lea.post(f"/tasks/{task['id']}/open").expect(200)
    put(lea, "mv", new_steps())
    preview = lea.post("/workflows/mv/migrate", {"from": 1, "to": 2, "dry_run": True}).expect(200)
    assert (preview["count"], preview["tasks"]) == (1, 1)
    assert preview["sample"][0]["enrollment"] == enrollment and preview["sample"][0]["contact"]["id"] == contact
    assert [(s["step"], s["enrollments"], s["to"], s["kind"]) for s in preview["steps"]] == [
        ("hello", 1, None, "vanished"), ("pause", 0, "pause", "same")]
    refused = lea.post("/workflows/mv/migrate", {"from": 1, "to": 2}).problem(422, "invalid")
    assert refused["member"] == "map" and [u["step"] for u in refused["unmapped"]] == ["hello"]
    assert "greet" in refused["detail"]
    assert lea.get(f"/enrollments/{enrollment}").expect(200)["workflow_version"] == 1

    job = lea.post("/workflows/mv/migrate", {"from": 1, "to": 2, "map": {"hello": "greet"}, "expect": 1}).expect(200)
    assert (job["state"], job["results"]) == ("done", {"migrated": 1})
    seen = lea.get(f"/enrollments/{enrollment}").expect(200)
    assert (seen["workflow_version"], seen["position"]["step"]) == (2, "greet")
    moved = lea.get(f"/tasks/{task['id']}").expect(200)
    assert (moved["step"], moved["workflow_version"], moved["text"]) == ("greet", 2, card["text"])
    assert moved["assignee"]["login"] == "lea"

    # what was shown before does not fit any more; shown again, the text is the one it was made with, and it moves by version 2
    stale = lea.post(f"/tasks/{task['id']}/send", {"receipt": card["receipt"], "text": card["text"]})
    assert stale.problem(409, "receipt_stale")["changed"] == ["workflow_version"]
    again = lea.post(f"/tasks/{task['id']}/open").expect(200)
    assert again["text"] == card["text"]
    lea.post(f"/tasks/{task['id']}/skip", {"reason": "enough"}).expect(200)
    assert "new" in lea.get(f"/contacts/{contact}").expect(200)["tags"]
    kinds = [line["kind"] for line in lea.items(f"/enrollments/{enrollment}/journal")]
    assert "migrated" in kinds
    versions = {v["version"]: v["running"] for v in lea.items("/workflows/mv/versions")}
    assert versions == {1: 0, 2: 1}
    assert lea.get("/workflows/mv/diff?from=1&to=2").expect(200)["running_on"] == [{"version": 2, "enrollments": 1}]


def test_who_may_and_what_is_refused(ana, lea):
    put(lea, "may", old_steps())
    put(lea, "may", new_steps())
    body = {"from": 1, "to": 2, "map": {"hello": None}}
    ana.post("/workflows/may/migrate", body).problem(403, "forbidden")
    lea.post("/workflows/nope/migrate", body).problem(404, "not_found")
    lea.post("/workflows/may/migrate", {"from": 1}).problem(400, "bad_request")
    lea.post("/workflows/may/migrate", {**body, "map": {"hello": 7}}).problem(400, "bad_request")
    for wrong, member in (({"from": 9}, "from"), ({"to": 9}, "to"), ({"to": 1}, "to")):
        assert lea.post("/workflows/may/migrate", {**body, **wrong}).problem(422, "invalid")["member"] == member
    lea.put("/workflows/may", workflow("may", old_steps() + "<end/>")).expect(200)
    assert "never published" in lea.post("/workflows/may/migrate", {**body, "to": 3}).problem(422, "invalid")["detail"]
    assert lea.post("/workflows/may/migrate", {**body, "expect": 5}).problem(409, "count_differs")["count"] == 0


def test_the_same_key_moves_once(desk, lea):
    put(lea, "key", old_steps())
    enroll(lea, desk, "key")
    put(lea, "key", new_steps())
    body = {"from": 1, "to": 2, "map": {"hello": "greet"}}
    first = lea.post("/workflows/key/migrate", body, key="move-once").expect(200)
    assert lea.post("/workflows/key/migrate", body, key="move-once").expect(200).json == first.json
    lea.post("/workflows/key/migrate", {**body, "reason": "another"}, key="move-once").problem(409, "idempotency_mismatch")


def test_many_across_a_kill(desk, lea):
    """Accepted is accepted: whatever was moved when the process died, the rest is moved by the next one."""
    put(lea, "mass", old_steps())
    ids = [desk.contact()["id"] for _ in range(MANY)]
    lea.post("/workflows/mass/enrollments", {"contacts": ids}).expect(200)
    put(lea, "mass", new_steps())
    body = {"from": 1, "to": 2, "map": {"hello": "greet"}, "expect": MANY}
    job = lea.post("/workflows/mass/migrate", body).expect(202)
    desk.hb.kill()
    desk.hb.start()
    wait_until(lambda: lea.get(f"/jobs/{job['id']}").expect(200)["state"] == "done", "the job to end")
    assert lea.get(f"/jobs/{job['id']}").expect(200)["results"] == {"migrated": MANY}
    assert {v["version"]: v["running"] for v in lea.items("/workflows/mass/versions")} == {1: 0, 2: MANY}
    assert {task["workflow_version"] for task in lea.items("/tasks", workflow="mass", limit=500)} == {2}


def job_is_done(own, job):
    """Is it through? False as soon as the daemon is no more."""
    try:
        wait_until(lambda: own.ready() or not own.proc.alive(), "a life to begin")
        if own.proc.alive():
            shell = own.shell()
            wait_until(lambda: shell.get(f"/jobs/{job}").expect(200)["state"] == "done", "the job to end")
            return True
    except (OSError, http.client.HTTPException):
        wait_until(lambda: not own.proc.alive(), "its end")
    return False


@pytest.mark.fault_points
@pytest.mark.parametrize("fault", ["store_before_commit", "store_after_commit"])
def test_kills_in_the_middle_move_each_once(module_folder, sendsms, stopping, fault):
    """Every life ends by itself after a few commits, until the job is through: each was moved, and once."""
    own = stopping(Handbox(module_folder / fault, sendsms_url=sendsms.url).start())
    desk = Desk(own)
    lea = desk.person("lea", "lead")
    put(lea, "mass", old_steps())
    ids = [desk.contact()["id"] for _ in range(MANY)]
    lea.post("/workflows/mass/enrollments", {"contacts": ids}).expect(200)
    put(lea, "mass", new_steps())
    body = {"from": 1, "to": 2, "map": {"hello": "greet"}, "refresh": True}
    job = lea.post("/workflows/mass/migrate", body).expect(202)["id"]
    desk.close()
    own.kill()
    lives = 0
    while not job_is_done(own, job):
        own.env = {"HANDBOX_FAULT": f"{fault}:kill:{2 + lives % 3}"}
        own.launch()
        lives += 1
    assert lives > 1
    own.kill()
    own.env = {}
    own.start()
    shell = own.shell()
    assert shell.get(f"/jobs/{job}").expect(200)["results"] == {"migrated": MANY}
    runs = shell.items("/enrollments", workflow="mass", limit=500)
    assert {(run["workflow_version"], run["position"]["step"]) for run in runs} == {(2, "greet")} and len(runs) == MANY
    assert {task["text"] for task in shell.items("/tasks", workflow="mass", limit=500)} == {"Dear Rui"}
    for run in runs[::50]:
        kinds = [line["kind"] for line in shell.items(f"/enrollments/{run['id']}/journal")]
        assert kinds.count("migrated") == 1 and kinds.count("text_renewed") == 1


def test_from_the_shell(desk, lea):
    put(lea, "sh", old_steps())
    enroll(lea, desk, "sh")
    lea.put("/workflows/sh", workflow("sh", new_steps())).expect(200)
    done = desk.hb.cli("workflow", "publish", "sh")
    assert "1 go on by version 1; `handbox workflow migrate sh --from 1 --to 2 --dry-run`" in done.stdout
    done = desk.hb.cli("workflow", "migrate", "sh", "--from", "1", "--to", "2", "--dry-run", expect=1)
    assert "vanished" in done.stdout and "1 found, with 1 open tasks; nothing was done." in done.stdout
    assert "map it to one of its manual-sms steps (greet)" in done.stderr
    done = desk.hb.cli("workflow", "migrate", "sh", "--from", "1", "--to", "2", expect=1)
    assert "map: The new version has no step hello" in done.stderr
    desk.hb.cli("workflow", "migrate", "sh", "--from", "1", expect=2)
    desk.hb.cli("workflow", "migrate", "sh", "--from", "1", "--to", "2", "--map", "hello", expect=2)
    done = desk.hb.cli("workflow", "migrate", "sh", "--from", "1", "--to", "2", "--map", "hello=", "--dry-run")
    assert "(the end)" in done.stdout
    done = desk.hb.cli("workflow", "migrate", "sh", "--from", "1", "--to", "2", "--map", "hello=greet", "--expect", "1")
    assert "done: 1 of 1, migrated 1" in done.stdout
    done = desk.hb.cli("workflow", "versions", "sh")
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["VERSION", "2", "1"]
