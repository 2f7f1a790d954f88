"""Conversations through the outside: threads, unread, words, notes, free replies by two people at once, snippets, roles."""

import concurrent.futures
import itertools
import re
import sqlite3
import urllib.parse

import pytest

from rig import Desk, FakeSendsms, Handbox, Kannel, wait_until
from rig.desk import assign
from rig.handbox import CALLBACK_SECRET
from rig.servers import CLOSE

EVENTS = itertools.count(1)


@pytest.fixture(scope="module")
def sendsms():
    with FakeSendsms() as server:
        yield server


@pytest.fixture(scope="module")
def desk(module_folder, sendsms):
    daemon = Handbox(module_folder / "handbox", sendsms_url=sendsms.url).start()
    people = Desk(daemon)
    people.ana, people.ben = people.person("ana"), people.person("ben")
    people.lea = people.person("lea", "lead")
    yield people
    people.close()
    daemon.stop()


def heard(desk, contact, text):
    """A text from the contact, as an sms-service brings it."""
    query = urllib.parse.urlencode({"text": text, "coding": 0, "charset": "UTF-8", "id": f"thread-{next(EVENTS)}",
                                    "from": contact["phone_e164"], "to": "12345", "smsc": "SIM"})
    assert desk.hb.plain(f"/kannel/inbound/{CALLBACK_SECRET}?{query}", kannel_side=True) == (200, "")


def compose(who, contact, **options):
    return who.post(f"/contacts/{contact['id']}/compose", options).expect(200).json


def send(who, contact, receipt, text, **options):
    return who.post(f"/contacts/{contact['id']}/messages", {"receipt": receipt, "text": text, **options})


def reply(who, contact, text, **options):
    return send(who, contact, compose(who, contact)["receipt"], text, **options).expect(202)["message"]


def listed(who, **query):
    return [item["contact"]["id"] for item in who.items("/conversations", **query)]


# ---- through a real Kannel


def test_a_thread_there_and_back(module_folder, smsc, stopping):
    daemon = Handbox(module_folder / "whole")
    kannel = stopping(Kannel(module_folder / "kannel", smsc, inbound_url=daemon.inbound_url).start())
    daemon.write_conf(kannel_conf=kannel.conf)
    stopping(daemon.start())
    desk = Desk(daemon)
    ana = desk.person("ana")
    desk.shell.post("/snippets", {"name": "hello", "text": "Hi {{ contact.first_name }}, {{ user.first_name }} here"}).expect(201)
    desk.publish("welcome", assign("ana") + '<manual-sms id="hi" name="Hi" expires="3d"><message snippet="hello"/></manual-sms>')
    contact = desk.contact()
    task = desk.enroll("welcome", contact["id"])
    card = desk.open(ana, task)
    assert card["text"] == "Hi Rui, Ana here"
    first = desk.send(ana, task, card["receipt"], card["text"]).expect(202)["message"]
    desk.message(first, "delivered")
    smsc.inbound(contact["phone_e164"], "12345", "Olá! Quem fala?")

    def unread():
        return ana.items("/conversations", unread="true")
    (thread,) = wait_until(unread, "the answer to come in")
    assert thread["contact"]["id"] == contact["id"] and thread["unread_count"] == 1
    assert thread["last_message"]["text"] == "Olá! Quem fala?"

    answer = compose(ana, contact)
    assert answer["task"] is None and [m["text"] for m in answer["messages"]] == [card["text"], "Olá! Quem fala?"]
    sent = send(ana, contact, answer["receipt"], "É a Ana, da loja.").expect(202)["message"]
    assert sent["task"] is None and sent["sent_by"]["login"] == "ana"
    desk.message(sent, "delivered")
    assert [t["text"] for t in smsc.texts(destination=contact["phone_e164"][1:])] == [card["text"], "É a Ana, da loja."]
    assert unread() == [], "who answers has read"
    ana.post(f"/contacts/{contact['id']}/notes", {"text": "Asked who we are"}).expect(201)

    thread = [(m["direction"], m["workflow"], m["state"])
              for m in ana.items(f"/contacts/{contact['id']}/messages")]
    assert thread == [("out", None, "delivered"), ("in", None, "received"), ("out", "welcome", "delivered")]
    kinds = [entry["kind"] for entry in ana.items(f"/contacts/{contact['id']}/timeline", limit=2)]
    assert sorted(kinds) == sorted(["note", "message", "message", "message", "task_created", "task_ended", "enrolled",
                                    "enrollment_ended"])
    assert kinds[:3] == ["note", "message", "message"]
    assert listed(ana, q="quem FALA") == listed(ana, q="ola") == [contact["id"]]
    daemon.stop()
    daemon.cli("verify")
    assert [t["text"] for t in smsc.texts(destination=contact["phone_e164"][1:])] == [card["text"], "É a Ana, da loja."]
    desk.close()


