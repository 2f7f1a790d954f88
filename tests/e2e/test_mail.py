"""E-mails of workflows with a real mail server: taken once, tried again, refused, lost answers, kills, and what comes out."""

import sqlite3
import time
from pathlib import Path

import pytest

from rig import FakeSendsms, Handbox, free_port, wait_until
from rig.mail import SILENCE, VANISH, MailServer, certificate

SENDER = "box@handbox.example"

WORKFLOW = """<workflow xmlns="urn:handbox:workflow:1" id="{id}" name="Mail">
  <settings reentry="concurrent"/>
  <steps>
    <send-email id="mail" to="{{{{ contact.email }}}}" subject="{subject}"><body>{body}</body></send-email>
    <add-tag tag="went-on"/>
  </steps>
</workflow>
"""


class Office:
    """A daemon, its client, and a mail server."""

    def __init__(self, folder, server, **conf):
        self.server = server
        self.sendsms = FakeSendsms()
        self.hb = Handbox(folder, sendsms_url=self.sendsms.url,
                          conf={"smtp_url": server.url, "mail_from": f"The Böx <{SENDER}>", **conf})
        self.number = 0

    def start(self):
        self.hb.start()
        self.client = self.hb.client(self.hb.user("lea", "lead"))
        self.publish("plain", "Hello {{ contact.first_name }}", "Dear {{ contact.first_name }},\n.\n..dots\nbye")
        return self

    def stop(self):
        self.client.close()
        self.hb.stop()
        self.sendsms.stop()

    def publish(self, workflow, subject, body):
        xml = WORKFLOW.format(id=workflow, subject=subject, body=body)
        self.client.put(f"/workflows/{workflow}", xml).expect(201)
        return self.client.post(f"/workflows/{workflow}/publish", {}).expect(200)

    def contact(self, name="Ana", address=None, **more):
        """(contact, address): a new person with an address of their own."""
        self.number += 1
        address = f"p{self.number}@example.org" if address is None else address
        contact = self.client.post("/contacts", {"first_name": name, "email": address, "phone": f"+3519130{self.number:05}",
                                                 **more}).expect(201)
        return contact["id"], address

    def enroll(self, contact, workflow="plain"):
        (result,) = self.client.post(f"/workflows/{workflow}/enrollments", {"contacts": [contact]}).expect(200)["results"]
        assert result["outcome"] == "enrolled"
        return result["enrollment"]

    def journal(self, enrollment):
        return self.client.items(f"/enrollments/{enrollment}/journal")

    def line(self, enrollment, kind, timeout_s=30.0):
        """Wait for a line of that kind in the journal; its detail."""
        return wait_until(lambda: next((l["detail"] for l in self.journal(enrollment) if l["kind"] == kind), None),
                          lambda: f"{kind}: {self.journal(enrollment)}", timeout_s)

    def kinds(self, enrollment):
        return [line["kind"] for line in self.journal(enrollment) if line["step"] == "mail"]

    def metric(self, name):
        text = self.hb.plain("/metrics", kannel_side=True)[1]
        return next(float(l.split()[-1]) for l in text.splitlines() if l.startswith(f"handbox_{name} "))


@pytest.fixture(scope="module")
def server():
    mail = MailServer().start()
    yield mail
    mail.stop()


@pytest.fixture(scope="module")
def office(module_folder, server):
    it = Office(module_folder / "handbox", server).start()
    yield it
    it.stop()


@pytest.fixture(autouse=True)
def no_script_left(server):
    yield
    assert not server.rcpt and not server.data


def test_one_mail_as_it_arrives(office, server):
    contact, address = office.contact()
    enrollment = office.enroll(contact)
    (mail,) = server.wait(1, to=address)
    assert (mail.sender, mail.recipients) == (SENDER, [address])
    assert mail["subject"] == "Hello Ana" and mail["to"] == address and mail["from"] == f"The Böx <{SENDER}>"
    assert mail.text == "Dear Ana,\n.\n..dots\nbye\n"
    assert mail["message-id"] == f"<handbox.{enrollment}.mail.1@handbox.example>"
    assert mail["auto-submitted"] == "auto-generated" and mail["date"]
    assert "Queued" in office.line(enrollment, "email_sent")["detail"]
    assert office.kinds(enrollment) == ["email_queued", "email_sent"]
    assert "went-on" in office.client.get(f"/contacts/{contact}").expect(200)["tags"]
    assert len(server.taken(to=address)) == 1


