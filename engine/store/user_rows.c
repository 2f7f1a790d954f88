/* user_rows.c - see user_rows.h */
#include "store/user_rows.h"

#include "store/row_ids.h"
#include "store/sql.h"

#define USER_COLUMNS                                                                \
	"id, login, first_name, last_name, email, password_hash, role, is_active, " \
	"is_on_shift, created_at, "                                                 \
	"deactivated_at, revision, capacity, digest"

SQL(USER_LOAD, "SELECT " USER_COLUMNS " FROM users WHERE id = ?1"); /* primary key */
SQL(USER_BY_LOGIN,
    "SELECT " USER_COLUMNS " FROM users WHERE login = ?1"); /* unique login */
SQL(USER_INSERT, "INSERT INTO users (" USER_COLUMNS ") "
		 "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 1, ?12, ?13)");
/* primary key */
SQL(USER_SAVE,
    "UPDATE users SET first_name = ?2, last_name = ?3, email = ?4, "
    "password_hash = ?5, role = ?6, "
    "is_active = ?7, is_on_shift = ?8, deactivated_at = ?9, capacity = ?10, digest = ?11, "
    "revision = revision + 1 WHERE id = ?1");
/* unique login, in its order */
SQL(USER_PAGE, "SELECT " USER_COLUMNS
	       " FROM users WHERE login > ?1 AND (?2 < 0 OR is_active = ?2) "
	       "ORDER BY login LIMIT ?3");
/* the whole table: it has as many rows as the desk has people */
SQL(USER_COUNT_ACTIVE, "SELECT count(*) FROM users WHERE role = ?1 AND is_active = 1");
/* leases_abandoned: as many as cards are open of what was drawn */
SQL(USER_LEAVE_POOL, "UPDATE tasks SET assignee_id = NULL, revision = revision + 1 "
		     "WHERE assignee_id = ?1 AND id IN (SELECT card_id FROM leases "
		     "WHERE was_unassigned = 1)");
SQL(USER_END_LEASES, "DELETE FROM leases WHERE user_id = ?1"); /* leases_user */

SQL(TEAM_LOAD, "SELECT id, name, revision FROM teams WHERE id = ?1"); /* primary key */
SQL(TEAM_BY_NAME,
    "SELECT id, name, revision FROM teams WHERE name = ?1"); /* unique name */
SQL(TEAM_PAGE, "SELECT id, name, revision FROM teams WHERE id > ?1 ORDER BY id LIMIT "
	       "?2"); /* primary key */
SQL(TEAM_INSERT, "INSERT INTO teams (id, name, revision) VALUES (?1, ?2, 1)");
SQL(TEAM_SAVE,
    "UPDATE teams SET name = ?2, revision = revision + 1 WHERE id = ?1"); /* primary key */
SQL(TEAM_DELETE, "DELETE FROM teams WHERE id = ?1"); /* primary key */
SQL(TEAM_HAS_MEMBER,
    "SELECT 1 FROM team_members WHERE team_id = ?1 AND user_id = ?2"); /* primary key */
/* team_members_user, then the primary key */
SQL(TEAM_SHARED,
    "SELECT 1 FROM team_members a JOIN team_members b ON b.team_id = a.team_id "
    "WHERE a.user_id = ?1 AND b.user_id = ?2 LIMIT 1");
SQL(TEAM_MATES, "SELECT DISTINCT o.user_id FROM team_members i JOIN team_members o ON "
		"o.team_id = i.team_id WHERE i.user_id = ?1 AND o.user_id <> ?1 ORDER "
		"BY o.user_id LIMIT ?2"); /* team_members_user, then the key */
SQL(TEAM_MEMBERS, "SELECT user_id FROM team_members WHERE team_id = ?1 ORDER BY "
		  "user_id"); /* primary key */
SQL(TEAM_REMOVE_MEMBERS,
    "DELETE FROM team_members WHERE team_id = ?1"); /* primary key */
SQL(TEAM_ADD_MEMBER, "INSERT INTO team_members (team_id, user_id) VALUES (?1, ?2) ON "
		     "CONFLICT DO NOTHING");
SQL(TEAM_OPEN_TASK, "SELECT 1 FROM tasks WHERE team_id = ?1 AND state IN (0, 1, 2) "
		    "LIMIT 1"); /* tasks_team */