# ---- lists


def test_newest_first_and_unread(desk):
    one, two, three = (desk.contact(first_name=name, owner="ana") for name in ("Uma", "Duas", "Tres"))
    for contact in (one, two, three, one):
        heard(desk, contact, "olá")
    mine = {"owner": "ana"}
    assert listed(desk.ana, **mine)[:3] == [one["id"], three["id"], two["id"]]
    assert desk.ana.items("/conversations", **mine)[0]["unread_count"] == 2
    last = desk.ana.items("/conversations", **mine)[0]["last_message"]["id"]
    read = desk.ana.put(f"/contacts/{one['id']}/read", {"up_to": last}).expect(200)
    assert (read["unread"], read["unread_count"]) == (False, 0)
    assert listed(desk.ana, unread="true", **mine) == [three["id"], two["id"]]
    assert listed(desk.ana, unread="false", **mine) == [one["id"]]
    assert set(listed(desk.lea, unread="true", **mine)) == {one["id"], two["id"], three["id"]}, "each user's own"
    assert listed(desk.ana, q="Duas") == [two["id"]] and listed(desk.ana, q=two["phone_e164"][-9:]) == [two["id"]]
    pages = [desk.ana.get("/conversations", limit=1, **mine).expect(200)]
    while pages[-1]["next"]:
        pages.append(desk.ana.get("/conversations", limit=1, cursor=pages[-1]["next"], **mine).expect(200))
    assert [item["contact"]["id"] for page in pages for item in page["items"]] == [one["id"], three["id"], two["id"]]
    desk.ana.get("/conversations", cursor="x9").problem(400, "bad_cursor")
    desk.program().put(f"/contacts/{one['id']}/read", {"up_to": last}).problem(403, "human_required")
    desk.ana.put(f"/contacts/{one['id']}/read", {}).problem(400, "bad_request")
    desk.ana.put("/contacts/1/read", {"up_to": last}).problem(404, "not_found")


def test_words_are_searched_where_they_stand(desk):
    contact, other = desk.contact(), desk.contact()
    heard(desk, contact, "The zebra crossed the autobahn")
    reply(desk.lea, other, "Ein Zebra? Schön!")
    assert set(listed(desk.lea, q="zebra")) == {contact["id"], other["id"]}
    (found,) = desk.lea.items("/conversations", q="schon zeb")
    assert found["match"]["text"] == "Ein Zebra? Schön!"
    assert listed(desk.lea, q='zebra" OR "autobahn') == [], "words, not a language"
    assert listed(desk.lea, q="nowhere-to-be-found") == []


# ---- free replies


