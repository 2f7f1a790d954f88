"""Fills a database of handbox with what would take its users a year.

    fill(database, Filling(people=[(user_id, token_id), …], tasks=1_200_000, opened=150_000))

handbox has made the database and is stopped. The rows are those that its commands write: enrolled over the API into WORKFLOW by
one person after the other, opened, approved; before that, texts to and fro. Only the ledger, the drafts and the reports of texts
long delivered stay empty. Nothing is durable while it is filled.
"""

import random
import sqlite3
import time
from dataclasses import dataclass, field

IDENT_EPOCH_MS = 1577836800000
DAY_MS, HOUR_MS = 86400_000, 3600_000
SENTENCES, VOCABULARY = 2000, 3000  # different texts, and words
WORKFLOW_ID = "bench"
WHY = ("'Step who: the turn of ' || login || ', by rotation over 2 users; credit before: ana 0, ben 0; credit after: ' || "
       "CASE login WHEN 'ana' THEN 'ana -1, ben 1' ELSE 'ana 1, ben -1' END")
SENDER = "12345"
WORKFLOW = f"""<?xml version="1.0" encoding="UTF-8"?>
<workflow xmlns="urn:handbox:workflow:1" id="{WORKFLOW_ID}" name="Bench" publish="yes">
  <settings reentry="one-at-a-time"/>
  <steps>
    <assign-user id="who"><user login="ana"/><user login="ben"/></assign-user>
    <manual-sms id="hello" name="First text" due="4h" expires="3d">
      <message>Hi {{{{ contact.first_name | default: "there" }}}}, this is {{{{ user.first_name }}}}. May I call you today?</message>
    </manual-sms>
  </steps>
</workflow>
"""

# As the engine takes them in at a commit, but all at once.
LETTERS = [
    """INSERT INTO contacts_letters (rowid, text)
       SELECT id, lower(first_name || ' ' || last_name) || char(10) || phone || char(10) || email FROM contacts""",
    """DELETE FROM contacts_renamed""",
]

# Row n's ids are :base + 8 n and what is added here; places of n: every :stride-th task is opened or approved.
STEPS = [
    """CREATE TEMP TABLE n AS
       WITH RECURSIVE r(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM r WHERE i + 1 < :contacts)
       SELECT i, :base + 8 * i AS id, printf('+35191%07d', i) AS number,
              (SELECT user_id FROM people WHERE place = i % 2) AS user_id,
              (SELECT token_id FROM people WHERE place = i % 2) AS token_id,
              (SELECT lower(first_name) FROM people WHERE place = i % 2) AS login,
              'Hi Maria, this is ' || (SELECT first_name FROM people WHERE place = i % 2) || '. May I call you today?' AS text,
              i < :tasks AND :stride > 0 AND i % :stride = 0 AS is_opened
       FROM r""",
    """INSERT INTO openings (id, hours, zones, made_of, opens_at, closes_at, looked_at)
       VALUES (:base - 8, '', 'Europe/Lisbon', '', :then, 4611686018427387904, :then)""",
    """INSERT INTO contacts (id, first_name, last_name, phone, phone_e164, phone_verdict, phone_type, phone_region, email, country,
                             timezone, owner_id, sms_enabled, is_test, created_at, updated_at, revision)
       SELECT id, 'Maria', 'Silva ' || i, number, number, 2, 'mobile', 'PT', 'maria' || i || '@example.org', 'PT',
              'Europe/Lisbon', CASE WHEN i < :tasks THEN user_id END, 1, 0, :then, :then, 1 + (i < :tasks) FROM n""",
    *LETTERS,
    """INSERT INTO contact_tags SELECT id, 'lead', :then FROM n""",
    """DELETE FROM n WHERE i >= :tasks""",
    """INSERT INTO enrollments (id, workflow_id, version, contact_id, state, step_id, since, reason, is_test, compress, created_by,
                                created_at)
       SELECT id + 1, :workflow, 1, id, 1, 'hello', :then, 'Waits until task ' || (id + 2) || ' is sent, skipped or expired', 0,
              1, (SELECT user_id FROM people WHERE place = 0), :then FROM n""",
    """INSERT INTO step_visits SELECT id + 1, 'hello', 1 FROM n""",
    """INSERT INTO step_visits SELECT id + 1, 'who', 1 FROM n""",
    f"""INSERT INTO journal (id, enrollment_id, at, step_id, kind, detail)
       SELECT id + 3, id + 1, :then, NULL, 'enrolled', '{{"cause":"manual","by":"ana","version":1}}' FROM n
       UNION ALL SELECT id + 4, id + 1, :then, 'who', 'assigned', '{{"rule":"rotation","user":"' || login || '","why":"' || {WHY} ||
              '","skipped":[],"rotation":[{{"user":"ana","before":0,"after":-1}},{{"user":"ben","before":0,"after":1}}]}}' FROM n
       UNION ALL SELECT id + 5, id + 1, :then, 'hello', 'task_created', '{{"task":"' || (id + 2) || '","visit":1,"assignee":"' || login ||
              '","why":"' || {WHY} || '"}}' FROM n ORDER BY 1""",
    f"""INSERT INTO tasks (id, origin, enrollment_id, workflow_id, workflow_version, step_id, visit, contact_id, name, text,
                          assignee_id, state, opening_id, due_at, sort_due, expires_at, why, is_test, moves_workflow, created_at, revision)
       SELECT id + 2, 0, id + 1, :workflow, 1, 'hello', 1, id, 'First text', text, user_id, 0, :base - 8, :due + i, :due + i,
              :expires + i, {WHY}, 0, 1, :then, 1 FROM n""",
]