static void read_user(const struct rows *rows, struct arena *arena, struct user *user)
{
	*user = (struct user){
		.id = rows_id(rows, 0),
		.login = arena_strdup(arena, rows_text(rows, 1)),
		.first_name = arena_strdup(arena, rows_text(rows, 2)),
		.last_name = arena_strdup(arena, rows_text(rows, 3)),
		.email = arena_strdup(arena, rows_text(rows, 4)),
		.password_hash = arena_strdup(arena, rows_text(rows, 5)),
		.role = (enum role)rows_int(rows, 6),
		.is_active = rows_bool(rows, 7),
		.is_on_shift = rows_bool(rows, 8),
		.created_at = rows_int(rows, 9),
		.deactivated_at = rows_int(rows, 10),
		.revision = (uint32_t)rows_int(rows, 11),
		.capacity = (unsigned)rows_int(rows, 12),
		.digest = (enum user_digest)rows_int(rows, 13),
	};
}

enum err user_rows_load(struct db *db, struct arena *arena, uint64_t id,
			struct user *user_out)
{
	struct rows rows;
	enum err err = SQL_ONE(db, &USER_LOAD, &rows, SQL_INT(id));
	if (err != ERR_OK)
		return err;
	read_user(&rows, arena, user_out);
	return rows_end(&rows);
}

enum err user_rows_by_login(struct db *db, struct arena *arena, const char *login,
			    struct user *user_out)
{
	struct rows rows;
	enum err err = SQL_ONE(db, &USER_BY_LOGIN, &rows, SQL_TEXT(login));
	if (err != ERR_OK)
		return err;
	read_user(&rows, arena, user_out);
	return rows_end(&rows);
}

enum err user_rows_insert(struct db *db, const struct user *user)
{
	return SQL_RUN(db, &USER_INSERT, SQL_INT(user->id), SQL_TEXT(user->login),
		       SQL_TEXT(user->first_name), SQL_TEXT(user->last_name),
		       SQL_TEXT(user->email), SQL_TEXT(user->password_hash),
		       SQL_INT(user->role), SQL_INT(user->is_active),
		       SQL_INT(user->is_on_shift), SQL_INT(user->created_at),
		       SQL_TIME(user->deactivated_at), SQL_ID(user->capacity),
		       SQL_INT(user->digest));
}

enum err user_rows_save(struct db *db, const struct user *user)
{
	return SQL_RUN(db, &USER_SAVE, SQL_INT(user->id), SQL_TEXT(user->first_name),
		       SQL_TEXT(user->last_name), SQL_TEXT(user->email),
		       SQL_TEXT(user->password_hash), SQL_INT(user->role),
		       SQL_INT(user->is_active), SQL_INT(user->is_on_shift),
		       SQL_TIME(user->deactivated_at), SQL_ID(user->capacity),
		       SQL_INT(user->digest));
}

enum err user_rows_page(struct db *db, struct arena *arena, const char *after_login,
			int active, size_t limit, struct user **users_out,
			size_t *count_out)
{
	struct user *users = ARENA_ARRAY(arena, struct user, limit);
	size_t count = 0;
	struct rows rows;
	SQL_QUERY(db, &USER_PAGE, &rows, SQL_TEXT(after_login), SQL_INT(active),
		  SQL_INT(limit));
	while (rows_next(&rows))
		read_user(&rows, arena, &users[count++]);
	enum err err = rows_end(&rows);
	if (err == ERR_OK) {
		*users_out = users;
		*count_out = count;
	}
	return err;
}

enum err user_rows_count_active(struct db *db, enum role role, int64_t *count_out)
{
	struct rows rows;
	enum err err = SQL_ONE(db, &USER_COUNT_ACTIVE, &rows, SQL_INT(role));
	if (err != ERR_OK)
		return err;
	*count_out = rows_int(&rows, 0);
	return rows_end(&rows);
}

enum err user_rows_end_leases(struct db *db, uint64_t user_id)
{
	enum err err = SQL_RUN(db, &USER_LEAVE_POOL, SQL_INT(user_id));
	return err == ERR_OK ? SQL_RUN(db, &USER_END_LEASES, SQL_INT(user_id)) : err;
}

/* --- teams -------------------------------------------------------------------------------------------------------- */

static void read_team(const struct rows *rows, struct arena *arena, struct team *team)
{
	*team = (struct team){
		.id = rows_id(rows, 0),
		.name = arena_strdup(arena, rows_text(rows, 1)),
		.revision = (uint32_t)rows_int(rows, 2),
	};
}

enum err team_rows_load(struct db *db, struct arena *arena, uint64_t id,
			struct team *team_out)
{
	struct rows rows;
	enum err err = SQL_ONE(db, &TEAM_LOAD, &rows, SQL_INT(id));
	if (err != ERR_OK)
		return err;
	read_team(&rows, arena, team_out);
	return rows_end(&rows);
}

