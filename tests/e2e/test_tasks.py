"""Tasks through the daemon: cards, leases, receipts, guards, and every act that is not sending."""

from rig import wait_until
from rig.desk import ahead, assign, manual_sms


# ---- cards and leases


def test_a_card_shows_all_and_a_look_changes_nothing(desk, ana, ben):
    task = desk.task(assignee="ana", text="Hi Rui")
    looked = ana.get(f"/tasks/{task['id']}/card").expect(200)
    assert "receipt" not in looked.json and "lease" not in looked.json
    assert "lease" not in desk.look(task)
    card = desk.open(ana, task)
    for member in ("task", "contact", "text", "holes", "segments", "guards", "messages", "why", "also", "drift", "lease",
                   "receipt"):
        assert member in card, member
    assert [guard["name"] for guard in card["guards"]] == [
        "pending", "lease", "assignee", "phone_valid", "sms_enabled", "channel", "opted_out", "hours", "frequency_cap",
        "hold", "text_locked", "holes", "forbidden_words", "text_empty", "segments"]
    assert desk.guards(card) == [] and card["lease"]["holder"]["login"] == "ana"
    assert card["task"]["lease"]["holder"]["login"] == "ana"
    ben.post(f"/tasks/{task['id']}/open", {}).expect(403, 404)


def test_who_makes_a_task_hears_what_is_in_the_way(desk, ana):
    for words, contact in ((["no_number"], desk.contact(phone="abc")), (["sms_disabled"], desk.contact(sms_enabled=False))):
        task = desk.task(contact=contact["id"], assignee="ana")
        assert task["warnings"] == words == desk.look(task)["warnings"]
    contact = desk.contact()
    ana.post(f"/contacts/{contact['id']}/opt-out", {"reason": "asked on the phone"}).expect(200)
    task = desk.task(contact=contact["id"])
    assert task["warnings"] == ["unassigned", "opted_out"]
    assert desk.shell.post(f"/tasks/{task['id']}/cancel", {"reason": "so it cannot go"}).expect(200)["warnings"] == []


def test_only_one_has_it_open(desk, ana, ben, lea):
    task = desk.task()
    desk.open(ana, task)
    assert desk.look(task)["assignee"]["login"] == "ana"
    refused = ben.post(f"/tasks/{task['id']}/open", {"take_over": True})
    refused.expect(403, 404, 409)
    lead_refused = lea.post(f"/tasks/{task['id']}/open", {}).problem(409, "leased")
    assert lead_refused["holder"]["login"] == "ana" and lead_refused["detail"].startswith("Ana has this card open until 20")
    card = desk.open(lea, task, take_over=True)
    assert card["lease"]["holder"]["login"] == "lea" and card["task"]["assignee"]["login"] == "ana"
    held = ana.post(f"/tasks/{task['id']}/check", {"text": "x"}).problem(409, "leased")
    assert held["holder"]["login"] == "lea"


def test_two_users_of_the_pool(desk, ana, ben):
    task = desk.task()
    card = desk.open(ana, task)
    ben.post(f"/tasks/{task['id']}/open", {}).expect(403, 404, 409)
    back = ana.post(f"/tasks/{task['id']}/release", {}).expect(200)
    assert back["assignee"] is None and "lease" not in back.json
    assert desk.open(ben, task)["task"]["assignee"]["login"] == "ben"
    desk.send(ana, task, card["receipt"], "mine").expect(404, 409)


def test_a_lease_runs_out_and_goes_back_to_the_pool(desk, ana, ben):
    task = desk.task()
    first = desk.open(ana, task)
    wait_until(lambda: desk.look(task)["assignee"] is None, "the task to be back in the pool", 10)
    other = desk.task()
    second = desk.open(ana, other)
    wait_until(lambda: desk.look(other)["assignee"] is None, "the other to be back in the pool", 10)
    desk.open(ben, task)
    desk.send(ana, task, first["receipt"], "too late").expect(409)
    # nobody took this one: for its holder a lease ends only when somebody takes it
    message = desk.send(ana, other, second["receipt"], "still mine").expect(202)["message"]
    desk.message(message, "accepted")
    assert desk.look(other)["assignee"]["login"] == "ana"


