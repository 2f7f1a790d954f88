/* digest_rows.h - who gets e-mails about their queue, when the next one is thought of, and what there is to tell. */
#ifndef HB_STORE_DIGEST_ROWS_H
#define HB_STORE_DIGEST_ROWS_H

#include "base/mem.h"
#include "store/store.h"

/* A row for each user who wants them. */
struct digest_row {
	uint64_t user_id;
	int64_t due_at; /* UTC ms */
	/* what has a higher id was not told yet (ids rise over all tables) */
	uint64_t told_id;
};

enum err digest_rows_put(struct db *db, const struct digest_row *row) MUST_CHECK;
enum err digest_rows_delete(struct db *db, uint64_t user_id) MUST_CHECK;

/* digest_rows_first - the first that falls due. ERR_NOT_FOUND: nobody wants any. */
enum err digest_rows_first(struct db *db, struct digest_row *row_out) MUST_CHECK;

/* digest_rows_is_at_work - has a session of theirs been used, or a card of theirs been touched, since that instant? */
enum err digest_rows_is_at_work(struct db *db, uint64_t user_id, int64_t since,
				bool *is_out) MUST_CHECK;

/* Their pending tasks, the most urgent DIGEST_TASKS_MOST of them; those of tests do not count. */
enum { DIGEST_TASKS_MOST = 1000 };
struct digest_tasks {
	int64_t open, fresh;   /* fresh: with an id above told_id */
	int64_t overdue, late; /* late: overdue since `since` */
	int64_t soon;          /* due before `soon_until` */
};
struct digest_window {
	uint64_t told_id;
	int64_t since, now, soon_until;
};
enum err digest_rows_tasks(struct db *db, uint64_t user_id,
			   const struct digest_window *window,
			   struct digest_tasks *tasks_out) MUST_CHECK;

#endif
