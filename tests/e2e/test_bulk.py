"""What is done to all that a filter finds: counted, expected, worked off by a job, through a kill too."""

import pytest

from rig import Handbox, wait_until

from test_workflows import assign, publish, sms, workflow

MANY = 300


@pytest.fixture(scope="module")
def handbox(module_folder):
    daemon = Handbox(module_folder / "handbox").start()
    yield daemon
    daemon.stop()


@pytest.fixture(scope="module")
def lea(handbox):
    client = handbox.client(handbox.user("lea", "lead"))
    yield client
    client.close()


@pytest.fixture(scope="module")
def crowd(lea):
    """MANY contacts with the tag crowd, and one without."""
    lea.post("/contacts", {"first_name": "Eva"}).expect(201)
    return [lea.post("/contacts", {"first_name": f"Rui {n}", "tags": ["crowd"]}).expect(201)["id"] for n in range(MANY)]


def ended(client, job):
    def is_over():
        return client.get(f"/jobs/{job}").expect(200)["state"] != "running"
    wait_until(is_over, "the job to end")
    return client.get(f"/jobs/{job}").json


def test_enroll_all_that_a_filter_finds(handbox, lea, crowd):
    publish(lea, "many", workflow("many", assign("lea") + sms()))
    path, tagged = "/workflows/many/enrollments", {"tag": "crowd"}
    dry = lea.post(path, {"filter": tagged, "dry_run": True}).expect(200)
    assert dry["count"] == MANY and len(dry["sample"]) == 10 and dry["sample"][0]["id"] == crowd[-1]
    problem = lea.post(path, {"filter": tagged, "expect": MANY - 1}).problem(409, "count_differs")
    assert problem["count"] == MANY
    assert lea.items("/enrollments", workflow="many") == []
    body = {"filter": tagged, "expect": MANY}
    job = lea.post(path, body, key="crowd").expect(202)
    assert job["total"] == MANY and job.headers["location"] == f"/api/v1/jobs/{job['id']}"
    late = lea.post("/contacts", {"first_name": "Late", "tags": ["crowd"]}).expect(201)["id"]
    handbox.kill()
    handbox.start()
    over = ended(lea, job["id"])
    assert (over["state"], over["done"], over["results"]) == ("done", MANY, {"enrolled": MANY}) and over["ended_at"]
    assert len(lea.items("/enrollments", workflow="many", limit=500)) == MANY
    assert lea.items("/enrollments", workflow="many", contact=late) == []
    assert lea.post(path, body, key="crowd").expect(202)["id"] == job["id"]
    lea.delete(f"/contacts/{late}").expect(204)
    again = lea.post(path, {"filter": {"q": "Rui 1", "tag": "crowd"}}).expect(202)
    over = ended(lea, again["id"])
    assert over["results"] == {"already_enrolled": over["total"]} and 100 < over["total"] < MANY


def test_take_many_out_again(handbox, lea, crowd):
    publish(lea, "out", workflow("out", assign("lea") + sms(), '<settings reentry="once"/>'))
    path = "/workflows/out/enrollments"
    ended(lea, lea.post(path, {"filter": {"tag": "crowd"}}).expect(202)["id"])
    dry = lea.post(f"{path}/remove", {"filter": {}, "reason": "wrong list", "dry_run": True}).expect(200)
    assert dry["count"] == MANY and dry["sample"][0]["step"] == "hello"
    assert lea.post(f"{path}/remove", {"filter": {}, "reason": "x"}).problem(422, "invalid")["member"] == "filter"
    assert lea.post(f"{path}/remove", {"filter": {"state": "failed"}, "reason": "x"}).problem(422, "invalid")
    one = {"filter": {"contact": crowd[0], "step": "hello", "version": 1, "state": "waiting"}, "reason": "asked"}
    assert ended(lea, lea.post(f"{path}/remove", one).expect(202)["id"])["results"] == {"removed": 1}
    everybody = {"filter": {}, "reason": "wrong list", "expect": MANY - 1}
    assert ended(lea, lea.post(f"{path}/remove", everybody).expect(202)["id"])["results"] == {"removed": MANY - 1}
    assert {t["state"] for t in lea.items("/tasks", workflow="out", limit=500)} == {"cancelled"}
    runs = lea.items("/enrollments", workflow="out", limit=500)
    assert {r["end_reason"] for r in runs} == {"asked", "wrong list"}
    some = {"contacts": crowd[:1]}
    assert lea.post(path, some).expect(200)["results"][0]["outcome"] == "once_done"
    forget = {"filter": {"tag": "crowd"}, "reason": "begin anew", "forget": True}
    assert ended(lea, lea.post(f"{path}/remove", forget).expect(202)["id"])["results"] == {"forgotten": MANY}
    assert lea.post(path, some).expect(200)["results"][0]["outcome"] == "enrolled"


def test_from_the_shell(handbox, lea, crowd):
    assert len(crowd) == MANY
    publish(lea, "shell", workflow("shell", assign("lea") + sms()))
    assert handbox.cli("enroll", "shell", "--tag", "crowd", "--dry-run").stdout.startswith(f"{MANY} ")
    handbox.cli("enroll", "shell", "--tag", "crowd", "--expect", "7", expect=1)
    handbox.cli("enroll", "shell", expect=2)
    done = handbox.cli("enroll", "shell", "--tag", "crowd", "--expect", str(MANY))
    assert f"{MANY} of {MANY}" in done.stdout and f"enrolled {MANY}" in done.stdout
    assert handbox.cli("unenroll", "shell", "--tag", "crowd", "--reason", "wrong", "--dry-run").stdout.startswith(f"{MANY} ")
    done = handbox.cli("unenroll", "shell", "--tag", "crowd", "--reason", "wrong", "--forget")
    assert f"removed {MANY}" in done.stdout


def test_who_may_and_what_is_there(handbox, lea):
    ana = handbox.client(handbox.user("ana"))
    ana.post("/workflows/many/enrollments/remove", {"filter": {"step": "x"}, "reason": "x"}).problem(403, "forbidden")
    lea.get("/jobs/1").problem(404, "not_found")
    lea.post("/workflows/nope/enrollments", {"filter": {"tag": "x"}}).problem(404, "not_found")
    lea.post("/workflows/nope/enrollments/remove", {"filter": {"step": "x"}, "reason": "x"}).problem(404, "not_found")
    empty = lea.post("/workflows/many/enrollments", {"filter": {"tag": "nobody-has-it"}}).expect(202)
    assert ended(lea, empty["id"])["done"] == 0
