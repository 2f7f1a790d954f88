"""The program from a shell: usage, files that are wrong, one writer with and without a daemon, and every sub-command."""

import concurrent.futures
import json
import os
import pty
import re
import signal
import socket
import sqlite3
import stat
import subprocess

import pytest

from rig import Client, FakeSendsms, Handbox, free_port, wait_until
from rig.proc import ROOT

WORKFLOW = """<workflow xmlns="urn:handbox:workflow:1" id="call" name="Call">
  <triggers><tag-added tag="call"/></triggers>
  <steps>
    <assign-user id="who"><user login="ana"/></assign-user>
    <manual-sms id="hello" name="Hello" expires="3d">
      <message>Hi {{ contact.first_name }}, this is {{ user.first_name }}.</message>
    </manual-sms>
  </steps>
</workflow>
"""


@pytest.fixture
def handbox(tmp_path):
    """A desk of its own that nobody serves yet."""
    daemon = Handbox(tmp_path / "handbox")
    yield daemon
    daemon.stop()


@pytest.fixture(params=["alone", "served"])
def either(handbox, request):
    """The same desk, without a daemon and with one: no call may tell the difference."""
    if request.param == "served":
        handbox.start()
    return handbox


def run(handbox, *args, token=None):
    """The program with these arguments and no other."""
    env = {**os.environ, **({"HANDBOX_TOKEN": token} if token else {})}
    return subprocess.run([handbox.binary, *map(str, args)], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=60, env=env, check=False)


def last_word(done):
    return done.stdout.split()[-1]


def new_user(handbox, login, role="agent", password="correct horse battery"):
    handbox.cli("user", "add", login, "--role", role, "--first-name", login.capitalize(), stdin=password + "\n")
    return last_word(handbox.cli("token", "add", "--name", login, "--kind", "personal", "--login", login, "--scopes",
                                 "read,contacts,workflows,enroll,tasks,send"))


def new_task(handbox, tmp_path):
    """Ana's token, and a task of hers for Rui."""
    token = new_user(handbox, "ana")
    (tmp_path / "call.xml").write_text(WORKFLOW)
    handbox.cli("workflow", "put", tmp_path / "call.xml")
    handbox.cli("workflow", "publish", "call")
    handbox.cli("contact", "add", "--phone", "912345678", "--first-name", "Rui", "--external-id", "crm-7")
    assert handbox.cli("enroll", "call", "crm-7").stdout.split()[1] == "enrolled"
    return token, json.loads(handbox.cli("tasks", "--json").stdout)["items"][0]["id"]


# ---- usage

COMMANDS = [
    "serve", "check", "check-conf", "doctor", "user add", "user list", "user password", "user set", "user deactivate", "team add",
    "event-source add", "event-source list", "event-source rotate", "event-source delete",
    "team list", "token add", "token list", "token revoke", "workflow list", "workflow get", "workflow put",
    "workflow migrate", "workflow publish", "workflow unpublish", "workflow versions", "workflow diff", "workflow adopt", "contact add",
    "contact list", "contact merge", "contact reset", "import", "enroll", "unenroll", "why",
    "tasks", "next", "open", "send", "skip", "snooze", "wake", "release", "reassign", "change", "cancel", "reopen", "bulk",
    "conversations", "thread", "note", "reply", "opt-out", "opt-in", "classify",
    "snippet list", "snippet show", "snippet set", "snippet delete", "messages", "evidence", "recall", "resolve", "channel", "status", "uncertain", "verify",
    "kannel-snippet", "backup", "restore", "resume", "migrate",
]


