/* sqlite_search.c - search.h in SQL: see sqlite.h */
#include <sqlite3.h>

#include "base/mem.h"
#include "model/search.h"
#include "store/sqlite.h"

/* What is looked for is the same for all rows of a statement: it is folded once. */
struct wanted {
	struct arena *arena;
	struct search search;
};

static void wanted_free(void *arg)
{
	struct wanted *wanted = arg;
	arena_free(&wanted->arena);
	mem_free(wanted);
}

static const char *text_of(sqlite3_value *value)
{
	return (const char *)sqlite3_value_text(value);
}

/* Made at the first row; SQLite may free it whenever it likes once it has it, so the caller keeps it last. */
static const struct wanted *wanted_of(sqlite3_context *context, sqlite3_value *q,
				      struct wanted **made_out)
{
	const char *text = text_of(q);
	struct wanted *wanted = sqlite3_get_auxdata(context, 0);
	*made_out = NULL;
	if (wanted)
		return wanted;
	*made_out = wanted = MEM_NEW(struct wanted);
	wanted->arena = arena_new();
	search_init(&wanted->search, wanted->arena, text ? text : "");
	return wanted;
}

static void finds(sqlite3_context *context, int count, sqlite3_value **values)
{
	struct wanted *made;
	const struct wanted *wanted = wanted_of(context, values[0], &made);
	(void)count;
	sqlite3_result_int(context, search_finds(&wanted->search, text_of(values[1])));
	if (made)
		sqlite3_set_auxdata(context, 0, made, wanted_free);
}

static void finds_person(sqlite3_context *context, int count, sqlite3_value **values)
{
	struct wanted *made;
	const struct wanted *wanted = wanted_of(context, values[0], &made);
	(void)count;
	sqlite3_result_int(context,
			   search_finds_person(&wanted->search, text_of(values[1]),
					       text_of(values[2]), text_of(values[3]),
					       text_of(values[4])));
	if (made)
		sqlite3_set_auxdata(context, 0, made, wanted_free);
}

int sqlite_search_setup(sqlite3 *handle)
{
	const int traits = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;
	int rc = sqlite3_create_function(handle, "search_finds", 2, traits, NULL, finds,
					 NULL, NULL);
	return rc == SQLITE_OK
		       ? sqlite3_create_function(handle, "search_finds_person", 5,
						 traits, NULL, finds_person, NULL, NULL)
		       : rc;
}
