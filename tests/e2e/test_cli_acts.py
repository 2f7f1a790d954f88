"""Acts on tasks, consent and canned texts from a shell, with and without a daemon."""

import json
import re

import pytest

from rig import Handbox
from rig.desk import ahead
from rig.handbox import CALLBACK_SECRET


@pytest.fixture(params=["alone", "served"], name="desk")
def desk_of_ana_and_lea(tmp_path, request, stopping):
    """Ana's and Lea's shell, at a desk with a contact and its task; no call may tell whether a daemon serves."""
    handbox = stopping(Handbox(tmp_path / "handbox"))
    if request.param == "served":
        handbox.start()
    return Shell(handbox)


class Shell:
    """desk.ana("tasks"), desk.lea("tasks"): the program as one of them; what it printed."""

    def __init__(self, handbox):
        self.hb = handbox
        self.tokens = {login: self._person(login, role) for login, role in (("ana", "agent"), ("lea", "lead"))}
        self.contact = handbox.cli("contact", "add", "--phone", "912345678", "--first-name", "Rui").stdout.split()[-1]

    def _person(self, login, role):
        self.hb.cli("user", "add", login, "--role", role, "--first-name", login.capitalize(), stdin="correct horse battery\n")
        return self.hb.cli("token", "add", "--name", login, "--kind", "personal", "--login", login, "--scopes",
                           "read,contacts,workflows,tasks,send").stdout.split()[-1]

    def ana(self, *args, expect=0):
        return self._run("ana", args, expect)

    def lea(self, *args, expect=0):
        return self._run("lea", args, expect)

    def _run(self, login, args, expect):
        done = self.hb.cli(*args, token=self.tokens[login], expect=expect)
        return done.stderr if expect else done.stdout

    def task(self, tmp_path, name="call"):
        """A new task of Ana's for the contact, by a workflow."""
        path = tmp_path / f"{name}.xml"
        path.write_text(f'''<workflow xmlns="urn:handbox:workflow:1" id="{name}" name="{name}"><steps>
            <assign-user id="who"><user login="ana"/></assign-user>
            <manual-sms id="hello" name="{name}"><message>Hi {{{{ contact.first_name }}}}</message></manual-sms>
            </steps></workflow>''')
        self.hb.cli("workflow", "put", path)
        self.hb.cli("workflow", "publish", name)
        self.hb.cli("enroll", name, self.contact)
        (task,) = json.loads(self.hb.cli("tasks", "--workflow", name, "--json").stdout)["items"]
        return task["id"]

    def state(self, task):
        items = json.loads(self.hb.cli("tasks", "--all", "--json").stdout)["items"]
        return next(item for item in items if item["id"] == task)


def test_let_us_start(desk, tmp_path):
    first, second = desk.task(tmp_path), desk.task(tmp_path, "again")
    assert re.search(r"pending +2\n +2 could go now", desk.ana("tasks", "--count"))
    assert first in desk.ana("next") and second in desk.ana("next")
    assert "2 are open before somebody" in desk.ana("next")
    assert first in desk.ana("next", "--resume") and second in desk.ana("next", "--resume", "--after", first)
    assert "Nothing is left" in desk.ana("next", "--q", "nobody")
    assert "there is no contact" in desk.ana("next", "--contact", "crm-9", expect=1)
    assert "Nothing is left" in desk.ana("next", "--contact", "+351912345678")
    assert "order" in desk.ana("next", "--order", "size", expect=1)
    assert second in desk.ana("tasks", "--contact", "+351912345678", "--q", "again")
    assert desk.ana("tasks", "--contact", "+351912345678", "--due-before", "2020-01-01T00:00:00Z") == ""


def test_one_task_there_and_back(desk, tmp_path):
    task = desk.task(tmp_path)
    assert desk.ana("snooze", task, "--until", ahead(3600), "--reason", "on the phone") == f"Task {task} is put off (snoozed).\n"
    assert "resume it first" in desk.ana("open", task, expect=1)
    assert desk.ana("wake", task) == f"Task {task} is back (pending).\n"
    assert "The task is pending" in desk.ana("wake", task, expect=1)
    assert "only what has ended" in desk.ana("reopen", task, expect=1)
    desk.ana("change", task, "--priority", "7", "--due", "2030-01-05T09:00:00Z")
    changed = desk.state(task)
    assert changed["priority"] == 7 and changed["due_at"] == "2030-01-05T09:00:00.000Z"
    desk.ana("change", task, "--due", "none")
    assert desk.state(task)["due_at"] is None
    for args in (["change", task], ["change", task, "--priority", "11"], ["cancel", task], ["reassign", task],
                 ["reassign", task, "--to", "lea", "--to-team", "1"], ["snooze", task]):
        desk.ana(*args, expect=2)
    assert desk.lea("reassign", task, "--to", "lea") == f"Task {task} is now for lea.\n"
    assert desk.lea("reassign", task, "--to", "none") == f"Task {task} is in the pool.\n"
    assert "there is no user zed" in desk.lea("reassign", task, "--to", "zed", expect=1).lower()
    assert desk.lea("cancel", task, "--reason", "they came by") == f"Task {task} is cancelled.\n"
    assert "The task is cancelled, so nobody can cancel it" in desk.lea("cancel", task, "--reason", "they came by", expect=1)
    assert desk.lea("reopen", task) == f"Task {task} is open again (pending).\n"


