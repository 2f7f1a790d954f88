"""Why has this user the task, and why can it not be sent? Each row plants one fault, asks GET /tasks/{id}/why, and mends it."""

import datetime

import pytest

import rig
from rig import Case, wait_until
from rig.desk import assign, manual_sms

REASSIGN = "POST /api/v1/tasks/{task}/reassign"


# ---- wrong user: plant leaves a task; then the cause, words of detail and fix, and what the fix does


OWNING, SENDING = [], []


def row_of(rows, *expected):
    def add(plant):
        rows.append(pytest.param(plant, *expected, id=plant.__name__.replace("_", "-")))
        return plant
    return add


def wrong_user(cause, detail, fix, mend=None):
    return row_of(OWNING, cause, detail, fix, mend)


class Owned(Case):
    """Users are made for the case, so that nobody else's shifts and turns play a part."""

    def user(self, suffix, role="agent"):
        login = f"{self.wid}-{suffix}"
        self.desk.shell.post("/users", {"login": login, "first_name": suffix, "role": role}).expect(201)
        self.values[suffix] = login
        return login

    def alter(self, suffix, **fields):
        self.desk.shell.patch(f"/users/{self.values[suffix]}", fields).expect(200)

    def leaves(self, suffix, heir=None):
        self.desk.shell.post(f"/users/{self.values[suffix]}/deactivate", {"reassign_to": heir}).expect(200)

    def team(self, *members):
        self.values["team"] = self.wid
        self.desk.shell.post("/teams", {"name": self.wid, "members": list(members)}).expect(201)
        return self.wid

    def enter(self, **fields):
        """A contact whose task it is about; the assignee."""
        self.person(**fields)
        self.enroll()
        return self.whose()

    def whose(self):
        who = self.task()["assignee"]
        return who and who["login"]

    def next_has(self, suffix):
        """The next contact's task is that user's."""
        found = []
        for _ in range(3):
            found.append(self.enter())
        assert self.values[suffix] in found, found

    def reassign(self, suffix):
        self.act("reassign", assignee=self.values[suffix])
        assert self.whose() == self.values[suffix]


@wrong_user("one_user", ["Step who", "always {a}"], ["<assign-user id=\"who\">", REASSIGN],
            lambda case: case.reassign("b"))
def always_the_same(case):
    case.user("b")
    case.live(assign(case.user("a")) + manual_sms("Hi"))
    case.enter()


@wrong_user("rotation", ["the turn of {b}", "rotation over 2 users", "credit before: {a} -1, {b} 1", "after: {a} 0, {b} 0"],
            [REASSIGN], lambda case: case.reassign("a"))
def another_ones_turn(case):
    case.live(assign(case.user("a"), case.user("b")) + manual_sms("Hi"))
    case.enter()
    assert case.enter() == case.values["b"]


@wrong_user("rotation", ["passed over: {a} (off shift)"], ["PATCH /api/v1/users/{a}", "on_shift"],
            lambda case: (case.alter("a", on_shift=True), case.next_has("a")))
def off_shift(case):
    case.live(assign(case.user("a"), case.user("b")) + manual_sms("Hi"))
    case.alter("a", on_shift=False)
    assert case.enter() == case.values["b"]


@wrong_user("rotation", ["passed over: {a} (inactive)"], ["PATCH /api/v1/users/{a}", "\"active\": true"],
            lambda case: (case.alter("a", active=True, on_shift=True), case.next_has("a")))
def inactive(case):
    case.live(assign(case.user("a"), case.user("b")) + manual_sms("Hi"))
    case.leaves("a")
    assert case.enter() == case.values["b"]


@wrong_user("rotation", ["passed over: {a} (full, with 1 open)"], ["PATCH /api/v1/users/{a}", "capacity"],
            lambda case: (case.alter("a", capacity=9), case.next_has("a")))
def at_capacity(case):
    case.live(assign(case.user("a"), case.user("b")) + manual_sms("Hi"))
    case.alter("a", capacity=1)
    assert case.enter() == case.values["a"]
    case.enter()
    assert case.enter() == case.values["b"]