def test_letters_of_all_kinds(office, server):
    subject = "Olá {{ contact.first_name }}, até já: 日本語のとても長い件名 и ещё немного слов, чтобы строка сложилась 😀"
    office.publish("letters", subject, "Olá {{ contact.first_name }} 😀\nlinha " + "comprida " * 200)
    contact, address = office.contact("Inês Ångström")
    office.enroll(contact, "letters")
    (mail,) = server.wait(1, to=address)
    assert mail["subject"] == subject.replace("{{ contact.first_name }}", "Inês Ångström")
    assert mail.text.startswith("Olá Inês Ångström 😀\nlinha comprida ")
    assert all(len(line) <= 78 and line.isascii() for line in mail.raw.split(b"\r\n"))


@pytest.mark.parametrize("value", [
    "a@example.org,b@example.org", "a@example.org\r\nBcc: b@example.org", "a@example.org\nRCPT TO:<b@example.org>",
    "a@example.org> SIZE=1\r\nRCPT TO:<b@example.org", "Ana <a@example.org>", "a@example.org b@example.org", "nobody"])
def test_an_address_is_one_or_none(office, server, value):
    before = len(server.mails)
    answer = office.client.post("/contacts", {"first_name": "Eve", "email": "x@example.org", "phone": "+351914000001",
                                              "custom": {"mail": value}, "external_id": value[:40]}, query={"shared": 1})
    if answer.status == 400:
        return  # kept out at the first door
    contact = answer.expect(201)["id"]
    xml = WORKFLOW.format(id="custom", subject="x", body="y").replace("contact.email", "contact.custom.mail")
    office.client.put("/workflows/custom", xml).expect(200, 201)
    office.client.post("/workflows/custom/publish", {}).expect(200)
    enrollment = office.enroll(contact, "custom")
    failed = office.line(enrollment, "email_failed")
    assert failed["reason"] == "bad_address" and failed["detail"] and failed["fix"]
    assert office.client.get(f"/enrollments/{enrollment}").expect(200)["state"] == "completed"
    assert len(server.mails) == before


def test_a_subject_stays_one_header(office, server):
    office.publish("subject", "About {{ contact.custom.topic }}", "x")
    contact, address = office.contact(custom={"topic": "x\r\nBcc: eve@example.org\r\n\r\nhello"})
    office.enroll(contact, "subject")
    (mail,) = server.wait(1, to=address)
    assert mail["bcc"] is None and mail.recipients == [address]
    assert mail["subject"] == "About x Bcc: eve@example.org hello" and mail.text == "x\n"


def test_a_hole_is_never_sent(office, server):
    contact, address = office.contact("")
    enrollment = office.enroll(contact)
    failed = office.line(enrollment, "email_failed")
    assert failed["reason"] == "hole" and "contact.first_name" in failed["detail"]
    assert office.kinds(enrollment) == ["email_failed"] and server.taken(to=address) == []


def test_later_then_taken(office, server):
    server.rcpt.append("451 4.7.1 Greylisted")
    contact, address = office.contact()
    enrollment = office.enroll(contact)
    assert "Greylisted" in office.line(enrollment, "email_deferred")["detail"]
    assert office.metric("emails_waiting") == 1
    (mail,) = server.wait(1, to=address)
    assert mail["message-id"] == f"<handbox.{enrollment}.mail.1@handbox.example>"
    assert office.line(enrollment, "email_sent")["attempts"] == 2
    assert office.kinds(enrollment) == ["email_queued", "email_deferred", "email_sent"]


@pytest.mark.parametrize("script", ["rcpt", "data"])
def test_refused_for_good(office, server, script):
    getattr(server, script).append("550 5.1.1 No such user")
    contact, address = office.contact()
    enrollment = office.enroll(contact)
    failed = office.line(enrollment, "email_failed")
    assert failed["reason"] == "refused_by_server" and "No such user" in failed["detail"] and failed["attempts"] == 1
    assert server.taken(to=address) == []
    # and the next one goes at once
    other, address = office.contact()
    office.enroll(other)
    server.wait(1, to=address)


def test_a_lost_answer_counts_as_taken(office, server):
    server.data.append(VANISH)
    contact, address = office.contact()
    enrollment = office.enroll(contact)
    assert office.line(enrollment, "email_unsure")["reason"] == "answer_lost"
    # a later one goes, this one not again
    other, other_address = office.contact()
    office.enroll(other)
    server.wait(1, to=other_address)
    wait_until(lambda: office.metric("emails_waiting") == 0, "nothing to wait")
    assert len(server.taken(to=address)) == 1


