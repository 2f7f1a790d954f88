/* test_conversations.c - threads: their order, whose they are, what is unread, words in texts, and notes */
#include "life_help.h"

#include "core/contacts.h"
#include "core/conversations.h"
#include "core/handler.h"
#include "model/mention.h"
#include "store/sql.h"

/* Contact n has the number that ends in n - 101 (flow_help.h). */
static uint64_t heard(struct desk *desk, unsigned contact, const char *text)
{
	static unsigned event;
	struct inbound_take in = {
		.call = desk_call(desk, &actor_system),
		.event_id = arena_printf(desk->arena, "e%u", ++event),
		.from = arena_printf(desk->arena, "+3519120000%02u", contact - 101),
		.to = "12345",
		.text = text};
	atomic_fetch_add(&desk->now_ms, 1000);
	assert_int_equal(desk_write(desk, inbound_take, &in.call), ERR_OK);
	return (uint64_t)desk_number(desk, "SELECT max(id) FROM messages");
}

static uint64_t texted(struct desk *desk, unsigned contact, const struct actor *actor,
		       const char *text)
{
	struct task_open open = life_compose(desk, contact, actor, ERR_OK);
	const struct life_try try = {.actor = actor,
				     .receipt = life_receipt(desk, &open),
				     .text = text,
				     .contact = contact};
	atomic_fetch_add(&desk->now_ms, 1000);
	return life_send_as(desk, &try, ERR_OK, NULL);
}

static struct conversation_list all(struct desk *desk, const struct actor *actor)
{
	return (struct conversation_list){.call = desk_call(desk, actor),
					  .unread = -1,
					  .unanswered = -1,
					  .limit = 50};
}

/* The contacts of the page, "103,101"; *next_out: its cursor, or NULL. */
static const char *page(struct desk *desk, struct conversation_list *query,
			const char **next_out)
{
	static const char item[] = "{\"contact\":{\"id\":\"", next[] = "\"next\":\"";
	struct buf ids = BUF_EMPTY;
	assert_int_equal(desk_read(desk, conversation_list, &query->call), ERR_OK);
	const char *answer = buf_str(&query->call.answer);
	for (const char *at = answer; (at = strstr(at, item)); at += strlen(item))
		buf_printf(&ids, "%s%.3s", ids.len ? "," : "", at + strlen(item));
	const char *cursor = strstr(answer, next);
	if (next_out)
		*next_out = cursor ? arena_strndup(desk->arena, cursor + strlen(next),
						   strcspn(cursor + strlen(next), "\""))
				   : NULL;
	const char *found = arena_strdup(desk->arena, buf_str(&ids));
	buf_fini(&ids);
	return found;
}

static void expect(struct desk *desk, struct conversation_list query,
		   const char *contacts)
{
	assert_string_equal(page(desk, &query, NULL), contacts);
}

static void expect_q(struct desk *desk, const struct actor *actor, const char *q,
		     const char *contacts)
{
	struct conversation_list query = all(desk, actor);
	query.q = q;
	expect(desk, query, contacts);
}

static void newest_first_in_pages(void **state)
{
	struct desk *desk = *state;
	expect(desk, all(desk, &life_ana), "");
	heard(desk, 101, "one");
	heard(desk, 102, "two");
	texted(desk, 103, &life_ana, "three");
	expect(desk, all(desk, &life_ana), "103,102,101");
	texted(desk, 101, &life_ana, "one again");
	expect(desk, all(desk, &life_ana), "101,103,102");

	const char *next, *seen = "";
	struct conversation_list query = all(desk, &life_ana);
	query.limit = 2;
	assert_string_equal(page(desk, &query, &next), "101,103");
	heard(desk, 104, "between two pages");
	query = all(desk, &life_ana);
	query.limit = 2;
	query.cursor = next;
	assert_string_equal(page(desk, &query, &next), "102");
	assert_null(next);
	/* a walk that is cut goes on where it was cut */
	next = NULL;
	for (unsigned i = 0; i < 10; i++) {
		query = all(desk, &life_ana);
		query.scan_most = 1;
		query.cursor = next;
		const char *found = page(desk, &query, &next);
		seen = arena_printf(desk->arena, "%s%s%s", seen,
				    *seen && *found ? "," : "", found);
		if (!next)
			break;
	}
	assert_string_equal(seen, "104,101,103,102");
	query = all(desk, &life_ana);
	query.cursor = "t5";
	assert_int_equal(desk_read(desk, conversation_list, &query.call),
			 ERR_BAD_CURSOR);
	desk_sql(desk, "UPDATE contacts SET deleted_at = 1 WHERE id = 101");
	desk_sql(desk, "UPDATE contacts SET is_test = 1 WHERE id = 102");
	expect(desk, all(desk, &life_ana), "104,103");
	query = all(desk, &life_ana);
	query.test = true;
	expect(desk, query, "102");
}

