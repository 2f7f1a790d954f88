"""Why is there no task? Each row plants one fault, asks GET /why for its first cause, and mends it as the answer says."""

import dataclasses
from typing import Callable, Optional

import pytest

import rig
from rig import Case, wait_until
from rig.desk import ahead, assign, manual_sms

ENTER = "POST /api/v1/workflows/{wid}/enrollments"
SOON = "<wait id=\"pause\" for=\"2d\"/>"


@dataclasses.dataclass
class Fault:
    """detail, fix: words that the answer has; {wid}, {contact}, … are the case's. mend: what the fix says, after which
    there is a task."""

    name: str
    plant: Callable
    check: str
    detail: tuple
    fix: tuple
    mend: Optional[Callable] = None
    step: Optional[str] = None


FAULTS = []


def fault(check, detail, fix, mend=None, step=None):
    """Adds the decorated function, which plants a fault, as a row."""
    def add(plant):
        name = plant.__name__.replace("_", "-")
        FAULTS.append(Fault(name, plant, check, tuple(detail), tuple(fix), mend, step))
        return plant
    return add


SMS = assign("ana") + manual_sms("Hi {{ contact.first_name }}")


# ---- does it enroll at all


@fault("published", ["draft"], ["/api/v1/workflows/{wid}/publish", ENTER], lambda case: (case.publish(), case.enroll()))
def never_published(case):
    case.draft(SMS)
    case.person()
    case.enroll("not_published")


@fault("published", ["unpublished"], ["/api/v1/workflows/{wid}/publish"], lambda case: (case.publish(), case.enroll()))
def unpublished_before(case):
    case.live(SMS)
    case.unpublish()
    case.person()
    case.enroll("not_published")


@fault("enrolled", ["before it was published"], [ENTER], Case.enroll)
def asked_too_early(case):
    case.draft(SMS)
    case.person()
    case.enroll("not_published")
    case.publish()


@fault("trigger_seen", ["tag-added early", "draft"], [ENTER], Case.enroll)
def published_after_the_trigger(case):
    case.draft(SMS, triggers='<triggers><tag-added tag="early"/></triggers>')
    case.person()
    case.tag("early")
    case.publish()


# ---- did anything ask for it


@fault("trigger_seen", ["no triggers", "nobody asked"], [ENTER], Case.enroll)
def nobody_asked(case):
    case.live(SMS)
    case.person()


@fault("trigger_seen", ["tag-added lead", "has no tag lead"], ["PUT /api/v1/contacts/{contact}/tags/lead"],
       lambda case: case.tag("lead"))
def another_tag(case):
    case.live(SMS, triggers='<triggers><tag-added tag="lead"/></triggers>')
    case.person()
    case.tag("leads")


@fault("trigger_seen", ["has the tag old already"], ["DELETE /api/v1/contacts/{contact}/tags/old"],
       lambda case: (case.untag("old"), case.tag("old")))
def tag_was_there_already(case):
    case.person(tags=["old"])
    case.live(SMS, triggers='<triggers><tag-added tag="old"/></triggers>')
    case.tag("old")


@fault("trigger_seen", ["contact.custom.plan", "not changed"], ["PATCH /api/v1/contacts/{contact}"],
       lambda case: case.change(custom={"plan": "gold"}))
def another_field(case):
    case.live(SMS, triggers='<triggers><field-changed field="contact.custom.plan"/></triggers>')
    case.person()
    case.change(custom={"plans": "gold"})


@fault("trigger_seen", ["INFO", "the last was \"information please\""], ["writes INFO", ENTER], lambda case: case.writes("info"))
def another_keyword(case):
    case.live(SMS, triggers='<triggers><message-received keyword="INFO"/></triggers>')
    case.person()
    case.writes("information please")


