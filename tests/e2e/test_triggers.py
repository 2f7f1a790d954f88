"""Triggers through the outside: events over HTTP, imports, what people and programs change, a keyword by a real Kannel."""

import concurrent.futures
import datetime
import sqlite3

import pytest

from rig import Desk, Handbox, Kannel, wait_until
from rig.desk import assign, manual_sms


@pytest.fixture(scope="module")
def handbox(module_folder):
    return Handbox(module_folder / "handbox")


@pytest.fixture(scope="module")
def kannel(module_folder, smsc, handbox):
    boxes = Kannel(module_folder / "kannel", smsc, inbound_url=handbox.inbound_url).start()
    yield boxes
    boxes.stop()


@pytest.fixture(scope="module")
def desk(handbox, kannel):
    handbox.write_conf(kannel_conf=kannel.conf)
    handbox.start()
    people = Desk(handbox)
    people.ana = people.person("ana")
    yield people
    people.close()
    handbox.stop()


def listening(desk, name, triggers, steps, settings=""):
    """A published workflow with these triggers."""
    return desk.publish(name, steps, f"{settings}<triggers>{triggers}</triggers>")


def runs(desk, workflow, contact):
    return desk.shell.items("/enrollments", workflow=workflow, contact=contact["id"])


def why(desk, workflow, contact):
    return desk.shell.get("/why", workflow=workflow, contact=contact["id"]).expect(200)


def cause(desk, run):
    first = desk.shell.items(f"/enrollments/{run['id']}/journal")[0]
    assert first["kind"] == "enrolled", first
    return first["detail"]


def test_an_event_makes_a_task_with_its_data(desk):
    listening(desk, "late", '<event name="order.late"/>',
              assign("ana") + manual_sms("Order {{ event.order }} is {{ event.days }} days late."))
    contact = desk.contact(external_id="C-17")
    data = {"order": "A-17", "days": 3, "price": 0.1, "lines": [1, 2]}
    taken = desk.shell.post("/events/order.late", {"contact": {"external_id": "C-17"}, "data": data}).expect(202)
    assert (taken["event"], taken["contact"]["id"], taken["workflows"]) == ("order.late", contact["id"], ["late"])
    assert taken["data"]["order"] == "A-17"
    (task,) = desk.shell.items("/tasks", contact=contact["id"])
    assert task["text"] == "Order A-17 is 3 days late."
    (run,) = runs(desk, "late", contact)
    assert run["data"] == data
    assert (cause(desk, run)["cause"], cause(desk, run)["data"]["days"]) == ("event order.late", 3)
    card = desk.open(desk.ana, task)
    assert card["text"] == "Order A-17 is 3 days late." and card["holes"] == []


def test_the_contact_by_id_number_or_own_name(desk):
    listening(desk, "named", '<event name="named"/>', '<wait id="w" for="30d"/>', '<settings reentry="concurrent"/>')
    contact = desk.contact(external_id="own-1")
    for name in ({"id": contact["id"]}, {"external_id": "own-1"}, {"phone": contact["phone_e164"]}):
        desk.shell.post("/events/named", {"contact": name}).expect(202)
    assert len(runs(desk, "named", contact)) == 3


@pytest.mark.parametrize("body, status, code, member", [
    ({}, 400, "bad_request", "contact"),
    ({"contact": {}}, 400, "bad_request", "contact"),
    ({"contact": {"id": "1", "phone": "+351912000000"}}, 400, "bad_request", "contact"),
    ({"contact": {"id": "1"}}, 404, "not_found", "contact"),
    ({"contact": {"external_id": "nobody"}}, 404, "not_found", "contact"),
    ({"contact": {"phone": "+351919999999"}}, 404, "not_found", "contact"),
    ({"contact": {"id": "1"}, "data": [1]}, 400, "bad_request", "data"),
    ({"contact": {"id": "1"}, "data": None}, 400, "bad_request", "data"),
    ({"contact": {"id": "1"}, "more": 1}, 400, "bad_request", "more"),
    ({"contact": {"id": "1"}, "data": {"much": "x" * 17000}}, 422, "invalid", "data"),
])
def test_what_is_no_event(desk, body, status, code, member):
    problem = desk.shell.post("/events/some.thing", body).problem(status, code)
    assert problem["member"].startswith(member), problem


def test_names_of_events(desk):
    contact = desk.contact()
    for name in ("order%20late", "9lives", "x" * 65):
        desk.shell.post(f"/events/{name}", {"contact": {"id": contact["id"]}}).problem(422, "invalid")


def test_one_key_one_event(desk):
    listening(desk, "once-each", '<event name="paid"/>', '<add-tag tag="paid"/>')
    contact = desk.contact()
    body = {"contact": {"id": contact["id"]}, "data": {"n": 1}}
    program = desk.hb.service("enroll")
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        clients = [desk.client(program) for _ in range(8)]
        answers = list(pool.map(lambda client: client.post("/events/paid", body, key="pay-1").expect(202).json, clients))
    assert all(answer == answers[0] for answer in answers)
    assert len(runs(desk, "once-each", contact)) == 1
    clients[0].post("/events/paid", {**body, "data": {"n": 2}}, key="pay-1").problem(409, "idempotency_mismatch")
    clients[0].post("/events/paid", body, key="pay-2").expect(202)
    assert len(runs(desk, "once-each", contact)) == 2


