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

static void answer(sqlite3_context *context, sqlite3_value **values,
		   bool (*finds)(const struct search *search, const char *text))
{
	const char *text = (const char *)sqlite3_value_text(values[1]);
	struct wanted *wanted = sqlite3_get_auxdata(context, 0), *made = NULL;
	if (!wanted) {
		const char *q = (const char *)sqlite3_value_text(values[0]);
		wanted = made = MEM_NEW(struct wanted);
		made->arena = arena_new();
		search_init(&made->search, made->arena, q ? q : "");
	}
	sqlite3_result_int(context, finds(&wanted->search, text));
	if (made) /* SQLite may free it at once */
		sqlite3_set_auxdata(context, 0, made, wanted_free);
}

static void finds(sqlite3_context *context, int count, sqlite3_value **values)
{
	(void)count;
	answer(context, values, search_finds);
}

static void finds_number(sqlite3_context *context, int count, sqlite3_value **values)
{
	(void)count;
	answer(context, values, search_finds_number);
}

int sqlite_search_setup(sqlite3 *handle)
{
	const int traits = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;
	int rc = sqlite3_create_function(handle, "search_finds", 2, traits, NULL, finds,
					 NULL, NULL);
	return rc == SQLITE_OK
		       ? sqlite3_create_function(handle, "search_finds_number", 2,
						 traits, NULL, finds_number, NULL, NULL)
		       : rc;
}