def test_working_keeps_the_lease(desk, ana):
    task = desk.task(assignee="ana")
    first = desk.open(ana, task)["lease"]["expires_at"]
    for act in (lambda: ana.post(f"/tasks/{task['id']}/check", {"text": "x"}).expect(200)["lease_expires_at"],
                lambda: ana.put(f"/tasks/{task['id']}/draft", {"text": "x"}).expect(200)["lease_expires_at"],
                lambda: ana.post(f"/tasks/{task['id']}/renew", {}).expect(200)["expires_at"]):
        first = wait_until(lambda: (until := act()) > first and until, "a later end of the lease", 5)


def test_check_tells_segments_holes_and_guards(desk, ana):
    task = desk.task(assignee="ana")
    ana.post(f"/tasks/{task['id']}/check", {"text": "x"}).expect(409)
    desk.open(ana, task)

    def check(text):
        return ana.post(f"/tasks/{task['id']}/check", {"text": text}).expect(200).json
    assert (check("a" * 160)["segments"]["count"], check("a" * 161)["segments"]["count"]) == (1, 2)
    assert check("€" * 80)["segments"]["count"] == 1 and check("€" * 81)["segments"]["count"] == 2
    unicode_ = check("olá ção")["segments"]
    assert unicode_["encoding"] == "UCS-2" and "ç" in str(unicode_["unicode_chars"])
    quoted = check("ana’s “olá” – ’…\U0001f600")["segments"]
    assert quoted["gsm_text"] == "ana's \"ola\" - '...\U0001f600"
    by_char = {row["char"]: row for row in quoted["foreign"]}
    assert by_char["’"] == {"char": "’", "name": "right single quote", "at": [3, 23], "equivalent": "'"}
    assert by_char["\U0001f600"]["equivalent"] is None and "name" not in by_char["á"]
    assert check("ola's")["segments"]["gsm_text"] is None and check("ola's")["segments"]["foreign"] == []
    assert check("б" * 70)["segments"]["count"] == 1 and check("б" * 71)["segments"]["count"] == 2
    assert desk.guards(check("a" * 1000)) == ["segments"] and desk.guards(check(" \n")) == ["text_empty"]


# ---- receipts


def test_the_same_receipt_again(desk, ana, ben, lea, sendsms):
    task = desk.task()
    card = desk.open(ana, task)
    before = len(sendsms.requests)
    first = desk.send(ana, task, card["receipt"], "once").expect(202)
    desk.message(first["message"], "accepted")
    again = desk.send(ana, task, card["receipt"], "once").expect(202)
    assert again["message"]["id"] == first["message"]["id"]
    used = desk.send(ana, task, card["receipt"], "twice").problem(409, "receipt_used")
    assert used["message"]["id"] == first["message"]["id"] and used["message"]["state"] == "accepted"
    desk.send(lea, task, card["receipt"], "once").problem(409, "receipt_stale")
    desk.send(ana, task, "1-aaaa", "once").problem(409, "receipt_stale")
    desk.send(ana, task, "rubbish", "once").problem(409, "receipt_stale")
    assert len(sendsms.requests) == before + 1


def test_a_receipt_belongs_to_one_credential_and_one_task(desk, ana):
    other_token = desk.client(desk.hb.token("ana"))
    task, second = desk.task(assignee="ana"), desk.task(assignee="ana")
    card = desk.open(ana, task)
    desk.send(other_token, task, card["receipt"], "x").problem(409, "receipt_stale")
    desk.send(ana, second, card["receipt"], "x").problem(409, "receipt_stale")
    newer = desk.open(ana, task)
    assert newer["receipt"] != card["receipt"]
    desk.send(ana, task, card["receipt"], "x").problem(409, "receipt_stale")
    desk.send(ana, task, newer["receipt"], "x").expect(202)


