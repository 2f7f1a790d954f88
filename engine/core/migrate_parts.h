/* migrate_parts.h - what the files behind migrate.h share; for core/migrate*.c only. migrate_step.c moves enrollments,
 * migrate_task.c their tasks. */
#ifndef HB_CORE_MIGRATE_PARTS_H
#define HB_CORE_MIGRATE_PARTS_H

#include "core/job_parts.h"
#include "workflow/migration.h"

/* One step of the job. */
struct moving {
	struct txn *txn;
	struct arena *arena;
	struct plan *from, *to;
	uint32_t from_version, to_version;
	struct migration migration;
	struct actor actor;
	const char *reason; /* NULL: none was given */
	bool refreshes;
	unsigned rows; /* written so far, about */
};

/* A mapped step under another id, as the enrollment at hand came to it. */
struct renamed {
	const struct step_move *move;
	uint32_t visits; /* of the old step */
	uint32_t base;   /* of the new one, before these */
};

struct renames {
	struct renamed *list;
	size_t count;
};

/* migrate_tasks - the enrollment's tasks follow it to the new version. */
enum err migrate_tasks(struct moving *moving, const struct enrollment *run,
		       const struct renames *renames) MUST_CHECK;

/* migrate_write_map - as lines of a job. */
void migrate_write_map(struct buf *lines, const struct step_mapping *maps,
		       size_t count);

#endif
