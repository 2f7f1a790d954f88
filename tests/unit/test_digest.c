/* test_digest.c - e-mails about somebody's queue: when one is made, and what it tells. */
#include "life_help.h"

#include "core/conversations.h"
#include "core/digest.h"
#include "core/users.h"

static struct policy mail_policy;

static int set_up(void **state)
{
	int rc = life_set_up(state);
	struct desk *desk = *state;
	if (rc != 0)
		return rc;
	mail_policy = *core_policy(&desk->core);
	mail_policy.mail_from = "The Box <box@example.com>";
	mail_policy.public_url = "https://box.example";
	atomic_store(&desk->core.policy, &mail_policy);
	desk_sql(desk, "UPDATE users SET email = login || '@example.org'");
	return 0;
}

static void wish(struct desk *desk, const char *login, enum user_digest digest)
{
	struct user_change cmd = {.call = desk_call(desk, &desk_shell),
				  .who = {.kind = WHO_LOGIN, .login = login},
				  .digest = &digest};
	assert_int_equal(desk_write(desk, user_change, &cmd.call), ERR_OK);
}

static enum err step_fn(struct txn *txn, void *arg)
{
	return digest_step(txn, arg);
}

/* Time passes, and what falls due meanwhile is thought of when it is time. */
static void pass(struct desk *desk, int64_t ms)
{
	int64_t until = atomic_load(&desk->now_ms) + ms;
	for (;;) {
		struct digest_step step = {.is_done = false};
		while (!step.is_done)
			assert_int_equal(store_write_now(desk->store, step_fn, &step),
					 ERR_OK);
		if (!step.next_at || step.next_at > until)
			break;
		atomic_store(&desk->now_ms, step.next_at);
	}
	atomic_store(&desk->now_ms, until);
}

static int64_t mails(struct desk *desk)
{
	return desk_number(desk,
			   "SELECT count(*) FROM emails WHERE user_id IS NOT NULL");
}

static void expect_last(struct desk *desk, const char *column, const char *part)
{
	if (desk_number(
		    desk,
		    "SELECT instr((SELECT %s FROM emails ORDER BY id DESC LIMIT 1), '%s')",
		    column, part) <= 0)
		fail_msg("the last e-mail has no \"%s\" in its %s", part, column);
}

static void one_mail_for_many_tasks(void **state)
{
	struct desk *desk = *state;
	wish(desk, "ana", USER_DIGEST_HOURLY);
	for (unsigned i = 0; i < 3; i++)
		(void)life_task(desk, 101 + i, ANA);
	(void)life_task(desk, 104, BEN);
	pass(desk, DIGEST_LOOK_MS);
	assert_int_equal(mails(desk), 1);
	expect_last(desk, "subject", "handbox: 3 new tasks");
	expect_last(desk, "recipient", "ana@example.org");
	expect_last(desk, "body", "https://box.example/manual-actions");
	assert_int_equal(
		desk_number(
			desk,
			"SELECT instr(body, '+351') + instr(body, 'Rui') FROM emails"),
		0);
	/* not twice, nor sooner than an hour later */
	pass(desk, 10 * MINUTE_MS);
	(void)life_task(desk, 105, ANA);
	pass(desk, 45 * MINUTE_MS);
	assert_int_equal(mails(desk), 1);
	pass(desk, DIGEST_LOOK_MS);
	assert_int_equal(mails(desk), 2);
	expect_last(desk, "subject", "handbox: 1 new task");
	expect_last(desk, "body", "4 open");
	pass(desk, DAY_MS);
	assert_int_equal(mails(desk), 2);
}

static void once_a_day(void **state)
{
	struct desk *desk = *state;
	wish(desk, "ana", USER_DIGEST_DAILY);
	(void)life_task(desk, 101, ANA);
	pass(desk, DIGEST_LOOK_MS);
	(void)life_task(desk, 102, ANA);
	pass(desk, DAY_MS - HOUR_MS);
	assert_int_equal(mails(desk), 1);
	pass(desk, HOUR_MS);
	assert_int_equal(mails(desk), 2);
}

static void what_falls_due_is_news_once(void **state)
{
	struct desk *desk = *state;
	uint64_t task = life_task(desk, 101, ANA);
	desk_sql(desk, "UPDATE tasks SET due_at = %lld WHERE id = %llu",
		 (long long)(atomic_load(&desk->now_ms) + 2 * HOUR_MS),
		 (unsigned long long)task);
	wish(desk, "ana", USER_DIGEST_HOURLY);
	pass(desk, HOUR_MS);
	assert_int_equal(mails(desk), 0);
	pass(desk, HOUR_MS + DIGEST_LOOK_MS);
	assert_int_equal(mails(desk), 1);
	expect_last(desk, "subject", "handbox: 1 task overdue");
	pass(desk, DAY_MS);
	assert_int_equal(mails(desk), 1);
}