enum err team_rows_by_name(struct db *db, struct arena *arena, const char *name,
			   struct team *team_out)
{
	struct rows rows;
	enum err err = SQL_ONE(db, &TEAM_BY_NAME, &rows, SQL_TEXT(name));
	if (err != ERR_OK)
		return err;
	read_team(&rows, arena, team_out);
	return rows_end(&rows);
}

static enum err is_there(struct rows *rows, bool *there_out)
{
	bool there = rows_next(rows);
	enum err err = rows_end(rows);
	if (err == ERR_OK)
		*there_out = there;
	return err;
}

enum err team_rows_shares(struct db *db, uint64_t user_id, uint64_t team_id,
			  uint64_t other_user_id, bool *shares_out)
{
	struct rows rows;
	if (team_id)
		SQL_QUERY(db, &TEAM_HAS_MEMBER, &rows, SQL_INT(team_id),
			  SQL_INT(user_id));
	else
		SQL_QUERY(db, &TEAM_SHARED, &rows, SQL_INT(user_id),
			  SQL_INT(other_user_id));
	return is_there(&rows, shares_out);
}

enum err team_rows_mates(struct db *db, struct arena *arena, uint64_t user_id,
			 size_t limit, uint64_t **ids_out, size_t *count_out)
{
	struct rows rows;
	SQL_QUERY(db, &TEAM_MATES, &rows, SQL_INT(user_id), SQL_INT(limit));
	return rows_ids(&rows, arena, limit, ids_out, count_out);
}

enum err team_rows_members(struct db *db, struct arena *arena, uint64_t team_id,
			   uint64_t **ids_out, size_t *count_out)
{
	uint64_t *ids = NULL;
	size_t count = 0, room = 0;
	struct rows rows;
	SQL_QUERY(db, &TEAM_MEMBERS, &rows, SQL_INT(team_id));
	while (rows_next(&rows)) {
		if (count == room) {
			uint64_t *more =
				ARENA_ARRAY(arena, uint64_t, room ? room * 2 : 16);
			for (size_t i = 0; i < count; i++)
				more[i] = ids[i];
			room = room ? room * 2 : 16;
			ids = more;
		}
		ids[count++] = rows_id(&rows, 0);
	}
	enum err err = rows_end(&rows);
	if (err == ERR_OK) {
		*ids_out = ids;
		*count_out = count;
	}
	return err;
}

enum err team_rows_page(struct db *db, struct arena *arena, uint64_t after_id,
			size_t limit, struct team **teams_out, size_t *count_out)
{
	struct team *teams = ARENA_ARRAY(arena, struct team, limit);
	size_t count = 0;
	struct rows rows;
	SQL_QUERY(db, &TEAM_PAGE, &rows, SQL_INT(after_id), SQL_INT(limit));
	while (rows_next(&rows))
		read_team(&rows, arena, &teams[count++]);
	enum err err = rows_end(&rows);
	if (err == ERR_OK) {
		*teams_out = teams;
		*count_out = count;
	}
	return err;
}

enum err team_rows_insert(struct db *db, const struct team *team)
{
	return SQL_RUN(db, &TEAM_INSERT, SQL_INT(team->id), SQL_TEXT(team->name));
}

enum err team_rows_save(struct db *db, const struct team *team)
{
	return SQL_RUN(db, &TEAM_SAVE, SQL_INT(team->id), SQL_TEXT(team->name));
}

enum err team_rows_delete(struct db *db, uint64_t id)
{
	enum err err = SQL_RUN(db, &TEAM_REMOVE_MEMBERS, SQL_INT(id));
	return err == ERR_OK ? SQL_RUN(db, &TEAM_DELETE, SQL_INT(id)) : err;
}

enum err team_rows_set_members(struct db *db, uint64_t team_id,
			       const uint64_t *user_ids, size_t count)
{
	enum err err = SQL_RUN(db, &TEAM_REMOVE_MEMBERS, SQL_INT(team_id));
	for (size_t i = 0; i < count && err == ERR_OK; i++)
		err = SQL_RUN(db, &TEAM_ADD_MEMBER, SQL_INT(team_id),
			      SQL_INT(user_ids[i]));
	return err;
}

enum err team_rows_has_open_tasks(struct db *db, uint64_t team_id, bool *has_out)
{
	struct rows rows;
	SQL_QUERY(db, &TEAM_OPEN_TASK, &rows, SQL_INT(team_id));
	return is_there(&rows, has_out);
}
