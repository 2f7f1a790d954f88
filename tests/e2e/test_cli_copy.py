"""The database as a whole, from a shell: backup, restore, resume, migrate; and the record beside Kannel's: verify, uncertain."""

import re
import sqlite3

import pytest

from rig import Desk, FakeSendsms, Handbox, wait_until


@pytest.fixture
def sendsms():
    with FakeSendsms() as server:
        yield server


@pytest.fixture
def handbox(tmp_path, sendsms):
    daemon = Handbox(tmp_path / "handbox", sendsms_url=sendsms.url).start()
    yield daemon
    daemon.stop()


@pytest.fixture
def desk(handbox):
    people = Desk(handbox)
    yield people
    people.close()


@pytest.fixture
def ana(desk):
    return desk.person("ana")


def change(handbox, *statements):
    """What a hand in the database could do, behind everybody's back."""
    with sqlite3.connect(handbox.database) as db:
        for statement in statements:
            assert db.execute(statement).rowcount == 1, statement


def sent(desk, who, text="Hi"):
    """A text that Kannel has accepted."""
    return desk.message(desk.approve(who, desk.task(), text), "accepted")


# ---- backup and restore

def test_a_backup_is_made_while_everything_goes_on_and_only_once(handbox, desk, ana, tmp_path):
    sent(desk, ana)
    copy = tmp_path / "copy.db"
    assert "is a whole copy" in handbox.cli("backup", copy).stdout
    assert copy.stat().st_mode & 0o777 == 0o600
    assert str(copy) in handbox.cli("backup", copy, expect=1).stderr
    assert "nowhere" in handbox.cli("backup", tmp_path / "nowhere" / "x.db", expect=1).stderr
    with sqlite3.connect(copy) as db:
        assert db.execute("SELECT count(*) FROM messages").fetchone() == (1,)


def test_restore_wants_no_daemon_and_a_backup_of_ours(handbox, desk, tmp_path):
    copy, other = tmp_path / "copy.db", tmp_path / "other.db"
    handbox.cli("backup", copy)
    assert "stop it first" in handbox.cli("restore", copy, expect=1).stderr
    handbox.stop()
    with sqlite3.connect(other) as db:
        db.execute("CREATE TABLE x (y)")
    for bad in (tmp_path / "none.db", other, handbox.conf):
        assert str(bad) in handbox.cli("restore", bad, expect=1).stderr
    handbox.cli("restore", copy)
    assert ".before-restore" in handbox.cli("restore", copy, expect=1).stderr
    assert handbox.database.with_name("handbox.db.before-restore").exists()


def test_what_was_unfinished_in_the_copy_never_leaves_by_itself(handbox, desk, ana, sendsms, tmp_path):
    done = sent(desk, ana)
    sendsms.default = (503, "Temporal failure, try again later.")
    waiting = desk.approve(ana, desk.task(), "waits")
    task = desk.task()
    receipt = desk.open(ana, task)["receipt"]
    handbox.cli("backup", tmp_path / "copy.db")
    sendsms.default = FakeSendsms.ACCEPTED
    desk.message(waiting, "accepted")
    handbox.stop()
    assert "uncertain now: 1." in handbox.cli("restore", tmp_path / "copy.db").stdout
    seen = len(sendsms.requests)
    handbox.start()
    assert desk.message(waiting)["state"] == "uncertain"
    assert desk.message(done)["state"] == "accepted"
    assert "may have left" in desk.message(waiting)["detail"]
    desk.send(ana, task, receipt, "Hi").problem(409, "receipt_stale")
    new = desk.approve(ana, desk.task(), "new")
    assert "copy of" in handbox.cli("doctor").stdout
    assert handbox.cli("doctor", "--check", expect=1).stdout.startswith("HANDBOX WARNING - ")
    assert desk.message(new)["state"] == "approved" and len(sendsms.requests) == seen, "a copy hands nothing over"
    handbox.cli("resume", "--restored")
    desk.message(new, "accepted")
    assert desk.message(waiting)["state"] == "uncertain" and len(sendsms.requests) == seen + 1
    assert "no restored copy" in handbox.cli("resume", "--restored", expect=1).stderr
    assert "resume_restored" in [row[0] for row in sqlite3.connect(handbox.database).execute("SELECT act FROM ledger")]
    handbox.cli("verify")


