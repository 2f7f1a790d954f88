-- Schema step 1: the whole domain. Steps are never edited once released; a later one adds to it.
--
-- Times are integer UTC milliseconds, NULL = none. Ids are 63-bit and rise with time, so new rows land at the end of
-- their table. States and kinds are small integers whose meaning stands in engine/model (the .def files): append only.
-- Booleans are 0 and 1. Each index names the query it serves.

-- instance id, high-water mark of ids, the secret of the callbacks, the channel switch
CREATE TABLE meta (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) WITHOUT ROWID;

-- people -------------------------------------------------------------------------------------------------------

CREATE TABLE users (
  id INTEGER PRIMARY KEY,
  login TEXT NOT NULL UNIQUE,
  first_name TEXT NOT NULL,
  last_name TEXT NOT NULL,
  email TEXT NOT NULL,
  password_hash TEXT,
  role INTEGER NOT NULL CHECK (role BETWEEN 0 AND 3),
  is_active INTEGER NOT NULL,
  is_on_shift INTEGER NOT NULL,
  capacity INTEGER CHECK (capacity > 0), -- open tasks that assign-user gives at most, NULL: any number
  digest INTEGER NOT NULL DEFAULT 0 CHECK (digest BETWEEN 0 AND 2), -- e-mails about the queue: none, hourly, daily
  created_at INTEGER NOT NULL,
  deactivated_at INTEGER,
  revision INTEGER NOT NULL
);

-- who wants digests, and when the next one is thought of
CREATE TABLE digests (
  user_id INTEGER PRIMARY KEY REFERENCES users(id),
  due_at INTEGER NOT NULL,
  told_id INTEGER NOT NULL -- what has a higher id was not told yet
);
CREATE INDEX digests_due ON digests(due_at);

CREATE TABLE teams (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  revision INTEGER NOT NULL
);

CREATE TABLE team_members (
  team_id INTEGER NOT NULL REFERENCES teams(id) ON DELETE CASCADE,
  user_id INTEGER NOT NULL REFERENCES users(id),
  PRIMARY KEY (team_id, user_id)
) WITHOUT ROWID;
CREATE INDEX team_members_user ON team_members(user_id); -- which teams is this user in

-- secrets are kept as SHA-256 only
CREATE TABLE sessions (
  id INTEGER PRIMARY KEY,
  hash TEXT NOT NULL UNIQUE,
  user_id INTEGER NOT NULL REFERENCES users(id),
  csrf TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  seen_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
);
CREATE INDEX sessions_user ON sessions(user_id); -- end all of a user's

