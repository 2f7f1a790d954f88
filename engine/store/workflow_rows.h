/* workflow_rows.h - workflows and their versions, enrollments, step visits, rotations, the journal.
 *
 * Functions that load give ERR_NOT_FOUND when there is none; strings come from arena. A function that takes a struct db
 * runs wherever that db is: in a write or in a read.
 *
 * The statements stand in workflow_rows.c (workflows, versions), enrollment_rows.c (enrollments, visits, rotations) and
 * journal_rows.c (the journal, and what was not enrolled).
 */
#ifndef HB_STORE_WORKFLOW_ROWS_H
#define HB_STORE_WORKFLOW_ROWS_H

#include "base/mem.h"
#include "model/records.h"
#include "model/rules.h"
#include "store/store.h"

/* --- workflows --- */

/* workflow_rows_load - a deleted one is not there. */
enum err workflow_rows_load(struct db *db, struct arena *arena, const char *id,
			    struct workflow *out) MUST_CHECK;

/* workflow_rows_insert - ERR_DUPLICATE: the id is taken. One that was deleted comes back under its id; its versions are
 * still there, so the caller numbers on from version_rows_newest(). */
enum err workflow_rows_insert(struct db *db,
			      const struct workflow *workflow) MUST_CHECK;
enum err workflow_rows_save(struct db *db, const struct workflow *workflow) MUST_CHECK;

/* workflow_rows_delete - out of all lists; versions stay for the enrollments that ran on them. */
enum err workflow_rows_delete(struct db *db, const char *id, int64_t now) MUST_CHECK;

typedef void workflow_row_fn(void *arg, const struct workflow *workflow);

/* workflow_rows_page - calls each in the order of ids, behind after_id (NULL: from the first), at most limit times. */
enum err workflow_rows_page(struct db *db, const char *after_id, size_t limit,
			    workflow_row_fn *each, void *arg) MUST_CHECK;

/* --- versions --- */

enum err version_rows_load(struct db *db, struct arena *arena, const char *workflow_id,
			   uint32_t version, struct workflow_version *out) MUST_CHECK;

/* version_rows_newest - the highest number given out, also to a deleted workflow of that id; 0: none. */
enum err version_rows_newest(struct db *db, const char *workflow_id,
			     uint32_t *version_out) MUST_CHECK;
enum err version_rows_insert(struct db *db,
			     const struct workflow_version *version) MUST_CHECK;

/* version_rows_set_published - at, and the note of whoever did it; note NULL keeps the one that is there. */
enum err version_rows_set_published(struct db *db, const char *workflow_id,
				    uint32_t version, int64_t at,
				    const char *note) MUST_CHECK;

typedef void
version_row_fn(void *arg,
	       const struct workflow_version *version); /* without xml: NULL */

/* version_rows_page - newest first, below before (0: from the newest), at most limit. */
enum err version_rows_page(struct db *db, const char *workflow_id, uint32_t before,
			   size_t limit, version_row_fn *each, void *arg) MUST_CHECK;

/* --- enrollments --- */

enum err enrollment_rows_load(struct db *db, struct arena *arena, uint64_t id,
			      struct enrollment *out) MUST_CHECK;
enum err enrollment_rows_insert(struct db *db,
				const struct enrollment *enrollment) MUST_CHECK;
enum err enrollment_rows_save(struct db *db,
			      const struct enrollment *enrollment) MUST_CHECK;

/* enrollment_rows_latest - the contact's last run through the workflow, one that still goes on before those that ended;
 * test runs apart, forgotten ones left out. ERR_NOT_FOUND: never. */
enum err enrollment_rows_latest(struct db *db, struct arena *arena,
				const char *workflow_id, uint64_t contact_id,
				bool is_test, struct enrollment *out) MUST_CHECK;

/* enrollment_rows_count_since - enrollments of a contact made after that id, in all workflows, counted up to cap. */
enum err enrollment_rows_count_since(struct db *db, uint64_t contact_id,
				     uint64_t after_id, int64_t cap,
				     int64_t *count_out) MUST_CHECK;