def test_two_people_and_one_thread_send_once(desk, sendsms):
    """Both compose, both send, at the same instant, again and again: one of the two goes, each time."""
    def attempt(token, contact, text):
        client = desk.hb.client(token)
        try:
            card = client.post(f"/contacts/{contact['id']}/compose", {})
            if card.status != 200:
                assert card.problem(409, "leased")
                return None
            answer = send(client, contact, card["receipt"], text)
            return answer["message"]["id"] if answer.status == 202 else answer.problem(409, answer["code"]) and None
        finally:
            client.close()
    tokens = [desk.hb.token("lea"), desk.hb.user("lou", "lead")]
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        for n in range(25):
            contact = desk.contact()
            both = list(pool.map(attempt, tokens, [contact] * 2, [f"{n} from {who}" for who in ("lea", "lou")]))
            sent = [message for message in both if message]
            # the second may have opened the card after the first had sent: then the thread shows it that text
            assert sent, both
            for message in sent:
                desk.message({"id": message}, "accepted")
            assert len(desk.shell.items(f"/contacts/{contact['id']}/messages")) == len(sent)
    accounts = [r.query["account"] for r in sendsms.requests]
    assert len(set(accounts)) == len(accounts)


def test_one_lease_one_receipt(desk):
    contact = desk.contact()
    path = f"/contacts/{contact['id']}"
    card = compose(desk.ana, contact)
    assert desk.ben.post(path + "/compose", {}).problem(409, "leased")["holder"]["login"] == "ana"
    desk.ben.post(path + "/compose/check", {"text": "x"}).problem(409, "leased")
    assert desk.ana.post(path + "/compose/check", {"text": "Olá 😀"}).expect(200)["segments"]["encoding"] == "UCS-2"
    desk.ana.put(path + "/compose/draft", {"text": "Half a"}).expect(200)
    assert desk.ana.post(path + "/compose/renew").expect(200)["holder"]["login"] == "ana"
    taken = compose(desk.lea, contact, take_over=True)
    assert (taken["text"], taken["draft"]) == ("Half a", True)
    send(desk.ana, contact, card["receipt"], "late").problem(409, "leased")
    desk.lea.post(path + "/compose/release").expect(204)
    card = compose(desk.ana, contact)
    heard(desk, contact, "wait")
    assert send(desk.ana, contact, card["receipt"], "Half a text").problem(409, "receipt_stale")["changed"] == ["thread"]
    card = compose(desk.ana, contact, seen_up_to=compose(desk.ana, contact)["messages"][-1]["id"])
    message = send(desk.ana, contact, card["receipt"], "A text").expect(202)["message"]
    assert send(desk.ana, contact, card["receipt"], "A text").expect(202)["message"]["id"] == message["id"]
    send(desk.ana, contact, card["receipt"], "Another").problem(409, "receipt_used")
    desk.ana.post(path + "/compose/release").problem(409, "leased")


def test_what_did_not_go_is_offered_again(desk, sendsms):
    contact = desk.contact()
    early = reply(desk.ana, contact, "Too early", undo_s=10)
    desk.ana.post(f"/messages/{early['id']}/recall").expect(200)
    card = compose(desk.ana, contact)
    assert (card["text"], card["draft"]) == ("Too early", True)
    desk.script(sendsms, CLOSE)
    lost = send(desk.ana, contact, card["receipt"], "Did it go?").expect(202)["message"]
    desk.message(lost, "uncertain", timeout_s=60)
    assert compose(desk.ana, contact)["text"] == ""
    desk.ana.post(f"/messages/{lost['id']}/resolve", {"outcome": "not_sent", "evidence": "asked"}).expect(200)
    assert compose(desk.ana, contact)["text"] == "Did it go?"
    contact = desk.contact()
    card = compose(desk.ana, contact)
    desk.shell.post(f"/contacts/{contact['id']}/opt-out", {"reason": "asked"}).expect(200)
    send(desk.ana, contact, card["receipt"], "x").problem(409, "receipt_stale")
    refused = send(desk.ana, contact, compose(desk.ana, contact)["receipt"], "x").problem(422, "guard_refused")
    assert [g["name"] for g in refused["guards"] if not g["ok"]] == ["opted_out"]


