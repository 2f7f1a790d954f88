/* test_task_life.c - what people do with tasks, on a fake clock: leases, receipts, guards, skipping, sleeping, expiring */
#include "life_help.h"

static void one_card_one_holder(void **state)
{
	struct desk *desk = *state;
	uint64_t task = life_task(desk, 101, 0);
	struct task_open ana = life_open(desk, task, &life_ana, ERR_OK);
	assert_true(desk_answers(&ana.call,
				 "\"assignee\":{\"id\":\"1\",\"login\":\"ana\""));
	struct task_open ben = life_open(desk, task, &life_ben, ERR_LEASED);
	struct task_open lead = {.call = desk_call(desk, &flow_lead), .task_id = task};
	assert_non_null(
		strstr(ben.call.refusal.extra,
		       "\"ana\"")); /* the pool is his too, and she has it open */
	assert_int_equal(desk_write(desk, task_open, &lead.call),
			 ERR_OK); /* she is Ana too: same lease */

	const struct actor boss = {.kind = ACTOR_SESSION,
				   .user_id = CAI,
				   .credential_id = 99,
				   .role = ROLE_LEAD,
				   .scopes = SCOPE_ALL,
				   .name = "cai"};
	struct task_open take = {.call = desk_call(desk, &boss), .task_id = task};
	assert_int_equal(desk_write(desk, task_open, &take.call), ERR_LEASED);
	assert_non_null(strstr(take.call.refusal.extra,
			       "\"holder\":{\"id\":\"1\",\"login\":\"ana\""));
	take = (struct task_open){
		.call = desk_call(desk, &boss), .task_id = task, .take_over = true};
	assert_int_equal(desk_write(desk, task_open, &take.call), ERR_OK);

	struct refusal refusal;
	const struct life_try late = {task, &life_ana, life_receipt(desk, &ana),
				      "Hello", 0};
	life_send_as(desk, &late, ERR_LEASED,
		     &refusal); /* fenced off while Cai has it */
	assert_non_null(strstr(refusal.extra, "\"cai\""));
}

static void a_lease_ends_when_taken_not_before(void **state)
{
	struct desk *desk = *state;
	uint64_t task = life_task(desk, 101, ANA);
	struct task_open open = life_open(desk, task, &life_ana, ERR_OK);
	life_pass(desk, 10 * MINUTE_MS);
	assert_true(life_send(desk, task, life_receipt(desk, &open), "Hello", ERR_OK) !=
		    0);

	task = life_task(desk, 102, 0);
	open = life_open(desk, task, &life_ana, ERR_OK);
	life_pass(desk, 4 * MINUTE_MS); /* abandoned: back in the pool … */
	assert_int_equal(
		desk_number(desk,
			    "SELECT assignee_id IS NULL FROM tasks WHERE id = %" PRIu64,
			    task),
		1);
	assert_true(life_send(desk, task, life_receipt(desk, &open), "Hello", ERR_OK) !=
		    0); /* … but nobody took it */

	task = life_task(desk, 103, 0);
	open = life_open(desk, task, &life_ana, ERR_OK);
	life_pass(desk, 4 * MINUTE_MS);
	life_open(desk, task, &life_ben, ERR_OK);
	life_send(desk, task, life_receipt(desk, &open), "Hello", ERR_LEASED);
}

static void a_receipt_sends_once(void **state)
{
	struct desk *desk = *state;
	uint64_t task = life_task(desk, 101, ANA);
	struct task_open first = life_open(desk, task, &life_ana, ERR_OK);
	struct task_open second = life_open(desk, task, &life_ana, ERR_OK);
	struct refusal refusal;
	const struct life_try stale = {task, &life_ana, life_receipt(desk, &first),
				       "Hello", 0};
	life_send_as(desk, &stale, ERR_RECEIPT_STALE, &refusal);
	assert_string_equal(refusal.extra, "\"changed\":[\"lease\"]");
	const char *receipt = life_receipt(desk, &second);
	const struct life_try other = {task, &life_ben, receipt, "Hello", 0};
	life_send_as(desk, &other, ERR_RECEIPT_STALE, &refusal);
	life_send(desk, task, "77-00", "Hello", ERR_RECEIPT_STALE);
	life_send(desk, task, "rubbish", "Hello", ERR_RECEIPT_STALE);
	uint64_t message = life_send(desk, task, receipt, "Hello", ERR_OK);
	assert_true(message != 0);
	assert_int_equal(life_send(desk, task, receipt, "Hello", ERR_OK), message);
	life_send(desk, task, receipt, "Another", ERR_RECEIPT_USED);
	assert_int_equal(desk_number(desk, "SELECT count(*) FROM messages"), 1);
	assert_int_equal(desk_number(desk, "SELECT count(*) FROM outbox"), 1);
	assert_int_equal(
		desk_number(desk, "SELECT count(*) FROM ledger WHERE act = 'send'"), 1);
}