/* enrollment_rows_open_of - ids of a workflow's enrollments that go on, those on the oldest version first; at most limit. */
enum err enrollment_rows_open_of(struct db *db, struct arena *arena,
				 const char *workflow_id, size_t limit,
				 uint64_t **ids_out, size_t *count_out) MUST_CHECK;

/* enrollment_rows_with_tasks - ids of a workflow's enrollments, ended ones too, that have open tasks; at most limit. */
enum err enrollment_rows_with_tasks(struct db *db, struct arena *arena,
				    const char *workflow_id, size_t limit,
				    uint64_t **ids_out, size_t *count_out) MUST_CHECK;

struct enrollment_filter {
	const char *workflow_id; /* NULL: any */
	uint64_t contact_id;     /* 0: any */
	unsigned states;         /* bit per enum enrollment_state; 0: all */
	bool test;               /* test runs, and only they; false: none */
	const char *step_id;     /* where it stands; NULL: anywhere */
	uint32_t version;        /* 0: any */
	const char *tag;         /* of the contact; NULL: any */
	bool is_remembered;      /* only those that re-entry counts */
	uint64_t before_id;      /* newest first: below this one; 0: from the newest */
	size_t limit;
};

/* An enrollment with what is shown of its contact; borrowed until the callback returns. */
struct enrollment_item {
	struct enrollment enrollment;
	const char *contact_first_name, *contact_last_name, *contact_e164;
};

typedef void enrollment_item_fn(void *arg, const struct enrollment_item *item);

enum err enrollment_rows_page(struct db *db, const struct enrollment_filter *filter,
			      enrollment_item_fn *each, void *arg) MUST_CHECK;

/* enrollment_rows_count - how many the filter finds, whatever its limit. */
enum err enrollment_rows_count(struct db *db, const struct enrollment_filter *filter,
			       int64_t *count_out) MUST_CHECK;

/* enrollment_rows_forget - re-entry does not count it any more. */
enum err enrollment_rows_forget(struct db *db, uint64_t id) MUST_CHECK;
enum err enrollment_rows_item(struct db *db, uint64_t id, enrollment_item_fn *each,
			      void *arg) MUST_CHECK;

/* enrollment_rows_open_of_contact - ids of the runs that have not ended, test runs too, oldest first; at most limit. */
enum err enrollment_rows_open_of_contact(struct db *db, struct arena *arena,
					 uint64_t contact_id, size_t limit,
					 uint64_t **ids_out,
					 size_t *count_out) MUST_CHECK;

/* enrollment_rows_open_behind - the same, above after_id. */
struct enrollment_place {
	uint64_t contact_id, after_id;
};
enum err enrollment_rows_open_behind(struct db *db, struct arena *arena,
				     const struct enrollment_place *place, size_t limit,
				     uint64_t **ids_out, size_t *count_out) MUST_CHECK;

/* enrollment_rows_held_of - those of a workflow that are held, oldest first; at most limit. */
enum err enrollment_rows_held_of(struct db *db, struct arena *arena,
				 const char *workflow_id, size_t limit,
				 uint64_t **ids_out, size_t *count_out) MUST_CHECK;

/* enrollment_rows_due - whose wait ended after `after` and no later than `until`, the earliest first; at most limit. */
struct enrollment_due {
	int64_t after, until; /* UTC ms */
	size_t limit;
};
enum err enrollment_rows_due(struct db *db, struct arena *arena,
			     const struct enrollment_due *due,
			     struct enrollment **enrollments_out,
			     size_t *count_out) MUST_CHECK;

/* enrollment_rows_after - all of them behind that id, in the order of ids; at most limit. */
enum err enrollment_rows_after(struct db *db, struct arena *arena, uint64_t after_id,
			       size_t limit, struct enrollment **enrollments_out,
			       size_t *count_out) MUST_CHECK;

/* enrollment_rows_next_due - the earliest end of a wait after that instant, 0: none. */
enum err enrollment_rows_next_due(struct db *db, int64_t after,
				  int64_t *at_out) MUST_CHECK;

