/* thread_parts.h - what the files behind thread_rows.h share. */
#ifndef HB_STORE_THREAD_PARTS_H
#define HB_STORE_THREAD_PARTS_H

#include "store/sql.h"
#include "store/thread_rows.h"

#define THREAD_COLUMNS                                                             \
	"c.id, c.thread_head_id, c.thread_inbound_id, c.owner_id, c.is_test, "     \
	"r.read_id, coalesce(c.owner_id, c.texter_id, 0), c.first_name, "          \
	"c.last_name, c.phone, c.phone_e164, o.login, o.first_name, o.last_name, " \
	"c.texter_id, c.release_at, t.login, t.first_name, t.last_name"
enum { THREAD_COLUMN_COUNT = 19 };

/* ?1 is the reader */
#define THREAD_READS                                                           \
	" LEFT JOIN thread_reads r ON r.user_id = ?1 AND r.contact_id = c.id " \
	"LEFT JOIN users o ON o.id = c.owner_id "                              \
	"LEFT JOIN users t ON t.id = c.texter_id "

/* thread_row_read - its texts are the row's; thread_row_keep makes them the arena's. */
struct thread_row thread_row_read(const struct rows *rows, uint64_t reader_id);
void thread_row_keep(struct arena *arena, struct thread_row *row);

/* thread_row_fits - owner, unread, test and names; whose it is only when the query has not seen to it. */
bool thread_row_fits(const struct thread_filter *filter, const struct rows *rows,
		     const struct thread_row *row);

/* thread_is_listed - it has the words of filter->listed. */
enum err thread_is_listed(struct db *db, const struct thread_filter *filter,
			  uint64_t contact_id, bool *is_out) MUST_CHECK;

/* thread_row_is_among - it is one of filter->users'. */
bool thread_row_is_among(const struct thread_filter *filter, const struct rows *rows);

#endif