CREATE TABLE login_links (
  hash TEXT PRIMARY KEY,
  user_id INTEGER NOT NULL REFERENCES users(id),
  expires_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE tokens (
  id INTEGER PRIMARY KEY,
  hash TEXT NOT NULL UNIQUE,
  kind INTEGER NOT NULL CHECK (kind IN (0, 1)), -- service, personal
  name TEXT NOT NULL,
  user_id INTEGER REFERENCES users(id),
  scopes INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  created_by INTEGER,
  expires_at INTEGER,
  revoked_at INTEGER,
  CHECK ((kind = 1) = (user_id IS NOT NULL)),
  CHECK (kind = 1 OR (scopes & 64) = 0) -- a machine cannot send
);
CREATE INDEX tokens_user ON tokens(user_id) WHERE user_id IS NOT NULL;

-- contacts -----------------------------------------------------------------------------------------------------

-- what holds for whoever answers a number
CREATE TABLE numbers (
  e164 TEXT PRIMARY KEY,
  is_opted_out INTEGER NOT NULL DEFAULT 0,
  consent_revision INTEGER NOT NULL DEFAULT 0,
  consent_at INTEGER,
  consent_reason TEXT,
  last_contact_id INTEGER
) WITHOUT ROWID;

-- numbers that were opted out when the last person behind them was erased: a keyed hash is all that is left of them
CREATE TABLE erased_numbers (
  hash TEXT PRIMARY KEY,
  consent_revision INTEGER NOT NULL,
  consent_at INTEGER
) WITHOUT ROWID;

-- each change of a number's consent, kept for good: numbers has only the last one
CREATE TABLE consents (
  id INTEGER PRIMARY KEY,
  number TEXT NOT NULL,
  revision INTEGER NOT NULL, -- of the number's consent, from this change on
  is_opted_out INTEGER NOT NULL,
  at INTEGER NOT NULL,
  contact_id INTEGER, -- through whom it was learned
  message_id INTEGER, -- the text that said so
  actor TEXT NOT NULL,
  reason TEXT NOT NULL,
  evidence TEXT
);
CREATE INDEX consents_number ON consents(number, id); -- one number's history

CREATE TABLE contacts (
  id INTEGER PRIMARY KEY,
  external_id TEXT,
  first_name TEXT NOT NULL,
  last_name TEXT NOT NULL,
  phone TEXT NOT NULL,
  phone_e164 TEXT,
  phone_verdict INTEGER NOT NULL CHECK (phone_verdict BETWEEN 0 AND 2),
  phone_type TEXT,
  phone_region TEXT,
  phone_reason TEXT,
  email TEXT NOT NULL,
  country TEXT NOT NULL,
  timezone TEXT NOT NULL,
  owner_id INTEGER REFERENCES users(id),
  sms_enabled INTEGER NOT NULL,
  is_test INTEGER NOT NULL,
  thread_head_id INTEGER, -- the last text in or out
  thread_inbound_id INTEGER, -- the last text in
  texter_id INTEGER, -- who texted last, or has taken the thread since: it is theirs when the contact has no owner
  release_at INTEGER, -- a text waits for an answer by texter_id, who has the thread no longer from then on
  reset_id INTEGER NOT NULL DEFAULT 0, -- of a test contact: what has a lower id is out of the way
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  deleted_at INTEGER,
  merged_into INTEGER REFERENCES contacts(id), -- of a deleted one: who has all that was its
  revision INTEGER NOT NULL
);
CREATE INDEX contacts_merged ON contacts(merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX contacts_merged_external ON contacts(external_id, id) WHERE merged_into IS NOT NULL AND external_id IS NOT NULL;
CREATE UNIQUE INDEX contacts_external ON contacts(external_id) WHERE external_id IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX contacts_phone ON contacts(phone_e164) WHERE phone_e164 IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX contacts_owner ON contacts(owner_id) WHERE owner_id IS NOT NULL AND deleted_at IS NULL; -- ?owner=
-- conversations, newest first: of nobody's contacts, of one user (0: nobody's); all of them: along the texts (thread_rows.c)
CREATE INDEX contacts_threads_free ON contacts(thread_head_id)
  WHERE owner_id IS NULL AND thread_head_id IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX contacts_threads_of ON contacts(coalesce(owner_id, texter_id, 0), thread_head_id)
  WHERE thread_head_id IS NOT NULL AND deleted_at IS NULL;
-- threads that wait for an answer, by who is to give it (0: nobody), and when they will be anybody's
CREATE INDEX contacts_waiting ON contacts(coalesce(texter_id, 0), thread_head_id)
  WHERE thread_inbound_id = thread_head_id AND deleted_at IS NULL;
CREATE INDEX contacts_release ON contacts(release_at) WHERE release_at IS NOT NULL;
CREATE INDEX contacts_raw ON contacts(phone) WHERE phone_e164 IS NULL AND deleted_at IS NULL; -- a short code that wrote

-- Names, numbers and addresses, to find any part of them: all threes of letters (letters_rows.h). SQLite's own: another
-- database has another index here. Who is named otherwise waits for the end of the commit, since that is cheaper.
CREATE VIRTUAL TABLE contacts_letters USING fts5(text, tokenize='trigram case_sensitive 1', detail=none, columnsize=0);
CREATE TABLE contacts_renamed (id INTEGER PRIMARY KEY);
CREATE TRIGGER contacts_renamed_new AFTER INSERT ON contacts BEGIN
  INSERT OR IGNORE INTO contacts_renamed (id) VALUES (new.id);
END;
CREATE TRIGGER contacts_renamed_change AFTER UPDATE OF first_name, last_name, phone, phone_e164, email, external_id, deleted_at
  ON contacts WHEN (new.first_name, new.last_name, new.phone, new.phone_e164, new.email, new.external_id, new.deleted_at) IS NOT
  (old.first_name, old.last_name, old.phone, old.phone_e164, old.email, old.external_id, old.deleted_at) BEGIN
  INSERT OR IGNORE INTO contacts_renamed (id) VALUES (new.id);
END;

CREATE TABLE contact_tags (
  contact_id INTEGER NOT NULL REFERENCES contacts(id),
  tag TEXT NOT NULL,
  added_at INTEGER NOT NULL,
  PRIMARY KEY (contact_id, tag)
) WITHOUT ROWID;
CREATE INDEX contact_tags_tag ON contact_tags(tag, contact_id); -- contacts?tag=

CREATE TABLE contact_fields (
  contact_id INTEGER NOT NULL REFERENCES contacts(id),
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (contact_id, name)
) WITHOUT ROWID;

-- workflows ----------------------------------------------------------------------------------------------------

CREATE TABLE workflows (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  source INTEGER NOT NULL,
  file_path TEXT,
  file_hash TEXT, -- of the file last published
  state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 2),
  draft_version INTEGER NOT NULL,
  published_version INTEGER,
  live_since INTEGER, -- when it was published last after not being so: what happened earlier enrolls nobody
  live_id INTEGER, -- an id given then: clocks may be put back, ids rise
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  deleted_at INTEGER,
  revision INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE workflow_versions (
  workflow_id TEXT NOT NULL REFERENCES workflows(id),
  version INTEGER NOT NULL,
  name TEXT NOT NULL,
  xml TEXT NOT NULL,
  hash TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  created_by INTEGER,
  published_at INTEGER,
  note TEXT,
  PRIMARY KEY (workflow_id, version)
);

CREATE TABLE enrollments (
  id INTEGER PRIMARY KEY,
  workflow_id TEXT NOT NULL REFERENCES workflows(id),
  version INTEGER NOT NULL,
  contact_id INTEGER NOT NULL REFERENCES contacts(id),
  state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 5),
  step_id TEXT,
  since INTEGER,
  reason TEXT,
  wake_at INTEGER,
  held_to TEXT, -- held with its workflow: the step it goes on with, '' for the end
  reply_id INTEGER, -- the text that a wait-for-reply caught last
  is_test INTEGER NOT NULL,
  compress INTEGER NOT NULL, -- of a test run: its waits pass so many times as fast; 1: as written
  is_forgotten INTEGER NOT NULL DEFAULT 0, -- re-entry does not count it
  data TEXT, -- of the event that enrolled
  depth INTEGER NOT NULL DEFAULT 0, -- how many enrollments caused one another up to this one
  created_by INTEGER,
  created_at INTEGER NOT NULL,
  ended_at INTEGER
);
CREATE INDEX enrollments_contact ON enrollments(contact_id, id); -- re-entry, what a reply moves; ?contact=
CREATE INDEX enrollments_workflow ON enrollments(workflow_id, id); -- ?workflow=
CREATE INDEX enrollments_open ON enrollments(workflow_id, version, is_test, id) WHERE state <= 2; -- who is in it now
CREATE INDEX enrollments_wake ON enrollments(wake_at) WHERE wake_at IS NOT NULL; -- the next timer