def test_who_may_send_events(desk):
    contact = desk.contact()
    body = {"contact": {"id": contact["id"]}}
    desk.client(None).post("/events/any", body).problem(401, "unauthenticated")
    desk.program("read,contacts,workflows,tasks").post("/events/any", body).problem(403, "forbidden")
    desk.program("enroll").post("/events/any", body).expect(202)


def test_an_import_enrolls_only_where_it_is_wanted(desk, tmp_path):
    listening(desk, "by-hand", "<contact-created/>", '<add-tag tag="by-hand"/>')
    listening(desk, "by-import", '<contact-created imports="yes"/>', '<add-tag tag="by-import"/>')
    listening(desk, "by-tag", '<tag-added tag="imported"/>', '<add-tag tag="by-tag"/>')
    rows = "".join(f"Row{n},+35196{2000000 + n},imported\n" for n in range(50))
    (tmp_path / "people.csv").write_text("first_name,phone,tags\n" + rows)
    desk.hb.cli("import", tmp_path / "people.csv")

    def all_in():
        found = desk.shell.items("/contacts", tag="by-import")
        return found if len(found) == 50 else None
    people = wait_until(all_in, "fifty enrollments by the import")
    assert len(desk.shell.items("/contacts", tag="by-tag")) == 50
    assert desk.shell.items("/contacts", tag="by-hand", q="Row") == []
    answer = why(desk, "by-hand", people[0])["first_failure"]
    assert answer["check"] == "trigger_seen" and "imports" in answer["detail"], answer
    assert [run["state"] for run in runs(desk, "by-hand", desk.contact(first_name="Hand"))] == ["completed"]


def test_a_keyword_by_kannel(desk, kannel, smsc):
    listening(desk, "info", '<message-received keyword="Info"/>',
              assign("ana") + manual_sms("You asked: {{ reply.text }}"))
    contact = desk.contact()
    for text in ("information", "STOP", "  iNFO "):
        smsc.inbound(contact["phone_e164"], "12345", text)
        wait_until(lambda: any(m["text"].strip() == text.strip()
                               for m in desk.shell.items(f"/contacts/{contact['id']}/messages")), text)
        if text == "STOP":
            smsc.inbound(contact["phone_e164"], "12345", "START")
            wait_until(lambda: not desk.shell.get(f"/contacts/{contact['id']}")["opted_out"], "the opt-in")
    (task,) = wait_until(lambda: desk.shell.items("/tasks", contact=contact["id"], workflow="info"), "the task")
    assert "iNFO" in task["text"]
    smsc.inbound("+351967654321", "12345", "info")
    (new,) = wait_until(lambda: desk.shell.items("/contacts", phone="+351967654321"), "the new contact")
    wait_until(lambda: desk.shell.items("/tasks", contact=new["id"], workflow="info"), "the task of the new contact")


def test_the_api_sees_what_a_change_sets_off(desk):
    listening(desk, "lead", '<tag-added tag="lead"/><field-changed field="contact.custom.plan"/>',
              assign("ana") + manual_sms("Hi"))
    contact = desk.contact(custom={"plan": "silver"})
    assert runs(desk, "lead", contact) == []
    for _ in range(2):
        desk.shell.put(f"/contacts/{contact['id']}/tags/lead", None).expect(204)
    (run,) = runs(desk, "lead", contact)
    assert cause(desk, run)["cause"] == "tag-added lead"
    changed = desk.shell.patch(f"/contacts/{contact['id']}", {"custom": {"plan": "gold"}}).expect(200)
    assert changed["owner"]["login"] == "ana"
    assert why(desk, "lead", contact)["first_failure"]["check"] == "reentry"
    assert len(runs(desk, "lead", contact)) == 1


def test_why_names_the_clause(desk):
    listening(desk, "portugal", '<tag-added tag="pt"/><filter><condition field="contact.country" is="PT"/></filter>',
              assign("ana") + manual_sms("Olá"))
    contact = desk.contact(country="ES", phone="+34612345678")
    first = why(desk, "portugal", contact)["first_failure"]
    assert first["check"] == "trigger_seen" and f"/contacts/{contact['id']}/tags/pt" in first["fix"], first
    desk.shell.put(f"/contacts/{contact['id']}/tags/pt", None).expect(204)
    first = why(desk, "portugal", contact)["first_failure"]
    assert first["check"] == "filter" and '"ES"' in first["detail"] and "contact.country" in first["fix"], first
    desk.shell.patch(f"/contacts/{contact['id']}", {"country": "PT"}).expect(200)
    desk.shell.delete(f"/contacts/{contact['id']}/tags/pt").expect(204)
    desk.shell.put(f"/contacts/{contact['id']}/tags/pt", None).expect(204)
    assert why(desk, "portugal", contact)["first_failure"] is None
    assert "tag-added pt" in desk.hb.cli("why", "portugal", contact["id"]).stdout