OPENED = [
    """INSERT INTO leases (card_id, user_id, credential_id, fence, taken_at, expires_at, keyed_at, was_unassigned)
       SELECT id + 2, user_id, token_id, id + 6, :now, :now + 3600000, :now, 0 FROM n WHERE is_opened""",
    """INSERT INTO receipts (id, secret, task_id, contact_id, user_id, credential_id, fence, minted_at, recipient, sender,
                             assignee_id, owner_id, consent_revision, workflow_version, offered_text, shown_messages)
       SELECT id + 6, printf('%032x', id), id + 2, id, user_id, token_id, id + 6, :now, number, :sender, user_id, user_id, 0, 1, text, ''
       FROM n WHERE is_opened""",
]

APPROVED = [
    """INSERT INTO messages (id, is_inbound, contact_id, task_id, receipt_id, number, own_number, text, segments, is_unicode,
                             is_test, state, sent_by, created_at, state_at, approval_until, valid_until)
       SELECT id + 7, 0, id, id + 2, id + 6, number, :sender, text, 1, 0, 0, 0, user_id, :now, :now, :now + 7200000,
              :now + 86400000 FROM n WHERE is_opened""",
    """UPDATE receipts SET used_at = :now, message_id = id + 1""",
    """DELETE FROM leases""",
    """UPDATE tasks SET state = 3, message_id = id + 5, ended_at = :now, revision = 2 WHERE id IN
       (SELECT id + 2 FROM n WHERE is_opened)""",
    """UPDATE contacts SET thread_head_id = id + 7, texter_id = owner_id WHERE id IN (SELECT id FROM n WHERE is_opened)""",
    """INSERT INTO numbers (e164, last_contact_id) SELECT number, id FROM n WHERE is_opened""",
    """INSERT INTO outbox (id, kind, number, is_out, attempts) SELECT id + 7, 0, number, 0, 0 FROM n WHERE is_opened""",
]