static enum err read_up_to(struct desk *desk, const struct actor *actor,
			   unsigned contact, uint64_t id, const char *answers)
{
	struct conversation_read cmd = {
		.call = desk_call(desk, actor), .contact_id = contact, .up_to = id};
	enum err err = desk_write(desk, conversation_read, &cmd.call);
	if (answers)
		assert_true(desk_answers(&cmd.call, answers));
	return err;
}

static void unread_is_each_users_own(void **state)
{
	struct desk *desk = *state;
	uint64_t first = heard(desk, 101, "one");
	uint64_t second = heard(desk, 101, "two");
	struct conversation_list unread = all(desk, &life_ana), read;
	unread.unread = 1;
	assert_string_equal(page(desk, &unread, NULL), "101");
	assert_true(desk_answers(&unread.call, "\"unread\":true,\"unread_count\":2"));
	assert_int_equal(read_up_to(desk, &life_ana, 101, first,
				    "\"unread\":true,\"unread_count\":1"),
			 ERR_OK);
	assert_int_equal(read_up_to(desk, &life_ana, 101, second,
				    "\"unread\":false,\"unread_count\":0"),
			 ERR_OK);
	/* never back; and no text that is still to come is read by naming its id */
	assert_int_equal(read_up_to(desk, &life_ana, 101, first, "\"unread\":false"),
			 ERR_OK);
	assert_int_equal(
		read_up_to(desk, &life_ana, 101, INT64_MAX, "\"unread\":false"),
		ERR_OK);
	unread = all(desk, &life_ana);
	unread.unread = 1;
	expect(desk, unread, "");
	read = all(desk, &life_ana);
	read.unread = 0;
	expect(desk, read, "101");
	unread.call = desk_call(desk, &life_ben);
	expect(desk, unread, "101");
	heard(desk, 101, "three");
	unread.call = desk_call(desk, &life_ana);
	expect(desk, unread, "101");
	/* whoever answers has read */
	texted(desk, 101, &life_ana, "an answer");
	unread.call = desk_call(desk, &life_ana);
	expect(desk, unread, "");
	/* what came before a user did is not unread */
	desk_sql(desk,
		 "INSERT INTO users (id, login, first_name, last_name, email, role, "
		 "is_active, is_on_shift, created_at, revision) "
		 "SELECT %" PRIu64 ", 'eva', '', '', '', 0, 1, 1, 1, 1",
		 (uint64_t)desk_number(desk, "SELECT max(id) + 1 FROM messages"));
	struct actor eva = life_ben;
	eva.user_id =
		(uint64_t)desk_number(desk, "SELECT id FROM users WHERE login = 'eva'");
	unread.call = desk_call(desk, &eva);
	expect(desk, unread, "");
	atomic_fetch_add(&desk->now_ms, 1000);
	heard(desk, 102, "new");
	expect(desk, unread, "102");

	assert_int_equal(read_up_to(desk, &desk_shell, 101, first, NULL),
			 ERR_HUMAN_REQUIRED);
	assert_int_equal(read_up_to(desk, &life_ana, 999, first, NULL), ERR_NOT_FOUND);
}

