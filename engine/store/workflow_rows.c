/* workflow_rows.c - workflows and versions: see workflow_rows.h */
#include "store/workflow_rows.h"

#include "store/sql.h"

#define WORKFLOW_COLUMNS                                                 \
	"id, name, source, file_path, file_hash, state, draft_version, " \
	"published_version, created_at, "                                \
	"updated_at, revision, live_since, live_id"

/* all by the primary key */
SQL(WORKFLOW_LOAD,
    "SELECT " WORKFLOW_COLUMNS " FROM workflows WHERE id = ?1 AND deleted_at IS NULL");
SQL(WORKFLOW_INSERT,
    "INSERT INTO workflows (" WORKFLOW_COLUMNS
    ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13) "
    "ON CONFLICT (id) DO UPDATE SET name = excluded.name, source = excluded.source, "
    "file_path = excluded.file_path, file_hash = excluded.file_hash, state = "
    "excluded.state, "
    "draft_version = excluded.draft_version, published_version = "
    "excluded.published_version, "
    "created_at = excluded.created_at, updated_at = excluded.updated_at, revision = "
    "workflows.revision + 1, live_since = excluded.live_since, "
    "live_id = excluded.live_id, "
    "deleted_at = NULL WHERE workflows.deleted_at IS NOT NULL");
SQL(WORKFLOW_SAVE, "UPDATE workflows SET name = ?2, source = ?3, file_path = ?4, "
		   "file_hash = ?5, state = ?6, "
		   "draft_version = ?7, published_version = ?8, updated_at = ?9, "
		   "revision = ?10, live_since = ?11, live_id = ?12 WHERE id = ?1");
SQL(WORKFLOW_DELETE, "UPDATE workflows SET deleted_at = ?2 WHERE id = ?1");
SQL(WORKFLOW_PAGE,
    "SELECT " WORKFLOW_COLUMNS " FROM workflows WHERE id > ?1 AND deleted_at IS NULL "
    "ORDER BY id LIMIT ?2");

#define VERSION_HEAD "version, name, hash, created_at, created_by, published_at, note"

SQL(VERSION_LOAD,
    "SELECT " VERSION_HEAD
    ", xml FROM workflow_versions WHERE workflow_id = ?1 AND version = ?2");
SQL(VERSION_NEWEST,
    "SELECT MAX(version) FROM workflow_versions WHERE workflow_id = ?1");
