/* trigger_rows.h - which workflows listen for what; what happened and is not worked off yet; when dates fall due.
 *
 * Kinds are those of the plan (enum trigger_kind), which the store does not know. Strings come from arena.
 */
#ifndef HB_STORE_TRIGGER_ROWS_H
#define HB_STORE_TRIGGER_ROWS_H

#include "base/mem.h"
#include "store/store.h"

/* --- who listens --- */

enum err trigger_rows_clear(struct db *db, const char *workflow_id) MUST_CHECK;

/* trigger_rows_add - twice the same is once. */
enum err trigger_rows_add(struct db *db, int kind, const char *name,
			  const char *workflow_id) MUST_CHECK;

/* trigger_rows_is_heard - does anybody listen for name, or for any (""), of that kind? */
enum err trigger_rows_is_heard(struct db *db, int kind, const char *name,
			       bool *is_heard_out) MUST_CHECK;

/* trigger_rows_has - does the workflow listen for anything of that kind? */
enum err trigger_rows_has(struct db *db, const char *workflow_id, int kind,
			  bool *has_out) MUST_CHECK;

/* trigger_rows_listening - the first workflow behind `after` that listens for name, or for any. ERR_NOT_FOUND: none. */
enum err trigger_rows_listening(struct db *db, struct arena *arena, int kind,
				const char *name, const char *after,
				const char **workflow_out) MUST_CHECK;

/* --- what happened --- */

struct occurrence {
	uint64_t id;
	int kind;
	const char *name;
	uint64_t contact_id;
	int64_t at;
	const char *actor;      /* who did it */
	uint64_t user_id;       /* 0: no user */
	uint64_t enrollment_id; /* whose step did it; 0: none */
	uint32_t depth;         /* of an enrollment that comes of it */
	bool is_import, is_test;
	uint64_t message_id;
	const char *detail;         /* JSON members for the journal */
	const char *data;           /* of an event: a JSON object, or NULL */
	const char *after_workflow; /* the last that was asked; "": none yet */
};

enum err occurrence_rows_add(struct db *db,
			     const struct occurrence *occurrence) MUST_CHECK;

/* occurrence_rows_first - the oldest. ERR_NOT_FOUND: none. */
enum err occurrence_rows_first(struct db *db, struct arena *arena,
			       struct occurrence *out) MUST_CHECK;
enum err occurrence_rows_asked(struct db *db, uint64_t id,
			       const char *workflow_id) MUST_CHECK;
enum err occurrence_rows_delete(struct db *db, uint64_t id) MUST_CHECK;

/* occurrence_rows_count - counted up to most. */
enum err occurrence_rows_count(struct db *db, size_t most,
			       size_t *count_out) MUST_CHECK;

/* --- dates --- */

struct planned_date {
	uint64_t contact_id;
	const char *workflow_id, *rule, *value;
	uint32_t version;
	int64_t fires_at; /* 0: it is over */
};

/* date_rows_plan - anew, or again: the same value that is over stays so, and one that has come but did not fire yet
 * keeps its time when the new one is over. */
enum err date_rows_plan(struct db *db, const struct planned_date *date) MUST_CHECK;

/* date_rows_move - when it falls due; 0: it is over. */
enum err date_rows_move(struct db *db, const struct planned_date *date,
			int64_t fires_at) MUST_CHECK;
enum err date_rows_delete(struct db *db, const struct planned_date *date) MUST_CHECK;

/* date_rows_load - ERR_NOT_FOUND. */
enum err date_rows_load(struct db *db, struct arena *arena, uint64_t contact_id,
			const char *workflow_id, const char *rule,
			struct planned_date *out) MUST_CHECK;

/* date_rows_drop_former - of the contact and workflow what another version than this planned last. */
enum err date_rows_drop_former(struct db *db, uint64_t contact_id,
			       const char *workflow_id, uint32_t version) MUST_CHECK;

/* date_rows_drop_contact - all that is planned for it; at most limit rows. */
enum err date_rows_drop_contact(struct db *db, uint64_t contact_id,
				size_t limit) MUST_CHECK;

/* date_rows_workflow_behind - the first workflow behind `after` that planned something for the contact. ERR_NOT_FOUND */
enum err date_rows_workflow_behind(struct db *db, struct arena *arena,
				   uint64_t contact_id, const char *after,
				   const char **workflow_out) MUST_CHECK;

/* date_rows_due - later than after and no later than until, the earliest first; at most limit. */
struct date_due {
	int64_t after, until;
	size_t limit;
};
enum err date_rows_due(struct db *db, struct arena *arena, const struct date_due *due,
		       struct planned_date **dates_out, size_t *count_out) MUST_CHECK;
enum err date_rows_next(struct db *db, int64_t after, int64_t *at_out) MUST_CHECK;

#endif
