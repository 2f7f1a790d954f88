/* enroll.h - contacts enter a workflow, one answer for each; enrollments are looked at and removed.
 *
 *	struct enroll *cmd = API_CALL(req, struct enroll);
 *	cmd->workflow_id = "new-lead";
 *	cmd->contact_ids = ids;
 *	cmd->count = 2;
 *	err = store_write(store, enroll_contacts, done, cmd);
 *
 * Enrolling runs the steps up to the first wait in the same transaction: when the answer is out, the task is there.
 * Whoever is not enrolled gets an outcome that says why, and it is kept (not_enrolled), for GET /why. Only published
 * workflows enroll; enrollments stay on the version they began with.
 *
 * Commands are store_write_fn, queries store_read_fn (call.h).
 */
#ifndef HB_CORE_ENROLL_H
#define HB_CORE_ENROLL_H

#include "core/call.h"
#include "model/records.h"

enum {
	ENROLL_PART_MOST =
		80, /* contacts of one command: each writes about ten rows, and no write has over 1,000 */
	ENROLL_COMPRESS_MOST = 1000000,
};

enum enroll_outcome {
	ENROLL_ENROLLED,
	ENROLL_ALREADY, /* one goes on, and the workflow takes one at a time, or one ever */
	ENROLL_ONCE_DONE, /* it takes one ever, and that has ended */
	ENROLL_OPTED_OUT,
	ENROLL_NOT_PUBLISHED,
	ENROLL_NOT_TEST_CONTACT, /* test runs only */
	ENROLL_UNKNOWN_CONTACT,
	ENROLL_TOO_MANY, /* of the contact within an hour, in all workflows (policy) */
	ENROLL_OUTCOME_COUNT
};

/* enroll_outcome_name - as in the API: "already_enrolled". */
const char *enroll_outcome_name(enum enroll_outcome outcome);

/* A test run: on the draft, published or not, and only for contacts marked test. Tests have re-entry and rotations of
 * their own, their tasks are marked, and their texts end in the sink (messages.h). */
struct enroll_test {
	bool is_on;
	uint32_t
		compress; /* waits pass so many times as fast, 1..ENROLL_COMPRESS_MOST; 0: as written */
};

/* enroll_contacts - the answer is what stands between the brackets of "results": {"contact", "outcome",
 * "enrollment"?}, … in the order asked; enrollment is the new one, or the one that is in the way. ERR_NOT_FOUND: no
 * such workflow. Refusals of single contacts are outcomes. */
struct enroll {
	struct call call;
	const char *workflow_id;
	const uint64_t *contact_ids;
	size_t count; /* 1..ENROLL_PART_MOST */
	struct enroll_test test;
};
enum err enroll_contacts(struct txn *txn, void *arg);

/* enroll_one - the same for one contact, from inside another command (an import). ERR_NOT_FOUND: no such workflow.
 * *enrollment_out is 0 when there is none to name. */
struct enrolling {
	const char *workflow_id;
	uint64_t contact_id;
};
enum err enroll_one(struct txn *txn, const struct actor *actor,
		    const struct enrolling *in, enum enroll_outcome *outcome_out,
		    uint64_t *enrollment_out) MUST_CHECK;

/* enroll_many - the same for up to ENROLL_PART_MOST of them; outcomes_out has one for each. ERR_NOT_FOUND: no such
 * workflow, and nothing was written. */
struct enroll_many {
	const char *workflow_id;
	const uint64_t *contact_ids;
	size_t count;
	struct enroll_test test;
};
enum err enroll_many(struct txn *txn, const struct actor *actor,
		     const struct enroll_many *in,
		     enum enroll_outcome *outcomes_out) MUST_CHECK;

/* enroll_triggered - the same for one contact whom a trigger of a published workflow brought (trigger.h), and who fits
 * its conditions. All of it is borrowed. */
struct enroll_triggered {
	const struct workflow *workflow;
	struct plan *plan; /* of its published version */
	struct contact *contact;
	const char *cause;   /* "tag-added lead" */
	const char *detail;  /* JSON members for the journal and for what is noted */
	uint64_t user_id;    /* who did what the trigger listens for; 0: no user */
	uint64_t message_id; /* the text that came, 0: none */
	const char *data;    /* of the event, or NULL */
	uint32_t depth;
	unsigned steps; /* out: how many were run */
};
enum err enroll_triggered(struct txn *txn, struct enroll_triggered *in,
			  enum enroll_outcome *outcome_out) MUST_CHECK;

/* enrollment_list - newest first: {"items": […], "next": cursor}. */
struct enrollment_list {
	struct call call;
	const char *workflow_id; /* NULL: any */
	uint64_t contact_id;     /* 0: any */
	unsigned states;         /* bit per enum enrollment_state; 0: all */
	bool test;               /* test runs, and only they */
	const char *cursor;      /* NULL: from the newest */
	size_t limit;
};
enum err enrollment_list(struct snapshot *snap, void *arg);

/* enrollment_get - {id, workflow, workflow_version, contact, state, position {step, since, reason} or null, data
 * (of the event that enrolled, or null), test, created_at, ended_at, end_reason}. */
struct enrollment_get {
	struct call call;
	uint64_t id;
};
enum err enrollment_get(struct snapshot *snap, void *arg);

/* enrollment_view - the same as a value. ERR_NOT_FOUND. */
enum err enrollment_view(struct db *db, uint64_t id, struct json *json) MUST_CHECK;

/* enrollment_journal - oldest first: {"items": [{id, at, step, version, kind, detail}], "next"}. */
struct enrollment_journal {
	struct call call;
	uint64_t id;
	const char *cursor;
	size_t limit;
};
enum err enrollment_journal(struct snapshot *snap, void *arg);

/* enrollment_remove - it ends here, with the reason; its open tasks are cancelled. The enrollment as the answer. One
 * that has ended: ERR_BAD_STATE. */
struct enrollment_remove {
	struct call call;
	uint64_t id;
	const char *reason; /* NULL: "removed by NAME" */
};
enum err enrollment_remove(struct txn *txn, void *arg);

#endif