def test_a_slow_server_stops_nobody_else(office, server):
    """libcurl waits for the answer to the dot where it stands: not on the loop."""
    server.released.clear()
    server.data.extend([SILENCE] * 4)
    slow = [office.contact() for _ in range(6)]
    enrollments = [office.enroll(contact) for contact, _ in slow]
    wait_until(lambda: not server.data, "four mails on their way")
    longest = 0.0
    for _ in range(20):
        began = time.monotonic()
        office.client.get("/me").expect(200)
        longest = max(longest, time.monotonic() - began)
    assert longest < 1.0
    assert server.most_at_once == 4
    server.release()
    for enrollment in enrollments:
        office.line(enrollment, "email_sent")
    assert all(len(server.taken(to=address)) == 1 for _, address in slow)


def test_many_over_few_connections(office, server):
    before = server.conversations
    people = [office.contact() for _ in range(30)]
    answer = office.client.post("/workflows/plain/enrollments", {"contacts": [contact for contact, _ in people]}).expect(200)
    assert len(answer["results"]) == 30
    wait_until(lambda: all(server.taken(to=address) for _, address in people), "all of them")
    assert all(len(server.taken(to=address)) == 1 for _, address in people)
    assert server.conversations - before < 30 and server.most_at_once <= 4
    wait_until(lambda: server.open == 0, "connections closed when nothing waits")


def test_a_trial_sends_nothing(office, server):
    wait_until(lambda: office.metric("emails_waiting") == 0, "nothing to wait")
    contact, address = office.contact(test=True)
    (result,) = office.client.post("/workflows/plain/enrollments", {"contacts": [contact], "test": True}).expect(200)["results"]
    shown = office.line(result["enrollment"], "email_not_sent")
    assert shown["to"] == address and shown["subject"] == "Hello Ana" and shown["body"].startswith("Dear Ana,")
    assert server.taken(to=address) == [] and office.metric("emails_waiting") == 0


def test_the_server_comes_back(module_folder, stopping):
    port = free_port()
    away = MailServer(port=port)
    office = stopping(Office(module_folder / "back", away).start())
    contact, address = office.contact()
    enrollment = office.enroll(contact)
    assert office.line(enrollment, "email_deferred")["detail"].startswith("no answer")
    wait_until(lambda: office.metric("mail_server_reachable") == 0, "the metric")
    doctor = office.hb.cli("doctor", expect=None).stdout
    assert "cannot be used" in doctor and "smtp-url" in doctor
    stopping(away).start()
    office.line(enrollment, "email_sent")
    assert len(away.taken(to=address)) == 1 and office.metric("mail_server_reachable") == 1
    assert "the mail server answers" in office.hb.cli("doctor", expect=None).stdout


def test_not_longer_than_it_may(module_folder, stopping):
    office = stopping(Office(module_folder / "old", MailServer(), mail_validity="3s").start())
    contact, _ = office.contact()
    enrollment = office.enroll(contact)
    failed = office.line(enrollment, "email_failed")
    assert failed["reason"] == "too_old" and "no answer" in failed["detail"]


def test_without_a_server(module_folder, stopping):
    server = stopping(MailServer().start())
    office = Office(module_folder / "none", server, smtp_url=None, mail_from=None)
    stopping(office.start())
    contact, address = office.contact()
    failed = office.line(office.enroll(contact), "email_failed")
    assert failed["reason"] == "no_mail_server" and "smtp-url" in failed["fix"]
    assert "no mail server is configured" in office.hb.cli("doctor", expect=None).stdout
    published = office.publish("again", "x", "y")
    assert "email_without_server" in [w["code"] for w in published["warnings"]]
    # a reload is enough
    office.hb.write_conf(smtp_url=server.url, mail_from=SENDER)
    office.hb.proc.signal(1)
    wait_until(lambda: "smtp-url: taken" in office.hb.log.read_text(), "the reload")
    office.enroll(contact)
    (mail,) = server.wait(1, to=address)
    assert mail["from"] == SENDER


@pytest.mark.parametrize("implicit", [False, True])
def test_tls_and_a_login(module_folder, stopping, implicit):
    folder = module_folder / f"tls-{implicit}"
    cert = certificate(folder)
    server = stopping(MailServer(tls=cert, implicit=implicit, login=("box", "s3cret %&")).start())
    office = Office(folder / "handbox", server, smtp_user="box", smtp_password="s3cret %&", smtp_tls="required")
    stopping(office.start())
    contact, address = office.contact()
    enrollment = office.enroll(contact)
    # nobody vouches for the certificate: nothing is sent, and the password neither
    office.line(enrollment, "email_deferred")
    assert server.logins == [] and "certificate" in office.hb.cli("doctor", expect=None).stdout
    office.hb.write_conf(smtp_ca_file=cert[0], smtp_password="wrong")
    office.hb.proc.signal(1)
    wait_until(lambda: server.logins, "a login")
    assert "535" in office.hb.cli("doctor", expect=None).stdout
    office.hb.write_conf(smtp_password="s3cret %&")
    office.hb.proc.signal(1)
    office.line(enrollment, "email_sent")
    assert len(server.taken(to=address)) == 1
    assert "lets smtp-user in" in office.hb.cli("doctor", expect=None).stdout
    assert "s3cret" not in office.hb.log.read_text()