CREATE INDEX enrollments_held ON enrollments(workflow_id, id) WHERE state = 2; -- let go on when it is published again

-- how often an enrollment has been at a step: a task is unique by (enrollment, step, visit)
CREATE TABLE step_visits (
  enrollment_id INTEGER NOT NULL REFERENCES enrollments(id),
  step_id TEXT NOT NULL,
  visits INTEGER NOT NULL,
  PRIMARY KEY (enrollment_id, step_id)
) WITHOUT ROWID;

CREATE TABLE rotations (
  workflow_id TEXT NOT NULL,
  step_id TEXT NOT NULL,
  user_id INTEGER NOT NULL,
  credit INTEGER NOT NULL,
  PRIMARY KEY (workflow_id, step_id, user_id)
) WITHOUT ROWID;

-- why an enrollment went where it went
CREATE TABLE journal (
  id INTEGER PRIMARY KEY,
  enrollment_id INTEGER NOT NULL,
  at INTEGER NOT NULL,
  step_id TEXT,
  kind TEXT NOT NULL,
  detail TEXT NOT NULL -- a JSON object: the values seen
);
CREATE INDEX journal_enrollment ON journal(enrollment_id, id);

-- what did not happen: the last time and how often
CREATE TABLE not_enrolled (
  workflow_id TEXT NOT NULL,
  contact_id INTEGER NOT NULL,
  cause TEXT NOT NULL, -- "manual", or the trigger
  id INTEGER NOT NULL, -- of the last time: rises, also within a millisecond
  at INTEGER NOT NULL,
  times INTEGER NOT NULL,
  outcome TEXT NOT NULL,
  detail TEXT NOT NULL,
  PRIMARY KEY (contact_id, workflow_id, cause)
) WITHOUT ROWID;
CREATE INDEX not_enrolled_age ON not_enrolled(at); -- forget what is too old

-- triggers -----------------------------------------------------------------------------------------------------

-- What each workflow listens for: its published version, or its draft as long as none was. kind: enum trigger_kind
CREATE TABLE triggers (
  kind INTEGER NOT NULL,
  name TEXT NOT NULL, -- the tag, field or event, the keyword in small letters; '': any
  workflow_id TEXT NOT NULL REFERENCES workflows(id),
  PRIMARY KEY (kind, name, workflow_id)
) WITHOUT ROWID;
CREATE INDEX triggers_workflow ON triggers(workflow_id); -- another version is published

-- What happened to a contact, as long as not every workflow that listens was asked. The oldest first.
CREATE TABLE occurrences (
  id INTEGER PRIMARY KEY,
  kind INTEGER NOT NULL,
  name TEXT NOT NULL,
  contact_id INTEGER NOT NULL,
  at INTEGER NOT NULL,
  actor TEXT NOT NULL, -- who did it
  user_id INTEGER,
  enrollment_id INTEGER, -- whose step did it
  depth INTEGER NOT NULL, -- of an enrollment that comes of it
  is_import INTEGER NOT NULL,
  is_test INTEGER NOT NULL, -- a step of a test run did it
  message_id INTEGER,
  detail TEXT NOT NULL, -- JSON members for the journal
  data TEXT, -- of an event
  after_workflow TEXT NOT NULL DEFAULT '' -- the last one that was asked
);

