/* task_search.c - what a search may mean, when that is few. See task_rows.h
 *
 * The contacts come from the index of letters, and names of tasks from the names there are: those of steps are few, however
 * many tasks have one.
 */
#include <inttypes.h>

#include "base/buf.h"
#include "store/letters_rows.h"
#include "store/sql.h"
#include "store/task_rows.h"

/* tasks_name: from one name to the next; the tasks of one name */
SQL(SEARCH_NEXT_NAME, "SELECT name FROM tasks WHERE name > ?1 ORDER BY name LIMIT 1");
SQL(SEARCH_NAMED, "SELECT id FROM tasks WHERE name = ?1 LIMIT ?2");
/* tasks_contact */
SQL(SEARCH_OF_CONTACTS, "SELECT t.id FROM json_each(?1) j CROSS JOIN tasks t ON "
			"t.contact_id = j.value LIMIT ?2");

enum { TASKS_MOST = 2000, NAMES_MOST = 500 };

struct found {
	struct db *db;
	struct arena *arena;
	struct buf ids;
	size_t room; /* for so many more */
	bool is_cut;
};

/* Ends the rows. */
static enum err add(struct found *found, struct rows *rows)
{
	while (!found->is_cut && rows_next(rows)) {
		if (found->room-- == 0)
			found->is_cut = true;
		else
			buf_printf(&found->ids, "%s%" PRIu64,
				   found->ids.len ? "," : "[", rows_id(rows, 0));
	}
	return rows_end(rows);
}

static enum err next_name(struct found *found, const char **name)
{
	struct rows rows;
	SQL_QUERY(found->db, &SEARCH_NEXT_NAME, &rows, SQL_TEXT(*name));
	*name = rows_next(&rows) ? arena_strdup(found->arena, rows_text(&rows, 0))
				 : NULL;
	return rows_end(&rows);
}

static enum err add_named(struct found *found, const struct search *search)
{
	const char *name = "";
	unsigned count = 0;
	struct rows rows;
	enum err err = next_name(found, &name);
	while (err == ERR_OK && name && !found->is_cut) {
		found->is_cut = ++count > NAMES_MOST;
		if (!found->is_cut && search_finds(search, name)) {
			SQL_QUERY(found->db, &SEARCH_NAMED, &rows, SQL_TEXT(name),
				  SQL_INT(found->room + 1));
			err = add(found, &rows);
		}
		if (err == ERR_OK)
			err = next_name(found, &name);
	}
	return err;
}

enum err task_rows_search(struct db *db, struct arena *arena,
			  struct task_filter *filter)
{
	struct found found = {db, arena, BUF_EMPTY, TASKS_MOST, false};
	struct search search;
	const char *contacts;
	struct rows rows;
	if (!filter->q || filter->contact_id) /* one contact has few anyway */
		return ERR_OK;
	search_init(&search, arena, filter->q);
	enum err err = letters_rows_find(db, arena, &search, LETTERS_MOST, &contacts);
	if (err != ERR_OK || !contacts)
		return err;
	SQL_QUERY(db, &SEARCH_OF_CONTACTS, &rows, SQL_TEXT(contacts),
		  SQL_INT(found.room + 1));
	err = add(&found, &rows);
	if (err == ERR_OK)
		err = add_named(&found, &search);
	if (err == ERR_OK && !found.is_cut) {
		buf_add_str(&found.ids, found.ids.len ? "]" : "[]");
		filter->among = arena_strdup(arena, buf_str(&found.ids));
	}
	buf_fini(&found.ids);
	return err;
}
