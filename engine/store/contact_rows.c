/* contact_rows.c - contacts one by one, their tags and fields; lists are in
 * contact_page.c, numbers in number_rows.c. See contact_rows.h
 */
#include "store/contact_rows.h"

#include <string.h>

#include "store/row_ids.h"
#include "store/sql.h"

#define COLUMNS                                                                        \
	"c.id, c.external_id, c.first_name, c.last_name, c.phone, c.phone_e164, "      \
	"c.phone_verdict, c.phone_type, "                                              \
	"c.phone_region, c.phone_reason, c.email, c.country, c.timezone, c.owner_id, " \
	"c.sms_enabled, c.is_test, "                                                   \
	"c.thread_head_id, c.created_at, c.updated_at, c.deleted_at, c.revision, "     \
	"c.thread_inbound_id, c.texter_id, c.release_at"

/* primary key */
SQL(CONTACT_LOAD,
    "SELECT " COLUMNS " FROM contacts c WHERE c.id = ?1 AND c.deleted_at IS NULL");
SQL(CONTACT_LOAD_ANY, "SELECT " COLUMNS " FROM contacts c WHERE c.id = ?1");
SQL(CONTACT_INSERT, "INSERT INTO contacts (id, external_id, first_name, last_name, "
		    "phone, phone_e164, phone_verdict, phone_type, "
		    "phone_region, phone_reason, email, country, timezone, owner_id, "
		    "sms_enabled, is_test, updated_at, deleted_at, "
		    "created_at, thread_head_id, revision) VALUES (?1, ?2, ?3, ?4, ?5, "
		    "?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, "
		    "?16, ?17, ?18, ?19, ?20, 1)");
SQL(CONTACT_SAVE, "UPDATE contacts SET external_id = ?2, first_name = ?3, last_name = "
		  "?4, phone = ?5, phone_e164 = ?6, "
		  "phone_verdict = ?7, phone_type = ?8, phone_region = ?9, "
		  "phone_reason = ?10, email = ?11, country = ?12, "
		  "timezone = ?13, owner_id = ?14, sms_enabled = ?15, is_test = ?16, "
		  "updated_at = ?17, deleted_at = ?18, "
		  "revision = revision + 1 WHERE id = ?1");
SQL(CONTACT_TEXTED,
    "UPDATE contacts SET thread_head_id = ?2, texter_id = ?3, release_at = NULL WHERE "
    "id = ?1");
/* the first text that waits says until when */
SQL(CONTACT_HEARD,
    "UPDATE contacts SET thread_head_id = ?2, thread_inbound_id = ?2, release_at = CASE "
    "WHEN texter_id IS NOT NULL THEN coalesce(release_at, ?3) END WHERE id = ?1");
SQL(CONTACT_HANDLED,
    "UPDATE contacts SET texter_id = ?2, release_at = ?3 WHERE id = ?1");
/* contacts_release */
SQL(CONTACT_DUE, "SELECT id FROM contacts WHERE release_at <= ?1 ORDER BY release_at "
		 "LIMIT ?2");
SQL(CONTACT_DUE_NEXT,
    "SELECT min(release_at) FROM contacts WHERE release_at IS NOT NULL");
SQL(CONTACT_SET_OWNER, "UPDATE contacts SET owner_id = ?2 WHERE id = ?1");
SQL(CONTACT_COUNT_UP, "UPDATE contacts SET revision = revision + 1 WHERE id = ?1");
SQL(CONTACT_IDS_BEHIND, "SELECT id FROM contacts WHERE id > ?1 AND deleted_at IS NULL "
			"ORDER BY id LIMIT ?2");
/* contacts_external, contacts_merged_external: whose it is, else who took it over */
SQL(CONTACT_BY_EXTERNAL,
    "SELECT " COLUMNS
    " FROM contacts c WHERE c.deleted_at IS NULL AND c.id = coalesce((SELECT e.id FROM "
    "contacts e WHERE e.external_id = ?1 AND e.deleted_at IS NULL), (SELECT "
    "m.merged_into FROM contacts m WHERE m.external_id = ?1 AND m.merged_into IS NOT "
    "NULL ORDER BY m.id DESC LIMIT 1))");