@fault("trigger_seen", ["order.late"], ["POST /api/v1/events/order.late"], lambda case: case.event("order.late"))
def another_event(case):
    case.live(SMS, triggers='<triggers><event name="order.late"/></triggers>')
    case.person()
    case.event("order.lost")


@fault("trigger_seen", ["contact.custom.renewal is empty"], ["contact.custom.renewal"])
def no_date(case):
    case.live(SMS, triggers='<triggers><date field="contact.custom.renewal" offset="-7d" at="09:00"/></triggers>')
    case.person()


@fault("trigger_seen", ["2099-01-10", "2099-01-03T09:00:00"], ["Wait"])
def date_lies_ahead(case):
    case.live(SMS, triggers='<triggers><date field="contact.custom.renewal" offset="-7d" at="09:00"/></triggers>')
    case.person(timezone="UTC", custom={"renewal": "2099-01-10"})
    wait_until(lambda: "2099-01-03" in case.why()["first_failure"]["detail"], "the date to be planned")


@fault("trigger_seen", ["import", "imports"], ["imports=\"yes\"", ENTER], Case.enroll)
def an_import(case):
    case.live(SMS, triggers="<triggers><contact-created/></triggers>")
    phone = case.desk.phone()
    case.desk.import_csv(f"first_name,phone,external_id\nRui,{phone},imported\n")
    case.contact = case.values["contact"] = wait_until(lambda: [
        c["id"] for c in case.lea.items("/contacts", phone=phone)], "the import")[0]


# ---- the condition in a trigger, and the filter


@fault("filter", ["condition in the trigger", "event.days greater-than \"5\" does not hold", "it was \"2\""],
       ["event.days", "greater than \"5\""], lambda case: case.event("order.old", days="7"))
def condition_of_the_trigger(case):
    case.live(SMS, triggers='<triggers><event name="order.old"><condition field="event.days" greater-than="5"/>'
                            "</event></triggers>")
    case.person()
    case.event("order.old", days="2")


@fault("filter", ["<filter>", "contact.country is \"PT\" does not hold", "it was \"ES\""],
       ["contact.country", "PATCH /api/v1/contacts/{contact}", "\"PT\""],
       lambda case: (case.change(country="PT"), case.event("came")))
def filter_of_one_clause(case):
    case.live(SMS, triggers='<triggers><event name="came"/>'
                            '<filter><condition field="contact.country" is="PT"/></filter></triggers>')
    case.person(country="ES")
    case.event("came")


@fault("filter", ["contact.tag is \"vip\" does not hold"], ["PUT /api/v1/contacts/{contact}/tags/vip"],
       lambda case: (case.tag("vip"), case.event("came")))
def filter_of_several_clauses(case):
    case.live(SMS, triggers='<triggers><event name="came"/><filter><all><condition field="contact.country" is="PT"/>'
                            '<condition field="contact.tag" is="vip"/></all></filter></triggers>')
    case.person(country="PT")
    case.event("came")


@fault("filter", ["contact.tag is \"blocked\""], ["DELETE /api/v1/contacts/{contact}/tags/blocked"],
       lambda case: (case.untag("blocked"), case.event("came")))
def filter_by_not(case):
    case.live(SMS, triggers='<triggers><event name="came"/><filter><not>'
                            '<condition field="contact.tag" is="blocked"/></not></filter></triggers>')
    case.person(tags=["blocked"])
    case.event("came")


# ---- has it been in


@fault("reentry", ["once", "{enrollment}"], ["one-at-a-time", "forget"],
       lambda case: (case.forget(), case.enroll()))
def once_only(case):
    case.live(SMS, '<settings reentry="once"/>')
    case.person()
    case.enroll()
    case.remove()
    case.enroll("once_done")


@fault("reentry", ["one enrollment of a contact at a time", "{enrollment}", "at step reply", "is sent"],
       ["DELETE /api/v1/enrollments/{enrollment}", "concurrent"], lambda case: (case.remove(), case.enroll()))