static void whose_threads_are_seen(void **state)
{
	struct desk *desk = *state;
	struct policy policy = policy_default;
	static const struct actor lead = {.kind = ACTOR_SESSION,
					  .way = WAY_PAGE,
					  .user_id = CAI,
					  .credential_id = 8,
					  .role = ROLE_LEAD,
					  .scopes = SCOPE_ALL,
					  .name = "cai"};
	heard(desk, 101, "nobody's");
	heard(desk, 102, "Ana's");
	heard(desk, 103, "Ben's");
	texted(desk, 104, &life_ben, "texted by Ben");
	heard(desk, 105, "Dot's");
	desk_sql(desk,
		 "UPDATE contacts SET owner_id = id - 101 WHERE id IN (102, 103)");
	desk_sql(desk, "UPDATE contacts SET owner_id = 4 WHERE id = 105");
	desk_sql(desk, "INSERT INTO teams VALUES (5, 'sales', 1)");
	desk_sql(desk, "INSERT INTO team_members VALUES (5, 1), (5, 2)");
	expect(desk, all(desk, &life_ana),
	       "105,104,103,102,101"); /* agents-see = all */
	policy.agents_see = AGENTS_SEE_TEAM;
	atomic_store(&desk->core.policy, &policy);
	expect(desk, all(desk, &life_ana), "104,103,102,101");
	expect(desk, all(desk, &lead), "105,104,103,102,101");
	policy.agents_see = AGENTS_SEE_OWN;
	expect(desk, all(desk, &life_ana), "102,101");
	expect(desk, all(desk, &life_ben), "104,103,101");
	expect_q(desk, &life_ana, "Ben", "");
	expect_q(desk, &life_ben, "Ben", "104,103");

	struct conversation_list query = all(desk, &lead);
	query.owner = (struct who){.kind = WHO_LOGIN, .login = "ben"};
	expect(desk, query, "103");
	query.call = desk_call(desk, &life_ana);
	expect(desk, query, "");
	query = all(desk, &lead);
	query.owner.kind = WHO_NOBODY;
	expect(desk, query, "104,101");
	query.call = desk_call(desk, &life_ana);
	expect(desk, query, "101");
	query = all(desk, &life_ana);
	query.owner.kind = WHO_ME;
	expect(desk, query, "102");

	/* several users' threads, page by page, in one order */
	const char *next = NULL, *seen = "";
	for (unsigned i = 0; i < 10; i++) {
		query = all(desk, &life_ben);
		query.limit = 1;
		query.cursor = next;
		const char *found = page(desk, &query, &next);
		seen = arena_printf(desk->arena, "%s%s%s", seen,
				    *seen && *found ? "," : "", found);
		if (!next)
			break;
	}
	assert_string_equal(seen, "104,103,101");

	/* one's own task shows the thread, which is not listed */
	struct message_list thread = {
		.call = desk_call(desk, &life_ana),
		.filter = {.contact_id = 103, .limit = 9, .test = -1},
		.is_thread = true};
	assert_int_equal(desk_read(desk, message_list, &thread.call), ERR_OK);
	assert_true(desk_answers(&thread.call, "{\"items\":[],"));
	assert_int_equal(read_up_to(desk, &life_ana, 103, 1, NULL), ERR_NOT_FOUND);
	life_task(desk, 103, ANA);
	thread.call = desk_call(desk, &life_ana);
	assert_int_equal(desk_read(desk, message_list, &thread.call), ERR_OK);
	assert_true(desk_answers(&thread.call, "\"text\":\"Ben's\""));
	expect(desk, all(desk, &life_ana), "102,101");
}

static void expect_waiting(struct desk *desk, const struct actor *actor,
			   enum who_kind handler, const char *contacts)
{
	struct conversation_list query = all(desk, actor);
	query.handler.kind = handler;
	expect(desk, query, contacts);
}

static enum err give(struct desk *desk, const struct actor *actor, unsigned contact,
		     struct who user)
{
	struct handler_set cmd = {
		.call = desk_call(desk, actor), .contact_id = contact, .user = user};
	return desk_write(desk, handler_set, &cmd.call);
}

static enum err run_sweep(struct txn *txn, void *arg)
{
	return handler_sweep(txn, arg);
}

static struct handler_sweep released(struct desk *desk)
{
	struct handler_sweep sweep;
	assert_int_equal(store_write_now(desk->store, run_sweep, &sweep), ERR_OK);
	return sweep;
}

