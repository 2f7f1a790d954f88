"""Contacts through the daemon: who may do what, what a number's consent stops, and what outlives a kill."""

import pytest

from rig import Handbox


@pytest.fixture(scope="module")
def handbox(module_folder):
    daemon = Handbox(module_folder / "handbox").start()
    yield daemon
    daemon.stop()


@pytest.fixture(scope="module")
def ana(handbox):
    """An agent's own client."""
    client = handbox.client(handbox.user("ana"))
    yield client
    client.close()


@pytest.fixture(scope="module")
def machine(handbox):
    client = handbox.client(handbox.service())
    yield client
    client.close()


def test_what_cannot_be_a_number_is_kept_and_warned_about(ana):
    made = ana.post("/contacts", {"first_name": "Rui", "phone": "ask her"}).expect(201).json
    assert made["phone"] == "ask her" and made["phone_e164"] is None
    assert made["phone_check"]["verdict"] == "invalid"
    assert [w["code"] for w in made["warnings"]] == ["phone_invalid"]
    mended = ana.patch(f"/contacts/{made['id']}", {"phone": "961 000 001"}).expect(200).json
    assert mended["phone_e164"] == "+351961000001" and mended["warnings"] == []


def test_a_number_belongs_to_one_contact_unless_shared(ana):
    first = ana.post("/contacts", {"phone": "961000002"}).expect(201)
    again = ana.post("/contacts", {"phone": "+351 961 000 002"})
    assert again.problem(409, "duplicate")["existing"] == first["id"]
    found = ana.post("/contacts?upsert=phone", {"phone": "961000002", "last_name": "Costa"}).expect(200)
    assert found["id"] == first["id"] and found["last_name"] == "Costa"
    shared = ana.post("/contacts?shared=1", {"phone": "961000002"}).expect(201)
    assert {c["id"] for c in ana.items("/contacts", phone="961000002")} == {first["id"], shared["id"]}


def test_an_edit_of_something_older_is_refused(ana):
    made = ana.post("/contacts", {"first_name": "A"}).expect(201)
    path, etag = f"/contacts/{made['id']}", made.headers["etag"]
    ana.put(path + "/tags/vip", None).expect(204)
    ana.patch(path, {"first_name": "B"}, headers={"If-Match": etag}).problem(412, "precondition_failed")
    etag = ana.get(path).expect(200).headers["etag"]
    ana.patch(path, {"first_name": "B"}, headers={"If-Match": etag}).expect(200)


def test_pages_stay_whole_while_contacts_come_and_go(ana):
    ids = [ana.post("/contacts", {"first_name": "P", "tags": ["paged"]}).expect(201)["id"] for _ in range(7)]
    page = ana.get("/contacts", tag="paged", limit=3).expect(200).json
    assert [c["id"] for c in page["items"]] == ids[:3:-1]
    ana.post("/contacts", {"tags": ["paged"]}).expect(201)
    ana.delete(f"/contacts/{ids[4]}").expect(204)
    ana.delete(f"/contacts/{ids[3]}").expect(204)
    page = ana.get("/contacts", tag="paged", limit=3, cursor=page["next"]).expect(200).json
    assert [c["id"] for c in page["items"]] == ids[2::-1] and page["next"] is None


def test_opting_out_ends_tasks_and_only_a_person_lifts_it(ana, machine):
    made = ana.post("/contacts", {"phone": "961000003"}).expect(201)
    task = machine.post("/tasks", {"contact": made["id"], "name": "Call back", "text": "Hello"}).expect(201)
    out = machine.post(f"/contacts/{made['id']}/opt-out", {"reason": "asked on the phone"}).expect(200)
    assert out["opted_out"] is True
    assert ana.get(f"/tasks/{task['id']}").expect(200)["state"] == "cancelled"
    path, evidence = f"/contacts/{made['id']}/opt-in", {"evidence": "signed form of today"}
    machine.post(path, evidence).problem(403, "human_required")
    assert ana.post(path, evidence).expect(200)["opted_out"] is False


def test_consent_outlives_the_contact_and_a_kill(handbox, ana):
    made = ana.post("/contacts", {"phone": "961000004"}).expect(201)
    ana.post(f"/contacts/{made['id']}/opt-out", {"reason": "asked"}).expect(200)
    ana.delete(f"/contacts/{made['id']}").expect(204)
    handbox.kill()
    handbox.start()
    ana.get(f"/contacts/{made['id']}").problem(404, "not_found")
    assert ana.post("/contacts", {"phone": "961000004"}).expect(201)["opted_out"] is True


def test_who_may(handbox, ana):
    auditor = handbox.client(handbox.user("otto", "auditor", "read"))
    reader = handbox.client(handbox.service("read", "reader"))
    made = ana.post("/contacts", {"first_name": "A"}).expect(201)
    for client in (auditor, reader):
        client.get(f"/contacts/{made['id']}").expect(200)
        client.get("/contacts").expect(200)
        client.post("/contacts", {}).problem(403, "forbidden")
        client.patch(f"/contacts/{made['id']}", {}).problem(403, "forbidden")
        client.delete(f"/contacts/{made['id']}").problem(403, "forbidden")
        client.close()