def changed(desk, who, task, card):
    return desk.send(who, task, card["receipt"], "x").problem(409, "receipt_stale")["changed"]


def test_each_change_is_named(desk, ana, lea):
    def fresh(**fields):
        task = desk.task(assignee="ana", **fields)
        return task, desk.open(ana, task)
    task, card = fresh()
    desk.shell.patch(f"/contacts/{task['contact']['id']}", {"phone": desk.phone()}).expect(200)
    assert "recipient" in changed(desk, ana, task, card)

    task, card = fresh()
    desk.shell.post(f"/contacts/{task['contact']['id']}/opt-out", {"reason": "asked"}).expect(200)
    answer = desk.send(ana, task, card["receipt"], "x")
    answer.problem(409, "receipt_stale")
    assert "consent" in answer["changed"] or desk.look(task)["state"] == "cancelled"

    first, first_card = fresh()
    second = desk.task(contact=first["contact"]["id"], assignee="ana")
    desk.approve(ana, second, "the thread goes on")
    assert changed(desk, ana, first, first_card) == ["thread"]

    task, card = fresh()
    lea.post(f"/tasks/{task['id']}/reassign", {"assignee": "lea"}).expect(200)
    lea.post(f"/tasks/{task['id']}/reassign", {"assignee": "ana"}).expect(200)
    assert "lease" in changed(desk, ana, task, card)
    task, card = fresh()
    lea.post(f"/tasks/{task['id']}/reassign", {"assignee": "lea"}).expect(200)
    assert set(changed(desk, ana, task, card)) == {"assignee", "lease"}

    task, card = fresh()
    desk.open(lea, task, take_over=True)
    desk.send(ana, task, card["receipt"], "x").problem(409, "leased")
    lea.post(f"/tasks/{task['id']}/release", {}).expect(200)
    assert changed(desk, ana, task, card) == ["lease"]


def test_consent_that_went_there_and_back_is_a_change(desk, ana):
    task = desk.task(assignee="ana")
    card = desk.open(ana, task)
    other = desk.shell.post("/contacts?shared=1", {"first_name": "Same", "phone": task["contact"]["phone_e164"]}).expect(201)
    desk.shell.post(f"/contacts/{other['id']}/opt-out", {"reason": "asked"}).expect(200)
    ana.post(f"/contacts/{other['id']}/opt-in", {"reason": "asked", "evidence": "letter of today"}).expect(200)
    assert desk.look(task)["state"] == "cancelled"
    ana.post(f"/tasks/{task['id']}/reopen", {"reason": "opted in again"}).expect(200)
    assert "consent" in changed(desk, ana, task, card)


def test_a_new_sender_is_a_change(desk, ana):
    task = desk.task(assignee="ana")
    card = desk.open(ana, task)
    desk.hb.write_conf(sender="54321")
    desk.hb.restart()
    try:
        assert "sender" in changed(desk, ana, task, card)
        assert desk.open(ana, task)["from"] == "54321"
    finally:
        desk.hb.write_conf(sender="12345")
        desk.hb.restart()


def test_receipts_of_a_task_that_ended(desk, ana, lea):
    task = desk.task(assignee="ana")
    card = desk.open(ana, task)
    lea.post(f"/tasks/{task['id']}/skip", {"reason": "done in person"}).expect(200)
    desk.send(ana, task, card["receipt"], "x").expect(409)
    gone = ana.post(f"/tasks/{task['id']}/open", {}).problem(409, "not_pending")
    assert gone["state"] == "skipped"


# ---- guards


def refused(desk, who, task, text="x", **options):
    """Names of the guards that refuse."""
    card = desk.open(who, task)
    problem = desk.send(who, task, card["receipt"], text, **options).problem(422, "guard_refused")
    for guard in problem["guards"]:
        assert guard["ok"] or (guard["detail"] and guard["fix"]), guard
    return [guard["name"] for guard in problem["guards"] if not guard["ok"]]