-- When a <date> falls due for a contact. A row stays when it is over, so that one value fires once.
CREATE TABLE planned_dates (
  contact_id INTEGER NOT NULL,
  workflow_id TEXT NOT NULL,
  rule TEXT NOT NULL, -- "contact.custom.renewal -7d 09:00"
  version INTEGER NOT NULL, -- of the workflow, when it was planned last
  value TEXT NOT NULL, -- of the field
  fires_at INTEGER, -- NULL: it is over, or was already when the value came
  PRIMARY KEY (contact_id, workflow_id, rule)
) WITHOUT ROWID;
CREATE INDEX planned_dates_due ON planned_dates(fires_at, contact_id) WHERE fires_at IS NOT NULL; -- the next timer

-- tasks --------------------------------------------------------------------------------------------------------

-- When the sending hours of the recipients of some tasks are open: now, or next. A row for each set of hours and place; time
-- moves these rows, not the tasks.
CREATE TABLE openings (
  id INTEGER PRIMARY KEY,
  hours TEXT NOT NULL, -- '': those of handbox.conf
  zones TEXT NOT NULL, -- names, separated by blanks; '': UTC
  made_of TEXT NOT NULL, -- hours '': what handbox.conf said then
  opens_at INTEGER NOT NULL,
  closes_at INTEGER NOT NULL,
  looked_at INTEGER NOT NULL,
  UNIQUE (hours, zones)
);
CREATE INDEX openings_closing ON openings(closes_at, id); -- order=closing; which are over
CREATE INDEX openings_looked ON openings(looked_at); -- the clock went back
INSERT INTO openings (id, hours, zones, made_of, opens_at, closes_at, looked_at)
  VALUES (0, '', '', '', 0, 4611686018427387904, 0); -- of whoever is nowhere in particular

CREATE TABLE tasks (
  id INTEGER PRIMARY KEY,
  origin INTEGER NOT NULL,
  enrollment_id INTEGER REFERENCES enrollments(id),
  workflow_id TEXT,
  workflow_version INTEGER,
  step_id TEXT,
  visit INTEGER,
  contact_id INTEGER NOT NULL REFERENCES contacts(id),
  name TEXT NOT NULL,
  text TEXT NOT NULL,
  assignee_id INTEGER REFERENCES users(id),
  team_id INTEGER,
  state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 6),
  held_below INTEGER NOT NULL DEFAULT 0,
  opening_id INTEGER NOT NULL DEFAULT 0 REFERENCES openings(id), -- of its recipient
  due_at INTEGER,
  priority INTEGER NOT NULL DEFAULT 0 CHECK (priority BETWEEN 0 AND 9), -- higher ones first
  sort_due INTEGER NOT NULL, -- the order of the queue: by priority, then due_at, or far away
  expires_at INTEGER,
  snoozed_until INTEGER,
  message_id INTEGER,
  attention TEXT,
  end_reason TEXT,
  why TEXT,
  is_test INTEGER NOT NULL,
  moves_workflow INTEGER NOT NULL,
  follows_owner INTEGER NOT NULL DEFAULT 0, -- goes with the contact's owner while it is open
  is_locked INTEGER NOT NULL DEFAULT 0, -- nobody edits its text
  consent_id INTEGER, -- the opt-out that it confirms
  exit_at INTEGER, -- skipped, and may be undone until then
  created_at INTEGER NOT NULL,
  ended_at INTEGER,
  revision INTEGER NOT NULL
);
CREATE UNIQUE INDEX tasks_visit ON tasks(enrollment_id, step_id, visit) WHERE enrollment_id IS NOT NULL;
-- ?assignee=&state=, order=due, and nobody's; what counts wants is in it
CREATE INDEX tasks_name ON tasks(name); -- ?q=, as few tasks are named otherwise than others
CREATE INDEX tasks_mine ON tasks(assignee_id, state, sort_due, id, is_test, team_id);
CREATE INDEX tasks_mine_opening ON tasks(assignee_id, opening_id, state, sort_due, id); -- of these: may be sent now; order=closing
CREATE INDEX tasks_queue ON tasks(state, sort_due, id); -- ?state=, order=due
CREATE INDEX tasks_opening ON tasks(opening_id, state, sort_due, id); -- of all: may be sent now; order=closing
CREATE INDEX tasks_made ON tasks(state, id); -- ?state=, order=created
CREATE INDEX tasks_contact ON tasks(contact_id, state); -- ?contact=, tasks of the same person
CREATE INDEX tasks_workflow ON tasks(workflow_id, state, sort_due, id) WHERE workflow_id IS NOT NULL; -- ?workflow=
CREATE INDEX tasks_team ON tasks(team_id, state, sort_due, id) WHERE team_id IS NOT NULL; -- ?team=
CREATE INDEX tasks_team_opening ON tasks(team_id, opening_id, state, sort_due, id) WHERE team_id IS NOT NULL; -- and by closing
CREATE INDEX tasks_wake ON tasks(state, snoozed_until) WHERE state = 2; -- the next timer
CREATE INDEX tasks_expiry ON tasks(expires_at) WHERE state <= 2 AND expires_at IS NOT NULL; -- the next timer
CREATE UNIQUE INDEX tasks_consent ON tasks(consent_id) WHERE consent_id IS NOT NULL; -- an opt-out is confirmed once
CREATE INDEX tasks_confirming ON tasks(id) WHERE consent_id IS NOT NULL AND state <= 2; -- few, and only for minutes
CREATE INDEX tasks_exit ON tasks(exit_at) WHERE exit_at IS NOT NULL; -- the next timer
CREATE INDEX tasks_attention ON tasks(state, sort_due, id) WHERE attention IS NOT NULL; -- ?attention=, order=due

