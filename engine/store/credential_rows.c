/* credential_rows.c - see credential_rows.h */
#include "store/credential_rows.h"

#include "store/sql.h"

SQL(SESSION_INSERT,
    "INSERT INTO sessions (id, hash, user_id, csrf, created_at, seen_at, expires_at) "
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)");
/* unique hash */
SQL(SESSION_BY_HASH, "SELECT id, user_id, csrf, created_at, seen_at, expires_at FROM "
		     "sessions WHERE hash = ?1");
SQL(SESSION_SEEN, "UPDATE sessions SET seen_at = ?2 WHERE id = ?1 AND seen_at < "
		  "?2");                                   /* primary key */
SQL(SESSION_DELETE, "DELETE FROM sessions WHERE id = ?1"); /* primary key */
SQL(SESSION_END_ALL,
    "DELETE FROM sessions WHERE user_id = ?1 AND id <> ?2"); /* sessions_user */
/* the whole table, at each sign-in: it has a row per signed-in person */
SQL(SESSION_FORGET, "DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE "
		    "expires_at <= ?1 LIMIT 100)");

#define TOKEN_COLUMNS                                                           \
	"id, kind, name, user_id, scopes, created_at, created_by, expires_at, " \
	"revoked_at"

SQL(TOKEN_INSERT, "INSERT INTO tokens (id, kind, name, user_id, scopes, created_at, "
		  "created_by, expires_at, hash) "
		  "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");
SQL(TOKEN_LOAD, "SELECT " TOKEN_COLUMNS " FROM tokens WHERE id = ?1"); /* primary key */
SQL(TOKEN_BY_HASH,
    "SELECT " TOKEN_COLUMNS " FROM tokens WHERE hash = ?1"); /* unique hash */
SQL(TOKEN_REVOKE, "UPDATE tokens SET revoked_at = ?2 WHERE id = ?1 AND revoked_at IS "
		  "NULL"); /* primary key */
/* tokens_user */
SQL(TOKEN_REVOKE_ALL,
    "UPDATE tokens SET revoked_at = ?2 WHERE user_id = ?1 AND revoked_at IS NULL");
SQL(TOKEN_PAGE,
    "SELECT " TOKEN_COLUMNS " FROM tokens WHERE revoked_at IS NULL AND id > ?1 "
    "ORDER BY id LIMIT ?2"); /* primary key */
SQL(TOKEN_PAGE_OF, "SELECT " TOKEN_COLUMNS
		   " FROM tokens WHERE user_id = ?3 AND revoked_at IS NULL AND id > ?1 "
		   "ORDER BY id LIMIT ?2"); /* tokens_user */

SQL(LINK_INSERT,
    "INSERT INTO login_links (hash, user_id, expires_at) VALUES (?1, ?2, ?3)");
SQL(LINK_LOAD, "SELECT user_id FROM login_links WHERE hash = ?1 AND expires_at > "
	       "?2");                                        /* primary key */
SQL(LINK_DELETE, "DELETE FROM login_links WHERE hash = ?1"); /* primary key */
/* these two, the whole table: it has a row per user who has never signed in */
SQL(LINK_END_ALL, "DELETE FROM login_links WHERE user_id = ?1");
SQL(LINK_FORGET, "DELETE FROM login_links WHERE hash IN "
		 "(SELECT hash FROM login_links WHERE expires_at <= ?1 LIMIT 100)");

enum err session_rows_insert(struct db *db, const struct session *session,
			     const char *hash)
{
	return SQL_RUN(db, &SESSION_INSERT, SQL_INT(session->id), SQL_TEXT(hash),
		       SQL_INT(session->user_id), SQL_TEXT(session->csrf),
		       SQL_INT(session->created_at), SQL_INT(session->seen_at),
		       SQL_INT(session->expires_at));
}

enum err session_rows_by_hash(struct db *db, struct arena *arena, const char *hash,
			      struct session *session_out)
{
	struct rows rows;
	enum err err = SQL_ONE(db, &SESSION_BY_HASH, &rows, SQL_TEXT(hash));
	if (err != ERR_OK)
		return err;
	*session_out = (struct session){
		.id = rows_id(&rows, 0),
		.user_id = rows_id(&rows, 1),
		.csrf = arena_strdup(arena, rows_text(&rows, 2)),
		.created_at = rows_int(&rows, 3),
		.seen_at = rows_int(&rows, 4),
		.expires_at = rows_int(&rows, 5),
	};
	return rows_end(&rows);
}

enum err session_rows_set_seen(struct db *db, uint64_t id, int64_t seen_at)
{
	return SQL_RUN(db, &SESSION_SEEN, SQL_INT(id), SQL_INT(seen_at));
}

enum err session_rows_delete(struct db *db, uint64_t id)
{
	return SQL_RUN(db, &SESSION_DELETE, SQL_INT(id));
}

