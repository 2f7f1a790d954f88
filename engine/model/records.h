/* records.h - what handbox knows, as plain structs: one per aggregate, the same in rules, rows and commands.
 *
 * Strings are borrowed from the arena of the command or read that loaded them; NULL = not there. Times are UTC
 * milliseconds, 0 = none. Ids are 0 when there is none. A struct has no owner of its own: it dies with its arena.
 */
#ifndef HB_MODEL_RECORDS_H
#define HB_MODEL_RECORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/consent_words.h"
#include "model/states.h"

/* --- people ------------------------------------------------------------------------------------------------- */

enum role { ROLE_AGENT, ROLE_LEAD, ROLE_ADMIN, ROLE_AUDITOR, ROLE_COUNT };

const char *role_name(enum role role);
bool role_parse(const char *name, enum role *role_out);
bool role_leads(
	enum role role); /* lead or admin: everybody's tasks, workflows, the channel */

/* how often e-mails about the queue come, at most */
enum user_digest { USER_DIGEST_OFF, USER_DIGEST_HOURLY, USER_DIGEST_DAILY };
const char *user_digest_name(enum user_digest digest);

struct user {
	uint64_t id;
	const char *login; /* [a-z][a-z0-9._-]*, never renamed */
	const char *first_name, *last_name, *email;
	const char *password_hash; /* argon2id, as libsodium writes it */
	enum role role;
	bool is_active, is_on_shift;
	/* open tasks that assign-user gives at most, 0: any number */
	unsigned capacity;
	enum user_digest digest;
	int64_t created_at, deactivated_at;
	uint32_t revision;
};

/* login_is_valid - [a-z][a-z0-9._-]*, at most 64 bytes, and neither "me" nor "none". */
bool login_is_valid(const char *login);

struct team {
	uint64_t id;
	const char *name;
	uint32_t revision;
};

/* --- contacts ------------------------------------------------------------------------------------------------ */

enum phone_verdict_kept { PHONE_KEPT_INVALID, PHONE_KEPT_POSSIBLE, PHONE_KEPT_VALID };

struct contact {
	uint64_t id;
	const char *external_id;
	const char *first_name, *last_name;
	const char *phone;      /* as it was given */
	const char *phone_e164; /* with +; NULL when it cannot be a number */
	enum phone_verdict_kept phone_verdict; /* as of the last write of phone */
	const char *phone_type, *phone_region, *phone_reason;
	const char *email, *country, *timezone;
	uint64_t owner_id;
	bool sms_enabled, is_test;
	uint64_t thread_head_id, thread_inbound_id; /* the last text in or out; in */
	uint64_t texter_id; /* who texted last, or has taken the thread since */
	int64_t release_at; /* a text waits for their answer until then; 0: none does */
	int64_t created_at, updated_at, deleted_at;
	uint32_t revision;
};

/* A number carries what holds for whoever answers it: consent and who was texted last. */
struct number {
	const char *e164;
	bool is_opted_out;
	uint32_t
		consent_revision; /* rises with each change of consent; bound by receipts */
	int64_t consent_at;
	const char *consent_reason;
	uint64_t last_contact_id;
	uint64_t head_id; /* the last text to it or from it, whichever contact had it */
};

struct contact_field {
	const char *name, *value;
};

/* --- workflows ----------------------------------------------------------------------------------------------- */

enum workflow_state { WORKFLOW_DRAFT, WORKFLOW_PUBLISHED, WORKFLOW_UNPUBLISHED };
enum workflow_source { WORKFLOW_FROM_API, WORKFLOW_FROM_FILE };

const char *workflow_state_name(enum workflow_state state);
const char *workflow_source_name(enum workflow_source source);

struct workflow {
	const char *id; /* the XML's id */
	const char *name;
	enum workflow_source source;
	const char *file_path, *file_hash; /* of the file last published */
	enum workflow_state state;
	uint32_t draft_version, published_version; /* 0: none */
	int64_t live_since; /* when it was published last after not being so */
	uint64_t live_id;   /* an id given then: clocks may be put back, ids rise */
	int64_t created_at, updated_at;
	uint32_t revision;
};

struct workflow_version {
	const char *workflow_id;
	uint32_t version;
	const char *name, *xml, *hash; /* SHA-256 of the canonical text, hex */
	int64_t created_at, published_at;
	uint64_t created_by;
	const char *note;
};

enum enrollment_state {
	ENROLLMENT_ACTIVE,
	ENROLLMENT_WAITING,
	ENROLLMENT_HELD,
	ENROLLMENT_COMPLETED,
	ENROLLMENT_REMOVED,
	ENROLLMENT_FAILED,
	ENROLLMENT_STATE_COUNT
};

const char *enrollment_state_name(enum enrollment_state state);
bool enrollment_state_parse(const char *name, enum enrollment_state *state_out);
bool enrollment_state_is_open(enum enrollment_state state);

struct enrollment {
	uint64_t id;
	const char *workflow_id;
	uint32_t version;
	uint64_t contact_id;
	enum enrollment_state state;
	/* where it stands, or stood when it was removed or failed; NULL once completed */
	const char *step_id;
	int64_t since;      /* at that step */
	const char *reason; /* the one reason to be there */
	int64_t wake_at;    /* when its wait is over, 0: not by the clock */
	/* held with its workflow: the step it goes on with, "" for the end */
	const char *held_to;
	uint64_t reply_id; /* the text that a wait-for-reply caught last */
	bool is_test;
	uint32_t
		compress; /* of a test run: waits pass so many times as fast; 0 or 1: as written */
	bool is_forgotten; /* re-entry does not count it */
	const char *data;  /* of the event that enrolled: a JSON object; NULL: none */
	uint32_t depth;    /* how many enrollments caused one another up to this one */
	uint64_t created_by;
	int64_t created_at, ended_at;
};

