/* workflows.h - workflows are saved, published, taken back, looked at.
 *
 *	struct workflow_save *cmd = API_CALL(req, struct workflow_save);
 *	workflow_parse_options(core, &options);
 *	err = workflow_parse(xml, len, &options, &cmd->plan, &cmd->report);	on a pool thread: it may take long
 *	api_write(req, workflow_save, &cmd->call);
 *
 * A workflow has a draft, which is its newest version, and may have a published version, which enrolls. Each save that
 * differs makes a new version; versions never change. Enrollments stay on the version they began with, until somebody
 * moves them (migrate.h).
 *
 * One that came from a file belongs to the file (ERR_FILE_MANAGED for saving and deleting) until it is adopted; it may
 * be published and unpublished all the same, and an unpublish by hand sticks until a publish by hand.
 *
 * Every answer that is a workflow: {id, name, source, file, state, draft_version, published_version, created_at,
 * updated_at, warnings}; lists leave the warnings out. Errors of a plan: ERR_INVALID_WORKFLOW with `errors` and
 * `warnings`, each [{line, column, step, code, message}].
 *
 * Commands are store_write_fn, queries store_read_fn (call.h).
 */
#ifndef HB_CORE_WORKFLOWS_H
#define HB_CORE_WORKFLOWS_H

#include "core/call.h"
#include "core/core.h"
#include "workflow/parse.h"

enum { WORKFLOW_NOTE_CHARS = 500, WORKFLOW_NAME_CHARS = 120 };

/* workflow_parse_options - how texts are counted, by the policy in force. Any thread. */
void workflow_parse_options(struct core *core, struct workflow_options *options_out);

/* the revisions one of which must be the present one: ERR_PRECONDITION */
struct workflow_match {
	const char *const *tags; /* revisions as text, count of them */
	size_t count;
	bool is_given; /* false: any revision */
};

/* workflow_save - the plan becomes the draft; one that equals the draft changes nothing. 201: the workflow is new. */
struct workflow_save {
	struct call call;
	struct plan *plan;             /* borrowed */
	struct workflow_report report; /* of its parsing; the database adds to it */
	const char *id; /* PUT: must be the plan's. NULL: a new one; ERR_EXISTS */
	struct workflow_match match;
};
enum err workflow_save(struct txn *txn, void *arg);

/* workflow_refuse - refuses with all that the report has to say. */
enum err workflow_refuse(struct call *call, struct workflow_report *report) MUST_CHECK;

/* workflow_create - an empty draft; its id is made from the name: "New lead!" becomes new-lead, or new-lead-2. */
struct workflow_create {
	struct call call;
	const char *name; /* not blank */
};
enum err workflow_create(struct txn *txn, void *arg);

/* workflow_get - the workflow, or its text when wants_xml: of a version, 0: of the draft. */
struct workflow_get {
	struct call call;
	const char *id;
	bool wants_xml;
	uint32_t version;
};
enum err workflow_get(struct snapshot *snap, void *arg);

/* workflow_list - by id: {"items": […], "next": cursor}. */
struct workflow_list {
	struct call call;
	const char *cursor; /* NULL: from the first */
	size_t limit;
};
enum err workflow_list(struct snapshot *snap, void *arg);

/* workflow_versions - newest first:
 * {"items": [{version, name, created_at, created_by, published_at, note, running}], "next"}; running: the enrollments that
 * go on by this version, test runs left out. */
struct workflow_versions {
	struct call call;
	const char *id, *cursor;
	size_t limit;
};
enum err workflow_versions(struct snapshot *snap, void *arg);

/* workflow_compare - what differs between two versions, in words: {workflow, from, to, changes: [{change, element, step,
 * what, from, to, text, enrollments?}], running {enrollments, on_vanished_steps}, running_on: [{version,
 * enrollments}], summary}. from 0: the published one; to 0: the draft. */
struct workflow_compare {
	struct call call;
	const char *id;
	uint32_t from, to;
};
enum err workflow_compare(struct snapshot *snap, void *arg);

/* workflow_delete - ERR_BAD_STATE while it is published or enrollments run. Versions and journal stay. */
struct workflow_delete {
	struct call call;
	const char *id;
};
enum err workflow_delete(struct txn *txn, void *arg);

/* workflow_adopt - it belongs to the API from now on; the file is ignored. Again: nothing changes. */
struct workflow_adopt {
	struct call call;
	const char *id;
};
enum err workflow_adopt(struct txn *txn, void *arg);

/* workflow_publish - version 0: the draft. An older version comes back as a new one equal to it. What holds its tasks
 * because it was unpublished is taken away. Names are checked again: users may have left meanwhile. */
struct workflow_publish {
	struct call call;
	const char *id;
	uint32_t version;
	const char *note; /* NULL: none */
};
enum err workflow_publish(struct txn *txn, void *arg);

/* workflow_unpublish - it enrolls no more. Its open tasks are held, kept, or cancelled, the latter in steps: while
 * `more` is set afterwards the same command is to be run again; all is on hold until the last step. */
enum pending_tasks { PENDING_HOLD, PENDING_KEEP, PENDING_CANCEL };
struct workflow_unpublish {
	struct call call;
	const char *id;
	enum pending_tasks pending;
	bool more; /* out */
};
enum err workflow_unpublish(struct txn *txn, void *arg);

#endif
