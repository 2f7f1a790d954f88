/* schema.c - see schema.h */
#include "store/schema.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "engine/store/schema_sql.h"
#include "store/why.h"

enum { SCHEMA_WAIT_MS = 5000 };

static const char *const steps[] = {
	schema_001_sql,
};
_Static_assert(sizeof(steps) / sizeof(*steps) == STORE_SCHEMA_VERSION,
	       "a step for each version");

const struct schema schema_present = {.steps = steps, .count = STORE_SCHEMA_VERSION};

static enum err run_step(struct db *db, const struct schema *schema, unsigned version,
			 char **why_out)
{
	char *why = NULL;
	enum err err = db->driver->begin(db, SCHEMA_WAIT_MS, DB_SYNC_NOW);
	if (err == ERR_OK)
		err = db->driver->script(db, schema->steps[version - 1], &why);
	if (err == ERR_OK)
		err = db->driver->set_version(db, version);
	if (err == ERR_OK)
		err = db->driver->commit(db);
	if (err != ERR_OK) {
		db->driver->rollback(db);
		err = why_fail(why_out, err,
			       "schema step %u failed: %s; the database is as it was "
			       "before that step",
			       version, why ? why : err_title(err));
	}
	mem_free(why);
	return err;
}

static enum err keep_copy(struct db *db, const char *database, unsigned version,
			  char **why_out)
{
	struct buf path = BUF_EMPTY;
	buf_printf(&path, "%s.schema-%u", database, version);
	enum err err = db->driver->backup(database, buf_str(&path),
					  clock_now_ms(&clock_real), why_out);
	if (err == ERR_OK)
		log_info("store", "kept the database of schema %u as %s", version,
			 buf_str(&path));
	buf_fini(&path);
	return err;
}

/* May the database be brought from version to the present one? */
static enum err judge(unsigned version, const struct schema *schema,
		      const char *database, enum store_open_mode mode, char **why_out)
{
	if (version > schema->count)
		return why_fail(why_out, ERR_SCHEMA,
				"%s has schema %u, made by a newer handbox; this one "
				"knows up to %u: install the newer "
				"handbox, or restore a backup made before",
				database, version, schema->count);
	if (version == schema->count || mode == STORE_MIGRATE ||
	    (version == 0 && mode == STORE_SERVE))
		return ERR_OK;
	if (version == 0)
		return why_fail(why_out, ERR_NOT_FOUND,
				"%s is empty; `handbox serve` fills it, `handbox "
				"restore` puts a "
				"backup there",
				database);
	return why_fail(why_out, ERR_SCHEMA,
			"%s has schema %u, this handbox needs %u: run `handbox "
			"migrate` (it keeps a copy first)",
			database, version, schema->count);
}

enum err schema_bring(struct db *db, const struct schema *schema, const char *database,
		      enum store_open_mode mode, char **why_out)
{
	unsigned version;
	enum err err = db->driver->get_version(db, &version, why_out);
	if (err == ERR_OK)
		err = judge(version, schema, database, mode, why_out);
	if (err == ERR_OK && version > 0 && version < schema->count)
		err = keep_copy(db, database, version, why_out);
	for (unsigned next = version + 1; err == ERR_OK && next <= schema->count;
	     next++) {
		err = run_step(db, schema, next, why_out);
		if (err == ERR_OK)
			log_info("store", "%s has schema %u now", database, next);
	}
	return err;
}
