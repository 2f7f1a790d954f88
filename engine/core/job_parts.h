/* job_parts.h - what the files behind jobs.h share.
 *
 * Arguments and outcomes of a job are lines "name value": they are read by the program that wrote them, and by people.
 */
#ifndef HB_CORE_JOB_PARTS_H
#define HB_CORE_JOB_PARTS_H

#include "core/jobs.h"
#include "store/job_rows.h"

#define JOB_ENROLL  "enroll"
#define JOB_REMOVE  "remove_enrollments"
#define JOB_TASKS   "act_on_tasks"
#define JOB_ERASE   "erase_contact"
#define JOB_MIGRATE "migrate_enrollments"

/* job_line, job_line_int - one more line; text NULL: none. Line ends in it become blanks. */
void job_line(struct buf *lines, const char *name, const char *text);
void job_line_int(struct buf *lines, const char *name, int64_t number);

/* job_text - the value of the line, in the arena; NULL: there is none. job_int - 0: there is none. */
const char *job_text(struct arena *arena, const char *lines, const char *name);
int64_t job_int(struct arena *arena, const char *lines, const char *name);

/* job_count_up - one more of that outcome. */
void job_count_up(struct txn *txn, struct job_progress *job, const char *outcome);

/* job_actor - as whom it acts; job_line_actor wrote it down. */
void job_line_actor(struct buf *lines, const struct actor *actor);
struct actor job_actor(struct arena *arena, const char *lines);

/* job_begin - checks what was expected, leaves the job, answers 202; or does a small one at once, and answers 200. lines is
 * spent. job->outcomes: what is known of before, or NULL. */
enum err job_begin(struct txn *txn, struct call *call, const struct bulk *bulk,
		   struct job_progress *job, struct buf *lines) MUST_CHECK;

/* job_check_filter - a filter that names nothing, without an expected count: ERR_INVALID. */
enum err job_check_filter(struct call *call, const struct bulk *bulk,
			  bool is_empty) MUST_CHECK;

/* One step: sets done, position, outcomes, and state once it is through. */
enum err bulk_enroll_step(struct txn *txn, struct job_progress *job) MUST_CHECK;
enum err bulk_remove_step(struct txn *txn, struct job_progress *job) MUST_CHECK;
enum err bulk_tasks_step(struct txn *txn, struct job_progress *job) MUST_CHECK;
enum err workflow_migrate_step(struct txn *txn, struct job_progress *job) MUST_CHECK;
enum err contact_erase_step(struct txn *txn, struct job_progress *job) MUST_CHECK;

#endif