@wrong_user("nobody", ["nobody of the team {team} is available"], ["/api/v1/teams", REASSIGN], lambda case: case.reassign("a"))
def an_empty_team(case):
    case.user("a")
    case.live(f'<assign-user id="who"><team name="{case.team()}"/></assign-user>' + manual_sms("Hi"))
    assert case.enter() is None


@wrong_user("nobody", ["nobody of the team {team}", "{a} (off shift)"], ["PATCH /api/v1/users/{a}", "on_shift"],
            lambda case: (case.alter("a", on_shift=True), case.next_has("a")))
def nobody_on_shift(case):
    case.live(f'<assign-user id="who"><team name="{case.team(case.user("a"))}"/></assign-user>' + manual_sms("Hi"))
    case.alter("a", on_shift=False)
    assert case.enter() is None


@wrong_user("pool", ["the team {team} takes from its pool"], ["pool=\"yes\"", REASSIGN], lambda case: case.reassign("a"))
def meant_for_the_pool(case):
    case.live(f'<assign-user id="who"><team name="{case.team(case.user("a"))}" pool="yes"/></assign-user>'
              + manual_sms("Hi"))
    assert case.enter() is None


@wrong_user("kept_owner", ["kept owner {b}", "only unassigned"], ["only-unassigned=\"no\"", "\"owner\": null"],
            lambda case: case.reassign("a"))
def kept_owner(case):
    case.live(assign(case.user("a")) + manual_sms("Hi"))
    assert case.enter(owner=case.user("b")) == case.values["b"]


@wrong_user("assigned_later", ["Step who (assign-user) stands behind hello", "no owner"],
            ["Put <assign-user id=\"who\"> before <manual-sms id=\"hello\">", REASSIGN], lambda case: case.reassign("a"))
def assigned_behind_the_sms(case):
    case.live(manual_sms("Hi", attributes='wait="no"') + assign(case.user("a")))
    assert case.enter() is None


@wrong_user("no_owner", ["had no owner"], ["<assign-user>", "<manual-sms id=\"hello\">"], lambda case: case.reassign("a"))
def no_owner(case):
    case.user("a")
    case.live(manual_sms("Hi"))
    assert case.enter() is None


@wrong_user("owner", ["owner was {a} when this step ran"], ["<assign-user>", REASSIGN], lambda case: case.reassign("b"))
def just_the_owner(case):
    case.user("b")
    case.live(manual_sms("Hi"))
    assert case.enter(owner=case.user("a")) == case.values["a"]


@wrong_user("owner_inactive", ["owner {a} is inactive"], [REASSIGN], lambda case: case.reassign("b"))
def an_inactive_owner(case):
    case.user("b")
    case.live(manual_sms("Hi"))
    case.person(owner=case.user("a"))
    case.leaves("a")
    case.enroll()
    assert case.whose() is None


@wrong_user("rotation", ["the turn of {a}"], [REASSIGN])
def given_before_a_wait(case):
    case.live(assign(case.user("a"), case.user("b")) + '<wait id="nap" for="1s"/>' + manual_sms("Hi"))
    case.person()
    case.enroll()
    case.has_task()
    assert case.whose() == case.values["a"]


@wrong_user("owner_changed", ["owner is {b} by now"], [REASSIGN + " with {{\"assignee\": \"{b}\"}}"],
            lambda case: case.reassign("b"))
def another_owner_since(case):
    case.live(assign(case.user("a")) + manual_sms("Hi"))
    case.enter()
    case.change(owner=case.user("b"))


@wrong_user("reassigned", ["lea reassigned it", "she knows them", "Before that: Step who"], [REASSIGN],
            lambda case: case.reassign("a"))
def reassigned(case):
    case.live(assign(case.user("a")) + manual_sms("Hi"))
    case.enter()
    case.act("reassign", assignee=case.user("b"), reason="she knows them")


@wrong_user("taken_from_pool", ["ben opened it"], ["POST /api/v1/tasks/{task}/release"],
            lambda case: (case.people["ben"].post(f"/tasks/{case.values['task']}/release", {}).expect(200),
                          case.whose() is None))
def taken_from_the_pool(case):
    case.live(manual_sms("Hi"))
    case.enter()
    case.people["ben"].post(f"/tasks/{case.values['task']}/open", {}).expect(200)


