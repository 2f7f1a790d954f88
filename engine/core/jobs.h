/* jobs.h - what is too much for one command: counted first, then worked off by the scheduler in bounded steps, through
 * restarts too.
 *
 *	struct bulk_enroll *cmd = API_CALL(req, struct bulk_enroll);
 *	err = store_read(store, bulk_enroll_count, counted, cmd);	cmd->bulk.count, and the answer of a dry run
 *	err = store_write(store, bulk_enroll_start, started, cmd);	202 with the job
 *
 * A dry run answers {count, sample}: the first few. The real call may say what it expects (ERR_COUNT_DIFFERS otherwise);
 * what comes to fit the filter after the count is left out. A filter that names nothing means everybody, so it must say
 * what it expects.
 *
 * The job: {id, kind, state, done, total, results, detail, created_at, ended_at}; state running, done, failed; results
 * counts the outcomes by name. It acts as whoever asked for it.
 *
 * Commands are store_write_fn, queries store_read_fn (call.h).
 */
#ifndef HB_CORE_JOBS_H
#define HB_CORE_JOBS_H

#include "core/contacts.h"
#include "core/enroll.h"
#include "core/tasks.h"

enum { BULK_SAMPLE = 10, JOB_KEPT_DAYS = 30 };

/* What all of them share. */
struct bulk {
	const char *workflow_id;
	int64_t expect;   /* -1: not said */
	bool is_dry_run;  /* only counted */
	int64_t count;    /* out */
	uint64_t from_id; /* out: what is newer was not counted */
};

/* bulk_enroll - the contacts of a filter into a workflow. */
struct bulk_enroll {
	struct contact_list list; /* first: its call stands for all */
	struct bulk bulk;
	struct enroll_test test;
	struct contact_filter filter; /* out, of the count */
};
enum err bulk_enroll_count(struct snapshot *snap, void *arg);
enum err bulk_enroll_start(struct txn *txn, void *arg);

/* bulk_remove - enrollments of a workflow end, with the reason; forget: re-entry does not count them any more, and those
 * that have ended are meant too. */
struct bulk_remove {
	struct call call;
	struct bulk bulk;
	const char *step_id, *tag; /* where it stands; of the contact; NULL: any */
	uint64_t contact_id;       /* 0: any */
	uint32_t version;          /* 0: any */
	/* bit per enum enrollment_state; 0: those that go on, with forget all */
	unsigned states;
	bool test; /* test runs, and only they */
	bool forgets;
	const char *reason;
};
enum err bulk_remove_count(struct snapshot *snap, void *arg);
enum err bulk_remove_start(struct txn *txn, void *arg);

/* bulk_tasks - skip, reassign, cancel or snooze many: those named by ids, or the open ones that a filter finds; of agents,
 * only what they may act on. Each one by itself, by the rules of that act: what is refused then is counted by its code.
 * A few are done at once (200, with the job as it ended). There is no such way to send. */
enum bulk_action {
	BULK_SKIP,
	BULK_REASSIGN,
	BULK_CANCEL,
	BULK_SNOOZE,
	BULK_ACTION_COUNT
};
struct bulk_tasks {
	struct call call;
	struct bulk bulk;
	enum bulk_action action;
	const uint64_t *ids; /* NULL: the filter */
	size_t id_count;
	struct task_filter filter;
	struct who whose; /* of the filter */
	const char *reason;
	struct who assignee; /* reassign */
	int64_t until;       /* snooze */
	bool until_hours;    /* snooze each until its recipient's sending hours open */
	bool undo;           /* skip */
};
enum err bulk_tasks_count(struct snapshot *snap, void *arg);
enum err bulk_tasks_start(struct txn *txn, void *arg);

/* job_get - of those that an answer named. */
struct job_get {
	struct call call;
	uint64_t id;
};
enum err job_get(struct snapshot *snap, void *arg);

/* job_step - a step of the oldest job; run it until is_done. For the scheduler. */
enum {
	JOB_ENROLL_STEP = ENROLL_PART_MOST,
	JOB_REMOVE_STEP = 50,
	JOB_ERASE_STEP = 50,
	JOB_TASKS_STEP = 50,
	JOB_MIGRATE_STEP = 50
};
struct job_step {
	bool is_done;
};
enum err job_step(struct txn *txn, void *arg) MUST_CHECK;

#endif