def test_a_storm_goes_on_in_turns_and_loses_nothing(desk):
    """Two hundred workflows hear one tag: the answer does not wait for all of them."""
    contact = desk.contact()
    before = len(desk.shell.items("/enrollments", contact=contact["id"]))
    for n in range(200):
        listening(desk, f"many-{n:03}", '<tag-added tag="many"/>', '<wait id="w" for="30d"/>')
    desk.shell.put(f"/contacts/{contact['id']}/tags/many", None).expect(204)

    def all_in():
        found = [run["workflow"] for run in desk.shell.items("/enrollments", contact=contact["id"], limit=500)
                 if run["workflow"].startswith("many-")]
        return found if len(found) >= 100 - before else None
    found = wait_until(all_in, "a hundred enrollments")
    assert sorted(found) == [f"many-{n:03}" for n in range(100 - before)]  # enrollments-per-hour

    def all_asked():
        last = why(desk, "many-199", contact)["first_failure"]
        return last if last and last["check"] == "reentry" else None
    assert "enrollments-per-hour" in wait_until(all_asked, "the refusal of the last")["detail"]


def change_rows(handbox, *statements):
    """As if time had passed while the daemon was down."""
    database = sqlite3.connect(handbox.database)
    for statement, *values in statements:
        database.execute(statement, values)
    database.commit()
    database.close()


def test_dates_that_came_while_it_was_down_fire_once(desk, handbox):
    today = datetime.datetime.now(datetime.timezone.utc)
    before, after = ((today + datetime.timedelta(days=n)).strftime("%Y-%m-%d") for n in (-2, 2))
    listening(desk, "dated", '<date field="contact.custom.day" at="09:00"/>', '<wait id="w" for="30d"/>')
    contact = desk.contact(custom={"day": after}, timezone="UTC")
    moved = desk.contact(custom={"day": after}, timezone="UTC")
    for each in (contact, moved):
        assert f"its time is {after}T09:00:00" in why(desk, "dated", each)["first_failure"]["detail"]
    handbox.kill()
    change_rows(handbox, ("UPDATE contact_fields SET value = ? WHERE name = 'day' AND contact_id = ?", before, contact["id"]),
                ("UPDATE planned_dates SET value = ? WHERE contact_id = ?", before, contact["id"]),
                ("UPDATE planned_dates SET fires_at = (SELECT live_since FROM workflows WHERE id = 'dated')",))
    handbox.start()
    (run,) = wait_until(lambda: runs(desk, "dated", contact), "the date")
    assert cause(desk, run)["cause"] == "date contact.custom.day 09:00" and cause(desk, run)["by"] == "the clock"
    # of the other one the wall says that it is not yet time: what was planned is asked again before it fires
    wait_until(lambda: f"its time is {after}T09:00:00" in why(desk, "dated", moved)["first_failure"]["detail"], "the plan")
    handbox.restart()
    assert (len(runs(desk, "dated", contact)), runs(desk, "dated", moved)) == (1, [])


def test_publishing_plans_for_everybody_in_steps(desk):
    contacts = [desk.contact(custom={"due": "2099-01-01"})["id"] for _ in range(600)]
    listening(desk, "due", '<date field="contact.custom.due" offset="-1d"/>', '<add-tag tag="due"/>')
    wait_until(lambda: all("2098-12-31T09:00:00" in why(desk, "due", {"id": one})["first_failure"]["detail"]
                           for one in (contacts[0], contacts[300], contacts[-1])), "the plans")


def test_an_erased_contact_leaves_no_values(desk, handbox):
    listening(desk, "erased", '<event name="erased"><condition field="event.who" is="nobody"/></event>'
              '<date field="contact.custom.erased"/>', '<add-tag tag="x"/>')
    contact = desk.contact(custom={"erased": "2099-02-03"})
    desk.shell.post("/events/erased", {"contact": {"id": contact["id"]}, "data": {"who": "Vasco"}}).expect(202)
    assert "Vasco" in why(desk, "erased", contact)["first_failure"]["detail"]
    chief = desk.person("chief", "admin", "read,contacts,workflows,enroll,tasks,send,admin")
    chief.post(f"/contacts/{contact['id']}/erase", {"reason": "asked for it"}).expect(200, 202)

    def left():
        database = sqlite3.connect(handbox.database)
        try:
            return [database.execute(f"SELECT count(*) FROM {table} WHERE contact_id = ?", (contact["id"],)).fetchone()[0]
                    for table in ("not_enrolled", "planned_dates", "occurrences")]
        finally:
            database.close()
    wait_until(lambda: left() == [0, 0, 0], lambda: f"nothing to be left: {left()}")