def test_a_note_goes_nowhere(desk, sendsms):
    contact = desk.contact()
    body = {"text": "Do not send this"}
    made = desk.ana.post(f"/contacts/{contact['id']}/notes", body, key="note-1").expect(201)
    assert desk.ana.post(f"/contacts/{contact['id']}/notes", body, key="note-1").expect(201)["id"] == made["id"]
    assert (made["by"]["login"], made["author"]) == ("ana", "ana")
    assert desk.program().post(f"/contacts/{contact['id']}/notes", {"text": "From the shop"}).expect(201)["by"] is None
    desk.ana.post(f"/contacts/{contact['id']}/notes", {"text": ""}).problem(400, "bad_request")
    desk.message(reply(desk.ana, contact, "A text"), "accepted")
    assert [r.query["text"] for r in sendsms.to(contact["phone_e164"])] == ["A text"]
    assert "Do not send" not in str(desk.ana.items(f"/contacts/{contact['id']}/messages"))
    desk.ana.get(f"/messages/{made['id']}").problem(404, "not_found")
    with sqlite3.connect(f"file:{desk.hb.database}?mode=ro", uri=True) as db:
        assert db.execute("SELECT count(*) FROM outbox WHERE id = ?", (int(made["id"]),)).fetchone() == (0,)


# ---- who is to answer


def waiting(who, handler):
    return listed(who, handler=handler, limit=500)


def test_an_answer_comes_back_to_who_asked_and_is_anybodys_after_a_while(desk):
    asked, owned = desk.contact(), desk.contact()
    reply(desk.ana, asked, "Shall I call?")
    reply(desk.ana, owned, "Shall I come?")
    desk.lea.patch(f"/contacts/{owned['id']}", {"owner": "ben"}).expect(200)
    for contact in (asked, owned):
        heard(desk, contact, "Yes please")
    (thread,) = [t for t in desk.lea.items("/conversations", handler="ana") if t["contact"]["id"] == owned["id"]]
    assert thread["unanswered"] and thread["handler"]["login"] == "ana" and thread["owner"]["login"] == "ben"
    assert thread["release_at"]
    assert {asked["id"], owned["id"]} <= set(waiting(desk.ana, "me"))
    assert not {asked["id"], owned["id"]} & set(waiting(desk.lea, "none"))
    desk.ana.get("/conversations", handler="me", unanswered="0").problem(400, "bad_request")

    path = f"/contacts/{owned['id']}"
    reply(desk.ana, owned, "At three")
    assert owned["id"] not in waiting(desk.ana, "me")
    desk.ana.post(path + "/compose").problem(404, "not_found")
    desk.ana.put(f"/contacts/{asked['id']}/handler", {"user": "ben"}).expect(200)
    assert asked["id"] in waiting(desk.ben, "me") and asked["id"] not in waiting(desk.ana, "me")
    desk.ben.put(f"/contacts/{asked['id']}/handler", {"user": None}).expect(200)
    desk.ben.put(f"/contacts/{asked['id']}/handler", {"user": "nobody-of-us"}).problem(422, "unknown_user")
    assert asked["id"] in waiting(desk.ana, "none")

    desk.hb.write_conf(reply_release="1s")
    desk.hb.restart()
    heard(desk, owned, "Or four?")
    wait_until(lambda: owned["id"] in waiting(desk.ben, "none"), "the owner to have it back")
    assert [desk.ben.items("/conversations", handler="none", q=owned["phone_e164"])[0][x] for x in ("handler", "release_at")] == \
        [None, None]
    reply(desk.ben, owned, "Four it is")
    desk.hb.write_conf(reply_release=None)
    desk.hb.restart()