@wrong_user("handed_over", ["{a}"], [REASSIGN], lambda case: case.reassign("c"))
def handed_over(case):
    case.user("c")
    case.live(assign(case.user("a")) + manual_sms("Hi"))
    case.enter()
    case.leaves("a", case.user("b"))
    assert case.whose() == case.values["b"]


# ---- cannot send: plant leaves a task; then who asks, the guard, words of detail and fix, and what the fix does


def cannot_send(guard, detail, fix, mend=None, who="lea"):
    return row_of(SENDING, guard, detail, fix, mend, who)


def shut_hours():
    """A minute of the day that is far from now."""
    hour = (datetime.datetime.now(datetime.timezone.utc).hour + 12) % 24
    return f'<settings><hours days="mon tue wed thu fri sat sun" from="{hour:02}:00" to="{hour:02}:59" timezone="UTC"/></settings>'


def to_send(case, text="Hi", settings="", **fields):
    case.live(assign("ana", only_unassigned="no") + manual_sms(text), settings)
    case.person(**fields)
    case.enroll()
    case.task()


@cannot_send("pending", ["skipped"], ["next task"], lambda case: case.act("reopen"))
def not_pending(case):
    to_send(case)
    case.act("skip", reason="called")


@cannot_send("lease", ["ana has this task open until"], ["lead"],
             lambda case: case.people["ana"].post(f"/tasks/{case.values['task']}/release", {}).expect(200))
def open_elsewhere(case):
    to_send(case)
    case.people["ana"].post(f"/tasks/{case.values['task']}/open", {}).expect(200)


@cannot_send("assignee", ["belongs to ana"], ["reassign"], lambda case: case.act("reassign", assignee="ben"), who="ben")
def somebody_elses(case):
    to_send(case)


@cannot_send("phone_valid", ["number"], ["Correct the number"], lambda case: case.change(phone=case.desk.phone()))
def a_number_that_is_none(case):
    to_send(case, phone="5")


@cannot_send("sms_enabled", ["switched off for this contact"], ["Switch SMS on"],
             lambda case: case.change(sms_enabled=True))
def sms_switched_off(case):
    to_send(case, sms_enabled=False)


@cannot_send("channel", ["switched off (a storm)"], ["lead"],
             lambda case: case.lea.put("/channel", {"sms_enabled": True, "reason": "over"}).expect(200))
def channel_off(case):
    to_send(case)
    case.lea.put("/channel", {"sms_enabled": False, "reason": "a storm"}).expect(200)


@cannot_send("opted_out", ["opted out on 20"], ["Only the person"],
             lambda case: case.lea.post(f"/contacts/{case.contact}/opt-in", {"reason": "called", "evidence": "call 7"}).expect(200))
def opted_out(case):
    to_send(case)
    case.lea.post(f"/contacts/{case.contact}/opt-out", {"reason": "replied STOP"}).expect(200)
    case.act("reopen")


@cannot_send("hours", ["the sending hours open on", "UTC"], ["Snooze"])
def outside_the_hours(case):
    to_send(case, settings=shut_hours(), timezone="UTC")


@cannot_send("frequency_cap", ["2 texts went to this number in 1d"], ["Wait until"])
def too_often(case):
    to_send(case)
    for text in ("One", "Two"):
        other = case.desk.task(contact=case.contact)
        case.desk.message(case.desk.approve(case.lea, other, text), "accepted")


@cannot_send("hold", ["On hold: unpublished", "not published any more"], ["Publish the workflow again"], Case.publish)
def on_hold(case):
    to_send(case)
    case.unpublish()


@cannot_send("holes", ["1 value is missing", "contact.custom.product"], ["Fill in"],
             lambda case: case.change(custom={"product": "a boat"}))
def a_hole(case):
    to_send(case, "About {{ contact.custom.product }}")


@cannot_send("holes", ["1 value is missing", "contact.custom.product"], ["locked", "custom.product of the contact"],
             lambda case: case.change(custom={"product": "a boat"}))
def a_hole_in_a_locked_text(case):
    case.live(assign("ana") + manual_sms("About {{ contact.custom.product }}", attributes='expires="3d" locked="yes"'))
    case.person()
    case.enroll()
    case.task()


