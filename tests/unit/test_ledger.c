/* test_ledger.c - the chain is written and verified; every way of breaking it is seen, and where. */
#include "core_help.h"

#include "core/ledger.h"
#include "core/ledger_hash.h"

enum { SENDS = 3, NOTES = 2 };

static const struct actor ana = {.kind = ACTOR_SESSION,
				 .way = WAY_PAGE,
				 .user_id = 10,
				 .credential_id = 7,
				 .role = ROLE_AGENT,
				 .scopes = SCOPE_ALL,
				 .name = "ana"};

/* --- help --------------------------------------------------------------------------------------------------------- */

struct sending {
	uint64_t message_id;
	const char *to, *text;
};

static enum err append_send(struct txn *txn, void *arg)
{
	const struct sending *sending = arg;
	struct ledger_entry entry;
	ledger_begin(txn, &entry);
	json_key_id(&entry.payload, "message", sending->message_id);
	ledger_private(&entry, "to", sending->to);
	ledger_private(&entry, "text", sending->text);
	ledger_private(&entry, "nothing", NULL);
	return ledger_append(txn, &entry, &ana, LEDGER_SEND, "message:1");
}

static enum err append_note(struct txn *txn, void *arg)
{
	return ledger_note(txn, arg, "user_added", "user:bo", NULL);
}

static void add_message(struct desk *desk, uint64_t id)
{
	desk_sql(
		desk,
		"INSERT INTO receipts (id, secret, contact_id, user_id, credential_id, fence, minted_at, "
		"consent_revision, offered_text, shown_messages, used_at, message_id) VALUES (%" PRIu64
		", 's', 1, 10, 7, 1, 1, 0, 'hi', '', 1, %" PRIu64 ")",
		id, id);
	desk_sql(
		desk,
		"INSERT INTO messages (id, is_inbound, contact_id, receipt_id, number, text, segments, is_unicode, is_test, "
		"state, sent_by, created_at, state_at) VALUES (%" PRIu64
		", 0, 1, %" PRIu64 ", '+35191000000%" PRIu64 "', 'text %" PRIu64
		"', 1, 0, 0, 0, 10, 1, 1)",
		id, id, id, id);
}

static void send_text(struct desk *desk, uint64_t id)
{
	struct sending sending = {
		.message_id = id,
		.to = arena_printf(desk->arena, "+35191000000%" PRIu64, id),
		.text = arena_printf(desk->arena, "text %" PRIu64, id)};
	assert_int_equal(store_write_now(desk->store, append_send, &sending), ERR_OK);
}

/* Entries 1 note, 2 to 4 sends of messages 1 to 3, 5 note. */
static int set_up(void **state)
{
	int failed = desk_set_up(state);
	struct desk *desk = *state;
	if (failed)
		return failed;
	desk_sql(
		desk,
		"INSERT INTO users (id, login, first_name, last_name, email, role, is_active, is_on_shift, created_at, "
		"revision) VALUES (10, 'ana', '', '', '', 0, 1, 1, 1, 1), (11, 'bo', '', '', '', 0, 1, 1, 1, 1)");
	desk_contact(desk, 1, "+351910000001");
	assert_int_equal(store_write_now(desk->store, append_note,
					 (void *)(uintptr_t)&desk_shell),
			 ERR_OK);
	for (uint64_t id = 1; id <= SENDS; id++) {
		add_message(desk, id);
		send_text(desk, id);
	}
	assert_int_equal(store_write_now(desk->store, append_note,
					 (void *)(uintptr_t)&actor_system),
			 ERR_OK);
	return 0;
}

static struct ledger_verify verify(struct desk *desk,
				   const struct ledger_head *expected)
{
	struct ledger_verify walk = {.expected = expected};
	unsigned steps = 0;
	while (!walk.is_done && steps++ < 100)
		assert_int_equal(store_read_now(desk->store, ledger_verify_step, &walk),
				 ERR_OK);
	assert_true(walk.is_done);
	return walk;
}

struct heading {
	struct arena *arena;
	struct ledger_head head;
};

static enum err head(struct snapshot *snap, void *arg)
{
	struct heading *heading = arg;
	return ledger_head(snapshot_db(snap), heading->arena, 0, &heading->head);
}