def test_every_guard_names_itself(desk, ana, lea, sendsms):
    before = len(sendsms.requests)
    bad = desk.contact(phone="12")
    assert bad["phone_e164"] is None
    assert refused(desk, ana, desk.task(contact=bad["id"], assignee="ana")) == ["phone_valid"]

    task = desk.task(assignee="ana")
    desk.shell.patch(f"/contacts/{task['contact']['id']}", {"sms_enabled": False}).expect(200)
    assert refused(desk, ana, task) == ["sms_enabled"]

    task = desk.task(assignee="ana")
    lea.put("/channel", {"sms_enabled": False, "reason": "a drill"}).expect(200)
    assert refused(desk, ana, task) == ["channel"]
    lea.put("/channel", {"sms_enabled": True, "reason": "drill over"}).expect(200)

    contact = desk.contact()
    desk.shell.post(f"/contacts/{contact['id']}/opt-out", {"reason": "asked"}).expect(200)
    assert refused(desk, ana, desk.task(contact=contact["id"], assignee="ana")) == ["opted_out"]

    assert refused(desk, ana, desk.task(assignee="ana"), "") == ["text_empty"]
    assert refused(desk, ana, desk.task(assignee="ana"), "a" * 1000) == ["segments"]
    assert len(sendsms.requests) == before


def test_a_refused_receipt_still_sends_when_mended(desk, ana):
    task = desk.task(assignee="ana")
    card = desk.open(ana, task)
    desk.send(ana, task, card["receipt"], "").problem(422, "guard_refused")
    desk.send(ana, task, card["receipt"], "now with words").expect(202)


def test_a_locked_text_goes_as_it_is_offered(desk, ana):
    desk.publish("locked", assign("ana") + manual_sms("Hi {{ contact.first_name }}, we close at six.",
                                                      attributes='expires="3d" locked="yes"'))
    task = desk.enroll("locked", desk.contact(first_name="Rui")["id"])
    assert task["locked"] is True
    card = desk.open(ana, task)
    assert card["locked"] is True and desk.guards(card) == []
    for call in (ana.post(f"/tasks/{task['id']}/check", {"text": "Hi Rui"}),
                 ana.put(f"/tasks/{task['id']}/draft", {"text": "Hi Rui"}),
                 desk.send(ana, task, card["receipt"], "Hi Rui")):
        guard = {guard["name"]: guard for guard in call.problem(422, "guard_refused")["guards"]}["text_locked"]
        assert not guard["ok"] and "skip" in guard["fix"], guard
    ana.post(f"/tasks/{task['id']}/check", {"text": card["text"]}).expect(200)
    saved = ana.put(f"/tasks/{task['id']}/draft", {"text": card["text"], "version": card["draft_version"]}).expect(200)
    assert saved["draft_version"] == 0, "nothing is kept of what is offered"
    desk.send(ana, task, card["receipt"], card["text"]).expect(202)


def test_due_expiry_and_priority_change_later(desk, ana, ben):
    task, other = desk.task(assignee="ana"), desk.task(assignee="ana", due=ahead(60))
    path = f"/tasks/{task['id']}"
    first = lambda: [found["id"] for found in ana.items("/tasks", assignee="me", state="pending")
                     if found["id"] in (task["id"], other["id"])][0]
    assert first() == other["id"]
    card = desk.open(ana, task)
    ben.patch(path, {"priority": 9}).expect(403, 404)
    changed = ana.patch(path, {"priority": 9, "expires": ahead(3600)}).expect(200)
    assert changed["priority"] == 9 and changed["expires_at"] and changed["due_at"] is None
    assert first() == task["id"]
    noted = desk.shell.get("/audit", act="task_change").expect(200)["items"][0]
    assert noted["subject"] == f"task:{task['id']}" and noted["actor"] == "ana"
    assert noted["detail"]["priority"] == {"from": 0, "to": 9}
    ana.patch(path, {"priority": 0, "expires": None, "due": ahead(30)}).expect(200)
    assert desk.look(task)["expires_at"] is None and first() == task["id"]
    ana.patch(path, {"priority": 10}).expect(400, 422)
    ana.patch(path, {"expires": ahead(-60)}).problem(422, "invalid")
    desk.send(ana, task, card["receipt"], "The receipt holds").expect(202)
    ana.patch(path, {"priority": 1}).problem(409, "not_pending")


