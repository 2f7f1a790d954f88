/* running_rows.h - the enrollments that run on one version of a workflow, test runs left out, and their change to another
 * version (core/migrate.h). */
#ifndef HB_STORE_RUNNING_ROWS_H
#define HB_STORE_RUNNING_ROWS_H

#include "base/mem.h"
#include "model/records.h"
#include "store/store.h"

struct running_of {
	const char *workflow_id;
	uint32_t version;
	uint64_t before_id; /* ids below this one */
};

/* running_rows_ids - newest first, at most limit. */
enum err running_rows_ids(struct db *db, struct arena *arena,
			  const struct running_of *of, size_t limit, uint64_t **ids_out,
			  size_t *count_out) MUST_CHECK;

/* running_rows_steps - how many stand at each step, and the highest id among them; in no order. "" for those that stand
 * nowhere. before_id is not looked at. */
struct running_step {
	const char *step_id;
	int64_t count;
	uint64_t newest_id;
};
enum { RUNNING_STEPS_MOST = 512 }; /* a workflow has fewer */
enum err running_rows_steps(struct db *db, struct arena *arena,
			    const struct running_of *of,
			    struct running_step **steps_out,
			    size_t *count_out) MUST_CHECK;

/* running_rows_count - how many they are; running_rows_tasks - how many open tasks of that version they have. before_id is
 * not looked at. */
enum err running_rows_count(struct db *db, const struct running_of *of,
			    int64_t *count_out) MUST_CHECK;
enum err running_rows_tasks(struct db *db, const struct running_of *of,
			    int64_t *count_out) MUST_CHECK;

/* running_rows_versions - how many run on each version of a workflow, newest version first; those with none are left out. */
enum { RUNNING_VERSIONS_MOST = 100 };
struct running_version {
	uint32_t version;
	int64_t count;
};
enum err running_rows_versions(struct db *db, struct arena *arena,
			       const char *workflow_id,
			       struct running_version **versions_out,
			       size_t *count_out) MUST_CHECK;

/* --- the change --------------------------------------------------------------------------------------------------- */

/* running_rows_move - its version, step_id, reason, wake_at and held_to. */
enum err running_rows_move(struct db *db,
			   const struct enrollment *enrollment) MUST_CHECK;

/* running_rows_movable - ids of its tasks that are open, or whose end moves it, the latter first; at most limit. */
enum err running_rows_movable(struct db *db, struct arena *arena,
			      uint64_t enrollment_id, size_t limit, uint64_t **ids_out,
			      size_t *count_out) MUST_CHECK;

/* running_rows_move_task - its workflow_version, step_id, visit and text. */
enum err running_rows_move_task(struct db *db, const struct task *task) MUST_CHECK;

/* running_rows_visits - how often it has been at the step, 0: never; running_rows_add_visits - so many more. */
enum err running_rows_visits(struct db *db, uint64_t enrollment_id, const char *step_id,
			     uint32_t *visits_out) MUST_CHECK;
enum err running_rows_add_visits(struct db *db, uint64_t enrollment_id,
				 const char *step_id, uint32_t visits) MUST_CHECK;

#endif