static struct ledger_head head_of(struct desk *desk)
{
	struct heading heading = {.arena = desk->arena};
	assert_int_equal(store_read_now(desk->store, head, &heading), ERR_OK);
	return heading.head;
}

/* --- whole -------------------------------------------------------------------------------------------------------- */

static void test_whole(void **state)
{
	struct desk *desk = *state;
	struct ledger_head newest = head_of(desk);
	struct ledger_verify walk = verify(desk, &newest);
	if (walk.broken.what)
		fail_msg("%" PRIu64 ": %s", walk.broken.seq, walk.broken.what);
	assert_int_equal(walk.entries, SENDS + NOTES);
	assert_int_equal(walk.sends, SENDS);
	assert_int_equal(walk.messages, SENDS);
	assert_int_equal(walk.erased, 0);
	assert_int_equal(walk.head.seq, 5);
	assert_memory_equal(walk.head.hash, newest.hash, LEDGER_HASH_BYTES);
	ledger_verify_fini(&walk);
	assert_int_equal(desk_number(desk, "SELECT count(*) FROM ledger_salts"), SENDS);
	assert_int_equal(
		desk_number(
			desk,
			"SELECT count(*) FROM ledger WHERE instr(payload, '+351') OR "
			"instr(payload, 'text 1')"),
		0);
	assert_int_equal(
		desk_number(
			desk,
			"SELECT count(*) FROM ledger WHERE seq = 1 AND actor = 'shell:1000' AND "
			"credential = 'shell' AND way = 'shell'"),
		1);
	assert_int_equal(
		desk_number(
			desk,
			"SELECT count(*) FROM ledger WHERE seq = 2 AND actor = 'ana' AND "
			"credential = 'session:7' AND way = 'page'"),
		1);
}

static void test_empty(void **state)
{
	struct desk *desk = *state;
	struct ledger_verify walk = verify(desk, NULL);
	assert_null(walk.broken.what);
	assert_int_equal(walk.entries, 0);
	ledger_verify_fini(&walk);
}

/* More than one batch; a text more in each. */
static void test_long(void **state)
{
	struct desk *desk = *state;
	for (unsigned i = 0; i < 1100; i++)
		assert_int_equal(store_write_now(desk->store, append_note,
						 (void *)(uintptr_t)&actor_system),
				 ERR_OK);
	add_message(desk, 4);
	send_text(desk, 4);
	struct ledger_verify walk = verify(desk, NULL);
	assert_null(walk.broken.what);
	assert_int_equal(walk.entries, SENDS + NOTES + 1101);
	ledger_verify_fini(&walk);
	desk_sql(desk, "DELETE FROM ledger WHERE seq = 777");
	walk = verify(desk, NULL);
	assert_int_equal(walk.broken.seq, 778);
	ledger_verify_fini(&walk);
}

/* The hash by hand, from the words of ledger.h. */
static void test_hash(void **state)
{
	static const char zeros[32];
	static const char *const fields[] = {"0",    "1",         "1795400000000",
					     "ana",  "session:7", "page",
					     "send", "message:1", "{}"};
	struct ledger_row row = {.seq = 1,
				 .at = INT64_C(1795400000000),
				 .actor = "ana",
				 .credential = "session:7",
				 .way = "page",
				 .act = "send",
				 .subject = "message:1",
				 .payload = "{}",
				 .prev = (const unsigned char *)zeros,
				 .prev_bytes = 32};
	unsigned char mine[32], theirs[32];
	struct buf all = BUF_EMPTY;
	(void)state;
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		buf_add(&all, "\0\0\0\0\0\0\0", 7);
		buf_add_char(&all, (char)strlen(fields[i]));
		buf_add_str(&all, fields[i]);
	}
	buf_add(&all, "\0\0\0\0\0\0\0\x20", 8);
	buf_add(&all, zeros, 32);
	crypto_hash_sha256(mine, (const unsigned char *)all.data, all.len);
	ledger_hash(&row, theirs);
	assert_memory_equal(mine, theirs, 32);
	buf_fini(&all);
}

/* --- broken ------------------------------------------------------------------------------------------------------- */