def test_many_tasks(desk, tmp_path):
    tasks = [desk.task(tmp_path, name) for name in ("one", "two", "three")]
    assert "3 found; nothing was done." in desk.lea("bulk", "skip", "--assignee", "ana", "--reason", "x", "--dry-run")
    assert "3 found" in desk.lea("bulk", "skip", "--contact", "+351912345678", "--reason", "x", "--dry-run")
    assert "there is no contact" in desk.lea("bulk", "skip", "--contact", "crm-9", "--reason", "x", expect=1)
    assert "finds 3 now, not the 4" in desk.lea("bulk", "skip", "--reason", "x", "--expect", "4", expect=1)
    assert "no bulk send" in desk.lea("bulk", "send", tasks[0], expect=1)
    assert "snoozed 2" in desk.lea("bulk", "snooze", *tasks[:2], "--until", ahead(3600))
    assert "reassigned 2" in desk.lea("bulk", "reassign", "--state", "snoozed", "--to", "lea")
    assert "cancelled 1" in desk.lea("bulk", "cancel", "--workflow", "three", "--reason", "over")
    assert [desk.state(task)["state"] for task in tasks] == ["snoozed", "snoozed", "cancelled"]
    for args in (["skip", "--reason", "x"], ["skip", tasks[0]], ["snooze", tasks[0]], ["reassign", tasks[0]],
                 ["skip", tasks[0], "--workflow", "one", "--reason", "x"], ["skip", "--reason", "x", "--expect", "many"]):
        desk.lea("bulk", *args, expect=2)


def test_what_they_want(desk, tmp_path):
    if not desk.hb.proc:
        desk.hb.start()
    task = desk.task(tmp_path)
    status, _ = desk.hb.plain(f"/kannel/inbound/{CALLBACK_SECRET}?text=please+stop+texting+me+at+night&coding=0&charset=UTF-8&id=a1"
                              "&from=%2B351912345678&to=12345", kannel_side=True)
    assert status == 200
    message = re.search(r"handbox classify (\d+) stop", desk.ana("thread", desk.contact))[1]
    assert "may ask to stop. Say whether it does" in desk.ana("open", task, expect=1)
    assert "still held: a text of theirs may ask to stop. Say whether it does" in desk.ana("wake", task, expect=1)
    assert "On hold: unclear_opt_out" in desk.ana("why", task)
    assert "stop" in desk.ana("classify", message, "maybe", expect=1)
    assert "is not opted out" in desk.ana("classify", message, "not_stop")
    assert "somebody said: not_stop" in desk.ana("thread", desk.contact)
    desk.ana("opt-out", desk.contact, expect=2)
    assert "no text goes there" in desk.ana("opt-out", "+351912345678", "--reason", "told me so")
    desk.ana("opt-in", desk.contact, expect=2)
    assert "is not opted out" in desk.ana("opt-in", desk.contact, "--evidence", "a signed form")
    history = desk.hb.cli("evidence", "+351912345678").stdout
    assert re.search(r"opt_out +ana .*told me so\n.*opt_in +ana .*a signed form", history), history


def test_a_text_taken_back(desk, tmp_path):
    task = desk.task(tmp_path)
    desk.hb.cli("channel", "off", "--reason", "Kannel is being moved")
    assert "channel" in desk.ana("send", task, "Hi", expect=1)
    desk.hb.cli("channel", "on", "--reason", "it has moved")
    message = re.search(r"message (\d+) \(approved\)", desk.ana("send", task, "Hi"))[1]
    assert desk.ana("recall", message) == f"Message {message} is withdrawn: it did not leave.\n"
    assert desk.state(task)["state"] == "pending"
    assert "withdrawn" in desk.ana("recall", message, expect=1)


def test_canned_texts(desk):
    desk.lea("snippet", "set", "hello", "Dear {{ contact.first_name }}, hello.")
    assert re.search(r"hello +Dear \{\{ contact.first_name \}\}, hello\.", desk.ana("snippet", "list"))
    assert desk.ana("snippet", "show", "hello") == "Dear {{ contact.first_name }}, hello.\n"
    assert desk.ana("snippet", "show", "hello", "--contact", "+351912345678") == "Dear Rui, hello.\n"
    assert "There is no value" in desk.lea("snippet", "set", "hello", "{{ contact.firstname }}", expect=1)
    desk.lea("snippet", "set", "hello", "Good day")
    assert desk.ana("snippet", "show", "hello") == "Good day\n"
    assert "there is no snippet helo" in desk.lea("snippet", "delete", "helo", expect=1)
    desk.lea("snippet", "delete", "hello")
    assert desk.ana("snippet", "list") == ""