def test_a_copy_put_there_by_hand_is_settled_by_resume(handbox, desk, ana, sendsms, tmp_path):
    sendsms.default = (503, "Temporal failure, try again later.")
    waiting = desk.approve(ana, desk.task(), "waits")
    handbox.cli("channel", "off", "--reason", "drill")  # so that no hand-over is under way in the copy
    wait_until(lambda: desk.shell.get("/channel").expect(200)["handing_over"] == 0, "the answer")
    handbox.cli("backup", tmp_path / "copy.db")
    handbox.stop()
    (tmp_path / "copy.db").rename(handbox.database)
    sendsms.default = FakeSendsms.ACCEPTED
    seen = len(sendsms.requests)
    handbox.start()
    assert desk.message(waiting)["state"] == "approved"
    handbox.cli("resume", "--restored")
    assert desk.message(waiting)["state"] == "uncertain"
    handbox.cli("channel", "on", "--reason", "drill")
    sent(desk, ana, "another")
    assert [r.query["text"] for r in sendsms.requests[seen:]] == ["another"]


def test_sessions_of_before_are_over_after_a_restore(handbox, desk, tmp_path):
    handbox.cli("user", "add", "eva", "--role", "agent", stdin="correct horse battery\n")
    client = desk.client(None)
    cookie = client.post("/session", {"login": "eva", "password": "correct horse battery"}).headers["set-cookie"].split(";")[0]
    client.request("GET", "/me", headers={"Cookie": cookie}).expect(200)
    handbox.cli("backup", tmp_path / "copy.db")
    handbox.stop()
    handbox.cli("restore", tmp_path / "copy.db")
    handbox.start()
    client.request("GET", "/me", headers={"Cookie": cookie}).problem(401, "unauthenticated")


# ---- migrate

def test_migrate_has_nothing_to_do_today_and_refuses_a_newer_schema(handbox):
    handbox.stop()
    for args in (["migrate"], ["migrate", "--plan"]):
        assert "there is nothing to do" in handbox.cli(*args).stdout
    with sqlite3.connect(handbox.database) as db:
        db.execute("PRAGMA user_version = 99")
    assert "newer" in handbox.cli("migrate", expect=1).stderr
    assert "newer" in handbox.cli("user", "list", expect=1).stderr
    handbox.database.unlink()
    handbox.cli("verify", expect=1)
    assert not handbox.database.exists(), "verify makes no database"


# ---- verify

def test_verify_names_the_first_break(handbox, desk, ana):
    first, second = sent(desk, ana, "one"), sent(desk, ana, "two")
    assert re.search(r"The ledger holds: \d+ entries, 2 sends for 2 texts", handbox.cli("verify").stdout)
    handbox.stop()
    handbox.cli("verify")
    change(handbox, f"UPDATE messages SET text = 'other' WHERE id = {second['id']}")
    done = handbox.cli("verify", expect=1)
    assert "the ledger is broken: " in done.stderr and second["id"] in done.stderr
    change(handbox, f"UPDATE messages SET text = 'two' WHERE id = {second['id']}")
    handbox.cli("verify")
    change(handbox, f"UPDATE messages SET number = '+351910000000' WHERE id = {first['id']}")
    assert first["id"] in handbox.cli("verify", expect=1).stderr