def test_help_lists_every_command(handbox):
    text = handbox.cli("--help").stdout
    listed = re.findall(r"^  (\S+(?: \S+)?) {2,}\S", text, re.M)
    assert sorted(listed) == sorted(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_and_version_everywhere(handbox, command):
    text = handbox.cli(*command.split(), "--help").stdout
    assert text.startswith(f"Usage: handbox {command}")
    assert re.fullmatch(r"handbox \d+\.\d+\.\d+\n", handbox.cli(*command.split(), "--version").stdout)


def test_the_manual_page_knows_every_command_and_option(handbox):
    page = (ROOT / "conf/man/handbox.8.scd").read_text()
    missing = []
    for command in COMMANDS:
        options = re.findall(r"^  --([a-z-]+)", handbox.cli(*command.split(), "--help").stdout, re.M)
        missing += [f"*{command}*"] * (f"*{command}*" not in page)
        missing += [f"{command} --{option}" for option in options if f"--{option}" not in page]
    assert missing == []


@pytest.mark.parametrize("args, said", [
    ([], "a command is wanted"),
    (["tsks"], "did you mean tasks?"),
    (["user"], "wants one of: add, list, password, set, deactivate"),
    (["user", "lst"], "did you mean user list?"),
    (["xyzzy"], "there is no command xyzzy."),
    (["tasks", "--asignee", "ana"], "did you mean --assignee?"),
    (["tasks", "--json=yes"], "--json takes no value"),
    (["tasks", "-x"], "there is no option -x"),
    (["tasks", "extra"], "one argument too many"),
    (["open"], "open wants more arguments"),
    (["--json", "tasks"], "options of a command stand behind it"),
    (["tasks", "--instance", "../x"], "the name of an instance"),
    (["user", "add", "eve"], "--role is wanted"),
    (["token", "add", "--name", "x", "--kind", "personal", "--scopes", "read"], "--login is wanted"),
    (["channel", "of", "--reason", "x"], "on or off is wanted"),
    (["channel", "off"], "--reason is wanted"),
    (["skip", "1"], "--reason is wanted"),
    (["resume"], "--restored is wanted"),
    (["kannel-snippet", "--own-smsbox", "x", "--port", "seven"], "a number from 1 to 65535"),
])
def test_wrong_usage_is_2_with_a_hint(handbox, args, said):
    done = handbox.cli(*args, expect=2)
    assert said in done.stderr and "--help" in done.stderr, done.stderr
    assert done.stdout == ""


def test_an_option_without_its_value(handbox):
    for args, said in ((["tasks", "--assignee"], "--assignee wants LOGIN behind it"), (["tasks", "-c"], "-c wants a file")):
        done = run(handbox, *args)
        assert done.returncode == 2 and said in done.stderr


def test_the_configuration_may_be_named_anywhere(handbox):
    for args in ([f"-c{handbox.conf}", "user", "list"], ["user", "-c", handbox.conf, "list"],
                 ["user", "list", "-c", handbox.conf]):
        assert run(handbox, *args).returncode == 0
    for args in (["--instance", "no-such", "user", "list"], ["user", "list", "--instance=no-such"]):
        done = run(handbox, *args)
        assert done.returncode == 1 and "/handbox/no-such.conf" in done.stderr


def test_arguments_behind_two_dashes_are_no_options(either, tmp_path):
    token, task = new_task(either, tmp_path)
    done = run(either, "send", "-c", either.conf, "--", task, "--really?", token=token)
    assert done.returncode == 0 and "--really?" in done.stdout, done.stderr


# ---- files that are wrong

def test_check_needs_neither_configuration_nor_database(tmp_path, handbox):
    handbox.conf.unlink()
    good, bad = tmp_path / "good.xml", tmp_path / "bad.xml"
    good.write_text(WORKFLOW)
    bad.write_text(WORKFLOW.replace("<steps>", "<steps>\n<sned/>").replace("expires", "expries"))
    assert handbox.cli("check", good).stdout == ""
    done = handbox.cli("check", good, bad, expect=1)
    lines = done.stdout.splitlines()
    assert len(lines) >= 2 and all(re.match(rf"{re.escape(str(bad))}:\d+:\d+: error: .+ \[\w+\]$", line) for line in lines)
    done = handbox.cli("check", tmp_path / "none.xml", expect=1)
    assert "none.xml: it cannot be read: No such file" in done.stderr


def test_warnings_of_a_workflow_are_no_failure(tmp_path, handbox):
    alone = tmp_path / "alone.xml"
    alone.write_text(re.sub(r"<assign-user.*</assign-user>", "", WORKFLOW))
    assert ": warning: " in handbox.cli("check", alone).stdout


@pytest.mark.parametrize("text", [
    '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + WORKFLOW, WORKFLOW[:-20], "", "\xff"])
def test_hostile_xml_is_an_error_with_a_place(tmp_path, handbox, text):
    file = tmp_path / "x.xml"
    file.write_bytes(text.encode("latin-1"))
    assert re.match(rf"{re.escape(str(file))}:\d+", handbox.cli("check", file, expect=1).stdout)


def test_check_with_db_knows_who_is_there(either, tmp_path):
    file = tmp_path / "call.xml"
    file.write_text(WORKFLOW)
    done = either.cli("check", "--with-db", file, expect=1)
    assert "[unknown_user]" in done.stdout and "ana" in done.stdout
    new_user(either, "ana")
    either.cli("check", "--with-db", file)
    new_user(either, "lea", "admin")
    either.cli("user", "deactivate", "ana")
    assert "[inactive_user]" in either.cli("check", "--with-db", file, expect=1).stdout


def test_check_conf_names_every_fault_with_its_line(handbox):
    handbox.cli("check-conf")
    handbox.write_conf(sendr="1", max_segments="many", lease="soon", agents_see="none", hours="mon-fri 9-18",
                       frequency_cap="3", forbidden_words="/nonexistent/words")
    done = handbox.cli("check-conf", expect=1)
    for key in ("sendr", "max-segments", "lease", "agents-see", "hours", "frequency-cap", "forbidden-words"):
        assert re.search(rf"^handbox: {re.escape(str(handbox.conf))}:\d+: .*{key}", done.stderr, re.M), done.stderr
    handbox.conf.unlink()
    assert "No such file" in handbox.cli("check-conf", expect=1).stderr


def test_the_sample_is_a_configuration(handbox, tmp_path):
    """As it is shipped, and with its last key and the groups behind it taken in; the keys between are held by the linter."""
    kannel = tmp_path / "kannel.conf"
    kannel.write_text('group = core\nadmin-port = 13000\n\ngroup = smsbox\nbearerbox-host = localhost\nsendsms-port = 13013\n\n'
                      'group = sendsms-user\nusername = handbox\npassword = x\n')
    sample = (ROOT / "conf/handbox.conf.sample").read_text().replace("/etc/kannel/kannel.conf", str(kannel))
    own, _, others = sample.partition("\n\n# More numbers")
    taken_in = re.sub(r"^# (log-level|sender) = ", r"\1 = ", own, flags=re.M)
    for text in (sample, taken_in + "\n\n#" + re.sub(r"^# ([a-z-]+ = )", r"\1", others, flags=re.M)):
        handbox.conf.write_text(text)
        handbox.cli("check-conf")
    assert "log-level = info\n" in text and "group = number-hours\n" in text


SERVE_FAULTS = {
    "lost folder": ("folder", "install -d"),
    "read-only disk": (None, "handbox: "),
    "no database": ("garbage", "is not a database"),
    "newer schema": ("newer", "newer"),
    "busy port": ("port", "listen"),
    "kannel.conf": ("kannel", "kannel-conf cannot be used"),
    "log file": ("log", "log-file"),
}


@pytest.mark.parametrize("fault", SERVE_FAULTS)
def test_serve_says_why_it_does_not_start(handbox, fault, stopping):
    kind, said = SERVE_FAULTS[fault]
    if kind == "folder":
        handbox.database.parent.rmdir()
    elif kind is None:
        handbox.write_conf(database="/proc/sys/handbox/handbox.db")
    elif kind == "garbage":
        handbox.database.write_bytes(b"this is no database, but something else" * 100)
    elif kind == "newer":
        handbox.cli("user", "list")
        with sqlite3.connect(handbox.database) as db:
            db.execute("PRAGMA user_version = 99")
    elif kind == "port":
        busy = socket.socket()
        busy.bind(("127.0.0.1", handbox.port))
        busy.listen()
    elif kind == "kannel":
        handbox.write_conf(kannel_conf="/nowhere/kannel.conf")
    elif kind == "log":
        handbox.write_conf(log_file="/nowhere/handbox.log")
    done = handbox.cli("serve", expect=1)
    assert said in done.stderr, done.stderr
    assert all(line.startswith("handbox: ") or " error " in line or " info " in line for line in done.stderr.splitlines())


def test_a_second_daemon_is_refused(handbox):
    handbox.start()
    done = handbox.cli("serve", expect=1)
    assert re.search(r"is in use by another handbox \(process \d+\)", done.stderr), done.stderr
    assert handbox.ready()


def test_ready_is_said_and_sigterm_is_0(handbox):
    handbox.start()
    assert re.search(rf"info  daemon: handbox \S+ ready listen=127.0.0.1:{handbox.port} kannel-listen=", handbox.log.read_text())
    handbox.proc.popen.send_signal(signal.SIGHUP)
    wait_until(lambda: "nothing changed" in handbox.log.read_text(), "the reload")
    handbox.stop()
    assert "stopped" in handbox.log.read_text()


# ---- one writer

def test_the_socket_is_for_its_owner_and_group(handbox):
    handbox.start()
    mode = os.stat(f"{handbox.database}.sock").st_mode
    assert stat.S_ISSOCK(mode) and stat.S_IMODE(mode) == 0o660
    handbox.stop()
    assert not os.path.exists(f"{handbox.database}.sock")


def test_a_socket_left_by_a_killed_daemon_is_no_hindrance(handbox):
    handbox.start()
    new_user(handbox, "ana")
    handbox.kill()
    assert os.path.exists(f"{handbox.database}.sock")
    assert "ana" in handbox.cli("user", "list").stdout
    handbox.start()
    assert "ana" in handbox.cli("user", "list").stdout


def test_many_calls_at_once_take_turns(either):
    with concurrent.futures.ThreadPoolExecutor(8) as threads:
        calls = [threads.submit(either.cli, "contact", "add", "--phone", f"91200000{n}") for n in range(8)]
        ids = {call.result().stdout for call in calls}
    assert len(ids) == 8
    assert len(json.loads(either.cli("contact", "list", "--json").stdout)["items"]) == 8


def test_a_call_without_a_daemon_leaves_no_process_and_no_lock(handbox):
    handbox.cli("user", "list")
    assert sorted(os.listdir(handbox.database.parent)) == ["handbox.db", "handbox.db.lock"]
    handbox.start()


def test_a_daemon_waits_for_a_call_at_work(handbox, tmp_path):
    rows = tmp_path / "rows.csv"
    rows.write_text("phone\n" + "".join(f"91200{n:04d}\n" for n in range(400)))
    with concurrent.futures.ThreadPoolExecutor(1) as thread:
        call = thread.submit(handbox.cli, "import", rows)
        wait_until(lambda: os.path.exists(f"{handbox.database}.call.sock") or call.done(), "the call to be at work", step_s=0.001)
        handbox.launch()
        handbox.wait_ready()
        assert call.result().stdout.startswith("400 contacts saved")


def test_what_only_the_shell_may_ask_is_refused_to_tokens(handbox):
    token = new_user(handbox, "lea", "admin")
    handbox.start()
    with_token = handbox.client(last_word(handbox.cli("token", "add", "--name", "x", "--kind", "service", "--scopes",
                                                      "read,admin")))
    person = handbox.client(token)
    for client in (with_token, person, Client("127.0.0.1", handbox.port)):
        for method, path in (("POST", "/shell/backup"), ("POST", "/shell/verify"), ("POST", "/shell/resume-restored"),
                             ("GET", "/shell/secret"), ("GET", "/shell/state")):
            assert client.request(method, path, {"path": "/tmp/x"} if method == "POST" else None).status in (401, 403)
        client.close()


# ---- people

def test_a_password_comes_on_stdin_and_goes_nowhere_else(either):
    either.cli("user", "add", "ana", "--role", "lead", "--email", "ana@example.com", stdin="correct horse battery\nrest\n")
    assert "ana@example.com" in either.cli("user", "list").stdout
    assert "horse" not in (either.log.read_text() if either.log.exists() else "")
    either.start() if not either.proc else None
    client = either.client()
    client.post("/session", {"login": "ana", "password": "correct horse battery"}).expect(200)
    either.cli("user", "password", "ana", stdin="another long password\n")
    client.post("/session", {"login": "ana", "password": "correct horse battery"}).problem(401, "bad_credentials")
    client.post("/session", {"login": "ana", "password": "another long password"}).expect(200)
    client.close()
    assert "horse" not in either.log.read_text() and "long password" not in either.log.read_text()


def test_without_a_password_there_is_a_link(either):
    link = either.cli("user", "add", "ana", "--role", "agent").stdout.splitlines()[-1]
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/login#\S{43}", link)
    again = either.cli("user", "password", "ana").stdout.splitlines()[-1]
    assert again != link


@pytest.mark.parametrize("args, stdin, said", [
    (["user", "add", "ana", "--role", "boss"], "", "role"),
    (["user", "add", "Ana", "--role", "agent"], "", "login"),
    (["user", "add", "me", "--role", "agent"], "", "login"),
    (["user", "add", "eve", "--role", "agent"], "short\n", "password"),
    (["user", "add", "eve", "--role", "agent"], "x" * 2000 + "\n", "longer than 1023 bytes"),
    (["user", "add", "known", "--role", "agent"], "", "known"),
    (["user", "deactivate", "nobody"], "", "no such user"),
    (["token", "add", "--name", "x", "--kind", "service", "--scopes", "read,send"], "", "scopes"),
    (["token", "add", "--name", "x", "--kind", "service", "--scopes", "raed"], "", "scopes"),
    (["token", "add", "--name", "x", "--kind", "personal", "--login", "nobody", "--scopes", "read"], "", "user"),
    (["token", "revoke", "42"], "", "token"),
    (["team", "add", "desk", "nobody"], "", "nobody"),
])
def test_refusals_are_sentences(handbox, args, stdin, said):
    handbox.cli("user", "add", "known", "--role", "admin")
    done = handbox.cli(*args, stdin=stdin, expect=1)
    assert done.stderr.startswith("handbox: ") and said in done.stderr, done.stderr


def test_tokens_come_and_go(handbox):
    handbox.start()
    new_user(handbox, "ana")
    made = handbox.cli("token", "add", "--name", "crm", "--kind", "service", "--scopes", "read,contacts").stdout.splitlines()
    assert re.fullmatch(r"hb_\S{43}", made[-1])
    client = handbox.client(made[-1])
    client.get("/contacts").expect(200)
    listed = handbox.cli("token", "list").stdout
    assert "crm" in listed and made[-1] not in listed
    handbox.cli("token", "revoke", re.search(r"(\d+) +service +crm", listed)[1])
    client.get("/contacts").problem(401, "unauthenticated")
    client.close()


def test_teams(either):
    new_user(either, "ana")
    new_user(either, "bob")
    either.cli("team", "add", "Night desk", "ana", "bob")
    assert re.search(r"\d+ +Night desk +ana, bob", either.cli("team", "list").stdout)


# ---- workflows, contacts, enrolling

def test_workflows_in_and_out(either, tmp_path):
    new_user(either, "ana")
    file = tmp_path / "call.xml"
    file.write_text(WORKFLOW)
    either.cli("workflow", "put", file)
    assert "no" in either.cli("enroll", "call", "912345678", expect=1).stderr
    contact = last_word(either.cli("contact", "add", "--phone", "912345678"))
    assert "not_published" in either.cli("enroll", "call", contact, expect=1).stdout
    either.cli("workflow", "publish", "call", "--note", "first")
    file.write_text(WORKFLOW.replace("Hi ", "Good day "))
    either.cli("workflow", "put", file)
    assert "Good day" in either.cli("workflow", "get", "call").stdout
    assert "Hi " in either.cli("workflow", "get", "call", "--at", "1").stdout
    assert re.search(r"call +published +1 +2 +api +Call", either.cli("workflow", "list").stdout)
    assert re.search(r"1 .* first", either.cli("workflow", "versions", "call").stdout)
    either.cli("workflow", "unpublish", "call", "--pending-tasks", "cancel")
    assert "unpublished" in either.cli("workflow", "list").stdout


def test_a_workflow_with_errors_is_not_put(either, tmp_path):
    file = tmp_path / "call.xml"
    file.write_text(WORKFLOW)
    done = either.cli("workflow", "put", file, expect=1)
    assert re.search(rf"{re.escape(str(file))}:4:\d+: error: .*ana.* \[unknown_user\]", done.stderr), done.stderr
    file.write_text(WORKFLOW.replace("manual-sms", "manual-mms"))
    assert "manual-mms" in either.cli("workflow", "put", file, expect=1).stderr
    assert either.cli("workflow", "list").stdout == ""


def test_contacts_by_id_external_id_and_number(either, tmp_path):
    new_task(either, tmp_path)
    assert "already_enrolled" in either.cli("enroll", "call", "+351912345678", expect=1).stdout
    assert "already_enrolled" in either.cli("enroll", "call", "912345678", expect=1).stdout
    assert "there is no contact 919" in either.cli("enroll", "call", "919999999", expect=1).stderr
    either.cli("contact", "add", "--phone", "912345678", "--shared", "--custom", "plan=gold", "--tag", "a", "--tag", "b")
    assert "several contacts" in either.cli("enroll", "call", "912345678", expect=1).stderr
    contact = json.loads(either.cli("contact", "list", "--tag", "a", "--json").stdout)["items"][0]
    assert contact["custom"] == {"plan": "gold"} and contact["tags"] == ["a", "b"]
    done = either.cli("contact", "add", "--phone", "912345678", expect=1)
    assert "Another contact has this phone" in done.stderr and "existing: " in done.stderr
    assert "cannot be the name of a field" in either.cli("contact", "add", "--custom", 'a"b=c', expect=1).stderr


def test_a_number_that_cannot_be_is_kept_and_warned_about(either):
    done = either.cli("contact", "add", "--phone", "12", "--first-name", "Odd")
    assert done.stderr.startswith("warning: ") and "Odd" in either.cli("contact", "list").stdout


def test_import_goes_on_behind_a_bad_row_and_names_it(either, tmp_path):
    new_user(either, "ana")
    (tmp_path / "call.xml").write_text(WORKFLOW)
    either.cli("workflow", "put", tmp_path / "call.xml")
    either.cli("workflow", "publish", "call")
    file = tmp_path / "contacts.csv"
    file.write_text('\ufeffphone,first_name,tags,custom.plan,owner\r\n912000001,"Rui ""R"" Sá","vip; new",gold,ana\r\n'
                    '912000001,Twice,,,\r\n912000002,"two\nlines",,,\r\n\r\n912000003,Eva,,,nobody\r\n'
                    '12,Odd,,,\r\n912000004,Zé,,,\r\n', encoding="utf-8")
    done = either.cli("import", file, "--enroll", "call", expect=1)
    assert done.stdout == "3 contacts saved, 3 rows failed, 3 enrolled, 0 not.\n", done.stderr
    for line in (3, 4, 7):
        assert f"{file}:{line}: " in done.stderr, done.stderr
    assert f"{file}:8: warning: " in done.stderr
    rui = json.loads(either.cli("contact", "list", "--tag", "vip", "--json").stdout)["items"][0]
    assert (rui["first_name"], rui["tags"], rui["custom"]) == ('Rui "R" Sá', ["new", "vip"], {"plan": "gold"})
    assert rui["owner"]["login"] == "ana"
    file.write_text("phone;first_name\n912000001;Changed\n912000005;New\n")
    assert either.cli("import", file, "--upsert", "phone").stdout.startswith("2 contacts saved, 0 rows failed")
    assert "Changed" in either.cli("contact", "list").stdout


@pytest.mark.parametrize("text, said", [
    ("", "is empty"), ("phone,fist_name\n1,2\n", "did you mean first_name?"), ("phone,phone\n", "there twice"),
    ("phone,first_name\n1,2,3\n", "the row has 3 columns, the header 2"), ('phone\n"912\n', "never closed"),
    ("phone,first_name\n912000001,\xe9\n", "not UTF-8"),
])
def test_import_refuses_what_is_no_csv_of_contacts(handbox, tmp_path, text, said):
    file = tmp_path / "contacts.csv"
    file.write_bytes(text.encode("latin-1"))
    assert said in handbox.cli("import", file, expect=1).stderr


# ---- the main job

def test_the_main_job_from_a_shell(either, tmp_path):
    token, task = new_task(either, tmp_path)
    assert re.search(rf"{task} +pending .* Rui +\+351912345678 +ana +call +Hello", either.cli("tasks", token=token).stdout)
    card = either.cli("open", task, token=token).stdout
    assert "Hi Rui, this is Ana." in card and "1 segment, GSM-7" in card and "+351912345678" in card
    assert "receipt   " in card
    done = either.cli("send", task, "Olá, daqui Ana", token=token)
    message = re.search(r"message (\d+) \(approved\)", done.stdout)[1]
    assert "UCS-2" in done.stdout, "the text of one's own is judged too"
    assert re.search(rf"{message} .* \+351912345678 +approved +ana", either.cli("messages").stdout)
    assert "is sent" in either.cli("why", "call", "crm-7").stdout
    assert re.search(r"hello +manual-sms +Hello +1 +1 +0", either.cli("why", "call").stdout)
    assert "The task is sent" in either.cli("open", task, token=token, expect=1).stderr
    assert "1 waiting" in either.cli("status").stdout
    either.cli("verify")


def test_only_a_person_opens_and_sends(either, tmp_path):
    _, task = new_task(either, tmp_path)
    service = last_word(either.cli("token", "add", "--name", "x", "--kind", "service", "--scopes", "read,tasks"))
    for args in (["open", task], ["send", task, "Hi"]):
        assert "HANDBOX_TOKEN" in either.cli(*args, expect=1).stderr
        assert "service token is no person" in either.cli(*args, token=service, expect=1).stderr
    assert "token" in either.cli("tasks", token="hb_" + "x" * 43, expect=1).stderr


def test_send_shows_what_it_sends_and_asks_on_a_terminal(either, tmp_path):
    token, task = new_task(either, tmp_path)
    command = [either.binary, "send", task, "-c", str(either.conf)]
    master, slave = pty.openpty()
    with subprocess.Popen(command, stdin=slave, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          env={**os.environ, "HANDBOX_TOKEN": token}) as asked:
        os.write(master, b"n\n")
        said = asked.communicate(timeout=30)
    assert asked.returncode == 1 and "Send it? [y/N]" in said[1] and "nothing was sent" in said[1], said
    os.close(slave)
    os.close(master)
    assert either.cli("messages").stdout == ""
    done = either.cli("send", task, token=token)
    assert "  | Hi Rui" in done.stdout and "Approved" in done.stdout, done.stdout


def test_a_guard_that_fails_is_named_with_its_fix(either, tmp_path):
    token, task = new_task(either, tmp_path)
    assert "OFF" in either.cli("channel", "off", "--reason", "storm").stdout
    done = either.cli("send", task, token=token, expect=1)
    assert done.stderr == "handbox: The SMS channel is switched off (storm). A lead can switch the channel on again.\n"
    assert "NO    channel: " in done.stdout
    assert "storm" in either.cli("channel").stdout
    assert "on" in either.cli("channel", "on", "--reason", "calm").stdout
    either.cli("send", task, "--yes", token=token)


def test_skip_and_release(either, tmp_path):
    token, task = new_task(either, tmp_path)
    either.cli("open", task, token=token)
    assert "given back" in either.cli("release", task, token=token).stdout
    assert "skipped" in either.cli("skip", task, "--reason", "wrong person", token=token).stdout
    assert either.cli("tasks").stdout == ""
    assert "skipped" in either.cli("tasks", "--all").stdout


def test_what_strangers_write_does_not_move_the_terminal(either, tmp_path):
    token, task = new_task(either, tmp_path)
    with sqlite3.connect(either.database) as db:
        db.execute("UPDATE contacts SET first_name = 'R\x1b[2Jui\u202e'")
    for args in (["contact", "list"], ["tasks"], ["open", task]):
        out = either.cli(*args, token=token).stdout
        assert "\x1b" not in out and "\u202e" not in out


# ---- doctor

def test_doctor_has_a_remedy_for_all_that_fails(handbox):
    done = handbox.cli("doctor", expect=1)
    assert re.search(r"^warn  there is no database .* — `handbox serve` makes it$", done.stdout, re.M)
    assert re.search(r"^FAIL  no Kannel is configured", done.stdout, re.M)
    assert not handbox.database.exists(), "looking makes nothing"
    assert handbox.cli("doctor", "--check", expect=2).stdout.startswith("HANDBOX CRITICAL - no Kannel")
    handbox.write_conf(sendr="x")
    assert re.search(r"^FAIL  .*conf:\d+: there is no key sendr", handbox.cli("doctor", expect=1).stdout, re.M)


def test_doctor_of_a_desk_in_order(tmp_path):
    with FakeSendsms() as sendsms:
        handbox = Handbox(tmp_path / "handbox", sendsms_url=sendsms.url).start()
        done = handbox.cli("doctor")
        assert "FAIL" not in done.stdout and "callbacks arrive" in done.stdout and "sendsms answers" in done.stdout
        handbox.cli("channel", "off", "--reason", "storm")
        assert handbox.cli("doctor", "--check", expect=1).stdout.startswith("HANDBOX WARNING - the channel is off")
        handbox.stop()
    handbox.write_conf(sendsms_url=f"http://127.0.0.1:{free_port()}/cgi-bin/sendsms")
    assert re.search(r"^FAIL  sendsms does not answer .* refused", handbox.cli("doctor", expect=1).stdout, re.M)


# ---- Kannel's files

def test_kannel_snippet_works_before_kannel_knows_us(handbox, tmp_path):
    kannel = tmp_path / "kannel.conf"
    kannel.write_text('group = core\nadmin-port = 13000\nadmin-password = "x"\nsmsbox-port = 13001\n\n'
                      'group = smsbox\nbearerbox-host = "localhost"\nsendsms-port = 13013\n')
    handbox.write_conf(kannel_conf=kannel)
    assert "it is not known how to reach sendsms" in handbox.cli("serve", expect=1).stderr
    text = handbox.cli("kannel-snippet", "--sender", "777").stdout
    assert "group = sendsms-user" in text and handbox.keys["kannel_secret"] in text and "777" in text
    own = tmp_path / "own"
    text = handbox.cli("kannel-snippet", "--own-smsbox", own).stdout
    assert "group = smsbox-route" in text
    assert stat.S_IMODE(os.stat(own / "smsbox.conf").st_mode) == 0o600
    assert "sendsms-port = 13014" in (own / "smsbox.conf").read_text()
    assert "File exists" in handbox.cli("kannel-snippet", "--own-smsbox", own, expect=1).stderr