def one_at_a_time(case):
    case.live(SMS + '<wait-for-reply id="reply" to="hello"/>')
    case.person()
    case.enroll()
    case.send()
    case.enroll("already_enrolled")


@fault("reentry", ["30 times within an hour"], ["enrollments-per-hour", "/api/v1/enrollments?contact={contact}"])
def too_many_enrollments(case):
    case.live('<add-tag tag="was-here"/><end/>' + SMS, '<settings reentry="concurrent"/>')
    case.person()
    for _ in range(30):
        case.enroll()
    case.enroll("too_many")


@fault("reentry", ["16 enrollments caused one another"], ["loop", "wait"])
def too_deep(case):
    def steps(on, off):
        return f'<remove-tag tag="{off}"/><add-tag tag="{on}"/>'
    case.other("too-deep-2", steps("ping", "pong"),
               '<settings reentry="concurrent"/><triggers><tag-added tag="pong"/></triggers>')
    case.live(steps("pong", "ping"), '<settings reentry="concurrent"/>', '<triggers><tag-added tag="ping"/></triggers>')
    case.person()
    case.tag("pong")
    wait_until(lambda: (f := case.why()["first_failure"]) and f["check"] == "reentry", "the loop to be stopped")


# ---- is it in


@fault("enrolled", ["{phone} opted out", "asked on the phone"], ["opt-in", "evidence"],
       lambda case: (case.lea.post(f"/contacts/{case.contact}/opt-in", {
           "reason": "called again", "evidence": "call 7"}).expect(200), case.enroll()))
def opted_out(case):
    case.live(SMS)
    case.person()
    case.lea.post(f"/contacts/{case.contact}/opt-out", {"reason": "asked on the phone"}).expect(200)
    case.enroll("opted_out")


@fault("enrolled", ["not marked test"], ["\"test\": true", ENTER], Case.enroll)
def not_a_test_contact(case):
    case.live(SMS)
    case.person()
    case.enroll("not_test_contact", test=True)


# ---- where it is


@fault("position", ["At step pause", "Waits until"], ["Wait until", "<wait id=\"pause\">", "{enrollment}"],
       lambda case: (case.remove(), case.live(SMS), case.enroll()))
def waits_before(case):
    case.live(SOON + SMS)
    case.person()
    case.enroll()


@fault("position", ["At step reply", "Waits for a reply to hello"], ["answers hello"], lambda case: case.writes("Sim, quero"),
       step="again")
def waits_for_a_reply(case):
    case.live(SMS + '<wait-for-reply id="reply" to="hello" timeout="2d"/>' + manual_sms("Hi again", "again"))
    case.person()
    case.enroll()
    case.send()


@fault("position", ["At step hello", "until task {task} is sent, skipped or expired", "is pending"],
       ["Send, skip or cancel task {task}"], lambda case: case.act("skip", reason="called"), step="again")
def held_by_an_earlier_task(case):
    case.live(SMS + manual_sms("Hi again", "again"))
    case.person()
    case.enroll()
    case.task()


@fault("position", ["unpublished"], ["/api/v1/workflows/{wid}/publish"], lambda case: case.publish(), step="again")
def held_with_its_workflow(case):
    case.live(SMS + manual_sms("Hi again", "again"))
    case.person()
    case.enroll()
    case.task()
    case.unpublish("keep")
    case.lea.post(f"/workflows/{case.wid}/publish", {}).expect(200)
    case.unpublish("hold")
    case.act("skip", reason="called")
    assert case.position()["state"] == "held"


@fault("position", ["version 1", "no manual-sms again"], ["DELETE /api/v1/enrollments/{enrollment}", ENTER],
       lambda case: (case.remove(), case.enroll()), step="again")
def an_older_version(case):
    case.live(SOON + SMS)
    case.person()
    case.enroll()
    case.live(assign("ana") + manual_sms("Hi again", "again"))