def test_a_note_calls_a_colleague(desk, sendsms):
    contact = desk.contact(owner="ben")
    path = f"/contacts/{contact['id']}"
    desk.ana.get(path + "/timeline").problem(404, "not_found")
    note = desk.ben.post(path + "/notes", {"text": "@ana, do you know him? Not @nobody-here."}).expect(201)
    assert [person["login"] for person in note["mentions"]] == ["ana"]
    (thread,) = desk.ana.items("/conversations", mentions="me")
    assert (thread["contact"]["id"], thread["mention"]) == (contact["id"], note["id"])
    desk.ana.post(path + "/notes", {"text": "I do"}).expect(201)
    desk.ana.put(path + "/read", {"up_to": note["id"]}).expect(200)
    assert desk.ana.items("/conversations", mentions="me") == [] and desk.ana.get(path + "/timeline").expect(200)
    desk.ana.post(path + "/compose").problem(404, "not_found")
    desk.program().get("/conversations", mentions="me").problem(400, "bad_request")
    assert sendsms.to(contact["phone_e164"]) == []


# ---- two contacts that are one person


def test_merged_contacts_have_one_thread_and_both_ids(desk):
    kept = desk.contact(external_id="crm-kept", tags=["a"], custom={"city": "Faro"})
    gone = desk.contact(external_id="crm-gone", tags=["b"], custom={"city": "Braga", "age": "40"}, email="rui@example.com")
    older, path = f"/contacts/{kept['id']}", f"/contacts/{gone['id']}"
    heard(desk, kept, "the first text")
    reply(desk.ana, gone, "and the second")
    heard(desk, gone, "then a third")
    desk.ana.post(path + "/notes", {"text": "Has two numbers"}).expect(201)
    card = compose(desk.ana, gone)
    desk.ana.put(path + "/compose/draft", {"text": "half a thought"}).expect(200)
    body = {"into": kept["id"], "reason": "twice in the CRM"}
    desk.ana.post(path + "/merge", body).problem(403, "forbidden")
    desk.lea.post(path + "/merge", {"into": gone["id"]}).problem(422, "invalid")
    desk.lea.post(path + "/merge", {"into": "1"}).problem(422, "invalid")

    preview = desk.lea.post(path + "/merge", {**body, "dry_run": True}).expect(200)
    assert preview["moved"] == {"messages": 2, "notes": 1, "tasks": 0, "enrollments": 0} and preview["dry_run"]
    desk.lea.get(path).expect(200)
    merged = desk.lea.post(path + "/merge", body).expect(200)
    assert merged["moved"] == preview["moved"] and not merged["dry_run"]
    assert sorted(merged["contact"]["tags"]) == ["a", "b"] and merged["contact"]["custom"] == {"city": "Faro", "age": "40"}
    assert merged["contact"]["phone_e164"] == kept["phone_e164"] and merged["contact"]["email"] == "rui@example.com"

    for method, end, body in (("GET", "", None), ("PATCH", "", {"email": ""}), ("POST", "/notes", {"text": "x"})):
        assert desk.lea.request(method, path + end, body).problem(404, "not_found")["merged_into"] == kept["id"]
    send(desk.ana, gone, card["receipt"], "late").problem(409, "receipt_stale")
    texts = [m["text"] for m in desk.lea.items(older + "/messages")]
    assert texts == ["then a third", "and the second", "the first text"]
    assert compose(desk.ana, kept)["text"] == "half a thought"
    assert [e["kind"] for e in desk.lea.items(older + "/timeline") if e["kind"] == "note"] == ["note"]
    again = desk.shell.post("/contacts?upsert=external_id", {"external_id": "crm-gone", "last_name": "Sá"}).expect(200)
    assert (again["id"], again["external_id"], again["last_name"]) == (kept["id"], "crm-kept", "Sá")
    refused = desk.shell.post("/contacts", {"external_id": "crm-gone", "first_name": "Rui"}).problem(409, "duplicate")
    assert refused["existing"] == kept["id"]
    desk.hb.cli("verify")
    desk.shell.post(older + "/erase", {"reason": "asked for it"}).expect(200)
    desk.shell.post("/contacts", {"external_id": "crm-gone", "first_name": "Eva"}).expect(201)


# ---- who may