-- tasks that lie in the pool because nobody of their assign-user was available: given out once somebody is
CREATE TABLE stranded (
  workflow_id TEXT NOT NULL,
  version INTEGER NOT NULL,
  step_id TEXT NOT NULL, -- the assign-user
  task_id INTEGER NOT NULL REFERENCES tasks(id),
  PRIMARY KEY (workflow_id, version, step_id, task_id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX stranded_task ON stranded(task_id);

-- canned texts with dynamic values
CREATE TABLE snippets (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  text TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  updated_by INTEGER
);

-- the template of a task that is not its step's: what it took of a snippet when it was made, or what it was made with in an
-- older version of its workflow
CREATE TABLE task_templates (
  task_id INTEGER PRIMARY KEY REFERENCES tasks(id),
  text TEXT NOT NULL
);

-- (scope, ref): task+id, number+e164, workflow+id, all+''
CREATE TABLE holds (
  scope INTEGER NOT NULL CHECK (scope BETWEEN 0 AND 3),
  ref TEXT NOT NULL,
  reason TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (scope, ref, reason)
) WITHOUT ROWID;

-- who has a card open: of a task, or of a free reply to a contact (an id is given once over all tables)
CREATE TABLE leases (
  card_id INTEGER PRIMARY KEY, -- the task, or the contact of a free reply
  user_id INTEGER NOT NULL REFERENCES users(id),
  credential_id INTEGER NOT NULL,
  fence INTEGER NOT NULL,
  taken_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  keyed_at INTEGER NOT NULL, -- its holder did something: a page that is only open keeps the lease for a while after that
  was_unassigned INTEGER NOT NULL, -- 1: taken from the pool; 2: and given back since
  number TEXT, -- whose frequency cap it has a place of, as long as it lasts
  CHECK (was_unassigned BETWEEN 0 AND 2)
);
CREATE INDEX leases_user ON leases(user_id); -- end all of a user's
CREATE INDEX leases_live ON leases(expires_at); -- what is open now
CREATE INDEX leases_number ON leases(number) WHERE number IS NOT NULL; -- places of the cap that are taken
CREATE INDEX leases_abandoned ON leases(expires_at) WHERE was_unassigned = 1; -- give back to the pool

CREATE TABLE receipts (
  id INTEGER PRIMARY KEY,
  secret TEXT NOT NULL,
  task_id INTEGER REFERENCES tasks(id), -- NULL: a free reply to the contact
  contact_id INTEGER NOT NULL REFERENCES contacts(id),
  user_id INTEGER NOT NULL REFERENCES users(id),
  credential_id INTEGER NOT NULL,
  fence INTEGER NOT NULL,
  minted_at INTEGER NOT NULL,
  recipient TEXT,
  sender TEXT,
  smsc TEXT,
  thread_head_id INTEGER,
  assignee_id INTEGER,
  consent_revision INTEGER NOT NULL,
  workflow_version INTEGER,
  owner_id INTEGER, -- of the contact
  offered_text TEXT NOT NULL,
  rendered_text TEXT, -- what the workflow offered, when a draft was shown instead
  shown_messages TEXT NOT NULL,
  used_at INTEGER,
  message_id INTEGER,
  is_void INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX receipts_contact ON receipts(contact_id, id); -- one person's, to erase them
CREATE INDEX receipts_number ON receipts(recipient, id) WHERE recipient IS NOT NULL; -- one number's history
CREATE INDEX receipts_open ON receipts(task_id) WHERE used_at IS NULL AND is_void = 0; -- void the older ones
CREATE INDEX receipts_reply ON receipts(contact_id) WHERE task_id IS NULL AND used_at IS NULL AND is_void = 0; -- likewise

-- what a task was made of, as lines (model/drift.h), and its text once it was rendered anew
CREATE TABLE task_makings (
  task_id INTEGER PRIMARY KEY REFERENCES tasks(id),
  facts TEXT NOT NULL,
  text TEXT -- NULL: as it stands in the task
);

-- what somebody wanted to send when another had the card already
CREATE TABLE late_texts (
  card_id INTEGER NOT NULL, -- as of leases
  user_id INTEGER NOT NULL,
  text TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (card_id, user_id)
) WITHOUT ROWID;

CREATE TABLE drafts (
  card_id INTEGER PRIMARY KEY, -- as of leases
  user_id INTEGER NOT NULL,
  text TEXT NOT NULL,
  base TEXT, -- what was offered when it was begun
  updated_at INTEGER NOT NULL
);

-- messages -----------------------------------------------------------------------------------------------------

-- An outbound message cannot exist without the receipt of a human act, nor two from one.
CREATE TABLE messages (
  id INTEGER PRIMARY KEY,
  is_inbound INTEGER NOT NULL,
  contact_id INTEGER NOT NULL REFERENCES contacts(id),
  task_id INTEGER REFERENCES tasks(id),
  receipt_id INTEGER UNIQUE REFERENCES receipts(id),
  number TEXT NOT NULL,
  own_number TEXT,
  smsc TEXT,
  text TEXT NOT NULL,
  segments INTEGER NOT NULL,
  is_unicode INTEGER NOT NULL,
  is_test INTEGER NOT NULL,
  state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 10),
  detail TEXT,
  sent_by INTEGER REFERENCES users(id),
  created_at INTEGER NOT NULL,
  state_at INTEGER NOT NULL,
  handed_id INTEGER, -- an id given when it was marked for the gateway, the last time: texts in above it came later
  not_before INTEGER,
  approval_until INTEGER,
  valid_until INTEGER,
  event_id TEXT,
  resolved_by INTEGER,
  evidence TEXT,
  said INTEGER NOT NULL DEFAULT 0, -- inbound: what it says of consent (enum consent_said)
  verdict INTEGER, -- of an unclear one, by a person or a later text (enum consent_verdict)
  is_shared INTEGER NOT NULL DEFAULT 0, -- inbound: several contacts had the number
  is_edited INTEGER NOT NULL DEFAULT 0, -- of a task: another text than was offered
  CHECK (is_inbound = 1 OR receipt_id IS NOT NULL)
);
CREATE UNIQUE INDEX messages_event ON messages(event_id) WHERE event_id IS NOT NULL; -- one event, one row
CREATE INDEX messages_contact ON messages(contact_id, id, is_inbound); -- the thread; how many are unread
CREATE INDEX messages_number ON messages(number, created_at) WHERE is_inbound = 0; -- the frequency cap
CREATE INDEX messages_heard ON messages(created_at, number, is_inbound) WHERE is_inbound = 1; -- who wrote just now: answered at any hour
CREATE INDEX messages_unclear ON messages(number, id) WHERE said = 4 AND verdict IS NULL; -- what holds a number
CREATE INDEX messages_state ON messages(state, id); -- ?state=; uncertain ones
CREATE INDEX messages_edited ON messages(id) WHERE is_edited = 1; -- ?edited=true
CREATE INDEX messages_user ON messages(sent_by, id) WHERE sent_by IS NOT NULL; -- ?user=

-- Whose threads have texts of a number: a way to one number's history and its end. An index of all texts by number would
-- cost each text a page of its own, and nearly always it is the number of one contact.
CREATE TABLE number_contacts (
  number TEXT NOT NULL,
  contact_id INTEGER NOT NULL REFERENCES contacts(id),
  PRIMARY KEY (number, contact_id)
) WITHOUT ROWID;
CREATE TRIGGER messages_number_new AFTER INSERT ON messages BEGIN
  INSERT OR IGNORE INTO number_contacts (number, contact_id) VALUES (new.number, new.contact_id);
END;
CREATE TRIGGER messages_number_moved AFTER UPDATE OF contact_id ON messages BEGIN
  DELETE FROM number_contacts WHERE number = old.number AND contact_id = old.contact_id;
  INSERT OR IGNORE INTO number_contacts (number, contact_id) VALUES (new.number, new.contact_id);
END;
CREATE TRIGGER messages_number_erased AFTER UPDATE OF number ON messages BEGIN
  DELETE FROM number_contacts WHERE number = old.number AND contact_id = new.contact_id;
END;

-- The words of all texts, for searching. SQLite's own: another database has another index here. New texts come into it once
-- for a whole commit (thread_rows_index_words); what is changed or removed before that is not in it yet.
CREATE VIRTUAL TABLE messages_words USING fts5(text, content='messages', content_rowid='id',
  tokenize='unicode61 remove_diacritics 2');
CREATE TRIGGER messages_words_change AFTER UPDATE OF text ON messages
  WHEN EXISTS (SELECT 1 FROM messages_words_docsize WHERE id = old.id) BEGIN
  INSERT INTO messages_words (messages_words, rowid, text) VALUES ('delete', old.id, old.text);
  INSERT INTO messages_words (rowid, text) VALUES (new.id, new.text);
END;
CREATE TRIGGER messages_words_remove AFTER DELETE ON messages
  WHEN EXISTS (SELECT 1 FROM messages_words_docsize WHERE id = old.id) BEGIN
  INSERT INTO messages_words (messages_words, rowid, text) VALUES ('delete', old.id, old.text);
END;

-- how far each user has read a thread; it never goes back
CREATE TABLE thread_reads (
  user_id INTEGER NOT NULL REFERENCES users(id),
  contact_id INTEGER NOT NULL REFERENCES contacts(id),
  read_id INTEGER NOT NULL, -- up to this text
  PRIMARY KEY (user_id, contact_id)
) WITHOUT ROWID;

-- what users tell each other of a contact. Nothing that sends reads this table.
CREATE TABLE notes (
  id INTEGER PRIMARY KEY,
  contact_id INTEGER NOT NULL REFERENCES contacts(id),
  user_id INTEGER REFERENCES users(id), -- NULL: a program
  author TEXT NOT NULL,
  text TEXT NOT NULL,
  created_at INTEGER NOT NULL
);
CREATE INDEX notes_contact ON notes(contact_id, id);

-- whom notes name: the newest of each thread
CREATE TABLE mentions (
  user_id INTEGER NOT NULL REFERENCES users(id),
  contact_id INTEGER NOT NULL REFERENCES contacts(id),
  note_id INTEGER NOT NULL,
  is_unread INTEGER NOT NULL,
  PRIMARY KEY (user_id, contact_id)
) WITHOUT ROWID;
CREATE INDEX mentions_unread ON mentions(user_id, note_id) WHERE is_unread = 1; -- conversations?mentions=me

-- Parts of longer texts that came alone: they wait for the others. A row stays for a while, without its bytes, so that the
-- gateway may bring the same part again.
CREATE TABLE inbound_parts (
  event_id TEXT PRIMARY KEY,
  number TEXT NOT NULL,
  own_number TEXT NOT NULL,
  ref INTEGER NOT NULL,
  total INTEGER NOT NULL,
  part INTEGER NOT NULL,
  smsc TEXT NOT NULL,
  coding INTEGER NOT NULL,
  charset TEXT NOT NULL,
  bytes BLOB,
  at INTEGER NOT NULL, -- when the SMSC had it
  came_at INTEGER NOT NULL,
  is_open INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX inbound_parts_open ON inbound_parts(number, own_number, ref, total) WHERE is_open = 1; -- the others of a text
CREATE INDEX inbound_parts_wait ON inbound_parts(came_at) WHERE is_open = 1; -- the next timer
CREATE INDEX inbound_parts_age ON inbound_parts(came_at) WHERE is_open = 0; -- what is forgotten

-- What a send-email step made, once for each visit. It waits to leave as long as it has a row in the outbox.
CREATE TABLE emails (
  id INTEGER PRIMARY KEY,
  enrollment_id INTEGER REFERENCES enrollments(id), -- NULL: a digest
  step_id TEXT,
  visit INTEGER,
  contact_id INTEGER REFERENCES contacts(id),
  user_id INTEGER REFERENCES users(id), -- whose digest it is
  recipient TEXT NOT NULL,
  subject TEXT NOT NULL,
  body TEXT NOT NULL,
  message_id TEXT NOT NULL,
  state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 5),
  detail TEXT,
  created_at INTEGER NOT NULL,
  state_at INTEGER NOT NULL,
  CHECK ((enrollment_id IS NULL) = (user_id IS NOT NULL))
);
CREATE UNIQUE INDEX emails_visit ON emails(enrollment_id, step_id, visit); -- one visit, one e-mail
CREATE INDEX emails_open ON emails(id) WHERE state <= 1; -- what a copy that was put back is not sure of

-- what waits to leave; a row goes when its outcome is known. kind 0: a text, id = its message; 1: an e-mail, id = its own;
-- 2: a text of a test run, which ends in the sink
CREATE TABLE outbox (
  id INTEGER PRIMARY KEY,
  kind INTEGER NOT NULL,
  number TEXT NOT NULL, -- one open text per number, in the order of approval
  sender TEXT, -- of a text whose sender has a rate of its own; NULL: any other
  not_before INTEGER,
  is_out INTEGER NOT NULL, -- marked: may leave at any moment
  node INTEGER,
  epoch INTEGER, -- of the life of that node that marked it
  attempts INTEGER NOT NULL
);
CREATE INDEX outbox_waiting ON outbox(kind, id) WHERE is_out = 0 AND sender IS NULL; -- the next to hand over
CREATE INDEX outbox_sender ON outbox(sender, id) WHERE is_out = 0 AND sender IS NOT NULL; -- and of each such sender
CREATE INDEX outbox_undo ON outbox(not_before) WHERE kind = 0 AND is_out = 0 AND not_before IS NOT NULL; -- the next end of an undo
CREATE INDEX outbox_emails ON outbox(not_before, id) WHERE kind = 1 AND is_out = 0; -- the next e-mail that is due
CREATE INDEX outbox_number ON outbox(number, id); -- is an earlier one open
CREATE INDEX outbox_out ON outbox(node) WHERE is_out = 1; -- what a crash left behind

CREATE TABLE reports (
  message_id INTEGER NOT NULL REFERENCES messages(id),
  event_id TEXT NOT NULL,
  kind INTEGER NOT NULL,
  detail TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (message_id, event_id)
) WITHOUT ROWID;

-- the record of every human act that led to a message --------------------------------------------------------------

CREATE TABLE ledger (
  chain INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  at INTEGER NOT NULL,
  actor TEXT NOT NULL, -- login, or "system", "shell:UID", "service:NAME"
  credential TEXT NOT NULL,
  way TEXT NOT NULL,
  act TEXT NOT NULL,
  subject TEXT NOT NULL,
  payload TEXT NOT NULL,
  prev BLOB NOT NULL,
  hash BLOB NOT NULL,
  PRIMARY KEY (chain, seq)
) WITHOUT ROWID;
CREATE INDEX ledger_subject ON ledger(subject); -- what happened to this one

-- Numbers and texts are in the payload as digests with the row's salt: without the salt they say nothing.
CREATE TABLE ledger_salts (
  chain INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  salt BLOB NOT NULL,
  PRIMARY KEY (chain, seq)
) WITHOUT ROWID;

-- the rest -----------------------------------------------------------------------------------------------------

-- other systems that are told. Kind 1: a url written out in a workflow (its name is the url), signed with the instance's
-- key in meta, without events of its own
CREATE TABLE hooks (
  id INTEGER PRIMARY KEY,
  kind INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 2), -- registered, written out, removed
  name TEXT NOT NULL UNIQUE,
  url TEXT NOT NULL,
  events TEXT NOT NULL, -- words separated by blanks
  wants_tests INTEGER NOT NULL,
  secret TEXT, -- whsec_…; NULL: the instance's key
  former_secret TEXT, -- signs too until former_until
  former_until INTEGER,
  is_enabled INTEGER NOT NULL,
  disabled_reason TEXT,
  created_at INTEGER NOT NULL
);

-- A delivery waits (next_at: when it is due; NULL: behind an earlier one of its subject), is delivered or given up.
CREATE TABLE hook_deliveries (
  id INTEGER PRIMARY KEY,
  hook_id INTEGER NOT NULL REFERENCES hooks(id) ON DELETE CASCADE,
  event TEXT NOT NULL,
  subject TEXT NOT NULL,
  once TEXT, -- of a step: enrollment:step:visit
  body TEXT NOT NULL,
  state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 2),
  attempts INTEGER NOT NULL,
  next_at INTEGER,
  give_up_at INTEGER NOT NULL,
  last_answer TEXT,
  created_at INTEGER NOT NULL,
  ended_at INTEGER
);
CREATE UNIQUE INDEX hook_deliveries_once ON hook_deliveries(once) WHERE once IS NOT NULL;
CREATE INDEX hook_deliveries_due ON hook_deliveries(hook_id, next_at) WHERE next_at IS NOT NULL; -- the next to go
CREATE INDEX hook_deliveries_open ON hook_deliveries(hook_id, subject, id) WHERE state = 0; -- the order of a subject
CREATE INDEX hook_deliveries_late ON hook_deliveries(give_up_at) WHERE state = 0; -- given up untried
CREATE INDEX hook_deliveries_hook ON hook_deliveries(hook_id, id); -- the list