static void who_is_to_answer(void **state)
{
	struct desk *desk = *state;
	struct policy policy = policy_default;
	struct handler_sweep sweep;
	const struct who nobody = {.kind = WHO_NOBODY},
			 ben = {.kind = WHO_LOGIN, .login = "ben"},
			 team = {.kind = WHO_TEAM, .id = 1};
	struct conversation_list query = all(desk, &life_ana);
	policy.agents_see = AGENTS_SEE_OWN;
	atomic_store(&desk->core.policy, &policy);
	heard(desk, 101, "nobody has texted me");
	texted(desk, 102, &life_ana, "Hi");
	texted(desk, 103, &life_ana, "Hi");
	expect_waiting(desk, &life_ana, WHO_ME, "");
	heard(desk, 102, "for ana");
	heard(desk, 102, "again");
	desk_sql(desk, "UPDATE contacts SET owner_id = 2 WHERE id = 102");
	query.unanswered = 1;
	expect(desk, query, "101"); /* of those that are hers, or anybody's */
	expect_waiting(desk, &life_ana, WHO_ME, "102");
	expect_waiting(desk, &life_ana, WHO_NOBODY, "101");
	expect_waiting(desk, &life_ben, WHO_ME, "");
	query = all(desk, &life_ana);
	query.unanswered = 0;
	expect(desk, query, "103");
	query.handler.kind = WHO_ME;
	assert_int_equal(desk_read(desk, conversation_list, &query.call),
			 ERR_BAD_REQUEST);

	/* given on, given up, and taken */
	assert_int_equal(give(desk, &life_ben, 101, team), ERR_UNKNOWN_USER);
	assert_int_equal(give(desk, &life_ana, 102, ben), ERR_OK);
	assert_int_equal(give(desk, &life_ana, 102, ben), ERR_NOT_FOUND);
	expect_waiting(desk, &life_ben, WHO_ME, "102");
	assert_int_equal(give(desk, &life_ben, 102, nobody), ERR_OK);
	expect_waiting(desk, &life_ben, WHO_NOBODY, "102,101");
	expect_waiting(desk, &life_ana, WHO_NOBODY, "101");
	assert_int_equal(give(desk, &life_ben, 101, ben), ERR_OK);
	expect_waiting(desk, &life_ben, WHO_ME, "101");
	/* the time of the first text that waits counts, and ends it */
	atomic_fetch_add(&desk->now_ms, policy.reply_release_ms - 1);
	sweep = released(desk);
	assert_int_equal(sweep.next_at, atomic_load(&desk->now_ms) + 1);
	heard(desk, 101, "still here");
	sweep = released(desk);
	assert_int_equal(sweep.next_at, 0);
	expect_waiting(desk, &life_ana, WHO_NOBODY, "101");
}

static void words_are_found(void **state)
{
	struct desk *desk = *state;
	heard(desk, 101, "The invoice is late");
	heard(desk, 102, "Where is my invoice?");
	heard(desk, 103, "A fatura CHEGOU, obrigada! Coração");
	texted(desk, 101, &life_ana, "We sent the invoice again");
	expect_q(desk, &life_ana, "invoice", "101,102");
	expect_q(desk, &life_ana, "invoice late", "101"); /* the older of its two */
	expect_q(desk, &life_ana, "  INVOI ", "101,102");
	expect_q(desk, &life_ana, "in", "");
	expect_q(desk, &life_ana, "coracao chegou", "103");
	expect_q(desk, &life_ana, "\"where\" AND (my* NOT ?", "");
	expect_q(desk, &life_ana, "\"where\" is -", "102");
	expect_q(desk, &life_ana, "?!", "");
	expect_q(desk, &life_ana, " ", "101,103,102");

	/* names and numbers come behind, each thread once */
	desk_sql(desk, "UPDATE contacts SET first_name = 'Invoice', last_name = "
		       "'Jones' WHERE id IN (103, 101)");
	expect_q(desk, &life_ana, "invoice", "101,102,103");
	expect_q(desk, &life_ana, "jones", "101,103");
	expect_q(desk, &life_ana, "912 000 002", "103");
	/* a name is found wherever its thread stands */
	struct conversation_list query = all(desk, &life_ana);
	query.q = "jones";
	query.scan_most = 1;
	expect(desk, query, "101,103");
	query = all(desk, &life_ana);
	query.q = "invoice";
	assert_string_equal(page(desk, &query, NULL), "101,102,103");
	assert_true(desk_answers(&query.call, "\"match\":{\"id\":"));

	const char *next = NULL, *seen = "";
	for (unsigned i = 0; i < 10; i++) {
		query = all(desk, &life_ana);
		query.q = "invoice";
		query.limit = 1;
		query.cursor = next;
		const char *found = page(desk, &query, &next);
		seen = arena_printf(desk->arena, "%s%s%s", seen,
				    *seen && *found ? "," : "", found);
		if (!next)
			break;
	}
	assert_string_equal(seen, "101,102,103");

	/* the words follow the texts by themselves */
	desk_sql(desk, "UPDATE messages SET text = '' WHERE contact_id = 102");
	expect_q(desk, &life_ana, "where", "");
	desk_sql(desk, "INSERT INTO messages_words (messages_words) VALUES "
		       "('integrity-check')");
}