def test_holes_block_until_filled(desk, ana):
    desk.publish("holey", assign("ana") + manual_sms("Hi {{ contact.last_name }}, about {{ contact.custom.product }}."))
    task = desk.enroll("holey", desk.contact(last_name="Costa")["id"])
    card = desk.open(ana, task)
    assert [hole["field"] for hole in card["holes"]] == ["contact.custom.product"]
    assert desk.guards(card) == ["holes"]
    assert refused(desk, ana, task, card["text"]) == ["holes"]
    assert refused(desk, ana, task, "Hi {{ contact.last_name | upcase }}, about your car.") == ["holes"], "nothing would fill it in"
    card = desk.open(ana, task)
    desk.send(ana, task, card["receipt"], "Hi Costa, about {{ your }} car.").expect(202)
    literal = desk.task(assignee="ana", text="Hi {{contact.first_name}}")
    assert desk.guards(desk.open(ana, literal)) == ["holes"], "what a program wrote is no template, and goes to nobody with its braces"


def test_a_hold_stops_and_resume_frees(desk, ana, lea):
    desk.publish("held", assign("ana") + manual_sms("Hi"))
    task = desk.enroll("held", desk.contact()["id"])
    card = desk.open(ana, task)
    desk.shell.post("/workflows/held/unpublish", {"pending_tasks": "hold"}).expect(200)
    desk.task_in(task, "held")
    problem = desk.send(ana, task, card["receipt"], "x").problem(422, "guard_refused")
    assert [g["name"] for g in problem["guards"] if not g["ok"]] == ["hold"]
    assert desk.look(task)["holds"]
    ana.post(f"/tasks/{task['id']}/open", {}).problem(409, "not_pending")
    ana.post(f"/tasks/{task['id']}/resume", {"reason": "x"}).problem(409, "bad_state")
    desk.shell.post("/workflows/held/publish", {}).expect(200)
    desk.task_in(task, "pending")
    desk.approve(ana, task, "free again")


def test_what_was_reopened_under_a_hold_is_held(desk, ana):
    desk.publish("reheld", assign("ana") + manual_sms("Hi"))
    task = desk.enroll("reheld", desk.contact()["id"])
    ana.post(f"/tasks/{task['id']}/skip", {"reason": "not now"}).expect(200)
    desk.shell.post("/workflows/reheld/unpublish", {"pending_tasks": "hold"}).expect(200)
    assert ana.post(f"/tasks/{task['id']}/reopen", {"reason": "after all"}).expect(200)["state"] == "held"


# ---- other acts


def test_snooze_and_wake(desk, ana):
    task = desk.task(assignee="ana")
    ana.post(f"/tasks/{task['id']}/snooze", {"until": ahead(-5)}).problem(422, "invalid")
    ana.post(f"/tasks/{task['id']}/snooze", {}).problem(400, "bad_request")
    ana.post(f"/tasks/{task['id']}/snooze", {"until": "tomorrow"}).problem(400, "bad_request")
    asleep = ana.post(f"/tasks/{task['id']}/snooze", {"until": ahead(1), "reason": "lunch"}).expect(200)
    assert asleep["state"] == "snoozed" and asleep["snoozed_until"]
    ana.post(f"/tasks/{task['id']}/open", {}).problem(409, "not_pending")
    desk.task_in(task, "pending")
    ana.post(f"/tasks/{task['id']}/snooze", {"until": ahead(3600)}).expect(200)
    assert ana.post(f"/tasks/{task['id']}/resume", {}).expect(200)["state"] == "pending"