/* primary keys, contacts_phone: the one last texted, else the oldest */
SQL(CONTACT_BY_NUMBER,
    "SELECT " COLUMNS
    " FROM contacts c WHERE c.id = coalesce((SELECT l.id FROM numbers n "
    "JOIN contacts l ON l.id = n.last_contact_id WHERE n.e164 = ?1 AND l.phone_e164 = "
    "?1 AND l.deleted_at IS NULL), (SELECT min(o.id) FROM contacts o WHERE "
    "o.phone_e164 = ?1 AND o.deleted_at IS NULL))");
/* contacts_phone */
SQL(CONTACT_IDS_BY_NUMBER, "SELECT id FROM contacts WHERE phone_e164 = ?1 AND "
			   "deleted_at IS NULL ORDER BY id LIMIT ?2");
/* contacts_raw */
SQL(CONTACT_BY_RAW,
    "SELECT " COLUMNS " FROM contacts c WHERE c.phone = ?1 AND c.phone_e164 IS NULL "
    "AND c.deleted_at IS NULL ORDER BY c.id LIMIT 1");
/* primary key of contact_tags */
SQL(TAG_ADD, "INSERT INTO contact_tags (contact_id, tag, added_at) VALUES (?1, ?2, ?3) "
	     "ON CONFLICT (contact_id, tag) DO NOTHING");
SQL(TAG_REMOVE, "DELETE FROM contact_tags WHERE contact_id = ?1 AND tag = ?2");
SQL(TAGS_OF, "SELECT tag FROM contact_tags WHERE contact_id = ?1 ORDER BY tag");
/* primary key of contact_fields */
SQL(FIELD_SET,
    "INSERT INTO contact_fields (contact_id, name, value) VALUES (?1, ?2, ?3) "
    "ON CONFLICT (contact_id, name) DO UPDATE SET value = excluded.value "
    "WHERE contact_fields.value <> excluded.value");
SQL(FIELD_REMOVE, "DELETE FROM contact_fields WHERE contact_id = ?1 AND name = ?2");
SQL(FIELD_OF, "SELECT value FROM contact_fields WHERE contact_id = ?1 AND name = ?2");
SQL(FIELDS_OF,
    "SELECT name, value FROM contact_fields WHERE contact_id = ?1 ORDER BY name");

static void contact_read(const struct rows *rows, struct arena *arena,
			 struct contact *contact_out)
{
	*contact_out = (struct contact){
		.id = rows_id(rows, 0),
		.external_id = arena_strdup(arena, rows_text(rows, 1)),
		.first_name = arena_strdup(arena, rows_text(rows, 2)),
		.last_name = arena_strdup(arena, rows_text(rows, 3)),
		.phone = arena_strdup(arena, rows_text(rows, 4)),
		.phone_e164 = arena_strdup(arena, rows_text(rows, 5)),
		.phone_verdict = (enum phone_verdict_kept)rows_int(rows, 6),
		.phone_type = arena_strdup(arena, rows_text(rows, 7)),
		.phone_region = arena_strdup(arena, rows_text(rows, 8)),
		.phone_reason = arena_strdup(arena, rows_text(rows, 9)),
		.email = arena_strdup(arena, rows_text(rows, 10)),
		.country = arena_strdup(arena, rows_text(rows, 11)),
		.timezone = arena_strdup(arena, rows_text(rows, 12)),
		.owner_id = rows_id(rows, 13),
		.sms_enabled = rows_bool(rows, 14),
		.is_test = rows_bool(rows, 15),
		.thread_head_id = rows_id(rows, 16),
		.created_at = rows_int(rows, 17),
		.updated_at = rows_int(rows, 18),
		.deleted_at = rows_int(rows, 19),
		.revision = (uint32_t)rows_int(rows, 20),
		.thread_inbound_id = rows_id(rows, 21),
		.texter_id = rows_id(rows, 22),
		.release_at = rows_int(rows, 23),
	};
}

static enum err load_by(struct db *db, struct arena *arena,
			const struct sql_statement *statement, struct sql_value key,
			struct contact *contact_out)
{
	struct rows rows;
	struct contact contact;
	enum err err = SQL_ONE(db, statement, &rows, key);
	if (err != ERR_OK)
		return err;
	contact_read(&rows, arena, &contact);
	err = rows_end(&rows);
	if (err == ERR_OK)
		*contact_out = contact;
	return err;
}

enum err contact_rows_load(struct db *db, struct arena *arena, uint64_t id,
			   struct contact *contact_out)
{
	return load_by(db, arena, &CONTACT_LOAD, SQL_ID(id), contact_out);
}