/* A text of two that came and changed, and one that came and went, within one write. */
static enum err hear_twice(struct txn *txn, void *arg)
{
	SQL(CHANGE, "UPDATE messages SET text = 'Later' WHERE text = 'Sooner'");
	SQL(REMOVE, "DELETE FROM messages WHERE text = 'Never'");
	struct inbound_take *texts = arg;
	enum err err = inbound_take(txn, &texts[0]);
	if (err == ERR_OK)
		err = inbound_take(txn, &texts[1]);
	if (err == ERR_OK)
		err = SQL_RUN0(txn_db(txn), &CHANGE);
	return err == ERR_OK ? SQL_RUN0(txn_db(txn), &REMOVE) : err;
}

static void words_of_one_write(void **state)
{
	struct desk *desk = *state;
	struct inbound_take texts[] = {{.event_id = "w1",
					.from = "+351912000000",
					.to = "12345",
					.text = "Sooner"},
				       {.event_id = "w2",
					.from = "+351912000001",
					.to = "12345",
					.text = "Never"}};
	for (unsigned i = 0; i < 2; i++)
		texts[i].call = desk_call(desk, &actor_system);
	assert_int_equal(desk_write(desk, hear_twice, &texts[0].call), ERR_OK);
	expect_q(desk, &life_ana, "later", "101");
	expect_q(desk, &life_ana, "sooner", "");
	expect_q(desk, &life_ana, "never", "");
	desk_sql(desk, "INSERT INTO messages_words (messages_words) VALUES "
		       "('integrity-check')");
}

static void notes_are_no_texts(void **state)
{
	struct desk *desk = *state;
	struct note_add cmd = {.call = desk_call(desk, &life_ana),
			       .contact_id = 101,
			       .text = "Likes to be called"};
	assert_int_equal(desk_write(desk, note_add, &cmd.call), ERR_OK);
	assert_int_equal(cmd.call.status, 201);
	assert_true(desk_answers(&cmd.call, "\"by\":{\"id\":\"1\",\"login\":\"ana\""));
	assert_int_equal(desk_number(desk, "SELECT count(*) FROM messages"), 0);
	assert_int_equal(desk_number(desk, "SELECT count(*) FROM outbox"), 0);
	expect(desk, all(desk, &life_ana), "");
	struct task_open open = life_compose(desk, 101, &life_ana, ERR_OK);
	assert_null(strstr(buf_str(&open.call.answer), "Likes"));
	cmd = (struct note_add){.call = desk_call(desk, &desk_shell),
				.contact_id = 101,
				.text = "By a program"};
	assert_int_equal(desk_write(desk, note_add, &cmd.call), ERR_OK);
	assert_true(desk_answers(&cmd.call, "\"by\":null,\"author\":\"shell\""));
	cmd = (struct note_add){.call = desk_call(desk, &life_ana),
				.contact_id = 999,
				.text = "Nobody"};
	assert_int_equal(desk_write(desk, note_add, &cmd.call), ERR_NOT_FOUND);
}

static const char *named_in(struct desk *desk, const char *text)
{
	struct mention mention = {.rest = text};
	const char *names = "";
	while (mention_next(&mention))
		names = arena_printf(desk->arena, "%s%s%.*s", names, *names ? " " : "",
				     (int)mention.len, mention.login);
	return names;
}

static void whom_a_text_names(void **state)
{
	static const char *const texts[][2] = {
		{"", ""},
		{"@", ""},
		{"@ ana", ""},
		{"@ana", "ana"},
		{"Ask @ana, please.", "ana"},
		{"(@ana/@ben)", "ana ben"},
		{"@ana.", "ana"},
		{"@ana.silva... and @b-2_x-", "ana.silva b-2_x"},
		{"ana@ben.pt", ""},
		{"9@ben", ""},
		{"olá@ben", ""},
		{"@ana@ben", "ana"},
		{"@Ana @9 @.a", ""},
		{"@@ana", "ana"},
		{"x.@ana", "ana"},
	};
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_string_equal(named_in(*state, texts[i][0]), texts[i][1]);
}