@pytest.mark.fault_points
@pytest.mark.parametrize("point", ["mail_marked", "mail_dot", "mail_answered", "mail_done"])
def test_killed_in_the_middle(module_folder, stopping, point):
    server = stopping(MailServer().start())
    office = Office(module_folder / point, server)
    office.hb.env["HANDBOX_FAULT"] = f"{point}:kill:1"
    stopping(office.start())
    contact, address = office.contact()
    try:
        office.enroll(contact)
    except OSError:
        pass  # the answer may be lost with the daemon
    wait_until(lambda: not office.hb.proc.alive(), "the kill")
    office.hb.env.clear()
    office.hb.start()
    office.client.close()
    (enrollment,) = office.client.items("/enrollments", contact=contact)
    unsure = office.line(enrollment["id"], "email_unsure")
    assert "handbox stopped" in unsure["detail"]
    other, other_address = office.contact()
    office.enroll(other)
    server.wait(1, to=other_address)
    assert len(server.taken(to=address)) == (1 if point in ("mail_answered", "mail_done") else 0)


def test_a_stop_lets_what_is_under_way_end(module_folder, stopping):
    server = stopping(MailServer().start())
    office = stopping(Office(module_folder / "stop", server).start())
    server.data.append(SILENCE)
    contact, address = office.contact()
    enrollment = office.enroll(contact)
    wait_until(lambda: not server.data, "the mail to be there")
    office.hb.proc.signal(15)
    wait_until(lambda: "stopping" in office.hb.log.read_text(), "the stop to begin")
    server.release()
    assert office.hb.proc.wait() == 0
    office.hb.start()
    office.client.close()
    office.line(enrollment, "email_sent")
    assert len(server.taken(to=address)) == 1


def test_a_stop_does_not_wait_for_ever(module_folder, stopping):
    server = stopping(MailServer().start())
    office = stopping(Office(module_folder / "stuck", server).start())
    server.data.append(SILENCE)
    contact, _ = office.contact()
    enrollment = office.enroll(contact)
    wait_until(lambda: not server.data, "the mail to be there")
    assert office.hb.proc.stop(15) == 0
    server.release()
    office.hb.start()
    office.client.close()
    assert "answer" in office.line(enrollment, "email_unsure")["reason"]


def test_nothing_of_mail_is_in_memory_before_the_first(module_folder, stopping):
    server = stopping(MailServer().start())
    office = stopping(Office(module_folder / "memory", server).start())

    def threads():
        return len(list(Path(f"/proc/{office.hb.proc.pid}/task").iterdir()))
    before = threads()
    contact, address = office.contact()
    assert threads() == before
    office.enroll(contact)
    server.wait(1, to=address)
    assert threads() == before + 4


def test_a_digest_tells_what_is_new(office, server):
    """Its time is set back while the daemon stands still: nobody waits an hour for a test."""
    login = office.hb.user("dora", "agent")
    dora = office.hb.client(login)
    profile = dora.patch("/me", {"email": "dora@example.org", "notices": {"digest": "hourly"}}).expect(200)
    assert profile["notices"] == {"digest": "hourly"}
    dora.patch("/me", {"notices": {"digest": "each"}}).problem(400, "bad_request")
    contact, _ = office.contact(name="Wilhelmina")
    for name in ("Call", "Ask"):
        office.client.post("/tasks", {"contact": contact, "name": name, "text": "Hi", "assignee": "dora"}).expect(201)
    dora.close()
    office.client.close()
    office.hb.stop()
    with sqlite3.connect(office.hb.database) as db:
        db.execute("UPDATE digests SET due_at = 1")
        db.execute("UPDATE sessions SET seen_at = 1")
    db.close()
    office.hb.start()
    (mail,) = server.wait(1, to="dora@example.org")
    assert mail["subject"] == "handbox: 2 new tasks" and mail["message-id"].startswith("<handbox.digest.")
    assert "/manual-actions" in mail.text and "2 open" in mail.text
    assert "Wilhelmina" not in mail.text and "+351" not in mail.text
    office.client = office.hb.client(office.hb.user("lou", "lead"))
    assert len(server.taken(to="dora@example.org")) == 1
