"""The main job, end to end: workflow, enrollment, task, review, approval, Kannel, handset, delivery report."""

import pytest

from rig import Handbox, Kannel, wait_until

HANDSET = "+351912345678"

WORKFLOW = """<?xml version="1.0" encoding="UTF-8"?>
<workflow xmlns="urn:handbox:workflow:1" id="follow-up" name="Follow-up">
  <settings reentry="one-at-a-time"/>
  <steps>
    <assign-user id="who"><user login="ana"/></assign-user>
    <manual-sms id="hello" name="First text" due="4h" expires="3d">
      <message>Hi {{ contact.first_name | default: "there" }}, this is {{ user.first_name }}.</message>
    </manual-sms>
    <add-tag tag="contacted"/>
    <end/>
  </steps>
</workflow>
"""


@pytest.fixture(scope="module")
def handbox(module_folder):
    daemon = Handbox(module_folder / "handbox")
    yield daemon
    daemon.stop()


@pytest.fixture(scope="module")
def kannel(module_folder, smsc, handbox):
    boxes = Kannel(module_folder / "kannel", smsc, inbound_url=handbox.inbound_url).start()
    handbox.write_conf(kannel_conf=boxes.conf)
    handbox.start()
    yield boxes
    boxes.stop()


@pytest.fixture(scope="module")
def ana(handbox, kannel):
    """Ana's own client; she leads, so that she may publish."""
    token = handbox.user("ana", "lead")
    client = handbox.client(token)
    yield client
    client.close()


@pytest.fixture(scope="module")
def published(ana):
    ana.put("/workflows/follow-up", WORKFLOW).expect(201)
    ana.post("/workflows/follow-up/publish", {}).expect(200)


def new_contact(client, name, phone=HANDSET):
    return client.post("/contacts", {"first_name": name, "phone": phone, "external_id": name.lower()}).expect(201)["id"]


def enroll(client, contact):
    results = client.post("/workflows/follow-up/enrollments", {"contacts": [contact]}).expect(200)["results"]
    assert [r["outcome"] for r in results] == ["enrolled"]
    (task,) = client.items("/tasks", contact=contact)
    return task


def message_in(client, message, *states):
    return wait_until(lambda: (m := client.get(f"/messages/{message}").expect(200).json)["state"] in states and m,
                      lambda: f"{states}: {client.get(f'/messages/{message}').text}")


def test_one_text_from_workflow_to_handset_and_back(ana, published, smsc):
    contact = new_contact(ana, "Maria")
    task = enroll(ana, contact)
    assert (task["state"], task["assignee"]["login"], task["step"]) == ("pending", "ana", "hello")
    card = ana.post(f"/tasks/{task['id']}/open", {}).expect(200)
    assert card["text"] == "Hi Maria, this is Ana."
    assert card["segments"]["encoding"] == "GSM-7" and card["segments"]["count"] == 1
    assert all(guard["ok"] for guard in card["guards"]), card
    assert smsc.texts() == [], "nothing leaves before a person sends it"
    assert ana.get(f"/tasks/{task['id']}/why").expect(200)
    text = "Olá Maria, daqui Ana. Às 18h? €5"
    typed = ana.post(f"/tasks/{task['id']}/check", {"text": text}).expect(200)
    assert typed["segments"]["encoding"] == "UCS-2" and typed["segments"]["count"] == 1 and typed["holes"] == []
    ana.put(f"/tasks/{task['id']}/draft", {"text": text}).expect(200)
    assert ana.get(f"/tasks/{task['id']}/card").expect(200)["text"] == text
    message = ana.post(f"/tasks/{task['id']}/send", {"receipt": card["receipt"], "text": text}).expect(202)["message"]
    (seen,) = smsc.wait_texts(1)
    assert (seen["text"], seen["destination"]) == (text, HANDSET[1:])
    state = message_in(ana, message["id"], "delivered")
    assert state["sent_by"]["login"] == "ana" and state["text"] == text
    assert [r["kind"] for r in state["reports"]] == ["smsc_accepted", "delivered"], state["reports"]
    assert ana.get(f"/tasks/{task['id']}").expect(200)["state"] == "sent"
    assert "contacted" in ana.get(f"/contacts/{contact}").expect(200)["tags"]
    assert len(smsc.texts()) == 1


def test_the_same_receipt_sends_once(ana, published, smsc):
    task = enroll(ana, new_contact(ana, "Twice", "+351912000002"))
    card = ana.post(f"/tasks/{task['id']}/open", {}).expect(200)
    body = {"receipt": card["receipt"], "text": "only once"}
    first = ana.post(f"/tasks/{task['id']}/send", body).expect(202)["message"]
    again = ana.post(f"/tasks/{task['id']}/send", body).expect(202)["message"]
    assert first["id"] == again["id"]
    ana.post(f"/tasks/{task['id']}/send", {**body, "text": "another"}).problem(409, "receipt_used")
    message_in(ana, first["id"], "delivered")
    assert len(smsc.texts(text="only once")) == 1


def test_an_inbound_text_makes_what_was_shown_stale(ana, published, smsc, kannel):
    contact = new_contact(ana, "Answers", "+351912000003")
    task = enroll(ana, contact)
    card = ana.post(f"/tasks/{task['id']}/open", {}).expect(200)
    smsc.inbound("+351912000003", "12345", "Já falei convosco 😀")
    wait_until(lambda: any(m["direction"] == "in" for m in ana.items(f"/contacts/{contact}/messages")), "the inbound text")
    problem = ana.post(f"/tasks/{task['id']}/send", {"receipt": card["receipt"], "text": "late"}).problem(
        409, "receipt_stale")
    assert "thread" in problem["changed"]
    fresh = ana.post(f"/tasks/{task['id']}/open", {}).expect(200)
    assert fresh["messages"][-1]["text"] == "Já falei convosco 😀"
    assert smsc.texts(text="late") == []


def test_no_program_may_send(handbox, ana, published):
    task = enroll(ana, new_contact(ana, "Program", "+351912000004"))
    program = handbox.client(handbox.service())
    program.post(f"/tasks/{task['id']}/open", {}).problem(403, "human_required")
    program.post(f"/tasks/{task['id']}/send", {"receipt": "x", "text": "y"}).problem(403, "human_required")
    program.close()


def test_the_way_from_the_shell(handbox, ana, published, smsc):
    token = ana.token
    new_contact(ana, "Shell", "+351912000005")
    handbox.cli("enroll", "follow-up", "shell", token=token)
    task = next(t for t in ana.items("/tasks", state="pending") if t["contact"]["phone_e164"] == "+351912000005")
    assert task["id"] in handbox.cli("tasks", token=token).stdout
    assert "Hi Shell, this is Ana." in handbox.cli("open", task["id"], token=token).stdout
    handbox.cli("send", task["id"], "--yes", token=token)
    smsc.wait_texts(1, text="Hi Shell, this is Ana.")
    wait_until(lambda: not ana.items("/messages", state="approved,handing_over,accepted"), "the last reports")
    assert handbox.cli("why", "follow-up", "shell", token=token).stdout
    handbox.cli("verify")