static uint64_t noted(struct desk *desk, const struct actor *actor, unsigned contact,
		      const char *text, const char *answers)
{
	struct note_add cmd = {
		.call = desk_call(desk, actor), .contact_id = contact, .text = text};
	atomic_fetch_add(&desk->now_ms, 1000);
	assert_int_equal(desk_write(desk, note_add, &cmd.call), ERR_OK);
	assert_true(desk_answers(&cmd.call, answers));
	return (uint64_t)desk_number(desk, "SELECT max(id) FROM notes");
}

static void expect_mentions(struct desk *desk, const struct actor *actor,
			    const char *contacts)
{
	struct conversation_list query = all(desk, actor);
	query.mentions = true;
	expect(desk, query, contacts);
}

static void notes_name_users(void **state)
{
	struct desk *desk = *state;
	struct policy policy = policy_default;
	policy.agents_see = AGENTS_SEE_OWN;
	atomic_store(&desk->core.policy, &policy);
	desk_sql(desk, "UPDATE contacts SET owner_id = 1 WHERE id IN (101, 102)");
	assert_int_equal(read_up_to(desk, &life_ben, 101, 1, NULL), ERR_NOT_FOUND);
	noted(desk, &life_ana, 101, "@ana @nobody",
	      "\"mentions\":[{\"id\":\"1\",\"login\":\"ana\"");
	expect_mentions(desk, &life_ana, ""); /* nobody tells themselves */
	uint64_t first = noted(desk, &life_ana, 101, "@ben, is it his? @ben?",
			       "\"login\":\"ben\"");
	noted(desk, &life_ana, 102, "@ben", "\"login\":\"ben\"");
	expect_mentions(desk, &life_ben, "102,101");
	uint64_t again = noted(desk, &life_ana, 101, "@ben!", "\"login\":\"ben\"");
	expect_mentions(desk, &life_ben, "101,102");
	struct conversation_list query = all(desk, &life_ben);
	query.mentions = true;
	query.limit = 1;
	const char *next;
	assert_string_equal(page(desk, &query, &next), "101");
	query = all(desk, &life_ben);
	query.mentions = true;
	query.cursor = next;
	assert_string_equal(page(desk, &query, &next), "102");
	assert_null(next);
	assert_int_equal(read_up_to(desk, &life_ben, 101, first, NULL), ERR_OK);
	expect_mentions(desk, &life_ben, "101,102"); /* the newer one was not read */
	assert_int_equal(read_up_to(desk, &life_ben, 101, again, "\"mention\":null"),
			 ERR_OK);
	expect_mentions(desk, &life_ben, "102");
	assert_int_equal(read_up_to(desk, &life_ben, 101, again, NULL),
			 ERR_OK); /* seen from then on */
	query.call = desk_call(desk, &desk_shell);
	assert_int_equal(desk_read(desk, conversation_list, &query.call),
			 ERR_BAD_REQUEST);
}

static enum err merged(struct desk *desk, uint64_t from, uint64_t into)
{
	struct contact_merge cmd = {
		.call = desk_call(desk, &desk_shell), .id = from, .into_id = into};
	enum err err = desk_write(desk, contact_merge, &cmd.call);
	return cmd.call.refusal.err != ERR_OK ? cmd.call.refusal.err : err;
}

/* Of two long threads the shorter goes into the longer. */
static void a_long_thread_takes_the_other_in(void **state)
{
	struct desk *desk = *state;
	desk_sql(desk, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
		       "WHERE i < 5000) INSERT INTO notes (id, contact_id, author, "
		       "text, created_at) SELECT i, CASE WHEN i < 2500 THEN 101 ELSE "
		       "102 END, 'crm', 'note', 1 FROM n");
	assert_int_equal(merged(desk, 102, 101), ERR_BAD_STATE);
	assert_int_equal(desk_number(desk, "SELECT count(*) FROM notes WHERE "
					   "contact_id = 102"),
			 2501);
	assert_int_equal(merged(desk, 101, 102), ERR_OK);
	assert_int_equal(desk_number(desk, "SELECT count(*) FROM notes WHERE "
					   "contact_id = 102"),
			 5000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIFE(newest_first_in_pages),  LIFE(unread_is_each_users_own),
		LIFE(whose_threads_are_seen), LIFE(who_is_to_answer),
		LIFE(words_are_found),        LIFE(words_of_one_write),
		LIFE(notes_are_no_texts),     LIFE(whom_a_text_names),
		LIFE(notes_name_users),       LIFE(a_long_thread_takes_the_other_in),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
