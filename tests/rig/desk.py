"""What a desk of people does over the API, in a line each, for tests that are about something else."""

import datetime
import urllib.parse

from .handbox import CALLBACK_SECRET
from .proc import wait_until

AGENT = "read,contacts,workflows,enroll,tasks,send"


def workflow(name, steps, settings=""):
    """The XML of a workflow with these steps."""
    return (f'<workflow xmlns="urn:handbox:workflow:1" id="{name}" name="The {name}">\n{settings}\n'
            f"<steps>\n{steps}\n</steps>\n</workflow>\n")


def assign(*logins, only_unassigned="yes"):
    users = "".join(f'<user login="{login}"/>' for login in logins)
    return f'<assign-user id="who" only-unassigned="{only_unassigned}">{users}</assign-user>'


def manual_sms(text, step="hello", attributes='due="4h" expires="3d"'):
    return f'<manual-sms id="{step}" name="First text" {attributes}><message>{text}</message></manual-sms>'


class Desk:
    """desk = Desk(handbox); ana = desk.person("ana"); task = desk.task(); message = desk.approve(ana, task, "Hi")

    Numbers are Portuguese mobiles, a new one for each contact.
    """

    def __init__(self, handbox):
        self.hb = handbox
        self.shell = handbox.shell()
        self.clients = [self.shell]
        self.number = 0

    def close(self):
        for client in self.clients:
            client.close()

    def client(self, token):
        self.clients.append(self.hb.client(token))
        return self.clients[-1]

    def person(self, login, role="agent", scopes=AGENT):
        """A new user's client."""
        return self.client(self.hb.user(login, role, scopes))

    def program(self, scopes="read,contacts,workflows,enroll,tasks"):
        return self.client(self.hb.service(scopes))

    def phone(self):
        self.number += 1
        return f"+35191{2000000 + self.number}"

    def contact(self, phone=None, **fields):
        """A new contact, whole."""
        return self.shell.post("/contacts", {"first_name": "Rui", "phone": phone or self.phone(), **fields}).expect(201).json

    def task(self, contact=None, **fields):
        """A task without a workflow, whole; by default for a new contact and in the pool."""
        contact = contact or self.contact()["id"]
        return self.shell.post("/tasks", {"contact": contact, "name": "call", "text": "Hi", **fields}).expect(201).json

    def publish(self, name, steps, settings=""):
        self.shell.put(f"/workflows/{name}", workflow(name, steps, settings)).expect(200, 201)
        return self.shell.post(f"/workflows/{name}/publish", {}).expect(200).json

    def enroll(self, name, contact):
        """Enroll one contact; its open task of that workflow."""
        done = self.shell.post(f"/workflows/{name}/enrollments", {"contacts": [contact]}).expect(200)["results"]
        assert [result["outcome"] for result in done] == ["enrolled"], done
        (task,) = self.shell.items("/tasks", contact=contact, workflow=name, state="pending")
        return task

    @staticmethod
    def open(who, task, **options):
        return who.post(f"/tasks/{task['id']}/open", options).expect(200).json

    @staticmethod
    def send(who, task, receipt, text, **options):
        return who.post(f"/tasks/{task['id']}/send", {"receipt": receipt, "text": text, **options})

    def approve(self, who, task, text, **options):
        """Open and send; the message."""
        return self.send(who, task, self.open(who, task)["receipt"], text, **options).expect(202)["message"]

    def script(self, sendsms, *answers):
        """What sendsms says to the texts approved from here on: one approved before would take such an answer as its own."""
        wait_until(lambda: not any(self.shell.items("/messages", state=state) for state in ("approved", "handing_over")),
                   "the texts of earlier tests to have their answers")
        sendsms.answers(*answers)

    def look(self, task):
        return self.shell.get(f"/tasks/{task['id']}").expect(200).json

    def message(self, message, *states, timeout_s=20.0):
        """The message once it is in one of these states."""
        def there():
            found = self.shell.get(f"/messages/{message['id']}").expect(200).json
            return found if not states or found["state"] in states else None
        return wait_until(there, lambda: f"{states}: {self.shell.get('/messages/' + message['id']).text}", timeout_s)

    def task_in(self, task, *states, timeout_s=20.0):
        """The task once it is in one of these states."""
        def there():
            found = self.look(task)
            return found if found["state"] in states else None
        return wait_until(there, lambda: f"{states}: {self.look(task)}", timeout_s)

    def inbound(self, phone, text):
        """They write, as a Kannel brings it."""
        self.number += 1
        query = urllib.parse.urlencode({"text": text, "coding": 0, "charset": "UTF-8", "id": f"desk-{self.number}",
                                        "from": phone, "to": "12345", "smsc": "main", "at": "1750000000"})
        status, body = self.hb.plain(f"/kannel/inbound/{CALLBACK_SECRET}?{query}", kannel_side=True)
        assert status == 200, body

    def import_csv(self, text):
        """From the shell."""
        path = self.hb.folder / "import.csv"
        path.write_text(text)
        self.hb.cli("import", path)

    def guards(self, card):
        """Names of the guards that fail."""
        return [guard["name"] for guard in card["guards"] if not guard["ok"]]


def ahead(seconds):
    """An instant that far ahead, as the API takes it."""
    at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