@pytest.mark.parametrize("see", ["own", "team", "all"])
def test_whose_threads_agents_see(desk, see):
    desk.hb.write_conf(agents_see=see)
    desk.hb.restart()
    if not [t for t in desk.shell.items("/teams") if t["name"] == "mates"]:
        desk.person("mate")
        desk.shell.post("/teams", {"name": "mates", "members": ["ana", "mate"]}).expect(201)
    contacts = {login: desk.contact(owner=login) for login in ("ana", "mate", "ben", None)}
    contacts["answered by ben"] = desk.contact()
    for contact in contacts.values():
        heard(desk, contact, "a word")
    reply(desk.ben, contacts["answered by ben"], "Ben here")
    expected = {"own": {"ana", None}, "team": {"ana", "mate", None}, "all": set(contacts)}[see]
    seen, found = set(listed(desk.ana, limit=500)), set(listed(desk.ana, q="a word", limit=500))
    for whose, contact in contacts.items():
        visible, path = whose in expected, f"/contacts/{contact['id']}"
        assert (contact["id"] in seen, contact["id"] in found) == (visible, visible), (see, whose)
        desk.ana.get(path + "/timeline").expect(200 if visible else 404)
        assert bool(desk.ana.items(path + "/messages")) == visible
        desk.ana.post(path + "/notes", {"text": "x"}).expect(201 if visible else 404)
        desk.ana.post(path + "/compose").expect(200 if whose in ("ana", None) else 403 if visible else 404)
    assert set(listed(desk.lea, limit=500)) >= {contact["id"] for contact in contacts.values()}


def test_roles_and_tokens(desk):
    contact, auditor = desk.contact(), desk.person("aud", "auditor")
    heard(desk, contact, "hello")
    path = f"/contacts/{contact['id']}"
    program = desk.program("read,contacts,workflows,enroll,tasks,admin")
    acts = [("POST", "/compose", {}), ("POST", "/messages", {"receipt": "1-x", "text": "x"}), ("POST", "/compose/renew", {}),
            ("POST", "/compose/check", {"text": "x"}), ("PUT", "/compose/draft", {"text": "x"}), ("POST", "/compose/release", {})]
    for method, end, body in acts:
        for client in (program, desk.shell):
            client.request(method, path + end, body).problem(403, "human_required")
        auditor.request(method, path + end, body).problem(403, "forbidden")
        desk.client(None).request(method, path + end, body).problem(401, "unauthenticated")
    auditor.post(path + "/notes", {"text": "x"}).problem(403, "forbidden")
    last = auditor.items(path + "/messages")[0]["id"]
    auditor.put(path + "/read", {"up_to": last}).expect(200)
    assert contact["id"] in listed(auditor, limit=500) and contact["id"] in listed(program, limit=500)
    body = {"name": "roles", "text": "Hi"}
    desk.ana.post("/snippets", body).problem(403, "forbidden")
    snippet = f"/snippets/{desk.lea.post('/snippets', body).expect(201)['id']}"
    desk.ana.patch(snippet, {"text": "x"}).problem(403, "forbidden")
    desk.ana.delete(snippet).problem(403, "forbidden")
    desk.ana.get(snippet).expect(200)
    desk.lea.delete(snippet).expect(204)
    desk.lea.get(snippet).problem(404, "not_found")


# ---- snippets


