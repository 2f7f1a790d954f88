/* meta_rows.h - single values about the database itself: instance id, id high-water mark, switches.
 *
 *	char *value;
 *	enum err err = meta_rows_get(db, arena, META_RESTORED_COPY, &value);
 *
 * Thread: writer or reader, inside a unit.
 */
#ifndef HB_STORE_META_ROWS_H
#define HB_STORE_META_ROWS_H

#include "base/err.h"
#include "base/mem.h"
#include "store/sql.h"

#define META_ID_HIGH_WATER \
	"id_high_water" /* no id given out is above it; the store's own */
#define META_RESTORED_COPY \
	"restored_copy" /* this is a copy: UTC ms of its making, until `handbox resume --restored` */

/* meta_rows_get - the value, in arena. ERR_NOT_FOUND: there is none. */
enum err meta_rows_get(struct db *db, struct arena *arena, const char *key,
		       char **value_out) MUST_CHECK;

/* meta_rows_set - NULL removes the key. */
enum err meta_rows_set(struct db *db, const char *key, const char *value) MUST_CHECK;

#endif