SQL(VERSION_INSERT,
    "INSERT INTO workflow_versions (" VERSION_HEAD ", xml, workflow_id) "
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");
SQL(VERSION_SET_PUBLISHED,
    "UPDATE workflow_versions SET published_at = ?3, note = COALESCE(?4, note) "
    "WHERE workflow_id = ?1 AND version = ?2");
SQL(VERSION_PAGE, "SELECT " VERSION_HEAD
		  " FROM workflow_versions WHERE workflow_id = ?1 AND version < ?2 "
		  "ORDER BY version DESC LIMIT ?3");

/* The row's texts are copied to arena, or borrowed when it is NULL. */
static const char *text_of(struct arena *arena, const struct rows *rows,
			   unsigned column)
{
	const char *text = rows_text(rows, column);
	return arena ? arena_strdup(arena, text) : text;
}

static void workflow_from(struct arena *arena, const struct rows *rows,
			  struct workflow *out)
{
	*out = (struct workflow){
		.id = text_of(arena, rows, 0),
		.name = text_of(arena, rows, 1),
		.source = (enum workflow_source)rows_int(rows, 2),
		.file_path = text_of(arena, rows, 3),
		.file_hash = text_of(arena, rows, 4),
		.state = (enum workflow_state)rows_int(rows, 5),
		.draft_version = (uint32_t)rows_int(rows, 6),
		.published_version = (uint32_t)rows_int(rows, 7),
		.created_at = rows_int(rows, 8),
		.updated_at = rows_int(rows, 9),
		.revision = (uint32_t)rows_int(rows, 10),
		.live_since = rows_int(rows, 11),
		.live_id = rows_id(rows, 12),
	};
}

enum err workflow_rows_load(struct db *db, struct arena *arena, const char *id,
			    struct workflow *out)
{
	struct rows rows;
	enum err err = SQL_ONE(db, &WORKFLOW_LOAD, &rows, SQL_TEXT(id));
	if (err != ERR_OK)
		return err;
	workflow_from(arena, &rows, out);
	return rows_end(&rows);
}

enum err workflow_rows_insert(struct db *db, const struct workflow *w)
{
	enum err err = SQL_RUN(db, &WORKFLOW_INSERT, SQL_TEXT(w->id), SQL_TEXT(w->name),
			       SQL_INT(w->source), SQL_TEXT(w->file_path),
			       SQL_TEXT(w->file_hash), SQL_INT(w->state),
			       SQL_INT(w->draft_version), SQL_ID(w->published_version),
			       SQL_TIME(w->created_at), SQL_TIME(w->updated_at),
			       SQL_INT(w->revision), SQL_TIME(w->live_since),
			       SQL_ID(w->live_id));
	if (err == ERR_OK && sql_changes(db) == 0)
		err = ERR_DUPLICATE;
	return err;
}

enum err workflow_rows_save(struct db *db, const struct workflow *w)
{
	return SQL_RUN(db, &WORKFLOW_SAVE, SQL_TEXT(w->id), SQL_TEXT(w->name),
		       SQL_INT(w->source), SQL_TEXT(w->file_path),
		       SQL_TEXT(w->file_hash), SQL_INT(w->state),
		       SQL_INT(w->draft_version), SQL_ID(w->published_version),
		       SQL_TIME(w->updated_at), SQL_INT(w->revision),
		       SQL_TIME(w->live_since), SQL_ID(w->live_id));
}

enum err workflow_rows_delete(struct db *db, const char *id, int64_t now)
{
	return SQL_RUN(db, &WORKFLOW_DELETE, SQL_TEXT(id), SQL_TIME(now));
}

enum err workflow_rows_page(struct db *db, const char *after_id, size_t limit,
			    workflow_row_fn *each, void *arg)
{
	struct rows rows;
	struct workflow workflow;
	SQL_QUERY(db, &WORKFLOW_PAGE, &rows, SQL_TEXT(after_id ? after_id : ""),
		  SQL_INT(limit));
	while (rows_next(&rows)) {
		workflow_from(NULL, &rows, &workflow);
		each(arg, &workflow);
	}
	return rows_end(&rows);
}

static void version_from(struct arena *arena, const struct rows *rows,
			 struct workflow_version *out)
{
	*out = (struct workflow_version){
		.version = (uint32_t)rows_int(rows, 0),
		.name = text_of(arena, rows, 1),
		.hash = text_of(arena, rows, 2),
		.created_at = rows_int(rows, 3),
		.created_by = rows_id(rows, 4),
		.published_at = rows_int(rows, 5),
		.note = text_of(arena, rows, 6),
	};
}

enum err version_rows_load(struct db *db, struct arena *arena, const char *workflow_id,
			   uint32_t version, struct workflow_version *out)
{
	struct rows rows;
	enum err err = SQL_ONE(db, &VERSION_LOAD, &rows, SQL_TEXT(workflow_id),
			       SQL_INT(version));
	if (err != ERR_OK)
		return err;
	version_from(arena, &rows, out);
	out->workflow_id = arena_strdup(arena, workflow_id);
	out->xml = text_of(arena, &rows, 7);
	return rows_end(&rows);
}

enum err version_rows_newest(struct db *db, const char *workflow_id,
			     uint32_t *version_out)
{
	struct rows rows;
	enum err err = SQL_ONE(db, &VERSION_NEWEST, &rows, SQL_TEXT(workflow_id));
	if (err != ERR_OK)
		return err;
	*version_out = (uint32_t)rows_int(&rows, 0);
	return rows_end(&rows);
}

enum err version_rows_insert(struct db *db, const struct workflow_version *v)
{
	return SQL_RUN(db, &VERSION_INSERT, SQL_INT(v->version), SQL_TEXT(v->name),
		       SQL_TEXT(v->hash), SQL_TIME(v->created_at),
		       SQL_ID(v->created_by), SQL_TIME(v->published_at),
		       SQL_TEXT(v->note), SQL_TEXT(v->xml), SQL_TEXT(v->workflow_id));
}

enum err version_rows_set_published(struct db *db, const char *workflow_id,
				    uint32_t version, int64_t at, const char *note)
{
	return SQL_RUN(db, &VERSION_SET_PUBLISHED, SQL_TEXT(workflow_id),
		       SQL_INT(version), SQL_TIME(at), SQL_TEXT(note));
}

enum err version_rows_page(struct db *db, const char *workflow_id, uint32_t before,
			   size_t limit, version_row_fn *each, void *arg)
{
	struct rows rows;
	struct workflow_version version;
	SQL_QUERY(db, &VERSION_PAGE, &rows, SQL_TEXT(workflow_id),
		  SQL_INT(before ? before : UINT32_MAX), SQL_INT(limit));
	while (rows_next(&rows)) {
		version_from(NULL, &rows, &version);
		version.workflow_id = workflow_id;
		each(arg, &version);
	}
	return rows_end(&rows);
}