@fault("position", ["removed", "asked to stop", "by lea"], [ENTER], lambda case: (case.live(SMS), case.enroll()))
def removed_by_a_person(case):
    case.live(SOON + SMS)
    case.person()
    case.enroll()
    case.remove("asked to stop")


@fault("position", ["the contact replied", "stop-on-reply"], ["stop-on-reply=\"no\"", ENTER],
       lambda case: (case.live(SMS), case.enroll()))
def stopped_by_a_reply(case):
    case.live(SOON + SMS, '<settings stop-on-reply="yes"/>')
    case.person()
    case.enroll()
    case.writes("Já falei convosco")
    wait_until(lambda: case.position()["state"] == "removed", "the end by a reply")


@fault("position", ["removed", "opted out"], ["opt-in", ENTER])
def opted_out_on_the_way(case):
    case.live('<wait id="pause" for="1s"/>' + SMS)
    case.person()
    case.enroll()
    case.lea.post(f"/contacts/{case.contact}/opt-out", {"reason": "replied STOP"}).expect(200)
    wait_until(lambda: case.position()["state"] == "removed", "the end by opting out")


@fault("position", ["At step pause", "opted out at 20"], ["opt-in", "evidence"])
def opted_out_while_waiting(case):
    case.live(SOON + SMS)
    case.person()
    case.enroll()
    case.lea.post(f"/contacts/{case.contact}/opt-out", {"reason": "replied STOP"}).expect(200)


@fault("position", ["At step pause", "is unpublished", "will be held"], ["/api/v1/workflows/{wid}/publish", "Wait until"])
def unpublished_while_waiting(case):
    case.live(SOON + SMS)
    case.person()
    case.enroll()
    case.unpublish()


@fault("position", ["At step pause"], ["\"test\": true"])
def a_test_run_of_the_draft(case):
    case.draft(SOON + SMS)
    case.person(test=True)
    case.enroll(test=True)
    assert "test run, of version 1" in case.why()["checks"][0]["detail"]


@fault("position", ["removed", "unpublished"], ["Publish it", ENTER], lambda case: (case.live(SMS), case.enroll()))
def cancelled_by_unpublishing(case):
    case.live(SOON + SMS)
    case.person()
    case.enroll()
    case.unpublish("cancel")
    wait_until(lambda: case.position()["state"] == "removed", "what was open to be cancelled")


@fault("position", ["<end/>", "line 5"], ["<end/>", ENTER], lambda case: (case.live(SMS), case.enroll()))
def ended_early(case):
    case.live('<add-tag tag="seen"/>\n<end/>' + SMS)
    case.person()
    case.enroll()


@fault("position", ["after hello took on-skipped"], [ENTER], step="again")
def another_exit(case):
    case.live(assign("ana") + '<manual-sms id="hello" name="First" expires="3d"><message>Hi</message>'
                              "<on-skipped><end/></on-skipped></manual-sms>" + manual_sms("Hi again", "again"))
    case.person()
    case.enroll()
    case.task()
    case.act("skip", reason="called")


@fault("position", ["<go-to id=\"again\">", "1 times"], ["max=\"1\""])
def go_to_used_up(case):
    case.live('<add-tag tag="round"/><branch id="ready"><when name="Ready"><condition field="contact.tag" is="ready"/>'
              '<steps>' + SMS + '</steps></when><otherwise><wait id="nap" for="1s"/>'
              '<go-to id="again" step="ready" max="1"/><end/></otherwise></branch>')
    case.person()
    case.enroll()
    wait_until(lambda: case.position()["state"] == "completed", "the second round")


@fault("position", ["failed", "100 steps without a wait"], ["wait", ENTER])
def a_step_that_fails(case):
    case.live('<set-field id="count" field="contact.custom.round" value="1"/><go-to id="again" step="count" max="900"/>' + SMS)
    case.person()
    case.enroll()


# ---- which way it took