@cannot_send("forbidden_words", ["free money"], ["other words"])
def a_forbidden_word(case):
    to_send(case, "Come for free money")


@cannot_send("text_empty", ["empty"], ["Write"])
def nothing_to_send(case):
    case.live(assign("ana") + '<manual-sms id="hello" name="First" expires="3d"/>')
    case.person()
    case.enroll()
    case.task()


@cannot_send("segments", ["4 segments, at most 3"], ["shorter"])
def too_long(case):
    to_send(case, "x" * 500)


@cannot_send("segments", ["at most 3"], ["without \"ы\""])
def too_long_by_one_character(case):
    to_send(case, "ы" + "x" * 250)


# ---- the daemon and its people


@pytest.fixture(scope="module")
def desk(module_folder, sendsms):
    module_folder.joinpath("words").write_text("free money\n")
    conf = {"lease": "1m", "frequency_cap": "2/24h", "forbidden_words": module_folder / "words"}
    daemon = rig.Handbox(module_folder / "handbox", sendsms_url=sendsms.url, conf=conf).start()
    people = rig.Desk(daemon)
    yield people
    people.close()
    daemon.stop()


@pytest.fixture
def case_by_name(desk, ana, ben, lea):
    def make(name):
        one = Owned(desk, lea, name)
        one.people = {"ana": ana, "ben": ben, "lea": lea}
        return one
    return make


@pytest.fixture
def case(case_by_name, request):
    return case_by_name(request.node.callspec.id)


@pytest.fixture(scope="module")
def team(desk, ana, ben):
    """Agents see each other's tasks."""
    desk.shell.post("/teams", {"name": "floor", "members": ["ana", "ben"]}).expect(201)


def said(words, answer, values):
    """Those that do not stand in the answer."""
    return [word for word in (w.format(**values) for w in words) if word not in answer]


def ask(case, who="lea"):
    return case.people[who].get(f"/tasks/{case.values['task']}/why").expect(200).json


@pytest.mark.parametrize("plant, cause, detail, fix, mend", OWNING)
def test_wrong_user(case, plant, cause, detail, fix, mend):
    plant(case)
    user = ask(case)["user"]
    assert user["cause"] == cause, user
    assert not said(detail, user["detail"], case.values), user
    assert not said(fix, user["fix"], case.values), user
    assert [w["code"] for w in user["warnings"]] == ["assign_after_manual_sms"] * (cause == "assigned_later"), user
    if cause == "rotation":
        seen = user["assigned"]["detail"]
        assert all(turn.keys() == {"user", "before", "after"} for turn in seen["rotation"]) and len(seen["rotation"]) == 2
        assert bool(seen["skipped"]) == ("passed over" in user["detail"]), user
    if mend:
        mend(case)


@pytest.mark.parametrize("plant, guard, detail, fix, mend, who", SENDING)
def test_cannot_send(case, team, plant, guard, detail, fix, mend, who):
    plant(case)
    sendable = ask(case, who)["sendable"]
    assert not sendable["ok"] and sendable["first_failure"] == guard, sendable
    (found,) = (g for g in sendable["guards"] if g["name"] == guard)
    assert not found["ok"]
    assert not said(detail, found["detail"], case.values), found
    assert not said(fix, found["fix"], case.values), found
    if mend:
        mend(case)
        assert ask(case, who)["sendable"]["ok"]


def test_from_the_shell(case_by_name, desk):
    """All three answers, in words."""
    case = case_by_name("shell-words")
    off_shift(case)
    case.change(sms_enabled=False)
    case.task()
    words = desk.hb.cli("why", "--task", case.values["task"]).stdout
    for part in ("is pending", "Why shell-words-b has it:", "passed over: shell-words-a (off shift)", "It cannot be sent:",
                 "NO   sms_enabled", "switched off for this contact", "Switch SMS on"):
        assert part in words, words
    desk.hb.cli("why", expect=2)
    desk.hb.cli("why", "shell-words", case.contact, "--task", "1", expect=2)


def test_a_task_of_no_workflow(desk, lea):
    task = desk.task()
    user = lea.get(f"/tasks/{task['id']}/why").expect(200)["user"]
    assert user["cause"] == "api" and user["assigned"] is None and user["detail"] and "reassign" in user["fix"]