static void test_broken(void **state)
{
	static const struct {
		const char *sql;
		uint64_t seq, message_id;
		const char *what;
	} table[] = {
		{"UPDATE ledger SET at = at + 1 WHERE seq = 3", 3, 0, "does not fit"},
		{"UPDATE ledger SET actor = 'bo' WHERE seq = 3", 3, 0, "does not fit"},
		{"UPDATE ledger SET credential = 'session:8' WHERE seq = 3", 3, 0,
		 "does not fit"},
		{"UPDATE ledger SET way = 'api' WHERE seq = 3", 3, 0, "does not fit"},
		{"UPDATE ledger SET act = 'note' WHERE seq = 3", 3, 0, "does not fit"},
		{"UPDATE ledger SET subject = 'message:2' WHERE seq = 3", 3, 0,
		 "does not fit"},
		{"UPDATE ledger SET payload = replace(payload, '\"2\"', '\"1\"') WHERE seq = 3",
		 3, 0, "does not fit"},
		{"UPDATE ledger SET prev = zeroblob(32) WHERE seq = 3", 3, 0,
		 "does not follow"},
		{"UPDATE ledger SET prev = x'' WHERE seq = 3", 3, 0, "does not follow"},
		{"UPDATE ledger SET hash = zeroblob(32) WHERE seq = 3", 3, 0,
		 "does not fit"},
		{"UPDATE ledger SET seq = 6 WHERE seq = 3", 4, 0, "entry 3 is missing"},
		{"UPDATE ledger SET chain = 1 WHERE seq = 5", 5, 0,
		 "entry 1 is missing"},
		{"DELETE FROM ledger WHERE seq = 1", 2, 0, "entry 1 is missing"},
		{"DELETE FROM ledger WHERE seq = 4", 5, 0, "entry 4 is missing"},
		{"UPDATE ledger_salts SET salt = zeroblob(16) WHERE seq = 3", 3, 2,
		 "another recipient"},
		{"DELETE FROM ledger_salts WHERE seq = 3", 3, 2, "salt is gone"},
		{"UPDATE messages SET text = 'else' WHERE id = 2", 3, 2,
		 "another text"},
		{"UPDATE messages SET number = '+351910000009' WHERE id = 2", 3, 2,
		 "another recipient"},
		{"UPDATE messages SET sent_by = 11 WHERE id = 2", 3, 2,
		 "bo sent it, the ledger ana"},
		{"UPDATE messages SET sent_by = NULL WHERE id = 2", 3, 2,
		 "nobody sent it"},
		{"UPDATE messages SET is_inbound = 1 WHERE id = 2", 3, 2,
		 "is not there"},
		{"DELETE FROM messages WHERE id = 2", 3, 2, "is not there"},
		{"UPDATE receipts SET message_id = 1 WHERE id = 2", 3, 2, "receipt"},
	};
	struct desk *desk = *state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		/* each on the same sound state: put back what was broken */
		desk_sql(desk, "CREATE TABLE kept_l AS SELECT * FROM ledger");
		desk_sql(desk, "CREATE TABLE kept_s AS SELECT * FROM ledger_salts");
		desk_sql(desk, "CREATE TABLE kept_m AS SELECT * FROM messages");
		desk_sql(desk, "CREATE TABLE kept_r AS SELECT * FROM receipts");
		desk_sql(desk, "%s", table[i].sql);
		struct ledger_verify walk = verify(desk, NULL);
		if (!walk.broken.what || !strstr(walk.broken.what, table[i].what) ||
		    walk.broken.seq != table[i].seq ||
		    walk.broken.message_id != table[i].message_id)
			fail_msg("%s: seq %" PRIu64 " message %" PRIu64 ": %s",
				 table[i].sql, walk.broken.seq, walk.broken.message_id,
				 walk.broken.what ? walk.broken.what : "holds");
		ledger_verify_fini(&walk);
		desk_sql(desk, "DELETE FROM messages");
		desk_sql(desk, "DELETE FROM receipts");
		desk_sql(desk, "DELETE FROM ledger");
		desk_sql(desk, "DELETE FROM ledger_salts");
		desk_sql(desk, "INSERT INTO receipts SELECT * FROM kept_r");
		desk_sql(desk, "INSERT INTO messages SELECT * FROM kept_m");
		desk_sql(desk, "INSERT INTO ledger SELECT * FROM kept_l");
		desk_sql(desk, "INSERT INTO ledger_salts SELECT * FROM kept_s");
		desk_sql(desk, "DROP TABLE kept_l");
		desk_sql(desk, "DROP TABLE kept_s");
		desk_sql(desk, "DROP TABLE kept_m");
		desk_sql(desk, "DROP TABLE kept_r");
	}
	struct ledger_verify walk = verify(desk, NULL);
	assert_null(walk.broken.what);
	ledger_verify_fini(&walk);
}