def test_expiry(desk, ana):
    task = desk.task(assignee="ana", expires=ahead(1))
    card = desk.open(ana, task)
    gone = desk.task_in(task, "expired")
    assert gone["ended_at"]
    desk.send(ana, task, card["receipt"], "x").expect(409)
    back = ana.post(f"/tasks/{task['id']}/reopen", {"reason": "still wanted"}).expect(200)
    assert back["state"] == "pending" and back["expires_at"] is None
    desk.shell.post("/tasks", {"contact": task["contact"]["id"], "name": "n", "expires": ahead(-1)}).problem(422, "invalid")


def test_skip_with_undo(desk, ana):
    desk.publish("undone", assign("ana") + manual_sms("Hi") + '<add-tag tag="went-on"/>')
    contact = desk.contact()["id"]
    task = desk.enroll("undone", contact)

    def tags():
        return desk.shell.get(f"/contacts/{contact}").expect(200)["tags"]
    ana.post(f"/tasks/{task['id']}/skip", {"reason": "oops", "undo": True}).expect(200)
    assert ana.post(f"/tasks/{task['id']}/reopen", {"reason": "undo"}).expect(200)["state"] == "pending"
    assert tags() == []
    ana.post(f"/tasks/{task['id']}/skip", {"reason": "called", "undo": True}).expect(200)
    assert tags() == []
    wait_until(lambda: tags() == ["went-on"], "the exit to be taken", 15)
    (enrollment,) = desk.shell.items("/enrollments", contact=contact)
    assert enrollment["state"] == "completed"


def test_reopened_after_its_exit_it_stands_free(desk, ana):
    desk.publish("free", assign("ana") + manual_sms("Hi") + '<add-tag tag="moved"/>')
    contact = desk.contact()["id"]
    task = desk.enroll("free", contact)
    ana.post(f"/tasks/{task['id']}/skip", {"reason": "called"}).expect(200)
    assert desk.shell.get(f"/contacts/{contact}").expect(200)["tags"] == ["moved"]
    desk.shell.delete(f"/contacts/{contact}/tags/moved").expect(204)
    ana.post(f"/tasks/{task['id']}/reopen", {"reason": "after all"}).expect(200)
    desk.message(desk.approve(ana, task, "x"), "accepted")
    assert desk.shell.get(f"/contacts/{contact}").expect(200)["tags"] == []


def test_cancel_goes_on_as_skipped(desk, ana):
    desk.publish("called-off", assign("ana") + manual_sms("Hi") + '<add-tag tag="on"/>')
    contact = desk.contact()["id"]
    task = desk.enroll("called-off", contact)
    done = ana.post(f"/tasks/{task['id']}/cancel", {"reason": "a mistake"}).expect(200)
    assert (done["state"], done["end_reason"]) == ("cancelled", "a mistake")
    assert desk.shell.get(f"/contacts/{contact}").expect(200)["tags"] == ["on"]
    ana.post(f"/tasks/{task['id']}/cancel", {"reason": "again"}).problem(409, "not_pending")
    ana.post(f"/tasks/{task['id']}/snooze", {"until": ahead(60)}).problem(409, "not_pending")
    ana.post(f"/tasks/{task['id']}/reassign", {"assignee": "ben"}).problem(409, "not_pending")


def test_reassign_carries_the_draft_and_fences_the_holder(desk, ana, ben, lea):
    task = desk.task(assignee="ana")
    card = desk.open(ana, task)
    ana.put(f"/tasks/{task['id']}/draft", {"text": "half a thought"}).expect(200)
    moved = ana.post(f"/tasks/{task['id']}/reassign", {"assignee": "ben", "reason": "on leave"}).expect(200)
    assert moved["assignee"]["login"] == "ben" and "on leave" in moved["why"]
    desk.send(ana, task, card["receipt"], "x").expect(404, 409)
    assert desk.open(ben, task)["text"] == "half a thought"
    lea.post(f"/tasks/{task['id']}/reassign", {"assignee": "nobody-such"}).problem(422, "unknown_user")
    lea.post(f"/tasks/{task['id']}/reassign", {}).problem(400, "bad_request")
    assert lea.post(f"/tasks/{task['id']}/reassign", {"assignee": None}).expect(200)["assignee"] is None
    team = desk.shell.post("/teams", {"name": "south", "members": ["ana"]}).expect(201)
    to_team = lea.post(f"/tasks/{task['id']}/reassign", {"assignee": {"team": team["id"]}}).expect(200)
    assert to_team["team"]["name"] == "south" and to_team["assignee"] is None
    ben.post(f"/tasks/{task['id']}/open", {}).expect(403, 404)
    assert desk.open(ana, task)["text"] == "half a thought"


