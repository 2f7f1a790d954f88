"""Everybody in a workflow has one reason to be where they are, at every moment of a busy day; `handbox verify` says so."""

import concurrent.futures
import itertools
import random
import time

from rig import wait_until
from rig.desk import assign, manual_sms

MANY, BUSY_S = 200, 6.0

STEPS = (assign("ana") + manual_sms("Hi", attributes='expires="4s"') +
         '<wait-for-reply id="reply" to="hello" timeout="1s"/>'
         '<branch id="tier"><when><condition field="reply.text" is="yes"/>'
         '<steps><add-tag tag="said-yes"/><wait id="nap" for="1s"/></steps></when>'
         '<otherwise><wait id="pause" for="1s"/></otherwise></branch>'
         '<go-to id="again" step="hello" max="3"/>')


def look(client):
    """How many go on; nobody among them without a reason, or with two."""
    count, path = 0, "/shell/standing"
    while path:
        page = client.get(path).expect(200)
        assert page["wrong"] == []
        count += page["open"]
        path = page["next"] and f"/shell/standing?after={page['next']}"
    return count


def test_a_busy_day(desk, ana, ben, lea):
    desk.publish("busy", STEPS)
    contacts = [desk.contact() for _ in range(MANY)]
    for at in range(0, MANY, 50):
        body = {"contacts": [c["id"] for c in contacts[at:at + 50]]}
        lea.post("/workflows/busy/enrollments", body).expect(200)
    assert look(desk.shell) == MANY
    stop = time.monotonic() + BUSY_S
    seen, dice = [], random.Random(7)

    def works(client):
        while time.monotonic() < stop:
            for task in client.get("/tasks", state="pending", limit=20).expect(200)["items"]:
                if dice.random() < 0.4:
                    client.post(f"/tasks/{task['id']}/skip", {"reason": "x", "undo": dice.random() < 0.3})
                else:
                    card = client.post(f"/tasks/{task['id']}/open", {})
                    if card.status == 200:
                        client.post(f"/tasks/{task['id']}/send", {"receipt": card["receipt"], "text": "Hi"})

    def replies():
        while time.monotonic() < stop:
            desk.inbound(dice.choice(contacts)["phone_e164"], dice.choice(("yes", "no", "maybe")))
            time.sleep(0.01)

    def publishes(client):
        for pending in itertools.cycle(("hold", "keep")):
            if time.monotonic() >= stop:
                break
            client.post("/workflows/busy/unpublish", {"pending_tasks": pending}).expect(200)
            time.sleep(0.5)
            client.post("/workflows/busy/publish", {}).expect(200)
            time.sleep(0.5)
            client.post("/workflows/busy/enrollments", {"contacts": [dice.choice(contacts)["id"] for _ in range(5)]}).expect(200)

    def looks():
        client = desk.hb.shell()
        while time.monotonic() < stop:
            seen.append(look(client))
        client.close()

    with concurrent.futures.ThreadPoolExecutor(5) as pool:
        for act in [pool.submit(works, lea), pool.submit(replies), pool.submit(publishes, desk.client(lea.token)),
                    pool.submit(looks)]:
            act.result()
    assert len(seen) > 20 and max(seen) >= MANY / 2
    kinds = {line["kind"] for e in lea.items("/enrollments", workflow="busy", limit=500)
             for line in lea.items(f"/enrollments/{e['id']}/journal", limit=500)}
    assert {"task_created", "exit_taken", "waiting", "wait_over", "branched", "went_to", "held", "released"} - kinds == set()
    said = desk.hb.cli("verify").stdout
    assert "enrollments that go on have one reason to be where they are" in said, said


def test_a_stop_in_between(desk, lea):
    desk.hb.kill()
    desk.hb.start()
    shell = desk.hb.shell()
    look(shell)
    wait_until(lambda: not lea.items("/enrollments", workflow="busy", state="active"), "nobody half way")
    look(shell)
    shell.close()
