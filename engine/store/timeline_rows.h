/* timeline_rows.h - everything that happened with a contact, newest first, drawn from the rows that are there anyway.
 *
 * Each entry has a place in time: the id of its row, or, for what has only an instant (an end, a tag), the last id that
 * could have been given at it. Several entries may share such a place.
 */
#ifndef HB_STORE_TIMELINE_ROWS_H
#define HB_STORE_TIMELINE_ROWS_H

#include "base/mem.h"
#include "model/records.h"
#include "store/contact_rows.h"
#include "store/store.h"

enum timeline_kind {
	TIMELINE_MESSAGE,
	TIMELINE_NOTE,
	TIMELINE_TASK_CREATED,
	TIMELINE_TASK_ENDED,
	TIMELINE_ENROLLED,
	TIMELINE_ENROLLMENT_ENDED,
	TIMELINE_CONSENT,
	TIMELINE_TAG_ADDED,
	TIMELINE_KIND_COUNT
};

struct timeline_row {
	uint64_t place;
	enum timeline_kind kind;
	uint64_t ref; /* of the row it comes from; 0: a tag */
	int64_t at;
	const char *tag;
};

struct timeline_filter {
	const struct contact *contact;
	uint64_t until_place; /* that place and older ones; 0: from the newest */
	size_t limit;
};

enum err timeline_rows_page(struct db *db, struct arena *arena,
			    const struct timeline_filter *filter,
			    struct timeline_row **rows_out,
			    size_t *count_out) MUST_CHECK;

/* timeline_rows_consent - one change of consent. */
enum err timeline_rows_consent(struct db *db, struct arena *arena, uint64_t id,
			       struct consent_row *row_out) MUST_CHECK;

#endif