/* visit_rows_count_up - one more visit of the step; the number of this one, from 1. */
enum err visit_rows_count_up(struct db *db, uint64_t enrollment_id, const char *step_id,
			     uint32_t *visit_out) MUST_CHECK;

/* How many of a workflow's last enrollments came to a step, how many stand there, how many ended there before their
 * time. */
struct step_count {
	const char *step_id;
	int64_t reached, waiting, stopped;
};

/* visit_rows_step_counts - over the newest `most` enrollments, test runs left out; by step, in no order. */
enum err visit_rows_step_counts(struct db *db, struct arena *arena,
				const char *workflow_id, int64_t most,
				struct step_count **counts_out,
				size_t *count_out) MUST_CHECK;

/* enrollment_rows_standing - how many stand at each step now (waiting; test runs left out), by step; "" for those that
 * stand nowhere yet. */
enum err enrollment_rows_standing(struct db *db, struct arena *arena,
				  const char *workflow_id,
				  struct step_count **counts_out,
				  size_t *count_out) MUST_CHECK;

/* enrollment_rows_totals - of the same: how many there are, and how many came to the end. */
enum err enrollment_rows_totals(struct db *db, const char *workflow_id, int64_t most,
				int64_t *entered_out,
				int64_t *completed_out) MUST_CHECK;

/* rotation_rows_load - fills the credit of each turn (0 when none is kept); the caller set user_id. */
enum err rotation_rows_load(struct db *db, const char *workflow_id, const char *step_id,
			    struct turn *turns, size_t count) MUST_CHECK;
enum err rotation_rows_save(struct db *db, const char *workflow_id, const char *step_id,
			    const struct turn *turns, size_t count) MUST_CHECK;

/* --- the journal --- */

/* journal_rows_add - detail is a JSON object. */
enum err journal_rows_add(struct db *db, uint64_t id, uint64_t enrollment_id,
			  int64_t at, const char *step_id, const char *kind,
			  const char *detail) MUST_CHECK;

struct journal_row {
	uint64_t id;
	int64_t at;
	const char *step_id, *kind;
	const char *detail; /* a JSON object */
};

typedef void
journal_row_fn(void *arg,
	       const struct journal_row *row); /* borrowed until it returns */

/* journal_rows_page - in the order of writing, behind after_id (0: from the first), at most limit. */
enum err journal_rows_page(struct db *db, uint64_t enrollment_id, uint64_t after_id,
			   size_t limit, journal_row_fn *each, void *arg) MUST_CHECK;

/* journal_rows_next - the detail of the first line of that kind behind after_id. ERR_NOT_FOUND. */
enum err journal_rows_next(struct db *db, struct arena *arena, uint64_t enrollment_id,
			   uint64_t after_id, const char *kind,
			   const char **detail_out) MUST_CHECK;

/* journal_rows_newest - the last `limit` lines, in the order of writing too. In arena; a line without a step has "". */
enum err journal_rows_newest(struct db *db, struct arena *arena, uint64_t enrollment_id,
			     size_t limit, struct journal_row **rows_out,
			     size_t *count_out) MUST_CHECK;

/* journal_rows_forget - lines older than that, at most limit; how many. not_enrolled_rows_forget likewise. */
enum err journal_rows_forget(struct db *db, int64_t before, size_t limit,
			     int64_t *count_out) MUST_CHECK;
enum err not_enrolled_rows_forget(struct db *db, int64_t before, size_t limit,
				  int64_t *count_out) MUST_CHECK;

struct not_enrolled {
	uint64_t id; /* of the last time */
	const char *cause, *outcome;
	const char *detail; /* a JSON object */
	int64_t at, times;
};

/* not_enrolled_rows_note - the last values and one more time. */
enum err not_enrolled_rows_note(struct db *db, const char *workflow_id,
				uint64_t contact_id,
				const struct not_enrolled *what) MUST_CHECK;

/* not_enrolled_rows_last - the most recent one of any cause. */
enum err not_enrolled_rows_last(struct db *db, struct arena *arena,
				const char *workflow_id, uint64_t contact_id,
				struct not_enrolled *out) MUST_CHECK;

#endif