/* What no entry stands for, or two. */
static void test_planted(void **state)
{
	struct desk *desk = *state;
	add_message(desk, 4);
	struct ledger_verify walk = verify(desk, NULL);
	assert_non_null(strstr(walk.broken.what, "no entry says"));
	assert_int_equal(walk.broken.message_id, 4);
	assert_int_equal(walk.broken.seq, 0);
	ledger_verify_fini(&walk);
	send_text(desk, 4);
	send_text(desk, 2);
	walk = verify(desk, NULL);
	assert_non_null(strstr(walk.broken.what, "more than one entry"));
	assert_int_equal(walk.broken.message_id, 2);
	ledger_verify_fini(&walk);
}

/* A person was erased: salt and text are gone together. */
static void test_erased(void **state)
{
	struct desk *desk = *state;
	desk_sql(desk, "DELETE FROM ledger_salts WHERE seq = 3");
	desk_sql(desk, "UPDATE messages SET text = '', number = '' WHERE id = 2");
	struct ledger_verify walk = verify(desk, NULL);
	assert_null(walk.broken.what);
	assert_int_equal(walk.erased, 1);
	ledger_verify_fini(&walk);
}

/* --- heads -------------------------------------------------------------------------------------------------------- */

static void test_head_kept_elsewhere(void **state)
{
	struct desk *desk = *state;
	struct ledger_head kept = head_of(desk);
	assert_int_equal(store_write_now(desk->store, append_note,
					 (void *)(uintptr_t)&actor_system),
			 ERR_OK);
	struct ledger_verify walk = verify(desk, &kept); /* the chain went on */
	assert_null(walk.broken.what);
	ledger_verify_fini(&walk);

	desk_sql(desk, "DELETE FROM ledger WHERE seq >= 5"); /* cut: whole in itself */
	walk = verify(desk, NULL);
	assert_null(walk.broken.what);
	ledger_verify_fini(&walk);
	walk = verify(desk, &kept);
	assert_non_null(strstr(walk.broken.what, "cut"));
	assert_int_equal(walk.broken.seq, 5);
	ledger_verify_fini(&walk);

	atomic_fetch_add(&desk->now_ms, 1); /* written anew: whole in itself too */
	assert_int_equal(store_write_now(desk->store, append_note,
					 (void *)(uintptr_t)&actor_system),
			 ERR_OK);
	walk = verify(desk, &kept);
	assert_non_null(strstr(walk.broken.what, "written anew"));
	assert_int_equal(walk.broken.seq, 5);
	ledger_verify_fini(&walk);
}

static void test_head_text(void **state)
{
#define HEX "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
	static const char *const wrong[] = {
		"",
		"0",
		"0:5",
		"0:5:",
		":5:" HEX,
		"0::" HEX,
		"0:0:" HEX,
		"0:-1:" HEX,
		"x:5:" HEX,
		"0:5:" HEX "0",
		"0:5:0" HEX,
		"0:5:zz112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
		"0:99999999999999999999:" HEX,
		"9999999999:5:" HEX,
		" 0:5:" HEX,
		"0:5:" HEX " ",
	};
	struct ledger_head parsed;
	char text[LEDGER_HEAD_TEXT_LEN];
	(void)state;
	assert_int_equal(ledger_head_parse("3:4711:" HEX, &parsed), ERR_OK);
	assert_int_equal(parsed.chain, 3);
	assert_int_equal(parsed.seq, 4711);
	assert_string_equal(ledger_head_format(&parsed, text), "3:4711:" HEX);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(ledger_head_parse(wrong[i], &parsed), ERR_SYNTAX);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, desk_tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_whole),
		cmocka_unit_test_setup_teardown(test_empty, desk_set_up,
						desk_tear_down),
		TEST(test_long),
		cmocka_unit_test(test_hash),
		TEST(test_broken),
		TEST(test_planted),
		TEST(test_erased),
		TEST(test_head_kept_elsewhere),
		cmocka_unit_test(test_head_text),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
