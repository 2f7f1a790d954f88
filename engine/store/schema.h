/* schema.h - the numbered steps from an empty database to the present one.
 *
 * A step is a file schema_NNN.sql, carried in the program. Steps go forward only and are never edited once released.
 * Each runs in a transaction of its own together with the version it leads to, so a stop at any moment leaves a whole
 * schema of some version. The way back is the copy that is made before the first step: DATABASE.schema-N.
 *
 * Thread: the one that opens the store.
 */
#ifndef HB_STORE_SCHEMA_H
#define HB_STORE_SCHEMA_H

#include "base/err.h"
#include "store/driver.h"

struct schema {
	const char *const *steps; /* steps[0] leads to version 1 */
	unsigned count;
};

/* schema_present - the steps of this program: STORE_SCHEMA_VERSION of them. */
extern const struct schema schema_present;

/* schema_bring - checks the version of the database behind the writer db, and brings it up when mode allows: an empty
 * one in STORE_SERVE, an older one in STORE_MIGRATE. ERR_SCHEMA otherwise, with a sentence. */
enum err schema_bring(struct db *db, const struct schema *schema, const char *database,
		      enum store_open_mode mode, char **why_out) MUST_CHECK;

#endif