enum err session_rows_end_all(struct db *db, uint64_t user_id, uint64_t but_session_id)
{
	enum err err = SQL_RUN(db, &SESSION_END_ALL, SQL_INT(user_id),
			       SQL_INT(but_session_id));
	return err == ERR_OK ? SQL_RUN(db, &LINK_END_ALL, SQL_INT(user_id)) : err;
}

enum err session_rows_forget(struct db *db, int64_t now)
{
	enum err err = SQL_RUN(db, &SESSION_FORGET, SQL_INT(now));
	return err == ERR_OK ? SQL_RUN(db, &LINK_FORGET, SQL_INT(now)) : err;
}

/* --- tokens ------------------------------------------------------------------------------------------------------- */

static void read_token(const struct rows *rows, struct arena *arena,
		       struct token *token)
{
	*token = (struct token){
		.id = rows_id(rows, 0),
		.kind = (enum token_kind)rows_int(rows, 1),
		.name = arena_strdup(arena, rows_text(rows, 2)),
		.user_id = rows_id(rows, 3),
		.scopes = (unsigned)rows_int(rows, 4),
		.created_at = rows_int(rows, 5),
		.created_by = rows_id(rows, 6),
		.expires_at = rows_int(rows, 7),
		.revoked_at = rows_int(rows, 8),
	};
}

static enum err load_token(struct db *db, struct arena *arena,
			   const struct sql_statement *statement, struct sql_value key,
			   struct token *token_out)
{
	struct rows rows;
	enum err err = SQL_ONE(db, statement, &rows, key);
	if (err != ERR_OK)
		return err;
	read_token(&rows, arena, token_out);
	return rows_end(&rows);
}

enum err token_rows_insert(struct db *db, const struct token *token, const char *hash)
{
	return SQL_RUN(db, &TOKEN_INSERT, SQL_INT(token->id), SQL_INT(token->kind),
		       SQL_TEXT(token->name), SQL_ID(token->user_id),
		       SQL_INT(token->scopes), SQL_INT(token->created_at),
		       SQL_ID(token->created_by), SQL_TIME(token->expires_at),
		       SQL_TEXT(hash));
}

enum err token_rows_load(struct db *db, struct arena *arena, uint64_t id,
			 struct token *token_out)
{
	return load_token(db, arena, &TOKEN_LOAD, SQL_INT(id), token_out);
}

enum err token_rows_by_hash(struct db *db, struct arena *arena, const char *hash,
			    struct token *token_out)
{
	return load_token(db, arena, &TOKEN_BY_HASH, SQL_TEXT(hash), token_out);
}

enum err token_rows_revoke(struct db *db, uint64_t id, int64_t now)
{
	return SQL_RUN(db, &TOKEN_REVOKE, SQL_INT(id), SQL_INT(now));
}

enum err token_rows_revoke_all(struct db *db, uint64_t user_id, int64_t now)
{
	return SQL_RUN(db, &TOKEN_REVOKE_ALL, SQL_INT(user_id), SQL_INT(now));
}

enum err token_rows_page(struct db *db, struct arena *arena, uint64_t user_id,
			 uint64_t after_id, size_t limit, struct token **tokens_out,
			 size_t *count_out)
{
	struct token *tokens = ARENA_ARRAY(arena, struct token, limit);
	size_t count = 0;
	struct rows rows;
	if (user_id)
		SQL_QUERY(db, &TOKEN_PAGE_OF, &rows, SQL_INT(after_id), SQL_INT(limit),
			  SQL_INT(user_id));
	else
		SQL_QUERY(db, &TOKEN_PAGE, &rows, SQL_INT(after_id), SQL_INT(limit));
	while (rows_next(&rows))
		read_token(&rows, arena, &tokens[count++]);
	enum err err = rows_end(&rows);
	if (err == ERR_OK) {
		*tokens_out = tokens;
		*count_out = count;
	}
	return err;
}

/* --- one-time links ----------------------------------------------------------------------------------------------- */

enum err link_rows_replace(struct db *db, uint64_t user_id, const char *hash,
			   int64_t expires_at)
{
	enum err err = SQL_RUN(db, &LINK_END_ALL, SQL_INT(user_id));
	if (err != ERR_OK)
		return err;
	return SQL_RUN(db, &LINK_INSERT, SQL_TEXT(hash), SQL_INT(user_id),
		       SQL_INT(expires_at));
}

enum err link_rows_take(struct db *db, const char *hash, int64_t now,
			uint64_t *user_id_out)
{
	struct rows rows;
	enum err err = SQL_ONE(db, &LINK_LOAD, &rows, SQL_TEXT(hash), SQL_INT(now));
	if (err != ERR_OK)
		return err;
	uint64_t user_id = rows_id(&rows, 0);
	err = rows_end(&rows);
	if (err == ERR_OK)
		err = SQL_RUN(db, &LINK_DELETE, SQL_TEXT(hash));
	if (err == ERR_OK)
		*user_id_out = user_id;
	return err;
}