static void an_unread_reply_is_news(void **state)
{
	struct desk *desk = *state;
	desk_sql(desk, "UPDATE contacts SET owner_id = %d WHERE id = 101", ANA);
	wish(desk, "ana", USER_DIGEST_HOURLY);
	life_reply(desk, "+351912000000", "Yes please");
	pass(desk, DIGEST_LOOK_MS);
	assert_int_equal(mails(desk), 1);
	expect_last(desk, "subject", "handbox: 1 unread reply");
	assert_int_equal(desk_number(desk, "SELECT instr(body, 'please') FROM emails"),
			 0);
}

static void a_note_that_names_somebody_is_news(void **state)
{
	struct desk *desk = *state;
	wish(desk, "ben", USER_DIGEST_HOURLY);
	struct note_add note = {.call = desk_call(desk, &life_ana),
				.contact_id = 101,
				.text = "@ben, is he yours?"};
	assert_int_equal(desk_write(desk, note_add, &note.call), ERR_OK);
	pass(desk, DIGEST_LOOK_MS);
	assert_int_equal(mails(desk), 1);
	expect_last(desk, "subject", "handbox: 1 note for you");
	expect_last(desk, "body", "1 conversation with a note that names you");
	pass(desk, DAY_MS);
	assert_int_equal(mails(desk), 1);
}

static void quiet_while_at_work(void **state)
{
	struct desk *desk = *state;
	wish(desk, "ana", USER_DIGEST_HOURLY);
	uint64_t task = life_task(desk, 101, ANA);
	(void)life_task(desk, 102, ANA);
	pass(desk, 6 * MINUTE_MS);
	(void)life_open(desk, task, &life_ana, ERR_OK);
	pass(desk, DIGEST_LOOK_MS - 6 * MINUTE_MS);
	assert_int_equal(mails(desk), 0);
	pass(desk, DIGEST_QUIET_MS);
	assert_int_equal(mails(desk), 1);
}

static void none_off_shift_nor_unasked(void **state)
{
	struct desk *desk = *state;
	for (unsigned i = 0; i < 3; i++)
		(void)life_task(desk, 101 + i, (uint64_t[]){ANA, BEN, CAI}[i]);
	wish(desk, "ana", USER_DIGEST_HOURLY);
	wish(desk, "ben", USER_DIGEST_HOURLY);
	wish(desk, "cai", USER_DIGEST_HOURLY);
	desk_sql(desk, "UPDATE users SET is_on_shift = 0 WHERE id = %d", ANA);
	desk_sql(desk, "UPDATE users SET is_active = 0 WHERE id = %d", BEN);
	wish(desk, "cai", USER_DIGEST_OFF);
	desk_sql(desk, "UPDATE digests SET told_id = 0");
	pass(desk, DAY_MS);
	assert_int_equal(mails(desk), 0);
	desk_sql(desk, "UPDATE users SET is_on_shift = 1 WHERE id = %d", ANA);
	pass(desk, DIGEST_LOOK_MS);
	assert_int_equal(mails(desk), 1);
	expect_last(desk, "recipient", "ana@example.org");
	assert_int_equal(desk_number(desk, "SELECT count(*) FROM digests"), 1);
}

/* What a lead gives away by hand is no news to whom it is given, nor is a test. */
static void no_news_of_what_leads_do(void **state)
{
	struct desk *desk = *state;
	uint64_t task = life_task(desk, 101, BEN);
	wish(desk, "ana", USER_DIGEST_HOURLY);
	desk_sql(desk, "UPDATE tasks SET assignee_id = %d WHERE id = %llu", ANA,
		 (unsigned long long)task);
	desk_sql(desk, "UPDATE tasks SET is_test = 1 WHERE id = %llu",
		 (unsigned long long)life_task(desk, 102, ANA));
	pass(desk, DAY_MS);
	assert_int_equal(mails(desk), 0);
}

#define T(test) cmocka_unit_test_setup_teardown(test, set_up, flow_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(one_mail_for_many_tasks),     T(once_a_day),
		T(what_falls_due_is_news_once), T(an_unread_reply_is_news),
		T(quiet_while_at_work),         T(none_off_shift_nor_unasked),
		T(no_news_of_what_leads_do),    T(a_note_that_names_somebody_is_news),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