# Text k of contact i is number k * contacts + i, its id :texts + 4 of these, its receipt's one less. Replies to the contact and what
# the contact wrote take turns; the last, a reply, is with the gateway, the others are delivered. Half of the threads are read.
TEXTS = [
    """CREATE TEMP TABLE k AS WITH RECURSIVE r(k) AS (SELECT 0 UNION ALL SELECT k + 1 FROM r WHERE k + 1 < :each) SELECT k FROM r""",
    f"""CREATE TEMP TABLE t AS
       SELECT n.i, k.k, :texts + 4 * (k.k * :tasks + n.i) AS id, n.id AS contact_id, n.number, n.user_id, n.token_id,
              k.k % 2 AS is_inbound, k.k = :each - 1 AS is_last, :then + 60000 * k.k AS at,
              (SELECT text FROM sentences WHERE place = (n.i * 31 + k.k * 7) % {SENTENCES}) AS text
       FROM k CROSS JOIN n""",
    """INSERT INTO receipts (id, secret, contact_id, user_id, credential_id, fence, minted_at, recipient, sender, assignee_id, owner_id,
                             consent_revision, offered_text, shown_messages, used_at, message_id)
       SELECT id - 1, printf('%032x', id), contact_id, user_id, token_id, id - 2, at, number, :sender, user_id, user_id, 0, text, '', at, id
       FROM t WHERE NOT is_inbound""",
    """INSERT INTO messages (id, is_inbound, contact_id, receipt_id, number, own_number, text, segments, is_unicode, is_test, state,
                             detail, sent_by, created_at, state_at, handed_id, approval_until, valid_until, event_id)
       SELECT id, is_inbound, contact_id, CASE WHEN NOT is_inbound THEN id - 1 END, number, :sender, text, 1, 0, 0,
              CASE WHEN is_inbound THEN 10 WHEN is_last THEN 2 ELSE 5 END, CASE WHEN NOT is_inbound THEN '0: Accepted for delivery' END,
              CASE WHEN NOT is_inbound THEN user_id END, at, at, CASE WHEN NOT is_inbound THEN id + 1 END,
              CASE WHEN NOT is_inbound THEN at + 7200000 END, CASE WHEN NOT is_inbound THEN at + 86400000 END,
              CASE WHEN is_inbound THEN printf('00000000-0000-4000-8000-%012x', id) END
       FROM t ORDER BY id""",
    """INSERT INTO messages_words (rowid, text) SELECT id, text FROM messages""",
    """UPDATE contacts SET texter_id = n.user_id, thread_head_id = :texts + 4 * ((:each - 1) * :tasks + n.i),
                           thread_inbound_id = :texts + 4 * ((:each - 2) * :tasks + n.i) FROM n WHERE n.id = contacts.id""",
    """INSERT INTO numbers (e164, last_contact_id) SELECT number, id FROM n""",
    """INSERT INTO thread_reads (user_id, contact_id, read_id)
       SELECT user_id, contact_id, id FROM t WHERE is_last AND i % 4 < 2""",
    """UPDATE meta SET value = :texts + 4 * :each * :tasks + 4 WHERE key = 'id_high_water'""",
]


TIMERS_ID = "timers"
TIMERS = f"""<?xml version="1.0" encoding="UTF-8"?>
<workflow xmlns="urn:handbox:workflow:1" id="{TIMERS_ID}" name="Timers" publish="yes">
  <settings reentry="concurrent"/>
  <steps>
    <wait id="pause" for="2d"/>
    <add-tag tag="waited"/>
  </steps>
</workflow>
"""

# Contact n is at :base + 4 n, its enrollment behind it.
WAITING = [
    """CREATE TEMP TABLE w AS WITH RECURSIVE r(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM r WHERE i + 1 < :count)
       SELECT i, :base + 4 * i AS id, printf('+35191%07d', i) AS number FROM r""",
    """INSERT INTO contacts (id, first_name, last_name, phone, phone_e164, phone_verdict, phone_type, phone_region, email, country,
                             timezone, sms_enabled, is_test, created_at, updated_at, revision)
       SELECT id, 'Maria', 'Silva ' || i, number, number, 2, 'mobile', 'PT', 'maria' || i || '@example.org', 'PT',
              'Europe/Lisbon', 1, 0, :then, :then, 1 FROM w""",
    *LETTERS,
    """INSERT INTO enrollments (id, workflow_id, version, contact_id, state, step_id, since, reason, wake_at, is_test, compress,
                                created_at)
       SELECT id + 1, :workflow, 1, id, 1, 'pause', :then, 'Waits until 2027-01-01T00:00:00.000Z', :wake + i, 0, 1, :then FROM w""",
    """INSERT INTO step_visits SELECT id + 1, 'pause', 1 FROM w""",
    """INSERT INTO journal (id, enrollment_id, at, step_id, kind, detail)
       SELECT id + 2, id + 1, :then, 'pause', 'waiting', '{"rule":"for 2d","until":"2027-01-01T00:00:00.000Z"}' FROM w""",
]


@dataclass
class Filling:
    """people: user id, token id and first name of ana and ben; spare: contacts that are not enrolled; opened: tasks with a lease and a
    receipt, evenly among the others; is_approved: those are sent, and wait in the outbox; each: texts of every contact with a task."""
    people: list
    tasks: int
    spare: int = 0
    opened: int = 0
    is_approved: bool = False
    each: int = 0
    now: int = field(default_factory=lambda: int(time.time() * 1000))

    @property
    def base(self):
        """Ids of yesterday: they lie below all that the daemon gives."""
        return (self.now - 2 * DAY_MS - IDENT_EPOCH_MS) << 22

    @property
    def texts(self):
        """Ids of texts lie above those of the users, who would have read them otherwise."""
        return (self.now - IDENT_EPOCH_MS) << 22

    @staticmethod
    def number(place):
        return f"+35191{place:07d}"

    def contact_id(self, place):
        return self.base + 8 * place

    def task_id(self, place):
        return self.contact_id(place) + 2

    def text_id(self, k, place):
        return self.texts + 4 * (k * self.tasks + place)

    @property
    def stride(self):
        return self.tasks // self.opened if self.opened else 0

    @property
    def steps(self):
        return (STEPS + (OPENED if self.opened else []) + (APPROVED if self.is_approved else []) + (TEXTS if self.each else []))