def test_an_untouched_text_is_rendered_for_who_opens(desk, ana, lea):
    desk.publish("render", assign("ana") + manual_sms("Hi, this is {{ user.first_name }}."))
    task = desk.enroll("render", desk.contact()["id"])
    assert desk.open(ana, task)["text"] == "Hi, this is Ana."
    lea.post(f"/tasks/{task['id']}/reassign", {"assignee": "ben"}).expect(200)
    assert desk.open(lea, task)["text"] == "Hi, this is Lea."


def test_a_lead_sends_for_the_assignee(desk, ana, lea):
    task = desk.task(assignee="ana")
    message = desk.approve(lea, task, "from the lead")
    after = desk.look(task)
    assert after["assignee"]["login"] == "ana" and desk.message(message)["sent_by"]["login"] == "lea"


def test_what_cannot_be_reopened(desk, ana):
    task = desk.task(assignee="ana")
    ana.post(f"/tasks/{task['id']}/reopen", {"reason": "x"}).problem(409, "bad_state")
    desk.message(desk.approve(ana, task, "went"), "accepted")
    assert "accepted" in ana.post(f"/tasks/{task['id']}/reopen", {"reason": "x"}).problem(409, "bad_state")["detail"]


def test_supersede(desk, ana, ben):
    contact = desk.contact()["id"]
    keep, end, open_elsewhere = (desk.task(contact=contact, assignee=login) for login in ("ana", "ana", "ben"))
    strange = desk.task(assignee="ana")
    card = desk.open(ana, keep)
    assert {task["id"] for task in card["also"]} == {end["id"], open_elsewhere["id"]}
    refused_ = desk.send(ana, keep, card["receipt"], "x", supersede=[strange["id"]]).problem(422, "invalid")
    assert refused_["member"] == "supersede"
    desk.open(ben, open_elsewhere)
    desk.send(ana, keep, card["receipt"], "x", supersede=[open_elsewhere["id"]]).expect(403, 404, 409)
    assert desk.look(keep)["state"] == "pending", "all or nothing"
    desk.send(ana, keep, card["receipt"], "x", supersede=[end["id"]]).expect(202)
    assert desk.look(end)["state"] == "skipped" and keep["id"] in desk.look(end)["end_reason"]


# ---- undo and recall


def test_undo_and_recall(desk, ana, ben, lea, sendsms):
    task = desk.task(assignee="ana")
    before = len(sendsms.requests)
    message = desk.approve(ana, task, "wait a moment", undo_s=10)
    assert desk.message(message)["state"] == "approved"
    ben.post(f"/messages/{message['id']}/recall", {}).expect(403, 404)
    assert ana.post(f"/messages/{message['id']}/recall", {}).expect(200)["state"] == "withdrawn"
    back = desk.look(task)
    assert back["state"] == "pending" and back["attention"] is None
    ana.post(f"/messages/{message['id']}/recall", {}).problem(409, "too_late")
    second = desk.approve(ana, task, "now really", undo_s=1)
    desk.message(second, "accepted")
    lea.post(f"/messages/{second['id']}/recall", {}).problem(409, "too_late")
    assert [r.query["text"] for r in sendsms.requests[before:]] == ["now really"]
    desk.send(ana, task, "x", "y", undo_s=11).problem(400, "bad_request")