/* Whatever was shown and changed since is named. */
static void a_change_voids_the_receipt(void **state)
{
	static const struct {
		const char *change, *word;
	} cases[] = {
		{"UPDATE contacts SET phone_e164 = '+351912999999' WHERE id = 101",
		 "recipient"},
		{"UPDATE contacts SET thread_head_id = 5 WHERE id = 101", "thread"},
		{"UPDATE tasks SET assignee_id = 2", "assignee"},
		{"UPDATE leases SET fence = fence + 1", "lease"},
		{"INSERT INTO numbers (e164, consent_revision) VALUES ('+351912000000', 4)",
		 "consent"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		void *fresh = NULL;
		struct refusal refusal;
		(void)state;
		assert_int_equal(life_set_up(&fresh), 0);
		struct desk *desk = fresh;
		uint64_t task = life_task(desk, 101, ANA);
		struct task_open open = life_open(desk, task, &life_ana, ERR_OK);
		desk_sql(desk, "%s", cases[i].change);
		const struct life_try try = {task, &life_ana, life_receipt(desk, &open),
					     "Hello", 0};
		life_send_as(desk, &try, ERR_RECEIPT_STALE, &refusal);
		assert_string_equal(refusal.extra,
				    arena_printf(desk->arena, "\"changed\":[\"%s\"]",
						 cases[i].word));
		assert_int_equal(desk_number(desk, "SELECT count(*) FROM messages"), 0);
		assert_int_equal(flow_tear_down(&fresh), 0);
	}
}

static void guards_hold_inside_the_transaction(void **state)
{
	struct desk *desk = *state;
	uint64_t task = life_task(desk, 101, ANA);
	struct refusal refusal;
	static const struct {
		const char *change, *back, *guard, *text;
	} cases[] = {
		{"UPDATE contacts SET sms_enabled = 0",
		 "UPDATE contacts SET sms_enabled = 1", "sms_enabled", "Hello"},
		{"INSERT INTO meta VALUES ('channel', '0|1|cai|stop')",
		 "DELETE FROM meta WHERE key = 'channel'", "channel", "Hello"},
		{"INSERT INTO holds VALUES (3, '', 'all', 1)", "DELETE FROM holds",
		 "hold", "Hello"},
		{"INSERT INTO holds VALUES (1, '+351912000000', 'ambiguous', 1)",
		 "DELETE FROM holds", "hold", "Hello"},
		{"SELECT 1", "SELECT 1", "text_empty", " \n "},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct task_open open = life_open(desk, task, &life_ana, ERR_OK);
		desk_sql(desk, "%s", cases[i].change);
		const struct life_try try = {task, &life_ana, life_receipt(desk, &open),
					     cases[i].text, 0};
		life_send_as(desk, &try, ERR_GUARD_REFUSED, &refusal);
		assert_non_null(strstr(refusal.extra,
				       arena_printf(desk->arena,
						    "{\"name\":\"%s\",\"ok\":false",
						    cases[i].guard)));
		desk_sql(desk, "%s", cases[i].back);
	}
	char long_text[481];
	memset(long_text, 'x', 480);
	long_text[480] = '\0';
	struct task_open open = life_open(desk, task, &life_ana, ERR_OK);
	life_send(desk, task, life_receipt(desk, &open), long_text,
		  ERR_GUARD_REFUSED); /* 4 segments */
	long_text[459] = '\0';
	assert_true(life_send(desk, task, life_receipt(desk, &open), long_text,
			      ERR_OK) != 0); /* 3: receipt unspent */
}

static void holes_block_braces_do_not(void **state)
{
	struct desk *desk = *state;
	flow_publish(desk, "w", PEOPLE("who", "", "<user login='ana'/>") SMS("hello"));
	desk_sql(desk, "UPDATE contacts SET first_name = '' WHERE id = 101");
	flow_enroll(desk, "w", 101, "enrolled");
	uint64_t task = (uint64_t)desk_number(desk, "SELECT max(id) FROM tasks");
	struct task_open open = life_open(desk, task, &life_ana, ERR_OK);
	assert_true(desk_answers(&open.call,
				 "\"text\":\"Hi \xE2\x9F\xA6"
				 "contact.first_name\xE2\x9F\xA7, Ana here\""));
	const char *receipt = life_receipt(desk, &open);
	life_send(desk, task, receipt,
		  "Hi \xE2\x9F\xA6"
		  "contact.first_name\xE2\x9F\xA7",
		  ERR_GUARD_REFUSED);
	assert_int_equal(
		desk_number(
			desk,
			"SELECT count(*) FROM journal WHERE kind = 'guard_refused'"),
		1);
	assert_true(life_send(desk, task, receipt, "Hi {{ you }} [there]", ERR_OK) !=
		    0);
}

static void skip_can_be_undone_for_ten_seconds(void **state)
{
	struct desk *desk = *state;
	flow_publish(desk, "w",
		     PEOPLE("who", "", "<user login='ana'/>")
			     SMS("one") "<add-tag tag='after'/>");
	flow_enroll(desk, "w", 101, "enrolled");
	uint64_t task = (uint64_t)desk_number(desk, "SELECT max(id) FROM tasks");
	struct task_act skip = life_act(desk, task, &life_ana);
	skip.undo = true;
	assert_int_equal(desk_write(desk, task_skip, &skip.call), ERR_OK);
	life_pass(desk, 9 * SECOND_MS);
	assert_int_equal(desk_number(desk, "SELECT count(*) FROM contact_tags"), 0);
	struct task_act back = life_act(desk, task, &life_ana);
	assert_int_equal(desk_write(desk, task_reopen, &back.call), ERR_OK);
	life_pass(desk, MINUTE_MS);
	assert_int_equal(desk_number(desk, "SELECT count(*) FROM contact_tags"), 0);
	life_expect_task(desk, task, TASK_PENDING, NULL);
	skip = life_act(desk, task, &life_ana);
	skip.undo = true;
	assert_int_equal(desk_write(desk, task_skip, &skip.call), ERR_OK);
	life_pass(desk, 11 * SECOND_MS);
	assert_int_equal(desk_number(desk, "SELECT count(*) FROM contact_tags"), 1);
	/* past its exit a reopened one stands free: the workflow does not move again */
	back = life_act(desk, task, &life_ana);
	assert_int_equal(desk_write(desk, task_reopen, &back.call), ERR_OK);
	skip = life_act(desk, task, &life_ana);
	assert_int_equal(desk_write(desk, task_skip, &skip.call), ERR_OK);
	assert_int_equal(
		desk_number(desk,
			    "SELECT count(*) FROM journal WHERE kind = 'tag_added'"),
		1);
}

static void sleeping_and_expiring(void **state)
{
	struct desk *desk = *state;
	uint64_t task = life_task(desk, 101, ANA);
	struct task_act snooze = life_act(desk, task, &life_ana);
	snooze.until = desk_now(desk) - 1;
	assert_int_equal(desk_write(desk, task_snooze, &snooze.call), ERR_INVALID);
	snooze = life_act(desk, task, &life_ana);
	snooze.until = desk_now(desk) + HOUR_MS;
	assert_int_equal(desk_write(desk, task_snooze, &snooze.call), ERR_OK);
	life_open(desk, task, &life_ana, ERR_NOT_PENDING);
	assert_int_equal(life_pass(desk, HOUR_MS - 1), snooze.until);
	life_expect_task(desk, task, TASK_SNOOZED, NULL);
	life_pass(desk, 1);
	life_expect_task(desk, task, TASK_PENDING, NULL);

	desk_sql(desk, "UPDATE tasks SET expires_at = %" PRId64,
		 desk_now(desk) + HOUR_MS);
	struct task_open open = life_open(desk, task, &life_ana, ERR_OK);
	life_pass(desk, HOUR_MS);
	life_expect_task(desk, task, TASK_EXPIRED, NULL);
	life_send(desk, task, life_receipt(desk, &open), "Hello", ERR_RECEIPT_STALE);
	struct task_act back = life_act(desk, task, &life_ana);
	assert_int_equal(desk_write(desk, task_reopen, &back.call), ERR_OK);
	life_pass(desk, HOUR_MS);
	life_expect_task(desk, task, TASK_PENDING,
			 NULL); /* an expiry that is past does not strike twice */
}

static void a_draft_travels_a_lease_does_not(void **state)
{
	struct desk *desk = *state;
	uint64_t task = life_task(desk, 101, ANA);
	struct task_open open = life_open(desk, task, &life_ana, ERR_OK);
	struct task_text draft = {.call = desk_call(desk, &life_ana),
				  .task_id = task,
				  .text = "Half a text"};
	assert_int_equal(desk_write(desk, task_draft, &draft.call), ERR_OK);
	struct task_act pass = life_act(desk, task, &life_ana);
	pass.assignee = (struct who){.kind = WHO_LOGIN, .login = "ben"};
	assert_int_equal(desk_write(desk, task_reassign, &pass.call), ERR_OK);
	struct refusal refusal;
	const struct life_try try = {task, &life_ana, life_receipt(desk, &open),
				     "Hello", 0};
	life_send_as(desk, &try, ERR_RECEIPT_STALE, &refusal);
	struct task_open ben = life_open(desk, task, &life_ben, ERR_OK);
	assert_true(desk_answers(&ben.call, "\"text\":\"Half a text\",\"draft\":true"));
	draft = (struct task_text){
		.call = desk_call(desk, &life_ana), .task_id = task, .text = "Mine!"};
	assert_int_equal(desk_write(desk, task_draft, &draft.call), ERR_LEASED);
}

static void wide_holds_spread_and_go(void **state)
{
	struct desk *desk = *state;
	struct hold_sweep sweep = {.is_done = false};
	flow_publish(desk, "w", PEOPLE("who", "", "<user login='ana'/>") SMS("one"));
	for (uint64_t contact = 101; contact < 111; contact++)
		flow_enroll(desk, "w", contact, "enrolled");
	struct workflow_unpublish stop = {.call = desk_call(desk, &flow_lead),
					  .id = "w"};
	assert_int_equal(desk_write(desk, workflow_unpublish, &stop.call), ERR_OK);
	assert_int_equal(
		desk_number(desk, "SELECT count(*) FROM tasks WHERE state = 1"), 10);
	assert_int_equal(flow_publish_version(desk, "w", 0), ERR_OK);
	assert_int_equal(
		desk_number(desk, "SELECT count(*) FROM tasks WHERE state = 0"), 10);

	/* more than one transaction takes: the rest in steps */
	desk_sql(
		desk,
		"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 590) INSERT INTO tasks (id, "
		"origin, workflow_id, contact_id, name, text, state, sort_due, is_test, moves_workflow, created_at, "
		"revision) SELECT i, 1, 'w', 101, 'n', 't', 0, 1, 0, 0, 1, 1 FROM n");
	stop.call = desk_call(desk, &flow_lead);
	assert_int_equal(desk_write(desk, workflow_unpublish, &stop.call), ERR_OK);
	assert_int_equal(
		desk_number(desk, "SELECT count(*) FROM tasks WHERE state = 1"),
		HOLD_SWEEP_MOST);
	while (!sweep.is_done)
		assert_int_equal(store_write_now(desk->store, hold_sweep, &sweep),
				 ERR_OK);
	assert_int_equal(
		desk_number(desk, "SELECT count(*) FROM tasks WHERE state = 1"), 600);
	assert_int_equal(flow_publish_version(desk, "w", 0), ERR_OK);
	assert_int_equal(
		desk_number(desk, "SELECT count(*) FROM tasks WHERE state = 0"),
		HOLD_SWEEP_MOST);
	for (sweep.is_done = false; !sweep.is_done;)
		assert_int_equal(store_write_now(desk->store, hold_sweep, &sweep),
				 ERR_OK);
	assert_int_equal(
		desk_number(desk, "SELECT count(*) FROM tasks WHERE state = 0"), 600);
}

static void programs_do_not_open(void **state)
{
	struct desk *desk = *state;
	uint64_t task = life_task(desk, 101, ANA);
	struct task_act skip = life_act(desk, task, &life_ben); /* not hers */
	assert_int_equal(desk_write(desk, task_skip, &skip.call), ERR_FORBIDDEN);
	const struct actor service = {.kind = ACTOR_SERVICE_TOKEN,
				      .credential_id = 3,
				      .scopes = SCOPE_TASKS,
				      .name = "crm"};
	skip = life_act(desk, task, &service);
	assert_int_equal(desk_write(desk, task_cancel, &skip.call), ERR_OK);
	life_expect_task(desk, task, TASK_CANCELLED, NULL);
	skip = life_act(desk, task, &service);
	assert_int_equal(desk_write(desk, task_cancel, &skip.call), ERR_NOT_PENDING);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIFE(one_card_one_holder),
		LIFE(a_lease_ends_when_taken_not_before),
		LIFE(a_receipt_sends_once),
		LIFE(a_change_voids_the_receipt),
		LIFE(guards_hold_inside_the_transaction),
		LIFE(holes_block_braces_do_not),
		LIFE(skip_can_be_undone_for_ten_seconds),
		LIFE(sleeping_and_expiring),
		LIFE(a_draft_travels_a_lease_does_not),
		LIFE(wide_holds_spread_and_go),
		LIFE(programs_do_not_open),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