enum err contact_rows_load_any(struct db *db, struct arena *arena, uint64_t id,
			       struct contact *contact_out)
{
	return load_by(db, arena, &CONTACT_LOAD_ANY, SQL_ID(id), contact_out);
}

enum err contact_rows_by_external(struct db *db, struct arena *arena,
				  const char *external_id, struct contact *contact_out)
{
	return load_by(db, arena, &CONTACT_BY_EXTERNAL, SQL_TEXT(external_id),
		       contact_out);
}

enum err contact_rows_by_number(struct db *db, struct arena *arena, const char *e164,
				struct contact *contact_out)
{
	return load_by(db, arena, &CONTACT_BY_NUMBER, SQL_TEXT(e164), contact_out);
}

enum err contact_rows_by_raw(struct db *db, struct arena *arena, const char *phone,
			     struct contact *contact_out)
{
	return load_by(db, arena, &CONTACT_BY_RAW, SQL_TEXT(phone), contact_out);
}

enum err contact_rows_ids_by_number(struct db *db, struct arena *arena,
				    const char *e164, size_t limit, uint64_t **ids_out,
				    size_t *count_out)
{
	struct rows rows;
	SQL_QUERY(db, &CONTACT_IDS_BY_NUMBER, &rows, SQL_TEXT(e164), SQL_INT(limit));
	return rows_ids(&rows, arena, limit, ids_out, count_out);
}

enum err contact_rows_ids_behind(struct db *db, struct arena *arena, uint64_t after_id,
				 size_t limit, uint64_t **ids_out, size_t *count_out)
{
	struct rows rows;
	SQL_QUERY(db, &CONTACT_IDS_BEHIND, &rows, SQL_INT(after_id), SQL_INT(limit));
	return rows_ids(&rows, arena, limit, ids_out, count_out);
}

/* What CONTACT_INSERT and CONTACT_SAVE share, at the same numbers. */
#define SHARED_VALUES(c)                                                        \
	SQL_ID((c)->id), SQL_TEXT((c)->external_id), SQL_TEXT((c)->first_name), \
		SQL_TEXT((c)->last_name), SQL_TEXT((c)->phone),                 \
		SQL_TEXT((c)->phone_e164), SQL_INT((c)->phone_verdict),         \
		SQL_TEXT((c)->phone_type), SQL_TEXT((c)->phone_region),         \
		SQL_TEXT((c)->phone_reason), SQL_TEXT((c)->email),              \
		SQL_TEXT((c)->country), SQL_TEXT((c)->timezone),                \
		SQL_ID((c)->owner_id), SQL_INT((c)->sms_enabled),               \
		SQL_INT((c)->is_test), SQL_TIME((c)->updated_at),               \
		SQL_TIME((c)->deleted_at)

enum err contact_rows_insert(struct db *db, const struct contact *contact)
{
	return SQL_RUN(db, &CONTACT_INSERT, SHARED_VALUES(contact),
		       SQL_TIME(contact->created_at), SQL_ID(contact->thread_head_id));
}

enum err contact_rows_save(struct db *db, const struct contact *contact)
{
	return SQL_RUN(db, &CONTACT_SAVE, SHARED_VALUES(contact));
}

enum err contact_rows_texted(struct db *db, uint64_t id, uint64_t message_id,
			     uint64_t user_id)
{
	return SQL_RUN(db, &CONTACT_TEXTED, SQL_ID(id), SQL_ID(message_id),
		       SQL_ID(user_id));
}

enum err contact_rows_heard(struct db *db, uint64_t id, uint64_t message_id,
			    int64_t release_at)
{
	return SQL_RUN(db, &CONTACT_HEARD, SQL_ID(id), SQL_ID(message_id),
		       SQL_INT(release_at));
}

enum err contact_rows_handled(struct db *db, uint64_t id, uint64_t user_id,
			      int64_t release_at)
{
	return SQL_RUN(db, &CONTACT_HANDLED, SQL_ID(id), SQL_ID(user_id),
		       SQL_TIME(release_at));
}

enum err contact_rows_to_release(struct db *db, struct arena *arena, int64_t now,
				 size_t limit, uint64_t **ids_out, size_t *count_out)
{
	struct rows rows;
	SQL_QUERY(db, &CONTACT_DUE, &rows, SQL_INT(now), SQL_INT(limit));
	return rows_ids(&rows, arena, limit, ids_out, count_out);
}