def test_a_head_kept_elsewhere_shows_what_was_cut_off(handbox, desk, ana):
    sent(desk, ana)
    head = re.search(r"head (\d+:\d+:[0-9a-f]{64})", handbox.cli("verify").stdout)[1]
    handbox.cli("verify", "--head", head)
    assert "CHAIN:SEQ:HASH" in handbox.cli("verify", "--head", "nonsense", expect=1).stderr
    handbox.cli("channel", "off", "--reason", "storm")
    handbox.cli("verify", "--head", head)
    later = re.search(r"head (\S+)", handbox.cli("verify").stdout)[1]
    handbox.stop()
    change(handbox, "DELETE FROM ledger WHERE seq = (SELECT max(seq) FROM ledger)")
    handbox.cli("verify")
    assert "the ledger is broken" in handbox.cli("verify", "--head", later, expect=1).stderr


# ---- Kannel's access log

def log_line(event="Sent SMS", service="handbox", account="", text="hello"):
    return (f"2026-11-23 10:54:32 {event} [SMSC:main] [SVC:{service}] [ACT:{account}] [BINF:] [FID:1] [META:] "
            f"[from:12345] [to:+351912345678] [flags:-1:0:-1:-1:31] [msg:{len(text)}:{text}] [udh:0:]\n")


def test_a_text_without_a_receipt_is_found_in_kannels_log(handbox, desk, ana, tmp_path):
    message = sent(desk, ana)
    log = tmp_path / "access.log"
    innocent = "2026-11-23 10:54:31 Log begins\n" + log_line(account=message["id"]) * 2 + log_line(
        service="other", account="x") + log_line("Receive SMS", text="2026-11-23 10:54:32 Sent SMS [SMSC:x] [SVC:handbox] [ACT:1]")
    innocent += "2026-11-23 10:54:33 Sent SMS [SMSC:main] [msg:30:[SVC:handbox] [ACT:1]] [udh:0:]\n"
    log.write_text(innocent)
    assert "Every one of 1 texts" in handbox.cli("verify", "--kannel-log", log).stdout
    for account in ("", "77", "bulk"):
        log.write_text(innocent + log_line(account=account))
        done = handbox.cli("verify", "--kannel-log", log, expect=1)
        assert "2026-11-23 10:54:32: a text left through main as handbox" in done.stderr
        assert "1 of 2 texts" in done.stderr
    assert "cannot be read" in handbox.cli("verify", "--kannel-log", tmp_path / "none", expect=1).stderr


def test_uncertain_texts_beside_what_kannels_log_says(handbox, desk, ana, sendsms, tmp_path):
    assert handbox.cli("uncertain").stdout == "No text is uncertain.\n"
    desk.script(sendsms, (200, "<html>what?</html>"))
    message = desk.message(desk.approve(ana, desk.task(), "Hi"), "uncertain")
    log = tmp_path / "access.log"
    log.write_text(log_line(account="12") + log_line(account=message["id"]))
    assert re.search(rf"{message['id']} .* ana +not asked", handbox.cli("uncertain").stdout)
    assert "2026-11-23 10:54:32 Sent SMS through main" in handbox.cli("uncertain", "--kannel-log", log).stdout
    log.write_text(log_line(account="12"))
    assert "not in it" in handbox.cli("uncertain", "--kannel-log", log).stdout
    assert "HANDBOX_TOKEN" in handbox.cli("resolve", message["id"], "sent", "--evidence", "log", expect=1).stderr
    done = handbox.cli("resolve", message["id"], "sent", "--evidence", "access.log of today", token=ana.token)
    assert "is accepted" in done.stdout
    assert handbox.cli("uncertain").stdout == "No text is uncertain.\n"
    handbox.cli("resolve", message["id"], "sent", "--evidence", "again", token=ana.token, expect=1)


def test_a_backup_holds_while_people_send(handbox, desk, ana, tmp_path):
    for n in range(3):
        sent(desk, ana, f"text {n}")
        handbox.cli("backup", tmp_path / f"copy{n}.db")
    wait_until(lambda: (tmp_path / "copy2.db").exists(), "the last copy")
    handbox.stop()
    handbox.cli("restore", tmp_path / "copy1.db")
    assert "2 sends for 2 texts" in handbox.cli("verify").stdout