def words():
    """What texts are made of, the most frequent first."""
    dice = random.Random(17)
    return ["".join(dice.choice("bcdfglmnprst") + dice.choice("aeiou") for _ in range(dice.randint(2, 4))) for _ in range(VOCABULARY)]


def sentences():
    """So many texts of words, a few of which are in nearly all texts and most of which are in hardly any."""
    dice, known = random.Random(19), words()
    for place in range(SENTENCES):
        chosen = [known[min(int(dice.paretovariate(0.7)) - 1, VOCABULARY - 1)] for _ in range(dice.randint(4, 20))]
        yield place, " ".join(chosen).capitalize() + f" {word_of(place)}."


def spread(count):
    """The places of so many contacts, in no order."""
    places = list(range(count))
    random.Random(11).shuffle(places)
    return places


def word_of(place):
    """A word that only sentence number place has."""
    return f"zq{place:04d}"


def fill(database, filling):
    """Fill it; takes some 30 s for a million tasks."""
    db = sqlite3.connect(database, isolation_level=None)
    db.execute("PRAGMA synchronous = OFF")
    db.execute("PRAGMA foreign_keys = OFF")
    db.execute("PRAGMA cache_size = -1000000")
    db.execute("PRAGMA wal_autocheckpoint = 0")
    then = filling.now - DAY_MS
    values = {
        "base": filling.base, "tasks": filling.tasks, "contacts": filling.tasks + filling.spare, "stride": filling.stride,
        "workflow": WORKFLOW_ID, "sender": SENDER, "then": then, "now": filling.now, "due": filling.now + 4 * HOUR_MS,
        "expires": filling.now + 2 * DAY_MS, "each": filling.each, "texts": filling.texts,
    }
    db.execute("CREATE TEMP TABLE people (place INTEGER PRIMARY KEY, user_id INTEGER, token_id INTEGER, first_name TEXT)")
    db.executemany("INSERT INTO people VALUES (?, ?, ?, ?)", [(i, *person) for i, person in enumerate(filling.people)])
    db.execute("CREATE TEMP TABLE sentences (place INTEGER PRIMARY KEY, text TEXT)")
    db.executemany("INSERT INTO sentences VALUES (?, ?)", sentences())
    for step in filling.steps:
        db.execute("BEGIN")
        db.execute(step, {name: value for name, value in values.items() if f":{name}" in step})
        db.execute("COMMIT")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()


def opened(database):
    """For statements of our own, nothing durable."""
    db = sqlite3.connect(database, isolation_level=None)
    for pragma in ("synchronous = OFF", "foreign_keys = OFF", "cache_size = -1000000", "wal_autocheckpoint = 0"):
        db.execute(f"PRAGMA {pragma}")
    return db


def fill_waiting(database, count):
    """So many contacts, each in a wait of TIMERS that is over in a day or later; the place of the first."""
    now = int(time.time() * 1000)
    values = {"base": (now - 2 * DAY_MS - IDENT_EPOCH_MS) << 22, "count": count, "then": now - DAY_MS, "wake": now + DAY_MS,
              "workflow": TIMERS_ID}
    db = opened(database)
    for step in WAITING:
        db.execute("BEGIN")
        db.execute(step, {name: value for name, value in values.items() if f":{name}" in step})
        db.execute("COMMIT")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    return values["base"]


def make_due(database, base, places, instants):
    """The waits of contacts number places are over at these instants, UTC ms."""
    db = opened(database)
    db.execute("BEGIN")
    db.executemany("UPDATE enrollments SET wake_at = ? WHERE id = ?",
                   ((at, base + 4 * place + 1) for place, at in zip(places, instants)))
    db.execute("COMMIT")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()


def task_ids(filling):
    return [filling.task_id(place) for place in range(filling.tasks)]


def spare_contacts(filling):
    return [filling.base + 8 * i for i in range(filling.tasks, filling.tasks + filling.spare)]


def receipts(filling):
    """(place of the person, task id, receipt) of every opened task."""
    for i in range(0, filling.stride * filling.opened, filling.stride):
        ident = filling.base + 8 * i
        yield i % 2, ident + 2, f"{ident + 6}-{ident:032x}"