/* enrollment_wake_at - when a wait that was written to end at `at` is over for this enrollment: sooner in a test run
 * whose waits are compressed. Every wait and time-out of a step goes through it; due and expires of a task do not, since
 * a person needs their time. */
int64_t enrollment_wake_at(const struct enrollment *enrollment, int64_t now,
			   int64_t at);

/* --- tasks --------------------------------------------------------------------------------------------------- */

enum task_origin {
	TASK_FROM_WORKFLOW,
	TASK_FROM_API,
	TASK_FROM_INBOUND,
	TASK_FROM_OPT_OUT, /* model/confirmation.h */
};

const char *task_origin_name(enum task_origin origin);

struct task {
	uint64_t id;
	enum task_origin origin;
	uint64_t enrollment_id; /* 0: made by another program */
	const char *workflow_id;
	uint32_t workflow_version;
	const char *step_id;
	uint32_t visit;
	uint64_t contact_id;
	const char *name;
	/* as rendered for nobody in particular: user.* are holes until somebody opens it */
	const char *text;
	uint64_t assignee_id, team_id;
	enum task_state state;
	/* what it returns to: TASK_PENDING or TASK_SNOOZED */
	enum task_state held_below;
	unsigned priority; /* 0..9: higher ones come first */
	int64_t due_at, expires_at, snoozed_until;
	uint64_t message_id; /* the text it sent last */
	/* why its text needs a person: "refused", "uncertain", … */
	const char *attention;
	const char *end_reason;
	const char *why;     /* one line: step, rule, skipped users */
	uint64_t opening_id; /* of the recipient's sending hours; when it is made */
	bool is_test, moves_workflow; /* the second: its end moves the enrollment */
	bool follows_owner;  /* goes with the contact's owner while it is open */
	uint64_t consent_id; /* the opt-out that it confirms; 0: none */
	bool is_locked;      /* its text goes as it was rendered, or not at all */
	int64_t exit_at; /* skipped, but may be undone until then: only then the workflow moves */
	int64_t created_at, ended_at;
	uint32_t revision;
};

/* what becomes of the task when its holder leaves without acting */
enum lease_origin {
	LEASE_OF_OWN,    /* stays with its assignee */
	LEASE_FROM_POOL, /* goes back to the pool */
	LEASE_GIVEN_BACK, /* has gone back; its holder may still send, as long as nobody took it */
};

struct lease {
	uint64_t card_id; /* the task, or the contact of a free reply */
	uint64_t user_id;
	uint64_t credential_id;
	uint64_t fence; /* rises with each new holder */
	int64_t taken_at, expires_at;
	int64_t keyed_at; /* its holder did something: opened, typed */
	enum lease_origin origin;
};

/* What a person was shown, minted when the card opened; see vision rule 2. */
struct receipt {
	uint64_t id;
	const char *secret;
	uint64_t task_id, contact_id, user_id, credential_id, fence;
	int64_t minted_at;
	const char *recipient, *sender, *smsc;
	uint64_t thread_head_id, assignee_id;
	uint32_t consent_revision, workflow_version;
	uint64_t owner_id;                         /* of the contact */
	const char *offered_text, *shown_messages; /* ids, comma separated */
	/* what the workflow offered; NULL: that was offered_text */
	const char *rendered_text;
	int64_t used_at;
	uint64_t message_id;
	bool is_void; /* re-opened since: a newer one stands */
};

struct draft {
	uint64_t card_id, user_id; /* as of a lease */
	const char *text;
	const char *base;   /* what was offered when it was begun; NULL: not known */
	int64_t updated_at; /* its version too: each save is later than the one before */
};

/* --- messages ------------------------------------------------------------------------------------------------ */

/* what an unclear text was found to mean */
enum consent_verdict { VERDICT_OPEN, VERDICT_STOP, VERDICT_NOT_STOP };

struct message {
	uint64_t id;
	bool is_inbound;
	uint64_t contact_id, task_id, receipt_id;
	const char *number; /* the handset: E.164, or as the gateway gave it */
	/* our side: from of an outbound text, to of an inbound one */
	const char *own_number;
	const char *smsc, *text;
	uint32_t segments;
	bool is_unicode, is_test;
	enum message_state state;
	const char *detail; /* the gateway's or SMSC's words, or why it was withdrawn */
	uint64_t sent_by;
	int64_t created_at; /* approval, or arrival */
	int64_t state_at;
	/* given when it was marked for the gateway, the last time: texts in above it came later. 0: never */
	uint64_t handed_id;
	int64_t not_before; /* undo window: not handed over earlier */
	int64_t approval_until, valid_until;
	const char *event_id; /* inbound: the gateway's id of the event */
	uint64_t resolved_by;
	const char *evidence;
	enum consent_said said; /* inbound: what it says of consent */
	enum consent_verdict verdict;
	bool is_shared; /* inbound: several contacts had the number, and this one was texted last */
	bool is_edited; /* of a task: another text than its workflow, or who made it, offered */
};

/* --- credentials --------------------------------------------------------------------------------------------- */

enum token_kind { TOKEN_SERVICE, TOKEN_PERSONAL };

struct token {
	uint64_t id;
	enum token_kind kind;
	const char *name;
	uint64_t user_id; /* personal: whose */
	unsigned scopes;  /* enum scope */
	int64_t created_at, expires_at, revoked_at;
	uint64_t created_by;
};

struct session {
	uint64_t id, user_id;
	const char *csrf;
	int64_t created_at, expires_at, seen_at;
};

#endif
