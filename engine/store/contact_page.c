/* contact_page.c - lists of contacts. See contact_rows.h
 *
 * One filter leads: q when the index of letters knows few that may have it, else the narrowest that has an index in the
 * order of ids. Its contacts are walked newest first, and all the other filters are asked of each row here, which
 * keeps the walk in order, lets it end at the page's last row, and lets q compare
 * letters as people do. The walk is cut at scan_most rows; the next page goes on where
 * it was cut.
 */
#include <string.h>

#include "model/search.h"
#include "store/contact_rows.h"
#include "store/letters_rows.h"
#include "store/sql_build.h"

enum column {
	AT_ID,
	AT_FIRST_NAME,
	AT_LAST_NAME,
	AT_PHONE,
	AT_E164,
	AT_EMAIL,
	AT_EXTERNAL_ID,
	AT_OWNER,
	AT_TEST,
	AT_OPTED_OUT,
	AT_HAS_TAG,
};

static void add_columns(struct sql_build *build, const struct contact_filter *filter)
{
	sql_add(build, "SELECT c.id, c.first_name, c.last_name, c.phone, c.phone_e164, "
		       "c.email, c.external_id, "
		       "c.owner_id, c.is_test, ");
	sql_add(build, filter->opted_out >= 0 ? "(SELECT n.is_opted_out FROM numbers n "
						"WHERE n.e164 = c.phone_e164), "
					      : "0, ");
	if (filter->tag)
		sql_add_value(build,
			      "EXISTS (SELECT 1 FROM contact_tags h WHERE h.contact_id "
			      "= c.id AND h.tag = ?)",
			      SQL_TEXT(filter->tag));
	else
		sql_add(build, "1");
}

/* contacts_external, contacts_phone, contact_tags_tag, contacts_owner, or the table in
 * its own order. */
static void add_leader(struct sql_build *build, const struct contact_filter *filter,
		       const char *lettered)
{
	if (filter->external_id)
		sql_add_value(build, " FROM contacts c WHERE c.external_id = ?",
			      SQL_TEXT(filter->external_id));
	else if (filter->phone_e164)
		sql_add_value(build, " FROM contacts c WHERE c.phone_e164 = ?",
			      SQL_TEXT(filter->phone_e164));
	else if (filter->phone)
		sql_add_value(
			build,
			" FROM contacts c WHERE c.phone_e164 IS NULL AND c.phone = ?",
			SQL_TEXT(filter->phone));
	else if (lettered)
		sql_add_value(build,
			      " FROM json_each(?) j CROSS JOIN contacts c ON c.id = "
			      "j.value WHERE 1 = 1",
			      SQL_TEXT(lettered));
	else if (filter->tag)
		sql_add_value(build,
			      " FROM contact_tags g CROSS JOIN contacts c WHERE c.id = "
			      "g.contact_id AND g.tag = ?",
			      SQL_TEXT(filter->tag));
	else if (filter->whose == CONTACT_OF_USER)
		sql_add_value(build, " FROM contacts c WHERE c.owner_id = ?",
			      SQL_ID(filter->owner_id));
	else
		sql_add(build, " FROM contacts c WHERE 1 = 1");
}

static bool is_led_by_tag(const struct contact_filter *filter, const char *lettered)
{
	return filter->tag && !lettered && !filter->external_id &&
	       !filter->phone_e164 && !filter->phone;
}

static void add_order(struct sql_build *build, const struct contact_filter *filter,
		      const char *lettered, size_t scan_most)
{
	uint64_t before = filter->before_id ? filter->before_id : (uint64_t)INT64_MAX;
	sql_add(build, " AND c.deleted_at IS NULL");
	if (is_led_by_tag(filter, lettered))
		sql_add_value(build,
			      " AND g.contact_id < ? ORDER BY g.contact_id DESC LIMIT ",
			      SQL_INT(before));
	else
		sql_add_value(build, " AND c.id < ? ORDER BY c.id DESC LIMIT ",
			      SQL_INT(before));
	sql_add_int(build, (long long)scan_most);
}

static bool finds_text(const struct search *search, const struct rows *rows)
{
	return search_finds_person(search, rows_text(rows, AT_FIRST_NAME),
				   rows_text(rows, AT_LAST_NAME),
				   rows_text(rows, AT_PHONE),
				   rows_text(rows, AT_E164)) ||
	       search_finds(search, rows_text(rows, AT_EMAIL)) ||
	       search_finds(search, rows_text(rows, AT_EXTERNAL_ID));
}

static bool is_equal(const char *wanted, const char *text)
{
	return !wanted || (text && strcmp(wanted, text) == 0);
}

static bool is_whose(const struct contact_filter *filter, uint64_t owner_id)
{
	return filter->whose == CONTACT_OF_ANYBODY ||
	       owner_id == (filter->whose == CONTACT_OF_USER ? filter->owner_id : 0);
}

static bool matches(const struct contact_filter *filter, const struct search *search,
		    const struct rows *rows)
{
	return is_whose(filter, rows_id(rows, AT_OWNER)) &&
	       rows_bool(rows, AT_HAS_TAG) &&
	       (filter->test < 0 || rows_bool(rows, AT_TEST) == (filter->test > 0)) &&
	       (filter->opted_out < 0 ||
		rows_bool(rows, AT_OPTED_OUT) == (filter->opted_out > 0)) &&
	       is_equal(filter->external_id, rows_text(rows, AT_EXTERNAL_ID)) &&
	       is_equal(filter->phone_e164, rows_text(rows, AT_E164)) &&
	       is_equal(filter->phone, rows_text(rows, AT_PHONE)) &&
	       (!filter->q || finds_text(search, rows));
}

enum err contact_rows_page(struct db *db, struct arena *arena,
			   const struct contact_filter *filter,
			   struct contact_page *page_out)
{
	struct sql_build build = SQL_BUILD_EMPTY;
	struct search search;
	const char *lettered = NULL;
	struct rows rows;
	size_t scan_most = filter->scan_most ? filter->scan_most : CONTACT_SCAN_MOST,
	       scanned = 0;
	struct contact_page page = {.ids = ARENA_ARRAY(arena, uint64_t, filter->limit)};
	uint64_t last_id = 0;
	enum err err = ERR_OK;
	if (filter->q) {
		search_init(&search, arena, filter->q);
		err = letters_rows_find(db, arena, &search, LETTERS_MOST, &lettered);
	}
	if (err != ERR_OK)
		return err;
	if (lettered)
		scan_most = LETTERS_MOST + 1;
	add_columns(&build, filter);
	add_leader(&build, filter, lettered);
	add_order(&build, filter, lettered, scan_most);
	sql_build_query(db, &build, &rows);
	while (rows_next(&rows)) {
		scanned++;
		if (matches(filter, &search, &rows)) {
			if (page.count == filter->limit) { /* one more than fits: there
							      is a next page */
				page.next_before_id = last_id;
				break;
			}
			page.ids[page.count++] = rows_id(&rows, AT_ID);
		}
		last_id = rows_id(&rows, AT_ID);
	}
	if (scanned == scan_most && !page.next_before_id)
		page.next_before_id = last_id;
	*page_out = page;
	return rows_end(&rows);
}