-- other systems that tell us, signed: POST /events/{name}?source=ID
CREATE TABLE event_sources (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  events TEXT NOT NULL, -- names separated by blanks; '*': any
  secret TEXT NOT NULL, -- whsec_…
  former_secret TEXT, -- is taken too until former_until
  former_until INTEGER,
  created_at INTEGER NOT NULL,
  used_at INTEGER,
  refused_at INTEGER, -- the last request that was refused, and why
  refused_code TEXT,
  refused_detail TEXT
);

CREATE TABLE idempotency (
  credential TEXT NOT NULL,
  key TEXT NOT NULL,
  request_hash TEXT NOT NULL,
  status INTEGER NOT NULL,
  body TEXT NOT NULL,
  at INTEGER NOT NULL,
  location TEXT,
  revision INTEGER NOT NULL,
  PRIMARY KEY (credential, key)
) WITHOUT ROWID;
CREATE INDEX idempotency_age ON idempotency(at); -- forget after 24 h

CREATE TABLE jobs (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  args TEXT NOT NULL,
  done INTEGER NOT NULL,
  total INTEGER,
  state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 2), -- running, done, failed
  position INTEGER NOT NULL DEFAULT 0, -- the last id that was looked at
  outcomes TEXT NOT NULL DEFAULT '', -- a line each: name and how often
  fault TEXT, -- why it failed
  created_at INTEGER NOT NULL,
  ended_at INTEGER
);
CREATE INDEX jobs_open ON jobs(id) WHERE state = 0;
