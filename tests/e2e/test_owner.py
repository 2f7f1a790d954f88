"""Tasks of steps with follow-owner: they go with the contact's owner, whoever changes it and whatever happens at that moment."""

import threading

import pytest

from rig import Desk, Handbox
from rig.desk import assign

GOES = ('<manual-sms id="hello" name="Hello" expires="3d" follow-owner="yes">'
        "<message>Hi {{ contact.first_name }}, this is {{ user.first_name }}.</message></manual-sms>")


@pytest.fixture(scope="module")
def desk(module_folder, sendsms):
    hb = Handbox(module_folder / "owner", sendsms_url=sendsms.url).start()
    people = Desk(hb)
    people.ana, people.ben = people.person("ana"), people.person("ben")
    people.publish("goes", assign("ana") + GOES)
    yield people
    people.close()
    hb.stop()


def task_of(desk):
    contact = desk.contact()
    return contact, desk.enroll("goes", contact["id"])


def test_a_new_owner_gets_the_task_and_the_draft(desk):
    contact, task = task_of(desk)
    assert task["follows_owner"] is True and task["assignee"]["login"] == "ana"
    path = f"/tasks/{task['id']}"
    card = desk.ana.post(path + "/open", {}).expect(200)
    assert card["task"]["follows_owner"] is True
    desk.ana.put(path + "/draft", {"text": "Dear Rui"}).expect(200)
    desk.shell.patch(f"/contacts/{contact['id']}", {"owner": "ben"}).expect(200)
    late = desk.ana.post(path + "/send", {"receipt": card["receipt"], "text": "Dear Rui"}).problem(409, "receipt_stale")
    assert "assignee" in late["changed"]
    assert desk.ben.post(path + "/open", {}).expect(200)["text"] == "Dear Rui"
    user = desk.shell.get(path + "/why").expect(200)["user"]
    assert user["cause"] == "followed_owner" and user["assignee"]["login"] == "ben"


def test_an_untouched_text_is_the_new_owners(desk):
    contact, task = task_of(desk)
    desk.shell.post("/contacts", {"phone": contact["phone"], "owner": "ben"}, query={"upsert": "phone"}).expect(200)
    moved = desk.shell.get(f"/tasks/{task['id']}").expect(200)
    assert moved["assignee"]["login"] == "ben" and moved["text"].endswith("this is Ben.")
    assert desk.ben.post(f"/tasks/{task['id']}/open", {}).expect(200)["text"] == moved["text"]
    desk.shell.patch(f"/contacts/{contact['id']}", {"owner": None}).expect(200)
    assert desk.shell.get(f"/tasks/{task['id']}").expect(200)["assignee"] is None


def test_sending_and_a_new_owner_at_once(desk):
    """Either ana sent it, or it is ben's and hers did not go: never both."""
    outcomes = set()
    for _ in range(20):
        contact, task = task_of(desk)
        path = f"/tasks/{task['id']}"
        card = desk.ana.post(path + "/open", {}).expect(200)
        other = desk.hb.shell()
        mover = threading.Thread(target=lambda: other.patch(f"/contacts/{contact['id']}", {"owner": "ben"}).expect(200))
        mover.start()
        sent = desk.ana.post(path + "/send", {"receipt": card["receipt"], "text": card["text"]})
        mover.join()
        other.close()
        after = desk.shell.get(path).expect(200)
        if sent.status == 202:
            assert after["state"] == "sent" and after["assignee"]["login"] == "ana"
        else:
            sent.problem(409, "receipt_stale")
            assert after["state"] == "pending" and after["assignee"]["login"] == "ben"
        outcomes.add(sent.status)
    assert outcomes <= {202, 409}