enum err contact_rows_next_release(struct db *db, int64_t *at_out)
{
	struct rows rows;
	enum err err = SQL_ONE(db, &CONTACT_DUE_NEXT, &rows);
	if (err != ERR_OK)
		return err;
	*at_out = rows_int(&rows, 0);
	return rows_end(&rows);
}

enum err contact_rows_set_owner(struct db *db, uint64_t id, uint64_t owner_id)
{
	return SQL_RUN(db, &CONTACT_SET_OWNER, SQL_ID(id), SQL_ID(owner_id));
}

/* To be called right after the statement that may have changed a tag or field of
 * contact id. */
static enum err count_up_if_changed(struct db *db, uint64_t id, enum err err,
				    bool *changed_out)
{
	if (err != ERR_OK)
		return err;
	*changed_out = sql_changes(db) > 0;
	return *changed_out ? SQL_RUN(db, &CONTACT_COUNT_UP, SQL_ID(id)) : ERR_OK;
}

enum err contact_rows_add_tag(struct db *db, uint64_t id, const char *tag, int64_t now,
			      bool *added_out)
{
	enum err err = SQL_RUN(db, &TAG_ADD, SQL_ID(id), SQL_TEXT(tag), SQL_TIME(now));
	return count_up_if_changed(db, id, err, added_out);
}

enum err contact_rows_remove_tag(struct db *db, uint64_t id, const char *tag,
				 bool *removed_out)
{
	enum err err = SQL_RUN(db, &TAG_REMOVE, SQL_ID(id), SQL_TEXT(tag));
	return count_up_if_changed(db, id, err, removed_out);
}

enum err contact_rows_set_field(struct db *db, uint64_t id, const char *name,
				const char *value)
{
	bool changed;
	enum err err = value ? SQL_RUN(db, &FIELD_SET, SQL_ID(id), SQL_TEXT(name),
				       SQL_TEXT(value))
			     : SQL_RUN(db, &FIELD_REMOVE, SQL_ID(id), SQL_TEXT(name));
	return count_up_if_changed(db, id, err, &changed);
}

enum err contact_rows_field(struct db *db, struct arena *arena, uint64_t id,
			    const char *name, const char **value_out)
{
	struct rows rows;
	*value_out = NULL;
	enum err err = SQL_ONE(db, &FIELD_OF, &rows, SQL_ID(id), SQL_TEXT(name));
	if (err != ERR_OK)
		return err == ERR_NOT_FOUND ? ERR_OK : err;
	*value_out = arena_strdup(arena, rows_text(&rows, 0));
	return rows_end(&rows);
}

enum { FIRST_ROOM = 8 };

/* Room for one more of items; count of them are taken. Room doubles, so it is known
 * from the count. */
static void *room_for_one(struct arena *arena, void *items, size_t count, size_t size)
{
	bool is_full =
		count == 0 || (count >= FIRST_ROOM && (count & (count - 1)) == 0);
	if (!is_full)
		return items;
	char *more = arena_calloc(arena, size * (count ? count * 2 : FIRST_ROOM));
	if (count)
		memcpy(more, items, size * count);
	return more;
}

enum err contact_rows_tags(struct db *db, struct arena *arena, uint64_t id,
			   const char ***tags_out, size_t *count_out)
{
	struct rows rows;
	const char **tags = NULL;
	size_t count = 0;
	SQL_QUERY(db, &TAGS_OF, &rows, SQL_ID(id));
	while (rows_next(&rows)) {
		tags = room_for_one(arena, tags, count, sizeof(*tags));
		tags[count++] = arena_strdup(arena, rows_text(&rows, 0));
	}
	*tags_out = tags;
	*count_out = count;
	return rows_end(&rows);
}

enum err contact_rows_fields(struct db *db, struct arena *arena, uint64_t id,
			     struct contact_field **fields_out, size_t *count_out)
{
	struct rows rows;
	struct contact_field *fields = NULL;
	size_t count = 0;
	SQL_QUERY(db, &FIELDS_OF, &rows, SQL_ID(id));
	while (rows_next(&rows)) {
		fields = room_for_one(arena, fields, count, sizeof(*fields));
		fields[count++] = (struct contact_field){
			.name = arena_strdup(arena, rows_text(&rows, 0)),
			.value = arena_strdup(arena, rows_text(&rows, 1))};
	}
	*fields_out = fields;
	*count_out = count;
	return rows_end(&rows);
}