@fault("branch", ["At branch tier it took none of its ways", "<when name=\"VIP\"> did not hold",
                  "contact.custom.spend greater-than \"1000\"", "it was \"999\""],
       ["contact.custom.spend", "greater than \"1000\"", "PATCH /api/v1/contacts/{contact}", "tier"],
       lambda case: (case.change(custom={"spend": "1001"}), case.enroll()))
def branch_not_taken(case):
    case.live('<branch id="tier"><when name="VIP"><condition field="contact.custom.spend" greater-than="1000"/>'
              f"<steps>{SMS}</steps></when></branch>")
    case.person(custom={"spend": "999"})
    case.enroll()


@fault("branch", ["it was empty"], ["contact.custom.spend"],
       lambda case: (case.change(custom={"spend": "2000"}), case.enroll()))
def branch_on_an_empty_field(case):
    case.live('<branch id="tier"><when><condition field="contact.custom.spend" greater-than="1000"/>'
              f"<steps>{SMS}</steps></when></branch>")
    case.person()
    case.enroll()


@fault("branch", ["it was \"a lot\", which cannot be compared so"], ["contact.custom.spend", "greater than \"1000\""],
       lambda case: (case.change(custom={"spend": "2000"}), case.enroll()))
def branch_on_a_wrong_type(case):
    case.live('<branch id="tier"><when><condition field="contact.custom.spend" greater-than="1000"/>'
              f"<steps>{SMS}</steps></when></branch>")
    case.person(custom={"spend": "a lot"})
    case.enroll()


@fault("branch", ["took <when name=\"Quiet\">", "held"], ["<when name=\"Quiet\">", "<otherwise>"],
       lambda case: (case.untag("quiet"), case.enroll()))
def another_way_held(case):
    case.live('<branch id="tier"><when name="Quiet"><condition field="contact.tag" is="quiet"/><steps>'
              f'<add-tag tag="left-alone"/></steps></when><otherwise>{SMS}</otherwise></branch>')
    case.person(tags=["quiet"])
    case.enroll()


@fault("branch", ["At branch tier", "contact.tag is \"vip\""], ["PUT /api/v1/contacts/{contact}/tags/vip"],
       lambda case: (case.tag("vip"), case.remove(), case.enroll()))
def lost_at_a_branch_and_waiting(case):
    case.live(f'<branch id="tier"><when><condition field="contact.tag" is="vip"/><steps>{SMS}</steps></when>'
              f"<otherwise>{SOON}</otherwise></branch>")
    case.person()
    case.enroll()


# ---- the task


@fault("task", ["no manual-sms step"], ["<manual-sms>"], lambda case: (case.live(SMS), case.enroll()))
def no_manual_sms(case):
    case.live('<add-tag tag="seen"/>')
    case.person()
    case.enroll()


@fault("task", ["Task {task}", "is expired", "nobody sent it"], ["POST /api/v1/tasks/{task}/reopen", "expires="],
       lambda case: case.act("reopen"))
def expired(case):
    case.live(assign("ana") + manual_sms("Hi", attributes='expires="1s"'))
    case.person()
    case.enroll()
    case.task()
    wait_until(lambda: case.lea.items("/tasks", contact=case.contact, state="expired"), "the task to expire")


@fault("task", ["is skipped", "by lea", "wrong person"], ["POST /api/v1/tasks/{task}/reopen"],
       lambda case: case.act("reopen"))
def skipped(case):
    case.live(SMS)
    case.person()
    case.enroll()
    case.task()
    case.act("skip", reason="wrong person")


@fault("task", ["is cancelled", "by lea", "by mistake"], ["POST /api/v1/tasks/{task}/reopen"],
       lambda case: case.act("reopen"))
def cancelled(case):
    case.live(SMS)
    case.person()
    case.enroll()
    case.task()
    case.act("cancel", reason="by mistake")


