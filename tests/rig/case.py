"""One contact in one workflow, for tests that ask why."""

from .desk import workflow
from .proc import wait_until


class Case:
    """One contact and one workflow, whose id is the fault's name."""

    def __init__(self, desk, lea, name):
        self.desk, self.lea, self.wid = desk, lea, name
        self.contact = None
        self.values = {"wid": name}

    # ---- the workflow

    def draft(self, steps, settings="", triggers=""):
        self.lea.put(f"/workflows/{self.wid}", workflow(self.wid, steps, settings + triggers)).expect(200, 201)

    def publish(self):
        return self.lea.post(f"/workflows/{self.wid}/publish", {}).expect(200).json

    def live(self, steps, settings="", triggers=""):
        self.draft(steps, settings, triggers)
        self.publish()

    def other(self, name, steps, triggers=""):
        self.lea.put(f"/workflows/{name}", workflow(name, steps, triggers)).expect(200, 201)
        self.lea.post(f"/workflows/{name}/publish", {}).expect(200)

    def unpublish(self, tasks="hold"):
        self.lea.post(f"/workflows/{self.wid}/unpublish", {"pending_tasks": tasks}).expect(200)

    # ---- the contact

    def person(self, **fields):
        whole = self.desk.contact(**fields)
        self.contact = whole["id"]
        self.values.update(contact=self.contact, phone=whole["phone_e164"])
        return self.contact

    def change(self, **fields):
        self.lea.patch(f"/contacts/{self.contact}", fields).expect(200)

    def tag(self, tag):
        self.lea.put(f"/contacts/{self.contact}/tags/{tag}", {}).expect(204)

    def untag(self, tag):
        self.lea.delete(f"/contacts/{self.contact}/tags/{tag}").expect(204)

    def event(self, name, **data):
        self.lea.post(f"/events/{name}", {"contact": {"id": self.contact}, "data": data}).expect(202)

    def writes(self, text):
        """The contact sends a text."""
        count = len(self.lea.items(f"/contacts/{self.contact}/messages"))
        self.desk.inbound(self.values["phone"], text)
        wait_until(lambda: len(self.lea.items(f"/contacts/{self.contact}/messages")) > count, "the text to come in")

    # ---- entering, and what comes of it

    def enroll(self, outcome="enrolled", **more):
        body = {"contacts": [self.contact], **more}
        (done,) = self.lea.post(f"/workflows/{self.wid}/enrollments", body).expect(200)["results"]
        assert done["outcome"] == outcome, done
        if "enrollment" in done:
            self.values["enrollment"] = done["enrollment"]
        return done

    def remove(self, reason=None):
        query = "?reason=" + reason.replace(" ", "+") if reason else ""
        self.lea.delete(f"/enrollments/{self.values['enrollment']}{query}").expect(200)

    def forget(self):
        body = {"filter": {"contact": self.contact}, "forget": True, "reason": "again"}
        job = self.lea.post(f"/workflows/{self.wid}/enrollments/remove", body).expect(202)["id"]
        wait_until(lambda: self.lea.get(f"/jobs/{job}").expect(200)["state"] == "done", "the job")

    def task(self, state="pending"):
        (task,) = self.lea.items("/tasks", contact=self.contact, workflow=self.wid, state=state)
        self.values["task"] = task["id"]
        return task

    def act(self, act, **body):
        self.lea.post(f"/tasks/{self.values['task']}/{act}", body).expect(200)

    def send(self, text="Hi Rui"):
        self.desk.approve(self.lea, self.task(), text)
        wait_until(lambda: self.position()["state"] != "waiting" or self.position()["position"]["step"] != "hello",
                   "the enrollment to go on")

    def position(self):
        return self.lea.get(f"/enrollments/{self.values['enrollment']}").expect(200).json

    def why(self, step=None):
        query = {"workflow": self.wid, "contact": self.contact, **({"step": step} if step else {})}
        return self.lea.get("/why", **query).expect(200).json

    def has_task(self):
        """A pending task of the workflow is there, soon."""
        wait_until(lambda: self.lea.items("/tasks", contact=self.contact, workflow=self.wid, state="pending"),
                   lambda: f"a task: {self.why()}")