def test_snippets_are_checked_and_rendered(desk):
    bad = desk.lea.post("/snippets", {"name": "bad", "text": "Hi {{ contact.nickname }}"}).problem(422, "invalid")
    assert bad["member"] == "text" and "contact.nickname" in bad["detail"]
    text = "{{ contact.first_name }}, on {{ contact.custom.renewal | date: \"%d/%m\" }}"
    made = desk.lea.post("/snippets", {"name": "renewal", "text": text}, key="s-1").expect(201)
    desk.lea.post("/snippets", {"name": "renewal", "text": "x"}).problem(409, "duplicate")
    contact = desk.contact(timezone="Pacific/Auckland", custom={"renewal": "2027-06-30T20:00:00Z"})
    seen = desk.ana.get(f"/snippets/{made['id']}", contact=contact["id"]).expect(200)["rendered"]
    assert (seen["text"], seen["holes"]) == ("Rui, on 01/07", [])
    hole = desk.ana.get(f"/snippets/{made['id']}", contact=desk.contact()["id"]).expect(200)["rendered"]
    assert [h["field"] for h in hole["holes"]] == ["contact.custom.renewal"]
    other = desk.contact()
    card = compose(desk.ana, other)
    for open_text in (hole["text"], text):  # rendered with a hole; not rendered at all
        refused = send(desk.ana, other, card["receipt"], open_text).problem(422, "guard_refused")
        assert [g["name"] for g in refused["guards"] if not g["ok"]] == ["holes"]
    assert desk.lea.patch(f"/snippets/{made['id']}", {"name": "renewals"}).expect(200)["text"] == text
    unknown = desk.shell.put("/workflows/snip", '<workflow xmlns="urn:handbox:workflow:1" id="snip" name="S"><steps>'
                             '<manual-sms id="a" name="A"><message snippet="renewal"/></manual-sms></steps></workflow>')
    assert [e["code"] for e in unknown.problem(422, "invalid_workflow")["errors"]] == ["unknown_snippet"]
    assert "renewals" in [s["name"] for s in desk.ana.items("/snippets", limit=1)]


# ---- from a shell


@pytest.mark.parametrize("is_served", [False, True], ids=["alone", "served"])
def test_conversations_from_a_shell(tmp_path, stopping, is_served):
    """No call may tell whether a daemon serves."""
    desk = stopping(Handbox(tmp_path / "handbox"))
    if is_served:
        desk.start()
    desk.cli("user", "add", "ana", "--role", "agent", stdin="correct horse battery\n")
    token = desk.cli("token", "add", "--name", "ana", "--kind", "personal", "--login", "ana", "--scopes",
                     "read,contacts,tasks,send").stdout.split()[-1]
    desk.cli("contact", "add", "--phone", "912345678", "--first-name", "Rui", "--external-id", "crm-7")
    assert desk.cli("conversations", token=token).stdout == ""
    card = desk.cli("reply", "crm-7", "Olá, daqui Ana", token=token).stdout
    assert "Rui  +351912345678" in card and "UCS-2" in card and "(approved)" in card
    desk.cli("note", "+351912345678", "Call him in the morning", token=token)
    assert re.search(r"Rui +\+351912345678 +- +> +Olá, daqui Ana", desk.cli("conversations", "--q", "daqui").stdout)
    assert desk.cli("conversations", "--unread", token=token).stdout == ""
    thread = desk.cli("thread", "crm-7").stdout
    assert re.search(r"# ana\n    Call him in the morning\n.*> approved ana\n    Olá, daqui Ana\n", thread), thread
    assert "HANDBOX_TOKEN" in desk.cli("reply", "crm-7", "Hi", expect=1).stderr
    assert "text_empty" in desk.cli("reply", "crm-7", token=token, expect=1).stdout, "nothing was typed"
    desk.cli("reply", "crm-7", "--release", token=token)
    assert "not open for you" in desk.cli("reply", "crm-7", "--release", token=token, expect=1).stderr
    assert "crm-8" in desk.cli("thread", "crm-8", expect=1).stderr
    desk.cli("verify")


def test_who_cannot_have_such_a_number_and_yet_wrote_is_found_by_it(desk):
    desk.inbound("+3519", "It is me")
    (stranger,) = desk.shell.items("/contacts", phone="+3519")
    assert (stranger["phone_e164"], stranger["phone_check"]["verdict"]) == ("+3519", "possible")
    desk.inbound("77123", "I am a machine")
    assert desk.shell.items("/contacts", phone="77123")[0]["phone_e164"] is None