@fault("task", ["is snoozed", "until", "by lea"], ["POST /api/v1/tasks/{task}/resume"], lambda case: case.act("resume"))
def snoozed(case):
    case.live(SMS)
    case.person()
    case.enroll()
    case.task()
    case.act("snooze", until=ahead(7200))


@fault("task", ["is held", "unpublished"], ["/api/v1/workflows/{wid}/publish"], Case.publish)
def held(case):
    case.live(SMS)
    case.person()
    case.enroll()
    case.task()
    case.unpublish()


# ---- the daemon and its people


@pytest.fixture(scope="module")
def desk(module_folder, sendsms):
    conf = {"lease": "1m", "enrollments_per_hour": "30"}
    daemon = rig.Handbox(module_folder / "handbox", sendsms_url=sendsms.url, conf=conf).start()
    people = rig.Desk(daemon)
    yield people
    people.close()
    daemon.stop()


@pytest.fixture(scope="module")
def people(desk, ana, ben, lea):
    """Everybody who is named in a workflow."""
    return {"ana": ana, "ben": ben, "lea": lea}


def said(words, answer, values):
    """All of them stand in the answer."""
    wanted = [word.format(**values) for word in words]
    return [word for word in wanted if word not in answer]


@pytest.fixture
def case(desk, people, request):
    """Ends with the test, so that its triggers bring nobody into it later."""
    one = Case(desk, people["lea"], request.node.callspec.id)
    yield one
    one.lea.post(f"/workflows/{one.wid}/unpublish", {"pending_tasks": "cancel"})


@pytest.mark.parametrize("row", FAULTS, ids=lambda row: row.name)
def test_no_task(case, row):
    row.plant(case)
    answer = case.why(row.step)
    first = answer["first_failure"]
    assert first and first["check"] == row.check, answer
    assert first == next(c for c in answer["checks"] if not c["ok"])
    assert not said(row.detail, first["detail"], case.values), first["detail"]
    assert not said(row.fix, first["fix"], case.values), first["fix"]
    if row.mend:
        row.mend(case)
        case.has_task()
        wait_until(lambda: case.why(row.step)["first_failure"] is None, lambda: f"no cause left: {case.why(row.step)}")


@pytest.mark.parametrize("row", [row for row in FAULTS if row.name in (
    "never-published", "filter-of-one-clause", "waits-for-a-reply", "branch-not-taken", "expired")],
                         ids=lambda row: f"shell-{row.name}")
def test_no_task_from_the_shell(case, row):
    """The same, in words, up to the first no."""
    row.plant(case)
    asked = ["why", case.wid, case.contact, *(["--step", row.step] if row.step else [])]
    said_so = case.desk.hb.cli(*asked).stdout
    assert said_so.count("NO ") == 1 and f"NO   {row.check} " in said_so, said_so
    lines = [line.strip() for line in said_so.splitlines()]
    first = case.why(row.step)["first_failure"]
    assert first["detail"] in lines and first["fix"] in lines, said_so


def test_whom_nobody_knows(desk, people):
    lea = people["lea"]
    desk.publish("strangers", SMS)
    unknown = lea.get("/why", workflow="strangers", contact="1").problem(404, "not_found")
    assert unknown["member"] == "contact" and "no contact 1" in unknown["detail"]
    gone = desk.contact()["id"]
    lea.delete(f"/contacts/{gone}").expect(204)
    deleted = lea.get("/why", workflow="strangers", contact=gone).problem(404, "not_found")
    assert "deleted at 20" in deleted["detail"] and "POST /api/v1/contacts" in deleted["detail"]
    here = desk.contact()["id"]
    assert lea.get("/why", workflow="strangers", contact=here, step="who").problem(404, "not_found")["member"] == "step"
    lea.get("/why", workflow="nowhere", contact=here).problem(404, "not_found")


def test_so_many_faults():
    assert len(FAULTS) >= 30 and len({row.name for row in FAULTS}) == len(FAULTS)
